"""What undo goes back to, and what it has left behind for redo: places in the lab's time, and labs
that others took the place of.
"""

from dataclasses import dataclass
from typing import Final

from backend.sessions.history import History
from backend.sessions.marks import Marks
from backend.sessions.source import ImportSource
from sim_core import Lab
from sim_core.packed import Packed

LABS_MAX: Final = 16
ENTRIES_MAX: Final = 200_000
"""Labs put away, and what was asked of all of them; of more the oldest is gone."""


@dataclass(frozen=True)
class Left:
    """A place from which somebody undid something, and what that was."""

    branch: int
    op: int
    words: str


@dataclass(frozen=True)
class PutAway:
    """A lab that another took the place of, with all that belongs to it.

    Attributes:
        words: why.
    """

    packed: Packed
    source: ImportSource | None
    history: History
    marks: Marks
    words: str


class Undoing:
    """Labs before the present one and after it, and places that undo left in the present one.

    The next thing that a person does ends what could be done again.
    """

    def __init__(self) -> None:
        self._before: list[PutAway] = []
        self._after: list[PutAway] = []
        self._left: list[Left] = []
        self._of: tuple[Lab, int] | None = None

    def leave(self, lab: Lab, left: Left) -> None:
        """An undo goes from here."""
        self._fresh(lab)
        self._left.append(left)

    def take(self, lab: Lab) -> Left | None:
        """Where a redo goes within this lab, from now on the one after it."""
        self._fresh(lab)
        return self._left.pop() if self._left else None

    def replaced(self, lab: PutAway) -> None:
        """A person had another lab take this one's place."""
        self._before = [*self._before, lab][-LABS_MAX:]
        while sum(kept.packed.journal.kept for kept in self._before) > ENTRIES_MAX:
            self._before.pop(0)
        self._after, self._left, self._of = [], [], None

    def lab_before(self) -> PutAway | None:
        """The one that an undo would bring back, when the present one has nothing to undo."""
        return self._before[-1] if self._before else None

    def lab_after(self, lab: Lab) -> PutAway | None:
        """The one that a redo would bring back."""
        self._fresh(lab)
        return self._after[-1] if self._after and not self._left else None

    def went_before(self, present: PutAway, lab: Lab) -> None:
        """The lab before is on show now, as `lab`."""
        self._before.pop()
        self._after.append(present)
        self._left, self._of = [], (lab, lab.journal.acts)

    def went_after(self, present: PutAway, lab: Lab) -> None:
        """The lab after is on show now, as `lab`."""
        self._after.pop()
        self._before.append(present)
        self._left, self._of = [], (lab, lab.journal.acts)

    def undo_words(self, act: str | None) -> str | None:
        """What an undo would undo; None: there is nothing."""
        before = self.lab_before()
        return act or (before.words if before else None)

    def redo_words(self, lab: Lab) -> str | None:
        """What a redo would do again; None: there is nothing."""
        self._fresh(lab)
        if self._left:
            return self._left[-1].words
        return self._after[-1].words if self._after else None

    def _fresh(self, lab: Lab) -> None:
        of = (lab, lab.journal.acts)
        if self._of is None or self._of[0] is not lab or self._of[1] != of[1]:
            self._left, self._after = [], []
        self._of = of
