"""The container files say what really runs; no container engine is needed to see it."""

import json
import re
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from tests.tidy.serving import BIN, free_port, get, serving
from tests.tidy.sources import ROOT

COMPOSE = ROOT / "docker-compose.yml"


def dockerfile() -> str:
    """The Dockerfile with its continued lines joined."""
    return (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")


def fits_the_schema(compose: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "compose-spec"]
    return subprocess.run([*command, compose], capture_output=True, text=True, check=False)


def test_the_compose_file_fits_the_published_schema() -> None:
    checked = fits_the_schema(COMPOSE)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_compose_file_with_a_wrong_key_does_not(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text("utf-8").replace("    ports:", "    prots:"))
    assert "prots" in fits_the_schema(wrong).stdout


def test_the_port_is_published_on_loopback_only() -> None:
    services = YAML(typ="safe").load(COMPOSE)["services"]
    assert [port for service in services.values() for port in service["ports"]] == [
        "127.0.0.1:8000:8000"
    ]


def test_what_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    copied = {
        source
        for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", dockerfile())
        for source in line.split()[:-1]
    }
    assert copied >= {"sim_core", "backend", "frontend", "pyproject.toml", "requirements.lock"}
    assert [source for source in copied if not (ROOT / source).exists()] == []
    kept = re.findall(r"(?m)^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"))
    assert copied == set(kept)


def test_the_last_stage_does_not_run_as_root() -> None:
    last = dockerfile().rsplit("\nFROM ", 1)[1]
    assert re.findall(r"(?m)^USER (\S+)$", last)[-1] not in ("root", "0")


def test_its_command_serves(tmp_path: Path) -> None:
    """Run as it stands, but for the port, which may be taken on this machine."""
    [line] = re.findall(r"(?m)^CMD (.*)$", dockerfile())
    program, *arguments = json.loads(line)
    port = free_port()
    with serving(
        [BIN / program, *arguments], port, cwd=tmp_path, env={"ZONESCOPE_PORT": str(port)}
    ) as address:
        assert get(f"{address}/healthz")[0] == 200
        assert get(f"{address.replace('127.0.0.1', 'localhost')}/healthz")[0] == 200
