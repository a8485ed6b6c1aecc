"""The pcp lists of 6.x: orders 0 to 3, three types each. Queueing, bulk freeing, taking."""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.pages import Kind
from tests.reference.vocabulary import CMA, ISOLATE, MOVABLE, PCP_TYPES_V6, MigrateType

from . import highatomic, pcp_limits_v6_1, pcp_limits_v6_12, rmqueue_v6_1
from .freeing import __free_one_page, begin_free, free_locked
from .rmqueue_v6_12 import Search
from .state import PCP_LISTS, PCP_ORDERS, SCALE_MAX, ZoneV6
from .watermark import zone_is_high


def index_of(order: int, mt: MigrateType) -> int:
    """order_to_pindex(); types without a list of their own queue as MOVABLE."""
    return 3 * order + PCP_TYPES_V6.index(mt if mt in PCP_TYPES_V6 else MOVABLE)


# -- freeing


def free_unref_page(zone: ZoneV6, pfn: int) -> None:
    """Queue a chunk in limbo on its pcp list; if its block is isolated it passes the lists by.

    Both go by the type read beforehand; in 6.1 the page remembers it.
    """
    page = zone.pages[pfn]
    mt = page.kept
    assert mt is not None
    if mt is ISOLATE:
        free_locked(zone, pfn, to_tail=False)
        return
    order = page.order
    _make_queued(zone, pfn, order, mt if zone.cells.era is Era.V6_1 else None)
    index = index_of(order, mt)
    zone.pcp.lists[index].insert(0, pfn)
    zone.pcp.count += 1 << order
    if zone.cells.era is Era.V6_1:
        nr_pages = pcp_limits_v6_1.pages_to_free(zone, order)
    else:
        nr_pages = pcp_limits_v6_12.pages_to_free(zone, order)
    if nr_pages > 0:
        free_pcppages_bulk(zone, nr_pages, index)
        if zone.below_high and zone_is_high(zone):
            zone.below_high = False


def _make_queued(zone: ZoneV6, pfn: int, order: int, kept: MigrateType | None) -> None:
    head = zone.make_chunk(pfn, order, Kind.PCP)
    head.kept = kept


def free_pcppages_bulk(zone: ZoneV6, nr_pages: int, index: int) -> None:
    """Free this many pages, whole chunks at a time, from the cold end of list index on.

    One list is emptied before the next is touched. 6.1 frees to the type a page remembers unless
    any block was isolated when the bulk began; 6.12 asks the block.
    """
    pcp = zone.pcp
    nr_pages = min(nr_pages, pcp.count)
    if nr_pages > 0:
        zone.something_was_freed()
    remembers = zone.cells.era is Era.V6_1 and not zone.has_isolate_pageblock()
    while nr_pages > 0:
        while not pcp.lists[index]:
            index = (index + 1) % PCP_LISTS
        pcp_list = pcp.lists[index]
        order = index // 3
        while nr_pages > 0 and pcp_list:
            pfn = pcp_list.pop()
            kept = zone.pages[pfn].kept
            pcp.count -= 1 << order
            nr_pages -= 1 << order
            mt = kept if remembers and kept is not None else zone.block_type(pfn)
            __free_one_page(zone, pfn, order, mt, to_tail=False)
        index = (index + 1) % PCP_LISTS


def drain_pages_zone(zone: ZoneV6) -> None:
    """Empty the pcp lists, in rounds that each begin at the first list."""
    while zone.pcp.count > 0:
        free_pcppages_bulk(zone, zone.pcp.batch << SCALE_MAX, 0)


def finish_free(zone: ZoneV6, pfn: int) -> None:
    """What is left of __free_pages() after begin_free(): orders 0 to 3 go by the pcp lists."""
    if zone.pages[pfn].order in PCP_ORDERS:
        free_unref_page(zone, pfn)
    else:
        free_locked(zone, pfn, to_tail=False)


def free_pages(zone: ZoneV6, pfn: int, order: int) -> None:
    """__free_pages(): the last reference to a chunk goes."""
    begin_free(zone, pfn, order)
    finish_free(zone, pfn)


def decay_pcp_high(zone: ZoneV6) -> None:
    """What 6.12 does about once a second: lists that idle shrink towards high_min."""
    excess = pcp_limits_v6_12.decayed_excess(zone)
    step = zone.pcp.batch if zone.cells.decays_by_batch else max(excess, 1)
    while excess > 0:
        free_pcppages_bulk(zone, min(step, excess), 0)
        excess -= step


# -- allocating


def rmqueue_bulk(zone: ZoneV6, order: int, mt: MigrateType, count: int) -> None:
    """Put up to count chunks on a pcp list, each at the cold end.

    6.1 takes them off NR_FREE_PAGES at the end and all at once, so on the way the choice between
    CMA and the other lists goes by a number that is too high.
    """
    pcp_list = zone.pcp.lists[index_of(order, mt)]
    got = 0
    search = Search(zone)
    while got < count:
        kept: MigrateType | None = None
        if zone.cells.era is Era.V6_1:
            taken = rmqueue_v6_1.rmqueue(zone, order, mt)
            if taken is None:
                break
            pfn, kept = taken
            if kept is CMA:
                zone.nr_free_cma -= 1 << order
        else:
            found = search.rmqueue(order, mt)
            if found is None:
                break
            pfn = found
        _make_queued(zone, pfn, order, kept)
        pcp_list.append(pfn)
        got += 1
    zone.pcp.count += got << order
    if zone.cells.era is Era.V6_1:
        zone.nr_free_pages -= got << order


def rmqueue_pcplist(zone: ZoneV6, order: int, mt: MigrateType) -> int | None:
    """Take from the hot end of a pcp list, refilled if it is empty."""
    pcp = zone.pcp
    pcp.free_factor >>= 1
    pcp.free_count >>= 1
    pcp_list = pcp.lists[index_of(order, mt)]
    if not pcp_list:
        if zone.cells.era is Era.V6_1:
            count = pcp_limits_v6_1.chunks_to_refill(zone, order)
        else:
            count = pcp_limits_v6_12.chunks_to_refill(zone, order)
        rmqueue_bulk(zone, order, mt, count)
    if not pcp_list:
        return None
    pcp.count -= 1 << order
    return pcp_list.pop(0)


def rmqueue_buddy(zone: ZoneV6, order: int, mt: MigrateType, *, atomic: bool) -> int | None:
    """Take one chunk straight from the buddy lists.

    A request that cannot wait and has a higher order has the reserve's chunks first; if nothing
    else is left, so has a single page.
    """
    if atomic and order > 0:
        pfn = highatomic.take(zone, order)
        if pfn is not None:
            return pfn
    pfn = from_open_lists(zone, order, mt)
    return highatomic.take(zone, order) if pfn is None and atomic else pfn


def from_open_lists(zone: ZoneV6, order: int, mt: MigrateType) -> int | None:
    """From the lists that are there for every request."""
    if zone.cells.era is Era.V6_1:
        taken = rmqueue_v6_1.rmqueue(zone, order, mt)
        if taken is None:
            return None
        zone.mod_zone_freepage_state(-(1 << order), taken[1])
        return taken[0]
    return Search(zone).rmqueue(order, mt)


def rmqueue(zone: ZoneV6, order: int, mt: MigrateType, *, atomic: bool = False) -> int | None:
    """Allocate a chunk; its PFN, or None. No watermark is looked at."""
    pfn = rmqueue_pcplist(zone, order, mt) if order in PCP_ORDERS else None
    if pfn is None:
        pfn = rmqueue_buddy(zone, order, mt, atomic=atomic)
    if pfn is not None:
        zone.make_chunk(pfn, order, Kind.ALLOCATED)
    return pfn
