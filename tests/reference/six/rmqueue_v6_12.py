"""Allocation from the buddy lists as 6.12 does it: every list change counted as it happens."""

from __future__ import annotations

from enum import IntEnum

from tests.reference.vocabulary import CMA, HIGHATOMIC, MOVABLE, MigrateType

from .freeing import change_pageblock_range
from .lists import account, del_raw, delete
from .move import __move_freepages_block
from .rmqueue_v6_1 import cma_first
from .state import ZoneV6
from .taking import (
    Fallback,
    expand,
    find_largest_or_smallest,
    find_smallest,
    find_suitable_fallback,
    may_take_block,
    rmqueue_smallest,
)
from .worth import free_pages, movable_pages, takes_half


class Mode(IntEnum):
    """Where late 6.12 begins to look, kept for the length of one refill."""

    NORMAL = 0
    CMA = 1
    CLAIM = 2
    STEAL = 3


class Search:
    """One run of allocations under one hold of the lock: a refill, or a single chunk."""

    def __init__(self, zone: ZoneV6) -> None:
        self._zone = zone
        self._mode = Mode.NORMAL

    def rmqueue(self, order: int, start: MigrateType) -> int | None:
        """__rmqueue(): a chunk, or None. MOVABLE alone may use CMA."""
        zone = self._zone
        cma_allowed = start is MOVABLE
        if cma_allowed and cma_first(zone):
            pfn = smallest(zone, order, CMA)
            if pfn is not None:
                return pfn
        if zone.cells.claims_then_steals:
            return self._from_mode_on(order, start, cma_allowed)
        pfn = smallest(zone, order, start)
        if pfn is None and cma_allowed:
            pfn = smallest(zone, order, CMA)
        return fall_back_once(zone, order, start) if pfn is None else pfn

    def _from_mode_on(self, order: int, start: MigrateType, cma_allowed: bool) -> int | None:
        """Late 6.12: what was in vain for the last page of a refill is not tried for the next."""
        zone = self._zone
        pfn: int | None = None
        if self._mode <= Mode.NORMAL:
            pfn = smallest(zone, order, start)
            if pfn is not None:
                return pfn
        if self._mode <= Mode.CMA and cma_allowed:
            pfn = smallest(zone, order, CMA)
            if pfn is not None:
                self._mode = Mode.CMA
                return pfn
        if self._mode <= Mode.CLAIM:
            pfn = claim(zone, order, start)
            if pfn is not None:
                self._mode = Mode.NORMAL
                return pfn
        pfn = steal(zone, order, start)
        if pfn is not None:
            self._mode = Mode.STEAL
        return pfn


def smallest(zone: ZoneV6, order: int, mt: MigrateType) -> int | None:
    """__rmqueue_smallest() and its accounting."""
    pfn = rmqueue_smallest(zone, order, mt)
    if pfn is not None:
        account(zone, -(1 << order), mt)
    return pfn


def take_over(zone: ZoneV6, found: Fallback, order: int, start: MigrateType) -> int:
    """A chunk of whole blocks changes type, and what is left of it goes to the new lists."""
    delete(zone, found.pfn)
    change_pageblock_range(zone, found.pfn, found.order, start)
    expand(zone, found.pfn, order, found.order, start)
    account(zone, (1 << found.order) - (1 << order), start)
    return found.pfn


def claim_block(zone: ZoneV6, found: Fallback, order: int, start: MigrateType) -> int | None:
    """try_to_claim_block() for part of a block: take all of it if it is worth it.

    What is then taken is the smallest chunk that will do, not necessarily the one found.
    """
    block = zone.block_start(found.pfn)
    if not zone.block_is_whole(block):
        return None
    block_type = zone.block_type(block)
    frames = range(block, block + zone.block_pages)
    free, movable = free_pages(zone, frames), movable_pages(zone, frames)
    if not takes_half(zone, free, movable, block_type, start):
        return None
    __move_freepages_block(zone, block, block_type, start)
    return smallest(zone, order, start)


def take_single(zone: ZoneV6, found: Fallback, order: int, remainder: MigrateType) -> int:
    """Split the chunk found; what is left goes to the lists of the type given."""
    del_raw(zone, found.pfn)
    expand(zone, found.pfn, order, found.order, remainder)
    account(zone, -(1 << order), remainder)
    return found.pfn


def fall_back_once(zone: ZoneV6, order: int, start: MigrateType) -> int | None:
    """6.12 as released: one chunk is looked for, and its block is had, or just a part of it."""
    found = find_largest_or_smallest(zone, order, start)
    if found is None:
        return None
    block_type = zone.block_type(found.pfn)
    if block_type is not HIGHATOMIC:
        if found.order >= zone.pageblock_order:
            return take_over(zone, found, order, start)
        if found.whole:
            pfn = claim_block(zone, found, order, start)
            if pfn is not None:
                return pfn
    return take_single(zone, found, order, block_type)


def claim(zone: ZoneV6, order: int, start: MigrateType) -> int | None:
    """Late 6.12, __rmqueue_claim(): the largest chunk whose block is worth it."""
    for current_order in reversed(range(order, zone.top + 1)):
        found = find_suitable_fallback(zone, current_order, start)
        if found is None:
            continue
        if not may_take_block(zone, current_order, start):
            return None
        if zone.block_type(found.pfn) is HIGHATOMIC:
            continue
        if current_order >= zone.pageblock_order:
            return take_over(zone, found, order, start)
        pfn = claim_block(zone, found, order, start)
        if pfn is not None:
            return pfn
    return None


def steal(zone: ZoneV6, order: int, start: MigrateType) -> int | None:
    """Late 6.12, __rmqueue_steal(): the smallest chunk; the remainder stays on its own list."""
    found = find_smallest(zone, order, start)
    return None if found is None else take_single(zone, found, order, found.mt)
