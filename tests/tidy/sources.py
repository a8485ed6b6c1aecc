"""Reads what a source file uses: Python imports, cimports, module imports of the page."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Made by setup, builds and tools: not the project's own.
MADE = {"node_modules", "build", "dist", "test-results", "__pycache__"}


@dataclass(frozen=True)
class Use:
    """One import: the file that has it, its line (1-based), and the module or path it names."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} uses {self.name}"


def files(root: Path, *suffixes: str) -> Iterator[Path]:
    """The project's own files under `root`, sorted; all, or those with one of `suffixes`."""
    if not root.is_dir():
        return
    for path in sorted(root.iterdir()):
        if path.name in MADE or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            if not path.name.startswith(".") or path.name == ".ci":
                yield from files(path, *suffixes)
        elif not suffixes or path.suffix in suffixes:
            yield path


def module_name(path: Path, root: Path) -> str:
    """The dotted name under which the Python file `path` is imported."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_uses(path: Path, root: Path) -> Iterator[Use]:
    """Every import of a Python file; `from package import module` names the module."""
    shown = str(path.relative_to(root))
    package = module_name(path, root).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), shown)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Use(shown, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                yield Use(shown, node.lineno, _module_in(origin, alias.name, root))


def _module_in(origin: str, name: str, root: Path) -> str:
    place = root.joinpath(*origin.split("."))
    inside = (place / name).is_dir() or any(
        (place / f"{name}{suffix}").exists() for suffix in (".py", ".pyx", ".pyi")
    )
    return f"{origin}.{name}" if inside else origin


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines of Python or Cython with comments cut and brackets joined; (first line, text)."""
    kept, first, depth = "", 0, 0
    for number, line in enumerate(_without_docstrings(text).splitlines(), 1):
        line = re.sub(r"#.*", "", line)
        if not kept:
            first = number
        kept += line
        depth = kept.count("(") - kept.count(")") + kept.count("[") - kept.count("]")
        if kept.rstrip().endswith("\\"):
            kept = kept.rstrip()[:-1] + " "
        elif depth <= 0:
            yield first, kept
            kept = ""
        else:
            kept += " "
    if kept:
        yield first, kept


def _without_docstrings(text: str) -> str:
    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n")

    return re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""', blank, text)


def cython_uses(path: Path, root: Path) -> Iterator[Use]:
    """Every cimport and import of a .pxd or .pyx file, as a dotted module name."""
    shown = str(path.relative_to(root))
    package = ".".join(path.relative_to(root).parts[:-1])
    for number, line in logical_lines(path.read_text("utf-8")):
        one = re.match(r"\s*c?import\s+(.+)", line)
        many = re.match(r"\s*from\s+(\S+)\s+c?import\s+(.+)", line)
        if one:
            for name in one.group(1).split(","):
                yield Use(shown, number, name.split(" as ")[0].strip())
        elif many:
            origin, names = many.groups()
            dots = len(origin) - len(origin.lstrip("."))
            if dots:
                base = package.split(".")[: len(package.split(".")) - dots + 1]
                origin = ".".join([*base, origin[dots:]]).strip(".")
            bare = [name.split(" as ")[0].strip() for name in names.strip(" ()").split(",")]
            place = root.joinpath(*origin.split("."))
            inside = [name for name in bare if (place / f"{name}.pxd").exists()]
            for name in inside:
                yield Use(shown, number, f"{origin}.{name}")
            if len(inside) < len([name for name in bare if name]):
                yield Use(shown, number, origin)


_JS_IMPORT = re.compile(
    r"""(?:^|[;\n])\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]"""
    r"""|\bimport\(\s*['"]([^'"]+)['"]""",
)


def without_js_comments(text: str) -> str:
    """The text of a JavaScript file with comments blanked and its lines kept."""
    strings = r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`"""

    def keep(match: re.Match[str]) -> str:
        found = match.group()
        return found if found[0] in "'\"`" else "\n" * found.count("\n")

    return re.sub(rf"{strings}|//[^\n]*|/\*.*?\*/", keep, text, flags=re.DOTALL)


def javascript_uses(path: Path, root: Path) -> Iterator[Use]:
    """Every static or dynamic module import, as written in the file."""
    text = without_js_comments(path.read_text("utf-8"))
    for match in _JS_IMPORT.finditer(text):
        name = match.group(1) or match.group(2)
        line = text.count("\n", 0, match.end()) + 1
        yield Use(str(path.relative_to(root)), line, name)


def under(name: str, units: Iterable[str]) -> str | None:
    """The unit that holds the dotted `name`: the longest that it equals or lies in."""
    held = [unit for unit in units if name == unit or name.startswith(unit + ".")]
    return max(held, key=len, default=None)
