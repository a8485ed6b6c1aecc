"""What a live zone of 3.x does at boot: hand memory over, set watermarks and pcp sizes, RESERVE."""

from __future__ import annotations

from .buddy import move_freepages_block
from .pages import Kind, Page
from .pcp import ZoneV3, free_pages
from .ranges import ranges_to_free
from .state import ZoneState
from .vocabulary import MOVABLE, RESERVE
from .watermark import PcpSizes, Watermarks, min_free_kbytes, zone_batchsize, zone_watermarks

BITS_PER_LONG = 64


def free_bootmem(zone: ZoneV3, start_pfn: int, end_pfn: int) -> None:
    """__free_pages_memory(): free a range the way boot does, a bitmap word's worth at a time.

    A word is 64 pages, order 6; a zone whose largest chunk is smaller gets its largest.
    """
    order = min(BITS_PER_LONG.bit_length() - 1, zone.max_order - 1)
    chunk_pages = 1 << order
    start_aligned = -(-start_pfn // chunk_pages) * chunk_pages
    end_aligned = end_pfn // chunk_pages * chunk_pages
    if end_aligned <= start_aligned:
        start_aligned = end_aligned = end_pfn
    for pfn in range(start_pfn, start_aligned):
        _hand_over(zone, pfn, 0)
    for pfn in range(start_aligned, end_aligned, chunk_pages):
        _hand_over(zone, pfn, order)
    for pfn in range(end_aligned, end_pfn):
        _hand_over(zone, pfn, 0)


def _hand_over(zone: ZoneV3, pfn: int, order: int) -> None:
    """__free_pages_bootmem(): the pages are in use for a moment, and then freed."""
    zone.make_chunk(pfn, order, Kind.ALLOCATED)
    zone.managed_pages += 1 << order
    free_pages(zone, pfn, order)


def boot_live(zone: ZoneV3, kept_reserved: set[int], sizes: PcpSizes | None) -> None:
    """Free all memory, then do what module_init does."""
    free_all_memory(zone, kept_reserved, sizes)
    init_per_zone_wmark_min(zone)


def free_all_memory(zone: ZoneV3, kept_reserved: set[int], sizes: PcpSizes | None) -> None:
    """Free everything but holes and kept_reserved, then size the pcp lists.

    sizes: None for those of the zone's size. Until now the boot pageset is in place, which
    drains every page at once.
    """
    zone.pcp_high, zone.pcp_batch = 0, 1
    for start_pfn, end_pfn in ranges_to_free(zone, kept_reserved):
        free_bootmem(zone, start_pfn, end_pfn)
    zone.pcp_high, zone.pcp_batch = sizes or zone_batchsize(sizing_pages(zone))


def sizing_pages(zone: ZoneState) -> int:
    """The pages that watermarks and pcp sizes are worked out from."""
    return zone.managed_pages if zone.cells.managed else zone.present_pages


def init_per_zone_wmark_min(zone: ZoneState) -> None:
    """Work the watermarks out anew and make the RESERVE blocks fit them."""
    if zone.node is not None:
        zone.node.init_per_zone_wmark_min()
        return
    old_high = zone.watermarks.high if zone.watermarks else 0
    min_free = min_free_kbytes(sizing_pages(zone), old_high)
    set_watermarks(zone, zone_watermarks(min_free, sizing_pages(zone)))


def set_watermarks(zone: ZoneState, watermarks: Watermarks) -> None:
    """The part of setup_per_zone_wmarks() that is one zone's."""
    zone.watermarks = watermarks
    setup_zone_migrate_reserve(zone, watermarks.min)


def setup_zone_migrate_reserve(zone: ZoneState, min_wmark: int) -> None:
    """Make the lowest MOVABLE blocks RESERVE, as many as MIN asks for, at most two.

    Every block that is RESERVE beyond those goes back to MOVABLE. min_wmark: in pages.
    """
    wanted = min(2, -(-min_wmark // zone.block_pages))
    first_aligned = -(-zone.start_pfn // zone.block_pages) * zone.block_pages
    for pfn in range(first_aligned, zone.end_pfn, zone.block_pages):
        block_type = zone.block_type(pfn)
        if wanted > 0:
            if _pageblock_is_reserved(zone, pfn):
                continue
            if block_type is RESERVE:
                wanted -= 1
            elif block_type is MOVABLE:
                zone.set_block_type(pfn, RESERVE)
                move_freepages_block(zone, pfn, RESERVE)
                wanted -= 1
        elif block_type is RESERVE:
            zone.set_block_type(pfn, MOVABLE)
            move_freepages_block(zone, pfn, MOVABLE)


def _pageblock_is_reserved(zone: ZoneState, block_pfn: int) -> bool:
    """Whether a frame of the block is reserved, of either count, or is none."""
    frames = range(block_pfn, min(block_pfn + zone.block_pages, zone.end_pfn))
    unusable = (Kind.RESERVED, Kind.OFFLINE, Kind.HOLE)
    return any(zone.pages[pfn].kind in unusable for pfn in frames)


def online_page(zone: ZoneV3, pfn: int) -> None:
    """online_page(): a reserved frame becomes a page in use and is freed at once, at order 0."""
    zone.pages[pfn] = Page(Kind.ALLOCATED)
    free_pages(zone, pfn, 0)
