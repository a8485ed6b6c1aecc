"""What the zones of a node ask of it."""

from __future__ import annotations

from tests.reference.around import Around, NotMoved
from tests.reference.vocabulary import MOVABLE

from .setup import init_per_zone_wmark_min
from .slowpath import alloc_pages
from .state import NodeState
from .zonelist import Verdict, Wanted


class Surroundings(Around):
    """A node as its zones see it."""

    def __init__(self, node: NodeState) -> None:
        self._node = node

    def drain_all_pages(self) -> None:
        self._node.drain_all_pages()

    def migrate_page(self, pfn: int) -> int | NotMoved:
        """unmap_and_move() with a target from any zone (GFP_HIGHUSER_MOVABLE).

        The chunk keeps its handle. Asking for the target may kill the page's own process; then
        there is nothing to move, and the target is given back.
        """
        node = self._node
        zone = node.zone_at(pfn)
        page = zone.state.pages[pfn]
        got = alloc_pages(node, Wanted(0, MOVABLE, len(node.zones) - 1))
        if got.verdict is Verdict.LIVELOCK:
            return NotMoved.HUNG
        if got.pfn is None:
            return NotMoved.NO_PAGE
        target_zone = node.zone_at(got.pfn)
        if zone.state.pages[pfn] is not page:
            target_zone.free_chunk(got.pfn)
            return NotMoved.GONE
        target = target_zone.state.pages[got.pfn]
        target.anon, target.owner, target.handle = page.anon, page.owner, page.handle
        zone.free_chunk(pfn)
        target.lru = True
        return got.pfn

    def init_per_zone_wmark_min(self) -> None:
        init_per_zone_wmark_min(self._node)
