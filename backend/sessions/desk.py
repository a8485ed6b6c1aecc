"""The inbox of a session and the commands that are going on: whose turn it is at the lab."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic
from typing import TYPE_CHECKING, Any

from backend.logs import log
from backend.problems import Problem
from backend.protocol.messages import Progress
from backend.sessions.connection import Connection
from backend.sessions.jobs import Turn
from backend.settings import Settings

if TYPE_CHECKING:
    from backend.sessions.session import Session


class Desk:
    """Bounded; slices take turns, and what one connection orders is done in its order.

    Args:
        session: whose lab it is, for logs.
        settings: its bounds.
        pool: threads for long work.
        worked: called after each slice.
    """

    def __init__(
        self,
        session: "Session",
        settings: Settings,
        pool: Executor,
        worked: Callable[[], None],
    ) -> None:
        self._session = session
        self._settings = settings
        self._pool = pool
        self._worked = worked
        self._asked: list[Turn] = []
        self._going: list[Turn] = []

    @property
    def busy(self) -> bool:
        """Whether somebody waits."""
        return bool(self._asked or self._going)

    def put(self, turn: Turn) -> None:
        """Take a turn in, or answer `busy` at once."""
        if len(self._asked) + len(self._going) >= self._settings.inbox_max:
            turn.finish(Problem("busy", "Too many commands wait in this session."))
            self._session.meter.answered(turn.kind, turn.outcome)
        else:
            self._asked.append(turn)

    def of(self, connection: Connection | None) -> list[Turn]:
        """What this connection has asked for and is not answered yet."""
        return [t for t in (*self._going, *self._asked) if t.connection is connection]

    def cancel_all_but(self, turn: Turn, why: str) -> None:
        """Stop what was meant for a lab that is no more."""
        for other in (*self._going, *self._asked):
            if other is not turn and not other.at_once:
                other.cancel(why)

    def clear(self, why: str) -> None:
        """Answer everything at once; nothing goes on."""
        for turn in (*self._going, *self._asked):
            turn.cancel(why)
            turn.finish(Problem("cancelled", f"{why}."))

    async def work(self) -> None:
        """Begin what may begin, and give every turn its slice."""
        self._begin()
        for turn in tuple(self._going):
            began, lab, op = monotonic(), self._session.lab, self._session.lab.op
            until = began + self._settings.slice_ms / 1000
            lab.journal.group = turn.number
            more = self._slice(turn, None, None, until)
            while more and turn.wanted is not None:
                value, error = await self.thread(turn.wanted)
                more = self._slice(turn, value, error, monotonic())
            # What a turn was promised is its own until it ends.
            turn.promised = self._session.promised if more else 0
            self._session.promised = max((one.promised for one in self._going), default=0)
            lab.journal.group = 0
            # Another lab counts from its own beginning: what it did before it came is not ours.
            ops = lab.op - op if self._session.lab is lab else 0
            self._session.meter.worked(turn.kind, ops, monotonic() - began)
            if more:
                self._tell_progress(turn)
            else:
                self._going.remove(turn)
                self._session.meter.answered(turn.kind, turn.outcome)
                self._log(turn)
            self._worked()

    async def thread(self, work: Callable[[], Any]) -> tuple[Any, Exception | None]:
        """What `work` returns or raises in a thread; meanwhile the caller waits: one owner."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work), None
        except Exception as error:
            return None, error

    def _begin(self) -> None:
        """Move turns from asked to going: of each connection's ordered ones, one at a time."""
        ordered = {id(t.connection) for t in self._going if t.connection and not t.at_once}
        waiting: list[Turn] = []
        for turn in self._asked:
            if turn.connection is not None and not turn.at_once:
                if id(turn.connection) in ordered:
                    waiting.append(turn)
                    continue
                ordered.add(id(turn.connection))
            self._going.append(turn)
        self._asked = waiting

    def _slice(self, turn: Turn, value: Any, error: Exception | None, until: float) -> bool:
        try:
            return turn.go_on(value, error, until)
        except Exception:
            log(
                "command_failed",
                level=logging.ERROR,
                trace=True,
                session=self._session.ident,
                connection=turn.by,
                command=turn.kind,
                op=self._session.lab.op,
            )
            return False

    def _log(self, turn: Turn) -> None:
        log(
            "command",
            level=logging.DEBUG if turn.at_once else logging.INFO,
            session=self._session.ident,
            connection=turn.by,
            command=turn.kind,
            op=self._session.lab.op,
            outcome=turn.outcome,
        )

    def _tell_progress(self, turn: Turn) -> None:
        now = monotonic()
        if turn.connection is None or now < turn.told_at or turn.total <= 1:
            return
        turn.told_at = now + self._settings.progress_ms / 1000
        progress: Progress = {
            "type": "progress",
            "id": turn.ident,
            "done": turn.done,
            "total": turn.total,
            "counts": dict(turn.counts),
        }
        turn.connection.outbox.reply(progress)
