"""The core as a zone that a trace is run on, in every setting that is measured."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.trace import ISOLATE, NO_PAGE, UNISOLATE, Trace
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from sim_core.vocabulary import NORMAL

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
        log: what is recorded: nothing, each operation, or every write too.
        watch: the identities are looked at after every operation.
        timed: the share of the trace's operations that is timed, from and to, in percent.
    """

    pcp: bool = True
    log: Literal["", "operations", "writes"] = ""
    watch: bool = False
    timed: tuple[int, int] = (0, 100)


SETTINGS = {
    "core": Setting(),
    "core, pcp off": Setting(pcp=False),
    "core, log of operations": Setting(log="operations", timed=(50, 100)),
    "core, log of all writes": Setting(log="writes", timed=(50, 100)),
    "core, log, first time round": Setting(log="writes", timed=(0, 12)),
    "core, as in a lab": Setting(log="writes", watch=True, timed=(50, 100)),
}
"""In a lab the log is on and the identities are watched. The first time round its ring, every page
that a record is written to is new to the process: that is measured by itself."""


def booted(pages: int, setting: Setting = SETTINGS["core"]) -> Node:
    """A live zone of so many pages from PFN 0, under Linux 3.5."""
    row = ROWS["v3.5"]
    aims = sum(1 << i for i, name in enumerate(_read.IDENTITY_NAMES) if name in row.aims)
    node = Node(
        row.columns(),
        ((NORMAL, 0, pages, 0),),
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
        node.start_log(writes=setting.log == "writes")
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

    def isolation(self) -> Callable[[], int]:
        """A call that isolates, then un-isolates each pageblock, and says how many could not be
        isolated; its arguments are made here, so that it alone can be timed.
        """
        types = self.block_types()
        blocks = array("I", [block for block in range(len(types)) for _ in range(2)])
        orders = array("B", [ISOLATE, UNISOLATE]) * len(types)
        back = array("B", [mt for mt in types for _ in range(2)])
        handles = self._pages, self._sizes
        replay = self.node.replay
        return lambda: replay(blocks, orders, back, *handles, 0, len(blocks))["refused"]
