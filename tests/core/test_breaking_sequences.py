"""The shortest sequences at which each answer to isolation goes wrong, with their numbers.

Geometry: blocks of 4 pages, orders 0 to 3, pcp high 0 and batch 1 unless pages are to stay queued.
Block 0 is A, block 1 is B; all pages are in use at the start.
"""

from __future__ import annotations

import errno

import pytest

from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import (
    CMA,
    ISOLATE,
    MOVABLE,
    RESERVE,
    UNMOVABLE,
    books_of,
    lists_of,
    node_of,
    types_of,
)

MODELS = ("v3.5", "minchan-v1", "minchan-v2")
Books = tuple[int, list[int]]


def in_use(
    model: str, *, pages: int = 8, pcp: tuple[int, int] = (0, 1), first: int = MOVABLE
) -> Node:
    """A zone all of whose pages are handed out one by one; block 0 has type `first`."""
    node = node_of(model, spanned_pages=pages, pcp=pcp)
    node.set_block_type(0, first, False)
    for pfn in range(0, pages, 4):
        node.boot_free(pfn, 2)
    while node.alloc(0, MOVABLE, False) is not None:
        pass
    node.drain()
    return node


def free(node: Node, *pfns: int) -> None:
    for pfn in pfns:
        assert node.free(pfn) == 0


def each(**expected: Books) -> pytest.MarkDecorator:
    """One case a model: a is v3.5, b and c the two patches."""
    letters = dict(zip("abc", MODELS, strict=True))
    return pytest.mark.parametrize(
        ("model", "expected"), [(letters[letter], books) for letter, books in expected.items()]
    )


@each(
    a=[(2, [0, 1, 0, 0]), (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0])],  # type: ignore[arg-type]
    b=[(2, [0, 1, 0, 0]), (4, [0, 0, 1, 0]), (8, [0, 0, 1, 0])],  # type: ignore[arg-type]
    c=[(0, [-2, 1, 0, 0]), (0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])],  # type: ignore[arg-type]
)
def test_q1_free_into_isolated_then_unisolate(model: str, expected: list[Books]) -> None:
    node = in_use(model)
    assert node.isolate(0) == 0
    free(node, 0, 1)
    assert books_of(node) == expected[0]
    free(node, 2, 3)
    assert books_of(node) == expected[1]
    node.unisolate(0, MOVABLE)
    assert books_of(node) == expected[2]
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


def test_d1_shows_at_the_second_isolated_free() -> None:
    node = in_use("minchan-v2")
    node.isolate(0)
    free(node, 0)
    holds = {
        name: found[0] for name, found in zip(_read.IDENTITY_NAMES, _read.check(node), strict=True)
    }
    assert holds["I1x"]
    free(node, 1)
    (found,) = [
        verdict
        for name, verdict in zip(_read.IDENTITY_NAMES, _read.check(node), strict=True)
        if name == "I1x"
    ]
    assert found[:5] == (False, 0, -1, 0, -2)  # broken at order 0: 0 chunks listed, nr_free -2


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("v3.5", [4, 0, 4, 0, 4, 0, 4]),
        ("minchan-v1", [4, -4, 0, -8, -4, -12, -8]),
        ("minchan-v2", [4, 0, 4, 0, 4, 0, 4]),
    ],
)
def test_q2_offline_and_online_drift(model: str, expected: list[int]) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    seen = [books_of(node)[0]]
    for _ in range(3):
        node.isolate(0)
        node.offline_isolated(0, 4)
        node.unisolate(0, MOVABLE)
        seen.append(books_of(node)[0])
        node.online_pages(0, 4)
        seen.append(books_of(node)[0])
    assert seen == expected


@each(a=(4, [0, 0, 1, 0]), b=(6, [0, 0, 1, 0]), c=(4, [-2, -1, 2, 0]))
def test_q3_pages_freed_before_and_after_isolation(model: str, expected: Books) -> None:
    node = in_use(model)
    free(node, 0, 1)
    node.isolate(0)
    free(node, 2, 3)
    node.unisolate(0, MOVABLE)
    assert books_of(node) == expected


@pytest.mark.parametrize(
    ("model", "offline", "online"),
    [
        ("v3.5", (0, [0, 0, 0, 0]), (4, [0, 0, 1, 0])),
        ("minchan-v1", (0, [0, 0, 0, 0]), (4, [0, 0, 1, 0])),
        ("minchan-v2", (0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])),
    ],
)
def test_q4_offline_leaves_phantoms(model: str, offline: Books, online: Books) -> None:
    node = in_use(model)
    node.isolate(0)
    free(node, 0, 1, 2, 3)
    node.offline_isolated(0, 4)
    node.unisolate(0, MOVABLE)
    assert lists_of(node) == {}
    assert books_of(node) == offline
    node.online_pages(0, 4)
    assert books_of(node) == online


def queued(model: str) -> Node:
    """All in use, then pfn 0 on the pcp list."""
    node = in_use(model, pcp=(6, 1))
    free(node, 0)
    return node


@pytest.mark.parametrize(
    ("model", "isolated", "back"),
    [
        ("v3.5", (2, [0, 1, 0, 0]), (2, [0, 1, 0, 0])),
        ("minchan-v1", (1, [0, 1, 0, 0]), (3, [0, 1, 0, 0])),
        ("minchan-v2", (1, [-1, 1, 0, 0]), (3, [-1, 2, 0, 0])),
    ],
)
def test_q5_a_pcp_page_after_isolation(model: str, isolated: Books, back: Books) -> None:
    node = in_use(model, pcp=(6, 1))
    free(node, 1)
    node.drain()
    free(node, 0)
    node.isolate(0)
    assert books_of(node) == isolated
    assert lists_of(node) == {"MOVABLE": {1: [0]}}  # allocatable inside an isolated block
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back


@pytest.mark.parametrize("model", MODELS)
def test_q5b_an_isolated_block_is_allocated_from(model: str) -> None:
    node = queued(model)
    node.isolate(0)
    assert node.alloc(0, MOVABLE, False) == 0


@each(a=(0, [0, 0, 0, 0]), b=(0, [0, 0, 0, 0]), c=(1, [-3, 0, 1, 0]))
def test_q5c_and_is_taken_offline(model: str, expected: Books) -> None:
    node = queued(model)
    node.isolate(0)
    free(node, 1, 2, 3)
    node.offline_isolated(0, 4)
    assert books_of(node) == expected


@pytest.mark.parametrize(
    ("model", "freed", "back"),
    [
        ("v3.5", 8, (8, [0, 0, 0, 1])),
        ("minchan-v1", 8, (16, [0, 0, 0, 1])),
        ("minchan-v2", 4, (12, [-4, 0, 0, 2])),
    ],
)
def test_q6_a_free_neighbour_is_drawn_into_isolation(model: str, freed: int, back: Books) -> None:
    node = in_use(model)
    free(node, 4, 5, 6, 7)
    node.isolate(0)
    free(node, 0, 1, 2, 3)
    assert lists_of(node) == {"ISOLATE": {3: [0]}}
    assert books_of(node)[0] == freed
    node.unisolate(0, MOVABLE)
    assert books_of(node) == back


@pytest.mark.parametrize(("model", "nr"), list(zip(MODELS, (8, 8, 4), strict=True)))
def test_q6u_eight_pages_stay_isolated_for_ever(model: str, nr: int) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    node.isolate(4)
    free(node, 4, 5, 6, 7)
    node.unisolate(4, MOVABLE)
    assert types_of(node) == ["MOVABLE", "MOVABLE"]
    assert lists_of(node) == {"ISOLATE": {3: [0]}}
    assert books_of(node)[0] == nr


@pytest.mark.parametrize(
    ("model", "merged", "back"),
    [
        ("v3.5", (8, [0, 0, 0, 1]), 8),
        ("minchan-v1", (4, [0, 0, 0, 1]), 12),
        ("minchan-v2", (4, [0, 0, -1, 1]), 12),
    ],
)
def test_q7_a_free_beside_it_breaks_the_isolation(model: str, merged: Books, back: int) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    node.isolate(0)
    free(node, 4, 5, 6, 7)
    assert lists_of(node) == {"MOVABLE": {3: [0]}}
    assert books_of(node) == merged
    node.unisolate(0, MOVABLE)
    assert books_of(node)[0] == back


@pytest.mark.parametrize(
    ("model", "twice", "once_back"),
    [
        ("v3.5", (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0])),
        ("minchan-v1", (-4, [0, 0, 1, 0]), (0, [0, 0, 1, 0])),
        ("minchan-v2", (-4, [0, 0, -1, 0]), (0, [0, 0, 0, 0])),
    ],
)
def test_q8_double_isolation(model: str, twice: Books, once_back: Books) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    node.isolate(0)
    node.isolate(0)
    assert books_of(node) == twice
    node.unisolate(0, MOVABLE)
    assert books_of(node) == once_back
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


@pytest.mark.parametrize(("model", "lower"), list(zip(MODELS, (8, 0, 0), strict=True)))
def test_q9_half_of_a_free_chunk(model: str, lower: int) -> None:
    node = node_of(model, spanned_pages=8)
    node.boot_free(0, 3)
    node.isolate(4)  # the upper half moves nothing
    assert lists_of(node) == {"MOVABLE": {3: [0]}}
    assert books_of(node)[0] == 8
    node.unisolate(4, MOVABLE)
    node.isolate(0)  # the lower half hides all eight
    assert lists_of(node) == {"ISOLATE": {3: [0]}}
    assert books_of(node)[0] == lower
    node.unisolate(0, MOVABLE)
    assert books_of(node) == (8, [0, 0, 0, 1])


@each(a=(0, [0, 0, 0, 0]), b=(-2, [0, 0, 0, 0]), c=(0, [-2, -1, 1, 0]))
def test_q10_cma(model: str, expected: Books) -> None:
    node = in_use(model, first=CMA)
    free(node, 0, 1)
    node.isolate(0)
    free(node, 2, 3)
    assert node.split_free_page(0) == 4
    node.unisolate(0, CMA)
    assert books_of(node) == expected
    assert types_of(node)[0] == "CMA"


@pytest.mark.parametrize(("model", "with_queued"), list(zip(MODELS, (2, 3, 3), strict=True)))
def test_q14_a_failed_isolation_of_two_blocks(model: str, with_queued: int) -> None:
    for pages_queued, nr in ((False, 2), (True, with_queued)):
        node = in_use(model, pcp=(6, 1))
        node.set_block_type(4, UNMOVABLE, False)
        free(node, 1)
        if not pages_queued:
            free(node, 0)
        node.drain()
        if pages_queued:
            free(node, 0)
        assert node.offline(0, 2) == -errno.EBUSY
        assert types_of(node) == ["MOVABLE", "UNMOVABLE"]
        assert books_of(node)[0] == nr


@pytest.mark.parametrize("model", MODELS)
def test_q15_a_reserve_block_comes_back_movable(model: str) -> None:
    node = node_of(model, spanned_pages=8)
    node.set_block_type(0, RESERVE, False)
    node.boot_free(0, 2)
    node.boot_free(4, 2)
    assert lists_of(node) == {"MOVABLE": {3: [0]}}  # freed last, the MOVABLE half took both
    before = books_of(node)[0]
    node.isolate(0)
    node.unisolate(0, MOVABLE)
    assert types_of(node)[0] == "MOVABLE"
    assert books_of(node)[0] == before


@pytest.mark.parametrize("model", MODELS)
def test_q16_a_partial_last_block(model: str) -> None:
    node = node_of(model, spanned_pages=6)
    node.boot_free(0, 2)
    node.boot_free(4, 1)
    node.isolate(4)
    assert types_of(node)[1] == "ISOLATE"
    assert lists_of(node) == {"MOVABLE": {1: [4], 2: [0]}}  # the type is set, nothing moves
    assert books_of(node)[0] == 6
    taken = node.alloc(1, MOVABLE, False)
    assert taken == 4  # from the isolated block
    free(node, 4)
    assert list(lists_of(node)["ISOLATE"]) == [1]
    assert _read.block_types(node)[1] == ISOLATE
