"""Watermarks, the watermark test and pcp sizes of 6.x, for a node with this zone and one CPU."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from tests.reference.cells import Era
from tests.reference.vocabulary import CMA, HIGHATOMIC, MOVABLE, RECLAIMABLE, UNMOVABLE, MigrateType
from tests.reference.watermark import Watermarks, batch_of, min_free_kbytes

from .state import ZoneV6

MOST_MIN_FREE_KBYTES = 262144
WATERMARK_SCALE_FACTOR = 10


class PcpLimits(NamedTuple):
    """In pages. 6.1 has one limit: its high_min and high_max are equal."""

    high_min: int
    high_max: int
    batch: int


def zone_watermarks(managed_pages: int, old_high: int) -> Watermarks:
    """init_per_zone_wmark_min() and __setup_per_zone_wmarks(). old_high: 0 at boot."""
    if managed_pages == 0:
        return Watermarks(0, 0, 0)
    least = min_free_kbytes(managed_pages, old_high, MOST_MIN_FREE_KBYTES) // 4
    step = max(least // 4, managed_pages * WATERMARK_SCALE_FACTOR // 10000)
    return Watermarks(least, least + step, least + 2 * step)


def pcp_limits(era: Era, managed_pages: int, low_watermark: int) -> PcpLimits:
    """zone_set_pageset_high_and_batch(), no fraction set."""
    batch = max(1, batch_of(managed_pages, most=1024 * 1024 // 4096))
    high_min = max(low_watermark, 4 * batch)
    if era is Era.V6_1:
        return PcpLimits(high_min, high_min, batch)
    return PcpLimits(high_min, max(managed_pages // 8, 4 * batch), batch)


def watermark_ok(
    order: int,
    mark: int,
    lowmem_reserve: int,
    flags: Collection[str],
    free: int,
    nr_free: Sequence[int],
    *,
    unusable: int,
    listed: Callable[[int, MigrateType], bool],
) -> bool:
    """__zone_watermark_ok(): whether a request of this order leaves the zone above the mark.

    flags: any of "MIN_RESERVE", "NON_BLOCK", "OOM", "HIGHATOMIC", "CMA". unusable: free pages
    that the request may not use, see unusable_free(). listed(order, type): whether that list has
    a chunk.
    """
    minimum = mark
    if "MIN_RESERVE" in flags:
        minimum -= minimum // 2
        if "NON_BLOCK" in flags:
            minimum -= minimum // 4
    if "OOM" in flags:
        minimum -= minimum // 2
    if free - ((1 << order) - 1) - unusable <= minimum + lowmem_reserve:
        return False
    if order == 0:
        return True
    usable = [UNMOVABLE, MOVABLE, RECLAIMABLE]
    if "CMA" in flags:
        usable.append(CMA)
    if not {"HIGHATOMIC", "OOM"}.isdisjoint(flags):
        usable.append(HIGHATOMIC)
    return any(
        nr_free[larger] and any(listed(larger, mt) for mt in usable)
        for larger in range(order, len(nr_free))
    )


def unusable_free(flags: Collection[str], highatomic: int, free_cma: int) -> int:
    """__zone_watermark_unusable_free(), but for the 2^order - 1 pages."""
    unusable = 0
    if {"MIN_RESERVE", "NON_BLOCK", "HIGHATOMIC", "OOM"}.isdisjoint(flags):
        unusable += highatomic
    if "CMA" not in flags:
        unusable += max(0, free_cma)
    return unusable


def single_page_ok(zone: ZoneV6, mark: int, flags: Collection[str]) -> bool:
    """zone_watermark_ok() for one page of a zone with no lowmem reserve."""
    highatomic = zone.nr_free_highatomic
    if zone.cells.era is Era.V6_1:
        highatomic = zone.nr_reserved_highatomic  # what is in use of it too
    return watermark_ok(
        0,
        mark,
        0,
        flags,
        max(0, zone.nr_free_pages),
        zone.nr_free,
        unusable=unusable_free(flags, highatomic, zone.nr_free_cma),
        listed=lambda order, mt: bool(zone.lists[order][mt]),
    )


def zone_is_high(zone: ZoneV6) -> bool:
    """Whether the high watermark holds. A zone without watermarks is taken to be above them."""
    return zone.watermarks is None or single_page_ok(zone, zone.watermarks.high, ())
