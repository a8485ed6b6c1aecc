"""Taking pages off the LRU: one zone at one priority, and direct reclaim over a zonelist."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.pages import Kind

from .state import DEF_PRIORITY, SWAP_CLUSTER_MAX, NodeState
from .zone import NodeZone, Sort


@dataclass(slots=True)
class ScanControl:
    """struct scan_control: one chain of calls that wants a number of pages between them."""

    priority: int = DEF_PRIORITY
    reclaimed: int = 0

    @property
    def enough(self) -> bool:
        """At the first priority every zone gets its turn, whatever has been reclaimed."""
        return self.priority < DEF_PRIORITY and self.reclaimed >= SWAP_CLUSTER_MAX


def shrink_zone(node: NodeState, zone: NodeZone, sc: ScanControl) -> None:
    """Look at a share of the zone's LRU pages, halved with each priority, and free them."""
    to_scan = {
        Sort.FILE: zone.nr_lru_file >> sc.priority,
        Sort.ANON: zone.nr_lru_anon >> sc.priority if node.swap else 0,
    }
    for sort, nr_pages in to_scan.items():
        shrink_list(node, zone, sort, nr_pages, sc)


def shrink_list(
    node: NodeState, zone: NodeZone, sort: Sort, nr_pages: int, sc: ScanControl
) -> None:
    """Look at that many pages of one sort, from the hand on; the last chunk may be one too many."""
    looked_at = 0
    for pfn in heads_from_hand(zone, sort):
        if looked_at >= nr_pages or sc.enough or (sort is Sort.ANON and not node.swap):
            return
        page = zone.state.pages[pfn]
        pages = 1 << page.order
        looked_at += pages
        zone.hands[sort] = pfn + pages
        zone.state.pages_scanned += pages
        if page.pinned:
            continue
        # The page counts as scanned before it goes: most frees set that number back to 0.
        node.retire(zone, pfn, cold=True)
        if sort is Sort.ANON:
            node.swap_free = max(0, node.swap_free - pages)
        sc.reclaimed += pages


def heads_from_hand(zone: NodeZone, sort: Sort) -> list[int]:
    """Chunks of one sort on the LRU: those from the hand on, then those before it."""
    hand = zone.hands[sort]
    anon = sort is Sort.ANON
    heads = [
        pfn
        for pfn, page in zone.state.pages.items()
        if page.lru and page.kind is Kind.ALLOCATED and page.anon is anon
    ]
    return [pfn for pfn in heads if pfn >= hand] + [pfn for pfn in heads if pfn < hand]


def try_to_free_pages(node: NodeState, classzone_idx: int) -> int:
    """do_try_to_free_pages(): the progress made.

    Pages reclaimed; where there are none 1 as long as any zone is not given up, which is what keeps
    an allocation going round.
    """
    sc = ScanControl()
    for sc.priority in range(DEF_PRIORITY, -1, -1):
        for zone in node.zonelist(classzone_idx):
            if sc.priority < DEF_PRIORITY and node.is_given_up(zone):
                continue
            shrink_zone(node, zone, sc)
        if sc.reclaimed >= SWAP_CLUSTER_MAX:
            break
    if sc.reclaimed > 0:
        return sc.reclaimed
    return int(any(not node.is_given_up(zone) for zone in node.zonelist(classzone_idx)))
