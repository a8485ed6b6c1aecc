"""The shortest sequences at which books go wrong: pages on pcp lists when their block is isolated.

See tests/core/breaking.py for the zone and the letters.
"""

from __future__ import annotations

import errno

import pytest

from sim_core.mm._mm import Node
from tests.core.breaking import (
    SIX,
    Books,
    each,
    free,
    free_cma,
    in_use,
    isolate,
    isolated_blocks,
    queued,
)
from tests.core.nodes import CMA, MOVABLE, UNMOVABLE, books_of, lists_of, pcp_of, types_of

PAIR = [0, 1, 0, 0]


def pair_half_queued(model: str) -> Node:
    """PFN 1 is free, PFN 0 on the pcp list."""
    node = in_use(model, pcp=(6, 1))
    free(node, 1)
    node.drain()
    free(node, 0)
    assert books_of(node) == (1, [1, 0, 0, 0])
    return node


@each(
    {
        "a d": ("MOVABLE", (2, PAIR), (2, PAIR)),
        "b": ("MOVABLE", (1, PAIR), (3, PAIR)),
        "c": ("MOVABLE", (1, [-1, 1, 0, 0]), (3, [-1, 2, 0, 0])),
        "e": ("MOVABLE", (1, PAIR), (3, PAIR)),
        "e2": ("MOVABLE", (0, PAIR), (2, PAIR)),
        "f g h": ("ISOLATE", (0, PAIR), (2, PAIR)),
    }
)
def test_q5_a_pcp_page_after_isolation(model: str, expected: tuple[str, Books, Books]) -> None:
    """On MOVABLE it can be allocated inside an isolated block."""
    listed, isolated, back = expected
    node = pair_half_queued(model)
    assert isolate(node, model) == 0
    assert books_of(node) == isolated
    assert lists_of(node) == {listed: {1: [0]}}
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back
    assert lists_of(node) == {"MOVABLE": {1: [0]}}


def test_q5_a_stray_page_of_3_8_was_never_counted() -> None:
    node = pair_half_queued("v3.8")
    node.isolate(0)
    assert node.alloc(0, MOVABLE, False) == 0
    assert books_of(node)[0] == -1


@each({"a b c d e e2": 0, "f g h": None})
def test_q5b_an_isolated_block_is_allocated_from(model: str, expected: int | None) -> None:
    node = queued(model)
    assert isolate(node, model) == 0
    assert node.alloc(0, MOVABLE, False) == expected


@pytest.mark.parametrize("model", SIX)
def test_q5b_without_the_callers_drain_6x_hands_it_out_too(model: str) -> None:
    """Isolating drains nothing there (KERNEL-6.12, 15.6, against 5.6)."""
    node = queued(model)
    assert node.isolate_range(0, 1) == 0
    assert pcp_of(node) == {"MOVABLE": [(0, "MOVABLE")]}
    assert node.alloc(0, MOVABLE, False) == 0


@each(
    {
        "a b d e2 f g h": (0, [0, 0, 0, 0]),
        "c": (1, [-3, 0, 1, 0]),
        "e": (-3, [0, 0, 0, 0]),
    }
)
def test_q5c_and_is_taken_offline(model: str, expected: Books) -> None:
    node = queued(model)
    assert isolate(node, model) == 0
    free(node, 1, 2, 3)
    node.offline_isolated(0, 4)
    assert lists_of(node) == {}
    assert books_of(node) == expected


@each(
    {
        "a d": ((1, 0), (1, 0)),
        "b c": ((1, 0), (2, 0)),
        "e": ((1, 1), (2, 2)),
        "e2 f g h": ((0, 0), (1, 1)),
    }
)
def test_q13_a_queued_page_of_cma(
    model: str, expected: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    """3.7 counts it as CMA too, at the drain and again when isolation is given up."""
    node = queued(model, first=CMA)
    assert pcp_of(node)["MOVABLE"][0][0] == 0
    assert isolate(node, model) == 0
    assert (books_of(node)[0], free_cma(node)) == expected[0]
    node.unisolate(0, CMA)
    assert (books_of(node)[0], free_cma(node)) == expected[1]
    assert lists_of(node) == {"CMA": {0: [0]}}


def test_q13_allocated_while_isolated() -> None:
    """3.8. 5.6 has both counters at -1; but a page is taken as one of its block's type (5.4).

    That is ISOLATE here, so NR_FREE_CMA_PAGES stays as it was.
    """
    node = queued("v3.8", first=CMA)
    node.isolate(0)
    assert lists_of(node) == {"CMA": {0: [0]}}
    assert node.alloc(0, MOVABLE, False) == 0
    assert (books_of(node)[0], free_cma(node)) == (-1, 0)


def refused_at_b(model: str, *, page_queued: bool) -> Node:
    """Two free pages of A, one of them perhaps queued; then A and B are isolated in vain."""
    node = in_use(model, pcp=(6, 1))
    node.set_block_type(4, UNMOVABLE, False)
    for pfn in range(4, 8):
        node.mark_lru(pfn, 0, False)
    free(node, 1)
    if not page_queued:
        free(node, 0)
    node.drain()
    if page_queued:
        free(node, 0)
    assert node.isolate_range(0, 2) == -errno.EBUSY
    node.drain()
    assert types_of(node) == ["MOVABLE", "UNMOVABLE"]
    assert isolated_blocks(node) == 0
    return node


@each(
    {
        "a d e2 f g h": ((2, PAIR), (2, PAIR)),
        "b e": ((2, PAIR), (3, PAIR)),
        "c": ((2, PAIR), (3, [-1, 2, 0, 0])),
    }
)
def test_q14_a_failed_isolation_of_two_blocks(model: str, expected: tuple[Books, Books]) -> None:
    """Nothing happened, and yet the errors of Q5 stay where a page was queued."""
    for page_queued, books in zip((False, True), expected, strict=True):
        node = refused_at_b(model, page_queued=page_queued)
        assert books_of(node) == books
        assert lists_of(node) == {"MOVABLE": {1: [0]}}
