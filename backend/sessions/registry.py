"""All sessions: how many, how much memory, how long unused. `default` is there from the start."""

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final

from backend.logs import log
from backend.problems import Problem
from backend.sessions.replacing import base_config
from backend.sessions.session import Session
from backend.sessions.source import ImportSource, config_for
from backend.settings import Settings
from sim_core import Lab, LabConfig
from sim_core.errors import BudgetError

DEFAULT: Final = "default"
_THREADS: Final = 4  # the long work of so many sessions at once; the rest waits
_SWEEP_S: Final = 30.0


class Registry:
    """Args:
    settings: the limits.
    source: files whose zone the default session runs, already laid out.
    """

    def __init__(self, settings: Settings, source: ImportSource | None = None) -> None:
        self.settings = settings
        self.instance = secrets.token_hex(8)
        self._source = source
        self._sessions: dict[str, Session] = {}
        self._building = 0
        self._promised = 0
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="lab")
        self._sweeper: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions.values()))

    async def open(self) -> None:
        """Make the default session and begin to look for idle ones.

        Raises:
            SimError: the settings describe no lab that can be built.
        """
        settings = self.settings
        if self._source is None:
            config = base_config(settings)
        else:
            config = config_for(self._source, settings.model, settings.seed, settings)
        session = await self._make(DEFAULT, config, self._source)
        # A visitor finds a zone that moves; a real zone is first shown as it was.
        session.set_running(settings.autorun and self._source is None)
        self._sweeper = asyncio.create_task(self._sweep(), name="sweeper")

    async def close(self, text: str) -> None:
        """Close every session and its sockets."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        sessions = tuple(self)
        self._sessions.clear()
        await asyncio.gather(*(session.close(text) for session in sessions))
        self._pool.shutdown(wait=False, cancel_futures=True)

    def get(self, ident: str) -> Session:
        """The session of that name.

        Raises:
            Problem: `not_found`.
        """
        session = self._sessions.get(ident)
        if session is None:
            raise Problem("not_found", f"There is no session {ident[:64]!r}.", field="id")
        return session

    async def create(self, config: LabConfig) -> Session:
        """A new session with a lab of its own.

        Raises:
            Problem: `budget`, too many sessions.
            BudgetError: too many bytes.
        """
        if len(self._sessions) + self._building >= self.settings.sessions_max:
            raise Problem(
                "budget",
                f"There are {self.settings.sessions_max} sessions already; delete one.",
                setting="sessions_max",
                estimate=self.settings.sessions_max + 1,
            )
        self._building += 1
        try:
            return await self._make(secrets.token_hex(6), config, None)
        finally:
            self._building -= 1

    async def delete(self, ident: str) -> None:
        """End a session.

        Raises:
            Problem: `not_found`, or `conflict` for the default session.
        """
        if ident == DEFAULT:
            raise Problem("conflict", "The default session stays; reset it instead.", field="id")
        session = self.get(ident)
        del self._sessions[ident]
        log("session_deleted", session=ident, op=session.lab.op)
        await session.close(f"Session {ident} was deleted.")

    def connections(self) -> int:
        """Sockets open in all sessions."""
        return sum(len(session.connections) for session in self)

    def admit(self, instead_of: Session | None, estimate: int) -> None:
        """Check that a lab of so many bytes fits beside those of the other sessions.

        Raises:
            BudgetError: it does not.
        """
        budget = self.settings.bytes_budget
        taken = self._promised + sum(s.bytes_estimate for s in self if s is not instead_of)
        if taken + estimate > budget:
            raise BudgetError(
                f"This needs up to {estimate} bytes (zone and log); other sessions have {taken} "
                f"of the {budget} that bytes_budget allows. Where there is the memory, start the "
                f"service with ZONESCOPE_BYTES_BUDGET={taken + estimate} or more.",
                estimate_bytes=estimate,
                budget_bytes=budget,
            )

    async def _make(self, ident: str, config: LabConfig, source: ImportSource | None) -> Session:
        estimate = config.estimate_bytes()
        self.admit(None, estimate)
        # Meanwhile nobody else may be given the same bytes.
        self._promised += estimate
        try:
            lab = await asyncio.get_running_loop().run_in_executor(
                self._pool, lambda: source.lab(config) if source else Lab(config)
            )
        finally:
            self._promised -= estimate
        session = Session(ident, lab, self.settings, self._pool, self.admit, self.instance, source)
        self._sessions[ident] = session
        session.start()
        log(
            "session_created",
            session=ident,
            op=lab.op,
            model=config.model_name,
            pages=config.spanned_pages,
            bytes=session.bytes_estimate,
        )
        return session

    async def _sweep(self) -> None:
        """Delete sessions that nobody has used for long."""
        idle_s = self.settings.session_idle_s
        while True:
            await asyncio.sleep(min(_SWEEP_S, idle_s / 4))
            now = monotonic()
            for session in self:
                unused = not session.connections and now - session.used_at > idle_s
                if unused and session.ident != DEFAULT and session.ident in self._sessions:
                    del self._sessions[session.ident]
                    log("session_expired", session=session.ident, op=session.lab.op)
                    await session.close(f"Session {session.ident} was idle for {idle_s} seconds.")
