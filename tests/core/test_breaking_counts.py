"""The shortest sequences at which books go wrong: CMA, steals, RESERVE, pages subtracted twice.

See tests/core/breaking.py for the zone and the letters.
"""

from __future__ import annotations

from sim_core.mm import _read
from tests.core.breaking import (
    Books,
    each,
    free,
    free_cma,
    in_use,
    isolate,
    isolated_blocks,
)
from tests.core.nodes import (
    CMA,
    MOVABLE,
    RESERVE,
    UNMOVABLE,
    books_of,
    lists_of,
    live,
    types_of,
)


@each(
    {
        "a d e e2 f g h": (0, [0, 0, 0, 0]),
        "b": (-2, [0, 0, 0, 0]),
        "c": (0, [-2, -1, 1, 0]),
    }
)
def test_q10_cma(model: str, expected: Books) -> None:
    node = in_use(model, first=CMA)
    free(node, 0, 1)
    assert isolate(node, model) == 0
    free(node, 2, 3)
    assert node.split_free_page(0) == 4
    node.unisolate(0, CMA)
    assert books_of(node) == expected
    assert free_cma(node) == 0
    assert types_of(node)[0] == "CMA"


@each(
    {
        "a b c e2": (0, "UNMOVABLE", "UNMOVABLE", 0),
        "d e": (0, "UNMOVABLE", "UNMOVABLE", 1),
        "f g h": (None, "ISOLATE", "MOVABLE", 0),
    }
)
def test_q11_a_steal_ends_isolation(model: str, expected: tuple[int | None, str, str, int]) -> None:
    """Until 3.17 a stray pair is stolen with all of its block, and nobody un-isolates that.

    3.6 and 3.7 then count an isolated block for ever. From 3.18 on the pair lies on ISOLATE.
    """
    got, first, restored, counted = expected
    node = in_use(model, pcp=(6, 1))
    free(node, 1)
    node.drain()
    free(node, 0)
    assert isolate(node, model) == 0
    assert node.alloc(0, UNMOVABLE, False) == got
    assert types_of(node) == [first, "MOVABLE"]
    node.unisolate(0, MOVABLE)
    assert types_of(node) == [restored, "MOVABLE"]
    assert isolated_blocks(node) == counted


@each({"a": (5, 5), "b c": (4, 4), "d": (5, 1), "e": (4, 0), "e2": (3, 3), "f g h": (6, 6)})
def test_q11_and_the_safe_test_misses_a_block_for_ever(
    model: str, expected: tuple[int, int]
) -> None:
    """In 3.6 and 3.7. One page is taken of the pair, then the four of B are freed."""
    node = in_use(model, pcp=(6, 1))
    free(node, 1)
    node.drain()
    free(node, 0)
    assert isolate(node, model) == 0
    node.alloc(0, UNMOVABLE, False)
    node.unisolate(0, MOVABLE)
    free(node, 4, 5, 6, 7)
    node.drain()
    assert (books_of(node)[0], _read.free_safe(node)) == expected


@each(
    {
        "a": ((14, 14), (14, 14)),
        "b c": ((14, 14), (12, 12)),
        "d": ((14, 14), (14, 10)),
        "e": ((14, 14), (12, 8)),
        "e2 f g h": ((14, 14), (12, 12)),
    }
)
def test_q12_over_and_double_subtraction(
    model: str, expected: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    """A block with two free pages and two in use is isolated: (NR_FREE_PAGES, the safe test's).

    The true loss is 2. 3.6 takes off the whole block, 3.7 the two pages and the whole block.
    """
    node = in_use(model, pages=16)
    free(node, 0, 1, *range(4, 16))
    seen = [(books_of(node)[0], _read.free_safe(node))]
    assert isolate(node, model) == 0
    seen.append((books_of(node)[0], _read.free_safe(node)))
    assert tuple(seen) == expected


@each({"a b c d e e2 f": "RESERVE", "g h": "UNMOVABLE"})
def test_q15_a_block_comes_back_movable(model: str, expected: str) -> None:
    """Whatever it was. No counter moves; 6.x has no RESERVE blocks to lose."""
    node = in_use(model, first={"RESERVE": RESERVE, "UNMOVABLE": UNMOVABLE}[expected])
    free(node, 0, 1, 2, 3)
    assert lists_of(node) == {expected: {2: [0]}}
    before = books_of(node)
    assert isolate(node, model) == 0
    node.unisolate(0, MOVABLE)
    assert types_of(node) == ["MOVABLE", "MOVABLE"]
    assert lists_of(node) == {"MOVABLE": {2: [0]}}
    assert books_of(node) == before


def test_q15_the_reserve_is_gone_until_the_next_watermark_setup() -> None:
    node = live("v3.5", 64)
    assert types_of(node)[:3] == ["RESERVE", "RESERVE", "MOVABLE"]
    node.isolate(0)
    node.unisolate(0, MOVABLE)
    assert types_of(node)[:3] == ["MOVABLE", "RESERVE", "MOVABLE"]
    assert node.offline(14, 2) == 0
    assert types_of(node)[:3] == ["RESERVE", "RESERVE", "MOVABLE"]
