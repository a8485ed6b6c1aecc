"""The plain Python zone of the tests, run on the same traces."""

from array import array

from benchmarks.trace import FREE, Trace
from benchmarks.zones import MAX_ORDER, PAGEBLOCK, PAGEBLOCK_ORDER
from sim_core.vocabulary import MIGRATETYPES
from tests.reference import V3_5, ReferenceZone


class ReferenceRun:
    """A trace on the reference, which takes it up where the last round left it."""

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
        """As CoreRun.isolation."""
        refused = 0
        for pfn in range(0, self.trace.pages, PAGEBLOCK):
            mt = self.zone.block_type(pfn)
            if self.zone.isolate(pfn):
                refused += 1
            else:
                self.zone.unisolate(pfn, mt)
        return refused
