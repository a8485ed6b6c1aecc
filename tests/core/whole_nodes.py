"""Whole nodes of the core as the tests want them: small zones beside each other."""

from __future__ import annotations

from typing import NamedTuple

from sim_core.mm._mm import Node
from sim_core.models import ROWS, Row
from sim_core.vocabulary import LOWMEM_RESERVE_RATIO, ZONE_KINDS


class NodeShape(NamedTuple):
    """A node to be, its zones as (kind, first PFN, pages), lowest first."""

    zones: tuple[tuple[str, int, int], ...]
    pageblock_order: int = 2
    max_order: int = 4
    pcp: tuple[int, int] | None = (0, 1)
    """(high, batch) of every zone, or None to follow its size."""
    swap_pages: int = 0
    min_free_kbytes: int | None = None
    """As written at boot, or None for what the sizes make."""


def booted(shape: NodeShape, model: str = "v3.5", *, log_records: int = 0, seed: int = 1) -> Node:
    """The node with all its memory free."""
    row = ROWS[model]
    high, batch = shape.pcp or (0, 1)
    node = Node(
        row.columns(),
        tuple(
            (ZONE_KINDS.index(kind), start_pfn, pages, reserve_ratio(row, kind))
            for kind, start_pfn, pages in shape.zones
        ),
        shape.pageblock_order,
        shape.max_order,
        high,
        batch,
        shape.pcp is None,
        1,
        (),
        log_records,
        seed,
        0,
        True,
        shape.swap_pages,
    )
    node.boot(-1 if shape.min_free_kbytes is None else shape.min_free_kbytes)
    return node


def reserve_ratio(row: Row, kind: str) -> int:
    """sysctl_lowmem_reserve_ratio as the kernel is built: 6.x has no reserve for HighMem."""
    if kind == "HighMem" and row.columns()["zone_sizes"] > 0:
        return 0
    return LOWMEM_RESERVE_RATIO[kind]
