"""Nodes of the core as the tests want them: small zones, and what can be seen of one by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS, Custom, Row, custom, derived, hunk_changes
from sim_core.vocabulary import MIGRATETYPES, NORMAL, PCPTYPES, migratetype_id

UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE = range(len(MIGRATETYPES))

MODELS = tuple(ROWS)

TAIL, FREE, ALLOCATED, PINNED, ON_PCP, RESERVED, OFFLINE, HOLE, MIGRATING, FREEING = range(10)
"""Kinds of a page: the high four bits of its state byte."""


def hunks(*taken: str) -> Custom:
    """Linux 3.5 with these hunks of the seed patch."""
    return custom("hunks", "v3.5", hunk_changes(ROWS["v3.5"], taken))


def patched(taken: Iterable[str]) -> Row:
    """The row of that."""
    return derived(hunks(*taken))


def node_of(
    row: Row | str = "v3.5",
    *,
    start_pfn: int = 0,
    spanned_pages: int,
    pageblock_order: int = 2,
    max_order: int = 4,
    pcp: tuple[int, int] | None = (0, 1),
    holes: Iterable[tuple[int, int]] = (),
    log_records: int = 0,
    seed: int = 1,
    aims: int = 0,
) -> Node:
    """A node with nothing freed yet; pcp is (high, batch), or None to follow the zone's size."""
    columns = (ROWS[row] if isinstance(row, str) else row).columns()
    high, batch = pcp or (0, 1)
    return Node(
        columns,
        ((NORMAL, start_pfn, spanned_pages, 0),),
        pageblock_order,
        max_order,
        high,
        batch,
        pcp is None,
        1,
        tuple(holes),
        log_records,
        seed,
        aims,
    )


def live(
    model: str = "v3.5",
    pages: int = 64,
    *,
    pcp: tuple[int, int] = (0, 1),
    holes: tuple[tuple[int, int], ...] = (),
    seed: int = 1,
    log_records: int = 0,
) -> Node:
    """A booted zone of 4-page blocks, the lowest two RESERVE; the highest chunk is taken first."""
    node = node_of(
        model, spanned_pages=pages, pcp=pcp, holes=holes, seed=seed, log_records=log_records
    )
    node.boot()
    node.start_log()
    return node


def lists_of(node: Node, zone: int = 0) -> dict[str, dict[int, list[int]]]:
    """{migratetype: {order: PFNs from the list's head}}, empty lists left out."""
    found = {
        MIGRATETYPES[mt]: {
            order: _read.list_pfns(node, mt, order, 0, count, zone)
            for order, count in enumerate(counts)
            if count
        }
        for mt, counts in enumerate(_read.lengths(node, zone))
    }
    return {name: by_order for name, by_order in found.items() if by_order}


def pcp_of(node: Node, order: int = 0, zone: int = 0) -> dict[str, list[tuple[int, str]]]:
    """{pcp list of an order: (PFN, remembered migratetype) from the hot end}; no empty ones."""
    found: dict[str, list[tuple[int, str]]] = {
        name: [
            (pfn, MIGRATETYPES[kept])
            for pfn, kept in _read.pcp_pfns(node, 0, order, migratetype_id(name), zone)
        ]
        for name in PCPTYPES
    }
    return {name: pages for name, pages in found.items() if pages}


def books_of(node: Node, zone: int = 0) -> tuple[int, list[int]]:
    """NR_FREE_PAGES and nr_free per order, as stored."""
    return _read.stats(node, zone)["NR_FREE_PAGES"], _read.nr_free(node, zone)


def types_of(node: Node) -> list[str]:
    """The migratetype of each pageblock."""
    return [MIGRATETYPES[mt] for mt in _read.block_types(node)]


def states_of(node: Node, start_pfn: int, pages: int) -> tuple[bytes, bytes]:
    """(states, attributes), a byte a page; see sim_core/mm/page.pxd."""
    states = attrs = b""
    for first in range(start_pfn, start_pfn + pages, 4096):
        more = _read.states_of(node, first, min(4096, start_pfn + pages - first))
        states, attrs = states + more[0], attrs + more[1]
    return states, attrs


def kind_of(node: Node, pfn: int) -> int:
    state: int = _read.page_record(node, pfn)[0]
    return state >> 4


def set_workload(
    node: Node, orders: Sequence[int] = (90, 6, 3, 1), low: int = 40, high: int = 80
) -> None:
    """The mix that the tests use; a fifth of the requests is not MOVABLE."""
    node.set_workload(orders, (15, 5, 80), low, high)
