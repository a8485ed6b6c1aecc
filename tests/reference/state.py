"""Everything one zone is, and the few steps that put a chunk on a list or take it off.

PFNs are absolute everywhere. Frames outside [start_pfn, end_pfn) belong to other zones: they
have a struct page, are in use, are not LRU and never merge with anything here.
"""

from __future__ import annotations

from collections.abc import Iterable

from .around import Around
from .cells import Cells, Era
from .errors import Refused
from .pages import Kind, Page
from .vocabulary import (
    CMA,
    MOVABLE,
    PCP_TYPES,
    PCP_TYPES_V6,
    TYPES_V3,
    TYPES_V6,
    UNMOVABLE,
    MigrateType,
)
from .watermark import Watermarks


class ZoneState:
    """Lists, counters, page frames and pageblock types of one zone: what every kernel has."""

    def __init__(
        self,
        cells: Cells,
        start_pfn: int,
        spanned_pages: int,
        pageblock_order: int,
        max_order: int,
        holes: Iterable[tuple[int, int]],
    ) -> None:
        if not 1 <= pageblock_order <= max_order - 1:
            raise Refused("pageblock_order: must lie in 1..max_order - 1")
        if start_pfn < 0:
            raise Refused("start_pfn: must not be negative")
        if spanned_pages < 1:
            raise Refused("spanned_pages: must be at least 1")
        self.cells = cells
        self.types = TYPES_V3 if cells.era is Era.V3 else TYPES_V6
        """Those this kernel has, in its enum order."""
        self.pcp_types = PCP_TYPES if cells.era is Era.V3 else PCP_TYPES_V6
        self.start_pfn = start_pfn
        self.end_pfn = start_pfn + spanned_pages
        self.pageblock_order = pageblock_order
        self.block_pages = 1 << pageblock_order
        self.max_order = max_order

        self.pages = {pfn: Page(Kind.RESERVED) for pfn in range(start_pfn, self.end_pfn)}
        for hole_pfn, hole_pages in holes:
            for pfn in range(hole_pfn, hole_pfn + hole_pages):
                if pfn not in self.pages:
                    raise Refused(f"holes: PFN {pfn} lies outside the zone")
                self.pages[pfn] = Page(Kind.HOLE)

        # memmap_init_zone() types only blocks whose first frame lies in the zone; the bitmap of
        # a partial first block keeps its zeroes, which read as UNMOVABLE.
        self.block_types = {
            block: MOVABLE if block << pageblock_order >= start_pfn else UNMOVABLE
            for block in range(
                start_pfn >> pageblock_order, ((self.end_pfn - 1) >> pageblock_order) + 1
            )
        }

        self.lists: list[dict[MigrateType, list[int]]] = [
            {mt: [] for mt in self.types} for _ in range(max_order)
        ]
        """lists[order][type]: PFNs of the chunks' heads, head of the list first."""
        self.nr_free = [0] * max_order
        self.nr_free_pages = 0
        self.nr_free_cma = 0
        self.nr_isolated_blocks = 0

        self.present_pages = sum(page.kind is not Kind.HOLE for page in self.pages.values())
        self.managed_pages = 0
        """Handed to the allocator by a live boot or by onlining, and not taken offline since."""
        self.watermarks: Watermarks | None = None
        """None until a live boot sets them up."""

        self.node: Around | None = None
        """The node that this zone is part of; None for a bare zone."""
        self.is_zone_movable = False
        """Whether this is ZONE_MOVABLE, which is believed to hold nothing unmovable."""
        self.pages_scanned = 0
        """LRU pages looked at since the last free: reclaim's."""
        self.all_unreclaimable = False
        """Set by kswapd."""

    # -- frames and blocks

    def contains(self, pfn: int) -> bool:
        return self.start_pfn <= pfn < self.end_pfn

    def block_start(self, pfn: int) -> int:
        """First PFN of the block of pfn; may lie before the zone."""
        return pfn & ~(self.block_pages - 1)

    def block_type(self, pfn: int) -> MigrateType:
        """get_pageblock_migratetype()."""
        return self.block_types[pfn >> self.pageblock_order]

    def set_block_type(self, pfn: int, mt: MigrateType) -> None:
        """set_pageblock_migratetype()."""
        self.block_types[pfn >> self.pageblock_order] = mt

    def blocks_covered(self, pfn: int, order: int) -> range:
        """PFNs, one in each pageblock of a chunk that is half a block or more.

        The kernel's loops stop short of the last page, so a single page covers none.
        """
        return range(pfn, pfn + (1 << order) - 1, self.block_pages)

    # -- counters

    def something_was_freed(self) -> None:
        """What every function that frees does first, under the lock: reclaim may hope again."""
        self.pages_scanned = 0
        self.all_unreclaimable = False

    def mod_zone_freepage_state(self, pages: int, mt: MigrateType) -> None:
        """Count free pages of type mt, CMA apart as well. Callers know what of ISOLATE counts."""
        self.nr_free_pages += pages
        if self.cells.counts_cma and mt is CMA:
            self.nr_free_cma += pages

    def has_isolate_pageblock(self) -> bool:
        """Whether any block is isolated, by the counter.

        It is an unsigned number: one taken below zero, by undoing what was never counted, is not 0.
        """
        return self.nr_isolated_blocks != 0

    # -- chunks

    def is_free_head(self, pfn: int, order: int) -> bool:
        """Whether a chunk of exactly this order begins at pfn, in this zone."""
        page = self.pages.get(pfn)
        return page is not None and page.kind is Kind.FREE and page.order == order

    def make_chunk(self, pfn: int, order: int, kind: Kind) -> Page:
        """Turn 2^order frames into one chunk with fresh page state; the new head is returned."""
        for tail in range(pfn + 1, pfn + (1 << order)):
            self.pages[tail] = Page(Kind.TAIL)
        head = Page(kind, order=order)
        self.pages[pfn] = head
        return head

    def list_add(self, pfn: int, order: int, mt: MigrateType, *, tail: bool = False) -> None:
        """Make the chunk a free one on lists[order][mt]. No counter changes."""
        self.make_chunk(pfn, order, Kind.FREE).list_type = mt
        free_list = self.lists[order][mt]
        free_list.insert(len(free_list) if tail else 0, pfn)

    def list_del(self, pfn: int) -> int:
        """Take a free chunk off whatever list it is on; its order is returned."""
        page = self.pages[pfn]
        assert page.kind is Kind.FREE and page.list_type is not None
        self.lists[page.order][page.list_type].remove(pfn)
        page.list_type = None
        return page.order

    def list_move(self, pfn: int, mt: MigrateType, *, tail: bool = False) -> int:
        """Move a free chunk to the head of a type's list, or its tail; its order is returned."""
        order = self.list_del(pfn)
        self.pages[pfn].list_type = mt
        free_list = self.lists[order][mt]
        free_list.insert(len(free_list) if tail else 0, pfn)
        return order
