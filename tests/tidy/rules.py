"""The rules of the floors as functions from a tree to the list of its breaches."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from tests.tidy import floors
from tests.tidy.sources import (
    Use,
    cython_uses,
    files,
    javascript_uses,
    logical_lines,
    module_name,
    python_uses,
    under,
)

Rule = Callable[[Path], list[str]]


def _rank(rows: floors.Rows) -> dict[str, tuple[int, int]]:
    return {unit: (y, x) for y, row in enumerate(rows) for x, unit in enumerate(row)}


def _may_use(rank: dict[str, tuple[int, int]], user: str, used: str) -> bool:
    (user_y, user_x), (used_y, used_x) = rank[user], rank[used]
    return used_y < user_y or (used_y == user_y and used_x <= user_x)


def _unit(name: str) -> str | None:
    units = [unit for row in floors.PYTHON for unit in row]
    found = under(name, units)
    return None if found in floors.OPEN_PACKAGES and name != found else found


def _module_uses(root: Path) -> Iterator[tuple[str, Use]]:
    for package in ("sim_core", "backend", "tests/reference"):
        for path in files(root / package, ".py", ".pyi"):
            yield from ((module_name(path, root), use) for use in python_uses(path, root))
        for path in files(root / package, ".pyx"):
            for use in cython_uses(path, root):
                yield module_name(path, root), use


def python_floors(root: Path) -> list[str]:
    """Imports that go up, files with no floor declared, and imports that a ban names."""
    rank = _rank(floors.PYTHON)
    breaches = []
    for package in floors.OPEN_PACKAGES:
        for path in files(root / package, ".py", ".pyx"):
            if _unit(module_name(path, root)) is None:
                breaches.append(f"{path.relative_to(root)} has no floor in tests/tidy/floors.py")
    for user, use in _module_uses(root):
        mine, theirs = _unit(user), _unit(use.name)
        if mine and theirs and not _may_use(rank, mine, theirs):
            breaches.append(f"{use}, which is above {mine}")
        for ban in floors.PYTHON_BANS:
            if (
                under(user, [ban.who])
                and under(use.name, [ban.whom])
                and not under(use.name, [ban.who])
                and not _saved(use.name, ban.save)
            ):
                breaches.append(f"{use}, which {ban.who} may not")
    return breaches


def _saved(name: str, save: tuple[str, ...]) -> bool:
    return name in save or under(name, set(save) - set(floors.OPEN_PACKAGES)) is not None


def python_cycles(root: Path) -> list[str]:
    """Rings of modules that import each other when they are loaded."""
    graph: dict[str, set[str]] = {}
    for package in floors.OPEN_PACKAGES:
        for path in files(root / package, ".py"):
            name = module_name(path, root)
            tops = {node.lineno for node in ast.parse(path.read_text("utf-8")).body}
            graph[name] = {
                use.name for use in python_uses(path, root) if use.line in tops and use.name != name
            }
    done: set[str] = set()
    rings = []

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            rings.append(" -> ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for used in sorted(graph.get(name, ())):
                walk(used, [*trail, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return rings


def mm_floors(root: Path) -> list[str]:
    """Cimports that go up in sim_core/mm, and files there with no floor declared."""
    rank = _rank(floors.MM)
    breaches = []
    for path in files(root / "sim_core/mm", ".pxd", ".pyx"):
        if path.stem not in rank:
            breaches.append(f"{path.relative_to(root)} has no floor in tests/tidy/floors.py")
            continue
        for use in cython_uses(path, root):
            used = use.name.removeprefix("sim_core.mm.")
            if used != use.name and (used not in rank or not _may_use(rank, path.stem, used)):
                breaches.append(f"{use}, which is above {path.stem}")
    return breaches


_ASSIGNS = r"\s*(?:[-+*/|&^]|<<|>>)?=(?!=)"


def _writes(root: Path, place: str, writers: tuple[str, ...]) -> list[str]:
    written = re.compile(rf"(?:\.|->){place}{_ASSIGNS}")
    breaches = []
    for path in files(root / "sim_core/mm", ".pxd", ".pyx"):
        if path.stem in writers:
            continue
        for number, line in logical_lines(path.read_text("utf-8")):
            for found in written.finditer(line):
                shown = path.relative_to(root)
                owner = " and ".join(f"{writer}.pxd" for writer in writers)
                breaches.append(f"{shown}:{number} writes {found.group(1)}, as only {owner} may")
    return breaches


def counter_writers(root: Path) -> list[str]:
    """Places outside account.pxd that write an element of a counter."""
    place = rf"({'|'.join(floors.COUNTERS)})\[[^=]*\]"
    return _writes(root, place, floors.COUNTER_WRITERS)


def link_writers(root: Path) -> list[str]:
    """Places outside freelist.pxd and page.pxd that write a list link."""
    return _writes(root, rf"({'|'.join(floors.LINKS)})", floors.LINK_WRITERS)


def page_fields(root: Path) -> list[str]:
    """Places outside page.pxd that reach into the arrays of the page records.

    Only _ground.pyx, which allocates and frees them, may name an array as a whole.
    """
    arrays = pointers(root / "sim_core/mm/page.pxd")
    if not arrays:
        return ["sim_core/mm/page.pxd declares no arrays of records"]
    named = re.compile(rf"\bpages(?:\.|->)({'|'.join(sorted(arrays))})\b")
    breaches = []
    for path in files(root / "sim_core/mm", ".pxd", ".pyx"):
        if path.stem == "page":
            continue
        for number, line in logical_lines(path.read_text("utf-8")):
            for found in named.finditer(line):
                if path.stem == "_ground" and not line.startswith("[", found.end()):
                    continue
                shown = path.relative_to(root)
                breaches.append(f"{shown}:{number} names {found.group(1)}, a field of page.pxd")
    return breaches


def pointers(path: Path) -> set[str]:
    """Names of the pointer fields of every struct that a .pxd declares."""
    fields: set[str] = set()
    inside = -1
    for _, line in logical_lines(path.read_text("utf-8") if path.exists() else ""):
        indent = len(line) - len(line.lstrip())
        if re.match(r"\s*(?:cdef|ctypedef)\s+(?:packed\s+)?struct\b", line):
            inside = indent
        elif line.strip() and indent <= inside:
            inside = -1
        elif inside >= 0:
            fields |= set(re.findall(r"\*\s*(\w+)", line))
    return fields


def frontend_floors(root: Path) -> list[str]:
    """Module imports of the page that a floor forbids, or that leave frontend/js."""
    top = root / "frontend/js"
    breaches = []
    for path in files(top, ".js"):
        here = path.relative_to(top)
        for use in javascript_uses(path, root):
            if not use.name.startswith(("./", "../")) or not use.name.endswith(".js"):
                breaches.append(f"{use}, not a relative path to a .js file")
                continue
            used = (path.parent / use.name).resolve()
            if not used.is_relative_to(top) or not used.exists():
                breaches.append(f"{use}, which is not there")
                continue
            breaches += _frontend_breach(use, here, used.relative_to(top))
    return breaches


def _frontend_breach(use: Use, here: Path, there: Path) -> list[str]:
    mine, theirs = here.parts[0], there.parts[0]
    if theirs not in floors.FRONTEND_BANS.get(mine, ()):
        return []
    # A view may be a folder of files; they are one view.
    if mine == theirs and len(here.parts) > 2 and here.parts[:2] == there.parts[:2]:
        return []
    if mine == theirs and PurePosixPath(here) == PurePosixPath(there):
        return []
    return [f"{use}, which {mine} may not"]
