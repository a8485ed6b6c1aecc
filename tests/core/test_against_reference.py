"""The core against the slow reference: the same random operations, everything compared after each.

ZONESCOPE_SOAK=N runs N times as many programs, other ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.core import nodes
from tests.core.random_programs import CoreAndReference
from tests.core.side_by_side import SideBySide

SOAK = int(os.environ.get("ZONESCOPE_SOAK", "0"))


CoreAndReference.TestCase.settings = settings(
    max_examples=(SOAK or 1) * 800,
    stateful_step_count=40,
    derandomize=not SOAK,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

TestCoreAndReference = CoreAndReference.TestCase


# -- what random programs meet too seldom


def small(spanned_pages: int, holes: tuple[tuple[int, int], ...]) -> SideBySide:
    """v3.5, booted live, blocks of four pages, largest chunk eight."""
    zone = {
        "start_pfn": 0,
        "spanned_pages": spanned_pages,
        "pageblock_order": 2,
        "max_order": 4,
        "pcp": (0, 1),
        "holes": holes,
    }
    return SideBySide("v3.5", zone, live=True)


def test_page_beside_a_hole_goes_to_the_head_of_its_list() -> None:
    """PFN 6 and 7 are free as one, but the kernel does not look there where 5 is no page."""
    both = small(17, holes=((5, 1),))
    assert [both.alloc(0, "MOVABLE", False), both.alloc(0, "MOVABLE", False)] == [16, 4]
    both.free(16, 0)
    both.free(4, 0)
    assert nodes.lists_of(both.node)["MOVABLE"] == {0: [4, 16], 1: [6]}


def test_tails_of_a_chunk_that_begins_before_the_range_are_not_waited_for() -> None:
    """Its head alone is on the LRU: the range has nothing to migrate, and is not free either."""
    both = small(32, holes=())
    assert both.alloc(3, "MOVABLE", True) == 24
    assert both.offline(28, 1) == "-EBUSY"
    assert both.offline(24, 2) == "-EAGAIN"  # where the head lies inside, it is tried in vain


def test_range_with_a_block_of_holes_goes_offline() -> None:
    """A block without a page is neither isolated nor asked for its type."""
    both = small(32, holes=((20, 4),))
    both.offline(16, 2)
    assert [nodes.kind_of(both.node, pfn) for pfn in (16, 19)] == [nodes.OFFLINE] * 2
