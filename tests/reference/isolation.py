"""Isolating a pageblock, undoing it, and splitting free chunks, as 3.x and the patches do."""

from __future__ import annotations

from .buddy import free_heads_to_move
from .cells import IsolatedBlocks, MoveCount
from .errors import KernelBug
from .pages import Kind
from .pcp import ZoneV3, drain_all_pages, free_direct
from .state import ZoneState
from .vocabulary import CMA, ISOLATE, MOVABLE, MigrateType
from .watermark import watermark_ok

EBUSY = "-EBUSY"


def has_unmovable_pages(zone: ZoneState, pfn: int) -> bool:
    """Whether a block's worth of frames from pfn on (not from the block's start) cannot all move.

    No memory notifier claims any page, so one page in use and not LRU is enough. MOVABLE and CMA
    blocks are believed without looking, and so is ZONE_MOVABLE.
    """
    if zone.is_zone_movable or zone.block_type(pfn) in (MOVABLE, CMA):
        return False
    check = pfn
    while check < pfn + zone.block_pages:
        page = zone.pages.get(check)
        if page is None:
            return True
        if page.kind is Kind.FREE:
            check += 1 << page.order
            continue
        if page.count > 0 and not page.lru:
            return True
        check += 1
    return False


def _move_isolated(zone: ZoneState, pfn: int) -> None:
    """Isolation's move: from the block's lists to ISOLATE, and off the count."""
    counted_as = zone.block_type(pfn)
    for head in free_heads_to_move(zone, pfn):
        _count_moved(zone, zone.list_move(head, ISOLATE), counted_as, zone.cells.isolate, -1)


def _move_back(zone: ZoneState, pfn: int, mt: MigrateType) -> None:
    """The move that ends isolation, and the count that goes with it."""
    for head in free_heads_to_move(zone, pfn):
        _count_moved(zone, zone.list_move(head, mt), mt, zone.cells.unisolate, +1)


def _count_moved(
    zone: ZoneState, order: int, mt: MigrateType, count: MoveCount, direction: int
) -> None:
    if count is not MoveCount.NOTHING:
        zone.mod_zone_freepage_state(direction << order, mt)
    if count is MoveCount.PAGES_AND_CHUNKS:
        zone.nr_free[order] += direction


def set_migratetype_isolate(zone: ZoneV3, pfn: int) -> int | str:
    """Isolate the block of pfn: 0 or "-EBUSY". A block isolated already is isolated once more.

    The drain comes after the type is set: pages queued before return to the type they remember
    (until 3.18), inside the isolated block.
    """
    if has_unmovable_pages(zone, pfn):
        return EBUSY
    match zone.cells.isolated_blocks:
        case IsolatedBlocks.BLOCKS:
            zone.nr_isolated_blocks += zone.block_type(pfn) is not ISOLATE
        case IsolatedBlocks.CALLS:
            zone.nr_isolated_blocks += 1
    _move_isolated(zone, pfn)
    zone.set_block_type(pfn, ISOLATE)
    drain_all_pages(zone)
    return 0


def unset_migratetype_isolate(zone: ZoneV3, pfn: int, mt: MigrateType) -> None:
    """Give an isolated block the type mt; nothing happens to one that is not isolated.

    3.18 frees a chunk of whole blocks anew if the neighbour it was kept from merging with may be
    free, once the block has its type and is off the counter.
    """
    if zone.block_type(pfn) is not ISOLATE:
        return
    free_again = zone.cells.unset_frees_again and _may_merge_on(zone, pfn)
    order = zone.pages[pfn].order
    if free_again:
        __isolate_free_page(zone, pfn)
    else:
        _move_back(zone, pfn, mt)
    zone.set_block_type(pfn, mt)
    if zone.cells.isolated_blocks is not IsolatedBlocks.NO_COUNTER:
        zone.nr_isolated_blocks -= 1
    if free_again:
        free_direct(zone, pfn, order)


def _may_merge_on(zone: ZoneState, pfn: int) -> bool:
    """Whether a free chunk of whole blocks begins at pfn and its buddy's block is not isolated."""
    page = zone.pages[pfn]
    if page.kind is not Kind.FREE or page.order < zone.pageblock_order:
        return False
    buddy = pfn ^ (1 << page.order)
    if not zone.contains(buddy):
        return True
    return zone.pages[buddy].kind is not Kind.HOLE and zone.block_type(buddy) is not ISOLATE


def split_free_page(zone: ZoneV3, pfn: int) -> int:
    """Turn a free chunk into single pages in use: how many, or 0 where the low watermark forbids.

    A zone that was never booted live has no watermarks and forbids nothing.
    """
    order = zone.pages[pfn].order
    spared = zone.cells.split_spares_isolated and zone.block_type(pfn) is ISOLATE
    if not spared and not _low_watermark_allows(zone, order):
        return 0
    __isolate_free_page(zone, pfn)
    for page in range(pfn, pfn + (1 << order)):
        zone.make_chunk(page, 0, Kind.ALLOCATED)
    return 1 << order


def _low_watermark_allows(zone: ZoneState, order: int) -> bool:
    if zone.watermarks is None:
        return True
    mark = zone.watermarks.low + (1 << order)
    free = max(0, zone.nr_free_pages)
    return watermark_ok(
        0, mark, 0, (), free, zone.nr_free, cells=zone.cells, free_cma=zone.nr_free_cma
    )


def __isolate_free_page(zone: ZoneState, pfn: int) -> None:
    """Take a free chunk off the lists. Blocks of which it holds half or more become MOVABLE.

    (A part of split_free_page in 3.5, capture_free_page in 3.7.)
    """
    order = zone.list_del(pfn)
    isolated = zone.block_type(pfn) is ISOLATE
    if not (isolated and zone.cells.split_free_page):
        zone.nr_free[order] -= 1
        if not (isolated and zone.cells.isolated_uncounted):
            zone.mod_zone_freepage_state(-(1 << order), zone.block_type(pfn))
    zone.make_chunk(pfn, order, Kind.LIMBO)
    if order >= zone.pageblock_order - 1:
        for block in zone.blocks_covered(pfn, order):
            if zone.block_type(block) not in (ISOLATE, CMA):
                zone.set_block_type(block, MOVABLE)


def offline_isolated_pages(zone: ZoneState, start_pfn: int, end_pfn: int) -> None:
    """__offline_isolated_pages(): take free chunks off the lists and reserve all their pages.

    The last chunk may reach beyond the range; all of it goes.
    """
    pfn = start_pfn
    while pfn < end_pfn:
        page = zone.pages[pfn]
        if page.kind is Kind.HOLE:
            pfn += 1
            continue
        if page.kind is not Kind.FREE:
            raise KernelBug(f"BUG_ON(!PageBuddy(page)) in __offline_isolated_pages, PFN {pfn}")
        order = zone.list_del(pfn)
        if not zone.cells.offline_isolated:
            zone.nr_free[order] -= 1
            if not zone.cells.offline_uncounted:
                zone.nr_free_pages -= 1 << order
        for offline in range(pfn, pfn + (1 << order)):
            zone.make_chunk(offline, 0, Kind.OFFLINE)
        pfn += 1 << order
