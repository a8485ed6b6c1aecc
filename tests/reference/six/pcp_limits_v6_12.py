"""How much a pcp list of 6.12 holds: a limit that tunes itself between high_min and high_max."""

from __future__ import annotations

from .state import SCALE_MAX, ZoneV6


def _clamp_high(zone: ZoneV6) -> int:
    pcp = zone.pcp
    pcp.high = min(max(pcp.high, pcp.high_min), pcp.high_max)
    return pcp.high


def pages_to_free(zone: ZoneV6, order: int) -> int:
    """After a chunk of this order was queued: how many pages are to go; 0 below the limit.

    A high-order chunk that follows another one, with as much as a batch freed since the last
    allocation, empties the lists. (PCPF_FREE_HIGH_BATCH is clear.)
    """
    pcp = zone.pcp
    pcp.alloc_factor >>= 1
    free_high = False
    if order > 0:
        free_high = pcp.free_count >= pcp.batch and pcp.prev_free_high_order
        pcp.prev_free_high_order = True
    else:
        pcp.prev_free_high_order = False
    if pcp.free_count < pcp.batch << SCALE_MAX:
        pcp.free_count += 1 << order
    limit = _nr_pcp_high(zone, free_high)
    return _nr_pcp_free(zone, limit, free_high) if pcp.count >= limit else 0


def _nr_pcp_high(zone: ZoneV6, free_high: bool) -> int:
    """The limit for this free. On the way the limit in force may change for the next."""
    pcp = zone.pcp
    high = _clamp_high(zone)
    if high == 0:
        return 0
    if free_high:
        pcp.high = max(high - (pcp.batch << SCALE_MAX), pcp.high_min)
        return 0
    if zone.reclaim_active:
        pcp.high = max(high - max(pcp.free_count, pcp.batch), pcp.high_min)
        return min(4 * pcp.batch, pcp.high)
    if pcp.high_min == pcp.high_max:
        return high
    if zone.below_high:
        pcp.high = max(high - max(pcp.free_count, pcp.batch), pcp.high_min)
        return max(pcp.count, pcp.high_min)
    if pcp.count >= high:
        need = pcp.free_count + pcp.batch
        if high < need:
            pcp.high = min(max(need, pcp.high_min), pcp.high_max)
    return high


def _nr_pcp_free(zone: ZoneV6, limit: int, free_high: bool) -> int:
    pcp = zone.pcp
    if free_high:
        return min(pcp.count, pcp.batch << SCALE_MAX)
    if limit < pcp.batch:
        return 1
    return min(max(pcp.free_count, pcp.batch), limit - pcp.batch)


def decayed_excess(zone: ZoneV6) -> int:
    """The first half of decay_pcp_high(): bring the limit in force down; pages now above it."""
    pcp = zone.pcp
    if pcp.high > pcp.high_min:
        lower = pcp.high - (pcp.high >> 3)
        pcp.high = max(pcp.count - (pcp.batch << SCALE_MAX), lower, pcp.high_min)
    return max(0, pcp.count - pcp.high)


def chunks_to_refill(zone: ZoneV6, order: int) -> int:
    """nr_pcp_alloc(): more with each refill in a row, as long as there is room."""
    pcp = zone.pcp
    high = _clamp_high(zone)
    if high < pcp.batch:
        return 1
    wanted = pcp.batch << pcp.alloc_factor if order == 0 else pcp.batch
    if pcp.high_min != pcp.high_max and not zone.below_high:
        pcp.high = high = min(high + wanted, pcp.high_max)
    if order == 0:
        room = max(high - pcp.count - pcp.batch, pcp.batch)
        if wanted <= room and pcp.alloc_factor < SCALE_MAX:
            pcp.alloc_factor += 1
        wanted = min(wanted, room)
    return max(wanted >> order, 2) if wanted > 1 else wanted
