"""Moving a whole pageblock to another type in 6.12: chunks, counts and type in one step."""

from __future__ import annotations

from tests.reference.pages import Kind
from tests.reference.vocabulary import MigrateType

from .freeing import begin_free, give_back
from .lists import delete, move
from .state import ZoneV6


def __move_freepages_block(zone: ZoneV6, block: int, old: MigrateType, new: MigrateType) -> None:
    """Move the block's free chunks to the tails of the lists of new, ascending; set its type."""
    for pfn in range(block, block + zone.block_pages):
        if zone.pages[pfn].kind is Kind.FREE:
            move(zone, pfn, old, new)
    zone.set_block_type(block, new)


def move_freepages_block(zone: ZoneV6, block: int, old: MigrateType, new: MigrateType) -> None:
    """The same, where the whole block lies in the zone; otherwise not even the type changes."""
    if zone.block_is_whole(block):
        __move_freepages_block(zone, block, old, new)


def find_large_buddy(zone: ZoneV6, block: int) -> int:
    """Head of the free chunk that reaches over the block's first page; the block if there is none.

    A free chunk found on the way that ends before the block is none.
    """
    for order in range(zone.top + 1):
        head = block & ~((1 << order) - 1)
        page = zone.pages.get(head)
        if page is not None and page.kind is Kind.FREE:
            return head if head + (1 << page.order) > block else block
    return block


def move_freepages_block_isolate(zone: ZoneV6, block: int, new: MigrateType) -> bool:
    """Give the block the type new, for isolating it and for undoing that. False: ragged block.

    A chunk larger than the block is taken off, and given back in pieces of a block by their
    types; anything else is moved as it is.
    """
    if not zone.block_is_whole(block):
        return False
    if zone.pageblock_order < zone.top:
        head = find_large_buddy(zone, block)
        page = zone.pages[head]
        if head < block or (page.kind is Kind.FREE and page.order > zone.pageblock_order):
            order = delete(zone, head)
            zone.set_block_type(block, new)
            begin_free(zone, head, order)
            # split_large_buddy() itself: nothing was freed that reclaim should hear of.
            give_back(zone, head, to_tail=False)
            return True
    __move_freepages_block(zone, block, zone.block_type(block), new)
    return True
