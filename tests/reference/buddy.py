"""The buddy lists of 3.x: freeing with merge, and moving a block's chunks between lists."""

from __future__ import annotations

from .cells import DrainCount, IsolateMerge
from .errors import KernelBug
from .pages import Kind
from .state import ZoneState
from .vocabulary import ISOLATE, MigrateType

# -- freeing


def __free_one_page(zone: ZoneState, pfn: int, order: int, mt: MigrateType) -> None:
    """Merge upward and put the result on a list of mt."""
    freed_order = order
    while order < zone.max_order - 1:
        buddy = pfn ^ (1 << order)
        if _stays_apart(zone, buddy, order, mt) or not zone.is_free_head(buddy, order):
            break
        zone.list_del(buddy)
        zone.nr_free[order] -= 1
        pfn = pfn & buddy
        order += 1
    if _stopped_by_limit(zone, freed_order, order, mt):
        tail = zone.is_free_head(pfn + (1 << (order + 1)), order + 1)
    else:
        tail = _goes_to_tail(zone, pfn, order)
    zone.list_add(pfn, order, mt, tail=tail)
    zone.nr_free[order] += 1


def _stays_apart(zone: ZoneState, buddy: int, order: int, mt: MigrateType) -> bool:
    """Whether isolation forbids this merge. Until 3.18 types of buddies are never looked at."""
    if order < zone.pageblock_order:
        return False
    match zone.cells.isolate_merge:
        case IsolateMerge.FREE:
            return False
        case IsolateMerge.STOP:
            return mt is ISOLATE
        case IsolateMerge.GUARD:
            if not (zone.has_isolate_pageblock() and zone.contains(buddy)):
                return False
            buddy_mt = zone.block_type(buddy)
            return buddy_mt is not mt and ISOLATE in (mt, buddy_mt)


def _stopped_by_limit(zone: ZoneState, freed_order: int, order: int, mt: MigrateType) -> bool:
    """Whether 3.18 merged a chunk up to a whole ISOLATE block and looked at no further buddy.

    Its tail test then works with what the last merge left behind: the chunk itself for the pair,
    and an index counted within two blocks, so that the higher buddy is always looked for above.
    (Where no merge was made the kernel uses a variable that was never set. Here such a chunk is
    tested as any other.)
    """
    return (
        zone.cells.isolate_merge is IsolateMerge.STOP
        and mt is ISOLATE
        and freed_order < order == zone.pageblock_order < zone.max_order - 2
    )


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
    if pfn > buddy and not zone.cells.higher_buddy_of_pair:
        return False
    pair = pfn & buddy
    return zone.contains(pair) and zone.is_free_head(pair ^ (1 << (order + 1)), order + 1)


def free_one_page(zone: ZoneState, pfn: int, order: int, mt: MigrateType) -> None:
    """Free and count. The patched kernel insists that nothing isolated comes this way.

    mt was read before the lock was taken. 3.18 reads the block again where that may matter.
    """
    zone.something_was_freed()
    if zone.cells.vm_bug_on and mt is ISOLATE:
        raise KernelBug("VM_BUG_ON(migratetype == MIGRATE_ISOLATE) in free_one_page")
    if zone.cells.recheck and (zone.has_isolate_pageblock() or mt is ISOLATE):
        mt = zone.block_type(pfn)
    __free_one_page(zone, pfn, order, mt)
    if not (zone.cells.isolated_uncounted and mt is ISOLATE):
        zone.mod_zone_freepage_state(1 << order, mt)


def free_one_isolated_page(zone: ZoneState, pfn: int, order: int) -> None:
    """minchan-v2: free without counting. The roll-back is at the order asked for, not merged to."""
    zone.something_was_freed()
    __free_one_page(zone, pfn, order, ISOLATE)
    zone.nr_free[order] -= 1


def free_drained_page(zone: ZoneState, pfn: int, kept: MigrateType) -> None:
    """The inner part of free_pcppages_bulk: one page returns to the list of the type it remembers.

    3.18 asks the block instead while any block is isolated.
    """
    mt = kept
    if zone.cells.recheck and zone.has_isolate_pageblock():
        mt = zone.block_type(pfn)
    __free_one_page(zone, pfn, 0, mt)
    match zone.cells.drain_count:
        case DrainCount.EVERY_PAGE:
            counts = True
        case DrainCount.BLOCK_NOT_ISOLATED:
            counts = zone.block_type(pfn) is not ISOLATE
        case DrainCount.LIST_NOT_ISOLATED:
            counts = mt is not ISOLATE
    if counts:
        zone.mod_zone_freepage_state(1, mt)


def begin_free(zone: ZoneState, pfn: int, order: int) -> None:
    """What freeing does before it takes the zone's lock: the head's block is asked for its type."""
    zone.make_chunk(pfn, order, Kind.LIMBO).kept = zone.block_type(pfn)


def type_read(zone: ZoneState, pfn: int) -> MigrateType:
    """The type that begin_free read."""
    kept = zone.pages[pfn].kept
    assert kept is not None
    return kept


def __free_pages_ok(zone: ZoneState, pfn: int) -> None:
    """The direct free path, from the lock on."""
    order, mt = zone.pages[pfn].order, type_read(zone, pfn)
    if zone.cells.free_pages_ok and mt is ISOLATE:
        free_one_isolated_page(zone, pfn, order)
    else:
        free_one_page(zone, pfn, order, mt)


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
