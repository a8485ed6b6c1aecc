"""What a lab can do with its time: go to any operation, or any write of one; branches."""

from collections.abc import Iterator
from typing import Final

from sim_core.journal import Entry
from sim_core.mm import _read, _travel
from sim_core.outcome import RunSummary
from sim_core.running import Running
from sim_core.timeline import Moment
from sim_core.transit import in_transit

BLOCK_CALLS: Final = frozenset(
    ("isolate", "unisolate", "free_block", "fill_block", "set_block_type", "offline", "online")
)
"""Calls whose first argument is a pageblock."""
_AT_ONCE: Final = 20_000
"""Operations done again in one call at most: some milliseconds."""


class Travelling(Running):
    """A lab's way through time. Each of these is to be run to its end, a result at a time; between
    two of them others may look, and whoever acts ends the way.
    """

    @property
    def moment(self) -> Moment:
        """Where it stands."""
        return self.timeline.moment

    def moment_row(self) -> tuple[int, int, int, bool, int, int, int]:
        """As Reading has it."""
        at, line = self.moment, self.timeline
        tip = max(self.journal.tip, at.op)
        branch = self.journal.current.ident
        return branch, at.step, at.steps, at.whole, tip, line.kept_from, line.first_op

    def seek(self, op: int, step: int | None = None) -> Iterator[None]:
        """Be after an operation of the current branch, or after so many of its writes.

        Raises:
            RefusedError: there is no such moment.
        """
        yield from self._travelled(self.timeline.seek(op, step))

    def switch(self, ident: int, op: int | None = None) -> Iterator[None]:
        """Be on another branch: where it was left, or at `op`.

        Raises:
            RefusedError: there is no such branch, or no such operation of it.
        """
        yield from self._travelled(self.timeline.switch(ident, op))

    def step_back(self) -> Iterator[None]:
        """Take the last primitive write back.

        Raises:
            RefusedError: there is nothing before.
        """
        op, step = self.moment.op, self.moment.step
        yield from self.seek(op, step - 1) if step > 1 else self.seek(op - 1)

    def step_on(self) -> Iterator[None]:
        """Do the next primitive write again.

        Raises:
            RefusedError: nothing follows.
        """
        moment = self.moment
        if not moment.whole:
            yield from self.seek(moment.op, moment.step + 1)
            return
        yield from self.seek(moment.op + 1, 0)
        if self.moment.steps:
            yield from self.seek(moment.op + 1, 1)
        else:
            yield from self.seek(moment.op + 1)

    def forward(self, n: int, within_s: float | None = None) -> RunSummary:
        """On by n operations, or as many as there is time for: in the past those that followed, as
        they were; then turns of the workload.

        Raises:
            StoppedError: the node has stopped, and nothing follows.
        """
        if not self.timeline.past:
            return self.run_workload(n, within_s)
        moment, before = self.moment, self._stats()
        # To finish the operation at hand is to go on by one.
        first = moment.op if moment.whole else moment.op - 1
        target = min(first + min(n, _AT_ONCE), self.journal.tip)
        for _ in self.seek(target):
            pass
        after = self._stats()
        return RunSummary(
            ops=target - first,
            allocs=after["allocs"] - before["allocs"],
            frees=after["frees"] - before["frees"],
            failed=after["alloc_failed"] - before["alloc_failed"],
            fallbacks=after["fallbacks"] - before["fallbacks"],
            drains=after["pcp_drains"] - before["pcp_drains"],
        )

    def fork(self, name: str | None) -> None:
        """Begin a branch here: what follows is on it.

        Raises:
            RefusedError: there are too many.
        """
        self.timeline.fork(name)

    def act_before(self) -> tuple[Entry, str] | None:
        """The last thing that a person did up to now, and its words; None: nothing."""
        entry = self.journal.act_before(self.op)
        if entry is None:
            return None
        return entry, act_words(self.journal.act_before(entry.began) or entry)

    def transit(self) -> list[tuple[int, int]]:
        """(first PFN, pages) of the pages that are in no chunk amid the operation at hand."""
        moment = self.moment
        if moment.whole:
            return []
        start, _ = _read.op_span(self.node, moment.op)
        done = _travel.place(self.node)[0] - start
        records, _ = _read.op_records(self.node, moment.op, done)
        base = self.config.start_pfn & ~((1 << (self.config.max_order - 1)) - 1)
        return [
            (base + first, last - first)
            for first, last in in_transit(records[:done], self.config.pageblock_order)
        ]

    def _travelled(self, way: Iterator[None]) -> Iterator[None]:
        try:
            yield from way
        finally:
            # Breaks that were met on the way were told of when they happened.
            self.breaks()


def act_words(entry: Entry) -> str:
    """A request in a few words, as a button names it."""
    name = entry.call.removesuffix("_handle").replace("_", " ")
    told = [
        str(value) for value in entry.args if isinstance(value, (int, str)) and value is not True
    ]
    if entry.call == "set_workload":
        told = [getattr(entry.args[0], "name", "")]
    if entry.call in BLOCK_CALLS:
        name = name.removesuffix(" block")
        told = [f"pageblock {told[0]}", *told[1:]]
    return " ".join([name, *(word for word in told if word)])
