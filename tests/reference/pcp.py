"""The per-CPU lists of order-0 pages in 3.x, and allocation and freeing as callers see them."""

from __future__ import annotations

from collections.abc import Iterable

from .buddy import (
    __free_pages_ok,
    begin_free,
    free_drained_page,
    free_one_isolated_page,
    free_one_page,
    type_read,
)
from .cells import Cells
from .pages import Kind, Page
from .rmqueue import __rmqueue
from .state import ZoneState
from .vocabulary import CMA, ISOLATE, MOVABLE, PCP_TYPES, MigrateType


class ZoneV3(ZoneState):
    """A zone of 3.x, with the pcp lists of its one CPU."""

    def __init__(
        self,
        cells: Cells,
        start_pfn: int,
        spanned_pages: int,
        pageblock_order: int,
        max_order: int,
        holes: Iterable[tuple[int, int]],
    ) -> None:
        super().__init__(cells, start_pfn, spanned_pages, pageblock_order, max_order, holes)
        self.pcp: dict[MigrateType, list[int]] = {mt: [] for mt in PCP_TYPES}
        """PFNs, hot end first."""
        self.pcp_high = 0
        self.pcp_batch = 1


def pcp_count(zone: ZoneV3) -> int:
    return sum(len(pcp_list) for pcp_list in zone.pcp.values())


def _queue(zone: ZoneV3, pfn: int, kept: MigrateType) -> None:
    """The page belongs to a pcp list from now on; the caller puts it there."""
    zone.pages[pfn] = Page(Kind.PCP, kept=kept)


# -- freeing


def free_hot_cold_page(zone: ZoneV3, pfn: int, *, cold: bool = False) -> None:
    """Free one page by way of the pcp lists, to the hot end or the cold one.

    Isolated pages pass them by.

    The type that decides, and that the page remembers, was read before the lock was taken.
    """
    mt = type_read(zone, pfn)
    if mt is ISOLATE:
        if zone.cells.free_hot_cold:
            free_one_isolated_page(zone, pfn, 0)
        else:
            free_one_page(zone, pfn, 0, ISOLATE)
        return
    _queue(zone, pfn, mt)
    pcp_list = zone.pcp[mt if mt in PCP_TYPES else MOVABLE]
    pcp_list.insert(len(pcp_list) if cold else 0, pfn)
    if pcp_count(zone) >= zone.pcp_high:
        free_pcppages_bulk(zone, zone.pcp_batch)


def free_pcppages_bulk(zone: ZoneV3, count: int) -> None:
    """Return count pages from the cold ends to the buddy lists.

    The lists take turns, RECLAIMABLE first, and the more empty ones are passed over the more
    pages the next one gives. What an emptied list did not give stays in batch_free, so the test
    for "the only list left" can miss.
    """
    index = 0
    batch_free = 0
    to_free = count
    if to_free > 0:
        zone.something_was_freed()
    while to_free > 0:
        while True:
            batch_free += 1
            index = (index + 1) % len(PCP_TYPES)
            pcp_list = zone.pcp[PCP_TYPES[index]]
            if pcp_list:
                break
        if batch_free == len(PCP_TYPES):
            batch_free = to_free
        while True:
            pfn = pcp_list.pop()
            kept = zone.pages[pfn].kept
            assert kept is not None
            free_drained_page(zone, pfn, kept)
            to_free -= 1
            if to_free == 0:
                break
            batch_free -= 1
            if batch_free == 0 or not pcp_list:
                break


def drain_pages(zone: ZoneV3) -> None:
    """Empty the pcp lists."""
    free_pcppages_bulk(zone, pcp_count(zone))


def drain_all_pages(zone: ZoneV3) -> None:
    """Empty the pcp lists of every zone of the node."""
    if zone.node is None:
        drain_pages(zone)
    else:
        zone.node.drain_all_pages()


def finish_free(zone: ZoneV3, pfn: int) -> None:
    """What is left of __free_pages() after begin_free()."""
    if zone.pages[pfn].order == 0:
        free_hot_cold_page(zone, pfn)
    else:
        __free_pages_ok(zone, pfn)


def free_pages(zone: ZoneV3, pfn: int, order: int) -> None:
    """__free_pages(): the last reference to a chunk goes."""
    begin_free(zone, pfn, order)
    finish_free(zone, pfn)


def free_cold(zone: ZoneV3, pfn: int, order: int) -> None:
    """How reclaim frees: a single page goes to the cold end of its pcp list."""
    begin_free(zone, pfn, order)
    if order == 0:
        free_hot_cold_page(zone, pfn, cold=True)
    else:
        __free_pages_ok(zone, pfn)


def free_direct(zone: ZoneV3, pfn: int, order: int) -> None:
    """Free a chunk of any order past the pcp lists."""
    begin_free(zone, pfn, order)
    __free_pages_ok(zone, pfn)


# -- allocating


def rmqueue_bulk(zone: ZoneV3, mt: MigrateType) -> None:
    """Refill the pcp list of mt by up to a batch of pages, the first one at the hot end.

    What a page remembers is the type asked for, but CMA and ISOLATE blocks claim their own;
    since 3.18 it is the list that the page came from.
    """
    pcp_list = zone.pcp[mt]
    for _ in range(zone.pcp_batch):
        taken = __rmqueue(zone, 0, mt)
        if taken is None:
            break
        block_type = zone.block_type(taken.pfn)
        if zone.cells.freepage_type:
            kept = taken.mt
        else:
            kept = block_type if block_type in (CMA, ISOLATE) else mt
        _queue(zone, taken.pfn, kept)
        pcp_list.append(taken.pfn)
        zone.mod_zone_freepage_state(-1, kept)


def buffered_rmqueue(zone: ZoneV3, order: int, mt: MigrateType) -> int | None:
    """Allocate a chunk; its PFN, or None. No watermark is looked at."""
    if order == 0:
        if not zone.pcp[mt]:
            rmqueue_bulk(zone, mt)
        if not zone.pcp[mt]:
            return None
        pfn = zone.pcp[mt].pop(0)
    else:
        taken = __rmqueue(zone, order, mt)
        if taken is None:
            return None
        pfn = taken.pfn
        counted_as = taken.mt if zone.cells.freepage_type else zone.block_type(pfn)
        zone.mod_zone_freepage_state(-(1 << order), counted_as)
    zone.make_chunk(pfn, order, Kind.ALLOCATED)
    return pfn
