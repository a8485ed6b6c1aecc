"""Taking a range of a live zone of 6.x offline, and back online."""

from __future__ import annotations

from tests.reference.around import NotMoved
from tests.reference.hotplug import HUNG, NR_OFFLINE_AT_ONCE_PAGES, TIMEOUT_S, OfflineResult
from tests.reference.migrating import Source, is_there
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE, MOVABLE

from .boot import free_largest_chunks, init_per_zone_wmark_min, set_pcp_limits
from .isolate_range import (
    start_isolate_page_range,
    test_pages_isolated,
    undo_isolate_page_range,
)
from .isolation import offline_isolated_pages
from .pcp import drain_pages_zone, free_pages, rmqueue
from .state import ZoneV6
from .watermark import PcpLimits

EINTR = "-EINTR"

PCP_DISABLED = PcpLimits(high_min=0, high_max=0, batch=1)


def offline_pages(
    zone: ZoneV6, start_pfn: int, end_pfn: int, given: PcpLimits | None
) -> OfflineResult:
    """Isolate, migrate, test and remove whole blocks; the failure path makes them MOVABLE.

    The pcp lists are switched off meanwhile. Types stay ISOLATE after a success. given: as for
    boot_live().
    """
    migrated: list[tuple[int, int]] = []
    pcp = zone.pcp
    limits = PcpLimits(pcp.high_min, pcp.high_max, pcp.batch)
    set_pcp_limits(zone, PCP_DISABLED)
    drain_pages_zone(zone)
    ret = start_isolate_page_range(zone, start_pfn, end_pfn, MOVABLE)
    if ret == 0:
        ret = migrate_everything(zone, start_pfn, end_pfn, migrated)
        if ret == HUNG:
            return OfflineResult(ret, migrated)
        if ret != 0:
            undo_isolate_page_range(zone, start_pfn, end_pfn, MOVABLE)
    if ret != 0:
        set_pcp_limits(zone, limits)
        return OfflineResult(ret, migrated)

    offline_isolated_pages(zone, start_pfn, end_pfn)
    nr_pages = end_pfn - start_pfn
    zone.nr_isolated_blocks -= nr_pages // zone.block_pages
    set_pcp_limits(zone, limits)
    zone.managed_pages -= nr_pages
    zone.present_pages -= nr_pages
    init_per_zone_wmark_min(zone, given)
    update_span(zone)
    return OfflineResult(0, migrated)


def migrate_everything(
    zone: ZoneV6, start_pfn: int, end_pfn: int, migrated: list[tuple[int, int]]
) -> int | str:
    """The loop of offline_pages: until the range is all free, or a signal comes.

    The kernel goes on for as long as anything is left, however often it fails; a signal is what
    ends a round that has moved nothing, for every later one would be the same. It also ends pages
    going round inside the range, after as many rounds as 3.x has patience for.
    """
    for _ in range((end_pfn - start_pfn) // NR_OFFLINE_AT_ONCE_PAGES + TIMEOUT_S):
        if not any(is_movable_head(zone, pfn) for pfn in range(start_pfn, end_pfn)):
            return 0 if test_pages_isolated(zone, start_pfn, end_pfn) else EINTR
        moved = do_migrate_range(zone, start_pfn, end_pfn, migrated)
        if moved == HUNG:
            return HUNG
        if not moved:
            return EINTR
    return EINTR


def is_movable_head(zone: ZoneV6, pfn: int) -> bool:
    """Whether a chunk on the LRU begins here: a chunk is migrated as one thing, by its head."""
    page = zone.pages[pfn]
    return page.kind is Kind.ALLOCATED and page.lru


def do_migrate_range(
    zone: ZoneV6, start_pfn: int, end_pfn: int, migrated: list[tuple[int, int]]
) -> int | str:
    """Move what can be moved out of the range, ascending: how many pages left it, or "HUNG".

    Everything is taken off the LRU first, and what did not move is put back last. A pinned page
    stays, and so does a chunk larger than a page; neither asks for a target. Where no target is
    to be had the rest is not tried.
    """
    sources = [
        Source(pfn, zone.pages[pfn])
        for pfn in range(start_pfn, end_pfn)
        if is_movable_head(zone, pfn)
    ]
    for source in sources:
        set_lru(zone, source, lru=False)
    left = 0
    hung = False
    for source in sources:
        if not is_there(zone, source):
            left += 1
            continue
        if source.page.pinned or source.page.order > 0:
            continue
        moved = migrate_page(zone, source.pfn)
        if isinstance(moved, int):
            migrated.append((source.pfn, moved))
        elif moved is not NotMoved.GONE:
            hung = moved is NotMoved.HUNG
            break
        left += 1
    for source in sources:
        if is_there(zone, source):
            set_lru(zone, source, lru=True)
    return HUNG if hung else left


def set_lru(zone: ZoneV6, source: Source, *, lru: bool) -> None:
    """Every page of a chunk has a flag of its own."""
    for pfn in range(source.pfn, source.pfn + (1 << source.page.order)):
        zone.pages[pfn].lru = lru


def migrate_page(zone: ZoneV6, pfn: int) -> int | NotMoved:
    """Move one page off the LRU to a new page on it."""
    if zone.node is not None:
        return zone.node.migrate_page(pfn)
    target = rmqueue(zone, 0, MOVABLE)
    if target is None:
        return NotMoved.NO_PAGE
    free_pages(zone, pfn, 0)
    zone.pages[target].lru = True
    return target


def online_pages(zone: ZoneV6, start_pfn: int, end_pfn: int, given: PcpLimits | None) -> None:
    """Bring whole blocks back: isolated, freed in the largest chunks, then made MOVABLE.

    (The kernel's ranges are whole sections, which no chunk leaves; here one ends with the range.)
    """
    nr_pages = end_pfn - start_pfn
    for block in range(start_pfn, end_pfn, zone.block_pages):
        zone.set_block_type(block, ISOLATE)
    zone.nr_isolated_blocks += nr_pages // zone.block_pages
    free_largest_chunks(zone, start_pfn, end_pfn)
    zone.managed_pages += nr_pages
    zone.present_pages += nr_pages
    undo_isolate_page_range(zone, start_pfn, end_pfn, MOVABLE)
    init_per_zone_wmark_min(zone, given)
    update_span(zone)


def update_span(zone: ZoneV6) -> None:
    """remove_pfn_range_from_zone() and its reverse: the zone ends where its last memory does."""
    online = [pfn for pfn, page in zone.pages.items() if page.kind is not Kind.OFFLINE]
    zone.span = (online[0], online[-1] + 1) if online else (0, 0)
