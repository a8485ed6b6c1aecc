"""Isolating ranges in 6.x: the ends first, where 6.1 splits free chunks that straddle one."""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE, MigrateType

from .freeing import __free_one_page
from .isolation import EBUSY, set_migratetype_isolate, unset_migratetype_isolate
from .lists import delete
from .state import ZoneV6


def start_isolate_page_range(
    zone: ZoneV6, start_pfn: int, end_pfn: int, intended: MigrateType
) -> int | str:
    """Isolate whole blocks: 0, or "-EBUSY" with those done so far given the intended type.

    The first block, the last, then the others ascending. Between the steps of the ends 6.1 splits
    what reaches over them.
    """
    size = zone.block_pages
    last = end_pfn - size
    if isolate_single_pageblock(zone, start_pfn, start_pfn, intended, set_block=True) == EBUSY:
        return EBUSY
    if (
        isolate_single_pageblock(zone, last, end_pfn, intended, set_block=last != start_pfn)
        == EBUSY
    ):
        unset_migratetype_isolate(zone, start_pfn, intended)
        return EBUSY
    whole = range(start_pfn, end_pfn)
    for block in range(start_pfn + size, last, size):
        frames = range(max(block, whole.start), min(block + size, whole.stop))
        if set_migratetype_isolate(zone, block, intended, frames) == EBUSY:
            undo_isolate_page_range(zone, start_pfn, block, intended)
            unset_migratetype_isolate(zone, last, intended)
            return EBUSY
    return 0


def isolate_single_pageblock(
    zone: ZoneV6, block: int, edge: int, intended: MigrateType, *, set_block: bool
) -> int | str:
    """Isolate the block at an edge of the range (unless that is done), and split what straddles.

    In 6.12 isolating has split it, and nothing is left to do.
    """
    if set_block:
        frames = range(block, block + zone.block_pages)
        if set_migratetype_isolate(zone, block, intended, frames) == EBUSY:
            return EBUSY
    if zone.cells.era is Era.V6_1:
        max_order_boundary = block & ~((1 << zone.top) - 1)
        pfn = max(max_order_boundary, zone.start_pfn)
        while pfn < edge:
            page = zone.pages[pfn]
            if page.kind is not Kind.FREE:
                pfn += 1
                continue
            order = page.order
            if pfn + (1 << order) > edge:
                split_at(zone, pfn, edge)
            pfn += 1 << order
    return 0


def split_at(zone: ZoneV6, head: int, edge: int) -> None:
    """split_free_page() of 6.1: give a free chunk back in pieces, none of them over the edge.

    Each as large as its alignment and the rest of its side allow, to the type of its block.
    """
    order = delete(zone, head)
    end = head + (1 << order)
    zone.make_chunk(head, order, Kind.LIMBO)
    pfn = head
    left = edge - head
    while pfn < end:
        alignment = (pfn & -pfn).bit_length() - 1 if pfn else order
        piece = min(alignment, left.bit_length() - 1)
        __free_one_page(zone, pfn, piece, zone.block_type(pfn), to_tail=False)
        pfn += 1 << piece
        left -= 1 << piece
        if left == 0:
            left = end - pfn


def undo_isolate_page_range(zone: ZoneV6, start_pfn: int, end_pfn: int, mt: MigrateType) -> None:
    """Give every isolated block of the range the type mt, ascending, whatever it was before."""
    for block in range(start_pfn, end_pfn, zone.block_pages):
        unset_migratetype_isolate(zone, block, mt)


def test_pages_isolated(zone: ZoneV6, start_pfn: int, end_pfn: int) -> bool:
    """Whether the range is all ISOLATE blocks and all free chunks, on whatever lists."""
    blocks = range(start_pfn, end_pfn, zone.block_pages)
    if any(zone.block_type(block) is not ISOLATE for block in blocks):
        return False
    pfn = start_pfn
    while pfn < end_pfn:
        page = zone.pages[pfn]
        if page.kind is not Kind.FREE:
            return False
        pfn += 1 << page.order
    return True
