"""One episode: a fresh zone, a random program on it, and what must hold after each of its calls."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.soak.program import Call, Drawing, build, perform
from tests.soak.shapes import SHAPES, Shape

OPERATIONS = 4000
"""Of an episode, unless a BUG ends it: long enough to wear a zone out, short enough to be told."""

NAMES = _read.IDENTITY_NAMES
I6 = NAMES.index("I6")
KEPT = len(NAMES) - 2
"""The identities before I5_full are judged without a walk too, by lengths and strays as kept."""


class BrokenError(AssertionError):
    """What must hold under every model does not."""


@dataclass(frozen=True)
class Setting:
    """All that an episode follows from."""

    model: str
    seed: int
    number: int

    @property
    def shape_name(self) -> str:
        return list(SHAPES)[self.number // 2 % len(SHAPES)]

    @property
    def shape(self) -> Shape:
        return SHAPES[self.shape_name]

    @property
    def live(self) -> bool:
        """Every shape in turn, booted live and bare."""
        return self.number % 2 == 0

    def node(self) -> Node:
        return build(self.model, self.shape, self.number + 1, self.live)

    def calls(self, node: Node) -> Iterator[Call]:
        """The episode's program, each call drawn from the node as the last one left it."""
        draw = random.Random(f"{self.seed}/{self.model}/{self.number}")
        drawing = Drawing(node, self.shape, self.live, draw)
        while True:
            yield drawing.call()


@dataclass
class Tally:
    """What episodes were made of."""

    episodes: int = 0
    operations: int = 0
    bugs: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    """Calls after which an identity did not hold: what the models are about, no fault."""

    def add(self, other: Tally) -> None:
        """Count another one in."""
        self.episodes += other.episodes
        self.operations += other.operations
        self.bugs += other.bugs
        self.calls += other.calls
        self.refused += other.refused
        self.broken += other.broken


def check(node: Node) -> list[str]:
    """The identities that do not hold.

    Raises:
        BrokenError: a page is in no account or in two, or what is kept along is not what a walk
            over every page finds.
    """
    kept = _read.judged(node)
    walked = _read.check(node)
    holds = [verdict[0] for verdict in walked]
    if not holds[I6]:
        raise BrokenError(f"a page is lost: {walked[I6]}")
    if kept[:KEPT] != holds[:KEPT]:
        raise BrokenError(f"kept {kept[:KEPT]}, a walk finds {holds[:KEPT]}")
    return [name for name, held in zip(NAMES, holds, strict=True) if not held]


def play(node: Node, calls: Iterable[Call], operations: int, tally: Tally) -> None:
    """Make the calls until so many operations ran, and check the node after each.

    Raises:
        BrokenError: see `check`; also if a refused call was counted as an operation.
    """
    first = before = _read.op_of(node)
    for call in calls:
        going = perform(node, call)
        tally.calls[call[0]] += 1
        if going is None:
            tally.refused[call[0]] += 1
            if _read.op_of(node) != before:
                raise BrokenError("a refused call was an operation")
        elif not going:
            tally.bugs += 1
            break
        tally.broken.update(check(node))
        before = _read.op_of(node)
        if before >= first + operations:
            break
    tally.episodes += 1
    tally.operations += _read.op_of(node) - first
