"""The core and the reference, each as a zone that a trace is run on."""

from array import array
from dataclasses import dataclass

from benchmarks.trace import FREE, NO_PAGE, Trace
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from sim_core.vocabulary import MIGRATETYPES
from tests.reference import V3_5, ReferenceZone

PAGEBLOCK_ORDER = 9
PAGEBLOCK = 1 << PAGEBLOCK_ORDER
MAX_ORDER = 11
RECORDS = (64 << 20) // 16
"""Records in the log: a quarter of what a lab keeps, so that the ring goes round within a trace."""


@dataclass(frozen=True)
class Setting:
    """How a node is run.

    Attributes:
        pcp: single pages pass the pcp lists, sized by the zone; else each goes straight through.
        log: every write is recorded.
        watch: the identities are looked at after every operation.
        timed: the share of the trace's operations that is timed, from and to, in percent.
    """

    pcp: bool = True
    log: bool = False
    watch: bool = False
    timed: tuple[int, int] = (0, 100)


SETTINGS = {
    "core": Setting(),
    "core, pcp off": Setting(pcp=False),
    "core, log of all writes": Setting(log=True, timed=(50, 100)),
    "core, log, first time round": Setting(log=True, timed=(0, 12)),
    "core, as in a lab": Setting(log=True, watch=True, timed=(50, 100)),
}
"""In a lab the log is on and the identities are watched. The first time round its ring, every page
that a record is written to is new to the process: that is measured by itself."""


def booted(pages: int, setting: Setting = SETTINGS["core"]) -> Node:
    """A live zone of so many pages from PFN 0, under Linux 3.5."""
    row = ROWS["v3.5"]
    aims = sum(1 << i for i, name in enumerate(_read.IDENTITY_NAMES) if name in row.aims)
    node = Node(
        row.columns(),
        0,
        pages,
        PAGEBLOCK_ORDER,
        MAX_ORDER,
        0,
        1,
        setting.pcp,
        1,
        (),
        RECORDS if setting.log else 0,
        1,
        aims,
    )
    node.boot()
    if setting.log:
        node.start_log()
    if setting.watch:
        node.set_watch(aims)
    return node


class CoreRun:
    """A trace on a fresh node; the fill is done.

    Args:
        types: the migratetypes asked for, one an operation.
    """

    def __init__(self, trace: Trace, types: "array[int]", setting: Setting) -> None:
        self.node = booted(trace.pages, setting)
        self.trace = trace
        self.types = types
        self.failed = 0
        self._pages = array("I", [NO_PAGE]) * trace.nr_handles
        self._sizes = array("B", bytes(trace.nr_handles))
        self.run(0, trace.fill)

    def run(self, first: int, last: int) -> None:
        """Operations [first, last) of the trace in one call."""
        tally = self.node.replay(
            self.trace.handles,
            self.trace.orders,
            self.types,
            self._pages,
            self._sizes,
            first,
            last,
        )
        self.failed += tally.get("failed", 0)

    def mark_lru(self) -> None:
        """Put every chunk in use on the LRU, so that none keeps its pageblock from isolation."""
        for block in range(self.trace.pages // PAGEBLOCK):
            for pfn, state, _ in _read.heads_in_use(self.node, block):
                self.node.mark_lru(pfn, state & 0xF, True)

    def block_types(self) -> bytes:
        """Migratetype of each pageblock."""
        return _read.block_types(self.node)

    def isolate_each(self) -> int:
        """Isolate, then un-isolate each pageblock.

        Returns:
            how many could not be isolated.
        """
        isolate, unisolate = self.node.isolate, self.node.unisolate
        refused = 0
        for pfn, mt in zip(range(0, self.trace.pages, PAGEBLOCK), self.block_types(), strict=True):
            if isolate(pfn):
                refused += 1
            else:
                unisolate(pfn, mt)
        return refused


class ReferenceRun:
    """The same on the reference, which takes the trace up where the last round left it."""

    def __init__(self, trace: Trace, types: "array[int]") -> None:
        self.zone = ReferenceZone(
            V3_5, spanned_pages=trace.pages, pageblock_order=PAGEBLOCK_ORDER, max_order=MAX_ORDER
        )
        self.zone.boot_live()
        self.trace = trace
        self.types = types
        self.done = 0
        self._chunks: dict[int, tuple[int, int]] = {}
        self.run(trace.fill)

    def run(self, operations: int) -> None:
        """The next so many operations of the trace."""
        alloc, free, chunks = self.zone.alloc, self.zone.free, self._chunks
        names = MIGRATETYPES
        handles, orders, types = self.trace.handles, self.trace.orders, self.types
        for i in range(self.done, self.done + operations):
            order = orders[i]
            if order != FREE:
                pfn = alloc(order, names[types[i]])
                if pfn is not None:
                    chunks[handles[i]] = pfn, order
            elif handles[i] in chunks:
                free(*chunks.pop(handles[i]))
        self.done += operations

    def mark_lru(self) -> None:
        """As CoreRun.mark_lru."""
        for pfn, order in self._chunks.values():
            self.zone.mark_lru(pfn, order, True)

    def isolate_each(self) -> int:
        """As CoreRun.isolate_each."""
        refused = 0
        for pfn in range(0, self.trace.pages, PAGEBLOCK):
            mt = self.zone.block_type(pfn)
            if self.zone.isolate(pfn):
                refused += 1
            else:
                self.zone.unisolate(pfn, mt)
        return refused
