"""Which pageblocks of 6.x cannot be isolated."""

from __future__ import annotations

from tests.reference.pages import Kind, Page
from tests.reference.vocabulary import CMA, MigrateType

from .state import ZoneV6


def has_unmovable_pages(zone: ZoneV6, frames: range, intended: MigrateType) -> bool:
    """Whether these frames of one block forbid isolating it.

    CMA is for CMA's own use and is not looked at. Frames outside the zone are reserved here. In
    ZONE_MOVABLE nothing but a reserved page forbids it.
    """
    block = next(pfn for pfn in frames if zone.contains(pfn))
    if zone.block_type(block) is CMA:
        return intended is not CMA
    pfn = frames.start
    while pfn < frames.stop:
        page = zone.pages.get(pfn)
        if page is None or _is_reserved(page):
            return True
        if zone.is_zone_movable:
            pfn += 1
            continue
        if page.kind is Kind.FREE:
            pfn += 1 << page.order
            continue
        if page.count > 0 and not page.lru:
            return True
        pfn += 1
    return False


def _is_reserved(page: Page) -> bool:
    """PageReserved. In 6.x holes have a struct page too, and those are reserved."""
    return page.kind in (Kind.RESERVED, Kind.HOLE)
