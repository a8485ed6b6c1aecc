"""What can be seen of a zone from outside."""

from __future__ import annotations

from . import observe
from .cells import IsolatedBlocks
from .checks import Checked
from .errors import Refused
from .kernel import Kernel, PcpList
from .pages import PageState
from .six.state import PerCpuPages, ZoneV6
from .vocabulary import MigrateType
from .watermark import PcpSizes, Watermarks


class Observed(Checked):
    """The reading side of ReferenceZone. Nothing here changes anything."""

    _kernel: Kernel

    @property
    def nr_free_pages(self) -> int:
        """NR_FREE_PAGES, signed, as stored."""
        return self.state.nr_free_pages

    @property
    def nr_free(self) -> list[int]:
        """Chunk counters per order, signed."""
        return list(self.state.nr_free)

    @property
    def nr_free_cma(self) -> int | None:
        """NR_FREE_CMA_PAGES, signed; None where the kernel does not count them."""
        return self.state.nr_free_cma if self.state.cells.counts_cma else None

    @property
    def nr_isolated_blocks(self) -> int | None:
        """The zone's counter of isolated blocks; None where it has none."""
        has_one = self.state.cells.isolated_blocks is not IsolatedBlocks.NO_COUNTER
        return self.state.nr_isolated_blocks if has_one else None

    @property
    def present_pages(self) -> int:
        return self.state.present_pages

    @property
    def managed_pages(self) -> int:
        """Handed over by boot_live or online_pages and not taken offline since."""
        return self.state.managed_pages

    @property
    def watermarks(self) -> Watermarks | None:
        """(min, low, high) in pages; None before boot_live."""
        return self.state.watermarks

    @property
    def pcp_sizes(self) -> PcpSizes:
        """(high, batch) in pages. 6.12: high is the limit in force, see six.state.PerCpuPages."""
        return self._kernel.pcp_sizes()

    @property
    def per_cpu(self) -> PerCpuPages:
        """6.x: the pcp set with its limits and counters, to look at."""
        return self._six.pcp

    @property
    def span(self) -> tuple[int, int]:
        """First PFN of the zone and the one behind its last; 6.x offlining draws it in."""
        return (self.state.start_pfn, self.state.end_pfn) if self._is_v3 else self._six.span

    @property
    def blocks(self) -> str:
        """One letter a pageblock, ascending, partial ones included: U R M V H C I (V: RESERVE)."""
        return observe.blocks_text(self.state)

    def block_type(self, pfn: int) -> MigrateType:
        """Of the block that pfn lies in."""
        self._check_inside(pfn)
        return self.state.block_type(pfn)

    def lists(self) -> dict[MigrateType, dict[int, list[int]]]:
        """{type: {order: head PFNs, list head first}}, empty lists left out."""
        return observe.lists(self.state)

    def pcp(self) -> dict[MigrateType, list[tuple[int, MigrateType | None]]]:
        """The order-0 lists: {list: (PFN, remembered type), hot end first}, empty ones left out."""
        return {mt: queued for mt, order, queued in self.pcp_lists() if order == 0}

    def pcp_lists(self) -> list[PcpList]:
        """All pcp lists that are not empty, as (type, order, queued), in the kernel's order."""
        return self._kernel.pcp_lists()

    def page_state(self, pfn: int) -> PageState:
        """What this frame is; see PageState."""
        self._check_inside(pfn)
        return observe.page_state(self.state, pfn)

    @property
    def lists_crc(self) -> int:
        return observe.text_crc(observe.lists_text(self.state))

    @property
    def pcp_crc(self) -> int:
        return observe.text_crc(self._kernel.pcp_text())

    @property
    def blocks_crc(self) -> int:
        return observe.text_crc(self.blocks)

    @property
    def _six(self) -> ZoneV6:
        """The zone as one of 6.x."""
        if not isinstance(self.state, ZoneV6):
            raise Refused("kernel: this is one of 3.x")
        return self.state
