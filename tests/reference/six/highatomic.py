"""HIGHATOMIC pageblocks of 6.x: what they are kept for, and how a block becomes one.

Giving them back is direct reclaim's, which is not part of this model.
"""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.vocabulary import HIGHATOMIC, MOVABLE, RECLAIMABLE, UNMOVABLE

from . import rmqueue_v6_1, rmqueue_v6_12
from .freeing import change_pageblock_range
from .move import __move_freepages_block
from .state import ZoneV6
from .taking import rmqueue_smallest


def take(zone: ZoneV6, order: int) -> int | None:
    """A chunk of the reserve, counted."""
    if zone.cells.era is not Era.V6_1:
        return rmqueue_v6_12.smallest(zone, order, HIGHATOMIC)
    pfn = rmqueue_smallest(zone, order, HIGHATOMIC)
    if pfn is not None:
        zone.mod_zone_freepage_state(-(1 << order), HIGHATOMIC)
    return pfn


def limit(zone: ZoneV6) -> int:
    """Pages that may be set aside: about a hundredth of the zone, if it was booted at all."""
    managed = 0 if zone.watermarks is None else zone.present_pages
    share, block = managed // 100, zone.block_pages
    if zone.cells.era is Era.V6_1:
        return share + block
    return 0 if share < block else -(-share // block) * block


def reserve(zone: ZoneV6, pfn: int, order: int) -> None:
    """Set the block of a chunk aside that was just handed to somebody who could not wait."""
    old = zone.block_type(pfn)
    if zone.nr_reserved_highatomic >= limit(zone):
        return
    if old not in (UNMOVABLE, MOVABLE, RECLAIMABLE):
        return
    block = zone.block_start(pfn)
    if zone.cells.era is Era.V6_1:
        zone.set_block_type(pfn, HIGHATOMIC)
        rmqueue_v6_1.move_freepages_block(zone, pfn, HIGHATOMIC)
        zone.nr_reserved_highatomic += zone.block_pages
    elif order >= zone.pageblock_order:
        change_pageblock_range(zone, pfn, order, HIGHATOMIC)
        zone.nr_reserved_highatomic += 1 << order
    elif zone.block_is_whole(block):
        __move_freepages_block(zone, block, old, HIGHATOMIC)
        zone.nr_reserved_highatomic += zone.block_pages
