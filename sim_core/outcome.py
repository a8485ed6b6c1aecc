"""What an operation, or a run of them, gave back."""

from dataclasses import astuple, dataclass
from typing import Literal

Judgement = Literal["holds", "broken", "not aimed at"]


@dataclass(frozen=True)
class Outcome:
    """One operation.

    Attributes:
        op: its number.
        ret: what the kernel function returned (a count, 0), or the errno's name.
        errno: the kernel's refusal ("EBUSY"), or None.
        pfn: where an allocation landed.
        pages: pages it concerned.
        words: what happened, in sentences; a refusal's side effects are among them.
        bug: the kernel BUG that it ran into, in words.
    """

    op: int
    ret: int | str | None = None
    errno: str | None = None
    pfn: int | None = None
    pages: int = 0
    words: tuple[str, ...] = ()
    bug: str | None = None


@dataclass(frozen=True)
class BlockOutcome:
    """Many operations on one pageblock.

    Attributes:
        op: number of the last one.
        freed_chunks, freed_pages: given back.
        pinned: heads that stayed, because they are pinned.
        straddling: heads of chunks that reach in from outside, which are not touched.
        errno, words, bug: as in Outcome.
    """

    op: int
    freed_chunks: int = 0
    freed_pages: int = 0
    pinned: tuple[int, ...] = ()
    straddling: tuple[int, ...] = ()
    errno: str | None = None
    words: tuple[str, ...] = ()
    bug: str | None = None


@dataclass(frozen=True)
class RunSummary:
    """Turns of the workload; all are counts of operations.

    Attributes:
        failed: allocations that found no page.
        idle: turns in which there was nothing to do.
        fallbacks: allocations served from another type's list.
        drains: frees that made a pcp give pages back.
        others: operations that were neither (offline, online, a contiguous range, a type).
        refused: those of them that the kernel refused (EBUSY, EAGAIN, EINTR, ENOMEM).
    """

    ops: int = 0
    allocs: int = 0
    frees: int = 0
    failed: int = 0
    idle: int = 0
    fallbacks: int = 0
    drains: int = 0
    others: int = 0
    refused: int = 0

    def __add__(self, other: "RunSummary") -> "RunSummary":
        both = zip(astuple(self), astuple(other), strict=True)
        return RunSummary(*(mine + theirs for mine, theirs in both))


@dataclass(frozen=True)
class Verdict:
    """An identity of one zone after a walk over every page.

    Attributes:
        zone: its name.
        because: why the model does not aim at it ("" if it does).
        order, migratetype: where it is broken, if that can be said.
        expected, got: the two sides.
        first_op: first operation at which the watch saw it broken; 0: never, or not watched.
    """

    zone: str
    identity: str
    verdict: Judgement
    because: str
    order: int | None
    migratetype: str | None
    expected: int
    got: int
    first_op: int


@dataclass(frozen=True)
class Break:
    """An identity that the model aims at broke at operation `op`, and healed at `healed_op`.

    Attributes:
        zone: of a whole node, where.
    """

    identity: str
    op: int
    healed_op: int | None
    zone: str = ""

    @property
    def name(self) -> str:
        """The identity as marks tell of it: on a node with its zone."""
        return f"{self.zone} {self.identity}" if self.zone else self.identity


@dataclass(frozen=True)
class PcpSizes:
    """Pages a CPU's lists hold before they give back, and how many move at once."""

    high: int
    batch: int
