"""Freeing to the buddy lists of 6.x."""

from __future__ import annotations

from tests.reference.cells import Absorb, Era
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE, MigrateType

from .lists import account, add, del_raw, is_mergeable
from .state import ZoneV6


def __free_one_page(zone: ZoneV6, pfn: int, order: int, mt: MigrateType, *, to_tail: bool) -> None:
    """Count, merge upward, and put the result on a list of mt. to_tail: FPI_TO_TAIL.

    Merging counts nothing. In 6.12 the freed side's type wins over that of the side it absorbs.
    """
    account(zone, 1 << order, mt)
    while order < zone.top:
        buddy = pfn ^ (1 << order)
        if not zone.is_free_head(buddy, order):
            break
        if order >= zone.pageblock_order:
            buddy_mt = zone.block_type(buddy)
            if buddy_mt is not mt and not (is_mergeable(mt) and is_mergeable(buddy_mt)):
                break
        del_raw(zone, buddy)
        if order >= zone.pageblock_order and zone.block_type(buddy) is not mt:
            _absorb(zone, buddy, order, mt)
        pfn = pfn & buddy
        order += 1
    add(zone, pfn, order, mt, tail=to_tail or buddy_merge_likely(zone, pfn, order))


def _absorb(zone: ZoneV6, buddy: int, order: int, mt: MigrateType) -> None:
    match zone.cells.absorb:
        case Absorb.NONE:
            pass
        case Absorb.FIRST:
            zone.set_block_type(buddy, mt)
        case Absorb.ALL:
            change_pageblock_range(zone, buddy, order, mt)


def change_pageblock_range(zone: ZoneV6, pfn: int, order: int, mt: MigrateType) -> None:
    """Give every block that a chunk of whole blocks covers the type mt."""
    for block in range(pfn, pfn + (1 << order), zone.block_pages):
        zone.set_block_type(block, mt)


def buddy_merge_likely(zone: ZoneV6, pfn: int, order: int) -> bool:
    """Whether the pair's own buddy is free, so that the chunk had better be used last.

    No type is looked at. The pair's first page must lie in the zone; it need not be free.
    """
    if order >= zone.top - 1:
        return False
    pair = pfn & ~(1 << order)
    return zone.contains(pair) and zone.is_free_head(pair ^ (1 << (order + 1)), order + 1)


def free_locked(zone: ZoneV6, pfn: int, *, to_tail: bool) -> None:
    """free_one_page(), from the lock on, for a chunk in limbo."""
    zone.something_was_freed()
    give_back(zone, pfn, to_tail=to_tail)


def give_back(zone: ZoneV6, pfn: int, *, to_tail: bool) -> None:
    """Put a chunk in limbo on the lists.

    6.1 frees the chunk as one, by the type read before the lock unless isolation may have come
    in between. 6.12 (split_large_buddy) goes block by block, and reads each type here.
    """
    page = zone.pages[pfn]
    order, read_before = page.order, page.kept
    if zone.cells.era is Era.V6_1:
        assert read_before is not None
        mt = read_before
        if zone.has_isolate_pageblock() or mt is ISOLATE:
            mt = zone.block_type(pfn)
        __free_one_page(zone, pfn, order, mt, to_tail=to_tail)
        return
    piece_order = min(order, zone.pageblock_order)
    for piece in range(pfn, pfn + (1 << order), 1 << piece_order):
        __free_one_page(zone, piece, piece_order, zone.block_type(piece), to_tail=to_tail)


def begin_free(zone: ZoneV6, pfn: int, order: int) -> None:
    """What freeing does before the lock is taken: it reads the block's type."""
    zone.make_chunk(pfn, order, Kind.LIMBO).kept = zone.block_type(pfn)


def free_direct(zone: ZoneV6, pfn: int, order: int, *, to_tail: bool) -> None:
    """__free_pages_ok(): free a chunk of any order past the pcp lists."""
    begin_free(zone, pfn, order)
    free_locked(zone, pfn, to_tail=to_tail)
