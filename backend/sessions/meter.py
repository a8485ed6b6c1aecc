"""What a session has done so far, for whoever watches the service: sums that only grow."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

By = Literal["workload", "command"]
"""Who had the operations run."""

_NOT_ANSWERED: Final = "internal"


@dataclass
class Spent:
    """So many of something, and the seconds that they took together."""

    count: int = 0
    seconds: float = 0.0

    def add(self, count: int, seconds: float) -> None:
        """Count some more."""
        self.count += count
        self.seconds += seconds


@dataclass
class Meter:
    """The sums of one session.

    Attributes:
        operations: of the lab, by who had them run.
        commands: by type, with the seconds at work on them (not those spent waiting).
        outcomes: (type, outcome) -> how many; an outcome is "done" or a problem's code.
        merged: frames that gave way to newer ones, of the connections that are gone.
        connections: ever opened.
    """

    operations: dict[By, Spent] = field(
        default_factory=lambda: {"workload": Spent(), "command": Spent()}
    )
    commands: dict[str, Spent] = field(default_factory=dict)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    merged: int = 0
    connections: int = 0

    def worked(self, kind: str, ops: int, seconds: float) -> None:
        """A slice of a command is done; it became so many operations."""
        self.commands.setdefault(kind, Spent()).seconds += seconds
        if ops > 0:
            self.operations["command"].add(ops, seconds)

    def answered(self, kind: str, outcome: str | None) -> None:
        """A command is answered."""
        self.commands.setdefault(kind, Spent()).count += 1
        self.outcomes[kind, outcome or _NOT_ANSWERED] += 1
