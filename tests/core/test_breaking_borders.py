"""The shortest sequences at which books go wrong: what happens across the border of two blocks.

See tests/core/breaking.py for the zone and the letters.
"""

from __future__ import annotations

import errno

import pytest

from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.breaking import (
    SIX,
    Books,
    each,
    free,
    in_use,
    isolate,
    isolated_blocks,
    models_of,
)
from tests.core.nodes import CMA, MOVABLE, books_of, lists_of, node_of, types_of

ALL_EIGHT = [0, 0, 0, 1]
APART = {"MOVABLE": {2: [4]}, "ISOLATE": {2: [0]}}


@each(
    {
        "a d": (8, (8, ALL_EIGHT)),
        "b": (8, (16, ALL_EIGHT)),
        "c": (4, (12, [-4, 0, 0, 2])),
        "e e2": (4, (12, ALL_EIGHT)),
        "f g h": (4, (8, ALL_EIGHT)),
    }
)
def test_q6_a_free_neighbour_is_drawn_into_isolation(
    model: str, expected: tuple[int, Books]
) -> None:
    """Until 3.18; from then on the two merge when isolation ends."""
    freed, back = expected
    node = in_use(model)
    free(node, 4, 5, 6, 7)
    assert isolate(node, model) == 0
    free(node, 0, 1, 2, 3)
    apart = model in models_of("f g h")
    assert lists_of(node) == (APART if apart else {"ISOLATE": {3: [0]}})
    assert books_of(node)[0] == freed
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back
    assert lists_of(node) == {"MOVABLE": {3: [0]}}


@each({"a b d": ("ISOLATE", 8), "c e e2": ("ISOLATE", 4), "f g h": ("MOVABLE", 8)})
def test_q6u_eight_pages_stay_isolated_for_ever(model: str, expected: tuple[str, int]) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    assert isolate(node, model, 1) == 0
    free(node, 4, 5, 6, 7)
    node.unisolate(4, MOVABLE)
    assert types_of(node) == ["MOVABLE", "MOVABLE"]
    assert lists_of(node) == {expected[0]: {3: [0]}}
    assert books_of(node)[0] == expected[1]


@each(
    {
        "a d": ((8, ALL_EIGHT), 8),
        "b e e2 f": ((4, ALL_EIGHT), 12),
        "c": ((4, [0, 0, -1, 1]), 12),
        "g h": ((4, [0, 0, 2, 0]), 8),
    }
)
def test_q7_a_free_beside_it_breaks_the_isolation(model: str, expected: tuple[Books, int]) -> None:
    """4.6 guards the merge from this side too, so 6.x is the first here to be right."""
    merged, back = expected
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    assert isolate(node, model) == 0
    free(node, 4, 5, 6, 7)
    assert lists_of(node) == (APART if model in SIX else {"MOVABLE": {3: [0]}})
    assert books_of(node) == merged
    node.unisolate(0, MOVABLE)
    assert books_of(node)[0] == back
    assert lists_of(node) == {"MOVABLE": {3: [0]}}


@each(
    {
        "a": (0, (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0]), 0),
        "b": (0, (-4, [0, 0, 1, 0]), (0, [0, 0, 1, 0]), 0),
        "c": (0, (-4, [0, 0, -1, 0]), (0, [0, 0, 0, 0]), 0),
        "d": (0, (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0]), 0),
        "e e2": (0, (-4, [0, 0, 1, 0]), (0, [0, 0, 1, 0]), 0),
        "f": (0, (-4, [0, 0, 1, 0]), (0, [0, 0, 1, 0]), 1),
        "g h": (-errno.EBUSY, (0, [0, 0, 1, 0]), (4, [0, 0, 1, 0]), 0),
    }
)
def test_q8_double_isolation(model: str, expected: tuple[int, Books, Books, int]) -> None:
    """3.19 also counts an isolated block for ever, which costs it but time."""
    second, twice, once_back, counted = expected
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    assert isolate(node, model) == 0
    assert isolate(node, model) == second
    assert books_of(node) == twice
    node.unisolate(0, MOVABLE)
    assert books_of(node) == once_back
    assert isolated_blocks(node) == counted
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


def order_3(model: str) -> Node:
    """All eight pages free as one."""
    node = node_of(model, spanned_pages=8)
    node.boot_free(0, 3)
    return node


SPLIT_UPPER = {"MOVABLE": {2: [0]}, "ISOLATE": {2: [4]}}


@each({"a b c d e e2 f": (8, {"MOVABLE": {3: [0]}}), "g h": (4, SPLIT_UPPER)})
def test_q9_upper_half_of_a_free_chunk(
    model: str, expected: tuple[int, dict[str, dict[int, list[int]]]]
) -> None:
    """Until 6.x nothing moves, and the isolated half can be allocated."""
    node = order_3(model)
    assert isolate(node, model, 1) == 0
    assert types_of(node) == ["MOVABLE", "ISOLATE"]
    assert books_of(node)[0] == expected[0]
    assert lists_of(node) == expected[1]
    node.unisolate(4, MOVABLE)
    assert books_of(node) == (8, ALL_EIGHT)
    assert lists_of(node) == {"MOVABLE": {3: [0]}}


@each({"a d": 8, "b c e e2 f": 0, "g h": 4})
def test_q9_lower_half_of_a_free_chunk(model: str, expected: int) -> None:
    """Until 6.x it hides all eight pages."""
    node = order_3(model)
    assert isolate(node, model) == 0
    assert books_of(node)[0] == expected
    assert lists_of(node) == (APART if model in SIX else {"ISOLATE": {3: [0]}})
    node.unisolate(0, MOVABLE)
    assert books_of(node) == (8, ALL_EIGHT)
    assert lists_of(node) == {"MOVABLE": {3: [0]}}


def test_q9_window_of_6_1_between_typing_and_splitting() -> None:
    """set_migratetype_isolate alone; what start_isolate_page_range does next splits the chunk."""
    for half, nr, listed in ((4, 8, "MOVABLE"), (0, 0, "ISOLATE")):
        node = order_3("v6.1")
        assert node.isolate(half) == 0
        assert books_of(node)[0] == nr
        assert lists_of(node) == {listed: {3: [0]}}


def ragged(model: str) -> Node:
    """Six free pages: the last block has two."""
    node = node_of(model, spanned_pages=6)
    node.boot_free(0, 2)
    node.boot_free(4, 1)
    return node


@each({"a b d": 6, "c e e2 f": 4, "g h": None})
def test_q16_a_partial_last_block(model: str, expected: int | None) -> None:
    """It is typed and nothing moves: what is free stays so, what is freed later is isolated.

    5.6 says so of 6.1 too, where the recordings' rule is another: pages beyond the zone are
    reserved, so it refuses the block as 6.12 does.
    """
    node = ragged(model)
    assert isolate(node, model, 1) == (-errno.EBUSY if expected is None else 0)
    assert lists_of(node) == {"MOVABLE": {1: [4], 2: [0]}}
    assert books_of(node)[0] == 6
    if expected is None:
        assert types_of(node) == ["MOVABLE", "MOVABLE"]
        assert isolated_blocks(node) == 0
        return
    assert types_of(node) == ["MOVABLE", "ISOLATE"]
    assert node.alloc(1, MOVABLE, False) == 4  # from the isolated block
    free(node, 4)
    assert lists_of(node) == {"MOVABLE": {2: [0]}, "ISOLATE": {1: [4]}}
    assert books_of(node)[0] == expected
    node.unisolate(4, MOVABLE)
    assert lists_of(node) == {"MOVABLE": {2: [0]}, "ISOLATE": {1: [4]}}  # for ever


@pytest.mark.parametrize(
    ("model", "ret", "last"),
    [("v6.1", 0, "ISOLATE"), *((model, -errno.EBUSY, "CMA") for model in models_of("h"))],
)
def test_q16_a_partial_block_of_cma_in_6x(model: str, ret: int, last: str) -> None:
    """CMA is not searched for a CMA request: 6.1 types the block, 6.12 refuses what cannot move."""
    node = node_of(model, spanned_pages=6)
    node.set_block_type(4, CMA, False)
    node.boot_free(4, 1)
    assert node.isolate_range(1, 1) == ret
    assert types_of(node)[1] == last
    assert isolated_blocks(node) == (ret == 0)
    assert lists_of(node) == {"CMA": {1: [4]}}
    assert (books_of(node)[0], _read.stats(node)["NR_FREE_CMA_PAGES"]) == (2, 2)
