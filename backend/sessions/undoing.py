"""What undo has left behind, for redo: it ends with the next thing that a person does."""

from dataclasses import dataclass

from sim_core import Lab


@dataclass(frozen=True)
class Left:
    """A place from which somebody undid something, and what that was."""

    branch: int
    op: int
    words: str


class Undoing:
    """The places of one lab, the last one first to be gone to."""

    def __init__(self) -> None:
        self._left: list[Left] = []
        self._of: tuple[Lab, int] | None = None

    def leave(self, lab: Lab, left: Left) -> None:
        """An undo goes from here."""
        self._fresh(lab)
        self._left.append(left)

    def take(self, lab: Lab) -> Left | None:
        """Where a redo goes, from now on the one after it."""
        self._fresh(lab)
        return self._left.pop() if self._left else None

    def words(self, lab: Lab) -> str | None:
        """What a redo would do again; None: there is nothing."""
        self._fresh(lab)
        return self._left[-1].words if self._left else None

    def _fresh(self, lab: Lab) -> None:
        of = (lab, lab.journal.acts)
        if self._of is None or self._of[0] is not lab or self._of[1] != of[1]:
            self._left = []
        self._of = of
