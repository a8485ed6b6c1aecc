"""Small nodes for tests, and short ways to use them up.

Zones of 64 pages unless said, blocks of four, and 64 KiB to share: MIN, LOW, HIGH 8, 10, 12 in two.
"""

from __future__ import annotations

from collections.abc import Iterable

from .cells import KERNELS
from .node import NodeZone, ReferenceNode, Request, Verdict
from .vocabulary import MOVABLE as M
from .vocabulary import UNMOVABLE as U

NORMAL, MOVABLE = 0, 1
"""Indices of the zones of the usual node."""

THREE_X = [kernel for kernel in KERNELS if not kernel.startswith("v6")]
SIX = [kernel for kernel in KERNELS if kernel.startswith("v6")]
ERAS = ("v3.5", "v3.19", "v6.1", "v6.12")


def node_of(
    kernel: str = "v3.5",
    *kinds: str,
    pages: int | tuple[int, ...] = 64,
    pcp: tuple[int, int] | None = (0, 1),
    swap_pages: int = 0,
    kbytes: int | None = 64,
    reserved: Iterable[tuple[int, int]] = (),
) -> ReferenceNode:
    """Booted; the zones follow one another from PFN 0, Normal and Movable unless said."""
    names = kinds or ("Normal", "Movable")
    spans = (pages,) * len(names) if isinstance(pages, int) else pages
    node = ReferenceNode(
        KERNELS[kernel],
        [(name, sum(spans[:index]), spans[index]) for index, name in enumerate(names)],
        pageblock_order=2,
        max_order=4,
        pcp=pcp,
        swap_pages=swap_pages,
        min_free_kbytes=kbytes,
    )
    node.boot_live(reserved)
    return node


def leave(node: ReferenceNode, classzone_idx: int, nr_free_pages: int) -> None:
    """Use up all but so many pages of a zone, past every watermark and for nobody."""
    zone = node.zones[classzone_idx]
    while zone.nr_free_pages > nr_free_pages:
        assert zone.alloc(0, U) is not None


def take(
    node: ReferenceNode, count: int, classzone_idx: int, *, lru: bool = True, anon: bool = False
) -> list[int]:
    """So many single pages of a zone, ascending, past every watermark."""
    zone = node.zones[classzone_idx]
    pfns = [pfn for pfn in (zone.alloc(0, M) for _ in range(count)) if pfn is not None]
    assert len(pfns) == count
    for pfn in pfns if lru else []:
        node.mark_lru(pfn, True, anon=anon)
    return sorted(pfns)


def request(node: ReferenceNode, classzone_idx: int | None = None, owner: int = 0) -> Request:
    """A movable page."""
    return node.request(0, M, classzone_idx, owner=owner)


def ended(got: Request) -> tuple[Verdict, int, int]:
    """How it ended, whatever it got."""
    return got.verdict, got.turns, got.oom_kills


def on_lru(zone: NodeZone) -> list[int]:
    return [pfn for pfn, page in zone.chunks() if page.lru]


def owners(node: ReferenceNode) -> dict[int, int]:
    """{process: pages}."""
    pages: dict[int, int] = {}
    for zone in node.zones:
        for _, page in zone.chunks():
            if page.owner:
                pages[page.owner] = pages.get(page.owner, 0) + (1 << page.order)
    return pages
