"""Allocation for a whole node: __alloc_pages() and its slow path."""

from __future__ import annotations

from . import sizes
from .kswapd import kswapd_step, wakeup_kswapd
from .livelock import Watch
from .oom import out_of_memory
from .reclaim import try_to_free_pages
from .state import PAGE_ALLOC_COSTLY_ORDER, NodeState
from .zonelist import Request, Verdict, Wanted, walk_at_low, walk_at_min


def alloc_pages(node: NodeState, wanted: Wanted) -> Request:
    """__alloc_pages(): a chunk in use, or why there is none."""
    pfn = walk_at_low(node, wanted)
    if pfn is not None:
        return Request(pfn, Verdict.GOT, 0, 0)
    return SlowPath(node, wanted).run()


class SlowPath:
    """One run of __alloc_pages_slowpath()."""

    def __init__(self, node: NodeState, wanted: Wanted) -> None:
        self._node = node
        self._wanted = wanted
        self._watch = Watch()
        self._turns = 0
        self._oom_kills = 0

    def run(self) -> Request:
        """Turns until one ends it. kswapd is woken at the start and after a kill, and only then."""
        self._wake_all_kswapd()
        while True:
            self._turns += 1
            ended = self._turn()
            if ended is not None:
                return ended

    def _turn(self) -> Request | None:
        node, wanted = self._node, self._wanted
        pfn = walk_at_min(node, wanted)
        if pfn is not None:
            return self._ends(Verdict.GOT, pfn)
        if wanted.atomic:
            return self._ends(Verdict.NO_PAGE)

        progress = try_to_free_pages(node, wanted.classzone_idx)
        if progress > 0:
            pfn = self._walk_after_reclaim()
            if pfn is not None:
                return self._ends(Verdict.GOT, pfn)
        if wanted.order > PAGE_ALLOC_COSTLY_ORDER:
            return self._ends(Verdict.NO_PAGE)
        if progress == 0:
            return self._kill()

        kswapd_step(node)
        if self._watch.is_livelock(node):
            return self._ends(Verdict.LIVELOCK)
        return None

    def _walk_after_reclaim(self) -> int | None:
        """__alloc_pages_direct_reclaim(): what was reclaimed may lie on the pcp lists."""
        pfn = walk_at_min(self._node, self._wanted)
        if pfn is None:
            self._node.drain_all_pages()
            pfn = walk_at_min(self._node, self._wanted)
        return pfn

    def _kill(self) -> Request | None:
        """__alloc_pages_may_oom(): nobody is killed for the low zones. Then restart."""
        if self._node.zones[self._wanted.classzone_idx].kind < sizes.NORMAL:
            return self._ends(Verdict.NO_PAGE)
        out_of_memory(self._node)
        self._oom_kills += 1
        self._watch.somebody_was_killed()
        self._wake_all_kswapd()
        return None

    def _wake_all_kswapd(self) -> None:
        for zone in self._node.zonelist(self._wanted.classzone_idx):
            wakeup_kswapd(self._node, zone, self._wanted.order, self._wanted.classzone_idx)

    def _ends(self, verdict: Verdict, pfn: int | None = None) -> Request:
        return Request(pfn, verdict, self._turns, self._oom_kills)
