"""The functions of 6.1 and 6.12 behind one face."""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.errors import Refused
from tests.reference.hotplug import OfflineResult
from tests.reference.kernel import Kernel, PcpList, intended_of
from tests.reference.vocabulary import PCP_TYPES_V6, MigrateType
from tests.reference.watermark import PcpSizes, Watermarks

from . import boot, freeing, highatomic, hotplug, isolate_range, isolation, pcp
from .state import PCP_LISTS, ZoneV6
from .watermark import PcpLimits


class KernelV6(Kernel):
    """6.x; which of the two is in the zone's cells."""

    def __init__(self, zone: ZoneV6) -> None:
        self.zone: ZoneV6 = zone
        self._given: PcpLimits | None = None

    def set_pcp_sizes(self, sizes: PcpSizes, high_max: int | None) -> None:
        high = sizes.high if high_max is None else high_max
        self._given = PcpLimits(sizes.high, high, sizes.batch)
        boot.set_pcp_limits(self.zone, self._given)

    def boot_free(self, pfn: int, order: int) -> None:
        freeing.free_direct(self.zone, pfn, order, to_tail=True)

    def move_free_chunks(self, pfn: int, mt: MigrateType) -> int:
        raise Refused("move: 6.x never moves a block's chunks without counting them")

    def alloc(self, order: int, mt: MigrateType, *, atomic: bool) -> int | None:
        pfn = pcp.rmqueue(self.zone, order, mt, atomic=atomic)
        if pfn is not None and atomic and order > 0:
            highatomic.reserve(self.zone, pfn, order)
        return pfn

    def free_begin(self, pfn: int, order: int) -> None:
        freeing.begin_free(self.zone, pfn, order)

    def free_finish(self, pfn: int) -> None:
        pcp.finish_free(self.zone, pfn)

    def free_cold(self, pfn: int, order: int) -> None:
        """Hot and cold are one in 6.x."""
        pcp.free_pages(self.zone, pfn, order)

    def drain(self) -> None:
        pcp.drain_pages_zone(self.zone)

    def isolate(self, pfn: int) -> int | str:
        return isolation.isolate_block(self.zone, pfn)

    def isolate_range(self, start_pfn: int, end_pfn: int) -> int | str:
        return isolate_range.start_isolate_page_range(
            self.zone, start_pfn, end_pfn, intended_of(self.zone, start_pfn)
        )

    def unisolate(self, pfn: int, mt: MigrateType) -> None:
        isolation.unisolate_block(self.zone, pfn, mt)

    def split_free_page(self, pfn: int) -> int:
        return isolation.split_free_page(self.zone, pfn)

    def offline_isolated(self, start_pfn: int, end_pfn: int) -> None:
        isolation.offline_isolated_pages(self.zone, start_pfn, end_pfn)

    def online(self, start_pfn: int, end_pfn: int) -> None:
        boot.free_largest_chunks(self.zone, start_pfn, end_pfn)

    def mark_lru(self, pfn: int, order: int, lru: bool) -> None:
        """Every page has a flag of its own, and the fallback counts them."""
        for page in range(pfn, pfn + (1 << order)):
            self.zone.pages[page].lru = lru

    def boot_live(self, kept_reserved: set[int]) -> None:
        boot.boot_live(self.zone, kept_reserved, self._given)

    def free_all_memory(self, kept_reserved: set[int]) -> None:
        boot.free_all_memory(self.zone, kept_reserved)

    def set_watermarks(self, watermarks: Watermarks) -> None:
        boot.set_watermarks(self.zone, watermarks, self._given)

    def offline_pages(self, start_pfn: int, end_pfn: int) -> OfflineResult:
        return hotplug.offline_pages(self.zone, start_pfn, end_pfn, self._given)

    def online_pages(self, start_pfn: int, end_pfn: int) -> None:
        hotplug.online_pages(self.zone, start_pfn, end_pfn, self._given)

    def pcp_sizes(self) -> PcpSizes:
        """high is the limit in force in 6.12, which starts at 0; see pcp for the two others."""
        own = self.zone.pcp
        return PcpSizes(own.high_max if self.zone.cells.era is Era.V6_1 else own.high, own.batch)

    def pcp_lists(self) -> list[PcpList]:
        lists = []
        for index in range(PCP_LISTS):
            pfns = self.zone.pcp.lists[index]
            if pfns:
                queued = [(pfn, self.zone.pages[pfn].kept) for pfn in pfns]
                lists.append(PcpList(PCP_TYPES_V6[index % 3], index // 3, queued))
        return lists

    def pcp_text(self) -> str:
        remembers = self.zone.cells.era is Era.V6_1
        return "".join(
            f"{mt}:{order}|"
            + ",".join(f"{pfn}:{kept}" if remembers else str(pfn) for pfn, kept in queued)
            + "\n"
            for mt, order, queued in self.pcp_lists()
        )
