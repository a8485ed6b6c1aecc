"""Watermarks, the watermark test and pcp sizes of 3.5, for a node that has this one zone.

Pure functions. Counts are in pages of 4 KiB unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isqrt
from typing import NamedTuple


class Watermarks(NamedTuple):
    """In pages."""

    min: int
    low: int
    high: int


class PcpSizes(NamedTuple):
    """In pages."""

    high: int
    batch: int


def min_free_kbytes(present_pages: int, old_high: int) -> int:
    """init_per_zone_wmark_min(): in KiB. old_high is the high watermark as it stands, 0 at boot."""
    lowmem_kbytes = max(0, present_pages - old_high) * 4
    return min(max(isqrt(lowmem_kbytes * 16), 128), 65536)


def zone_watermarks(min_free: int, present_pages: int) -> Watermarks:
    """__setup_per_zone_wmarks(): min_free in KiB.

    A zone without pages gets none; the kernel would divide by zero if it were the only one.
    """
    pages_min = min_free // 4 if present_pages else 0
    return Watermarks(pages_min, pages_min + pages_min // 4, pages_min + pages_min // 2)


def zone_batchsize(present_pages: int) -> PcpSizes:
    """zone_batchsize() and setup_pageset(): a 4096th of the zone, near a power of two."""
    quarter = max(1, min(present_pages // 1024, 512 * 1024 // 4096) // 4)
    rounded_down = 1 << ((quarter + quarter // 2).bit_length() - 1)
    batch = rounded_down - 1
    return PcpSizes(high=6 * batch, batch=max(1, batch))


U64 = 1 << 64


def _signed(value: int) -> int:
    """A 64-bit register read as a signed number."""
    value %= U64
    return value - U64 if value >= U64 // 2 else value


def watermark_ok(
    order: int,
    mark: int,
    lowmem_reserve: int,
    flags: Collection[str],
    free: int,
    nr_free: Sequence[int],
) -> bool:
    """__zone_watermark_ok(): whether a request of this order leaves the zone above the mark.

    flags: any of "HIGH", "HARDER". free: NR_FREE_PAGES as handed over (zone_watermark_ok hands
    over 0 for a negative one). nr_free: per order, signed or as the wrapped unsigned number.
    """
    free = _signed(free - ((1 << order) - 1))
    minimum = mark
    if "HIGH" in flags:
        minimum -= minimum // 2
    if "HARDER" in flags:
        minimum -= minimum // 4
    # The reserve is an unsigned long, which makes the whole comparison unsigned: too few free
    # pages to take 2^order - 1 from, and the test sees a huge number. Mended in 3.6.
    if free % U64 <= (minimum + lowmem_reserve) % U64:
        return False
    for lower in range(order):
        free = _signed(free - (nr_free[lower] << lower))
        minimum >>= 1
        if free <= minimum:
            return False
    return True
