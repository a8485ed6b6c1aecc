"""Isolating ranges of whole blocks in 3.x, undoing it, and the test that all of a range is free."""

from __future__ import annotations

from .isolation import EBUSY, set_migratetype_isolate, unset_migratetype_isolate
from .pages import Kind, Page
from .pcp import ZoneV3
from .state import ZoneState
from .vocabulary import ISOLATE, MOVABLE, MigrateType


def first_valid_page(zone: ZoneState, block_pfn: int) -> int | None:
    """The first frame of a block that has a struct page."""
    for pfn in range(block_pfn, block_pfn + zone.block_pages):
        if zone.pages[pfn].kind is not Kind.HOLE:
            return pfn
    return None


def _valid_blocks(zone: ZoneState, start_pfn: int, end_pfn: int) -> list[int]:
    firsts = (
        first_valid_page(zone, block) for block in range(start_pfn, end_pfn, zone.block_pages)
    )
    return [pfn for pfn in firsts if pfn is not None]


def start_isolate_page_range(
    zone: ZoneV3, start_pfn: int, end_pfn: int, intended: MigrateType
) -> int | str:
    """Isolate whole blocks, ascending: 0, or "-EBUSY" with those done given the intended type."""
    done: list[int] = []
    for pfn in _valid_blocks(zone, start_pfn, end_pfn):
        if set_migratetype_isolate(zone, pfn) == EBUSY:
            for earlier in done:
                unset_migratetype_isolate(zone, earlier, intended)
            return EBUSY
        done.append(pfn)
    return 0


def undo_isolate_page_range(zone: ZoneV3, start_pfn: int, end_pfn: int) -> None:
    """Make every isolated block of the range MOVABLE, ascending, whatever it was before."""
    for pfn in _valid_blocks(zone, start_pfn, end_pfn):
        unset_migratetype_isolate(zone, pfn, MOVABLE)


def test_pages_isolated(zone: ZoneState, start_pfn: int, end_pfn: int) -> bool:
    """Whether the range is all ISOLATE blocks and all free.

    3.5 takes free chunks as they are; from 3.8 on one on another list is moved to ISOLATE, and
    nothing is counted.
    """
    blocks = _valid_blocks(zone, start_pfn, end_pfn)
    if any(zone.block_type(pfn) is not ISOLATE for pfn in blocks):
        return False
    pfn = start_pfn
    while pfn < end_pfn:
        page = zone.pages[pfn]
        if page.kind is Kind.FREE:
            if zone.cells.test_moves_strays and page.list_type is not ISOLATE:
                zone.list_move(pfn, ISOLATE)
            pfn += 1 << page.order
        elif page.kind is Kind.HOLE or _remembers_isolate(page):
            pfn += 1
        else:
            return False
    return True


def _remembers_isolate(page: Page) -> bool:
    """Reference count 0 and the type ISOLATE kept: a single page on its way to the lists."""
    return page.order == 0 and page.kind in (Kind.PCP, Kind.LIMBO) and page.kept is ISOLATE
