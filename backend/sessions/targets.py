"""Commands on many blocks or pages: which they mean, one after the other, and the tally."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from backend.problems import Problem
from backend.protocol.messages import Json
from backend.sessions.jobs import Steps, Turn
from backend.settings import Wire
from sim_core import Lab
from sim_core.errors import RefusedError, StoppedError
from sim_core.lab import BlockOutcome, Outcome


@dataclass(frozen=True)
class Blocks:
    """Pageblocks, ascending, none twice, as ranges: a huge zone costs no more than a small one."""

    ranges: tuple[range, ...]

    @property
    def total(self) -> int:
        """How many."""
        return sum(len(r) for r in self.ranges)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.ranges)


def blocks_of(lab: Lab, items: Sequence[int | list[int]]) -> Blocks:
    """The blocks that a command names.

    Raises:
        Problem: a block that the zone does not have, or a range that runs backward.
    """
    last_block = lab.nr_pageblocks - 1
    allowed = f"0 to {last_block}"
    pairs = []
    for index, item in enumerate(items):
        first, last = (item, item) if isinstance(item, int) else (item[0], item[1])
        name = f"blocks[{index}]"
        if first > last:
            raise Problem(
                "invalid", f"{name}: {first} comes after {last}.", field=name, allowed="first, last"
            )
        if last > last_block:
            raise Problem(
                "invalid", f"{name}: the zone has no pageblock {last}.", field=name, allowed=allowed
            )
        pairs.append((first, last))
    merged: list[range] = []
    for first, last in sorted(pairs):
        if merged and first <= merged[-1].stop:
            merged[-1] = range(merged[-1].start, max(merged[-1].stop, last + 1))
        else:
            merged.append(range(first, last + 1))
    return Blocks(tuple(merged))


@dataclass
class Tally:
    """What became of a command on many things.

    Attributes:
        unit: "block" or "pfn".
        frees: whether what was freed is told too.
    """

    unit: str
    frees: bool = False
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[Json] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def add(self, number: int, outcome: Outcome | BlockOutcome) -> None:
        """Take what one operation gave: a kernel's refusal is told with its errno."""
        if outcome.errno is None:
            self.done += 1
        else:
            self.refuse(number, outcome.errno, " ".join(outcome.words))
        self.words += outcome.words[: Wire.WORDS_SHOWN - len(self.words)]
        if isinstance(outcome, BlockOutcome) and self.frees:
            self._add_freed(outcome)

    def _add_freed(self, outcome: BlockOutcome) -> None:
        for name in ("freed_chunks", "freed_pages"):
            self.extra[name] = self.extra.get(name, 0) + getattr(outcome, name)
        for name in ("pinned", "straddling"):
            pfns: list[int] = self.extra.setdefault(name, [])
            pfns += getattr(outcome, name)[: Wire.LIST_PAGE - len(pfns)]

    def refuse(self, number: int, errno: str | None, words: str) -> None:
        """Count a refusal, and tell of it if it is among the first."""
        name = errno or "refused"
        self.counts[name] = self.counts.get(name, 0) + 1
        if len(self.refused) < Wire.REFUSED_SHOWN:
            self.refused.append({self.unit: number, "errno": errno, "words": words})

    def counted(self) -> dict[str, int]:
        """Done and refused, by reason."""
        return {"done": self.done, **self.counts}

    def result(self, op: int) -> Json:
        """The command's result."""
        only = self.refused[0]["errno"] if self.done == 0 and len(self.refused) == 1 else None
        return {
            "op": op,
            "done": self.done,
            "refused": self.refused,
            "counts": self.counted(),
            "words": self.words,
            **({"errno": only} if only else {}),
            **self.extra,
        }


def one_by_one(
    turn: Turn,
    lab: Lab,
    unit: str,
    numbers: Blocks | Sequence[int],
    act: Callable[[int], Outcome | BlockOutcome],
) -> Steps:
    """Do `act` for each number, giving way between them.

    What is refused before the kernel runs is an error if it is the only one, and is listed among
    many. A kernel BUG ends it there.
    """
    tally = Tally(unit, frees=turn.kind == "free")
    turn.total = numbers.total if isinstance(numbers, Blocks) else len(numbers)
    for number in numbers:
        try:
            tally.add(number, act(number))
        except StoppedError as error:
            if turn.done == 0:
                raise
            tally.words.append(str(error))
            break
        except RefusedError as error:
            if turn.total == 1:
                raise
            tally.refuse(number, None, str(error))
        turn.done += 1
        turn.counts = tally.counted()
        yield None
    return tally.result(lab.op)
