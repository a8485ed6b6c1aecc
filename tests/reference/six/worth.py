"""Whether a request may claim a whole pageblock: half of it free, or in use for its own kind."""

from __future__ import annotations

from tests.reference.pages import Kind
from tests.reference.vocabulary import MOVABLE, MigrateType

from .state import ZoneV6


def free_pages(zone: ZoneV6, frames: range) -> int:
    """Pages of the free chunks that begin in these frames."""
    pages = (zone.pages[pfn] for pfn in frames)
    return sum(1 << page.order for page in pages if page.kind is Kind.FREE)


def movable_pages(zone: ZoneV6, frames: range) -> int:
    """Pages in use that are on the LRU, each by its own flag. Free and pcp pages have none."""
    return sum(zone.pages[pfn].lru for pfn in frames)


def takes_half(
    zone: ZoneV6, free: int, movable: int, block_type: MigrateType, start: MigrateType
) -> bool:
    """Whether free pages and pages in use of the same kind as start make up half a block."""
    if start is MOVABLE:
        alike = movable
    elif block_type is MOVABLE:
        alike = zone.block_pages - free - movable
    else:
        alike = 0
    return free + alike >= 1 << (zone.pageblock_order - 1)
