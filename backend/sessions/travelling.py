"""Handlers that go to another moment of the lab's time."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from backend.problems import Problem
from backend.protocol import travel
from backend.protocol.messages import Json
from backend.sessions.jobs import Steps, Turn
from backend.sessions.stating import moment_message
from backend.sessions.undoing import Left

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
    if command.grain == "operation":
        at = lab.moment
        last = at.op if at.whole else at.op + 1
        yield from _go(
            session, lab.seek(max(last - command.n - (not at.whole), lab.timeline.first_op))
        )
        return _there(session)
    for _ in range(command.n):
        if lab.moment.op == lab.timeline.first_op:
            break
        yield from _go(session, lab.step_back())
    return _there(session)


def forward(session: "Session", turn: Turn, command: travel.Forward) -> Steps:
    """So many operations or writes on."""
    lab = session.lab
    session.set_running(False)
    done = 0
    while done < command.n:
        if command.grain == "operation":
            done += (yield partial(lab.forward, command.n - done)).ops
            continue
        if not lab.timeline.past:
            before = lab.op
            lab.run_workload(1)
            yield from _go(session, lab.seek(before))
        yield from _go(session, lab.step_on())
        done += 1
    return _there(session)


def undo(session: "Session", turn: Turn, command: travel.Undo) -> Steps:
    """Before the last thing that a person did."""
    lab = session.lab
    act = lab.act_before()
    if act is None:
        raise Problem("conflict", "Nothing was done yet that could be undone.", field="type")
    entry, words = act
    left = Left(lab.journal.current.ident, lab.op, words)
    yield from _go(session, lab.seek(entry.began - 1))
    session.undoing.leave(lab, left)
    return {**_there(session), "words": [f"undone: {words}"]}


def redo(session: "Session", turn: Turn, command: travel.Redo) -> Steps:
    """Where the last undo was asked for."""
    lab = session.lab
    left = session.undoing.take(lab)
    if left is None:
        raise Problem("conflict", "Nothing was undone that could be done again.", field="type")
    if left.branch != lab.journal.current.ident:
        yield from _go(session, lab.switch(left.branch, left.op))
    yield from _go(session, lab.seek(left.op))
    return {**_there(session), "words": [f"done again: {left.words}"]}


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
    session.lab.journal.drop(command.branch)
    session.state_changed()
    return {"op": session.lab.op}


def _go(session: "Session", way: Iterator[None]) -> Steps:
    """Go all the way, in a thread as far as it is long; nothing runs meanwhile."""
    session.set_running(False)
    while (yield partial(next, way, way)) is not way:
        yield None
    return {}


def _there(session: "Session") -> Json:
    """Tell everybody where the lab stands now."""
    session.arrived()
    message = moment_message(session.lab)
    session.broadcast(message)
    return {name: value for name, value in message.items() if name != "type"}
