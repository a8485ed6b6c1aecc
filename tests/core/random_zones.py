"""Which zones, under which models, the random programs run in."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim_core.models import PATCH_CELLS, ROWS

PAGES_MAX = 192
LIMITS_PART = 640

hunks = st.lists(st.sampled_from(sorted(PATCH_CELLS)), unique=True, min_size=1).map(tuple)
six = st.sampled_from([name for name in ROWS if name.startswith("v6")])
three = st.sampled_from([name for name in ROWS if not name.startswith("v6")])
models = st.sampled_from([six, six, six, three, three, hunks]).flatmap(lambda chosen: chosen)
"""Rows' names and sets of hunks; every other one is of 6.x."""


@st.composite
def zones(draw: st.DrawFn) -> dict[str, Any]:
    """Keywords of a zone: any start, any end, perhaps with holes."""
    pageblock_order = draw(st.integers(2, 5))
    max_order = draw(st.integers(pageblock_order + 1, 7))
    largest = 1 << (max_order - 1)
    start_pfn = draw(st.sampled_from([0, largest, 1 << pageblock_order]) | st.integers(0, 200))
    spanned = draw(
        st.integers(1, 4).map(lambda chunks: chunks * largest) | st.integers(1, PAGES_MAX)
    )
    if draw(st.integers(0, 40)) == 7:
        spanned += LIMITS_PART  # so large that 6.12 has a span between its two pcp limits
    holes = []
    at = 0
    for gap, size in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=2)):
        at += gap
        if at + size >= spanned:
            break
        holes.append((start_pfn + at, size))
        at += size + 1
    high = draw(st.sampled_from([0, 0, 1, 4, 6, 12]))
    return {
        "start_pfn": start_pfn,
        "spanned_pages": spanned,
        "pageblock_order": pageblock_order,
        "max_order": max_order,
        "pcp": (high, draw(st.integers(1, max(1, high)))) if draw(st.booleans()) else None,
        "holes": tuple(holes),
    }
