"""A session's lab made again from what was kept of it, in pieces, so that others are served."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

from backend.problems import Problem
from backend.protocol.messages import Json, notice
from backend.sessions.document import Stood, from_file, state_words
from backend.sessions.history import History
from backend.sessions.jobs import Pause, Steps, Turn, drive
from backend.sessions.marks import Marks
from backend.sessions.replacing import confirmed, said
from backend.sessions.stage import Shown
from backend.settings import Settings
from sim_core import Lab
from sim_core.errors import SimError
from sim_core.packed import Packed

if TYPE_CHECKING:
    from backend.sessions.session import Session

_STRETCHES: Final = 150
"""Points of the chart that the way to the saved moment leaves behind."""


def opened(stood: Stood, settings: Settings) -> Generator[Pause, Any, Shown]:
    """The lab where it stood, with its history, marks and notes; it does not run.

    Raises:
        Problem: this version's kernel does otherwise, or the journal holds what no lab did.
    """
    source = stood.source
    packed = Packed(
        stood.config,
        source.laid if source else None,
        source.capture if source else None,
        stood.journal,
        stood.op,
    )
    lab: Lab = yield packed.booted
    first = lab.timeline.first_op
    if stood.journal.branches[0].fork_op != first:
        raise _otherwise(f"boot ends with operation {first} here")
    history = History(lab, settings.history_rows_max, settings.marks_max)
    lab.take_up(stood.journal)
    history.follow(lab)
    try:
        for op in _stretches(first, stood.op):
            yield from drive(lab.seek(op))
            history.passed(lab)
        if stood.step is not None:
            yield from drive(lab.seek(stood.op, stood.step))
    except (SimError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _otherwise(f"after operation {lab.op}: {error}") from error
    state = yield lab.hash
    if stood.state is not None and stood.state != state_words(state):
        raise _otherwise(f"at operation {lab.op} its memory is another")
    for branch, mark in stood.marks:
        history.mark(mark, branch)
    history.notes = stood.notes
    stopped = lab.stopped is not None
    return Shown(lab, source, history, Marks(settings.marks_ms / 1000), False, stopped)


def import_session(
    session: "Session", turn: Turn, name: str, contents: bytes, confirm: bool
) -> Steps:
    """The session of a file in the place of the one on show; nothing changes unless all of it
    succeeds.
    """
    confirmed(session, turn, confirm)
    stood: Stood = yield lambda: from_file(name, contents, session.settings)
    _check_length(stood, session.settings)
    session.models.check_room(stood.models)
    session.admit(stood.config.estimate_bytes())
    shown = yield from opened(stood, session.settings)
    session.models.check_room(stood.models)
    for model in stood.models:
        session.models.save(model)
    text = f"was opened from {name}"
    session.put(turn, shown, notice("import", said(turn, text), turn.by), f"the lab {text}")
    session.set_running(False)
    return _told(shown.lab, stood)


def _check_length(stood: Stood, settings: Settings) -> None:
    """May a stranger's file have so much run again?"""
    ops = stood.op - stood.journal.branches[0].fork_op
    if ops > settings.import_ops_max:
        raise Problem(
            "budget",
            f"The session stands after {ops} operations, which would take too long to run again.",
            field="session.op",
            allowed=f"at most {settings.import_ops_max} after boot",
            estimate=ops,
            budget=settings.import_ops_max,
            setting="import_ops_max",
        )


def _told(lab: Lab, stood: Stood) -> Json:
    return {
        "op": lab.op,
        "session": stood.name,
        "branches": len(lab.journal.branches),
        "models": [model.name for model in stood.models],
    }


def _stretches(first: int, last: int) -> Iterator[int]:
    """Operations on the way, evenly, the last one among them."""
    pieces = min(_STRETCHES, max(1, last - first))
    for piece in range(1, pieces + 1):
        yield first + (last - first) * piece // pieces


def _otherwise(what: str) -> Problem:
    return Problem(
        "conflict",
        "The session cannot be made again: it was written by a ZoneScope whose allocator did "
        f"otherwise, or changed by hand ({what}).",
        field="session",
        allowed="the ZoneScope that wrote it",
    )
