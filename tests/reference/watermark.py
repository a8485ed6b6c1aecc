"""Watermarks, the watermark test and pcp sizes of 3.x, for a node that has this one zone.

Pure functions. Counts are in pages of 4 KiB unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isqrt
from typing import NamedTuple

from .cells import V3_5, Cells, CmaInTest


class Watermarks(NamedTuple):
    """In pages."""

    min: int
    low: int
    high: int


class PcpSizes(NamedTuple):
    """In pages."""

    high: int
    batch: int


def min_free_kbytes(pages: int, old_high: int, most: int = 65536) -> int:
    """init_per_zone_wmark_min(): in KiB. old_high is the high watermark as it stands, 0 at boot."""
    lowmem_kbytes = max(0, pages - old_high) * 4
    return min(max(isqrt(lowmem_kbytes * 16), 128), most)


def zone_watermarks(min_free: int, pages: int) -> Watermarks:
    """__setup_per_zone_wmarks(): min_free in KiB.

    A zone without pages gets none; the kernel would divide by zero if it were the only one.
    """
    pages_min = min_free // 4 if pages else 0
    return Watermarks(pages_min, pages_min + pages_min // 4, pages_min + pages_min // 2)


def batch_of(pages: int, most: int) -> int:
    """zone_batchsize(): a 4096th of the zone, near a power of two and one less; may be 0.

    most: the cap, in pages, on the thousandth of the zone that this is a quarter of.
    """
    quarter = max(1, min(pages // 1024, most) // 4)
    return (1 << ((quarter + quarter // 2).bit_length() - 1)) - 1


def zone_batchsize(pages: int) -> PcpSizes:
    """zone_batchsize() and setup_pageset()."""
    batch = batch_of(pages, most=512 * 1024 // 4096)
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
    *,
    cells: Cells = V3_5,
    free_cma: int = 0,
) -> bool:
    """__zone_watermark_ok(): whether a request of this order leaves the zone above the mark.

    flags: any of "HIGH", "HARDER", "CMA" (that from 3.7 on). free: NR_FREE_PAGES as handed over
    (zone_watermark_ok hands over 0 for a negative one). nr_free: per order, signed or as the
    wrapped unsigned number. free_cma: NR_FREE_CMA_PAGES, signed.
    """
    free = _signed(free - ((1 << order) - 1))
    minimum = mark
    if "HIGH" in flags:
        minimum -= minimum // 2
    if "HARDER" in flags:
        minimum -= minimum // 4
    usable = free
    if cells.cma_in_test is not CmaInTest.IGNORED and "CMA" not in flags:
        usable -= max(0, free_cma)
    if cells.cma_in_test is CmaInTest.TAKEN_OFF:
        free = usable
    # In 3.5 the reserve is an unsigned long, which makes the whole comparison unsigned: too few
    # free pages to take 2^order - 1 from, and the test sees a huge number.
    if cells.signed_reserve:
        too_few = usable <= minimum + lowmem_reserve
    else:
        too_few = usable % U64 <= (minimum + lowmem_reserve) % U64
    if too_few:
        return False
    for lower in range(order):
        free = _signed(free - (nr_free[lower] << lower))
        minimum >>= 1
        if free <= minimum:
            return False
    return True
