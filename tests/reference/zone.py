"""The reference zone: every call with its arguments checked first, and every observation."""

from __future__ import annotations

from collections.abc import Iterable

from . import boot
from .cells import Cells, Era
from .errors import Refused
from .hotplug import OfflineResult
from .kernel_v3 import KernelV3
from .observed import Observed
from .pages import Kind
from .pcp import ZoneV3
from .six import pcp
from .six.kernel_v6 import KernelV6
from .six.state import ZoneV6
from .vocabulary import ISOLATE
from .watermark import PcpSizes


class ReferenceZone(Observed):
    """One zone of a kernel that the cells describe, one CPU, grouping on.

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
        pcp_high_max: int | None = None,
        holes: Iterable[tuple[int, int]] = (),
    ) -> None:
        """All pages reserved with count 1, nothing free.

        max_order: exclusive bound of the orders. pcp_high, pcp_batch: in pages; both or neither;
        without them the boot pageset (0, 1) until boot_live sizes the lists by the zone.
        pcp_high_max: 6.12 only, where pcp_high is then the lower limit of one that tunes itself.
        holes: (first PFN, number of pages).
        """
        shape = (cells, start_pfn, spanned_pages, pageblock_order, max_order, holes)
        if cells.era is Era.V3:
            self._kernel = KernelV3(ZoneV3(*shape))
        else:
            self._kernel = KernelV6(ZoneV6(*shape))
        self.state = self._kernel.zone
        if pcp_high is not None or pcp_batch is not None:
            if pcp_high is None or pcp_batch is None:
                raise Refused("pcp_high, pcp_batch: give both or neither")
            if pcp_high < 0 or not 1 <= pcp_batch <= max(1, pcp_high):
                raise Refused("pcp_batch: must lie in 1..max(1, pcp_high)")
            if pcp_high_max is not None and (cells.era is not Era.V6_12 or pcp_high_max < pcp_high):
                raise Refused("pcp_high_max: for 6.12 only, and not below pcp_high")
            self._kernel.set_pcp_sizes(PcpSizes(pcp_high, pcp_batch), pcp_high_max)

    # -- the primitive calls

    def boot_free(self, pfn: int, order: int) -> None:
        """Reserved pages go to the buddy lists by the direct path, also at order 0."""
        self._check_chunk(pfn, order)
        for page in range(pfn, pfn + (1 << order)):
            self._check_kind(page, (Kind.RESERVED, Kind.OFFLINE), "pfn")
        self._kernel.boot_free(pfn, order)

    def set_block_type(self, pfn: int, mt: str, move: bool = False) -> int | None:
        """Set the type of pfn's block; with move its free chunks follow: how many pages moved.

        Nothing is counted. 6.x knows no move of that kind.
        """
        wanted = self._check_type(mt, self.state.types)
        self._check_inside(pfn)
        moved = self._kernel.move_free_chunks(pfn, wanted) if move else None
        self.state.set_block_type(pfn, wanted)
        return moved

    def alloc(self, order: int, mt: str, *, atomic: bool = False) -> int | None:
        """The PFN of 2^order pages, or None. Order 0 (6.x: 0 to 3) comes through a pcp list.

        atomic: who asks cannot wait (GFP_ATOMIC).
        """
        wanted = self._check_type(mt, self.state.pcp_types)
        self._check_order(order)
        return self._kernel.alloc(order, wanted, atomic=atomic)

    def free(self, pfn: int, order: int) -> None:
        """The last reference to an allocated chunk goes. Pinned pages are refused."""
        self.free_begin(pfn, order)
        self.free_finish(pfn)

    def free_begin(self, pfn: int, order: int) -> None:
        """The part of free that runs before the zone's lock is taken.

        It reads the type of the chunk's block where this kernel reads it there (3.x and 6.1). The
        chunk is then in limbo: count 0, on no list. Anything may happen before free_finish.
        """
        self._check_allocated(pfn, order)
        if self.state.pages[pfn].pinned:
            raise Refused(f"pfn: {pfn} is pinned")
        self._kernel.free_begin(pfn, order)

    def free_finish(self, pfn: int) -> None:
        """The rest of free, under the lock, for the chunk that free_begin put in limbo."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.LIMBO,), "pfn")
        self._kernel.free_finish(pfn)

    def drain(self) -> None:
        """Empty the pcp lists."""
        self._kernel.drain()

    def isolate(self, pfn: int) -> int | str:
        """Isolate pfn's block: 0 or "-EBUSY".

        3.x scans from pfn on, and drains the pcp lists afterwards; 6.x scans the whole block.
        """
        self._check_struct_page(pfn)
        return self._kernel.isolate(pfn)

    def isolate_range(self, start_pfn: int, nr_pages: int) -> int | str:
        """Isolate whole blocks as start_isolate_page_range() does: 0 or "-EBUSY".

        What a failure undoes becomes MOVABLE, or CMA if the range begins with a CMA block.
        """
        end_pfn = self._check_blocks(start_pfn, nr_pages)
        return self._kernel.isolate_range(start_pfn, end_pfn)

    def unisolate(self, pfn: int, mt: str) -> None:
        """Give pfn's block the type mt if it is ISOLATE."""
        others = tuple(other for other in self.state.types if other is not ISOLATE)
        wanted = self._check_type(mt, others)
        self._check_struct_page(pfn)
        self._kernel.unisolate(pfn, wanted)

    def split_free_page(self, pfn: int) -> int:
        """Turn the free chunk at pfn into single pages in use: how many (0: watermark)."""
        self._check_inside(pfn)
        self._check_kind(pfn, (Kind.FREE,), "pfn")
        return self._kernel.split_free_page(pfn)

    def offline_isolated(self, start_pfn: int, nr_pages: int) -> None:
        """Take the free chunks that tile the range off the lists; the last may reach beyond it."""
        end_pfn = self._check_range(start_pfn, nr_pages)
        self._check_tiled(start_pfn, end_pfn)
        self._kernel.offline_isolated(start_pfn, end_pfn)

    def online(self, start_pfn: int, nr_pages: int) -> None:
        """Free reserved pages, ascending: 3.x at order 0 through the pcp lists and over holes.

        6.x frees the largest aligned chunks, directly, to the tails.
        """
        end_pfn = self._check_range(start_pfn, nr_pages)
        free_kinds = (Kind.RESERVED, Kind.OFFLINE)
        kinds = (*free_kinds, Kind.HOLE) if self._is_v3 else free_kinds
        for pfn in range(start_pfn, end_pfn):
            self._check_kind(pfn, kinds, "start_pfn, nr_pages")
        self._kernel.online(start_pfn, end_pfn)

    def mark_lru(self, pfn: int, order: int, lru: bool) -> None:
        """Put an allocated chunk on the reclaim lists or take it off.

        In 3.x a chunk is on such a list as one thing, by its head: its tails have no flag of
        their own. In 6.x each of its pages has one, and fallback counts them.
        """
        self._check_allocated(pfn, order)
        self._kernel.mark_lru(pfn, order, lru)

    # -- a live zone

    def boot_live(self, reserved: Iterable[tuple[int, int]] = ()) -> None:
        """Free all memory but the reserved ranges as boot does; set watermarks, pcp sizes, RESERVE.

        reserved: (first PFN, number of pages) that stay reserved with count 1.
        """
        self._kernel.boot_live(self._check_boot(reserved))

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
        """Take whole blocks offline: isolate, migrate, test, remove. 3.x retypes them MOVABLE."""
        end_pfn = self._check_blocks(start_pfn, nr_pages)
        return self._kernel.offline_pages(start_pfn, end_pfn)

    def online_pages(self, start_pfn: int, nr_pages: int) -> None:
        """Bring whole offline blocks back. pcp sizes given to the constructor stay as they are."""
        end_pfn = self._check_blocks(start_pfn, nr_pages)
        kinds = (Kind.OFFLINE, Kind.HOLE) if self._is_v3 else (Kind.OFFLINE,)
        for pfn in range(start_pfn, end_pfn):
            self._check_kind(pfn, kinds, "start_pfn, nr_pages")
        self._kernel.online_pages(start_pfn, end_pfn)

    def set_zone_flags(self, *, below_high: bool, reclaim_active: bool) -> None:
        """6.x: ZONE_BELOW_HIGH (6.12) and ZONE_RECLAIM_ACTIVE; nothing in this model sets them."""
        self._six.below_high = below_high
        self._six.reclaim_active = reclaim_active

    def decay_pcp_high(self) -> None:
        """6.12: the second's tick that brings the pcp limit in force down, and pages with it."""
        if self.state.cells.era is not Era.V6_12:
            raise Refused("kernel: only 6.12 tunes its pcp limit")
        pcp.decay_pcp_high(self._six)

    def setup_zone_migrate_reserve(self, min_wmark: int) -> None:
        """3.x: choose the RESERVE blocks for a MIN watermark, in pages."""
        if not self._is_v3:
            raise Refused("setup_zone_migrate_reserve: 6.x has no RESERVE blocks")
        boot.setup_zone_migrate_reserve(self.state, min_wmark)
