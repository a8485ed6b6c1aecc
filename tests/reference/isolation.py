"""Isolating a pageblock, undoing it, and splitting free chunks, as 3.5 and the patches do."""

from __future__ import annotations

from .buddy import free_heads_to_move
from .cells import MoveCount
from .errors import Refused
from .pages import Kind
from .pcp import drain_pages
from .state import ZoneState
from .vocabulary import CMA, ISOLATE, MOVABLE, MigrateType
from .watermark import watermark_ok

EBUSY = "-EBUSY"


def has_unmovable_pages(zone: ZoneState, pfn: int) -> bool:
    """Whether a block's worth of frames from pfn on (not from the block's start) cannot all move.

    No memory notifier claims any page, so one page in use and not LRU is enough. MOVABLE and CMA
    blocks are believed without looking.
    """
    if zone.block_type(pfn) in (MOVABLE, CMA):
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


def _move_counted(
    zone: ZoneState, pfn: int, mt: MigrateType, count: MoveCount, direction: int
) -> None:
    """Move the block's free chunks to the lists of mt; direction is what a counted page adds."""
    for head in free_heads_to_move(zone, pfn):
        order = zone.list_move(head, mt)
        if count is not MoveCount.NOTHING:
            zone.nr_free_pages += direction << order
        if count is MoveCount.PAGES_AND_CHUNKS:
            zone.nr_free[order] += direction


def set_migratetype_isolate(zone: ZoneState, pfn: int) -> int | str:
    """Isolate the block of pfn: 0 or "-EBUSY". A block isolated already is isolated once more.

    The drain comes after the type is set: pages queued before return to the type they remember,
    inside the isolated block.
    """
    if has_unmovable_pages(zone, pfn):
        return EBUSY
    zone.set_block_type(pfn, ISOLATE)
    _move_counted(zone, pfn, ISOLATE, zone.cells.isolate, -1)
    drain_pages(zone)
    return 0


def unset_migratetype_isolate(zone: ZoneState, pfn: int, mt: MigrateType) -> None:
    """Give an isolated block the type mt; nothing happens to one that is not isolated."""
    if zone.block_type(pfn) is not ISOLATE:
        return
    zone.set_block_type(pfn, mt)
    _move_counted(zone, pfn, mt, zone.cells.unisolate, +1)


def first_valid_page(zone: ZoneState, block_pfn: int) -> int | None:
    """The first frame of a block that has a struct page."""
    for pfn in range(block_pfn, block_pfn + zone.block_pages):
        if zone.pages[pfn].kind is not Kind.HOLE:
            return pfn
    return None


def _valid_blocks(zone: ZoneState, start_pfn: int, end_pfn: int) -> list[int]:
    firsts = (
        first_valid_page(zone, block) for block in range(start_pfn, end_pfn, zone.block_pages)
    )
    return [pfn for pfn in firsts if pfn is not None]


def start_isolate_page_range(zone: ZoneState, start_pfn: int, end_pfn: int) -> int | str:
    """Isolate whole blocks, ascending: 0, or "-EBUSY" with the blocks done so far made MOVABLE."""
    done: list[int] = []
    for pfn in _valid_blocks(zone, start_pfn, end_pfn):
        if set_migratetype_isolate(zone, pfn) == EBUSY:
            for earlier in done:
                unset_migratetype_isolate(zone, earlier, MOVABLE)
            return EBUSY
        done.append(pfn)
    return 0


def undo_isolate_page_range(zone: ZoneState, start_pfn: int, end_pfn: int) -> None:
    """Make every isolated block of the range MOVABLE, ascending, whatever it was before."""
    for pfn in _valid_blocks(zone, start_pfn, end_pfn):
        unset_migratetype_isolate(zone, pfn, MOVABLE)


def test_pages_isolated(zone: ZoneState, start_pfn: int, end_pfn: int) -> bool:
    """Whether the range is all ISOLATE blocks and all free, on whatever lists."""
    blocks = _valid_blocks(zone, start_pfn, end_pfn)
    if any(zone.block_type(pfn) is not ISOLATE for pfn in blocks):
        return False
    pfn = start_pfn
    while pfn < end_pfn:
        page = zone.pages[pfn]
        if page.kind is Kind.FREE:
            pfn += 1 << page.order
        elif page.kind is Kind.HOLE or (page.kind is Kind.PCP and page.kept is ISOLATE):
            pfn += 1
        else:
            return False
    return True


def split_free_page(zone: ZoneState, pfn: int) -> int:
    """Turn a free chunk into single pages in use: how many, or 0 where the low watermark forbids.

    A zone that was never booted live has no watermarks and forbids nothing.
    """
    order = zone.pages[pfn].order
    if zone.watermarks is not None:
        mark = zone.watermarks.low + (1 << order)
        if not watermark_ok(0, mark, 0, (), max(0, zone.nr_free_pages), zone.nr_free):
            return 0
    zone.list_del(pfn)
    if not (zone.cells.split_free_page and zone.block_type(pfn) is ISOLATE):
        zone.nr_free[order] -= 1
        zone.nr_free_pages -= 1 << order
    for page in range(pfn, pfn + (1 << order)):
        zone.make_chunk(page, 0, Kind.ALLOCATED)
    if order >= zone.pageblock_order - 1:
        for block in zone.blocks_covered(pfn, order):
            if zone.block_type(block) not in (ISOLATE, CMA):
                zone.set_block_type(block, MOVABLE)
    return 1 << order


def offline_isolated_pages(zone: ZoneState, start_pfn: int, end_pfn: int) -> None:
    """__offline_isolated_pages(): take free chunks off the lists and reserve all their pages.

    The last chunk may reach beyond the range; all of it goes.
    """
    for pfn in heads_to_offline(zone, start_pfn, end_pfn):
        order = zone.list_del(pfn)
        if not zone.cells.offline_isolated:
            zone.nr_free[order] -= 1
            zone.nr_free_pages -= 1 << order
        for page in range(pfn, pfn + (1 << order)):
            zone.make_chunk(page, 0, Kind.OFFLINE)


def heads_to_offline(zone: ZoneState, start_pfn: int, end_pfn: int) -> list[int]:
    """The free chunks that tile the range from its start; refused where something else lies."""
    heads = []
    pfn = start_pfn
    while pfn < end_pfn:
        page = zone.pages[pfn]
        if page.kind is Kind.HOLE:
            pfn += 1
            continue
        if page.kind is not Kind.FREE:
            raise Refused(f"start_pfn, nr_pages: no free chunk begins at PFN {pfn}")
        heads.append(pfn)
        pfn += 1 << page.order
    return heads
