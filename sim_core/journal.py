"""The journal: what was asked of a lab, in order, on each of its branches. State is derived from
it, never the reverse.

The same journal runs under any model: chunks are named by handle where a person named a PFN, and
the workload's turns are one entry however many there are, since its random state is the node's.

Who acts in the past begins a branch: what had followed stays on the branch that it was on. A
branch's way leads from boot over its parents' entries, as far as they are shared, to its own.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from sim_core.config import BRANCH_NAME_MAX
from sim_core.errors import RefusedError

ENTRIES_MAX: Final = 1_000_000
"""Entries kept on all branches; a person makes one a click, so this is years of clicking or one
hostile hour."""
BRANCHES_MAX: Final = 200
TURNS: Final = "run_workload"
SET_WORKLOAD: Final = "set_workload"


@dataclass
class Entry:
    """One request.

    Attributes:
        call, args: the Lab method's name, and its arguments.
        first_op, last_op: the operations that it became, or of a cut one those that count.
        cut: it went on for longer, on another branch.
        began: of what was asked for together the first one's first_op.
    """

    call: str
    args: tuple[object, ...]
    first_op: int
    last_op: int
    began: int
    cut: bool = False

    def until(self, op: int) -> "Entry":
        """The same, as far as it goes up to operation `op`."""
        if self.last_op <= op:
            return self
        args = (op - self.first_op + 1,) if self.call == TURNS else self.args
        return replace(self, args=args, last_op=op, cut=True)


@dataclass(eq=False)
class Branch:
    """One way that the operations took.

    Attributes:
        ident: its number.
        name: as people call it.
        parent, fork_op: the branch that it left, after that operation; None and the last operation
            of boot for the first one.
        entries: its own, after the fork.
        workloads: those of them that set the workload.
        tip: its last operation.
        left_at: the operation at which one went from it to another branch; None: nobody has.
    """

    ident: int
    name: str
    parent: "Branch | None"
    fork_op: int
    entries: list[Entry] = field(default_factory=list)
    workloads: list[Entry] = field(default_factory=list)
    tip: int = 0
    left_at: int | None = None

    def __post_init__(self) -> None:
        self.tip = max(self.tip, self.fork_op)


class Journal:
    """The tree of branches, one of which is the current one.

    Args:
        op: the last operation of boot.
    """

    def __init__(self, op: int) -> None:
        self.current = Branch(1, "main", None, op)
        self.branches = [self.current]
        self.complete = True
        """False once an entry found no room: what follows can no longer be run again from boot."""
        self.acts = 0
        """Requests of a person so far, on all branches."""
        self.inherited = 0
        """Last operation of those that were asked of another lab, whose place this one took."""
        self.group = 0
        """What has one number was asked for together; 0: alone."""
        self._asked: tuple[tuple[Branch, int], int] | None = None
        self._made = 1
        self.kept = 0
        """Entries on all branches."""

    @classmethod
    def of(cls, branches: list[Branch], current: Branch, made: int, inherited: int) -> "Journal":
        """A journal out of its branches, each after its parent.

        Args:
            branches: all of them, with their entries.
            current: one of them.
            made: branches there ever were.
            inherited: as the attribute.
        """
        journal = cls(branches[0].fork_op)
        journal.branches, journal.current = branches, current
        journal.inherited, journal._made = inherited, made
        journal.kept = sum(len(branch.entries) for branch in branches)
        journal.acts = sum(entry.call != TURNS for branch in branches for entry in branch.entries)
        return journal

    @property
    def made(self) -> int:
        """Branches there ever were."""
        return self._made

    @property
    def tip(self) -> int:
        """The last operation of the current branch."""
        return self.current.tip

    def way(self, branch: Branch | None = None) -> list[tuple[Branch, int]]:
        """(branch, last operation that counts of it) from the first one to this, or the current."""
        at: Branch | None = branch or self.current
        assert at is not None
        found = [(at, at.tip)]
        while at.parent is not None:
            found.append((at.parent, at.fork_op))
            at = at.parent
        return found[::-1]

    def entries(self, after: int, until: int) -> Iterator[Entry]:
        """Entries of the current branch's way with operations in (after, until], cut at `until`.

        Those that became no operation, since the node had stopped, come with the one before them.
        """
        for branch, last in self.way():
            own = branch.entries
            limit = min(last, until)
            for entry in own[bisect_right(own, after, key=_end) :]:
                if min(entry.first_op, entry.last_op) > limit:
                    break
                yield entry.until(limit)

    def act_before(self, op: int) -> Entry | None:
        """The last request of a person that became operation `op` of the way or one before; what
        is inherited does not count.
        """
        for branch, end in reversed(self.way()):
            own = branch.entries
            for i in range(bisect_right(own, min(end, op), key=_begin) - 1, -1, -1):
                if own[i].call != TURNS and own[i].last_op >= own[i].first_op:
                    return own[i] if own[i].first_op > self.inherited else None
        return None

    def workload_at(self, op: int) -> Entry | None:
        """The request that set the workload which runs after operation `op` of the way."""
        for branch, end in reversed(self.way()):
            before = bisect_right(branch.workloads, min(end, op), key=_begin)
            if before:
                return branch.workloads[before - 1]
        return None

    def on_way(self, branch: Branch, op: int) -> bool:
        """Does the current way pass this operation of that branch?"""
        return any(at is branch and op <= last for at, last in self.way())

    def common(self, other: Branch) -> int:
        """The last operation that the current way and another branch's have in common."""
        mine = dict(self.way())
        return max(min(last, mine[branch]) for branch, last in self.way(other) if branch in mine)

    # ---- written ----

    def add(self, call: str, args: tuple[object, ...], first_op: int, last_op: int) -> None:
        """Note a request that became the operations first_op to last_op of the current branch."""
        self.current.tip = max(self.current.tip, last_op)
        if not self.complete:
            return
        if self.kept == ENTRIES_MAX:
            self.complete = False
            return
        self.kept += 1
        entry = Entry(call, args, first_op, last_op, first_op)
        if call != TURNS:
            self.acts += 1
            asked = (self.current, self.group)
            if self.group and self._asked is not None and self._asked[0] == asked:
                entry.began = self._asked[1]
            self._asked = asked, entry.began
        if call == SET_WORKLOAD:
            self.current.workloads.append(entry)
        self.current.entries.append(entry)

    def add_turns(self, turns: int, first_op: int, last_op: int) -> None:
        """Note turns of the workload; a run that follows another is one entry with it.

        Args:
            turns: more than the operations, if a BUG has kept the node from some.
        """
        last = self.current.entries[-1] if self.current.entries else None
        if self.complete and last is not None and last.call == TURNS and not last.cut:
            (before,) = last.args
            assert isinstance(before, int)
            last.args, last.last_op = (before + turns,), last_op
            self.current.tip = max(self.current.tip, last_op)
            return
        self.add(TURNS, (turns,), first_op, last_op)

    def fork(self, op: int, name: str | None = None) -> Branch:
        """Begin a branch after operation `op` of the current one's way; it is the current one now.

        Raises:
            RefusedError: there are too many, or this is no name.
        """
        self.check_room(name)
        parent = next(branch for branch, last in self.way() if op <= last)
        self._made += 1
        branch = Branch(self._made, (name or "").strip() or f"branch {self._made}", parent, op)
        self.branches.append(branch)
        self.current = branch
        return branch

    def check_room(self, name: str | None = None) -> None:
        """Is there room for another branch, and is this a name for it?

        Raises:
            RefusedError: there is not, or it is none.
        """
        if name is not None:
            _branch_name(name)
        if len(self.branches) == BRANCHES_MAX:
            raise RefusedError(
                f"there are {BRANCHES_MAX} branches already", field="branch", allowed="delete one"
            )

    def find(self, ident: int) -> Branch:
        """A branch by its number.

        Raises:
            RefusedError: there is none.
        """
        for branch in self.branches:
            if branch.ident == ident:
                return branch
        raise RefusedError(
            f"there is no branch {ident}",
            field="branch",
            allowed=", ".join(str(branch.ident) for branch in self.branches[:20]),
        )

    def rename(self, ident: int, name: str) -> None:
        """Give a branch another name.

        Raises:
            RefusedError: no such branch, or no name.
        """
        given = _branch_name(name)
        self.find(ident).name = given

    def drop(self, ident: int) -> None:
        """Delete a branch from which none has gone out.

        Raises:
            RefusedError: it is the current one, or another goes out from it.
        """
        branch = self.find(ident)
        if any(at is branch for at, _ in self.way()):
            raise RefusedError(
                f"{branch.name} leads to where you are", field="branch", allowed="another branch"
            )
        if any(other.parent is branch for other in self.branches):
            raise RefusedError(
                f"a branch goes out from {branch.name}", field="branch", allowed="delete that first"
            )
        self.branches.remove(branch)
        self.kept -= len(branch.entries)


def _branch_name(name: str) -> str:
    if not name.strip() or len(name) > BRANCH_NAME_MAX or not name.isprintable():
        raise RefusedError(
            "a branch needs a name", field="name", allowed=f"1 … {BRANCH_NAME_MAX} characters"
        )
    return name.strip()


def _begin(entry: Entry) -> int:
    return entry.first_op


def _end(entry: Entry) -> int:
    return entry.last_op
