"""The buddy lists of Linux 3.5: freeing with merge, allocating with split and fallback."""

from __future__ import annotations

from .errors import KernelBug
from .pages import Kind
from .state import ZoneState
from .vocabulary import CMA, FALLBACKS, ISOLATE, RECLAIMABLE, RESERVE, MigrateType

# -- freeing


def __free_one_page(zone: ZoneState, pfn: int, order: int, mt: MigrateType) -> None:
    """Merge upward and put the result on a list of mt. Types of buddies are never looked at."""
    while order < zone.max_order - 1:
        buddy = pfn ^ (1 << order)
        if not zone.is_free_head(buddy, order):
            break
        zone.list_del(buddy)
        zone.nr_free[order] -= 1
        pfn = pfn & buddy
        order += 1
    zone.list_add(pfn, order, mt, tail=_goes_to_tail(zone, pfn, order))
    zone.nr_free[order] += 1


def _goes_to_tail(zone: ZoneState, pfn: int, order: int) -> bool:
    """Whether a merge one order up looks likely, so that the chunk had better be used last.

    3.5 works out the address of the higher buddy from the freed chunk and not from the pair it
    would form, so for an upper half it looks where no chunk of that order can begin.
    """
    if order >= zone.max_order - 2:
        return False
    buddy = pfn ^ (1 << order)
    if zone.contains(buddy) and zone.pages[buddy].kind is Kind.HOLE:
        return False
    is_lower_half = pfn < buddy
    higher_buddy = pfn ^ (1 << (order + 1))
    return is_lower_half and zone.is_free_head(higher_buddy, order + 1)


def free_one_page(zone: ZoneState, pfn: int, order: int, mt: MigrateType) -> None:
    """Free and count. The patched kernel insists that nothing isolated comes this way."""
    if zone.cells.vm_bug_on and mt is ISOLATE:
        raise KernelBug("VM_BUG_ON(migratetype == MIGRATE_ISOLATE) in free_one_page")
    __free_one_page(zone, pfn, order, mt)
    zone.nr_free_pages += 1 << order


def free_one_isolated_page(zone: ZoneState, pfn: int, order: int) -> None:
    """minchan-v2: free without counting. The roll-back is at the order asked for, not merged to."""
    __free_one_page(zone, pfn, order, ISOLATE)
    zone.nr_free[order] -= 1


def __free_pages_ok(zone: ZoneState, pfn: int, order: int) -> None:
    """The direct free path. Only the block of the chunk's head is asked for its type."""
    zone.make_chunk(pfn, order, Kind.LIMBO)
    mt = zone.block_type(pfn)
    if zone.cells.free_pages_ok and mt is ISOLATE:
        free_one_isolated_page(zone, pfn, order)
    else:
        free_one_page(zone, pfn, order, mt)


# -- allocating


def expand(zone: ZoneState, pfn: int, low: int, high: int, mt: MigrateType) -> None:
    """Give back the upper halves of a chunk of order high until one of order low is left."""
    while high > low:
        high -= 1
        zone.list_add(pfn + (1 << high), high, mt)
        zone.nr_free[high] += 1


def __rmqueue_smallest(zone: ZoneState, order: int, mt: MigrateType) -> int | None:
    for current_order in range(order, zone.max_order):
        free_list = zone.lists[current_order][mt]
        if free_list:
            pfn = free_list[0]
            zone.list_del(pfn)
            zone.nr_free[current_order] -= 1
            expand(zone, pfn, order, current_order, mt)
            return pfn
    return None


def __rmqueue_fallback(zone: ZoneState, order: int, start: MigrateType) -> int | None:
    """Take from another type, largest chunk first, and perhaps its whole block with it."""
    for current_order in reversed(range(order, zone.max_order)):
        for mt in FALLBACKS[start]:
            if zone.lists[current_order][mt]:
                return _steal(zone, order, current_order, start, mt)
    return None


def _steal(
    zone: ZoneState, order: int, current_order: int, start: MigrateType, mt: MigrateType
) -> int:
    pfn = zone.lists[current_order][mt][0]
    zone.nr_free[current_order] -= 1

    moves_block = current_order >= zone.pageblock_order // 2 or start is RECLAIMABLE
    if mt is not CMA and moves_block:
        moved = move_freepages_block(zone, pfn, start)
        if moved >= 1 << (zone.pageblock_order - 1):
            zone.set_block_type(pfn, start)
        mt = start

    zone.list_del(pfn)
    if current_order >= zone.pageblock_order and mt is not CMA:
        for block in zone.blocks_covered(pfn, current_order):
            zone.set_block_type(block, start)
    expand(zone, pfn, order, current_order, CMA if mt is CMA else start)
    return pfn


def __rmqueue(zone: ZoneState, order: int, mt: MigrateType) -> int | None:
    """A chunk off the lists, not yet in use and not taken off NR_FREE_PAGES; None if none."""
    pfn = __rmqueue_smallest(zone, order, mt)
    if pfn is None:
        pfn = __rmqueue_fallback(zone, order, mt)
    if pfn is None:
        pfn = __rmqueue_smallest(zone, order, RESERVE)
    return pfn


# -- moving


def free_heads_to_move(zone: ZoneState, pfn: int) -> list[int]:
    """The free chunks that move_freepages_block() moves for the block of pfn, ascending.

    Those whose head lies in the block; none where the block reaches beyond the zone's end, and
    only from pfn upward where it begins before the zone.
    """
    start = zone.block_start(pfn)
    end = start + zone.block_pages
    if start < zone.start_pfn:
        start = pfn
    if end > zone.end_pfn:
        return []
    return [head for head in range(start, end) if zone.pages[head].kind is Kind.FREE]


def move_freepages_block(zone: ZoneState, pfn: int, mt: MigrateType) -> int:
    """Move the block's free chunks to the lists of mt; how many pages moved. Nothing is counted."""
    return sum(1 << zone.list_move(head, mt) for head in free_heads_to_move(zone, pfn))
