"""The wheel alone, installed in an empty environment far from the checkout, serves the page."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.tidy.serving import free_port, get, serving
from tests.tidy.sources import MADE, ROOT, files

PACKAGED = ("sim_core", "backend", "frontend", "benchmarks")
COMPILED = Path("build/release")
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        env={k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "ZONE"))} | OFFLINE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built, with no network, from a copy of the sources and the core that setup has compiled."""
    source = tmp_path_factory.mktemp("source")
    for name in PACKAGED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("*.so", *MADE))
    for name in ("pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, source)
    for name in ("cython", "lib"):
        shutil.copytree(ROOT / COMPILED / name, source / COMPILED / name)
    made = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet")
    run(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", made, source)
    [built] = made.glob("zonescope-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, which sees the libraries of this one."""
    place = tmp_path_factory.mktemp("elsewhere") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin/python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "--no-deps", wheel)
    # A path file makes them importable; their own path files, this checkout's too, are not read.
    [site] = place.glob("lib/python3*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def test_it_carries_every_file_of_its_folders(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    folders = {name.split("/")[0] for name in names}
    assert folders - set(PACKAGED) == {name for name in folders if name.endswith(".dist-info")}
    served = {
        str(path.relative_to(ROOT))
        for name in PACKAGED
        for path in files(ROOT / name)
        if path.suffix != ".so"
    }
    assert served - names == set()
    assert [name for name in names if re.fullmatch(r"sim_core/mm/_mm\..*\.so", name)] != []


def test_it_serves_the_page_and_plotly(environment: Path, tmp_path: Path) -> None:
    port = free_port()
    command: list[str | Path] = [
        environment / "bin/zonescope",
        "serve",
        "--port",
        str(port),
        "--no-browser",
    ]
    with serving(command, port, cwd=tmp_path, env={}) as address:
        status, page = get(f"{address}/")
        assert status == 200
        assert b"<title>" in page
        sources = re.findall(rb"""<script[^>]*\bsrc=["']([^"']+)["']""", page)
        assert sources != []
        plotly = [source.decode() for source in sources if b"plotly" in source]
        assert len(plotly) == 1
        status, script = get(urljoin(f"{address}/", plotly[0]))
        assert status == 200
        assert b"plotly.js v" in script[:500]
        for source in set(sources) - {plotly[0].encode()}:
            assert get(urljoin(f"{address}/", source.decode()))[0] == 200
