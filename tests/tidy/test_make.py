"""The commands that a person types do what the README says of them."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tidy.serving import free_port, serving
from tests.tidy.sources import ROOT


def make(*words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_help_tells_every_target() -> None:
    targets = re.findall(r"(?m)^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"))
    told = re.findall(r"(?m)^  make ([a-z-]+) +\S", make().stdout)
    assert sorted(told) == sorted(set(targets) - {"chromium"})


def test_once_set_up_nothing_is_done_again() -> None:
    assert make("--question", "setup").returncode == 0


def test_files_reach_the_service() -> None:
    told = make("--dry-run", "run", "FROM=pagetypeinfo buddyinfo", "PORT=8123").stdout
    assert "serve --host 127.0.0.1 --port 8123 --from pagetypeinfo buddyinfo" in told
    assert "--from" not in make("--dry-run", "run").stdout


def test_a_second_run_adds_little_to_what_serving_takes(tmp_path: Path) -> None:
    """CPU seconds of both in the same minute: the machine may have other things to do."""
    port = free_port()
    serve: list[str | Path] = [ROOT / ".venv/bin/zonescope", "serve", "--no-browser"]
    alone = until_it_answers([*serve, "--port", str(port)], port, tmp_path / "alone")
    port = free_port()
    make_run: list[str | Path] = ["make", "-C", ROOT, "run", f"PORT={port}", "ARGS=--no-browser"]
    assert 0 < until_it_answers(make_run, port, tmp_path / "made") < 2 * alone


def until_it_answers(command: list[str | Path], port: int, place: Path) -> float:
    place.mkdir()
    with serving(command, port, cwd=place, env={}):
        return cpu_seconds(group_of=place)


def cpu_seconds(group_of: Path) -> float:
    """CPU time of the processes whose output goes to the log in that folder, and of their dead."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "fd/1").resolve().parent != group_of:
                continue
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements.lock", PROJECT["dependency-groups"]["build"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
    ids=["run", "build", "dev"],
)
def test_the_lock_pins_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    pinned = pins(ROOT / lock)
    for requirement in map(Requirement, wanted):
        versions = pinned.get(canonicalize_name(requirement.name), [])
        assert versions != [], f"{requirement.name} is not in {lock}: make lock"
        assert all(version in requirement.specifier for version in versions), requirement


def test_both_locks_agree() -> None:
    run, dev = pins(ROOT / "requirements.lock"), pins(ROOT / "requirements-dev.lock")
    assert {name: dev[name] for name in run.keys() & dev.keys()} == {
        name: run[name] for name in run.keys() & dev.keys()
    }


def test_no_pin_goes_without_a_digest() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        entries = re.split(r"(?m)^(?=[a-z])", lock.read_text("utf-8"))[1:]
        assert entries != []
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_of_the_page_tools_names_no_address() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def pins(lock: Path) -> dict[str, list[Version]]:
    """Name -> pinned versions; more than one where they differ by Python's version."""
    found: dict[str, list[Version]] = {}
    for name, version in re.findall(r"(?m)^([a-z0-9-]+)==([^\s;]+)", lock.read_text("utf-8")):
        found.setdefault(name, []).append(Version(version))
    return found
