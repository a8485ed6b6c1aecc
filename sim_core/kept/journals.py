"""A journal as JSON values: of each branch an object, of each request a short list, so that what is
asked next can be written without writing again what was asked before.
"""

from dataclasses import dataclass
from typing import Any, Final

from sim_core.config import BRANCH_NAME_MAX
from sim_core.journal import BRANCHES_MAX, ENTRIES_MAX, SET_WORKLOAD, TURNS, Branch, Entry, Journal
from sim_core.kept.calls import IDLE_MAX, OPS_MAX, arguments_from, arguments_to
from sim_core.kept.places import Place

_ENTRY: Final = 6  # values of an entry


@dataclass(frozen=True)
class BranchParts:
    """A branch as read from: its own fields, and its entries.

    Attributes:
        about: branch, name, parent, fork_op, tip, left_at.
        entries: a list.
    """

    about: Place
    entries: Place


def entry_to(entry: Entry) -> list[Any]:
    """An entry: call, arguments, first operation, last one, began, cut."""
    args = arguments_to(entry.args)
    if entry.call == TURNS:
        most = entry.last_op + 1 - entry.first_op + IDLE_MAX
        args = [min(args[0], most)]
    return [entry.call, args, entry.first_op, entry.last_op, entry.began, entry.cut]


def branch_to(branch: Branch) -> dict[str, Any]:
    """A branch, but for its entries."""
    return {
        "branch": branch.ident,
        "name": branch.name,
        "parent": branch.parent.ident if branch.parent else None,
        "fork_op": branch.fork_op,
        "tip": branch.tip,
        "left_at": branch.left_at,
    }


def journal_from(
    branches: list[BranchParts], current: Place, made: Place, inherited: Place
) -> Journal:
    """The journal of these branches, each after the one that it left.

    Raises:
        ConfigError: they are no tree, do not follow on each other, or hold what no lab does.
    """
    found: dict[int, Branch] = {}
    total = 0
    for parts in branches[:BRANCHES_MAX]:
        branch = _branch(parts, found)
        total += len(branch.entries)
        if total > ENTRIES_MAX:
            raise parts.entries.wrong(
                f"at most {ENTRIES_MAX} on all branches", f"{parts.entries.path}: too many requests"
            )
        found[branch.ident] = branch
    here = found.get(current.whole())
    if here is None:
        raise current.wrong(", ".join(map(str, found)))
    return Journal.of(
        list(found.values()), here, made.whole(max(found)), inherited.whole(0, OPS_MAX)
    )


def _branch(parts: BranchParts, before: dict[int, Branch]) -> Branch:
    ident, name, parent, fork_op, tip, left_at = parts.about.fields(
        "branch", "name", "parent", "fork_op", "tip", "left_at"
    )
    number = ident.whole(1)
    if number in before:
        raise ident.wrong("a number that no other branch has")
    came_from = _parent(parent, before)
    fork = _fork_op(fork_op, came_from)
    branch = Branch(number, name.text(BRANCH_NAME_MAX), came_from, fork)
    branch.entries = _entries(parts.entries, fork)
    branch.workloads = [entry for entry in branch.entries if entry.call == SET_WORKLOAD]
    branch.tip = branch.entries[-1].last_op if branch.entries else fork
    if tip.whole() != branch.tip:
        raise tip.wrong(f"{branch.tip}, where its entries end")
    branch.left_at = left_at.or_none(lambda place: place.whole(0, branch.tip))
    return branch


def _parent(place: Place, before: dict[int, Branch]) -> Branch | None:
    if not before:
        if place.value is not None:
            raise place.wrong("null: the first branch left none")
        return None
    parent = before.get(place.whole(1))
    if parent is None:
        raise place.wrong(f"a branch before it: {', '.join(map(str, before))}")
    return parent


def _fork_op(place: Place, parent: Branch | None) -> int:
    if parent is None:
        return place.whole(0, OPS_MAX)
    first = parent.fork_op if parent.parent is None else parent.fork_op + 1
    return place.whole(first, parent.tip)


def _entries(place: Place, fork_op: int) -> list[Entry]:
    entries: list[Entry] = []
    last = fork_op
    for item in place.items(ENTRIES_MAX):
        entry = _entry(item, last, fork_op)
        last = entry.last_op
        entries.append(entry)
    return entries


def _entry(place: Place, before: int, fork_op: int) -> Entry:
    call, given, first, last, began, cut = place.items(_ENTRY, least=_ENTRY)
    name, args = arguments_from(call, given)
    # Each goes on where the one before it ended; what became no operation ends there too.
    first_op = first.whole(before + 1, before + 1)
    last_op = last.whole(before, OPS_MAX)
    if name == TURNS:
        (turns,) = args
        taken = last_op + 1 - first_op
        assert isinstance(turns, int)
        if not taken <= turns <= taken + IDLE_MAX:
            raise given.wrong(f"[{taken}] turns for as many operations, or little more")
    return Entry(name, args, first_op, last_op, began.whole(fork_op + 1, first_op), cut.truth())
