# Everything a person or a CI run needs. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
HOST ?= 127.0.0.1
PORT ?= 8000
FROM ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv --quiet --no-progress
LOCKING := --generate-hashes --no-header --no-annotate --universal --python-version 3.11
# One stamp a step: a step runs again only when what it was made from has changed.
TOOLED := $(VENV)/.tooled
DEPENDED := $(VENV)/.depended
INSTALLED := $(VENV)/.installed
BUILT := $(VENV)/.built
DEVELOPED := $(VENV)/.developed
NODED := node_modules/.installed

CORE := $(wildcard sim_core/mm/*.pyx sim_core/mm/*.pxd)

##@ Use
.PHONY: help
help: ## list these targets
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z-]*:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@printf '\nVariables: HOST=%s PORT=%s FROM="pagetypeinfo [buddyinfo zoneinfo]" ARGS="more flags"\n' '$(HOST)' '$(PORT)'

.PHONY: run
run: setup ## serve the page on 127.0.0.1:8000 (HOST, PORT, FROM="files of /proc")
	@exec $(BIN)/zonescope serve --host $(HOST) --port $(PORT) $(if $(strip $(FROM)),--from $(FROM)) $(ARGS)

.PHONY: setup
setup: $(BUILT) ## make .venv with the built extension and the zonescope command

$(TOOLED): requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with PYTHON=")'
	@command -v $(firstword $(CC)) >/dev/null || { echo "A C compiler is needed: install gcc" >&2; exit 1; }
	@echo "setup: .venv"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DEPENDED): requirements.lock $(TOOLED)
	@echo "setup: libraries"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(INSTALLED): pyproject.toml setup.py $(DEPENDED)
	@echo "setup: zonescope and its compiled core"
	@$(UV) pip install --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(BUILT): $(CORE) $(INSTALLED)
	@$(BIN)/python setup.py --quiet build_ext --inplace --build-temp build/release/temp
	@touch $@

.PHONY: clean
clean: ## remove all that was made, .venv and node_modules too
	@rm -rf $(VENV) node_modules build dist test-results *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find sim_core backend -name '*.so' -delete
	@find sim_core backend tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

##@ Develop
$(DEVELOPED): requirements-dev.lock $(DEPENDED)
	@echo "setup: libraries for development"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r $<
	@touch $@

.PHONY: lock
lock: $(TOOLED) ## pin the libraries anew, within the bounds of pyproject.toml
	@printf 'uv>=0.13\n' | $(UV) pip compile $(LOCKING) -o requirements-bootstrap.lock - >/dev/null
	@$(UV) pip compile $(LOCKING) --group build pyproject.toml -o requirements.lock >/dev/null
	@$(UV) pip compile $(LOCKING) --group dev -c requirements.lock -o requirements-dev.lock >/dev/null
