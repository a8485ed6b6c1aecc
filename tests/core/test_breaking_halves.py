"""D5: the type of a block changes between the two halves of a free.

Before the lock the type is read, under the lock the chunk is listed. Old kernels believe what they
read. From 3.18 on it is read again under the lock; in 6.12 what was read before decides no more
than whether the chunk passes the pcp lists by. See tests/core/breaking.py for the zone.
"""

from __future__ import annotations

import pytest

from sim_core.mm._mm import Node
from tests.core.breaking import Books, each, isolate
from tests.core.nodes import MOVABLE, books_of, lists_of, node_of

ONE, PAIR, BLOCK = [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]
Lists = dict[str, dict[int, list[int]]]
ON_MOVABLE: Lists = {"MOVABLE": {0: [0]}}
ON_ISOLATE: Lists = {"ISOLATE": {0: [0]}}


def chunk_in_use(model: str, order: int) -> Node:
    """All eight pages handed out in chunks of this order; the first begins at pfn 0."""
    node = node_of(model, spanned_pages=8)
    node.boot_free(0, 3)
    while node.alloc(order, MOVABLE, True) is not None:
        pass
    assert lists_of(node) == {}
    return node


def isolated_meanwhile(model: str, order: int) -> Node:
    """MOVABLE is read, then the block is isolated."""
    node = chunk_in_use(model, order)
    node.free_begin(0)
    assert isolate(node, model) == 0
    assert lists_of(node) == {}
    assert node.free_finish(0) == 0
    return node


@each(
    {
        "a d": (ON_MOVABLE, (1, ONE), (1, ONE)),
        "b e": (ON_MOVABLE, (1, ONE), (2, ONE)),
        "c": (ON_MOVABLE, (1, ONE), (2, [2, 0, 0, 0])),
        "e2": (ON_MOVABLE, (0, ONE), (1, ONE)),
        "f g h": (ON_ISOLATE, (0, ONE), (1, ONE)),
    }
)
def test_d5_a_page_of_a_block_isolated_meanwhile(
    model: str, expected: tuple[Lists, Books, Books]
) -> None:
    """It comes through the pcp lists, which is why 3.8 does not count it."""
    listed, isolated, back = expected
    node = isolated_meanwhile(model, 0)
    assert lists_of(node) == listed
    assert books_of(node) == isolated
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back
    assert lists_of(node) == ON_MOVABLE


@each(
    {
        "a d": ("MOVABLE", (4, BLOCK), (4, BLOCK)),
        "b e e2": ("MOVABLE", (4, BLOCK), (8, BLOCK)),
        "c": ("MOVABLE", (4, BLOCK), (8, [0, 0, 2, 0])),
        "f g h": ("ISOLATE", (0, BLOCK), (4, BLOCK)),
    }
)
def test_d5_a_chunk_of_a_block_isolated_meanwhile(
    model: str, expected: tuple[str, Books, Books]
) -> None:
    """Past the pcp lists 3.8 counts by what it read, and again when isolation ends."""
    listed, isolated, back = expected
    node = isolated_meanwhile(model, 2)
    assert lists_of(node) == {listed: {2: [0]}}
    assert books_of(node) == isolated
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


@each(
    {
        "a b d": ("ISOLATE", 1, 1, None),
        "c": ("ISOLATE", 0, 0, None),
        "e e2": ("ISOLATE", 0, 1, None),
        "f g h": ("MOVABLE", 1, 1, 0),
    }
)
@pytest.mark.parametrize("order", [0, 2])
def test_d5_isolation_ends_meanwhile(
    model: str, expected: tuple[str, int, int, int | None], order: int
) -> None:
    """ISOLATE is read and believed: the chunk is stranded there, in an ordinary block."""
    listed, counted, nr_free, got = expected
    node = chunk_in_use(model, order)
    assert isolate(node, model) == 0
    node.free_begin(0)
    node.unisolate(0, MOVABLE)
    assert node.free_finish(0) == 0
    assert lists_of(node) == {listed: {order: [0]}}
    nr, by_order = books_of(node)
    assert nr == counted << order
    assert by_order == [nr_free if at == order else 0 for at in range(4)]
    assert node.alloc(order, MOVABLE, False) == got


def test_d5_a_pcp_list_is_chosen_by_what_was_read() -> None:
    """Also in 6.12; but it asks the block once more when the list is drained."""
    for model, drained in (("v6.1", "MOVABLE"), ("v6.12", "UNMOVABLE"), ("v3.5", "MOVABLE")):
        node = chunk_in_use(model, 0)
        node.free_begin(0)
        node.set_block_type(0, 0, False)
        assert node.free_finish(0) == 0
        node.drain()
        assert list(lists_of(node)) == [drained]
