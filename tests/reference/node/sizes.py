"""Watermarks and lowmem reserves of a node with several zones.

Pure functions. Counts are in pages of 4 KiB unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.reference import watermark
from tests.reference.cells import Cells, Era
from tests.reference.six.watermark import MOST_MIN_FREE_KBYTES, WATERMARK_SCALE_FACTOR
from tests.reference.watermark import Watermarks

KINDS = ("DMA", "DMA32", "Normal", "HighMem", "Movable")
"""enum zone_type, lowest first."""
NORMAL = KINDS.index("Normal")

RATIOS_V3 = {"DMA": 256, "DMA32": 256, "Normal": 32, "HighMem": 32}
RATIOS_V6 = {"DMA": 256, "DMA32": 256, "Normal": 32, "HighMem": 0, "Movable": 0}
"""sysctl_lowmem_reserve_ratio; 0 switches a zone's reserve off."""


class SizedZone(NamedTuple):
    """What the sizes of a zone are worked out from."""

    name: str
    pages: int
    """Present until 3.8, managed since."""
    old_high: int = 0
    """The high watermark as it stands; 0 at boot."""


def min_free_kbytes(era: Era, zones: Sequence[SizedZone]) -> int:
    """init_per_zone_wmark_min() of the zones up to Normal (nr_free_buffer_pages), in KiB."""
    lowmem = sum(
        max(0, zone.pages - zone.old_high) for zone in zones if KINDS.index(zone.name) <= NORMAL
    )
    if era is Era.V3:
        return watermark.min_free_kbytes(lowmem, 0)
    return watermark.min_free_kbytes(lowmem, 0, MOST_MIN_FREE_KBYTES)


def has_fixed_min(era: Era, name: str, *, movable_is_highmem: bool = False) -> bool:
    """Whether MIN goes by the zone's size alone, and min_free_kbytes is shared without it.

    HighMem; in 6.1 ZONE_MOVABLE too where it is cut from HighMem, in 6.12 always. 3.x means what
    6.1 does, but a misspelt name keeps ZONE_MOVABLE among the others.
    """
    if name != "Movable":
        return name == "HighMem"
    return era is Era.V6_12 or (era is Era.V6_1 and movable_is_highmem)


def node_watermarks(
    era: Era,
    kbytes: int,
    zones: Sequence[SizedZone],
    *,
    scale_factor: int = WATERMARK_SCALE_FACTOR,
    movable_is_highmem: bool = False,
) -> list[Watermarks]:
    """__setup_per_zone_wmarks(): one for each zone. kbytes: min_free_kbytes. scale_factor: 6.x."""
    fixed = [has_fixed_min(era, zone.name, movable_is_highmem=movable_is_highmem) for zone in zones]
    shared = sum(zone.pages for zone, alone in zip(zones, fixed, strict=True) if not alone)
    sizes = []
    for zone, alone in zip(zones, fixed, strict=True):
        # The kernel would divide by zero if no zone shared; here nobody's share is then anything.
        part = kbytes // 4 * zone.pages // shared if shared else 0
        least = min(max(zone.pages // 1024, 32), 128) if alone else part
        if era is Era.V3:
            sizes.append(Watermarks(least, least + part // 4, least + part // 2))
        else:
            step = max(part // 4, zone.pages * scale_factor // 10000)
            sizes.append(Watermarks(least, least + step, least + 2 * step))
    return sizes


def lowmem_reserves(
    cells: Cells, zones: Sequence[SizedZone], ratios: Mapping[str, int] | None = None
) -> list[list[int]]:
    """setup_per_zone_lowmem_reserve(): by zone, then by class.

    What zone i keeps from requests that might have had a higher zone, as a share of the memory of
    the zones above it up to the class. ratios: those of the kernel if not given.
    """
    if ratios is None:
        ratios = RATIOS_V3 if cells.era is Era.V3 else RATIOS_V6
    return [
        [
            _reserve(cells, zones, lower, classzone_idx, ratios)
            for classzone_idx in range(len(zones))
        ]
        for lower in range(len(zones))
    ]


def _reserve(
    cells: Cells,
    zones: Sequence[SizedZone],
    lower: int,
    classzone_idx: int,
    ratios: Mapping[str, int],
) -> int:
    if classzone_idx <= lower:
        return 0
    ratio = ratios[zones[lower].name]
    above = sum(zone.pages for zone in zones[lower + 1 : classzone_idx + 1])
    if cells.era is Era.V3:
        return above // max(ratio, 1)
    if ratio < 1 or zones[lower].pages == 0:
        return 0
    if zones[classzone_idx].pages == 0 and not cells.reserve_counts_through:
        return 0
    return above // ratio
