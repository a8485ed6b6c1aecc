"""Taking a range of a live zone of 3.x offline, and back online."""

from __future__ import annotations

from typing import NamedTuple

from .around import NotMoved
from .boot import init_per_zone_wmark_min, online_page, sizing_pages
from .isolate_range import (
    start_isolate_page_range,
    test_pages_isolated,
    undo_isolate_page_range,
)
from .isolation import EBUSY, offline_isolated_pages
from .migrating import Source, is_there, putback_lru_pages
from .pages import Kind
from .pcp import ZoneV3, buffered_rmqueue, drain_all_pages, drain_pages, free_pages
from .ranges import present_in
from .state import ZoneState
from .vocabulary import MOVABLE
from .watermark import zone_batchsize

EAGAIN = "-EAGAIN"
ENOMEM = "-ENOMEM"
HUNG = "HUNG"
NR_OFFLINE_AT_ONCE_PAGES = 256
RETRY_MAX = 5
TIMEOUT_S = 120


class OfflineResult(NamedTuple):
    """How offline_pages ended."""

    ret: int | str
    """0, "-EBUSY", "-EAGAIN" or "-ENOMEM"; 6.x: 0, "-EBUSY" or "-EINTR".

    "HUNG" where it never returns, because a request for a target goes round for ever. Then
    nothing is undone but that pages go back to the LRU.
    """
    migrated: list[tuple[int, int]]
    """(old PFN, new PFN) of every page that moved, in order. They stay moved on a failure. One
    that landed in the range again appears twice."""


# -- offline


def offline_pages(zone: ZoneV3, start_pfn: int, end_pfn: int) -> OfflineResult:
    """Isolate, migrate, test and remove whole blocks; the failure path makes them MOVABLE."""
    migrated: list[tuple[int, int]] = []
    ret = start_isolate_page_range(zone, start_pfn, end_pfn, MOVABLE)
    if ret != 0:
        return OfflineResult(ret, migrated)

    ret = _migrate_everything(zone, start_pfn, end_pfn, migrated)
    if ret == 0:
        drain_all_pages(zone)
        if not test_pages_isolated(zone, start_pfn, end_pfn):
            ret = EBUSY
    if ret == HUNG:
        return OfflineResult(ret, migrated)
    if ret != 0:
        undo_isolate_page_range(zone, start_pfn, end_pfn)
        return OfflineResult(ret, migrated)

    offline_isolated_pages(zone, start_pfn, end_pfn)
    undo_isolate_page_range(zone, start_pfn, end_pfn)
    offlined = present_in(zone, start_pfn, end_pfn)
    zone.present_pages -= offlined
    zone.managed_pages -= offlined
    init_per_zone_wmark_min(zone)
    return OfflineResult(0, migrated)


def _migrate_everything(
    zone: ZoneV3, start_pfn: int, end_pfn: int, migrated: list[tuple[int, int]]
) -> int | str:
    """The loop of offline_pages: until no LRU page is left, five errors, or the time-out.

    Nothing here takes time, so the 120 seconds are up when a round has failed with every page:
    every later round would be the same. (Draining helps none: isolation has just done it.)
    They are up as well when pages go round inside the range, each to where another has left: of
    rounds beyond those that move every page once, each takes a second.
    """
    drain = False
    retries_left = RETRY_MAX
    for _ in range((end_pfn - start_pfn) // NR_OFFLINE_AT_ONCE_PAGES + TIMEOUT_S):
        if drain:
            drain_all_pages(zone)
        pfn = scan_lru_pages(zone, start_pfn, end_pfn)
        if pfn is None:
            return 0
        ret, tried = do_migrate_range(zone, pfn, end_pfn, migrated)
        if ret == HUNG:
            return ret
        if isinstance(ret, str):
            retries_left -= 1
            if retries_left == 0:
                return ret
        elif ret == tried:
            return EAGAIN
        drain = True
    return EAGAIN


def scan_lru_pages(zone: ZoneState, start_pfn: int, end_pfn: int) -> int | None:
    """The first LRU page of the range. Of a chunk that begins before it, none is."""
    return next((pfn for pfn in range(start_pfn, end_pfn) if zone.pages[pfn].lru), None)


class Round(NamedTuple):
    """How do_migrate_range ended."""

    ret: int | str
    """How many pages failed to move, or an error."""
    tried: int


def do_migrate_range(
    zone: ZoneV3, start_pfn: int, end_pfn: int, migrated: list[tuple[int, int]]
) -> Round:
    """Move up to 256 pages out of the way."""
    sources: list[Source] = []
    for pfn in range(start_pfn, end_pfn):
        if len(sources) == NR_OFFLINE_AT_ONCE_PAGES:
            break
        page = zone.pages[pfn]
        if page.count == 0:
            continue
        if not page.lru:
            putback_lru_pages(zone, sources)
            return Round(EBUSY, len(sources))
        page.lru = False
        sources.append(Source(pfn, page))
    return Round(migrate_pages(zone, sources, migrated), len(sources))


def migrate_pages(
    zone: ZoneV3, sources: list[Source], migrated: list[tuple[int, int]]
) -> int | str:
    """Move each page to a newly allocated one: how many failed, or "-ENOMEM" when none is left.

    Whoever did not move goes back to the LRU. A pinned page fails, and so does a chunk larger
    than a page; neither asks for a target. A page that is gone needs none.
    """
    failed: list[Source] = []
    for position, source in enumerate(sources):
        if not is_there(zone, source):
            continue
        if source.page.pinned or source.page.order > 0:
            failed.append(source)
            continue
        moved = migrate_page(zone, source.pfn)
        if moved is NotMoved.GONE:
            continue
        if isinstance(moved, NotMoved):
            putback_lru_pages(zone, failed + sources[position:])
            return HUNG if moved is NotMoved.HUNG else ENOMEM
        migrated.append((source.pfn, moved))
    putback_lru_pages(zone, failed)
    return len(failed)


def migrate_page(zone: ZoneV3, pfn: int) -> int | NotMoved:
    """Move one page off the LRU to a new page on it."""
    if zone.node is not None:
        return zone.node.migrate_page(pfn)
    target = buffered_rmqueue(zone, 0, MOVABLE)
    if target is None:
        return NotMoved.NO_PAGE
    free_pages(zone, pfn, 0)
    zone.pages[target].lru = True
    return target


# -- online


def online_pages(zone: ZoneV3, start_pfn: int, end_pfn: int, *, resize_pcp: bool) -> None:
    """Free every page of the range, ascending, then drain, size and set up the zone anew."""
    for pfn in range(start_pfn, end_pfn):
        if zone.pages[pfn].kind is not Kind.HOLE:
            online_page(zone, pfn)
    onlined = present_in(zone, start_pfn, end_pfn)
    zone.present_pages += onlined
    zone.managed_pages += onlined
    drain_pages(zone)
    if resize_pcp:
        zone.pcp_high, zone.pcp_batch = zone_batchsize(sizing_pages(zone))
    init_per_zone_wmark_min(zone)
