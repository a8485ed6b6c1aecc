"""The reference node: every call with its arguments checked first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.reference.cells import Cells
from tests.reference.errors import Refused
from tests.reference.hotplug import OfflineResult

from . import setup
from .kswapd import kswapd_step
from .oom import out_of_memory
from .sizes import KINDS
from .slowpath import alloc_pages
from .state import Kswapd, NodeState
from .surroundings import Surroundings
from .zone import NodeZone
from .zonelist import Request, Wanted

MOST_ZONES = 4
MOST_OWNERS = 250


class ReferenceNode:
    """The zones of one node, lowest first, one CPU.

    Refused and KernelBug mean what they mean for a ReferenceZone; after KernelBug the node has
    stopped, and nothing more may be asked of it. PFNs are absolute, a class is a zone's index.
    """

    def __init__(
        self,
        cells: Cells,
        zones: Sequence[tuple[str, int, int]],
        *,
        pageblock_order: int,
        max_order: int,
        pcp: tuple[int, int] | None = None,
        swap_pages: int = 0,
        min_free_kbytes: int | None = None,
    ) -> None:
        """zones: (kind, first PFN, pages). pcp: (high, batch) for every zone, or by their sizes.

        min_free_kbytes: what boot takes in place of the number it would work out.
        """
        check_layout(zones, 1 << (max_order - 1))
        self._state = NodeState(
            cells,
            [
                NodeZone(
                    cells,
                    name,
                    start_pfn=start_pfn,
                    spanned_pages=spanned_pages,
                    pageblock_order=pageblock_order,
                    max_order=max_order,
                    pcp=pcp,
                )
                for name, start_pfn, spanned_pages in zones
            ],
            swap_pages,
        )
        for zone in self.zones:
            zone.state.node = Surroundings(self._state)
        self._given_kbytes = min_free_kbytes
        self._booted = False

    # -- looking

    @property
    def zones(self) -> tuple[NodeZone, ...]:
        """Lowest first."""
        return self._state.zones

    @property
    def kswapd(self) -> Kswapd:
        return self._state.kswapd

    @property
    def swap_free(self) -> int:
        """Pages."""
        return self._state.swap_free

    @property
    def min_free_kbytes(self) -> int:
        return self._state.min_free_kbytes

    def zone_at(self, pfn: int) -> NodeZone:
        """The zone that pfn lies in."""
        return self._state.zone_at(pfn)

    def handles(self) -> dict[int, int]:
        """{handle: PFN} of the chunks that requests handed out and that are in use."""
        return {
            page.handle: pfn
            for zone in self.zones
            for pfn, page in zone.chunks()
            if page.handle is not None
        }

    # -- calls

    def boot_live(self, reserved: Iterable[tuple[int, int]] = ()) -> None:
        """Free the memory of all zones, lowest first, then size everything.

        reserved: (first PFN, number of pages), each within one zone.
        """
        if self._booted:
            raise Refused("boot_live: the node has been booted")
        ranges = [(self.zone_at(kept[0]), kept) for kept in reserved]
        for zone in self.zones:
            zone.free_all_memory([kept for where, kept in ranges if where is zone])
        setup.init_per_zone_wmark_min(self._state, self._given_kbytes)
        self._booted = True

    def request(
        self,
        order: int,
        mt: str,
        classzone_idx: int | None = None,
        *,
        atomic: bool = False,
        lru: bool = False,
        anon: bool = False,
        owner: int = 0,
    ) -> Request:
        """Ask for 2^order pages. classzone_idx: of the highest zone that will do; None for any.

        lru, anon: what the chunk is once it is there; owner: the process that asks.
        """
        self._check_booted()
        wanted_type = self.zones[0].check_request(order, mt)
        top = len(self.zones) - 1
        if classzone_idx is not None and not 0 <= classzone_idx <= top:
            raise Refused(f"classzone_idx: {classzone_idx} is not in 0..{top}")
        if not 0 <= owner <= MOST_OWNERS:
            raise Refused(f"owner: {owner} is not in 0..{MOST_OWNERS}")
        wanted = Wanted(order, wanted_type, top if classzone_idx is None else classzone_idx, atomic)
        request = alloc_pages(self._state, wanted)
        if request.pfn is not None:
            zone = self.zone_at(request.pfn)
            page = zone.chunk_at(request.pfn)
            page.owner = owner
            page.handle = self._state.handles.give()
            if lru:
                self.mark_lru(request.pfn, True, anon=anon)
        return request

    def free(self, pfn: int) -> None:
        """The last reference to the chunk in use at pfn goes. Pinned chunks are refused."""
        zone = self.zone_at(pfn)
        if zone.chunk_at(pfn).pinned:
            raise Refused(f"pfn: {pfn} is pinned")
        self._state.retire(zone, pfn)

    def free_begin(self, pfn: int) -> None:
        """What of free() runs before the lock is taken; see ReferenceZone."""
        zone = self.zone_at(pfn)
        page = zone.chunk_at(pfn)
        zone.free_begin(pfn, page.order)
        limbo = zone.state.pages[pfn]
        limbo.owner, limbo.handle = page.owner, page.handle

    def free_finish(self, pfn: int) -> None:
        """The rest of free()."""
        zone = self.zone_at(pfn)
        handle = zone.state.pages[pfn].handle
        zone.free_finish(pfn)
        self._state.handles.retire(handle)

    def pin(self, pfn: int) -> None:
        """Somebody takes a reference: the chunk is neither moved, reclaimed nor freed."""
        self.zone_at(pfn).pin(pfn)

    def unpin(self, pfn: int) -> None:
        """That reference goes."""
        self.zone_at(pfn).unpin(pfn)

    def mark_lru(self, pfn: int, lru: bool, *, anon: bool = False) -> None:
        """Put the chunk in use at pfn on the LRU, as file memory or anonymous, or take it off."""
        zone = self.zone_at(pfn)
        page = zone.chunk_at(pfn)
        zone.mark_lru(pfn, page.order, lru)
        page.anon = lru and anon

    def isolate(self, pfn: int) -> int | str:
        """Isolate pfn's block: 0 or "-EBUSY"."""
        return self.zone_at(pfn).isolate(pfn)

    def unisolate(self, pfn: int, mt: str) -> None:
        """Give pfn's block the type mt if it is ISOLATE."""
        self.zone_at(pfn).unisolate(pfn, mt)

    def drain(self) -> None:
        """Empty the pcp lists of all zones."""
        self._state.drain_all_pages()

    def kswapd_step(self) -> None:
        """Let kswapd run one priority, if it is awake."""
        self._check_booted()
        kswapd_step(self._state)

    def oom_kill(self) -> None:
        """Kill the process that has most, as if a request had found nothing to reclaim."""
        self._check_booted()
        out_of_memory(self._state)

    def offline_pages(self, start_pfn: int, nr_pages: int) -> OfflineResult:
        """Take whole blocks of one zone offline; what is in use there moves to any zone.

        "HUNG" where a request for a place to move to livelocks.
        """
        self._check_booted()
        return self.zone_at(start_pfn).offline_pages(start_pfn, nr_pages)

    def online_pages(self, start_pfn: int, nr_pages: int) -> None:
        """Bring whole offline blocks of one zone back."""
        self._check_booted()
        self.zone_at(start_pfn).online_pages(start_pfn, nr_pages)

    def write_min_free_kbytes(self, kbytes: int) -> None:
        """The sysctl: kept as it is until hotplug works it out anew."""
        self._check_booted()
        if kbytes < 0:
            raise Refused("kbytes: must not be negative")
        setup.setup_per_zone_wmarks(self._state, kbytes)

    def _check_booted(self) -> None:
        if not self._booted:
            raise Refused("the node has not been booted")


def check_layout(zones: Sequence[tuple[str, int, int]], chunk_pages: int) -> None:
    """Kinds and places ascend, and no chunk can reach from one zone into the next."""
    if not 1 <= len(zones) <= MOST_ZONES:
        raise Refused(f"zones: there must be 1 to {MOST_ZONES}")
    kinds = [KINDS.index(name) if name in KINDS else -1 for name, _, _ in zones]
    if -1 in kinds or kinds != sorted(set(kinds)):
        raise Refused(f"zones: the kinds must be of {', '.join(KINDS)}, ascending")
    end_pfn = zones[0][1]
    for index, (name, start_pfn, spanned_pages) in enumerate(zones):
        if start_pfn < end_pfn:
            raise Refused(f"zones: {name} begins before the end of the one below")
        if index > 0 and start_pfn % chunk_pages:
            raise Refused(f"zones: {name} must begin at a multiple of {chunk_pages}")
        end_pfn = start_pfn + spanned_pages
