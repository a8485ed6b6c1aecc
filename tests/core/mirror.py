"""A node's whole state as plain Python, and the undoing of one log record on it.

It is made from what can be seen of the node, never from the log, and knows of a record no more than
the comments of sim_core/mm/log.pxd say. A kind that it does not know is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from zlib import crc32

from sim_core.lognames import KINDS, Record
from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import ALLOCATED, FREE, FREEING, ON_PCP, PINNED, states_of

NIL: Final = 0xFFFFFFFF
NR_ALLOCATED: Final = 4
NR_ALLOC: Final = 9
NR_FREED: Final = 10
NR_LRU_FILE: Final = 15
LRU, ANON = 8, 0x40


def signed(word: int, bits: int = 64) -> int:
    """A two's complement number of so many bits."""
    return word - (1 << bits) if word >> (bits - 1) else word


class Mirror:
    """Lists in order, counters, types, pages, pcp, handles and random state of a node.

    Everything that zones have is kept by zone, from the lowest, numbered from 0.

    Args:
        node: looked at once, now.
        pageblock_order, max_order: of all its zones.
    """

    def __init__(self, node: Node, pageblock_order: int, max_order: int) -> None:
        zones = _read.zones(node)
        self.base = zones[0][1] & ~((1 << (max_order - 1)) - 1)
        self.spans = [
            (start - self.base, start - self.base + pages) for _, start, pages, *_ in zones
        ]
        self.block_order = pageblock_order
        self.lists = {
            (zone, mt, order): [
                p - self.base for p in _read.list_pfns(node, mt, order, 0, count, zone)
            ]
            for zone in range(len(zones))
            for mt, counts in enumerate(_read.lengths(node, zone))
            for order, count in enumerate(counts)
        }
        self.pcp = {
            (zone, 0, 3 * order + mt): [
                pfn - self.base for pfn, _ in _read.pcp_pfns(node, 0, order, mt, zone)
            ]
            for zone in range(len(zones))
            for order in range(4)
            for mt in range(3)
        }
        self.pcp_state = [[*_read.pcp_state(node, 0, zone)] for zone in range(len(zones))]
        self.nr_free = [_read.nr_free(node, zone) for zone in range(len(zones))]
        self.stat = [list(_read.stats(node, zone).values()) for zone in range(len(zones))]
        self.watermark = [list(_read.watermarks(node, zone)) for zone in range(len(zones))]
        self.lowmem_reserve = [_read.lowmem_reserve(node, zone) for zone in range(len(zones))]
        self.pcp_size = [list(_read.pcp_limits(node, zone)) for zone in range(len(zones))]
        self.number = list(_read.node_numbers(node).values())
        all_types = _read.block_types(node)
        self.types: dict[int, int] = {}
        self.states: dict[int, int] = {}
        self.attrs: dict[int, int] = {}
        for _, start, pages, first, blocks in zones:
            begin = start - self.base >> pageblock_order
            self.types |= dict(enumerate(all_types[first : first + blocks], begin))
            states, attrs = states_of(node, start, pages)
            self.states |= dict(enumerate(states, start - self.base))
            self.attrs |= dict(enumerate(attrs, start - self.base))
        table, self.retired, self.live, self.random, _ = _read.handle_state(node)
        self.settings = _read.settings(node)
        self.variables, self.queues = _read.workload_state(node)
        watched = [_read.watched(node, zone) for zone in range(len(zones))]
        self.broken = [broken for broken, _ in watched]
        self.first_broken = [first for _, first in watched]
        self.handles = [*table]
        self.bound = {
            p: _read.handle_at(node, self.base + p)
            for p, state in self.states.items()
            if state >> 4 in (ALLOCATED, PINNED, FREEING)
        }
        self.block_free = self.free_by_block()
        self.stopped = _read.stopped(node)

    def zone_of(self, page: int) -> int:
        """The zone that a page lies in."""
        return next(i for i, (start, end) in enumerate(self.spans) if start <= page < end)

    def free_by_block(self) -> dict[int, int]:
        """Pages of each block that are on free lists, counted from the lists."""
        free = dict.fromkeys(self.types, 0)
        for (_, _, order), pages in self.lists.items():
            for page in pages:
                for p in range(page, page + (1 << order), 1 << min(order, self.block_order)):
                    free[p >> self.block_order] += 1 << min(order, self.block_order)
        return free

    def parts(self) -> dict[str, object]:
        """Everything by name, in an order that is part of it."""
        hidden = ("base", "spans", "block_order")
        return {name: value for name, value in vars(self).items() if name not in hidden}

    def digest(self) -> int:
        """Order-sensitive hash of `parts`; of a table only the keys' own order counts."""
        told = {
            name: sorted(value.items()) if isinstance(value, dict) else value
            for name, value in self.parts().items()
        }
        return crc32(repr(sorted(told.items())).encode())

    def undo(self, record: Record) -> None:
        """Take one record back. Records must come newest first.

        Raises:
            AssertionError: the state is not the one the record left behind, or the record tells of
                a write to a counter, a size or a type that left it as it was.
            KeyError: a kind without an inverse.
        """
        kind, _, a, b, where, value = record
        _INVERSES[KINDS[kind]](self, a, b, where, value)

    # ---- inverses: (a, b, where, value) of log.pxd ----

    def nothing(self, a: int, b: int, where: int, value: int) -> None:
        """An operation's frame writes nothing."""

    def _insert(self, pages: list[int], page: int, value: int) -> None:
        before, after = value & NIL, value >> 32
        place = 0 if before == NIL else pages.index(before) + 1
        assert (pages[place] if place < len(pages) else NIL) == after
        pages.insert(place, page)

    def _remove(self, pages: list[int], page: int, value: int) -> None:
        place = pages.index(page)
        del pages[place]
        assert (pages[place - 1] if place else NIL) == value & NIL
        assert (pages[place] if place < len(pages) else NIL) == value >> 32

    def link(self, order: int, mt: int, page: int, value: int) -> None:
        self._remove(self.lists[self.zone_of(page), mt, order], page, value)
        self.states[page] = self.attrs[page] = 0

    def unlink(self, order: int, mt: int, page: int, value: int) -> None:
        self._insert(self.lists[self.zone_of(page), mt, order], page, value)
        self.states[page], self.attrs[page] = FREE << 4 | order, mt

    def pcp_link(self, cpu: int, packed: int, page: int, value: int) -> None:
        self._remove(self.pcp[self.zone_of(page), cpu, packed & 15], page, value)
        self.states[page] = self.attrs[page] = 0

    def pcp_unlink(self, cpu: int, packed: int, page: int, value: int) -> None:
        self._insert(self.pcp[self.zone_of(page), cpu, packed & 15], page, value)
        order, mt = divmod(packed & 15, 3)
        self.states[page], self.attrs[page] = ON_PCP << 4 | order, packed >> 4 | mt << 4

    def _put_back(self, counters: list[int], which: int, old: int, delta: int) -> None:
        assert (counters[which] - signed(old)) & NIL == delta != 0
        assert signed(old) + signed(delta, 32) == counters[which]
        counters[which] = signed(old)

    def count(self, order: int, zone: int, delta: int, old: int) -> None:
        self._put_back(self.nr_free[zone], order, old, delta)

    def add(self, which: int, zone: int, delta: int, old: int) -> None:
        self._put_back(self.stat[zone], which, old, delta)

    def state(self, old: int, new: int, page: int, value: int) -> None:
        assert (self.states[page], self.attrs[page]) == (new, value >> 8 & 0xFF)
        self.states[page], self.attrs[page] = old, value & 0xFF

    def run(self, old: int, new: int, page: int, count: int) -> None:
        assert count and old != new
        for p in range(page, page + count):
            assert self.states[p] == new
            self.states[p] = old

    def fill(self, old: int, new: int, block: int, written: int) -> None:
        if written:
            return
        for p in range(block << self.block_order, (block + 1) << self.block_order):
            if p in self.states:
                self.states[p] = old

    def block_type(self, old: int, new: int, block: int, value: int) -> None:
        assert self.types[block] == new != old
        self.types[block] = old

    def free_of_block(self, a: int, b: int, block: int, delta: int) -> None:
        assert delta
        self.block_free[block] -= signed(delta)

    def mark(self, which: int, zone: int, delta: int, old: int) -> None:
        self._put_back(self.watermark[zone], which, old, delta)

    def reserve(self, classzone_idx: int, zone: int, delta: int, old: int) -> None:
        self._put_back(self.lowmem_reserve[zone], classzone_idx, old, delta)

    def node(self, which: int, b: int, delta: int, old: int) -> None:
        self._put_back(self.number, which, old, delta)

    def size(self, which: int, zone: int, delta: int, old: int) -> None:
        self._put_back(self.pcp_size[zone], which, old, delta)

    def pcp_number(self, which: int, packed: int, new: int, old: int) -> None:
        state = self.pcp_state[packed >> 4]
        assert state[which] == new != old
        state[which] = old

    def _drop_handle(self, page: int, order: int, value: int) -> None:
        handle, again, owner = value & NIL, value >> 32 & 1, value >> 40
        assert self.bound.pop(page) == handle
        assert self.handles[handle] == (page, order, owner)
        if again:
            self.handles[handle] = (NIL, 0, 0)
            self.retired.append(handle)
        else:
            assert handle == len(self.handles) - 1
            self.handles.pop()

    def _count_use(self, page: int, order: int, attr: int, sign: int) -> None:
        stat = self.stat[self.zone_of(page)]
        stat[NR_ALLOCATED] += sign << order
        if attr & LRU:
            stat[NR_LRU_FILE + bool(attr & ANON)] += sign << order

    def prep(self, order: int, attr: int, page: int, value: int) -> None:
        assert (self.states[page], self.attrs[page]) == (ALLOCATED << 4 | order, attr)
        self.states[page] = self.attrs[page] = 0
        self.stat[self.zone_of(page)][NR_ALLOC] -= 1
        self._count_use(page, order, attr, -1)
        self._drop_handle(page, order, value)

    def unprep(self, state: int, attr: int, page: int, value: int) -> None:
        assert self.states[page] == self.attrs[page] == 0
        self.states[page], self.attrs[page] = state, attr
        order, handle, owner = state & 15, value & NIL, value >> 32
        self.stat[self.zone_of(page)][NR_FREED] -= 1
        self._count_use(page, order, attr, 1)
        assert self.retired.pop() == handle
        self.handles[handle] = (page, order, owner)
        self.bound[page] = handle

    def handle(self, order: int, b: int, page: int, value: int) -> None:
        self._drop_handle(page, order, value)

    def rebind(self, a: int, b: int, target: int, value: int) -> None:
        handle, page = value & NIL, value >> 32
        assert self.bound.pop(target) == handle
        assert self.handles[handle][:2] == (target, 0)
        self.handles[handle] = (page, 0, self.handles[handle][2])
        self.bound[page] = handle

    def live_push(self, a: int, b: int, handle: int, value: int) -> None:
        assert self.live.pop() == handle

    def live_remove(self, a: int, b: int, place: int, handle: int) -> None:
        self.live.append(handle)
        self.live[place], self.live[-1] = self.live[-1], self.live[place]

    def draw(self, a: int, b: int, where: int, old: int) -> None:
        self.random = old

    def set_variable(self, which: int, b: int, delta: int, old: int) -> None:
        self._put_back(self.variables, which, old, delta)

    def set_setting(self, which: int, b: int, new: int, old: int) -> None:
        assert self.settings[which] == new != old
        self.settings[which] = old

    def watch(self, identity: int, zone: int, broken: int, first_broken: int) -> None:
        assert (self.broken[zone] >> identity & 1) == broken
        self.broken[zone] ^= 1 << identity
        self.first_broken[zone][identity] = first_broken

    def queue_push(self, queue: int, b: int, handle: int, value: int) -> None:
        assert self.queues[queue].pop() == handle

    def queue_remove(self, queue: int, b: int, handle: int, value: int) -> None:
        self._insert(self.queues[queue], handle, value)

    def stop(self, a: int, b: int, bug: int, value: int) -> None:
        assert self.stopped == bug
        self.stopped = 0


_INVERSES: Final[dict[str, Callable[[Mirror, int, int, int, int], None]]] = {
    "op": Mirror.nothing,
    "args": Mirror.nothing,
    "ret": Mirror.nothing,
    "link": Mirror.link,
    "unlink": Mirror.unlink,
    "pcp_link": Mirror.pcp_link,
    "pcp_unlink": Mirror.pcp_unlink,
    "nr_free": Mirror.count,
    "stat": Mirror.add,
    "state": Mirror.state,
    "prep": Mirror.prep,
    "unprep": Mirror.unprep,
    "run": Mirror.run,
    "fill": Mirror.fill,
    "block_type": Mirror.block_type,
    "block_free": Mirror.free_of_block,
    "watermark": Mirror.mark,
    "pcp_size": Mirror.size,
    "handle": Mirror.handle,
    "rebind": Mirror.rebind,
    "live_push": Mirror.live_push,
    "live_remove": Mirror.live_remove,
    "random": Mirror.draw,
    "workload": Mirror.set_variable,
    "stop": Mirror.stop,
    "cell": Mirror.nothing,
    "pcp_state": Mirror.pcp_number,
    "queue_push": Mirror.queue_push,
    "queue_remove": Mirror.queue_remove,
    "lowmem_reserve": Mirror.reserve,
    "node": Mirror.node,
    "setting": Mirror.set_setting,
    "watch": Mirror.watch,
}
