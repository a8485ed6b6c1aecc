"""The handler that keeps a session under a name."""

from typing import TYPE_CHECKING

from backend.protocol import keeping
from backend.sessions.jobs import Steps, Turn
from backend.sessions.snapshot import snapshot

if TYPE_CHECKING:
    from backend.sessions.session import Session


def keep(session: "Session", turn: Turn, command: keeping.Keep) -> Steps:
    """Keep the session from now on. One that was kept under another name stays there as it is now,
    and goes on under the new one.
    """
    keeper, before = session.keeper, session.kept
    keeper.check_free(session, command.name)
    if before is not None:
        shot = snapshot(session, before.written)
        if shot is not None:
            last, old = shot, before
            yield lambda: keeper.write(old, last)
        if before.name == command.name:
            return _told(session, command.name)
    whole = snapshot(session)
    assert whole is not None
    new = whole

    def begin() -> None:
        # At once with the writing: who asked may be gone by the time it is done.
        session.kept = keeper.begin(command.name, new)

    yield begin
    session.state_changed()
    return _told(session, command.name)


def _told(session: "Session", name: str) -> dict[str, object]:
    return {"op": session.lab.op, "name": name, "saved_op": session.own.lab.op}
