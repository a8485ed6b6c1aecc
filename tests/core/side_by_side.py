"""The core and the slow reference as one zone: each call is made on both, and all is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim_core.mm import _read
from sim_core.models import PATCH_CELLS, ROWS, Row
from sim_core.vocabulary import migratetype_id
from tests.core import nodes, zone_facts
from tests.core.beside import Beside
from tests.reference import KERNELS, Cells, MoveCount, ReferenceZone
from tests.reference.cells import Era
from tests.reference.pages import Kind

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


class SideBySide(Beside):
    """A zone of both, all pages reserved, or booted live.

    Args:
        model: see Model.
        zone: start_pfn, spanned_pages, pageblock_order, max_order, pcp and holes, as node_of.
    """

    def __init__(self, model: Model, zone: dict[str, Any], live: bool) -> None:
        self.live = live
        self.start_pfn: int = zone["start_pfn"]
        self.end_pfn: int = zone["start_pfn"] + zone["spanned_pages"]
        self.block_order: int = zone["pageblock_order"]
        self.block_pages = 1 << self.block_order
        self.max_order: int = zone["max_order"]
        self.cells = cells_of(model)
        self.is_six = self.cells.era is not Era.V3
        pcp = zone["pcp"] if live or zone["pcp"] else (0, 1)
        super().__init__(
            nodes.node_of(row_of(model), **(zone | {"pcp": pcp})),
            f"SideBySide({model!r}, {zone!r}, live={live})",
        )
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

    def compare(self) -> None:
        told = zone_facts.of_core(self.node, 0, self.cells.era)
        for name, wanted in zone_facts.of_reference(self.zone).items():
            self.claim(name, told.get(name), wanted)
        if self.live:
            present = _read.stats(self.node)["present_pages"]
            self.claim("present", present, self.zone.present_pages)
        if self.stopped:
            return  # the page that was being freed is in limbo: the two tell that differently
        pages = zone_facts.core_pages(self.node, self.start_pfn, self.end_pfn - self.start_pfn)
        self.claim("pages", pages, zone_facts.reference_pages(self.zone))
        broken = [i for i, v in enumerate(_read.check(self.node)) if i == 8 and not v[0]]
        self.claim("broken", broken, [])

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
