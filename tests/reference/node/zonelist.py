"""A request: what is wanted, the walk over the zones, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import NamedTuple

from tests.reference.cells import Era
from tests.reference.vocabulary import MOVABLE, MigrateType
from tests.reference.watermark import Watermarks

from .state import NodeState


class Verdict(StrEnum):
    GOT = "GOT"
    NO_PAGE = "NO_PAGE"
    LIVELOCK = "LIVELOCK"
    """It would go round for ever."""


class Request(NamedTuple):
    """How a request ended."""

    pfn: int | None
    verdict: Verdict
    turns: int
    """Slow turns begun; 0 where the fast path served."""
    oom_kills: int


class Wanted(NamedTuple):
    """What is asked for."""

    order: int
    mt: MigrateType
    classzone_idx: int
    """Index of the highest zone that will do."""
    atomic: bool = False
    """Who asks cannot wait."""


def fast_flags(wanted: Wanted) -> tuple[str, ...]:
    """alloc_flags of the fast path: the same for those who can wait and those who cannot."""
    return ("CMA",) if wanted.mt is MOVABLE else ()


def slow_flags(era: Era, wanted: Wanted) -> tuple[str, ...]:
    """gfp_to_alloc_flags(): a request that cannot wait may go below MIN."""
    flags = fast_flags(wanted)
    if not wanted.atomic:
        return flags
    if era is Era.V3:
        return (*flags, "HIGH", "HARDER")
    flags = (*flags, "MIN_RESERVE", "NON_BLOCK")
    return (*flags, "HIGHATOMIC") if wanted.order > 0 else flags


def get_page_from_freelist(
    node: NodeState,
    wanted: Wanted,
    mark: Callable[[Watermarks], int],
    flags: Collection[str],
    *,
    atomic: bool,
) -> int | None:
    """Walk the zonelist: the first zone above its mark that has a chunk.

    A zone may pass and yet have nothing on the lists that serve; the walk goes on. atomic: in 6.x
    HIGHATOMIC blocks may be used, and made.
    """
    for zone in node.zonelist(wanted.classzone_idx):
        if zone.watermark_ok(wanted.order, mark(zone.marks), wanted.classzone_idx, flags):
            pfn = zone.take(wanted.order, wanted.mt, atomic=atomic)
            if pfn is not None:
                return pfn
    return None


def walk_at_low(node: NodeState, wanted: Wanted) -> int | None:
    """The fast path."""
    return get_page_from_freelist(
        node, wanted, lambda marks: marks.low, fast_flags(wanted), atomic=False
    )


def walk_at_min(node: NodeState, wanted: Wanted) -> int | None:
    """The slow path's look at the lists."""
    flags = slow_flags(node.cells.era, wanted)
    return get_page_from_freelist(
        node, wanted, lambda marks: marks.min, flags, atomic=wanted.atomic
    )
