"""Taking chunks off the buddy lists of 3.x: split, fallback, and the reserve last."""

from __future__ import annotations

from typing import NamedTuple

from .buddy import move_freepages_block
from .state import ZoneState
from .vocabulary import CMA, FALLBACKS, RECLAIMABLE, RESERVE, MigrateType


class Taken(NamedTuple):
    """A chunk off the lists, neither in use yet nor taken off NR_FREE_PAGES."""

    pfn: int
    mt: MigrateType
    """The freepage type: of the list that the remainder went to."""


def expand(zone: ZoneState, pfn: int, low: int, high: int, mt: MigrateType) -> None:
    """Give back the upper halves of a chunk of order high until one of order low is left."""
    while high > low:
        high -= 1
        zone.list_add(pfn + (1 << high), high, mt)
        zone.nr_free[high] += 1


def __rmqueue_smallest(zone: ZoneState, order: int, mt: MigrateType) -> Taken | None:
    for current_order in range(order, zone.max_order):
        free_list = zone.lists[current_order][mt]
        if free_list:
            pfn = free_list[0]
            zone.list_del(pfn)
            zone.nr_free[current_order] -= 1
            expand(zone, pfn, order, current_order, mt)
            return Taken(pfn, mt)
    return None


def __rmqueue_fallback(zone: ZoneState, order: int, start: MigrateType) -> Taken | None:
    """Take from another type, largest chunk first, and perhaps its whole block with it."""
    for current_order in reversed(range(order, zone.max_order)):
        for mt in FALLBACKS[start]:
            if zone.lists[current_order][mt]:
                pfn = zone.lists[current_order][mt][0]
                zone.nr_free[current_order] -= 1
                if zone.cells.steal_needs_claim:
                    remainder = try_to_steal_freepages(zone, pfn, current_order, start, mt)
                else:
                    remainder = _steal(zone, pfn, current_order, start, mt)
                zone.list_del(pfn)
                expand(zone, pfn, order, current_order, remainder)
                return Taken(pfn, remainder)
    return None


def _moves_block(zone: ZoneState, current_order: int, start: MigrateType) -> bool:
    return current_order >= zone.pageblock_order // 2 or start is RECLAIMABLE


def _claim_if_half_free(zone: ZoneState, pfn: int, start: MigrateType) -> bool:
    """Move the block's free chunks to the lists of start, and the block too if half is free."""
    moved = move_freepages_block(zone, pfn, start)
    claimed = moved >= 1 << (zone.pageblock_order - 1)
    if claimed:
        zone.set_block_type(pfn, start)
    return claimed


def _steal(
    zone: ZoneState, pfn: int, current_order: int, start: MigrateType, mt: MigrateType
) -> MigrateType:
    """The inside of __rmqueue_fallback until 3.8: the type whose lists get the remainder.

    That is the type asked for even where the block keeps its own.
    """
    if mt is CMA:
        return CMA
    if _moves_block(zone, current_order, start):
        _claim_if_half_free(zone, pfn, start)
    if current_order >= zone.pageblock_order:
        change_pageblock_range(zone, pfn, current_order, start)
    return start


def try_to_steal_freepages(
    zone: ZoneState, pfn: int, current_order: int, start: MigrateType, mt: MigrateType
) -> MigrateType:
    """3.18: the type whose lists get the remainder, the fallback's own without a claim."""
    if mt is CMA:
        return CMA
    if current_order >= zone.pageblock_order:
        change_pageblock_range(zone, pfn, current_order, start)
        return start
    if _moves_block(zone, current_order, start) and _claim_if_half_free(zone, pfn, start):
        return start
    return mt


def change_pageblock_range(zone: ZoneState, pfn: int, order: int, mt: MigrateType) -> None:
    """Give every block that the chunk covers the type mt."""
    for block in range(pfn, pfn + (1 << order), zone.block_pages):
        zone.set_block_type(block, mt)


def __rmqueue(zone: ZoneState, order: int, mt: MigrateType) -> Taken | None:
    """Own lists, then those of other types, then the reserve."""
    return (
        __rmqueue_smallest(zone, order, mt)
        or __rmqueue_fallback(zone, order, mt)
        or __rmqueue_smallest(zone, order, RESERVE)
    )
