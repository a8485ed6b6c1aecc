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

CORE := $(wildcard sim_core/mm/*.pyx sim_core/mm/*.pxd sim_core/mm/*.pxi)

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

define NEEDS
import importlib.util, os, shutil, sys, sysconfig
if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": say PYTHON=...")
if not shutil.which(sysconfig.get_config_var("CC").split()[0]):
    sys.exit("A C compiler is needed: apt-get install gcc")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    sys.exit("The headers of Python are needed: apt-get install python3-dev")
if not importlib.util.find_spec("ensurepip"):
    sys.exit("Python's venv is needed: apt-get install python3-venv")
endef
export NEEDS

$(TOOLED): requirements-bootstrap.lock
	@$(PYTHON) -c "$$NEEDS"
	@echo "setup: .venv"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DEPENDED): requirements.lock $(TOOLED)
	@echo "setup: libraries"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(INSTALLED): pyproject.toml setup.py $(DEPENDED)
	@echo "setup: the zonescope command"
	@ZONESCOPE_CORE=0 $(UV) pip install --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(BUILT): $(CORE) $(INSTALLED)
	@echo "setup: the compiled core"
	@$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

.PHONY: clean
clean: ## remove all that was made, .venv and node_modules too
	@rm -rf $(VENV) node_modules build dist test-results *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find sim_core backend -name '*.so' -delete
	@find sim_core backend tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

##@ Develop
# What is fetched is fetched while the core is compiled. Three workers for two cores: many a test waits
# for time to pass. Each of the services and commands that the tests start would compile all its
# modules anew where Python is told to keep none.
.PHONY: test
test: $(DEPENDED) ## lint, then every test, in the browser too
	@$(MAKE) --no-print-directory --jobs 4 dev chromium
	@$(MAKE) --no-print-directory lint
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest --numprocesses 3 --no-loadscope-reorder $(ARGS)

.PHONY: dev
dev: setup $(DEVELOPED) $(NODED) ## setup, and what tests and linters need

$(DEVELOPED): requirements-dev.lock $(DEPENDED)
	@echo "setup: libraries for development"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(NODED): package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "npm is needed: install nodejs (20 or newer) and npm" >&2; exit 1; }
	@echo "setup: types for the page"
	@npm ci --silent --ignore-scripts
	@touch $@

# The system's browser, since it is what people have; only root may install it.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "setup: chromium"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else \
	    echo "The browser tests need Debian's package chromium: apt-get install chromium" >&2; exit 1; \
	  fi; }

.PHONY: lint
lint: dev ## ruff, mypy --strict, cython-lint, tsc --checkJs
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check --diff .
	@$(BIN)/mypy --no-error-summary $(wildcard sim_core backend benchmarks docs tests) setup.py & types=$$!; \
	  PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint $(CORE); \
	  node_modules/.bin/tsc --project tsconfig.json; \
	  $(if $(wildcard tests/frontend/*.js),node_modules/.bin/tsc --project tests/frontend/tsconfig.json;) \
	  wait $$types

.PHONY: format
format: dev ## lay the Python code out and sort its imports
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

# A build of another kind in a tree of its own, with the tests beside it; see setup.py.
TREE = rm -rf build/$(1)/tree && mkdir -p build/$(1)/tree \
  && ZONESCOPE_$(shell echo $(1) | tr a-z A-Z)=1 $(BIN)/python setup.py --quiet build \
    --build-lib build/$(1)/tree \
  && cp -r tests docs pyproject.toml build/$(1)/tree

.PHONY: debug
debug: dev ## the core's tests on a build that checks every invariant after every operation
	@$(call TREE,debug)
	@cd build/debug/tree && $(CURDIR)/$(BIN)/python -m pytest tests/core $(ARGS)

.PHONY: soak
soak: dev ## a million random operations under every model, all checked (ARGS="--operations N --seed N")
	@$(call TREE,debug)
	@cd build/debug/tree && $(CURDIR)/$(BIN)/python -m tests.soak $(ARGS)

# The interpreter is not built with the sanitizers, so theirs is loaded before all else. It frees no
# memory of its own at the end, and its allocator would hide where a block ends: no leaks are looked
# for, and every block is malloc's. What a report says is not for pytest to catch.
.PHONY: sanitize
sanitize: dev ## the core's tests on a build with gcc's address and undefined behaviour sanitizers
	@$(call TREE,sanitize)
	@cd build/sanitize/tree && LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" \
	  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc \
	  $(CURDIR)/$(BIN)/python -m pytest --capture=sys --timeout=3000 -p no:faulthandler tests/core tests/soak $(ARGS)

.PHONY: trace
trace: dev ## line coverage of the .pxd files by the core's tests
	@$(call TREE,trace)
	@cp build/trace/cython/sim_core/mm/*.c build/trace/tree/sim_core/mm
	@cd build/trace/tree && $(CURDIR)/$(BIN)/python -m coverage run -m pytest tests/core $(ARGS)
	@cd build/trace/tree && $(CURDIR)/$(BIN)/python -m coverage report --show-missing

.PHONY: docs
docs: setup ## write docs/MODELS.md and docs/PREDICATES.md anew from their tables
	@$(BIN)/python -m docs.models
	@$(BIN)/python -m docs.predicates

.PHONY: bench
bench: dev ## ratios in one run: operations, boot, instructions
	@$(BIN)/zonescope bench $(ARGS)

.PHONY: lock
lock: $(TOOLED) ## pin the libraries anew, within the bounds of pyproject.toml
	@printf 'uv>=0.13\n' | $(UV) pip compile $(LOCKING) -o requirements-bootstrap.lock - >/dev/null
	@$(UV) pip compile $(LOCKING) --group build pyproject.toml -o requirements.lock >/dev/null
	@$(UV) pip compile $(LOCKING) --group dev -c requirements.lock -o requirements-dev.lock >/dev/null
