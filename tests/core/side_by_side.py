"""The core and the slow reference as one zone: each call is made on both, and all is compared.

What differs is told with the calls that led to it, in words that can be typed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.models import PATCH_CELLS, ROWS, Row
from sim_core.vocabulary import MIGRATETYPES, migratetype_id
from tests.core import nodes
from tests.reference import KERNELS, Cells, KernelBug, MoveCount, ReferenceZone, Refused
from tests.reference.cells import Era
from tests.reference.pages import Kind, Page
from tests.reference.six.state import ZoneV6

ERRNO = {-16: "-EBUSY", -11: "-EAGAIN", -12: "-ENOMEM", -4: "-EINTR"}

# What the reference calls each of the patch's hunks.
HUNKS: dict[str, dict[str, Any]] = {
    "free_pages_ok": {"free_pages_ok": True},
    "free_hot_cold_page": {"free_hot_cold": True},
    "vm_bug_on": {"vm_bug_on": True},
    "set_migratetype_isolate": {"isolate": MoveCount.PAGES_AND_CHUNKS},
    "unset_migratetype_isolate": {"unisolate": MoveCount.PAGES_AND_CHUNKS},
    "split_free_page": {"split_free_page": True},
    "offline_isolated_pages": {"offline_isolated": True},
}
assert HUNKS.keys() == PATCH_CELLS.keys()

PCP_ORDERS = range(4)

KINDS = {
    Kind.TAIL: nodes.TAIL,
    Kind.FREE: nodes.FREE,
    Kind.ALLOCATED: nodes.ALLOCATED,
    Kind.PCP: nodes.ON_PCP,
    Kind.RESERVED: nodes.RESERVED,
    Kind.OFFLINE: nodes.OFFLINE,
    Kind.HOLE: nodes.HOLE,
    Kind.LIMBO: nodes.FREEING,
}

TAIL_PAGE: tuple[object, ...] = (nodes.TAIL, 0, None, False, False)
"""What most frames are, as core_pages tells it."""

Model = str | tuple[str, ...]
"""A row's name, or the hunks taken."""


def row_of(model: Model) -> Row:
    return ROWS[model] if isinstance(model, str) else nodes.patched(model)


def cells_of(model: Model) -> Cells:
    if isinstance(model, str):
        return KERNELS[model]
    given: dict[str, Any] = {}
    for hunk in model:
        given |= HUNKS[hunk]
    return Cells(**given)


class SideBySide:
    """A zone of both, all pages reserved, or booted live.

    Args:
        model: see Model.
        zone: start_pfn, spanned_pages, pageblock_order, max_order, pcp and holes, as node_of.
    """

    def __init__(self, model: Model, zone: dict[str, Any], live: bool) -> None:
        self.program = [f"SideBySide({model!r}, {zone!r}, live={live})"]
        self.live = live
        self.stopped = False
        self.start_pfn: int = zone["start_pfn"]
        self.end_pfn: int = zone["start_pfn"] + zone["spanned_pages"]
        self.block_order: int = zone["pageblock_order"]
        self.block_pages = 1 << self.block_order
        self.max_order: int = zone["max_order"]
        self.cells = cells_of(model)
        self.is_six = self.cells.era is not Era.V3
        pcp = zone["pcp"] if live or zone["pcp"] else (0, 1)
        self.node = nodes.node_of(row_of(model), **(zone | {"pcp": pcp}))
        sizes = zone["pcp"] or (None, None)
        self.zone = ReferenceZone(
            self.cells,
            pcp_high=sizes[0],
            pcp_batch=sizes[1],
            **{name: value for name, value in zone.items() if name != "pcp"},
        )
        if live:
            self.node.boot()
            self.zone.boot_live()
        self.compare()

    # -- both at once

    def both(
        self, words: str, core: Callable[[], object], reference: Callable[[], object]
    ) -> object:
        """One operation on each; the reference's result."""
        self.program.append(words)
        before = _read.digest(self.node)
        wanted: object
        try:
            wanted = reference()
        except Refused:
            wanted = "refused"
        except KernelBug:
            wanted = "BUG"
        got: object
        try:
            got = core()
        except RefusedError as error:
            got = "refused"
            self.claim("field named", bool(error.field), True)
            self.claim("state after a refusal", _read.digest(self.node), before)
        if isinstance(got, int) and got <= -1000:
            self.claim("stopped", _read.stopped(self.node), -got)
            got = "BUG"
            self.stopped = True
        self.claim("result", ERRNO.get(got, got) if isinstance(got, int) else got, wanted)
        self.compare()
        return wanted

    def claim(self, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            program = "\n".join(f"  {line}" for line in self.program)
            raise AssertionError(f"{what}: core {got!r}, reference {wanted!r}, after\n{program}")

    def compare(self) -> None:
        node, zone = self.node, self.zone
        stats = _read.stats(node)
        self.claim(
            "types", nodes.types_of(node), [mt.value for mt in zone.state.block_types.values()]
        )
        self.claim("lists", nodes.lists_of(node), _plain(zone.lists()))
        self.claim("pcp", self.core_pcp(), self.reference_pcp())
        self.claim("books", nodes.books_of(node), (zone.nr_free_pages, zone.nr_free))
        self.claim("NR_FREE_CMA_PAGES", stats["NR_FREE_CMA_PAGES"], zone.nr_free_cma or 0)
        if isinstance(zone.state, ZoneV6):
            kept = zone.state.nr_reserved_highatomic
            self.claim("reserved", stats["nr_reserved_highatomic"], kept)
            if self.cells.era is Era.V6_12:
                free = zone.state.nr_free_highatomic
                self.claim("NR_FREE_HIGHATOMIC", stats["NR_FREE_HIGHATOMIC"], free)
        self.claim("isolated blocks", stats["nr_isolated_blocks"], zone.nr_isolated_blocks or 0)
        self.claim("watermarks", _read.watermarks(node), tuple(zone.watermarks or (0, 0, 0)))
        self.compare_pcp_sizes()
        if self.live:
            self.claim("present", stats["present_pages"], zone.present_pages)
        if self.stopped:
            return  # the page that was being freed is in limbo: the two tell that differently
        self.claim("pages", self.core_pages(), self.reference_pages())
        self.claim(
            "broken", [i for i, v in enumerate(_read.check(node)) if i == 8 and not v[0]], []
        )

    def compare_pcp_sizes(self) -> None:
        factor, free_count, prev_free_high_order, high = _read.pcp_state(self.node, 0)
        if self.cells.era is Era.V3:
            self.claim("pcp sizes", _read.pcp_size(self.node), tuple(self.zone.pcp_sizes))
            return
        pcp = self.zone.per_cpu
        limits = (pcp.high_min, pcp.high_max, pcp.batch)
        if self.cells.era is Era.V6_1:
            self.claim("pcp limits", _read.pcp_limits(self.node), limits)
            self.claim("free factor", factor, pcp.free_factor)
            return
        self.claim("pcp limits", _read.pcp_limits(self.node), limits)
        self.claim(
            "pcp state",
            (factor, free_count, bool(prev_free_high_order), high),
            (pcp.alloc_factor, pcp.free_count, pcp.prev_free_high_order, pcp.high),
        )

    def core_pcp(self) -> dict[tuple[str, int], list[tuple[int, str]]]:
        """{(list, order): (PFN, remembered type) from the hot end}, empty ones left out."""
        return {
            (mt, order): queued
            for order in PCP_ORDERS
            for mt, queued in nodes.pcp_of(self.node, order).items()
        }

    def reference_pcp(self) -> dict[tuple[str, int], list[tuple[int, str]]]:
        """As core_pcp. 6.12 remembers nothing: the core then tells the list's own type."""
        return {
            (mt.value, order): [(pfn, (kept or mt).value) for pfn, kept in queued]
            for mt, order, queued in self.zone.pcp_lists()
        }

    def core_pages(self) -> list[tuple[object, ...]]:
        """(kind, order, list or remembered type, LRU, pinned) of each frame."""
        states, attrs = nodes.states_of(self.node, self.start_pfn, self.end_pfn - self.start_pfn)
        return [
            _core_page(state, attr) if state else TAIL_PAGE
            for state, attr in zip(states, attrs, strict=True)
        ]

    def reference_pages(self) -> list[tuple[object, ...]]:
        queued_as = {
            pfn: kept or mt for mt, _, queued in self.zone.pcp_lists() for pfn, kept in queued
        }
        tail = Kind.TAIL
        return [
            TAIL_PAGE if page.kind is tail else _reference_page(page, queued_as.get(pfn))
            for pfn, page in self.zone.state.pages.items()
        ]

    def block_of(self, pfn: int) -> int:
        """As the core counts blocks: from the zone's first."""
        return (pfn >> self.block_order) - (self.start_pfn >> self.block_order)

    def whole_blocks(self, nr_blocks: int, wanted: Callable[[set[Kind]], bool]) -> list[int]:
        """First PFNs of runs of blocks, wholly in the zone, whose pages' kinds are as wanted."""
        size = nr_blocks * self.block_pages
        first = -(-self.start_pfn // self.block_pages) * self.block_pages
        return [
            pfn
            for pfn in range(first, self.end_pfn - size + 1, self.block_pages)
            if wanted({self.zone.state.pages[page].kind for page in range(pfn, pfn + size)})
        ]

    # -- the calls, with literal arguments

    def boot_free(self, pfn: int, order: int) -> None:
        self.both(
            f"boot_free({pfn}, {order})",
            lambda: self.node.boot_free(pfn, order) or None,
            lambda: self.zone.boot_free(pfn, order),
        )

    def alloc(self, order: int, mt: str, lru: bool, atomic: bool = False) -> int | None:
        def reference() -> int | None:
            pfn = self.zone.alloc(order, mt, atomic=atomic)
            if pfn is not None and lru:
                self.zone.mark_lru(pfn, order, True)
            return pfn

        got = self.both(
            f"alloc({order}, {mt}, lru={lru}, atomic={atomic})",
            lambda: self.node.alloc(order, migratetype_id(mt), lru, atomic),
            reference,
        )
        return got if isinstance(got, int) else None

    def free(self, pfn: int, order: int) -> None:
        self.both(
            f"free({pfn}, {order})",
            lambda: self.node.free(pfn, order) or None,
            lambda: self.zone.free(pfn, order),
        )

    def free_begin(self, pfn: int, order: int) -> None:
        self.both(
            f"free_begin({pfn}, {order})",
            lambda: self.node.free_begin(pfn) or None,
            lambda: self.zone.free_begin(pfn, order),
        )

    def free_finish(self, pfn: int) -> None:
        self.both(
            f"free_finish({pfn})",
            lambda: self.node.free_finish(pfn) or None,
            lambda: self.zone.free_finish(pfn),
        )

    def set_block_type(self, pfn: int, mt: str, move: bool) -> None:
        self.both(
            f"set_block_type({pfn}, {mt}, {move})",
            lambda: self.node.set_block_type(pfn, migratetype_id(mt), move),
            lambda: self.zone.set_block_type(pfn, mt, move) or 0,
        )

    def mark_lru(self, pfn: int, order: int, lru: bool) -> None:
        self.both(
            f"mark_lru({pfn}, {order}, {lru})",
            lambda: self.node.mark_lru(pfn, order, lru) or None,
            lambda: self.zone.mark_lru(pfn, order, lru),
        )

    def drain(self) -> None:
        self.both("drain()", lambda: self.node.drain() or None, self.zone.drain)

    def isolate(self, pfn: int) -> object:
        return self.both(
            f"isolate({pfn})", lambda: self.node.isolate(pfn), lambda: self.zone.isolate(pfn)
        )

    def isolate_range(self, start_pfn: int, nr_blocks: int) -> object:
        return self.both(
            f"isolate_range({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.isolate_range(self.block_of(start_pfn), nr_blocks),
            lambda: self.zone.isolate_range(start_pfn, nr_blocks * self.block_pages),
        )

    def unisolate(self, pfn: int, mt: str) -> None:
        self.both(
            f"unisolate({pfn}, {mt})",
            lambda: self.node.unisolate(pfn, migratetype_id(mt)) or None,
            lambda: self.zone.unisolate(pfn, mt),
        )

    def split_free_page(self, pfn: int) -> object:
        return self.both(
            f"split_free_page({pfn})",
            lambda: self.node.split_free_page(pfn),
            lambda: self.zone.split_free_page(pfn),
        )

    def offline_isolated(self, start_pfn: int, nr_pages: int) -> None:
        self.both(
            f"offline_isolated({start_pfn}, {nr_pages})",
            lambda: self.node.offline_isolated(start_pfn, nr_pages) or None,
            lambda: self.zone.offline_isolated(start_pfn, nr_pages),
        )

    def online_pages(self, start_pfn: int, nr_pages: int) -> None:
        self.both(
            f"online_pages({start_pfn}, {nr_pages})",
            lambda: self.node.online_pages(start_pfn, nr_pages) or None,
            lambda: self.zone.online(start_pfn, nr_pages),
        )

    def pin(self, pfn: int) -> None:
        self.both(f"pin({pfn})", lambda: self.node.pin(pfn) or None, lambda: self.zone.pin(pfn))

    def unpin(self, pfn: int) -> None:
        self.both(
            f"unpin({pfn})", lambda: self.node.unpin(pfn) or None, lambda: self.zone.unpin(pfn)
        )

    def offline(self, start_pfn: int, nr_blocks: int) -> object:
        return self.both(
            f"offline({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.offline(self.block_of(start_pfn), nr_blocks),
            lambda: self.zone.offline_pages(start_pfn, nr_blocks * self.block_pages).ret,
        )

    def online(self, start_pfn: int, nr_blocks: int) -> None:
        self.both(
            f"online({start_pfn}, blocks={nr_blocks})",
            lambda: self.node.online(self.block_of(start_pfn), nr_blocks) or None,
            lambda: self.zone.online_pages(start_pfn, nr_blocks * self.block_pages),
        )


def _plain(by_type: Any) -> Any:
    """The reference's types by their names, as plain strings."""
    return {str(mt.value): value for mt, value in by_type.items()}


@cache
def _core_page(state: int, attr: int) -> tuple[object, ...]:
    kind = state >> 4
    typed = kind in (nodes.FREE, nodes.ON_PCP, nodes.FREEING)
    used = kind in (nodes.ALLOCATED, nodes.PINNED)
    return (
        nodes.ALLOCATED if kind == nodes.PINNED else kind,
        state & 15,
        MIGRATETYPES[attr & 7] if typed else None,
        used and bool(attr & 8),
        kind == nodes.PINNED,
    )


def _reference_page(page: Page, queued_as: str | None) -> tuple[object, ...]:
    kind, order = page.kind, page.order
    if kind is Kind.ALLOCATED:
        return nodes.ALLOCATED, order, None, page.lru, page.pinned
    typed = page.list_type if kind is Kind.FREE else page.kept if kind is Kind.LIMBO else queued_as
    return KINDS[kind], order, typed, False, False
