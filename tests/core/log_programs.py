"""Random requests of nodes whose log records every write: bare zones, and whole nodes."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS, Row
from tests.core.nodes import CMA, MOVABLE, UNMOVABLE, node_of, set_workload
from tests.core.whole_nodes import NodeShape
from tests.core.whole_nodes import booted as booted_node


class Shape(NamedTuple):
    """A zone to run in."""

    start_pfn: int
    spanned_pages: int
    pageblock_order: int
    max_order: int
    pcp: tuple[int, int] | None
    holes: tuple[tuple[int, int], ...] = ()


WATCHED = 0b111111
"""Identities that need no walk, a bit each."""
SMALL = (
    Shape(0, 256, 3, 6, (12, 4)),
    Shape(0, 64, 2, 4, (0, 1)),
    Shape(37, 301, 3, 6, (8, 4), ((100, 9), (160, 16))),
)
LARGE = Shape(0, 16384, 9, 11, None)


def booted(shape: Shape, row: Row, seed: int) -> Node:
    """A live zone with some of it in use, whose log begins now."""
    node = node_of(
        row,
        start_pfn=shape.start_pfn,
        spanned_pages=shape.spanned_pages,
        pageblock_order=shape.pageblock_order,
        max_order=shape.max_order,
        pcp=shape.pcp,
        holes=shape.holes,
        log_records=1 << 20,
        seed=seed,
    )
    node.boot()
    set_workload(node)
    node.fill_workload(50)
    node.start_log()
    node.set_watch(WATCHED)
    return node


def take_up(node: Node, draw: random.Random) -> None:
    """Another workload, and enough of it that the one before comes back to what it left."""
    kind = draw.randrange(9)
    params = {
        1: (draw.choice((60, 95)), 50),
        2: (90, 20, 30, 20),
        3: (20, 30, 40),
        4: (2, 3),
        5: (30, draw.choice((1, 7, 64)), 2, 4),
        6: (50, draw.choice((1, 20)), 30, 60),
        7: (draw.choice((2, 9)), draw.choice((60, 150)), 90),
        8: (12, 20, 3),
    }
    node.change_workload((70, 10, 6, 6), (2, 1, 97), 40, 70, kind, params.get(kind, ()))
    node.run_workload(draw.randrange(200))


def act(node: Node, shape: Shape, draw: random.Random) -> None:
    """One random request; a refusal before the kernel runs is as good as any."""
    pfn = shape.start_pfn + draw.randrange(shape.spanned_pages)
    blocks = len(_read.block_types(node))
    block = draw.randrange(blocks)
    acts = (
        lambda: node.run_workload(draw.randrange(30)),
        lambda: take_up(node, draw),
        lambda: node.alloc_contig(pfn, draw.randrange(1, 20), draw.choice((MOVABLE, CMA))),
        lambda: node.free_contig(pfn, draw.randrange(1, 4)),
        lambda: node.alloc(draw.randrange(shape.max_order), draw.randrange(3), draw.random() < 0.5),
        lambda: node.free(pfn),
        lambda: node.free_begin(pfn),
        lambda: node.free_finish(pfn),
        lambda: node.free_block(block),
        lambda: node.fill_block(block, 0, MOVABLE, True, 50),
        node.drain,
        lambda: node.set_block_type(pfn, draw.randrange(7), draw.random() < 0.5),
        lambda: node.pin(pfn),
        lambda: node.unpin(pfn),
        lambda: node.mark_lru(pfn, 0, draw.random() < 0.7),
        lambda: node.isolate(pfn),
        lambda: node.unisolate(pfn, MOVABLE),
        lambda: node.split_free_page(pfn),
        lambda: node.offline(block, draw.randrange(1, 3)),
        lambda: node.online(block, 1),
    )
    with suppress(RefusedError):
        draw.choice(acts)()


# -- whole nodes

NODES = (
    NodeShape((("Normal", 0, 96), ("Movable", 96, 96)), swap_pages=30, min_free_kbytes=8),
    NodeShape((("DMA", 5, 40), ("Normal", 48, 70), ("HighMem", 144, 45)), 2, 5, (6, 2), 10, 64),
    NodeShape((("DMA32", 0, 64), ("Normal", 96, 203), ("Movable", 320, 83)), 3, 6, None, 100),
)
NAMES = ("v3.5", "minchan-v1", "v3.7", "v3.19", "v6.1", "v6.12")
OFTEN = 6
"""More than once among the acts: what finds no memory, and what any zone can be asked."""


def act_on_node(node: Node, shape: NodeShape, draw: random.Random) -> None:
    """As act, with processes' memory and what only a whole node has."""
    _, start_pfn, pages = draw.choice(shape.zones)
    classzone_idx = draw.randrange(len(shape.zones))
    lru, anon, owner = draw.random() < 0.8, draw.random() < 0.5, draw.randrange(1, 4)
    zone = Shape(start_pfn, pages, shape.pageblock_order, shape.max_order, shape.pcp)
    size = 1 << shape.pageblock_order
    block = -(-start_pfn // size) - (shape.zones[0][1] // size)
    blocks = draw.randrange(1, pages // size)
    acts: tuple[Callable[[], object], ...] = (
        *[lambda: node.alloc(0, MOVABLE, lru, False, None, anon, owner)] * OFTEN,
        lambda: node.alloc(
            draw.randrange(4), draw.randrange(3), lru, False, classzone_idx, anon, owner
        ),
        lambda: node.alloc(draw.randrange(3), UNMOVABLE, False, True, classzone_idx, False, owner),
        lambda: fill_class(node, classzone_idx, owner),
        node.kswapd_step,
        lambda: node.write_min_free_kbytes(draw.choice((0, 16, 64, 200))),
        lambda: node.isolate_range(block, blocks),
        lambda: node.offline(block, blocks),
        lambda: node.online(block, blocks),
        *[lambda: act(node, zone, draw)] * OFTEN,
    )
    with suppress(RefusedError):
        draw.choice(acts)()


def booted_in(shape: Shape | NodeShape, name: str) -> Node:
    """A bare zone or a whole node under a kernel, some of it in use, whose log begins now."""
    if isinstance(shape, Shape):
        return booted(shape, ROWS[name], 3)
    node = booted_node(shape, name, log_records=1 << 20, seed=3)
    set_workload(node)
    node.fill_workload(20)
    node.start_log()
    return node


def fill_class(node: Node, classzone_idx: int, owner: int) -> None:
    """What the fast path can give, and one request more."""
    while node.alloc(0, UNMOVABLE, False, False, classzone_idx, False, owner) is not None:
        if _read.node_numbers(node)["turns"]:
            break
