"""The rules on text as functions from a tree to the list of its breaches."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.tidy.sources import files, logical_lines, without_js_comments

CODE = (".py", ".pyi", ".pyx", ".pxd", ".js", ".css", ".html")
PROSE = (".md", ".toml", ".yml", ".yaml", ".json", ".txt", ".lock", ".cfg", ".sh", "")
LONGEST = 600

# A pattern never matches itself: this file is one of those that are read.
NOWHERE = {
    "a path of one machine": r"/wor[k]/|/roo[t]/|/hom[e]/\w|\.\./share[d]\b|/opt/pyp[i]|/tmp/\w+/",
    "a registry's address": r"pypi\.or[g]|pythonhoste[d]|npmjs\.(?:or[g]|co[m])|index-ur[l]\b"
    r"|deb\.debia[n]|//registr[y]\.",
    "how the text came about": r"(?i)\b(?:l[l]ms?|chatbo[t]s?|c[e]o|sub-?agent[s]?)\b",
}

CDN = r"(?i)https?:(?:\\?/){2}[^\s\"'`)]*(?:cdn|unpkg|jsdelivr|skypack|esm\.sh|googleapis)"

MODEL_NAME = re.compile(r"\b(?:minchan-v\d|v3\.\d+|v6\.\d+(?:\.\d+)?)(?![\w.]*/)\b")
# Where a model's name may stand in a string: the rows themselves and what is told with them.
MODEL_PLACES = ("sim_core/models", "backend/scenarios", "tests", "docs", "benchmarks")


def _read(root: Path, suffixes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in files(root, *suffixes):
        yield str(path.relative_to(root)), path.read_text("utf-8")


def _lines_with(pattern: str, shown: str, text: str, what: str) -> Iterator[str]:
    for match in re.finditer(pattern, text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{shown}:{line} has {what}: {match.group().strip()!r}"


def long_files(root: Path) -> list[str]:
    """Source files longer than one idea takes."""
    return [
        f"{shown} has {count} lines, more than {LONGEST}"
        for shown, text in _read(root, CODE)
        if (count := text.count("\n")) > LONGEST
    ]


def strangers(root: Path) -> list[str]:
    """Machine paths, registries' addresses and talk of authorship, in any text file."""
    return [
        breach
        for shown, text in _read(root, (*CODE, *PROSE))
        for what, pattern in NOWHERE.items()
        for breach in _lines_with(pattern, shown, text, what)
    ]


def distant_loads(root: Path) -> list[str]:
    """Addresses of content networks in what is served, and loads from any other host."""
    breaches: list[str] = []
    for folder in ("frontend", "backend"):
        for path in files(root / folder, *CODE):
            shown, text = str(path.relative_to(root)), path.read_text("utf-8")
            breaches += _lines_with(CDN, shown, text, "a content network")
    loads = (
        r"""(?i)(?:\b(?:src|href)\s*=\s*["']?|url\(\s*["']?|@import\s+["'])"""
        r"""(?:https?:)?//[^\s"')]+"""
    )
    for path in files(root / "frontend", ".html", ".css"):
        shown = str(path.relative_to(root))
        breaches += _lines_with(loads, shown, path.read_text("utf-8"), "a load from another host")
    return breaches


def evaluated_text(root: Path) -> list[str]:
    """Text run as code in the page, which its Content-Security-Policy forbids."""
    breaches: list[str] = []
    called = r"""\beval\s*\(|\bnew\s+Function\b|\bset(?:Timeout|Interval)\s*\(\s*['"`]"""
    for path in files(root / "frontend", ".js"):
        text = without_js_comments(path.read_text("utf-8"))
        breaches += _lines_with(called, str(path.relative_to(root)), text, "text run as code")
    inline = (
        r"(?is)<script\b[^>]*>\s*[^\s<].*?</script>"
        r"|<[^>]+\son\w+\s*=|<[^>]+\sstyle\s*=|<style\b|javascript:"
    )
    for path in files(root / "frontend", ".html"):
        text = re.sub(r"(?s)<!--.*?-->", "", path.read_text("utf-8"))
        breaches += _lines_with(
            inline, str(path.relative_to(root)), text, "an inline script or style"
        )
    return breaches


def model_names(root: Path) -> list[str]:
    """Strings that name an accounting model outside the places where models are at home."""
    breaches = []
    for path in files(root, ".py", ".pyx", ".pxd", ".js", ".html"):
        shown = str(path.relative_to(root))
        if not shown.startswith(MODEL_PLACES):
            for line, text in _strings(path):
                found = MODEL_NAME.search(text)
                if found:
                    breaches.append(f"{shown}:{line} names the model {found.group()}")
    return breaches


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from _python_strings(ast.parse(text))
    elif path.suffix == ".html":
        yield from enumerate(text.splitlines(), 1)
    else:
        lines: Iterable[tuple[int, str]] = logical_lines(text)
        if path.suffix == ".js":
            lines = enumerate(without_js_comments(text).splitlines(), 1)
        for number, line in lines:
            for match in re.finditer(r"'[^']*'|\"[^\"]*\"|`[^`]*`", line):
                yield number, match.group()


def _python_strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """String constants, those that stand alone (docstrings) left out."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def told_commands(root: Path, program: str) -> set[str]:
    """The first words after `program` in the commands that README.md tells."""
    readme = (root / "README.md").read_text("utf-8")
    quoted = re.findall(r"(?ms)^```\w*\n(.*?)^```|`([^`\n]+)`", readme)
    lines = [line for block, span in quoted for line in (block or span).splitlines()]
    command = re.compile(rf"\s*(?:\$ )?(?:\w+=\S+ )*(?:\S+/)?{program} ([a-z][a-z-]*)")
    return {found.group(1) for line in lines if (found := command.match(line))}


def missing_targets(root: Path) -> list[str]:
    """Targets that README.md tells and the Makefile does not have."""
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", (root / "Makefile").read_text("utf-8")))
    return [
        f"README.md tells `make {name}`, which is not there"
        for name in sorted(told_commands(root, "make") - targets)
    ]
