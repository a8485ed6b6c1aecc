"""The core against the slow reference: the same random operations, everything compared after each.

ZONESCOPE_SOAK=N runs N times as many programs, other ones each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.core import nodes
from tests.core.breaking import SIX
from tests.core.random_programs import CoreAndReference
from tests.core.side_by_side import SideBySide

SOAK = int(os.environ.get("ZONESCOPE_SOAK", "0"))


CoreAndReference.TestCase.settings = settings(
    max_examples=(SOAK or 1) * 220,
    stateful_step_count=40,
    derandomize=not SOAK,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

TestCoreAndReference = CoreAndReference.TestCase


# -- what random programs meet too seldom


def small(
    spanned_pages: int,
    holes: tuple[tuple[int, int], ...] = (),
    *,
    model: str = "v3.5",
    high: int = 0,
) -> SideBySide:
    """Booted live, blocks of four pages, largest chunk eight."""
    zone = {
        "start_pfn": 0,
        "spanned_pages": spanned_pages,
        "pageblock_order": 2,
        "max_order": 4,
        "pcp": (high, max(1, high // 3)),
        "holes": holes,
    }
    return SideBySide(model, zone, live=True)


def test_page_beside_a_hole_goes_to_the_head_of_its_list() -> None:
    """PFN 6 and 7 are free as one, but the kernel does not look there where 5 is no page."""
    both = small(17, holes=((5, 1),))
    assert [both.alloc(0, "MOVABLE", False), both.alloc(0, "MOVABLE", False)] == [16, 4]
    both.free(16, 0)
    both.free(4, 0)
    assert nodes.lists_of(both.node)["MOVABLE"] == {0: [4, 16], 1: [6]}


def test_tails_of_a_chunk_that_begins_before_the_range_are_not_waited_for() -> None:
    """Its head alone is on the LRU: the range has nothing to migrate, and is not free either."""
    both = small(32)
    assert both.alloc(3, "MOVABLE", True) == 24
    assert both.offline(28, 1) == "-EBUSY"
    assert both.offline(24, 2) == "-EAGAIN"  # where the head lies inside, it is tried in vain


def test_what_the_last_pass_freed_is_not_drained() -> None:
    """Two free pages are claimed from UNMOVABLE in the range itself, and pages go round among them.

    The kernel looks at the time before it drains, so what was freed last is still on the pcp list.
    """
    both = small(16, high=6)
    while both.alloc(0, "MOVABLE", True) is not None:
        pass
    both.set_block_type(12, "UNMOVABLE", False)
    both.free(14, 0)
    both.free(15, 0)
    assert both.offline(12, 1) == "-EAGAIN"
    assert nodes.pcp_of(both.node) == {"MOVABLE": [(14, "MOVABLE"), (15, "MOVABLE")]}


def test_range_with_a_block_of_holes_goes_offline() -> None:
    """A block without a page is neither isolated nor asked for its type."""
    both = small(32, holes=((20, 4),))
    both.offline(16, 2)
    assert [nodes.kind_of(both.node, pfn) for pfn in (16, 19)] == [nodes.OFFLINE] * 2


def test_ragged_block_of_6_12_keeps_its_type_and_is_off_the_count() -> None:
    both = small(30, model="v6.12")
    both.set_block_type(28, "ISOLATE", False)
    both.unisolate(28, "MOVABLE")
    assert nodes.types_of(both.node)[-1] == "ISOLATE"
    assert both.zone.nr_isolated_blocks == -1


def test_offline_in_3_7_leaves_the_count_of_cma_alone() -> None:
    both = small(32, model="v3.7")
    both.set_block_type(24, "CMA", True)
    both.offline_isolated(24, 8)
    assert both.zone.nr_free_cma == 0


def test_cma_pages_count_where_6x_takes_a_chunk_out() -> None:
    """MIN is 32 pages; of 64 that are free, 32 are CMA."""
    both = small(64, model="v6.1")
    for pfn in range(0, 32, 4):
        both.set_block_type(pfn, "CMA", False)
    for head in [chunk for chunk in range(0, 64, 8) if chunk < 32]:
        both.offline_isolated(head, 8)
        both.boot_free(head, 3)
    assert both.zone.nr_free_cma == 32
    assert both.split_free_page(56) == 8


@pytest.mark.parametrize("model", SIX)
def test_6x_offlines_until_a_signal_comes(model: str) -> None:
    both = small(32, model=model)
    pfn = both.alloc(0, "MOVABLE", True)
    assert pfn is not None
    both.pin(pfn)
    assert both.offline(pfn & ~3, 1) == "-EINTR"


@pytest.mark.parametrize("model", SIX)
def test_hole_of_6x_is_reserved_memory(model: str) -> None:
    """It forbids isolating its block; and it does not hinder the look at a pair's own buddy."""
    both = small(32, holes=((5, 1),), model=model)
    assert both.isolate_range(4, 1) == "-EBUSY"
    assert both.isolate_range(8, 1) == 0
    assert both.isolate(9) == "-EBUSY"
