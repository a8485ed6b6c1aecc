"""What a live zone of 6.x does at boot, and what onlining shares with it."""

from __future__ import annotations

from tests.reference.ranges import ranges_to_free
from tests.reference.watermark import Watermarks

from .freeing import free_direct
from .state import ZoneV6
from .watermark import PcpLimits, pcp_limits, zone_watermarks


def free_largest_chunks(zone: ZoneV6, start_pfn: int, end_pfn: int) -> None:
    """__free_pages_memory() and online_pages_range(): a range in aligned chunks, to the tails."""
    pfn = start_pfn
    while pfn < end_pfn:
        order = largest_order(zone, pfn, end_pfn)
        free_direct(zone, pfn, order, to_tail=True)
        pfn += 1 << order


def largest_order(zone: ZoneV6, pfn: int, end_pfn: int) -> int:
    """Of the chunks that may begin at pfn and do not reach beyond the end."""
    order = zone.top
    while pfn % (1 << order) or pfn + (1 << order) > end_pfn:
        order -= 1
    return order


def boot_live(zone: ZoneV6, kept_reserved: set[int], given: PcpLimits | None) -> None:
    """Free all memory, then set watermarks and pcp limits.

    given: None for the limits that go with the zone's size.
    """
    free_all_memory(zone, kept_reserved)
    init_per_zone_wmark_min(zone, given)


def free_all_memory(zone: ZoneV6, kept_reserved: set[int]) -> None:
    """Free everything but holes and kept_reserved."""
    for start_pfn, end_pfn in ranges_to_free(zone, kept_reserved):
        free_largest_chunks(zone, start_pfn, end_pfn)
        zone.managed_pages += end_pfn - start_pfn


def init_per_zone_wmark_min(zone: ZoneV6, given: PcpLimits | None) -> None:
    """Work the watermarks out anew, and the pcp limits from them (zone_pcp_update)."""
    if zone.node is not None:
        zone.node.init_per_zone_wmark_min()
        return
    old_high = zone.watermarks.high if zone.watermarks else 0
    set_watermarks(zone, zone_watermarks(zone.managed_pages, old_high), given)


def set_watermarks(zone: ZoneV6, watermarks: Watermarks, given: PcpLimits | None) -> None:
    """The part of setup_per_zone_wmarks() that is one zone's."""
    zone.watermarks = watermarks
    own = pcp_limits(zone.cells.era, zone.managed_pages, watermarks.low)
    set_pcp_limits(zone, given or own)


def set_pcp_limits(zone: ZoneV6, limits: PcpLimits) -> None:
    """What the lists hold may be above the new limit; the next free sees to that."""
    zone.pcp.high_min, zone.pcp.high_max, zone.pcp.batch = limits
