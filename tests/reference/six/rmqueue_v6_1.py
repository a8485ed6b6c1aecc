"""Allocation from the buddy lists in 6.1: a fallback moves chunks, and the search starts again.

Nothing here is counted: that is the caller's, by the type that comes with the chunk.
"""

from __future__ import annotations

from tests.reference.pages import Kind
from tests.reference.vocabulary import CMA, HIGHATOMIC, MOVABLE, MigrateType

from .freeing import change_pageblock_range
from .state import ZoneV6
from .taking import Fallback, find_largest_or_smallest, rmqueue_smallest
from .worth import movable_pages, takes_half


def cma_first(zone: ZoneV6) -> bool:
    """Whether more than half of the free memory is CMA, so that MOVABLE had better use it first."""
    return max(0, zone.nr_free_cma) > max(0, zone.nr_free_pages) // 2


def rmqueue(zone: ZoneV6, order: int, start: MigrateType) -> tuple[int, MigrateType] | None:
    """__rmqueue(): a chunk and the type of the list it came from. MOVABLE alone may use CMA."""
    cma_allowed = start is MOVABLE
    if cma_allowed and cma_first(zone):
        pfn = rmqueue_smallest(zone, order, CMA)
        if pfn is not None:
            return pfn, CMA
    while True:
        pfn = rmqueue_smallest(zone, order, start)
        if pfn is not None:
            return pfn, start
        if cma_allowed:
            pfn = rmqueue_smallest(zone, order, CMA)
            if pfn is not None:
                return pfn, CMA
        found = find_largest_or_smallest(zone, order, start)
        if found is None:
            return None
        steal_suitable_fallback(zone, found, start)


def steal_suitable_fallback(zone: ZoneV6, found: Fallback, start: MigrateType) -> None:
    """Move the chunk, or all free chunks of its block, to the lists of start."""
    pfn = found.pfn
    block_type = zone.block_type(pfn)
    if block_type is not HIGHATOMIC:
        if found.order >= zone.pageblock_order:
            change_pageblock_range(zone, pfn, found.order, start)
        elif found.whole:
            movable = movable_pages(zone, frames_to_move(zone, pfn))
            moved = move_freepages_block(zone, pfn, start)
            if moved > 0:
                if takes_half(zone, moved, movable, block_type, start):
                    zone.set_block_type(pfn, start)
                return
    zone.list_move(pfn, start, tail=True)


def frames_to_move(zone: ZoneV6, pfn: int) -> range:
    """The frames of pfn's block that move_freepages_block() walks.

    Where the block begins before the zone, from pfn on; none where it ends beyond it.
    """
    start = zone.block_start(pfn)
    end = start + zone.block_pages
    if not zone.contains(end - 1):
        return range(0)
    return range(start if zone.contains(start) else pfn, end)


def move_freepages_block(zone: ZoneV6, pfn: int, mt: MigrateType) -> int:
    """Move the free chunks that begin in the block of pfn to the lists of mt: how many pages.

    To the tails, ascending; a chunk longer than the block moves whole. Neither counted nor typed.
    """
    frames = frames_to_move(zone, pfn)
    heads = [head for head in frames if zone.pages[head].kind is Kind.FREE]
    return sum(1 << zone.list_move(head, mt, tail=True) for head in heads)
