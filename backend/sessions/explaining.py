"""Handlers that ask the lab why."""

from typing import TYPE_CHECKING

from backend.problems import Problem
from backend.protocol import whys
from backend.protocol.messages import Json
from backend.sessions.jobs import Steps, Turn, drive
from backend.sessions.travelling import stopped_at
from sim_core.lab import Subject

if TYPE_CHECKING:
    from backend.sessions.session import Session

_THINGS = ("counter", "block", "pfn", "handle")


def changes(session: "Session", turn: Turn, command: whys.Changes) -> Steps:
    """The last changes of one thing."""
    lab = session.lab
    listed = command.order is not None or command.pcp is not None
    asked = [name for name in _THINGS if getattr(command, name) is not None]
    if len(asked) + listed != 1:
        raise Problem(
            "invalid",
            "changes asks about one thing.",
            field=asked[0] if asked else "counter",
            allowed="one of counter, block, pfn, handle, or a list by order, migratetype, pcp",
        )
    subject = Subject(
        counter=command.counter,
        order=command.order,
        migratetype=command.migratetype,
        pcp=command.pcp,
        block=command.block,
        pfn=command.pfn,
        handle=command.handle,
        zone=lab.slot_of(command.zone),
    )
    answer: Json = yield lambda: lab.changes(subject, before=command.before, most=command.most)
    return {**answer, "op": lab.op}


def drift(session: "Session", turn: Turn, command: whys.Drift) -> Steps:
    """What each operation added to an identity's difference."""
    lab = session.lab
    slot = lab.slot_of(command.zone)
    answer: Json = yield lambda: lab.drift(command.identity, slot)
    return {**answer, "op": lab.op}


def ledger(session: "Session", turn: Turn, command: whys.Ledger) -> Steps:
    """The accounts, and what the operation at hand moved."""
    lab = session.lab
    slot = lab.slot_of(command.zone)
    answer: Json = yield lambda: lab.ledger(slot)
    return answer


def go_to_break(session: "Session", turn: Turn, command: whys.GoToBreak) -> Steps:
    """To the write with which an identity broke."""
    session.set_running(False)
    lab = session.lab
    stop = yield from drive(lab.go_to_break(command.identity, lab.slot_of(command.zone)))
    return stopped_at(session, stop)
