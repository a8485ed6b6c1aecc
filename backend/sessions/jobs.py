"""A command on its way through a session: asked, begun, going on in slices, answered.

A handler is a plain function. One that takes longer is a generator: at each `yield None` others may
have their turn, and `yield function` has the function run in a thread and gets what it returns.
The session's one task drives them all, so whatever they do to the lab is done by its single owner.
"""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from backend.problems import Problem, as_problem
from backend.protocol.messages import Json

if TYPE_CHECKING:
    from backend.sessions.connection import Connection

Pause = Callable[[], Any] | None
Steps = Generator[Pause, Any, Json]
Answer = Callable[[Json | Problem], None]


@dataclass(eq=False)
class Turn:
    """One command's turn at the lab.

    Attributes:
        kind: the command's type, for logs.
        work: gives the result, or the generator that will.
        answer: takes the result or the problem, exactly once.
        connection: who asked; None for HTTP and the service itself.
        ident: the command's id.
        at_once: whether it may overtake what the same connection asked before.
        uses: whether it keeps the session from expiring.
        promised: bytes for a lab that it is building.
        done, total, counts: how far it has come, for progress.
        outcome: "done" or the problem's code, once it is answered.
        number: no two turns have the same: what one asked for is undone together.
    """

    kind: str
    work: "Callable[[Turn], Json | Steps]"
    answer: Answer
    connection: "Connection | None" = None
    ident: int | None = None
    at_once: bool = False
    uses: bool = True
    promised: int = 0
    done: int = 0
    total: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    cancelled: str | None = None
    steps: Steps | None = None
    wanted: Callable[[], Any] | None = None
    outcome: str | None = None
    told_at: float = 0.0
    number: int = field(default_factory=count(1).__next__)

    @property
    def by(self) -> int:
        """The number of the connection that asked; 0 for HTTP."""
        return self.connection.number if self.connection else 0

    def cancel(self, why: str) -> None:
        """Stop at the next pause."""
        self.cancelled = self.cancelled or why

    def finish(self, outcome: Json | Problem) -> None:
        """Give the answer; only the first counts."""
        if self.outcome is None:
            self.outcome = outcome.code if isinstance(outcome, Problem) else "done"
            self.answer(outcome)

    def go_on(self, value: Any, error: Exception | None, until: float) -> bool:
        """Work until the time is up, a thread is wanted (`wanted`) or all is done.

        Args:
            value: what the thread returned that was wanted last.
            error: what it raised instead.
            until: end of the slice, as time.monotonic tells it.

        Returns:
            Whether there is more to do.
        """
        self.wanted = None
        try:
            if self.cancelled:
                raise Problem("cancelled", self._cancellation())
            if self.steps is None:
                outcome = self.work(self)
                if isinstance(outcome, dict):
                    self.finish(outcome)
                    return False
                self.steps = outcome
            return self._drive(self.steps, value, error, until)
        except StopIteration as end:
            self.finish(end.value)
        except Exception as failure:
            if self.steps is not None:
                self.steps.close()
            problem = as_problem(failure)
            self.finish(problem)
            if problem.code == "internal":
                raise
        return False

    def _drive(self, steps: Steps, value: Any, error: Exception | None, until: float) -> bool:
        """Step on until the slice is over; StopIteration carries the result."""
        while True:
            self.wanted = steps.send(value) if error is None else steps.throw(error)
            value = error = None
            if self.wanted is not None or self.cancelled or time.monotonic() >= until:
                return True

    def _cancellation(self) -> str:
        so_far = f" after {self.done} of {self.total}" if self.total else ""
        return f"{self.cancelled}{so_far}. What was done stays done."


def drive(way: Iterator[None]) -> Generator[Pause, Any, Any]:
    """Work that comes in pieces, each in a thread, others having their turn between two; what it
    ends with.
    """
    ended, value = yield partial(_next, way)
    while not ended:
        yield None
        ended, value = yield partial(_next, way)
    return value


def _next(way: Iterator[None]) -> tuple[bool, Any]:
    """(whether the way has ended, what with)."""
    try:
        next(way)
    except StopIteration as end:
        return True, end.value
    return False, None
