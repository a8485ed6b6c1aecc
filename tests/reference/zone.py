"""The reference zone: every call with its arguments checked first, and every observation."""

from __future__ import annotations

from collections.abc import Iterable

from . import boot, buddy, hotplug, isolation, observe, pcp
from .cells import Cells
from .errors import Refused
from .hotplug import OfflineResult
from .pages import Kind, PageState
from .state import ZoneState
from .vocabulary import ISOLATE, PCP_TYPES, MigrateType
from .watermark import PcpSizes, Watermarks

free_direct = buddy.__free_pages_ok


class ReferenceZone:
    """One zone of Linux 3.5 (or of 3.5 with some of the patches' cells), one CPU, grouping on.

    Every method raises Refused and changes nothing where the call makes no sense, and KernelBug
    where the kernel would stop; what it had done by then stands. PFNs are absolute.
    """

    def __init__(
        self,
        cells: Cells,
        *,
        start_pfn: int = 0,
        spanned_pages: int,
        pageblock_order: int,
        max_order: int,
        pcp_high: int | None = None,
        pcp_batch: int | None = None,
        holes: Iterable[tuple[int, int]] = (),
    ) -> None:
        """All pages reserved with count 1, nothing free.

        max_order: exclusive bound of the orders. pcp_high, pcp_batch: in pages; both or neither;
        without them the boot pageset (0, 1) until boot_live sizes the lists by the zone. holes:
        (first PFN, number of pages).
        """
        self.state = ZoneState(cells, start_pfn, spanned_pages, pageblock_order, max_order, holes)
        self._pcp_sizes: PcpSizes | None = None
        if pcp_high is not None or pcp_batch is not None:
            if pcp_high is None or pcp_batch is None:
                raise Refused("pcp_high, pcp_batch: give both or neither")
            if pcp_high < 0 or not 1 <= pcp_batch <= max(1, pcp_high):
                raise Refused("pcp_batch: must lie in 1..max(1, pcp_high)")
            self._pcp_sizes = PcpSizes(pcp_high, pcp_batch)
            self.state.pcp_high, self.state.pcp_batch = self._pcp_sizes

    # -- the primitive calls

    def boot_free(self, pfn: int, order: int) -> None:
        """Reserved pages go to the buddy lists by the direct path, also at order 0."""
        self._check_chunk(pfn, order)
        for page in range(pfn, pfn + (1 << order)):
            self._check_kind(page, (Kind.RESERVED, Kind.OFFLINE), "pfn")
        free_direct(self.state, pfn, order)

    def set_block_type(self, pfn: int, mt: str, move: bool = False) -> int | None:
        """Set the type of pfn's block; with move its free chunks follow: how many pages moved."""
        wanted = self._check_type(mt, tuple(MigrateType))
        self._check_inside(pfn)
        self.state.set_block_type(pfn, wanted)
        return buddy.move_freepages_block(self.state, pfn, wanted) if move else None

    def alloc(self, order: int, mt: str) -> int | None:
        """The PFN of 2^order pages, or None. Order 0 comes through the pcp list."""
        wanted = self._check_type(mt, PCP_TYPES)
        self._check_order(order)
        return pcp.buffered_rmqueue(self.state, order, wanted)

    def free(self, pfn: int, order: int) -> None:
        """The last reference to an allocated chunk goes. Pinned pages are refused."""
        self._check_allocated(pfn, order)
        if self.state.pages[pfn].pinned:
            raise Refused(f"pfn: {pfn} is pinned")
        pcp.free_pages(self.state, pfn, order)

    def drain(self) -> None:
        """Empty the pcp lists."""
        pcp.drain_pages(self.state)

    def isolate(self, pfn: int) -> int | str:
        """Isolate pfn's block, scanning from pfn: 0 (the pcp lists are drained) or "-EBUSY"."""
        self._check_struct_page(pfn)
        return isolation.set_migratetype_isolate(self.state, pfn)

    def unisolate(self, pfn: int, mt: str) -> None:
        """Give pfn's block the type mt if it is ISOLATE."""
        others = tuple(other for other in MigrateType if other is not ISOLATE)
        wanted = self._check_type(mt, others)
        self._check_struct_page(pfn)
        isolation.unset_migratetype_isolate(self.state, pfn, wanted)

    def split_free_page(self, pfn: int) -> int:
        """Turn the free chunk at pfn into single pages in use: how many (0: watermark)."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.FREE,), "pfn")
        return isolation.split_free_page(self.state, pfn)

    def offline_isolated(self, start_pfn: int, nr_pages: int) -> None:
        """Reserve the free chunks that tile the range; the last may reach beyond it."""
        end_pfn = self._check_range(start_pfn, nr_pages)
        isolation.heads_to_offline(self.state, start_pfn, end_pfn)
        isolation.offline_isolated_pages(self.state, start_pfn, end_pfn)

    def online(self, start_pfn: int, nr_pages: int) -> None:
        """Free reserved pages one by one, ascending, at order 0. Holes are passed over."""
        end_pfn = self._check_range(start_pfn, nr_pages)
        for pfn in range(start_pfn, end_pfn):
            self._check_kind(pfn, (Kind.RESERVED, Kind.OFFLINE, Kind.HOLE), "start_pfn, nr_pages")
        for pfn in range(start_pfn, end_pfn):
            if self.state.pages[pfn].kind is not Kind.HOLE:
                boot.online_page(self.state, pfn)

    def mark_lru(self, pfn: int, order: int, lru: bool) -> None:
        """Put an allocated chunk on the reclaim lists or take it off: PageLRU of its head.

        A chunk is on such a list as one thing, by its head. Its tails have no flag of their own.
        """
        self._check_allocated(pfn, order)
        self.state.pages[pfn].lru = lru

    # -- a live zone

    def boot_live(self, reserved: Iterable[tuple[int, int]] = ()) -> None:
        """Free all memory but the reserved ranges as boot does; watermarks, pcp sizes, RESERVE.

        reserved: (first PFN, number of pages) that stay reserved with count 1.
        """
        if any(page.kind not in (Kind.RESERVED, Kind.HOLE) for page in self.state.pages.values()):
            raise Refused("boot_live: something has been freed already")
        kept: set[int] = set()
        for pfn, nr_pages in reserved:
            kept.update(range(pfn, self._check_range(pfn, nr_pages)))
        boot.boot_live(self.state, kept, self._pcp_sizes)

    def pin(self, pfn: int) -> None:
        """Somebody takes a reference to an allocated chunk: it can be neither moved nor freed."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.ALLOCATED,), "pfn")
        self.state.pages[pfn].pinned = True

    def unpin(self, pfn: int) -> None:
        """That reference goes; the chunk stays allocated."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.ALLOCATED,), "pfn")
        self.state.pages[pfn].pinned = False

    def offline_pages(self, start_pfn: int, nr_pages: int) -> OfflineResult:
        """Take whole blocks offline: isolate, migrate, drain, test, remove, make MOVABLE."""
        end_pfn = self._check_blocks(start_pfn, nr_pages)
        return hotplug.offline_pages(self.state, start_pfn, end_pfn)

    def online_pages(self, start_pfn: int, nr_pages: int) -> None:
        """Bring whole offline blocks back. pcp sizes given to the constructor stay as they are."""
        end_pfn = self._check_blocks(start_pfn, nr_pages)
        for pfn in range(start_pfn, end_pfn):
            self._check_kind(pfn, (Kind.OFFLINE, Kind.HOLE), "start_pfn, nr_pages")
        hotplug.online_pages(self.state, start_pfn, end_pfn, resize_pcp=self._pcp_sizes is None)

    def setup_zone_migrate_reserve(self, min_wmark: int) -> None:
        """Choose the RESERVE blocks for a MIN watermark, in pages."""
        boot.setup_zone_migrate_reserve(self.state, min_wmark)

    # -- observation

    @property
    def nr_free_pages(self) -> int:
        """NR_FREE_PAGES, signed, as stored."""
        return self.state.nr_free_pages

    @property
    def nr_free(self) -> list[int]:
        """Chunk counters per order, signed."""
        return list(self.state.nr_free)

    @property
    def present_pages(self) -> int:
        return self.state.present_pages

    @property
    def watermarks(self) -> Watermarks | None:
        """(min, low, high) in pages; None before boot_live."""
        return self.state.watermarks

    @property
    def pcp_sizes(self) -> PcpSizes:
        """(high, batch) in pages."""
        return PcpSizes(self.state.pcp_high, self.state.pcp_batch)

    @property
    def blocks(self) -> str:
        """One letter a pageblock, ascending, partial ones included: U R M V C I (V: RESERVE)."""
        return observe.blocks_text(self.state)

    def block_type(self, pfn: int) -> MigrateType:
        """Of the block that pfn lies in."""
        self._check_inside(pfn)
        return self.state.block_type(pfn)

    def lists(self) -> dict[MigrateType, dict[int, list[int]]]:
        """{type: {order: head PFNs, list head first}}, empty lists left out."""
        return observe.lists(self.state)

    def pcp(self) -> dict[MigrateType, list[tuple[int, MigrateType]]]:
        """{list: (PFN, remembered type), hot end first}, empty lists left out."""
        return observe.pcp(self.state)

    def page_state(self, pfn: int) -> PageState:
        """What this frame is; see PageState."""
        self._check_inside(pfn)
        return observe.page_state(self.state, pfn)

    @property
    def lists_crc(self) -> int:
        return observe.text_crc(observe.lists_text(self.state))

    @property
    def pcp_crc(self) -> int:
        return observe.text_crc(observe.pcp_text(self.state))

    @property
    def blocks_crc(self) -> int:
        return observe.text_crc(self.blocks)

    # -- argument checks

    def _check_inside(self, pfn: int) -> None:
        if not self.state.contains(pfn):
            last = self.state.end_pfn - 1
            raise Refused(f"pfn: {pfn} lies outside {self.state.start_pfn}..{last}")

    def _check_kind(self, pfn: int, kinds: tuple[Kind, ...], field: str) -> None:
        kind = self.state.pages[pfn].kind
        if kind not in kinds:
            allowed = " or ".join(allowed.value for allowed in kinds)
            raise Refused(f"{field}: PFN {pfn} is {kind.value}, must be {allowed}")

    def _check_struct_page(self, pfn: int) -> None:
        self._check_inside(pfn)
        if self.state.pages[pfn].kind is Kind.HOLE:
            raise Refused(f"pfn: {pfn} is a hole")

    def _check_order(self, order: int) -> None:
        if not 0 <= order < self.state.max_order:
            raise Refused(f"order: {order} is not in 0..{self.state.max_order - 1}")

    def _check_type(self, mt: str, allowed: tuple[MigrateType, ...]) -> MigrateType:
        if mt not in allowed:
            raise Refused(f"mt: {mt} is not one of {', '.join(allowed)}")
        return MigrateType(mt)

    def _check_chunk(self, pfn: int, order: int) -> None:
        self._check_order(order)
        if pfn % (1 << order):
            raise Refused(f"pfn: {pfn} is not aligned to order {order}")
        self._check_inside(pfn)
        self._check_inside(pfn + (1 << order) - 1)

    def _check_allocated(self, pfn: int, order: int) -> None:
        self._check_chunk(pfn, order)
        self._check_kind(pfn, (Kind.ALLOCATED,), "pfn")
        actual = self.state.pages[pfn].order
        if actual != order:
            raise Refused(f"order: the chunk at {pfn} has order {actual}, not {order}")

    def _check_range(self, start_pfn: int, nr_pages: int) -> int:
        if nr_pages < 1:
            raise Refused("nr_pages: must be at least 1")
        self._check_inside(start_pfn)
        self._check_inside(start_pfn + nr_pages - 1)
        return start_pfn + nr_pages

    def _check_blocks(self, start_pfn: int, nr_pages: int) -> int:
        end_pfn = self._check_range(start_pfn, nr_pages)
        if start_pfn % self.state.block_pages or nr_pages % self.state.block_pages:
            raise Refused(f"start_pfn, nr_pages: must be multiples of {self.state.block_pages}")
        if not hotplug.present_in(self.state, start_pfn, end_pfn):
            raise Refused("start_pfn, nr_pages: the range is all hole")
        return end_pfn
