"""Contiguous allocation on a whole node: where what lies in the range moves to."""

from __future__ import annotations

import pytest

from sim_core.mm import _read
from sim_core.models import ROWS
from tests.core.nodes import MOVABLE, UNMOVABLE
from tests.core.whole_nodes import NodeShape, booted

SHAPE = NodeShape((("Normal", 0, 64), ("HighMem", 64, 64), ("Movable", 128, 64)))
PANIC = 1002


@pytest.mark.parametrize("model", ROWS)
def test_it_moves_to_normal_however_much_is_free_above(model: str) -> None:
    """GFP_USER | __GFP_MOVABLE: the class is Normal, though the page itself was in Movable."""
    node = booted(SHAPE._replace(min_free_kbytes=8), model)
    pfn = node.alloc(0, MOVABLE, True, classzone_idx=2, anon=True, owner=7)
    assert pfn is not None and pfn >= 128
    assert node.alloc_contig(pfn & ~3, 4, MOVABLE) == 0
    moved = _read.pfn_of(node, 0)
    assert moved is not None and moved < 64
    assert _read.owner_of(node, 0) == 7
    assert [_read.stats(node, zone)["lru_anon"] for zone in range(3)] == [1, 0, 0]
    assert _read.stats(node, 2)["migrated"] == 1


@pytest.mark.parametrize(("hog_pages", "got"), [(20, 0), (0, -PANIC)])
@pytest.mark.parametrize("model", ROWS)
def test_with_normal_full_somebody_dies_for_it(model: str, hog_pages: int, got: int) -> None:
    """A hog in Normal; without one the page's own process, and then there is nobody left."""
    node = booted(SHAPE._replace(min_free_kbytes=8), model)
    pfn = node.alloc(0, MOVABLE, True, classzone_idx=2, anon=True, owner=7)
    assert pfn is not None
    for _ in range(hog_pages):
        node.alloc(0, UNMOVABLE, False, classzone_idx=0, owner=8)
    while node.alloc(0, UNMOVABLE, False, True, 0) is not None:
        pass
    assert node.alloc_contig(pfn & ~3, 4, MOVABLE) == got
    numbers = _read.node_numbers(node)
    assert (numbers["oom_kills"], numbers["oom_victim"]) == (1, 8 if hog_pages else 7)
    assert _read.stats(node, 2)["migrated"] == (1 if hog_pages else 0)
