"""Ranges of frames: what boot has to free, and how much memory a range holds."""

from __future__ import annotations

from .pages import Kind
from .state import ZoneState


def ranges_to_free(zone: ZoneState, kept_reserved: set[int]) -> list[tuple[int, int]]:
    """Maximal runs of reserved frames less kept_reserved, as (first PFN, end PFN), ascending."""
    runs: list[tuple[int, int]] = []
    for pfn in range(zone.start_pfn, zone.end_pfn):
        if zone.pages[pfn].kind is not Kind.RESERVED or pfn in kept_reserved:
            continue
        if runs and runs[-1][1] == pfn:
            runs[-1] = (runs[-1][0], pfn + 1)
        else:
            runs.append((pfn, pfn + 1))
    return runs


def present_in(zone: ZoneState, start_pfn: int, end_pfn: int) -> int:
    """How many frames of the range are memory."""
    return sum(zone.pages[pfn].kind is not Kind.HOLE for pfn in range(start_pfn, end_pfn))
