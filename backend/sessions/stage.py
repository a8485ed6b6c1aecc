"""What a session shows when it gives a demonstration, and what it has set aside meanwhile."""

from dataclasses import dataclass

from backend.protocol.messages import DemonstrationState
from backend.scenarios import Performance
from backend.sessions.history import History
from backend.sessions.marks import Marks
from backend.sessions.source import ImportSource
from backend.sessions.undoing import PutAway
from backend.settings import Settings
from sim_core import Lab
from sim_core.packed import Packed


@dataclass(frozen=True)
class Shown:
    """A lab on show, with all that belongs to it.

    Attributes:
        lab: the lab.
        source: the files it was laid out from, if any.
        history: its counters so far, and its marks.
        marks: what is told of its identities, and what waits to be.
        running: whether its workload ran.
        bug_told: whether the kernel BUG that stopped it was told of.
    """

    lab: Lab
    source: ImportSource | None
    history: History
    marks: Marks
    running: bool
    bug_told: bool

    @classmethod
    def fresh(
        cls, lab: Lab, source: ImportSource | None, settings: Settings, *, running: bool
    ) -> "Shown":
        """A lab of which nothing was told yet."""
        history = History(lab, settings.history_rows_max, settings.marks_max)
        return cls(lab, source, history, Marks(settings.marks_ms / 1000), running, bug_told=False)

    def put_away(self, words: str) -> PutAway:
        """It without its node, to be brought back by undo or redo; amid an operation as if over.

        Args:
            words: why, as undo names it.
        """
        self.history.of(None)
        return PutAway(Packed.of(self.lab), self.source, self.history, self.marks, words)


class Stage:
    """Empty, or with a demonstration on it.

    Args:
        step_s: seconds from one step to the next while it plays.
    """

    def __init__(self, step_s: float) -> None:
        self.performance: Performance | None = None
        self.aside: Shown | None = None
        self._step_s = step_s
        self._next = 0.0

    @property
    def bytes_aside(self) -> int:
        """Bytes that the lab set aside takes at worst."""
        return self.aside.lab.config.estimate_bytes() if self.aside else 0

    def put(self, performance: Performance, shown: Shown) -> None:
        """Begin a demonstration; what was set aside for one before it stays aside."""
        self.aside = self.aside or shown
        self.performance = performance

    def clear(self) -> Shown | None:
        """End it; what is to be shown again."""
        aside, self.aside, self.performance = self.aside, None, None
        return aside

    def start(self, now: float) -> None:
        """The reader has the zone before the story for as long as a step."""
        self._next = now + self._step_s

    def due(self, now: float) -> bool:
        """Whether the next step is to be taken now."""
        if now < self._next:
            return False
        self._next = now + self._step_s
        return True

    def state(self) -> DemonstrationState | None:
        """As `state` carries it."""
        performance = self.performance
        if performance is None:
            return None
        return {
            "name": performance.name,
            "geometry": performance.geometry,
            "blocks": list(performance.blocks),
            "look": performance.look,
            "steps": [step.say for step in performance.steps],
            "results": [result.told() for result in performance.results],
            "over": performance.over,
            "touched": performance.touched,
        }
