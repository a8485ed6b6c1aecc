"""The per-CPU lists of order-0 pages, and allocation and freeing as callers see them."""

from __future__ import annotations

from .buddy import (
    __free_one_page,
    __free_pages_ok,
    __rmqueue,
    free_one_isolated_page,
    free_one_page,
)
from .pages import Kind, Page
from .state import ZoneState
from .vocabulary import CMA, ISOLATE, MOVABLE, PCP_TYPES, MigrateType


def pcp_count(zone: ZoneState) -> int:
    return sum(len(pcp_list) for pcp_list in zone.pcp.values())


def _queue(zone: ZoneState, pfn: int, kept: MigrateType) -> None:
    """The page belongs to a pcp list from now on; the caller puts it there."""
    zone.pages[pfn] = Page(Kind.PCP, kept=kept)


# -- freeing


def free_hot_cold_page(zone: ZoneState, pfn: int) -> None:
    """Free one page by way of the pcp lists, to the hot end. Isolated pages pass them by."""
    zone.make_chunk(pfn, 0, Kind.LIMBO)
    mt = zone.block_type(pfn)
    if mt is ISOLATE:
        if zone.cells.free_hot_cold:
            free_one_isolated_page(zone, pfn, 0)
        else:
            free_one_page(zone, pfn, 0, ISOLATE)
        return
    _queue(zone, pfn, mt)
    zone.pcp[mt if mt in PCP_TYPES else MOVABLE].insert(0, pfn)
    if pcp_count(zone) >= zone.pcp_high:
        free_pcppages_bulk(zone, zone.pcp_batch)


def free_pcppages_bulk(zone: ZoneState, count: int) -> None:
    """Return count pages from the cold ends to the lists of the types they remember.

    The lists take turns, RECLAIMABLE first, and the more empty ones are passed over the more
    pages the next one gives. What an emptied list did not give stays in batch_free, so the test
    for "the only list left" can miss.
    """
    index = 0
    batch_free = 0
    to_free = count
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
            __free_one_page(zone, pfn, 0, kept)
            to_free -= 1
            if to_free == 0:
                break
            batch_free -= 1
            if batch_free == 0 or not pcp_list:
                break
    zone.nr_free_pages += count


def drain_pages(zone: ZoneState) -> None:
    """Empty the pcp lists."""
    free_pcppages_bulk(zone, pcp_count(zone))


def free_pages(zone: ZoneState, pfn: int, order: int) -> None:
    """__free_pages(): the last reference to a chunk goes."""
    if order == 0:
        free_hot_cold_page(zone, pfn)
    else:
        __free_pages_ok(zone, pfn, order)


# -- allocating


def rmqueue_bulk(zone: ZoneState, mt: MigrateType) -> None:
    """Refill the pcp list of mt by up to a batch of pages, the first one at the hot end."""
    pcp_list = zone.pcp[mt]
    for _ in range(zone.pcp_batch):
        pfn = __rmqueue(zone, 0, mt)
        if pfn is None:
            break
        block_type = zone.block_type(pfn)
        _queue(zone, pfn, block_type if block_type in (CMA, ISOLATE) else mt)
        pcp_list.append(pfn)
        zone.nr_free_pages -= 1


def buffered_rmqueue(zone: ZoneState, order: int, mt: MigrateType) -> int | None:
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
        zone.nr_free_pages -= 1 << order
        pfn = taken
    zone.make_chunk(pfn, order, Kind.ALLOCATED)
    return pfn
