"""A zone of 6.x: what it has beyond a zone of any kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.reference.cells import Cells
from tests.reference.state import ZoneState

PCP_ORDERS = range(4)
"""Orders that have pcp lists (PAGE_ALLOC_COSTLY_ORDER and below; there are no huge pages here)."""
PCP_LISTS = 3 * len(PCP_ORDERS)
SCALE_MAX = 5
"""CONFIG_PCP_BATCH_SCALE_MAX."""


@dataclass(slots=True)
class PerCpuPages:
    """struct per_cpu_pages of the zone's one CPU. Numbers count pages, not entries."""

    lists: list[list[int]] = field(default_factory=lambda: [[] for _ in range(PCP_LISTS)])
    """By index 3 * order + type, PFNs, hot end first."""
    count: int = 0
    batch: int = 1
    high_min: int = 0
    high_max: int = 0
    """6.1 has one limit: the two are equal there."""

    # -- 6.12
    high: int = 0
    """The limit in force; brought between the other two whenever it is used."""
    alloc_factor: int = 0
    free_count: int = 0
    prev_free_high_order: bool = False

    # -- 6.1
    free_factor: int = 0


class ZoneV6(ZoneState):
    """A zone with its pcp lists and the flags that steer them."""

    def __init__(
        self,
        cells: Cells,
        start_pfn: int,
        spanned_pages: int,
        pageblock_order: int,
        max_order: int,
        holes: Iterable[tuple[int, int]],
    ) -> None:
        super().__init__(cells, start_pfn, spanned_pages, pageblock_order, max_order, holes)
        self.pcp = PerCpuPages()
        self.top = max_order - 1
        """The highest order: MAX_PAGE_ORDER of 6.12."""
        self.nr_free_highatomic = 0
        """Counted in 6.12 only."""
        self.nr_reserved_highatomic = 0
        """Pages of the blocks set aside."""
        self.below_high = False
        """ZONE_BELOW_HIGH (6.12). Set by the zone walk, which is not part of this model."""
        self.reclaim_active = False
        """ZONE_RECLAIM_ACTIVE. Set by reclaim, which is not part of this model."""
        self.span = (self.start_pfn, self.end_pfn)
        """zone_start_pfn and its end; offlining at an edge draws it in."""

    def block_is_whole(self, pfn: int) -> bool:
        """Whether the block of pfn lies inside the zone, first page and last."""
        start = self.block_start(pfn)
        return self.contains(start) and self.contains(start + self.block_pages - 1)

    def first_of_block(self, pfn: int) -> int:
        """The first page of the block of pfn that lies in the zone."""
        return max(self.block_start(pfn), self.start_pfn)
