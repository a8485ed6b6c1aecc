"""The functions of 3.5 to 3.19 behind one face."""

from __future__ import annotations

from . import boot, buddy, hotplug, isolate_range, isolation, pcp
from .hotplug import OfflineResult
from .kernel import Kernel, PcpList, intended_of
from .pages import Kind
from .pcp import ZoneV3
from .vocabulary import PCP_TYPES, MigrateType
from .watermark import PcpSizes, Watermarks


class KernelV3(Kernel):
    """3.x; what the patches and releases change is in the zone's cells."""

    def __init__(self, zone: ZoneV3) -> None:
        self.zone: ZoneV3 = zone
        self._given: PcpSizes | None = None

    def set_pcp_sizes(self, sizes: PcpSizes, high_max: int | None) -> None:
        self._given = sizes
        self.zone.pcp_high, self.zone.pcp_batch = sizes

    def boot_free(self, pfn: int, order: int) -> None:
        pcp.free_direct(self.zone, pfn, order)

    def move_free_chunks(self, pfn: int, mt: MigrateType) -> int:
        return buddy.move_freepages_block(self.zone, pfn, mt)

    def alloc(self, order: int, mt: MigrateType, *, atomic: bool) -> int | None:
        # Whoever cannot wait has the same lists; only the watermark is lower, which is not asked.
        return pcp.buffered_rmqueue(self.zone, order, mt)

    def free_begin(self, pfn: int, order: int) -> None:
        buddy.begin_free(self.zone, pfn, order)

    def free_finish(self, pfn: int) -> None:
        pcp.finish_free(self.zone, pfn)

    def free_cold(self, pfn: int, order: int) -> None:
        pcp.free_cold(self.zone, pfn, order)

    def drain(self) -> None:
        pcp.drain_pages(self.zone)

    def isolate(self, pfn: int) -> int | str:
        return isolation.set_migratetype_isolate(self.zone, pfn)

    def isolate_range(self, start_pfn: int, end_pfn: int) -> int | str:
        return isolate_range.start_isolate_page_range(
            self.zone, start_pfn, end_pfn, intended_of(self.zone, start_pfn)
        )

    def unisolate(self, pfn: int, mt: MigrateType) -> None:
        isolation.unset_migratetype_isolate(self.zone, pfn, mt)

    def split_free_page(self, pfn: int) -> int:
        return isolation.split_free_page(self.zone, pfn)

    def offline_isolated(self, start_pfn: int, end_pfn: int) -> None:
        isolation.offline_isolated_pages(self.zone, start_pfn, end_pfn)

    def online(self, start_pfn: int, end_pfn: int) -> None:
        for pfn in range(start_pfn, end_pfn):
            if self.zone.pages[pfn].kind is not Kind.HOLE:
                boot.online_page(self.zone, pfn)

    def mark_lru(self, pfn: int, order: int, lru: bool) -> None:
        """A chunk is on a reclaim list as one thing, by its head; nobody asks its tails."""
        self.zone.pages[pfn].lru = lru

    def boot_live(self, kept_reserved: set[int]) -> None:
        boot.boot_live(self.zone, kept_reserved, self._given)

    def free_all_memory(self, kept_reserved: set[int]) -> None:
        boot.free_all_memory(self.zone, kept_reserved, self._given)

    def set_watermarks(self, watermarks: Watermarks) -> None:
        boot.set_watermarks(self.zone, watermarks)

    def offline_pages(self, start_pfn: int, end_pfn: int) -> OfflineResult:
        return hotplug.offline_pages(self.zone, start_pfn, end_pfn)

    def online_pages(self, start_pfn: int, end_pfn: int) -> None:
        hotplug.online_pages(self.zone, start_pfn, end_pfn, resize_pcp=self._given is None)

    def pcp_sizes(self) -> PcpSizes:
        return PcpSizes(self.zone.pcp_high, self.zone.pcp_batch)

    def pcp_lists(self) -> list[PcpList]:
        return [
            PcpList(mt, 0, [(pfn, self.zone.pages[pfn].kept) for pfn in self.zone.pcp[mt]])
            for mt in PCP_TYPES
            if self.zone.pcp[mt]
        ]

    def pcp_text(self) -> str:
        return "".join(
            f"{mt}|{','.join(f'{pfn}:{kept}' for pfn, kept in queued)}\n"
            for mt, _, queued in self.pcp_lists()
        )
