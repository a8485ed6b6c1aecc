"""What an outside observer reads off a zone, and the checksums of the zone-vector/1 format."""

from __future__ import annotations

from zlib import crc32

from .pages import HEADS, Kind, PageState
from .state import ZoneState
from .vocabulary import MigrateType


def lists(zone: ZoneState) -> dict[MigrateType, dict[int, list[int]]]:
    """{type: {order: PFNs head..tail}} in enum and order order, empty lists left out."""
    by_type = {
        mt: {
            order: list(zone.lists[order][mt])
            for order in range(zone.max_order)
            if zone.lists[order][mt]
        }
        for mt in zone.types
    }
    return {mt: by_order for mt, by_order in by_type.items() if by_order}


def page_state(zone: ZoneState, pfn: int) -> PageState:
    """One frame; a tail answers for the chunk it lies in."""
    page = zone.pages[pfn]
    head = _head_of(zone, pfn) if page.kind is Kind.TAIL else pfn
    chunk = zone.pages[head]
    return PageState(
        kind=chunk.kind.value,
        head=head,
        order=chunk.order,
        list_type=chunk.list_type,
        kept=chunk.kept,
        lru=page.lru,
        pinned=chunk.pinned,
    )


def _head_of(zone: ZoneState, pfn: int) -> int:
    for order in range(1, zone.max_order):
        head = pfn & ~((1 << order) - 1)
        page = zone.pages.get(head)
        if page is not None and page.kind in HEADS and page.order >= order:
            return head
    raise AssertionError(f"PFN {pfn} is the tail of no chunk")


def lists_text(zone: ZoneState) -> str:
    return "".join(
        f"{mt}:{order}:{','.join(map(str, pfns))}\n"
        for mt, by_order in lists(zone).items()
        for order, pfns in by_order.items()
    )


def blocks_text(zone: ZoneState) -> str:
    return "".join(mt.letter for mt in zone.block_types.values())


def text_crc(text: str) -> int:
    """crc32 of ASCII text; 0 for the empty one."""
    return crc32(text.encode("ascii"))
