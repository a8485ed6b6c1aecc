"""What there is to keep of a session at one moment, taken in its own turn and cheaply: only what is
new is looked at, and nothing in it changes afterwards.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from backend.problems import Problem
from backend.protocol.messages import Mark
from backend.sessions.notes import Note
from backend.sessions.source import ImportSource
from sim_core import Lab, LabConfig
from sim_core.journal import Branch, Entry
from sim_core.models import Custom

if TYPE_CHECKING:
    from backend.sessions.session import Session

_HASHED_PAGES: Final = 1 << 20
"""Pages of a lab whose memory is gone through each second: some tenth of a millisecond's work."""


@dataclass(frozen=True)
class BranchKey:
    """By which one knows whether something is new of a branch."""

    name: str
    tip: int
    left_at: int | None
    entries: int
    marked: int


@dataclass(frozen=True)
class Written:
    """How far a session is kept already.

    Attributes:
        lab: the lab that it had.
        key: of all but its branches.
        branches: of each branch.
    """

    lab: Lab
    key: tuple[object, ...]
    branches: dict[int, BranchKey]


@dataclass(frozen=True)
class BranchShot:
    """A branch of which something is new: entries from place `first` on, and all else of it."""

    about: Branch
    first: int
    entries: tuple[Entry, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Snapshot:
    """A session.

    Attributes:
        name: under which it is kept; None: it is not.
        fresh: its lab is another than was written last, so that all of it is new.
        config, source: what the lab was made from.
        models: saved ones.
        current, made, inherited: of the journal.
        idents: its branches.
        branches: those of which something is new.
        op, step: where the lab stands; of step None after the whole operation.
        state: the hash of its memory there; None: it was too large to ask.
        notes: all of them.
        written: how far it is kept once this is.
    """

    name: str | None
    fresh: bool
    config: LabConfig
    source: ImportSource | None
    models: tuple[Custom, ...]
    current: int
    made: int
    inherited: int
    idents: tuple[int, ...]
    branches: tuple[BranchShot, ...]
    op: int
    step: int | None
    state: int | None
    notes: tuple[Note, ...]
    written: Written


def snapshot(session: "Session", since: Written | None = None) -> Snapshot | None:
    """What is new of a session's own lab since that was written; None: nothing is.

    Raises:
        Problem: `conflict`, the lab was asked for more than could be kept.
    """
    own = session.own
    lab, journal = own.lab, own.lab.journal
    if not journal.complete:
        raise Problem(
            "conflict",
            "This lab was asked for more than its journal holds, so it cannot be made again: "
            "reset it first.",
            field="type",
        )
    fresh = since is None or since.lab is not lab
    before = {} if fresh or since is None else since.branches
    keys = {
        branch.ident: BranchKey(
            branch.name,
            branch.tip,
            branch.left_at,
            len(branch.entries),
            own.history.marked(branch.ident),
        )
        for branch in journal.branches
    }
    moment = lab.moment
    step = None if moment.whole else moment.step
    models = session.models.all()
    key = (
        journal.current.ident,
        journal.made,
        journal.inherited,
        moment.op,
        step,
        models,
        own.history.notes.all,
    )
    if not fresh and since is not None and (key, keys) == (since.key, since.branches):
        return None
    return Snapshot(
        name=session.kept.name if session.kept else None,
        fresh=fresh,
        config=lab.config,
        source=own.source,
        models=models,
        current=journal.current.ident,
        made=journal.made,
        inherited=journal.inherited,
        idents=tuple(keys),
        branches=tuple(
            _shot(session, branch, before.get(branch.ident))
            for branch in journal.branches
            if before.get(branch.ident) != keys[branch.ident]
        ),
        op=moment.op,
        step=step,
        state=lab.hash() if lab.config.spanned_pages <= _HASHED_PAGES else None,
        notes=own.history.notes.all,
        written=Written(lab, key, keys),
    )


def written_of(session: "Session") -> Written:
    """How far a session is kept that was just made from what is kept."""
    whole = snapshot(session)
    assert whole is not None
    return whole.written


def _shot(session: "Session", branch: Branch, before: BranchKey | None) -> BranchShot:
    # Of entries that were written the last one alone may have grown since: a run goes on in it.
    first = max(0, before.entries - 1) if before else 0
    entries = branch.entries[first:]
    if entries:
        entries[-1] = replace(entries[-1])
    return BranchShot(
        replace(branch, entries=[], workloads=[]),
        first,
        tuple(entries),
        session.own.history.marks_of(branch.ident),
    )
