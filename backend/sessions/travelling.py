"""Handlers that go to another moment of the lab's time."""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from backend.problems import Problem
from backend.protocol import travel
from backend.protocol.messages import Json, notice
from backend.sessions.jobs import Pause, Steps, Turn, drive
from backend.sessions.stage import Shown
from backend.sessions.stating import moment_message
from backend.sessions.undoing import Left, PutAway
from sim_core import Lab
from sim_core.lab import Stop

if TYPE_CHECKING:
    from backend.sessions.session import Session


def seek(session: "Session", turn: Turn, command: travel.Seek) -> Steps:
    """To an operation, or into one."""
    lab = session.lab
    if command.branch is not None and command.branch != lab.journal.current.ident:
        yield from _go(session, lab.switch(command.branch, command.op))
    yield from _go(session, lab.seek(command.op, command.step))
    return _there(session)


def back(session: "Session", turn: Turn, command: travel.Back) -> Steps:
    """So many operations or writes back, as far as there are any."""
    lab = session.lab
    if command.grain == "step":
        yield from _go(session, lab.step_back(command.n))
    else:
        yield from _go(session, lab.seek(max(lab.op - command.n, lab.timeline.first_op)))
    return _there(session)


def forward(session: "Session", turn: Turn, command: travel.Forward) -> Steps:
    """So many operations or writes on; where nothing follows the workload takes its turn."""
    lab = session.lab
    session.set_running(False)
    left = command.n
    while left and command.grain == "operation":
        left -= (yield partial(lab.forward, left)).ops
        yield None
    while left:
        left = yield from drive(lab.step_on(left))
        if left:
            before = lab.op
            lab.run_workload(1)
            yield from drive(lab.seek(before))
    return _there(session)


def run_to(session: "Session", turn: Turn, command: travel.RunTo) -> Steps:
    """To where a predicate comes true."""
    session.set_running(False)
    stop: Stop = yield from drive(
        session.lab.run_to(
            command.predicate,
            back=command.back,
            steps=command.grain == "step",
            zone=command.zone,
            most=command.most,
        )
    )
    return stopped_at(session, stop)


def stopped_at(session: "Session", stop: Stop) -> Json:
    """Tell everybody where a search ended, and who asked what it found."""
    return {
        **_there(session),
        "found": stop.found,
        "values": [value._asdict() for value in stop.values],
        "words": [stop.words],
    }


def predicate(session: "Session", turn: Turn, command: travel.Predicate) -> Json:
    """The answer now."""
    lab = session.lab
    asked = lab.predicate(command.predicate, lab.slot_of(command.zone))
    values = [value._asdict() for value in asked.values()]
    return {"op": session.lab.op, "holds": asked.holds(), "values": values}


def undo(session: "Session", turn: Turn, command: travel.Undo) -> Steps:
    """Before the last thing that a person did, though it was another lab in this one's place."""
    lab = session.lab
    act = lab.act_before()
    if act is None:
        before = session.undoing.lab_before()
        if before is None or session.stage.performance is not None:
            raise Problem("conflict", "Nothing was done yet that could be undone.", field="type")
        yield from _reopen(session, turn, before, "undone", session.undoing.went_before)
        return {**_there(session), "words": [f"undone: {before.words}"]}
    entry, words = act
    left = Left(lab.journal.current.ident, lab.op, words)
    yield from _go(session, lab.seek(entry.began - 1))
    session.undoing.leave(lab, left)
    return {**_there(session), "words": [f"undone: {words}"]}


def redo(session: "Session", turn: Turn, command: travel.Redo) -> Steps:
    """Where the last undo was asked for."""
    lab = session.lab
    after = session.undoing.lab_after(lab)
    if after is not None:
        yield from _reopen(session, turn, after, "done again", session.undoing.went_after)
        return {**_there(session), "words": [f"done again: {after.words}"]}
    left = session.undoing.take(lab)
    if left is None:
        raise Problem("conflict", "Nothing was undone that could be done again.", field="type")
    if left.branch != lab.journal.current.ident:
        yield from _go(session, lab.switch(left.branch, left.op))
    yield from _go(session, lab.seek(left.op))
    return {**_there(session), "words": [f"done again: {left.words}"]}


def _reopen(
    session: "Session",
    turn: Turn,
    kept: PutAway,
    what: str,
    went: Callable[[PutAway, Lab], None],
) -> Steps:
    """Have a lab that was put away on show again; until it is there nothing changes."""
    session.set_running(False)
    session.admit(kept.packed.config.estimate_bytes())
    lab: Lab
    way: Iterator[None]
    lab, way = yield kept.packed.opened
    yield from drive(way)
    went(session.shown().put_away(kept.words), lab)
    stopped = lab.stopped is not None
    shown = Shown(lab, kept.source, kept.history.of(lab), kept.marks, False, stopped)
    text = f"{what[0].upper()}{what[1:]}: {kept.words}."
    session.show(turn, shown, notice("undo", text, turn.by))
    return {}


def fork(session: "Session", turn: Turn, command: travel.Fork) -> Json:
    """A branch from here."""
    session.set_running(False)
    session.lab.fork(command.name)
    return _there(session)


def switch(session: "Session", turn: Turn, command: travel.Switch) -> Steps:
    """Another branch."""
    yield from _go(session, session.lab.switch(command.branch))
    return _there(session)


def rename(session: "Session", turn: Turn, command: travel.RenameBranch) -> Json:
    """Another name."""
    session.lab.journal.rename(command.branch, command.name)
    session.state_changed()
    return {"op": session.lab.op}


def delete(session: "Session", turn: Turn, command: travel.DeleteBranch) -> Json:
    """One branch less."""
    session.lab.timeline.drop(command.branch)
    session.state_changed()
    return {"op": session.lab.op}


def _go(session: "Session", way: Iterator[None]) -> Generator[Pause, Any, None]:
    """Go all the way; nothing runs meanwhile."""
    session.set_running(False)
    yield from drive(way)


def _there(session: "Session") -> Json:
    """Tell everybody where the lab stands now."""
    session.arrived()
    message = moment_message(session.lab)
    session.broadcast(message)
    return {name: value for name, value in message.items() if name != "type"}
