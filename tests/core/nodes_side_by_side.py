"""The core and the slow reference as one whole node: each call is made on both, all is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sim_core.mm import _read
from sim_core.vocabulary import NORMAL, migratetype_id
from tests.core import zone_facts
from tests.core.beside import Beside
from tests.core.whole_nodes import NodeShape, booted
from tests.reference import KERNELS
from tests.reference.node import NodeZone, ReferenceNode, Request, Sort, Verdict
from tests.reference.node.oom import PANIC
from tests.reference.pages import Kind, Page

NIL = 0xFFFFFFFF
"""Page of a handle that names nothing."""


NO_PROCESS_TO_KILL = 1002
"""The core's number for a panic."""


class Ask(NamedTuple):
    """What a request says."""

    order: int = 0
    mt: str = "MOVABLE"
    classzone_idx: int | None = None
    atomic: bool = False
    lru: bool = False
    anon: bool = False
    owner: int = 0


class NodesSideBySide(Beside):
    """A booted node of both.

    Args:
        model: a row's name.
    """

    def __init__(self, model: str, shape: NodeShape) -> None:
        super().__init__(booted(shape, model), f"NodesSideBySide({model!r}, {shape!r})")
        self.shape = shape
        self.reference = ReferenceNode(
            KERNELS[model],
            shape.zones,
            pageblock_order=shape.pageblock_order,
            max_order=shape.max_order,
            pcp=shape.pcp,
            swap_pages=shape.swap_pages,
            min_free_kbytes=shape.min_free_kbytes,
        )
        self.reference.boot_live()
        self.block_pages = 1 << shape.pageblock_order
        self.first_block = shape.zones[0][1] >> shape.pageblock_order
        largest = 1 << (shape.max_order - 1)
        self.base = shape.zones[0][1] & -largest
        self.kills = 0
        """Processes killed so far."""
        self.met: set[str] = set()
        """How requests ended, and what else happened on the way."""
        self.compare()

    @property
    def panicked(self) -> bool:
        """Did it stop for want of a process to kill? Then nothing is half done."""
        return self.bug == PANIC

    @property
    def top(self) -> int:
        """Class of a request that any zone may serve."""
        return len(self.shape.zones) - 1

    def pages(self) -> Iterable[tuple[int, Page]]:
        """Of the reference, every frame."""
        for zone in self.reference.zones:
            yield from zone.state.pages.items()

    def page(self, pfn: int) -> Page:
        """Of the reference."""
        return self.reference.zone_at(pfn).state.pages[pfn]

    # -- comparing

    def compare(self) -> None:
        for slot, zone in enumerate(self.reference.zones):
            self.compare_zone(slot, zone)
        if self.stopped:
            panic = _read.stopped(self.node) == NO_PROCESS_TO_KILL
            self.claim("panic", panic, self.panicked)
        numbers = _read.node_numbers(self.node)
        kswapd = self.reference.kswapd
        told = {
            "min_free_kbytes": self.reference.min_free_kbytes,
            "swap_free": self.reference.swap_free,
            "kswapd_awake": int(kswapd.awake),
            "kswapd_order": kswapd.order,
            "kswapd_class": kswapd.classzone_idx,
            "kswapd_priority": kswapd.priority,
            "kswapd_reclaimed": kswapd.reclaimed,
        }
        for name, wanted in told.items():
            self.claim(name, numbers[name], wanted)
        if not self.stopped or self.panicked:
            self.claim("handles", self.core_handles(), self.reference_handles())

    def compare_zone(self, slot: int, zone: NodeZone) -> None:
        what = f"{zone.name}: "
        era = zone.state.cells.era
        told = zone_facts.of_core(self.node, slot, era)
        for name, wanted in zone_facts.of_reference(zone).items():
            self.claim(what + name, told.get(name), wanted)
        stats = _read.stats(self.node, slot)
        reserve = _read.lowmem_reserve(self.node, slot)
        self.claim(what + "lowmem_reserve", reserve, zone.lowmem_reserve)
        for name, number in {
            "present_pages": zone.present_pages,
            "pages_scanned": zone.pages_scanned,
            "all_unreclaimable": int(zone.all_unreclaimable),
            "lru_hand_file": zone.hands[Sort.FILE] - self.base,
            "lru_hand_anon": zone.hands[Sort.ANON] - self.base,
        }.items():
            self.claim(what + name, stats[name], number)
        if self.stopped and not self.panicked:
            return  # the page that was being freed is in limbo: the two tell that differently
        self.claim(what + "lru_file", stats["lru_file"], zone.nr_lru_file)
        self.claim(what + "lru_anon", stats["lru_anon"], zone.nr_lru_anon)
        state = zone.state
        pages = zone_facts.core_pages(self.node, state.start_pfn, state.end_pfn - state.start_pfn)
        self.claim(what + "pages", pages, zone_facts.reference_pages(zone))
        self.claim(what + "structure", _read.check(self.node, slot)[8][0], True)

    def core_handles(self) -> dict[int, tuple[int, int]]:
        """{handle: (PFN, owner)}."""
        return {
            handle: (self.base + page, owner)
            for handle, (page, _, owner) in enumerate(_read.handle_state(self.node)[0])
            if page != NIL
        }

    def reference_handles(self) -> dict[int, tuple[int, int]]:
        """As core_handles."""
        return {
            page.handle: (pfn, page.owner)
            for pfn, page in self.pages()
            if page.handle is not None and page.kind in (Kind.ALLOCATED, Kind.LIMBO)
        }

    # -- the calls, with literal arguments

    def class_of(self, ask: Ask) -> int:
        """What the core takes if a request does not say: what cannot move lies not above Normal."""
        if ask.classzone_idx is not None:
            return ask.classzone_idx
        kernels = [i for i, zone in enumerate(self.reference.zones) if zone.kind <= NORMAL]
        return self.top if ask.mt == "MOVABLE" else max(kernels, default=0)

    def reference_request(self, ask: Ask) -> Request:
        return self.reference.request(
            ask.order,
            ask.mt,
            self.class_of(ask),
            atomic=ask.atomic,
            lru=ask.lru,
            anon=ask.anon,
            owner=ask.owner,
        )

    def core_request(self, ask: Ask) -> int | Request:
        """As the reference tells it; a negative number where the node stopped."""
        pfn = self.node.alloc(
            ask.order,
            migratetype_id(ask.mt),
            ask.lru,
            ask.atomic,
            ask.classzone_idx,
            ask.anon,
            ask.owner,
        )
        stopped = _read.stopped(self.node)
        if stopped:
            return -stopped
        numbers = _read.node_numbers(self.node)
        kills = numbers["oom_kills"] - self.kills
        self.kills = numbers["oom_kills"]
        return Request(pfn, Verdict(_read.VERDICTS[numbers["verdict"]]), numbers["turns"], kills)

    def request(self, ask: Ask) -> int | None:
        """What was got, if anything."""
        got = self.both(
            f"request({ask!r})", lambda: self.core_request(ask), lambda: self.reference_request(ask)
        )
        if not isinstance(got, Request):
            self.met |= {"PANIC"} if self.panicked else set()
            return None
        self.met |= {str(got.verdict)} | ({"OOM kill"} if got.oom_kills else set())
        return got.pfn

    def fill(self, asks: Sequence[Ask], most: int) -> None:
        """Requests that cannot wait, one of each sort in turn, until none or `most` are served.

        Nothing is compared between them but what they got.
        """
        urgent = [ask._replace(atomic=True) for ask in asks]

        def until_none(request: Callable[[Ask], int | Request]) -> list[int | Request]:
            got: list[int | Request] = []
            while len(got) < most:
                got.append(request(urgent[len(got) % len(urgent)]))
                if not isinstance(got[-1], Request) or got[-1].pfn is None:
                    break
            return got

        self.both(
            f"fill({asks!r}, {most})",
            lambda: until_none(self.core_request),
            lambda: until_none(self.reference_request),
        )

    def free(self, pfn: int) -> None:
        self.both(
            f"free({pfn})",
            lambda: self.node.free(pfn) or None,
            lambda: self.reference.free(pfn),
        )

    def free_all(self, pfns: Sequence[int]) -> None:
        """One after another; nothing is compared between them."""

        def each(free: Callable[[int], object]) -> object:
            for pfn in pfns:
                bug = free(pfn)
                if bug:
                    return bug
            return None

        self.both(
            f"free_all({list(pfns)})",
            lambda: each(self.node.free),
            lambda: each(self.reference.free),
        )

    def free_begin(self, pfn: int) -> None:
        self.both(
            f"free_begin({pfn})",
            lambda: self.node.free_begin(pfn) or None,
            lambda: self.reference.free_begin(pfn),
        )

    def free_finish(self, pfn: int) -> None:
        self.both(
            f"free_finish({pfn})",
            lambda: self.node.free_finish(pfn) or None,
            lambda: self.reference.free_finish(pfn),
        )

    def pin(self, pfn: int) -> None:
        self.both(
            f"pin({pfn})", lambda: self.node.pin(pfn) or None, lambda: self.reference.pin(pfn)
        )

    def unpin(self, pfn: int) -> None:
        self.both(
            f"unpin({pfn})", lambda: self.node.unpin(pfn) or None, lambda: self.reference.unpin(pfn)
        )

    def mark_lru(self, pfns: Sequence[int], lru: bool, anon: bool = False) -> None:
        """Chunks in use, one after another."""
        orders = {pfn: self.page(pfn).order for pfn in pfns}

        def core() -> None:
            for pfn, order in orders.items():
                self.node.mark_lru(pfn, order, lru, anon)

        def reference() -> None:
            for pfn in orders:
                self.reference.mark_lru(pfn, lru, anon=anon)

        self.both(f"mark_lru({list(pfns)}, {lru}, anon={anon})", core, reference)

    def in_use(self, start_pfn: int, nr_blocks: int) -> list[int]:
        """Heads of chunks in use that begin in these blocks; none is pinned any more."""
        pfns = [
            pfn
            for pfn in range(start_pfn, start_pfn + nr_blocks * self.block_pages)
            if self.page(pfn).kind is Kind.ALLOCATED
        ]
        for pfn in pfns:
            if self.page(pfn).pinned:
                self.unpin(pfn)
        return pfns

    def empty(self, start_pfn: int, nr_blocks: int) -> None:
        """Free what begins in these blocks."""
        self.free_all(self.in_use(start_pfn, nr_blocks))

    def make_movable(self, start_pfn: int, nr_blocks: int) -> None:
        """Single pages on the LRU and nothing else in use in these blocks."""
        used = self.in_use(start_pfn, nr_blocks)
        self.free_all([pfn for pfn in used if self.page(pfn).order])
        single = [
            pfn for pfn in used if self.page(pfn).kind is Kind.ALLOCATED and not self.page(pfn).lru
        ]
        if single and not self.stopped:
            self.mark_lru(single, True, anon=bool(start_pfn & self.block_pages))

    def isolate(self, pfn: int) -> object:
        return self.both(
            f"isolate({pfn})", lambda: self.node.isolate(pfn), lambda: self.reference.isolate(pfn)
        )

    def isolate_range(self, start_pfn: int, nr_blocks: int) -> object:
        zone = self.reference.zone_at(start_pfn)
        return self.both(
            f"isolate_range({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.isolate_range(self.block_of(start_pfn), nr_blocks),
            lambda: zone.isolate_range(start_pfn, nr_blocks * self.block_pages),
        )

    def unisolate(self, pfn: int, mt: str) -> None:
        self.both(
            f"unisolate({pfn}, {mt})",
            lambda: self.node.unisolate(pfn, migratetype_id(mt)) or None,
            lambda: self.reference.unisolate(pfn, mt),
        )

    def offline(self, start_pfn: int, nr_blocks: int) -> object:
        got = self.both(
            f"offline({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.offline(self.block_of(start_pfn), nr_blocks),
            lambda: self.reference.offline_pages(start_pfn, nr_blocks * self.block_pages).ret,
        )
        self.kills = _read.node_numbers(self.node)["oom_kills"]
        self.met |= {f"offline {got}"}
        return got

    def online(self, start_pfn: int, nr_blocks: int) -> None:
        self.both(
            f"online({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.online(self.block_of(start_pfn), nr_blocks) or None,
            lambda: self.reference.online_pages(start_pfn, nr_blocks * self.block_pages),
        )

    def drain(self) -> None:
        self.both("drain()", lambda: self.node.drain() or None, self.reference.drain)

    def kswapd_step(self) -> None:
        was_awake = self.reference.kswapd.awake
        self.both(
            "kswapd_step()", lambda: self.node.kswapd_step() or None, self.reference.kswapd_step
        )
        if was_awake and not self.reference.kswapd.awake:
            self.met.add("kswapd falls asleep")

    def oom_kill(self) -> None:
        self.both("oom_kill()", lambda: self.node.oom_kill() or None, self.reference.oom_kill)
        self.kills = _read.node_numbers(self.node)["oom_kills"]

    def write_min_free_kbytes(self, kbytes: int) -> None:
        self.both(
            f"write_min_free_kbytes({kbytes})",
            lambda: self.node.write_min_free_kbytes(kbytes) or None,
            lambda: self.reference.write_min_free_kbytes(kbytes),
        )

    def block_of(self, pfn: int) -> int:
        """As the core counts blocks: from the node's first."""
        return (pfn >> self.shape.pageblock_order) - self.first_block

    def whole_blocks(
        self, zone: NodeZone, nr_blocks: int, wanted: Callable[[set[Kind]], bool]
    ) -> list[int]:
        """First PFNs of runs of blocks, wholly in the zone, whose pages' kinds are as wanted."""
        size = nr_blocks * self.block_pages
        first = -(-zone.state.start_pfn // self.block_pages) * self.block_pages
        pages = zone.state.pages
        return [
            pfn
            for pfn in range(first, zone.state.end_pfn - size + 1, self.block_pages)
            if wanted({pages[page].kind for page in range(pfn, pfn + size)})
        ]
