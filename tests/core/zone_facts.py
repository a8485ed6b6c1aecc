"""One zone as the core tells it and as the slow reference does: the same facts, the same words."""

from __future__ import annotations

from functools import cache

from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.vocabulary import MIGRATETYPES
from tests.core import nodes
from tests.reference import ReferenceZone
from tests.reference.cells import Era
from tests.reference.pages import Kind, Page
from tests.reference.six.state import ZoneV6

PCP_ORDERS = range(4)

KINDS = {
    Kind.TAIL: nodes.TAIL,
    Kind.FREE: nodes.FREE,
    Kind.ALLOCATED: nodes.ALLOCATED,
    Kind.PCP: nodes.ON_PCP,
    Kind.RESERVED: nodes.RESERVED,
    Kind.OFFLINE: nodes.OFFLINE,
    Kind.HOLE: nodes.HOLE,
    Kind.LIMBO: nodes.FREEING,
}

IN_USE = (nodes.ALLOCATED, nodes.PINNED, nodes.MIGRATING)
"""What the reference has one kind for; a page on its way is one that is on no LRU."""

Facts = dict[str, object]
Queued = dict[tuple[str, int], list[tuple[int, str]]]
"""{(pcp list, order): (PFN, remembered type) from the hot end}, empty ones left out."""
Told = tuple[object, ...]
"""A frame: (kind, order, list or remembered type, LRU, anonymous, pinned)."""

TAIL_PAGE: Told = (nodes.TAIL, 0, None, False, False, False)
"""What most frames are."""


def of_core(node: Node, slot: int, era: Era) -> Facts:
    """By name, all but its pages."""
    stats = _read.stats(node, slot)
    _, _, _, first_block, blocks = _read.zones(node)[slot]
    types = _read.block_types(node)[first_block : first_block + blocks]
    facts: Facts = {
        "types": [MIGRATETYPES[mt] for mt in types],
        "lists": nodes.lists_of(node, slot),
        "pcp": core_pcp(node, slot),
        "books": nodes.books_of(node, slot),
        "NR_FREE_CMA_PAGES": stats["NR_FREE_CMA_PAGES"],
        "isolated blocks": stats["nr_isolated_blocks"],
        "watermarks": _read.watermarks(node, slot),
    }
    factor, free_count, prev_free_high_order, high = _read.pcp_state(node, 0, slot)
    if era is Era.V3:
        return facts | {"pcp sizes": _read.pcp_size(node, slot)}
    facts["reserved"] = stats["nr_reserved_highatomic"]
    facts["pcp limits"] = _read.pcp_limits(node, slot)
    if era is Era.V6_1:
        return facts | {"free factor": factor}
    facts["NR_FREE_HIGHATOMIC"] = stats["NR_FREE_HIGHATOMIC"]
    return facts | {"pcp state": (factor, free_count, bool(prev_free_high_order), high)}


def of_reference(zone: ReferenceZone) -> Facts:
    """As of_core."""
    state = zone.state
    facts: Facts = {
        "types": [str(mt.value) for mt in state.block_types.values()],
        "lists": {str(mt.value): orders for mt, orders in zone.lists().items()},
        "pcp": reference_pcp(zone),
        "books": (zone.nr_free_pages, zone.nr_free),
        "NR_FREE_CMA_PAGES": zone.nr_free_cma or 0,
        "isolated blocks": zone.nr_isolated_blocks or 0,
        "watermarks": tuple(zone.watermarks or (0, 0, 0)),
    }
    if not isinstance(state, ZoneV6):
        return facts | {"pcp sizes": tuple(zone.pcp_sizes)}
    pcp = zone.per_cpu
    facts["reserved"] = state.nr_reserved_highatomic
    facts["pcp limits"] = (pcp.high_min, pcp.high_max, pcp.batch)
    if state.cells.era is Era.V6_1:
        return facts | {"free factor": pcp.free_factor}
    facts["NR_FREE_HIGHATOMIC"] = state.nr_free_highatomic
    told = (pcp.alloc_factor, pcp.free_count, pcp.prev_free_high_order, pcp.high)
    return facts | {"pcp state": told}


def core_pcp(node: Node, slot: int) -> Queued:
    return {
        (mt, order): queued
        for order in PCP_ORDERS
        for mt, queued in nodes.pcp_of(node, order, slot).items()
    }


def reference_pcp(zone: ReferenceZone) -> Queued:
    """6.12 remembers nothing: the core then tells the list's own type."""
    return {
        (mt.value, order): [(pfn, (kept or mt).value) for pfn, kept in queued]
        for mt, order, queued in zone.pcp_lists()
    }


def core_pages(node: Node, start_pfn: int, pages: int) -> list[Told]:
    """Every frame."""
    states, attrs = nodes.states_of(node, start_pfn, pages)
    return [
        _core_page(state, attr) if state else TAIL_PAGE
        for state, attr in zip(states, attrs, strict=True)
    ]


def reference_pages(zone: ReferenceZone) -> list[Told]:
    queued_as = {pfn: kept or mt for mt, _, queued in zone.pcp_lists() for pfn, kept in queued}
    tail = Kind.TAIL
    return [
        TAIL_PAGE if page.kind is tail else _reference_page(page, queued_as.get(pfn))
        for pfn, page in zone.state.pages.items()
    ]


@cache
def _core_page(state: int, attr: int) -> Told:
    kind = state >> 4
    typed = kind in (nodes.FREE, nodes.ON_PCP, nodes.FREEING)
    lru = kind in IN_USE and bool(attr & 8)
    return (
        nodes.ALLOCATED if kind in IN_USE else kind,
        state & 15,
        MIGRATETYPES[attr & 7] if typed else None,
        lru,
        lru and bool(attr & 0x40),
        kind == nodes.PINNED,
    )


def _reference_page(page: Page, queued_as: str | None) -> Told:
    kind, order = page.kind, page.order
    if kind is Kind.ALLOCATED:
        return nodes.ALLOCATED, order, None, page.lru, page.lru and page.anon, page.pinned
    typed = page.list_type if kind is Kind.FREE else page.kept if kind is Kind.LIMBO else queued_as
    return KINDS[kind], order, typed, False, False, False
