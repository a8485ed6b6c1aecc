"""One call on the core and on the slow reference, and what comes of it on both.

What differs is told with the calls that led to it, in words that can be typed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.reference import KernelBug, Refused

ENDS = {-16: "-EBUSY", -11: "-EAGAIN", -12: "-ENOMEM", -4: "-EINTR", -900: "HUNG"}
"""What the reference calls numbers that the core returns."""


class Beside(ABC):
    """The core's node, with a reference beside it that the heir knows.

    Args:
        node: the core's.
        made: how both were made.
    """

    def __init__(self, node: Node, made: str) -> None:
        self.node = node
        self.program = [made]
        self.stopped = False
        self.bug = ""
        """Why the reference stopped."""

    @abstractmethod
    def compare(self) -> None:
        """Claim of everything that can be seen that it is the same."""

    def both(
        self, words: str, core: Callable[[], object], reference: Callable[[], object]
    ) -> object:
        """One operation on each; the reference's result."""
        self.program.append(words)
        before = _read.digest(self.node)
        wanted: object
        try:
            wanted = reference()
        except Refused:
            wanted = "refused"
        except KernelBug as bug:
            wanted = "BUG"
            self.bug = str(bug)
        got: object
        try:
            got = core()
        except RefusedError as error:
            got = "refused"
            self.claim("field named", bool(error.field), True)
            self.claim("state after a refusal", _read.digest(self.node), before)
        if isinstance(got, int) and got <= -1000:
            self.claim("stopped", _read.stopped(self.node), -got)
            got = "BUG"
            self.stopped = True
        self.claim("result", ENDS.get(got, got) if isinstance(got, int) else got, wanted)
        self.compare()
        return wanted

    def claim(self, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            program = "\n".join(f"  {line}" for line in self.program)
            raise AssertionError(f"{what}: core {got!r}, reference {wanted!r}, after\n{program}")
