"""HIGHATOMIC pageblocks: who makes them, how many there may be, and who is served from them."""

from __future__ import annotations

import pytest

from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import HIGHATOMIC, MOVABLE, UNMOVABLE, node_of, types_of

BLOCK = 32
PAGES = 8192  # a hundredth is 81 pages


def booted(model: str, pages: int = PAGES) -> Node:
    node = node_of(model, spanned_pages=pages, pageblock_order=5, max_order=8, pcp=(0, 1))
    node.boot()
    return node


def reserved(node: Node) -> int:
    assert types_of(node).count("HIGHATOMIC") * BLOCK == _read.stats(node)["nr_reserved_highatomic"]
    return types_of(node).count("HIGHATOMIC")


def hold_all(node: Node) -> None:
    """Single pages, until those who can wait get no more."""
    while node.alloc(0, MOVABLE, False) is not None:
        pass
    while node.alloc(0, UNMOVABLE, False) is not None:
        pass


@pytest.mark.parametrize(
    ("model", "most"), [("v6.1", 4), ("v6.12", 3), ("v6.12.117", 3), ("v3.19", 0)]
)
def test_blocks_are_set_aside_until_there_is_a_hundredth(model: str, most: int) -> None:
    """6.1: until 81 + 32 pages are reached; 6.12: 81 rounded up, three blocks; 3.x has none."""
    node = booted(model)
    for _ in range(64):
        pfn = node.alloc(5, UNMOVABLE, False, True)
        assert pfn is not None
    assert reserved(node) == most


@pytest.mark.parametrize(("model", "most"), [("v6.1", 2), ("v6.12", 0)])
def test_a_zone_with_less_than_a_block_in_a_hundredth(model: str, most: int) -> None:
    node = booted(model, 1024)
    for _ in range(8):
        node.alloc(3, UNMOVABLE, False, True)
    assert reserved(node) == most


@pytest.mark.parametrize("model", ["v6.1", "v6.12", "v6.12.117"])
def test_a_single_page_sets_nothing_aside_and_one_of_higher_order_its_block(model: str) -> None:
    node = booted(model)
    node.alloc(0, UNMOVABLE, False, True)
    node.alloc(2, UNMOVABLE, False, False)
    assert reserved(node) == 0
    pfn = node.alloc(2, UNMOVABLE, False, True)
    assert pfn is not None
    assert reserved(node) == 1
    assert types_of(node)[pfn // BLOCK] == "HIGHATOMIC"
    free = sum(_read.lengths(node)[HIGHATOMIC][order] << order for order in range(8))
    assert 0 < free < BLOCK
    counted = _read.stats(node)["NR_FREE_HIGHATOMIC"]
    assert counted == (0 if model == "v6.1" else free)


@pytest.mark.parametrize("model", ["v6.1", "v6.12", "v6.12.117"])
def test_what_is_set_aside_is_there_for_who_cannot_wait(model: str) -> None:
    node = booted(model)
    first = node.alloc(4, UNMOVABLE, False, True)
    assert first is not None
    hold_all(node)
    left = _read.stats(node)["NR_FREE_PAGES"]
    assert left > 0
    assert node.alloc(4, UNMOVABLE, False) is None
    kept = node.alloc(4, UNMOVABLE, False, True)
    assert kept is not None
    assert kept // BLOCK == first // BLOCK
    assert _read.stats(node)["NR_FREE_PAGES"] == left - 16
    # Given back, it is the reserve's again.
    node.free(kept)
    assert _read.stats(node)["NR_FREE_PAGES"] == left
    assert node.alloc(4, UNMOVABLE, False) is None


@pytest.mark.parametrize("model", ["v6.1", "v6.12"])
def test_a_single_page_is_the_last_resort_of_who_cannot_wait(model: str) -> None:
    node = booted(model)
    first = node.alloc(4, UNMOVABLE, False, True)
    assert first is not None
    hold_all(node)
    pfn = node.alloc(0, UNMOVABLE, False, True)
    assert pfn is not None
    assert pfn // BLOCK == first // BLOCK
