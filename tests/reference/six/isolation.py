"""Isolating one pageblock in 6.x and undoing it, and taking a free chunk out of the lists."""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.kernel import intended_of
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE, MOVABLE, MigrateType

from .freeing import __free_one_page
from .lists import account, delete, is_mergeable
from .move import move_freepages_block, move_freepages_block_isolate
from .rmqueue_v6_1 import move_freepages_block as move_freepages_block_v6_1
from .state import ZoneV6
from .unmovable import has_unmovable_pages
from .watermark import single_page_ok

EBUSY = "-EBUSY"


def set_migratetype_isolate(
    zone: ZoneV6, pfn: int, intended: MigrateType, frames: range
) -> int | str:
    """Isolate the block of pfn: 0 or "-EBUSY". The pcp lists are left alone.

    frames: the part of the block that must be movable.
    """
    if zone.block_type(pfn) is ISOLATE or has_unmovable_pages(zone, frames, intended):
        return EBUSY
    if zone.cells.era is Era.V6_1:
        old = zone.block_type(pfn)
        zone.set_block_type(pfn, ISOLATE)
        account(zone, -move_freepages_block_v6_1(zone, pfn, ISOLATE), old)
    elif not move_freepages_block_isolate(zone, zone.block_start(pfn), ISOLATE):
        return EBUSY
    zone.nr_isolated_blocks += 1
    return 0


def unset_migratetype_isolate(zone: ZoneV6, pfn: int, mt: MigrateType) -> None:
    """Give an isolated block the type mt; nothing happens to one that is not isolated.

    A chunk of whole blocks that a free neighbour might join is taken off and put back, so that
    they merge.
    """
    if zone.block_type(pfn) is not ISOLATE:
        return
    if _may_merge_on(zone, pfn):
        order = take_off(zone, pfn)
        zone.set_block_type(pfn, mt)
        __free_one_page(zone, pfn, order, mt, to_tail=True)
    elif zone.cells.era is Era.V6_1:
        account(zone, move_freepages_block_v6_1(zone, pfn, mt), mt)
        zone.set_block_type(pfn, mt)
    else:
        move_freepages_block_isolate(zone, zone.block_start(pfn), mt)
    zone.nr_isolated_blocks -= 1


def _may_merge_on(zone: ZoneV6, pfn: int) -> bool:
    """Whether a chunk of whole blocks begins here, and its buddy is free and not isolated."""
    page = zone.pages[pfn]
    if page.kind is not Kind.FREE or not zone.pageblock_order <= page.order < zone.top:
        return False
    buddy = pfn ^ (1 << page.order)
    return zone.is_free_head(buddy, page.order) and zone.block_type(buddy) is not ISOLATE


def isolate_free_page(zone: ZoneV6, pfn: int) -> int:
    """__isolate_free_page(): how many pages were taken off; 0 where the MIN watermark forbids.

    A zone that was never booted live has no watermarks and forbids nothing.
    """
    order = zone.pages[pfn].order
    if zone.block_type(pfn) is not ISOLATE and zone.watermarks is not None:
        mark = zone.watermarks.min + (1 << order)
        if not single_page_ok(zone, mark, ("CMA",)):
            return 0
    return 1 << take_off(zone, pfn)


def take_off(zone: ZoneV6, pfn: int) -> int:
    """The chunk leaves the lists; blocks of which it is half or more become MOVABLE: its order.

    In 6.12 the blocks' other free chunks move along.
    """
    order = delete(zone, pfn)
    zone.make_chunk(pfn, order, Kind.LIMBO)
    if order >= zone.pageblock_order - 1:
        for block in zone.blocks_covered(pfn, order):
            block_type = zone.block_type(block)
            if not is_mergeable(block_type):
                continue
            if zone.cells.era is Era.V6_1:
                zone.set_block_type(block, MOVABLE)
            else:
                move_freepages_block(zone, zone.block_start(block), block_type, MOVABLE)
    return order


def split_free_page(zone: ZoneV6, pfn: int) -> int:
    """Turn a free chunk into single pages in use: how many (0: watermark).

    6.x has no such function; contiguous allocation does this with what isolate_free_page() gives.
    """
    nr_pages = isolate_free_page(zone, pfn)
    for page in range(pfn, pfn + nr_pages):
        zone.make_chunk(page, 0, Kind.ALLOCATED)
    return nr_pages


def isolate_block(zone: ZoneV6, pfn: int) -> int | str:
    """Isolate the one block of pfn, for CMA's use if it is CMA, else for anybody's."""
    block = zone.block_start(pfn)
    return set_migratetype_isolate(
        zone,
        zone.first_of_block(pfn),
        intended_of(zone, pfn),
        range(block, block + zone.block_pages),
    )


def unisolate_block(zone: ZoneV6, pfn: int, mt: MigrateType) -> None:
    """Undo that for the one block of pfn."""
    unset_migratetype_isolate(zone, zone.first_of_block(pfn), mt)


def offline_isolated_pages(zone: ZoneV6, start_pfn: int, end_pfn: int) -> None:
    """__offline_isolated_pages(): take the free chunks off the lists. Nothing is counted."""
    pfn = start_pfn
    while pfn < end_pfn:
        order = zone.list_del(pfn)
        zone.nr_free[order] -= 1
        for offline in range(pfn, pfn + (1 << order)):
            zone.make_chunk(offline, 0, Kind.OFFLINE)
        pfn += 1 << order
