"""What is the node's and not a zone's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.reference.cells import Cells
from tests.reference.errors import Refused

from .zone import NodeZone

DEF_PRIORITY = 12
SWAP_CLUSTER_MAX = 32
PAGE_ALLOC_COSTLY_ORDER = 3


@dataclass(slots=True)
class Kswapd:
    """The node's kswapd. While it is asleep priority and reclaimed are those it went to bed with.

    There is no time here: it takes a step when somebody lets it.
    """

    awake: bool = False
    order: int = 0
    classzone_idx: int = 0
    """Index of the highest zone that somebody wanted."""
    priority: int = DEF_PRIORITY
    reclaimed: int = 0
    """Pages, since it woke or began anew."""


class Handles:
    """Numbers of chunks, from 0 on. The number retired last is the first to be given again."""

    def __init__(self) -> None:
        self._next = 0
        self._retired: list[int] = []

    def give(self) -> int:
        if self._retired:
            return self._retired.pop()
        self._next += 1
        return self._next - 1

    def retire(self, handle: int | None) -> None:
        """None: the chunk never had one."""
        if handle is not None:
            self._retired.append(handle)


class NodeState:
    """The zones, lowest first, and what they share."""

    def __init__(self, cells: Cells, zones: Sequence[NodeZone], swap_pages: int) -> None:
        self.cells = cells
        self.zones = tuple(zones)
        self.swap_free = swap_pages
        self.kswapd = Kswapd()
        self.handles = Handles()
        self.min_free_kbytes = 0

    @property
    def swap(self) -> bool:
        """Whether anonymous memory can be reclaimed."""
        return self.swap_free > 0

    def zone_at(self, pfn: int) -> NodeZone:
        for zone in self.zones:
            if zone.state.contains(pfn):
                return zone
        raise Refused(f"pfn: {pfn} lies in no zone")

    def zonelist(self, classzone_idx: int) -> Iterator[NodeZone]:
        """The zones with memory that a request of this class may have, best first."""
        return (zone for zone in reversed(self.zones[: classzone_idx + 1]) if zone.populated)

    def is_given_up(self, zone: NodeZone) -> bool:
        return zone.is_given_up(swap=self.swap)

    def retire(self, zone: NodeZone, pfn: int, *, cold: bool = False) -> None:
        """Free a chunk in use for good: its number goes too."""
        self.handles.retire(zone.state.pages[pfn].handle)
        zone.free_chunk(pfn, cold=cold)

    def drain_all_pages(self) -> None:
        for zone in self.zones:
            zone.drain()
