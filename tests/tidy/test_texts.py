"""What may and may not stand in the project's files."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tidy import texts
from tests.tidy.rules import Rule
from tests.tidy.serving import BIN
from tests.tidy.sources import ROOT


@pytest.mark.parametrize(
    "rule",
    [
        texts.long_files,
        texts.strangers,
        texts.distant_loads,
        texts.evaluated_text,
        texts.model_names,
        texts.missing_targets,
    ],
)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


def plant(root: Path, name: str, text: str) -> Path:
    for folder in ("frontend", "backend"):
        (root / folder).mkdir(exist_ok=True)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("rule", "name", "text", "count"),
    [
        (texts.long_files, "frontend/js/a.js", "\n" * 600, 0),
        (texts.long_files, "frontend/js/a.js", "\n" * 601, 1),
        (texts.strangers, "docs/a.md", "see ../share" + "d/DESIGN.md", 1),
        (texts.strangers, "Makefile", "cd /wor" + "k/main", 1),
        (texts.strangers, "a.lock", "--index-ur" + "l x", 1),
        (texts.strangers, "docs/a.md", "the user agent reads /proc/buddyinfo", 0),
        (texts.distant_loads, "frontend/a.html", '<script src="https://unpkg.com/x"></script>', 2),
        (texts.distant_loads, "frontend/a.css", "@import '//fonts.example.org/a.css';", 1),
        (texts.distant_loads, "frontend/a.html", '<link href="css/a.css">', 0),
        (texts.evaluated_text, "frontend/js/a.js", "const f = new Function('x');", 1),
        (texts.evaluated_text, "frontend/js/a.js", "eval('x'); // eval('y')", 1),
        (texts.evaluated_text, "frontend/js/a.js", "setTimeout('x()', 5)", 1),
        (texts.evaluated_text, "frontend/js/a.js", "// eval(x)\nsetTimeout(x, 5)", 0),
        (texts.evaluated_text, "frontend/a.html", "<script>go()</script>", 1),
        (texts.evaluated_text, "frontend/a.html", "<button onclick='go()'>", 1),
        (texts.evaluated_text, "frontend/a.html", "<p style='color:red'>", 1),
        (texts.evaluated_text, "frontend/a.html", "<script src='a.js'></script>", 0),
        (texts.model_names, "backend/a.py", "MODEL = 'v3.5'", 1),
        (texts.model_names, "sim_core/mm/a.pxd", 'if name == "minchan-v2":', 1),
        (texts.model_names, "frontend/js/a.js", "const m = `v6.12`;", 1),
        (texts.model_names, "backend/a.py", '"""As v3.5 does it."""\n# v3.5\nX = "v1/v2"', 0),
        (texts.model_names, "sim_core/mm/a.pxd", "# v3.5: quirk", 0),
        (texts.model_names, "sim_core/models/v3_5.py", "NAME = 'v3.5'", 0),
    ],
)
def test_a_breach_is_found_and_nothing_else(
    tmp_path: Path, rule: Callable[[Path], list[str]], name: str, text: str, count: int
) -> None:
    assert len(rule(plant(tmp_path, name, text))) == count


def test_a_command_told_but_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("run: setup\n\t@true\n")
    (tmp_path / "README.md").write_text(
        "`make run`\n\n```sh\nPORT=1 make run\nmake fly\n.venv/bin/zonescope live\n```\n"
    )
    assert texts.missing_targets(tmp_path) == ["README.md tells `make fly`, which is not there"]
    assert texts.told_commands(tmp_path, "zonescope") == {"live"}


def test_the_commands_that_the_readme_tells_are_there() -> None:
    told = texts.told_commands(ROOT, "zonescope")
    assert told != set()
    for command in sorted(told):
        asked = subprocess.run(
            [BIN / "zonescope", command, "--help"], capture_output=True, text=True, check=False
        )
        assert asked.returncode == 0, f"zonescope {command} --help: {asked.stderr}"
