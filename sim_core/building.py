"""From a configuration, or an imported zone, to a node ready for its first operation."""

from dataclasses import replace

from sim_core.config import LabConfig
from sim_core.importers import ZoneLayout
from sim_core.mm import _place, _read
from sim_core.mm._mm import Node
from sim_core.models import Row
from sim_core.vocabulary import LOWMEM_RESERVE_RATIO, MIGRATETYPES, NORMAL, ZONE_KINDS

RECORD_BYTES = 16
"""Of the log of primitive writes (sim_core/mm/log.pxd)."""


def build_node(
    config: LabConfig, row: Row, layout: ZoneLayout | None
) -> tuple[Node, LabConfig, list[str]]:
    """A booted or placed node, the configuration as it turned out, and sentences for the page.

    Raises:
        MemoryError: the zone does not fit into memory.
        RefusedError: a layout that contradicts itself.
    """
    if layout is None:
        node = _node(config, row)
        if not config.booted:
            absent = sum(pages for _, pages in config.holes)
            _place.place_done(node, config.spanned_pages - absent, (0, 0, 0), _pcp(config))
            return node, config, []
        for start_pfn, pages in config.cma:
            node.set_cma(start_pfn, pages)
        node.boot(-1 if config.min_free_kbytes is None else config.min_free_kbytes)
        return node, config, _small_zone_notes(node)
    config = replace(
        config,
        zone=layout.zone,
        start_pfn=layout.start_pfn,
        spanned_pages=layout.spanned_pages,
        pageblock_order=layout.pageblock_order,
        max_order=layout.max_order,
        holes=layout.holes,
        cma=(),
        fill_percent=0,
    ).validated()
    node = _node(config, row)
    _place_layout(node, config, layout)
    return node, config, list(layout.notes)


def _small_zone_notes(node: Node) -> list[str]:
    """What a reader of a small zone would else take for a mistake."""
    types = _read.block_types(node)
    reserve = types.count(MIGRATETYPES.index("RESERVE"))
    if 2 * reserve < len(types):
        return []
    least = _read.watermarks(node)[0]
    return [
        f"{reserve} of {len(types)} pageblocks are RESERVE: in 3.5 MIN is never below 32 pages "
        f"(here {least}), and up to two blocks are kept for it however small the zone is."
    ]


def _node(config: LabConfig, row: Row) -> Node:
    aims = sum(1 << i for i, name in enumerate(_read.IDENTITY_NAMES) if name in row.aims)
    return Node(
        row.columns(),
        _zones(config, row.columns()["zone_sizes"] > 0),
        config.pageblock_order,
        config.max_order,
        config.pcp_high or 0,
        config.pcp_batch or 1,
        config.pcp_high is None,
        config.cpus,
        config.holes,
        config.log_bytes // RECORD_BYTES,
        config.seed,
        aims,
        config.whole,
        config.swap_pages,
    )


def _zones(config: LabConfig, by_managed: bool) -> tuple[tuple[int, int, int, int], ...]:
    """(kind, first PFN, pages, lowmem_reserve_ratio) of each zone.

    Args:
        by_managed: a kernel of 6.x.
    """
    if not config.whole:
        return ((NORMAL, config.start_pfn, config.spanned_pages, 0),)
    return tuple(
        (
            ZONE_KINDS.index(span.zone),
            span.start_pfn,
            span.spanned_pages,
            0 if by_managed and span.zone == "HighMem" else LOWMEM_RESERVE_RATIO[span.zone],
        )
        for span in config.zones
    )


def _pcp(config: LabConfig) -> tuple[int, int | None] | None:
    """(high, batch) as configured; None: derived."""
    return None if config.pcp_high is None else (config.pcp_high, config.pcp_batch)


def _place_layout(node: Node, config: LabConfig, layout: ZoneLayout) -> None:
    for block, mt in enumerate(layout.block_types):
        _place.place_type(node, block, mt)
    _place.place_free(node, layout.free_pfn, layout.free_order, layout.free_type)
    _place.place_allocated(
        node,
        layout.allocated_pfn,
        layout.allocated_order,
        layout.allocated_type,
        layout.allocated_lru,
    )
    pcp = layout.pcp if config.pcp_high is None else _pcp(config)
    if pcp is not None and pcp[1] is not None and pcp[1] > max(1, pcp[0]):
        pcp = None
    absent = sum(pages for _, pages in layout.holes)
    _place.place_done(node, layout.spanned_pages - absent, layout.watermark, pcp)
