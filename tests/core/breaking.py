"""What the tests of the breaking sequences share: the zone they begin with, one case a kernel.

Geometry: blocks of 4 pages, orders 0 to 3, pcp high 0 and batch 1 unless pages are to stay queued.
Block 0 is A, block 1 is B; all pages are in use one by one, on the LRU, at the start.

Each row of a test names kernels by letters: a 3.5, b and c the two patches, d 3.6, e 3.7, e2 3.8,
f 3.19, g 6.1, h 6.12 as released and late. Where 3.x drains by itself as it isolates, 6.x drains
because the caller does; and there isolating is what callers do, start_isolate_page_range.
"""

from __future__ import annotations

import pytest

from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import MOVABLE, books_of, node_of

LETTERS: dict[str, tuple[str, ...]] = {
    "a": ("v3.5",),
    "b": ("minchan-v1",),
    "c": ("minchan-v2",),
    "d": ("v3.6",),
    "e": ("v3.7",),
    "e2": ("v3.8",),
    "f": ("v3.19",),
    "g": ("v6.1",),
    "h": ("v6.12", "v6.12.117"),
}
SIX = LETTERS["g"] + LETTERS["h"]

Books = tuple[int, list[int]]
"""NR_FREE_PAGES and nr_free by order, as stored."""


def models_of(letters: str) -> list[str]:
    """The models of letters parted by spaces: "a b e2"."""
    return [model for letter in letters.split() for model in LETTERS[letter]]


def each(expected: dict[str, object]) -> pytest.MarkDecorator:
    """One case a model: {letters parted by spaces: what is expected of those kernels}.

    Raises:
        ValueError: a kernel that is named twice, or not at all.
    """
    cases = [(model, value) for letters, value in expected.items() for model in models_of(letters)]
    named = [model for model, _ in cases]
    if sorted(named) != sorted(models_of(" ".join(LETTERS))):
        raise ValueError(f"each kernel is to be named once: {named}")
    return pytest.mark.parametrize(("model", "expected"), cases, ids=named)


def in_use(
    model: str, *, pages: int = 8, pcp: tuple[int, int] = (0, 1), first: int = MOVABLE
) -> Node:
    """The zone at the start; block A has type `first`, which it got when it was in use already."""
    node = node_of(model, spanned_pages=pages, pcp=pcp)
    for pfn in range(0, pages, 4):
        node.boot_free(pfn, 2)
    while node.alloc(0, MOVABLE, True) is not None:
        pass
    node.drain()
    node.set_block_type(0, first, False)
    assert books_of(node) == (0, [0, 0, 0, 0])
    return node


def queued(model: str, *, first: int = MOVABLE) -> Node:
    """The start, then pfn 0 on the pcp list."""
    node = in_use(model, pcp=(6, 1), first=first)
    free(node, 0)
    return node


def free(node: Node, *pfns: int) -> None:
    for pfn in pfns:
        assert node.free(pfn) == 0


def isolate(node: Node, model: str, block: int = 0) -> int:
    """Isolate one block as this kernel's callers do, pcp lists drained: 0 or -EBUSY."""
    if model not in SIX:
        return node.isolate(4 * block)
    ret = node.isolate_range(block, 1)
    node.drain()
    return ret


def isolated_blocks(node: Node) -> int:
    """By the zone's own count."""
    return _read.stats(node)["nr_isolated_blocks"]


def free_cma(node: Node) -> int:
    """NR_FREE_CMA_PAGES; 0 where it is not kept."""
    return _read.stats(node)["NR_FREE_CMA_PAGES"]
