"""What every kernel can be asked to do. Arguments have been checked; see ReferenceZone for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from .hotplug import OfflineResult
from .state import ZoneState
from .vocabulary import CMA, MOVABLE, MigrateType
from .watermark import PcpSizes, Watermarks


class PcpList(NamedTuple):
    """One pcp list that is not empty."""

    mt: MigrateType
    order: int
    queued: list[tuple[int, MigrateType | None]]
    """(PFN, type remembered: None in 6.12), hot end first."""


def intended_of(zone: ZoneState, pfn: int) -> MigrateType:
    """What a person who isolates from pfn on means to restore: CMA where it is that."""
    return CMA if zone.block_type(pfn) is CMA else MOVABLE


class Kernel(ABC):
    """One zone and the functions of the kernel that runs it."""

    zone: ZoneState

    @abstractmethod
    def set_pcp_sizes(self, sizes: PcpSizes, high_max: int | None) -> None:
        """Sizes that stay, whatever the zone's size. high_max: 6.12; None for that of sizes."""

    @abstractmethod
    def boot_free(self, pfn: int, order: int) -> None: ...

    @abstractmethod
    def move_free_chunks(self, pfn: int, mt: MigrateType) -> int: ...

    @abstractmethod
    def alloc(self, order: int, mt: MigrateType, *, atomic: bool) -> int | None: ...

    @abstractmethod
    def free_begin(self, pfn: int, order: int) -> None: ...

    @abstractmethod
    def free_finish(self, pfn: int) -> None: ...

    @abstractmethod
    def free_cold(self, pfn: int, order: int) -> None:
        """The whole of a free, as reclaim does it."""

    @abstractmethod
    def drain(self) -> None: ...

    @abstractmethod
    def isolate(self, pfn: int) -> int | str: ...

    @abstractmethod
    def isolate_range(self, start_pfn: int, end_pfn: int) -> int | str: ...

    @abstractmethod
    def unisolate(self, pfn: int, mt: MigrateType) -> None: ...

    @abstractmethod
    def split_free_page(self, pfn: int) -> int: ...

    @abstractmethod
    def offline_isolated(self, start_pfn: int, end_pfn: int) -> None: ...

    @abstractmethod
    def online(self, start_pfn: int, end_pfn: int) -> None: ...

    @abstractmethod
    def mark_lru(self, pfn: int, order: int, lru: bool) -> None: ...

    @abstractmethod
    def boot_live(self, kept_reserved: set[int]) -> None: ...

    @abstractmethod
    def free_all_memory(self, kept_reserved: set[int]) -> None:
        """boot_live() without the watermarks."""

    @abstractmethod
    def set_watermarks(self, watermarks: Watermarks) -> None:
        """Set them, and what goes by them: RESERVE blocks, or the pcp limits of 6.x."""

    @abstractmethod
    def offline_pages(self, start_pfn: int, end_pfn: int) -> OfflineResult: ...

    @abstractmethod
    def online_pages(self, start_pfn: int, end_pfn: int) -> None: ...

    @abstractmethod
    def pcp_sizes(self) -> PcpSizes: ...

    @abstractmethod
    def pcp_lists(self) -> list[PcpList]: ...

    @abstractmethod
    def pcp_text(self) -> str: ...
