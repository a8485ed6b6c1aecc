"""Keeps named sessions: what is new of each is written once a second, and before it goes."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from backend.keeping import KeptRow, Loaded, Store
from backend.logs import log
from backend.problems import Problem, as_problem
from backend.protocol.keeping import checked_name
from backend.sessions.document import to_rows
from backend.sessions.snapshot import Snapshot, Written, snapshot

if TYPE_CHECKING:
    from backend.sessions.session import Session

T = TypeVar("T")


@dataclass(eq=False)
class Kept:
    """How a session is kept.

    Attributes:
        name: under which.
        key: the store's.
        written: how far.
        trouble: why it could not be written lately.
        writing: held while it is.
    """

    name: str
    key: int
    written: Written
    trouble: str | None = None
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Keeper:
    """Args:
    store: where to; None: nothing is kept.
    why_not: why there is none.
    every_s: seconds from one writing to the next.
    """

    def __init__(self, store: Store | None, why_not: str, every_s: float) -> None:
        self._store = store
        self._why_not = why_not
        self._every_s = every_s
        # The store is used by this thread alone.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._names = {row.name for row in store.list()} if store else set()
        self._task: asyncio.Task[None] | None = None
        self._sessions: Callable[[], Iterable[Session]] = tuple

    def start(self, sessions: Callable[[], "Iterable[Session]"]) -> None:
        """Begin to write what is new of these."""
        self._sessions = sessions
        if self._store is not None:
            self._task = asyncio.create_task(self._run(), name="keeper")

    async def close(self) -> None:
        """Write what is waiting, and let go of the file."""
        if self._task is not None:
            self._task.cancel()
        store, self._store = self._store, None
        if store is not None:
            await asyncio.wrap_future(self._thread.submit(store.close))
        self._thread.shutdown(wait=False)

    @property
    def off(self) -> str | None:
        """Why nothing can be kept; None: it can."""
        return None if self._store else self._why_not

    def knows(self, name: str) -> bool:
        """Whether a session is kept under that name."""
        return name in self._names

    def live(self, name: str) -> "Session | None":
        """The session that is going on under that name."""
        return next(
            (one for one in self._sessions() if one.kept is not None and one.kept.name == name),
            None,
        )

    # ---- within a session's turn ----

    def check_free(self, session: "Session", name: str) -> None:
        """May this session be kept under that name, as far as one can see at once?

        Raises:
            Problem: it may not.
        """
        self._there()
        checked_name(name)
        if any(one.ident == name and one is not session for one in self._sessions()):
            raise Problem(
                "conflict",
                f"Another session is called {name!r}.",
                field="name",
                allowed="a name that no other has",
            )

    def begin(self, name: str, shot: Snapshot) -> Kept:
        """Keep a session from now on. For a thread: it waits for the store.

        Raises:
            Problem: the name is taken, or there is no room.
        """
        store = self._there()
        key = self._thread.submit(lambda: store.create(name, to_rows(shot))).result()
        self._names.add(name)
        return Kept(name, key, shot.written)

    def write(self, kept: Kept, shot: Snapshot) -> None:
        """Write what is new once more. For a thread: it waits for the store.

        Raises:
            Problem: there is no room.
        """
        store = self._there()
        self._thread.submit(lambda: store.save(kept.key, to_rows(shot))).result()
        kept.written = shot.written

    # ---- of the service ----

    async def list(self) -> list[KeptRow]:
        """All that are kept."""
        store = self._there()
        return await self._do(store.list)

    async def load(self, name: str) -> Loaded:
        """One of them.

        Raises:
            Problem: there is none of that name.
        """
        store = self._there()
        return await self._do(lambda: store.load(name))

    async def copy(self, name: str, to: str) -> None:
        """The same under another name, as it is now.

        Raises:
            Problem: the other name is taken, or there is no room.
        """
        store = self._there()
        session = self.live(name)
        if session is not None:
            await self.save(session)
        if any(one.ident == to for one in self._sessions()):
            raise Problem("conflict", f"Another session is called {to!r}.", field="to")
        await self._do(lambda: store.copy(name, to))
        self._names.add(to)

    async def delete(self, name: str) -> None:
        """Keep it no longer; if it is going on, it goes on.

        Raises:
            Problem: there is none of that name.
        """
        store = self._there()
        await self._do(lambda: store.delete(name))
        self._names.discard(name)
        session = self.live(name)
        if session is not None:
            session.kept = None
            session.state_changed()

    async def save(self, session: "Session") -> bool:
        """Write what is new of a session; whether all of it is safe now."""
        kept = session.kept
        if kept is None or self._store is None:
            return True
        async with kept.writing:
            try:
                await self._save(session, kept, self._store)
            except Exception as error:
                self._tell(session, kept, as_problem(error))
                return False
        return True

    async def _save(self, session: "Session", kept: Kept, store: Store) -> None:
        answer = await session.call(
            "save", lambda _: {"new": snapshot(session, kept.written)}, at_once=True, uses=False
        )
        shot: Snapshot | None = answer["new"]
        if shot is not None and session.kept is kept:
            there = await self._do(lambda: store.save(kept.key, to_rows(shot)))
            if not there and session.kept is kept:
                session.kept = None
                session.state_changed()
            kept.written = shot.written
        if kept.trouble is not None:
            kept.trouble = None
            session.state_changed()

    def _tell(self, session: "Session", kept: Kept, problem: Problem) -> None:
        """Once, until it is another or over."""
        if problem.code in ("busy", "not_found", "cancelled"):
            return
        if kept.trouble != str(problem):
            kept.trouble = str(problem)
            log(
                "not_kept",
                level=logging.ERROR,
                session=session.ident,
                name=kept.name,
                reason=kept.trouble,
            )
            session.state_changed()

    async def _run(self) -> None:
        saving: set[asyncio.Task[bool]] = set()
        while True:
            await asyncio.sleep(self._every_s)
            for session in self._sessions():
                # One that has no time just now, or much to write, holds up no other.
                if session.kept is not None and not session.kept.writing.locked():
                    task = asyncio.create_task(self.save(session))
                    saving.add(task)
                    task.add_done_callback(saving.discard)

    async def _do(self, work: Callable[[], T]) -> T:
        future: Future[T] = self._thread.submit(work)
        return await asyncio.wrap_future(future)

    def _there(self) -> Store:
        if self._store is None:
            raise Problem(
                "conflict",
                f"No session is kept by this service: {self._why_not}.",
                setting="store",
            )
        return self._store
