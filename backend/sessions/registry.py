"""All sessions: how many, how much memory, how long unused. `default` is there from the start; one
that is kept is opened again when somebody asks for it by its name.
"""

import asyncio
import logging
import secrets
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

from backend.logs import log
from backend.problems import Problem
from backend.protocol.keeping import RESERVED as DEFAULT
from backend.sessions.document import Stood, from_rows, unreadable
from backend.sessions.jobs import Pause
from backend.sessions.keeper import Keeper, Kept
from backend.sessions.opening import opened
from backend.sessions.replacing import base_config
from backend.sessions.session import Session
from backend.sessions.snapshot import written_of
from backend.sessions.source import ImportSource, config_for
from backend.sessions.stage import Shown
from backend.settings import Settings
from sim_core import Lab, LabConfig
from sim_core.errors import BudgetError

_THREADS: Final = 4  # the long work of so many sessions at once; the rest waits
_SWEEP_S: Final = 30.0


class Registry:
    """Args:
    settings: the limits.
    keeper: keeps those that have a name.
    source: files whose zone the default session runs, already laid out.
    """

    def __init__(
        self, settings: Settings, keeper: Keeper, source: ImportSource | None = None
    ) -> None:
        self.settings = settings
        self.keeper = keeper
        self.instance = secrets.token_hex(8)
        self._source = source
        self._sessions: dict[str, Session] = {}
        self._opening: dict[str, asyncio.Task[Session]] = {}
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
        self.keeper.start(lambda: self)

    async def close(self, text: str) -> None:
        """Close every session and its sockets; what is kept is written first."""
        for task in (self._sweeper, *self._opening.values()):
            if task is not None:
                task.cancel()
        sessions = tuple(self)
        await asyncio.gather(*(self.keeper.save(session) for session in sessions))
        self._sessions.clear()
        await asyncio.gather(*(session.close(text) for session in sessions))
        await self.keeper.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def find(self, name: str) -> Session:
        """The session of that name or ident; one that is kept and not going on is opened.

        Raises:
            Problem: `not_found`; or it cannot be opened, for what reason.
            BudgetError: there are not enough bytes left.
        """
        keeper = self.keeper
        session = keeper.live(name)
        if session is None and not keeper.knows(name):
            session = self._sessions.get(name)
            if session is None:
                raise Problem("not_found", f"There is no session {name[:64]!r}.", field="id")
        if session is not None:
            return session
        task = self._opening.get(name)
        if task is None:
            task = asyncio.create_task(self._open_kept(name), name=f"open {name}")
            self._opening[name] = task
            task.add_done_callback(lambda task: self._is_open(name, task))
        # Who has asked first may go: others wait for it too.
        return await asyncio.shield(task)

    async def create(self, config: LabConfig) -> Session:
        """A new session with a lab of its own.

        Raises:
            Problem: `budget`, too many sessions.
            BudgetError: too many bytes.
        """
        with self._place():
            return await self._make(secrets.token_hex(6), config, None)

    async def delete(self, ident: str) -> None:
        """End a session; if it is kept, it can be opened again.

        Raises:
            Problem: `not_found`, or `conflict` for the default session.
        """
        session = self.keeper.live(ident) or self._sessions.get(ident)
        if session is None:
            raise Problem("not_found", f"There is no session {ident[:64]!r}.", field="id")
        if session.ident == DEFAULT:
            raise Problem("conflict", "The default session stays; reset it instead.", field="id")
        await self._end(session, "session_deleted", f"Session {ident} was deleted.")

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
        with self._promise(config.estimate_bytes()):
            lab = await asyncio.get_running_loop().run_in_executor(
                self._pool, lambda: source.lab(config) if source else Lab(config)
            )
        session = self._session(ident, lab, source)
        self._begin(session, "session_created")
        return session

    async def _open_kept(self, name: str) -> Session:
        loop, settings = asyncio.get_running_loop(), self.settings
        with self._place():
            loaded = await self.keeper.load(name)
            try:
                stood: Stood = await loop.run_in_executor(
                    self._pool, lambda: from_rows(name, loaded, settings)
                )
            except Exception as error:
                raise unreadable(name, error) from error
            with self._promise(stood.config.estimate_bytes()):
                shown = await self._driven(opened(stood, settings))
            ident = secrets.token_hex(6) if name in self._sessions else name
            session = self._session(ident, shown.lab, shown.source)
            session.history = shown.history
            for model in stood.models:
                session.models.save(model)
            session.kept = Kept(name, loaded.key, written_of(session))
            self._begin(session, "session_opened")
        return session

    def _is_open(self, name: str, task: asyncio.Task[Session]) -> None:
        self._opening.pop(name, None)
        if not task.cancelled() and task.exception() is not None:
            log("not_opened", level=logging.WARNING, name=name, reason=str(task.exception()))

    async def _driven(self, work: Generator[Pause, Any, Shown]) -> Shown:
        """Work that comes in pieces, each in a thread, where no session's turn is there for it."""
        loop = asyncio.get_running_loop()
        value: Any = None
        error: Exception | None = None
        while True:
            try:
                wanted = work.send(value) if error is None else work.throw(error)
            except StopIteration as end:
                shown: Shown = end.value
                return shown
            value = error = None
            if wanted is not None:
                try:
                    value = await loop.run_in_executor(self._pool, wanted)
                except Exception as failure:
                    error = failure

    def _session(self, ident: str, lab: Lab, source: ImportSource | None) -> Session:
        return Session(
            ident,
            lab,
            self.settings,
            self._pool,
            self.admit,
            self.instance,
            self.keeper,
            source,
        )

    def _begin(self, session: Session, event: str) -> None:
        self._sessions[session.ident] = session
        session.start()
        config = session.lab.config
        log(
            event,
            session=session.ident,
            op=session.lab.op,
            model=config.model_name,
            pages=config.spanned_pages,
            bytes=session.bytes_estimate,
        )

    async def _end(self, session: Session, event: str, text: str) -> None:
        """What is kept of it is written first; it goes even if that fails."""
        await self.keeper.save(session)
        if self._sessions.pop(session.ident, None) is not None:
            log(event, session=session.ident, op=session.lab.op)
            await session.close(text)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among the sessions, for one that is being made.

        Raises:
            Problem: `budget`, there are too many.
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
            yield
        finally:
            self._building -= 1

    @contextmanager
    def _promise(self, estimate: int) -> Iterator[None]:
        """Bytes for a lab that is being made: meanwhile nobody else may be given the same.

        Raises:
            BudgetError: there are not so many.
        """
        self.admit(None, estimate)
        self._promised += estimate
        try:
            yield
        finally:
            self._promised -= estimate

    async def _sweep(self) -> None:
        """Delete sessions that nobody has used for long."""
        idle_s = self.settings.session_idle_s
        while True:
            await asyncio.sleep(min(_SWEEP_S, idle_s / 4))
            now = monotonic()
            for session in self:
                unused = not session.connections and now - session.used_at > idle_s
                if not unused or session.ident == DEFAULT:
                    continue
                # One that cannot be written now would be lost: it stays until it can.
                if await self.keeper.save(session) and not session.connections:
                    text = f"Session {session.ident} was idle for {idle_s} seconds."
                    await self._end(session, "session_expired", text)
