"""A session: the actor that owns one lab.

One task does everything that touches the lab: it takes turns from a bounded inbox, runs the
workload by the clock and cuts frames. Long work comes in slices, or in a thread while the task
waits, so the lab has a single owner and frames and other commands flow.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict
from time import monotonic
from typing import Any, Final

from backend.logs import log
from backend.problems import Problem, as_problem
from backend.protocol import messages
from backend.protocol.frames import RUNNING, STOPPED
from backend.protocol.messages import Json, Role
from backend.scenarios import Performance
from backend.sessions.connection import Connection
from backend.sessions.desk import Desk
from backend.sessions.history import History
from backend.sessions.jobs import Turn
from backend.sessions.keeper import Keeper, Kept
from backend.sessions.marks import Marks
from backend.sessions.meter import Meter
from backend.sessions.models import OwnModels
from backend.sessions.notes import Notes
from backend.sessions.outbox import GOING_AWAY, Outbox
from backend.sessions.pacing import RunClock, Ticker
from backend.sessions.source import ImportSource
from backend.sessions.stage import Shown, Stage
from backend.sessions.stating import check_message, hello, state
from backend.sessions.stream import Stream
from backend.sessions.undoing import Undoing
from backend.settings import Settings
from sim_core import Lab
from sim_core.lab import TURNS_MAX

_INLINE_OPS: Final = 2000  # operations that take less than a slice even with all writes logged
_SLICE_OPS: Final = 20_000  # and those of one trip to a thread
_SLICE_S: Final = 0.008  # a trip's time: four of them leave a frame its room
_SETTLED_S: Final = 0.25  # at another moment, before a walk
_CHECK_SHARE: Final = 20  # a walk of all pages takes at most one part in so many of the time

Admit = Callable[["Session", int], None]


class Session:
    """Args:
    ident: its name in addresses.
    lab: owned from now on.
    settings: its limits.
    pool: threads for long work.
    admit: asked before a lab of so many bytes replaces this one; raises BudgetError.
    instance: of the server.
    keeper: by whom it can be kept.
    source: the files the lab was laid out from.
    """

    def __init__(
        self,
        ident: str,
        lab: Lab,
        settings: Settings,
        pool: Executor,
        admit: Admit,
        instance: str,
        keeper: Keeper,
        source: ImportSource | None = None,
    ) -> None:
        self.ident = ident
        self.lab = lab
        self.settings = settings
        self.instance = instance
        self.source = source
        self.running = False
        self.connections: dict[int, Connection] = {}
        self.used_at = monotonic()
        self.meter = Meter()
        self.promised = 0
        """Bytes for a lab that is being built: others must not be given them meanwhile."""
        self._pool = pool
        self._admit = admit
        now = monotonic()
        self._clock = RunClock(settings.rate)
        self._ticker = Ticker(1 / settings.frames_per_second, now)
        self.history = History(lab, settings.history_rows_max, settings.marks_max)
        self._marks = Marks(settings.marks_ms / 1000)
        self._stream = Stream(settings.heartbeat_ms / 1000)
        self._wake = asyncio.Event()
        self._desk = Desk(self, settings, pool, lambda: self._watch(monotonic()))
        self._state_changed = False
        self._bug_told = False
        self._checked_op = lab.op
        self._check_at = now
        self._numbers = 0
        self._closing = False
        self.models = OwnModels(settings.models_max)
        self.undoing = Undoing()
        self.keeper = keeper
        self.kept: Kept | None = None
        self._acts = 0
        self.stage = Stage(settings.demonstration_step_ms / 1000)
        self._task: asyncio.Task[None] | None = None

    # --- from outside: never touches the lab ---

    @property
    def bytes_estimate(self) -> int:
        """Bytes that its labs take at worst, with full logs: one may be set aside."""
        return max(self.lab.config.estimate_bytes() + self.stage.bytes_aside, self.promised)

    def start(self) -> None:
        """Begin the one task."""
        self._task = asyncio.create_task(self._run(), name=f"session {self.ident}")

    def submit(self, turn: Turn) -> None:
        """Put a turn in the inbox; a full inbox answers `busy` at once."""
        if turn.uses:
            self.used_at = monotonic()
        if self._closing:
            turn.finish(Problem("not_found", f"Session {self.ident} is closed."))
        else:
            self._desk.put(turn)
            self._wake.set()

    async def call(
        self, kind: str, work: Callable[[Turn], Any], *, at_once: bool = False, uses: bool = True
    ) -> Json:
        """Have a turn of the service's own, or of HTTP, and wait for its result.

        Args:
            kind: for logs.
            work: as Turn has it.
            at_once: whether it only looks.
            uses: whether the session counts as used by it.

        Raises:
            Problem: what the turn answered.
        """
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def take(outcome: Json | Problem) -> None:
            if answer.done():
                return
            if isinstance(outcome, Problem):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)

        turn = Turn(kind, work, take, at_once=at_once, uses=uses)
        self.submit(turn)
        try:
            return await answer
        except asyncio.CancelledError:
            turn.cancel("The caller has gone")
            raise

    async def attach(self, role: Role) -> Connection:
        """A new connection: greeted, and with the whole zone's view streaming."""
        self._numbers += 1
        self.meter.connections += 1
        outbox = Outbox(self.settings, self._wake.set)
        connection = Connection(self._numbers, role, outbox, self.settings, monotonic())

        def greet(_: Turn) -> Json:
            self.connections[connection.number] = connection
            outbox.reply(hello(self, connection))
            outbox.reply(state(self))
            outbox.reply(self.history.message())
            self._stream.subscribe_default(connection, self.lab)
            self.state_changed()
            return {}

        await self.call("attach", greet, at_once=True)
        log(
            "connected",
            session=self.ident,
            op=self.lab.op,
            connection=connection.number,
            role=role,
        )
        return connection

    def detach(self, connection: Connection) -> None:
        """The connection is gone; what it had asked for and is not done stops."""
        self.used_at = monotonic()
        if self.connections.pop(connection.number, None) is None:
            return
        self.meter.merged += connection.outbox.merged
        for turn in self._desk.of(connection):
            turn.cancel("The connection is gone")
        self._stream.forget(connection)
        self.state_changed()
        log(
            "disconnected",
            session=self.ident,
            op=self.lab.op,
            connection=connection.number,
            merged=connection.outbox.merged,
        )

    async def close(self, text: str) -> None:
        """Tell everybody, close their sockets, stop."""
        self._closing = True
        # What was asked is answered before the goodbye: nothing follows that.
        self._desk.clear("The session is closed")
        self.broadcast(messages.notice("closing", text))
        for connection in self.connections.values():
            connection.outbox.close(GOING_AWAY, text)
        self._wake.set()
        if self._task is not None:
            await self._task

    # --- for handlers, inside a turn ---

    @property
    def rate(self) -> int | None:
        """Operations a second while running; None: as fast as it goes."""
        return self._clock.rate

    @rate.setter
    def rate(self, value: int | None) -> None:
        self._clock.set_rate(value, monotonic())
        self.state_changed()

    def set_running(self, running: bool) -> None:
        """Let the workload run, or not."""
        if running == self.running:
            return
        if running:
            self._clock.start(monotonic())
            self.stage.start(monotonic())
        self.running = running
        self.state_changed()

    def state_changed(self) -> None:
        """Have `state` sent with the next tick."""
        self._state_changed = True
        self._wake.set()

    def broadcast(self, message: Mapping[str, Any], but: Connection | None = None) -> None:
        """Send a message to everybody, encoded once."""
        text = messages.encode(message)
        for connection in self.connections.values():
            if connection is not but:
                connection.outbox.reply_text(text)

    def mark(self, mark: messages.Mark) -> None:
        """Remember a mark and send it."""
        self.history.mark(mark)
        self.broadcast(mark)

    def others_driving(self, turn: Turn) -> int:
        """Drivers connected besides the one whose turn it is."""
        return sum(
            1 for c in self.connections.values() if c.role == "driver" and c is not turn.connection
        )

    def turns_of(self, connection: Connection | None) -> list[Turn]:
        """What this connection has asked for and is not answered yet."""
        return self._desk.of(connection)

    def admit(self, estimate: int) -> None:
        """Check that a lab of so many bytes may take this one's place, and keep room for it.

        The room is kept while the turn builds it; then it is there, or is not.

        Raises:
            BudgetError: all labs together would need more than the budget.
        """
        self._admit(self, estimate + self.stage.bytes_aside)
        self.promised = estimate + self.stage.bytes_aside

    def replace(
        self,
        turn: Turn,
        lab: Lab,
        source: ImportSource | None,
        notice: messages.Notice,
        words: str,
        notes: Notes | None = None,
    ) -> None:
        """Put another lab in the place of this one, tell everybody, start all views anew.

        The old one is put away for undo. A demonstration ends with it, and so does what it had set
        aside.

        Args:
            words: what was done, as undo names it.
            notes: those that it takes over.
        """
        lab.journal.inherited = lab.op
        fresh = Shown.fresh(lab, source, self.settings, running=self.running)
        fresh.history.notes = notes or fresh.history.notes
        self.put(turn, fresh, notice, words)

    def put(self, turn: Turn, shown: Shown, notice: messages.Notice, words: str) -> None:
        """As replace, with what is known of the other lab already."""
        old = self.stage.clear() or self.shown()
        self.undoing.replaced(old.put_away(words))
        self.show(turn, shown, notice)

    def shown(self) -> Shown:
        """What is on show, to be set aside."""
        return Shown(self.lab, self.source, self.history, self._marks, self.running, self._bug_told)

    @property
    def own(self) -> Shown:
        """The session's own lab: while a demonstration is given, the one that was set aside."""
        return self.stage.aside or self.shown()

    def show(self, turn: Turn, shown: Shown, notice: messages.Notice) -> None:
        """Have this lab on show from now on."""
        lab = shown.lab
        self._desk.cancel_all_but(turn, "The lab was replaced")
        self._stream.new_lab(lab, self.lab, self.connections.values())
        self.lab = lab
        self.source = shown.source
        self.running = shown.running and lab.stopped is None
        self._clock.start(monotonic())
        self.stage.start(monotonic())
        self._bug_told = shown.bug_told
        self._checked_op = -1
        self.history = shown.history
        self._marks = shown.marks
        self.broadcast(notice, but=turn.connection)
        self.broadcast(state(self))
        self.broadcast(self.history.message())
        self._state_changed = False
        self._wake.set()

    def arrived(self) -> None:
        """The lab is at another moment of its time: what was known of the present is asked anew."""
        self._checked_op = -1
        # What the page asks about the new moment goes before a walk of all its pages.
        self._check_at = max(self._check_at, monotonic() + _SETTLED_S)
        self._bug_told = self.lab.stopped is not None
        self._follow()
        self.state_changed()

    def _follow(self) -> None:
        """The history is that of the branch; everybody gets it with another one."""
        if self.history.follow(self.lab):
            self.broadcast(self.history.message())
            self._state_changed = True

    @property
    def stream(self) -> Stream:
        """The views."""
        return self._stream

    # --- the one task ---

    async def _run(self) -> None:
        while not self._closing:
            await self._wait()
            try:
                await self._desk.work()
                # Nobody looks: then a slice a tick is fast enough.
                if self._flat_out and self.connections:
                    await self._run_slice()
                now = monotonic()
                if self._ticker.lateness(now) >= 0 and self._active(now):
                    late = self._ticker.lateness(now)
                    self._ticker.passed(now)
                    await self._tick(now, late)
            except Exception as error:
                # A mistake must not end the session: it is told of and the workload stops.
                log(
                    "mistake",
                    level=logging.ERROR,
                    trace=True,
                    session=self.ident,
                    op=self.lab.op,
                    error=type(error).__name__,
                )
                self.running = False
                self._state_changed = True
                self._ticker.passed(monotonic())

    async def _wait(self) -> None:
        if self._desk.busy or (self._flat_out and self.connections):
            await asyncio.sleep(0)
            return
        self._wake.clear()
        now = monotonic()
        loop = asyncio.get_running_loop()
        due = self._deadline(now)
        try:
            async with asyncio.timeout_at(None if due is None else loop.time() + due - now):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _deadline(self, now: float) -> float | None:
        """When the task must wake by itself."""
        if self._active(now):
            return self._ticker.next
        if not self.connections:
            return None
        due = self._stream.heartbeat_at
        if self._check_wanted():
            due = min(due, self._check_at)
        if self._marks.pending:
            due = min(due, now + self.settings.marks_ms / 1000)
        return due

    def _active(self, now: float) -> bool:
        """Whether there is something to do at the next tick."""
        if self.running or self._state_changed:
            return True
        if not self.connections:
            return False
        return (
            self._stream.wants(self.lab, self.connections.values(), now)
            or (self._check_wanted() and now >= self._check_at)
            or self._marks.pending
        )

    async def _tick(self, now: float, late: float) -> None:
        if self.running:
            await self._advance(now)
        self._watch(now)
        self._follow()
        self.history.take(self.lab)
        if self.lab.journal.acts != self._acts:
            self._acts = self.lab.journal.acts
            self._state_changed = True
        if self._state_changed:
            self._state_changed = False
            self.broadcast(state(self))
        for mark in self._marks.due(now):
            self.mark(mark)
        flags = (RUNNING if self.running else 0) | (STOPPED if self.lab.stopped else 0)
        self._stream.cut(self.lab, self.connections.values(), flags, now, max(0.0, late))
        if self.connections and self._check_wanted() and now >= self._check_at:
            await self._walk()

    async def _advance(self, now: float) -> None:
        if self.stage.performance is not None:
            self._advance_story(self.stage.performance, now)
            return
        if self._flat_out:
            if not self.connections:
                await self._run_slice()
            return
        n = min(self._clock.due(now), _SLICE_OPS)
        if n == 0:
            return
        if n > _INLINE_OPS:
            ran = await self._run_in_thread(n)
        else:
            began = monotonic()
            ran = self.lab.forward(n, self.settings.slice_ms / 1000).ops
            self.meter.operations["workload"].add(ran, monotonic() - began)
        self._clock.ran(ran, now)

    @property
    def _flat_out(self) -> bool:
        """Whether the workload runs as fast as it goes."""
        return self.running and self._clock.rate is None and self.stage.performance is None

    async def _run_slice(self) -> None:
        """As many turns as a slice has time for; others have theirs meanwhile, and after it."""
        await self._run_in_thread(TURNS_MAX)
        self._watch(monotonic())

    async def _run_in_thread(self, n: int) -> int:
        """Up to n turns within a slice, without the GIL; how many they were."""
        began = monotonic()
        summary, error = await self._desk.thread(lambda: self.lab.forward(n, _SLICE_S))
        if error is not None:
            raise error
        ran: int = summary.ops
        self.meter.operations["workload"].add(ran, monotonic() - began)
        return ran

    def _advance_story(self, performance: Performance, now: float) -> None:
        if self.stage.due(now):
            began, op = monotonic(), self.lab.op
            performance.step()
            self.meter.operations["workload"].add(self.lab.op - op, monotonic() - began)
            self._state_changed = True
        self.running = not performance.over

    def _watch(self, now: float) -> None:
        """What the last operations broke: identities as marks, a kernel BUG as a halt."""
        for mark in self._marks.add(self.lab.breaks(), now):
            self.mark(mark)
        if self.lab.stopped is not None and not self._bug_told:
            self._bug_told = True
            self.running = False
            text = self.lab.stopped
            self.mark(messages.mark(self.lab.op, "bug", text))
            self.broadcast(messages.notice("bug", text))
            self._state_changed = True
            log("bug", session=self.ident, op=self.lab.op, text=text)

    def _check_wanted(self) -> bool:
        # Amid an operation pages are between two places: a walk would take them for lost.
        return self.lab.op != self._checked_op and self.lab.timeline.whole

    async def _walk(self) -> None:
        began = monotonic()
        op = self.lab.op
        verdicts, error = await self._desk.thread(self.lab.check)
        if error is not None:
            raise as_problem(error)
        took = monotonic() - began
        self._checked_op = op
        self._check_at = monotonic() + max(self.settings.check_ms / 1000, took * _CHECK_SHARE)
        self.broadcast(check_message(op, [asdict(verdict) for verdict in verdicts]))
