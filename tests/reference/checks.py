"""What a call's arguments must be like before anything happens."""

from __future__ import annotations

from collections.abc import Iterable

from .cells import Era
from .errors import Refused
from .pages import Kind
from .ranges import present_in
from .state import ZoneState
from .vocabulary import MigrateType


class Checked:
    """The checks of a zone's arguments. Each raises Refused, naming the argument first."""

    state: ZoneState

    @property
    def _is_v3(self) -> bool:
        return self.state.cells.era is Era.V3

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

    def _check_tiled(self, start_pfn: int, end_pfn: int) -> None:
        """Free chunks, and in 3.x holes, follow one another from the range's start to its end."""
        pfn = start_pfn
        while pfn < end_pfn:
            page = self.state.pages[pfn]
            if page.kind is Kind.FREE:
                pfn += 1 << page.order
            elif page.kind is Kind.HOLE and self._is_v3:
                pfn += 1
            else:
                raise Refused(f"start_pfn, nr_pages: no free chunk begins at PFN {pfn}")

    def _check_boot(self, reserved: Iterable[tuple[int, int]]) -> set[int]:
        """Nothing has been freed yet: the frames that stay reserved."""
        if any(page.kind not in (Kind.RESERVED, Kind.HOLE) for page in self.state.pages.values()):
            raise Refused("boot_live: something has been freed already")
        kept: set[int] = set()
        for pfn, nr_pages in reserved:
            kept.update(range(pfn, self._check_range(pfn, nr_pages)))
        return kept

    def _check_blocks(self, start_pfn: int, nr_pages: int) -> int:
        end_pfn = self._check_range(start_pfn, nr_pages)
        if start_pfn % self.state.block_pages or nr_pages % self.state.block_pages:
            raise Refused(f"start_pfn, nr_pages: must be multiples of {self.state.block_pages}")
        if not present_in(self.state, start_pfn, end_pfn):
            raise Refused("start_pfn, nr_pages: the range is all hole")
        return end_pfn
