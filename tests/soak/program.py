"""Random programs on one node: each call is drawn from what the node holds at that moment.

A call is kept with literal arguments, so that what was drawn can be told, cut short and run again
without the generator.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, Final

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.vocabulary import MIGRATETYPES, PCPTYPES
from tests.core import nodes
from tests.soak.shapes import Shape

Call = tuple[str, tuple[int, ...]]
"""A method of Node and its arguments."""

LRU: Final = 8
"""A page's attribute byte: on the LRU."""
BUG: Final = -1000
"""A result below this is a BUG_ON that was hit: the node takes no further operation."""


def _of_kind(kind: int) -> re.Pattern[bytes]:
    """Finds a page of this kind, of any order, among state bytes."""
    return re.compile(b"[\\x%x0-\\x%xf]" % (kind, kind))


FREE, USED, PINNED, RESERVED, OFFLINE = map(
    _of_kind, (nodes.FREE, nodes.ALLOCATED, nodes.PINNED, nodes.RESERVED, nodes.OFFLINE)
)


def build(model: str, shape: Shape, seed: int, live: bool) -> Node:
    """A zone booted live, or one whose pages all lie reserved; its log wraps before long."""
    node = nodes.node_of(model, **shape, seed=seed, log_records=1024)
    if live:
        node.boot()
    node.start_log()
    nodes.set_workload(node)
    return node


def perform(node: Node, call: Call) -> bool | None:
    """Make a call: whether the node goes on, or None if the call was refused."""
    name, args = call
    try:
        done = getattr(node, name)(*args)
    except RefusedError:
        return None
    if isinstance(done, int):
        return done > BUG
    return _read.stopped(node) == 0


def words(call: Call) -> str:
    """A call as it can be typed."""
    name, args = call
    return f"{name}({', '.join(str(int(arg)) for arg in args)})"


class Drawing:
    """Draws call after call for one node.

    Args:
        node: it looks at, and never touches.
        shape: of its zone.
        live: booted live; only such a zone knows present pages, which hotplug counts with, and
            only in another are reserved pages freed and free ones reserved by hand.
        draw: the source of all chance.
    """

    def __init__(self, node: Node, shape: Shape, live: bool, draw: random.Random) -> None:
        self._node = node
        self._draw = draw
        self._start: int = shape["start_pfn"]
        self._pages: int = shape["spanned_pages"]
        self._block_order: int = shape["pageblock_order"]
        self._orders: int = shape["max_order"]
        first = self._start >> self._block_order
        self._blocks = ((self._start + self._pages - 1) >> self._block_order) + 1 - first
        self._turns = {True: LIVE, False: BARE}[live]
        self._greed = 0.5

    def call(self) -> Call:
        """The next call; now and then one that the node must refuse."""
        while True:
            # Full and empty zones are where the corners are: the balance wanders between them.
            if self._draw.random() < 0.005:
                self._greed = self._draw.choice((0.2, 0.45, 0.5, 0.55, 0.9))
            if self._draw.random() < 0.8:
                drawn = self._alloc() if self._draw.random() < self._greed else self._free()
            else:
                drawn = self._draw.choice(self._turns)(self)
            if drawn is not None:
                return drawn

    # -- what a call is about

    def _pfn(self) -> int:
        return self._start + self._draw.randrange(self._pages)

    def _block(self) -> int:
        return self._draw.randrange(self._blocks)

    def _order(self) -> int:
        return min(self._draw.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, 7)), self._orders - 1)

    def _states(self) -> bytes:
        return _read.states_of(self._node, self._start, self._pages)[0]

    def _page(self, kind: re.Pattern[bytes]) -> int | None:
        """The first page of this kind from some page on, counted round."""
        states = self._states()
        found = kind.search(states, self._draw.randrange(self._pages)) or kind.search(states)
        return found and self._start + found.start()

    def _order_at(self, pfn: int) -> int:
        return self._states()[pfn - self._start] & 15

    # -- calls; None: there is nothing to make it on

    def _alloc(self) -> Call:
        draw = self._draw
        mt = draw.choice((0, 1, 2, 2, 2))
        return "alloc", (self._order(), mt, draw.random() < 0.7)

    def _free(self) -> Call | None:
        pfn = self._page(USED)
        return None if pfn is None else ("free", (pfn,))

    def _drain(self) -> Call:
        return "drain", ()

    def _set_block_type(self) -> Call:
        mt = self._draw.randrange(len(MIGRATETYPES))
        return "set_block_type", (self._pfn(), mt, self._draw.random() < 0.5)

    def _isolate(self) -> Call:
        return "isolate", (self._pfn(),)

    def _unisolate(self) -> Call:
        """A block that is isolated, if there is one."""
        types = _read.block_types(self._node)
        block = types.find(nodes.ISOLATE, self._block())
        pfn = ((self._start >> self._block_order) + block) << self._block_order
        mt = self._draw.choice((0, 1, 2, 2, 2, 2, 3, 4, 5))
        return "unisolate", (max(pfn, self._start) if block >= 0 else self._pfn(), mt)

    def _split(self) -> Call | None:
        pfn = self._page(FREE)
        return None if pfn is None else ("split_free_page", (pfn,))

    def _pin(self) -> Call | None:
        pfn = self._page(USED)
        return None if pfn is None else ("pin", (pfn,))

    def _unpin(self) -> Call | None:
        pfn = self._page(PINNED)
        return None if pfn is None else ("unpin", (pfn,))

    def _mark_lru(self) -> Call | None:
        pfn = self._page(USED)
        if pfn is None:
            return None
        return "mark_lru", (pfn, self._order_at(pfn), self._draw.random() < 0.8)

    def _free_block(self) -> Call:
        return "free_block", (self._block(),)

    def _fill_block(self) -> Call:
        draw = self._draw
        mt, limit = draw.randrange(len(PCPTYPES)), draw.randrange(1, 9)
        return "fill_block", (self._block(), self._order(), mt, draw.random() < 0.7, limit)

    def _run_workload(self) -> Call:
        return "run_workload", (self._draw.randrange(1, 9),)

    def _nonsense(self) -> Call:
        """Arguments as they come, outside the zone too: most are refused."""
        draw = self._draw
        pfn, order = draw.randrange(self._start + self._pages + 40), draw.randrange(16)
        return draw.choice(
            (
                ("alloc", (order, draw.randrange(len(MIGRATETYPES)), True)),
                ("free", (pfn, order)),
                ("pin", (pfn,)),
                ("unpin", (pfn,)),
                ("mark_lru", (pfn, order, True)),
                ("isolate", (pfn,)),
                ("unisolate", (pfn, draw.randrange(len(MIGRATETYPES)))),
                ("split_free_page", (pfn,)),
            )
        )

    # -- hotplug, of a live zone

    def _offline(self) -> Call | None:
        block = self._block()
        count = self._draw.choice((1, 1, 1, 2, 3))
        gone = min(count, self._blocks - block) << self._block_order
        if _read.stats(self._node)["present_pages"] < gone:
            return None
        return "offline", (block, count)

    def _offline_readied(self) -> Call | None:
        """What lies in a block put on the LRU first, one chunk a call: then it can go offline."""
        for pfn, state, attr in _read.heads_in_use(self._node, self._block()):
            if not attr & LRU:
                return "mark_lru", (pfn, state & 15, True)
        return None

    def _online(self) -> Call | None:
        pfn = self._page(OFFLINE)
        if pfn is None:
            return None
        block = (pfn >> self._block_order) - (self._start >> self._block_order)
        return "online", (block, self._draw.choice((1, 1, 2)))

    # -- pages given and reserved by hand, of a bare zone

    def _boot_free(self) -> Call | None:
        """The chunk around some reserved page, as large as will do or smaller."""
        pfn = self._page(RESERVED if self._draw.random() < 0.8 else OFFLINE)
        if pfn is None:
            return None
        states = self._states()
        kind = states[pfn - self._start]
        for order in range(self._draw.randrange(self._orders), -1, -1):
            at = (pfn & -(1 << order)) - self._start
            if at >= 0 and states[at : at + (1 << order)] == bytes([kind]) * (1 << order):
                return "boot_free", (at + self._start, order)
        return None

    def _offline_isolated(self) -> Call | None:
        """Some free chunks one after another, the last perhaps not to its end."""
        pfn = self._page(FREE)
        if pfn is None:
            return None
        states = self._states()
        at = pfn - self._start
        for _ in range(self._draw.randrange(1, 4)):
            if at >= self._pages or states[at] >> 4 != nodes.FREE:
                break
            at += 1 << (states[at] & 15)
        pages = at - (pfn - self._start) - self._draw.randrange(2)
        return "offline_isolated", (pfn, max(1, pages))

    def _online_pages(self) -> Call | None:
        """A run of pages that are reserved or offline."""
        pfn = self._page(OFFLINE if self._draw.random() < 0.7 else RESERVED)
        if pfn is None:
            return None
        states = self._states()
        at = pfn - self._start
        last = min(self._pages, at + self._draw.randrange(1, 41))
        run = at
        while run < last and states[run] >> 4 in (nodes.RESERVED, nodes.OFFLINE, nodes.HOLE):
            run += 1
        return "online_pages", (pfn, run - at)


Turn = Callable[[Drawing], Call | None]
ALWAYS: Final[list[Any]] = [
    Drawing._drain,
    Drawing._set_block_type,
    *[Drawing._isolate, Drawing._unisolate] * 3,
    Drawing._split,
    *[Drawing._pin, Drawing._unpin] * 2,
    Drawing._mark_lru,
    Drawing._free_block,
    Drawing._fill_block,
    Drawing._run_workload,
    Drawing._nonsense,
]
LIVE: Final[list[Turn]] = [
    *ALWAYS,
    *[Drawing._offline_readied] * 8,
    *[Drawing._offline, Drawing._online] * 3,
]
BARE: Final[list[Turn]] = [
    *ALWAYS,
    *[Drawing._boot_free] * 6,
    *[Drawing._offline_isolated, Drawing._online_pages] * 2,
]
