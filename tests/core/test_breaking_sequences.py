"""The shortest sequences at which books go wrong: pages freed into an isolated block, and offlined.

See tests/core/breaking.py for the zone and the letters.
"""

from __future__ import annotations

import pytest

from sim_core.mm import _read
from tests.core.breaking import Books, each, free, in_use, isolate
from tests.core.nodes import MOVABLE, books_of, lists_of

A_WHOLE = [0, 0, 1, 0]
EMPTY = [0, 0, 0, 0]


@each(
    {
        "a d": [(2, [0, 1, 0, 0]), (4, A_WHOLE), (4, A_WHOLE)],
        "b": [(2, [0, 1, 0, 0]), (4, A_WHOLE), (8, A_WHOLE)],
        "c": [(0, [-2, 1, 0, 0]), (0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])],
        "e e2 f g h": [(0, [0, 1, 0, 0]), (0, A_WHOLE), (4, A_WHOLE)],
    }
)
def test_q1_free_into_isolated_then_unisolate(model: str, expected: list[Books]) -> None:
    node = in_use(model)
    assert isolate(node, model) == 0
    free(node, 0, 1)
    assert books_of(node) == expected[0]
    free(node, 2, 3)
    assert books_of(node) == expected[1]
    assert lists_of(node) == {"ISOLATE": {2: [0]}}
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


DRIFT = [4, -4, 0, -8, -4, -12, -8]
NO_DRIFT = [4, 0, 4, 0, 4, 0, 4]


@each({"a c d e2 f g h": NO_DRIFT, "b e": DRIFT})
def test_q2_offline_and_online_drift(model: str, expected: list[int]) -> None:
    node = in_use(model)
    free(node, 0, 1, 2, 3)
    seen = [books_of(node)[0]]
    for _ in range(3):
        assert isolate(node, model) == 0
        node.offline_isolated(0, 4)
        node.unisolate(0, MOVABLE)
        seen.append(books_of(node)[0])
        node.online_pages(0, 4)
        seen.append(books_of(node)[0])
    assert seen == expected


@each({"a b c d e2 f g h": [0, 4, 0, 4, 0, 4], "e": [-4, 0, -4, 0, -4, 0]})
def test_q2_with_pages_freed_after_isolation(model: str, expected: list[int]) -> None:
    """Then minchan-v1 is right on success, and 3.7 loses all that goes offline, each time anew."""
    node = in_use(model)
    seen = []
    for _ in range(3):
        before = books_of(node)[0]
        assert isolate(node, model) == 0
        free(node, 0, 1, 2, 3)
        node.offline_isolated(0, 4)
        node.unisolate(0, MOVABLE)
        seen.append(books_of(node)[0] - before)
        node.online_pages(0, 4)
        seen.append(books_of(node)[0] - before)
        for _ in range(4):
            assert node.alloc(0, MOVABLE, True) is not None
    assert seen == expected


@each({"a d e e2 f g h": (4, A_WHOLE), "b": (6, A_WHOLE), "c": (4, [-2, -1, 2, 0])})
def test_q3_pages_freed_before_and_after_isolation(model: str, expected: Books) -> None:
    node = in_use(model)
    free(node, 0, 1)
    assert isolate(node, model) == 0
    free(node, 2, 3)
    node.unisolate(0, MOVABLE)
    assert books_of(node) == expected
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


@each(
    {
        "a b d e2 f g h": [(0, EMPTY), (4, A_WHOLE)],
        "c": [(0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])],
        "e": [(-4, EMPTY), (0, A_WHOLE)],
    }
)
def test_q4_offline_leaves_phantoms(model: str, expected: list[Books]) -> None:
    node = in_use(model)
    assert isolate(node, model) == 0
    free(node, 0, 1, 2, 3)
    node.offline_isolated(0, 4)
    node.unisolate(0, MOVABLE)
    assert lists_of(node) == {}
    assert books_of(node) == expected[0]
    node.online_pages(0, 4)
    assert books_of(node) == expected[1]
    assert lists_of(node) == {"MOVABLE": {2: [0]}}


def test_each_wants_every_kernel_once() -> None:
    with pytest.raises(ValueError, match="named once"):
        each({"a b c d e e2 f g": 0})
    with pytest.raises(ValueError, match="named once"):
        each({"a b c d e e2 f g h": 0, "h": 1})
