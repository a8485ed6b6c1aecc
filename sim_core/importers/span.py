"""Where a zone lies, when a file says so and when none does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim_core.importers.zoneinfo import ZoneFacts


@dataclass(frozen=True, slots=True)
class Span:
    """Extent of a zone. Pages; `present` and `managed` are None where no file tells them."""

    start_pfn: int
    spanned: int
    present: int | None
    managed: int | None
    text: str

    @property
    def end_pfn(self) -> int:
        """First PFN after the zone."""
        return self.start_pfn + self.spanned


USUAL_START = {"DMA": 0, "DMA32": 4096, "Normal": 1 << 20, "HighMem": 229_376, "Movable": 1 << 20}
"""Where x86 usually has a zone of this name: 0, 16 MiB, 4 GiB, 896 MiB, 4 GiB, as PFNs."""


def span_of(
    name: str,
    blocks: Mapping[int, int] | None,
    facts: ZoneFacts | None,
    pageblock_order: int,
    max_order: int,
) -> Span:
    """Place the zone as zoneinfo says, else by the numbers of blocks.

    Without zoneinfo the zone has as many whole pageblocks as the file counts and starts where x86
    usually has a zone of that name (USUAL_START), or at PFN 0 if it has no such name or a chunk of
    the highest order would not be aligned there. If the file counts more blocks than zoneinfo's
    span holds (memory came between the two readings), the span grows to hold them.
    """
    counted = sum(blocks.values()) if blocks is not None else 0
    if facts is not None and facts.start_pfn is not None:
        start, end = facts.start_pfn, facts.start_pfn + facts.spanned
        first = start >> pageblock_order
        held = ((end - 1) >> pageblock_order) - first + 1
        if counted <= held:
            return Span(start, facts.spanned, facts.present, facts.managed, "")
        end = (first + counted) << pageblock_order
        return Span(
            start,
            end - start,
            None,
            None,
            f"zoneinfo's span holds {held} pageblocks and pagetypeinfo counts {counted}: read at "
            "different instants; the zone is made large enough for all of them.",
        )
    start = USUAL_START.get(name, 0)
    if start % (1 << (max_order - 1)):
        start = 0
    return Span(
        start,
        counted << pageblock_order,
        None,
        None,
        f"No zoneinfo tells where the zone lies: it is put at pfn {start} and has "
        f"{counted} whole pageblocks.",
    )
