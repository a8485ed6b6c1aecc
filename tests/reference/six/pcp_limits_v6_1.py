"""How much a pcp list of 6.1 holds, and how much it gives back or takes at a time."""

from __future__ import annotations

from .state import SCALE_MAX, ZoneV6


def pages_to_free(zone: ZoneV6, order: int) -> int:
    """After a chunk of this order was queued: how many pages are to go; 0 below the limit."""
    pcp = zone.pcp
    free_high = pcp.free_factor > 0 and order > 0
    limit = _nr_pcp_high(zone, free_high)
    return _nr_pcp_free(zone, limit, free_high) if pcp.count >= limit else 0


def _nr_pcp_high(zone: ZoneV6, free_high: bool) -> int:
    high = zone.pcp.high_max
    if high == 0 or free_high:
        return 0
    return min(4 * zone.pcp.batch, high) if zone.reclaim_active else high


def _nr_pcp_free(zone: ZoneV6, limit: int, free_high: bool) -> int:
    """Twice as much with each bulk free in a row, as long as a batch is left on the lists."""
    pcp = zone.pcp
    if free_high:
        return pcp.count
    if limit < pcp.batch:
        return 1
    most = limit - pcp.batch
    wanted = pcp.batch << pcp.free_factor
    if wanted < most and pcp.free_factor < SCALE_MAX:
        pcp.free_factor += 1
    return min(max(wanted, pcp.batch), most)


def chunks_to_refill(zone: ZoneV6, order: int) -> int:
    """How many chunks an empty list is to get."""
    batch = zone.pcp.batch
    return max(batch >> order, 2) if batch > 1 else batch
