"""One zone of a node: what it has beyond a bare zone, and the questions the node asks of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from tests.reference.cells import Cells, Era, GiveUp, IsolatedBlocks
from tests.reference.pages import Kind, Page
from tests.reference.six import watermark as watermark_v6
from tests.reference.six.state import ZoneV6
from tests.reference.vocabulary import MigrateType
from tests.reference.watermark import Watermarks, watermark_ok
from tests.reference.zone import ReferenceZone

from .sizes import KINDS, SizedZone


class Sort(StrEnum):
    """What a page on the LRU is."""

    FILE = "file"
    """Can be dropped, or written where it came from."""
    ANON = "anon"
    """Only swap can take it."""


class NodeZone(ReferenceZone):
    """A ReferenceZone that knows its place in the node.

    Its own alloc() still asks no watermark, and what it hands out has no handle.
    """

    def __init__(
        self,
        cells: Cells,
        name: str,
        *,
        start_pfn: int,
        spanned_pages: int,
        pageblock_order: int,
        max_order: int,
        pcp: tuple[int, int] | None,
    ) -> None:
        high, batch = pcp or (None, None)
        super().__init__(
            cells,
            start_pfn=start_pfn,
            spanned_pages=spanned_pages,
            pageblock_order=pageblock_order,
            max_order=max_order,
            pcp_high=high,
            pcp_batch=batch,
        )
        self.name = name
        self.state.is_zone_movable = name == "Movable"
        self.lowmem_reserve: list[int] = []
        """By class; empty until the node is booted."""
        self.hands = dict.fromkeys(Sort, start_pfn)
        """PFN behind the last page that reclaim looked at, for each sort."""

    @property
    def kind(self) -> int:
        """enum zone_type."""
        return KINDS.index(self.name)

    @property
    def populated(self) -> bool:
        return self.present_pages > 0

    @property
    def marks(self) -> Watermarks:
        """The watermarks of a booted zone."""
        assert self.watermarks is not None
        return self.watermarks

    @property
    def sized(self) -> SizedZone:
        pages = self.managed_pages if self.state.cells.managed else self.present_pages
        return SizedZone(self.name, pages, self.watermarks.high if self.watermarks else 0)

    @property
    def nr_pcp(self) -> int:
        """Pages on the pcp lists."""
        return sum(len(pcp_list.queued) << pcp_list.order for pcp_list in self.pcp_lists())

    def free_all_memory(self, reserved: Iterable[tuple[int, int]]) -> None:
        """boot_live() without the watermarks."""
        self._kernel.free_all_memory(self._check_boot(reserved))

    def set_watermarks(self, watermarks: Watermarks) -> None:
        """The zone's part of setup_per_zone_wmarks()."""
        self._kernel.set_watermarks(watermarks)

    def check_request(self, order: int, mt: str) -> MigrateType:
        self._check_order(order)
        return self._check_type(mt, self.state.pcp_types)

    # -- chunks in use

    def chunks(self) -> Iterator[tuple[int, Page]]:
        """(PFN, head page) of every chunk in use, ascending."""
        pages = self.state.pages
        return ((pfn, page) for pfn, page in pages.items() if page.kind is Kind.ALLOCATED)

    def chunk_at(self, pfn: int) -> Page:
        """The head page of the chunk in use that begins at pfn."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.ALLOCATED,), "pfn")
        return self.state.pages[pfn]

    def take(self, order: int, mt: MigrateType, *, atomic: bool) -> int | None:
        """rmqueue(), and what the kernel does for a request that could not wait."""
        return self._kernel.alloc(order, mt, atomic=atomic)

    def free_chunk(self, pfn: int, *, cold: bool = False) -> None:
        """The last reference goes; cold: as reclaim frees."""
        order = self.state.pages[pfn].order
        if cold:
            self._kernel.free_cold(pfn, order)
        else:
            self._kernel.free_begin(pfn, order)
            self._kernel.free_finish(pfn)

    # -- watermarks

    def watermark_ok(
        self, order: int, mark: int, classzone_idx: int, flags: Collection[str]
    ) -> bool:
        """zone_watermark_ok()."""
        return self._watermark_ok(order, mark, classzone_idx, flags, max(0, self.nr_free_pages))

    def watermark_ok_safe(self, order: int, mark: int, classzone_idx: int) -> bool:
        """zone_watermark_ok_safe(); no per-CPU counter lags behind, so only 3.6 and 3.7 differ."""
        state = self.state
        free = max(0, self.nr_free_pages)
        if state.cells.isolated_blocks is IsolatedBlocks.BLOCKS:
            free -= state.nr_isolated_blocks << state.pageblock_order
        return self._watermark_ok(order, mark, classzone_idx, (), free)

    def _watermark_ok(
        self, order: int, mark: int, classzone_idx: int, flags: Collection[str], free: int
    ) -> bool:
        state, reserve = self.state, self.lowmem_reserve[classzone_idx]
        if not isinstance(state, ZoneV6):
            return watermark_ok(
                order,
                mark,
                reserve,
                flags,
                free,
                state.nr_free,
                cells=state.cells,
                free_cma=state.nr_free_cma,
            )
        # 6.1 does not count the free ones among the pages it has set aside.
        in_6_1 = state.cells.era is Era.V6_1
        highatomic = state.nr_reserved_highatomic if in_6_1 else state.nr_free_highatomic
        return watermark_v6.watermark_ok(
            order,
            mark,
            reserve,
            flags,
            free,
            state.nr_free,
            unusable=watermark_v6.unusable_free(flags, highatomic, state.nr_free_cma),
            listed=lambda larger, mt: bool(state.lists[larger][mt]),
        )

    # -- reclaim

    @property
    def pages_scanned(self) -> int:
        return self.state.pages_scanned

    @property
    def all_unreclaimable(self) -> bool:
        return self.state.all_unreclaimable

    @property
    def nr_lru_file(self) -> int:
        """Pages."""
        return self.nr_lru(Sort.FILE)

    @property
    def nr_lru_anon(self) -> int:
        """Pages."""
        return self.nr_lru(Sort.ANON)

    def nr_lru(self, sort: Sort) -> int:
        """Pages of this sort on the LRU, of whole chunks."""
        anon = sort is Sort.ANON
        pages = (page for page in self.state.pages.values() if page.lru and page.anon is anon)
        return sum(1 << page.order for page in pages if page.kind is Kind.ALLOCATED)

    def zone_reclaimable(self, *, swap: bool) -> bool:
        """Whether reclaim has not yet looked at all there is six times over, freeing nothing."""
        reclaimable = self.nr_lru_file + (self.nr_lru_anon if swap else 0)
        return self.pages_scanned < 6 * reclaimable

    def is_given_up(self, *, swap: bool) -> bool:
        """Whether reclaim leaves the zone out, by the kernel's own rule."""
        match self.state.cells.give_up:
            case GiveUp.FLAG:
                return self.all_unreclaimable
            case GiveUp.SCANNED:
                return not self.zone_reclaimable(swap=swap)
