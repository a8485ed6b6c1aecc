"""Which nodes the random programs run in, and what their memory is filled with."""

from __future__ import annotations

from hypothesis import strategies as st

from sim_core.models import ROWS
from sim_core.vocabulary import PCPTYPES, ZONE_KINDS
from tests.core.nodes_side_by_side import Ask
from tests.core.whole_nodes import NodeShape

ZONES_MOST = 4

models = st.sampled_from(sorted(ROWS))
sorts = st.sampled_from([(True, True), (True, False), (False, False), (True, True)])
"""(on the LRU, anonymous)."""


@st.composite
def shapes(draw: st.DrawFn) -> NodeShape:
    """One to four zones of any kinds, ragged at both ends, perhaps with gaps between them."""
    pageblock_order = draw(st.integers(2, 3))
    max_order = draw(st.integers(max(4, pageblock_order + 1), 5))
    largest = 1 << (max_order - 1)
    kinds = draw(
        st.lists(st.sampled_from(ZONE_KINDS), unique=True, min_size=1, max_size=ZONES_MOST)
    )
    start_pfn = draw(st.just(0) | st.integers(0, 50))
    zones = []
    for kind in sorted(kinds, key=ZONE_KINDS.index):
        pages = draw(st.integers(1, 6).map(lambda chunks: chunks * largest) | st.integers(1, 100))
        zones.append((kind, start_pfn, pages))
        start_pfn = -(-(start_pfn + pages) // largest) * largest
        start_pfn += draw(st.sampled_from([0, 0, 1, 3])) * largest
    high = draw(st.sampled_from([0, 0, 4, 12]))
    return NodeShape(
        tuple(zones),
        pageblock_order,
        max_order,
        (high, draw(st.integers(1, max(1, high)))) if draw(st.booleans()) else None,
        draw(st.sampled_from([0, 0, 5, 200])),
        draw(st.none() | st.integers(0, 100)),
    )


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """A request; its class is counted round."""
    lru, anon = draw(sorts)
    return Ask(
        draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4])),
        draw(st.sampled_from([*PCPTYPES, "MOVABLE", "MOVABLE"])),
        draw(st.none() | st.integers(0, ZONES_MOST - 1)),
        draw(st.sampled_from([False, False, False, True])),
        lru,
        anon,
        draw(st.sampled_from([1, 2, 3, 1, 2, 0])),
    )


@st.composite
def fillings(draw: st.DrawFn) -> list[Ask]:
    """What memory is full of: chunks of a few sorts, most of them single pages."""
    return [
        draw(asks())._replace(order=draw(st.sampled_from([0, 0, 0, 0, 0, 1, 2])))
        for _ in range(draw(st.integers(1, 4)))
    ]
