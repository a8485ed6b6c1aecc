"""A lab's own turns: which workload runs and how far it has run, noted in the journal.

Every request validates, notes itself in the journal and runs. One refused before the kernel ran
raises and leaves no trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sim_core.building import build_node
from sim_core.config import LabConfig
from sim_core.errors import RefusedError, StoppedError
from sim_core.importers import ProcCapture, ZoneLayout
from sim_core.journal import SET_WORKLOAD, TURNS, Entry, Journal
from sim_core.lognames import BUG_WORDS
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import Row
from sim_core.outcome import RunSummary
from sim_core.reading import Reading
from sim_core.timeline import Timeline
from sim_core.workloads import Workload, WorkloadMix

TURNS_MAX = 100_000
"""Turns of the workload in one call: some 20 ms of churn, so that others can be let in between."""


class Running(Reading):
    """A node with its journal and its workload.

    Args:
        node: ready for its first operation.
        config, row, notes, layout, capture: as Reading has them.
    """

    def __init__(
        self,
        node: Node,
        config: LabConfig,
        row: Row,
        notes: list[str],
        layout: ZoneLayout | None,
        capture: ProcCapture | None,
    ) -> None:
        super().__init__(node, config, row, notes, layout, capture)
        self._start(node)
        self.node.start_log()
        self.journal = Journal(self.op)
        self.timeline = Timeline(
            node, self.journal, self._run_again, self._rebuilt, config.keyframe_bytes
        )

    def _start(self, node: Node) -> None:
        """What a node does before its first moment."""
        node.set_workload(*Workload().for_node(self.config.max_order))
        if self.config.fill_percent:
            node.fill_workload(self.config.fill_percent)
        node.set_watch(node.aims)

    def take_up(self, journal: Journal) -> None:
        """Have the past and future of another lab, made from the same: this one is at its boot."""
        self.journal = self.timeline.journal = journal

    def _rebuilt(self) -> Node:
        """Another node at the same first moment."""
        config = replace(self.config, log_bytes=0)
        node, _, _ = build_node(config, self.row, self.layout)
        self._start(node)
        return node

    @property
    def workload(self) -> Workload:
        """The one that runs."""
        entry = self.journal.workload_at(self.op)
        workload = entry.args[0] if entry else Workload()
        assert isinstance(workload, Workload)
        return workload

    @property
    def stopped(self) -> str | None:
        """The kernel BUG that stopped the node, in words."""
        bug = _read.stopped(self.node)
        return BUG_WORDS[bug] if bug else None

    @contextmanager
    def _journaled(self, call: str, *args: object) -> Iterator[None]:
        """Note the request, if anything came of it; in the past it begins a branch.

        One that is refused before the kernel runs leaves everything as it was.
        """
        if self.timeline.again:
            yield
            return
        self._check_going()
        before, first = self.timeline.before_act(), self.op + 1
        try:
            yield
        finally:
            if self.timeline.after_act(before, first):
                self.journal.add(call, args, first, self.op)
                self.timeline.keep()

    def _run_again(self, entry: Entry) -> None:
        """Run an entry of the lab's own journal again, up to the operation the node is bound by."""
        # None is of a stopped node, unless somebody else wrote the journal.
        self._check_going()
        if entry.call == TURNS:
            self.node.run_workload(min(entry.last_op - self.op, TURNS_MAX))
        else:
            getattr(self, entry.call)(*entry.args)
        # What breaks was told of when it happened.
        self.breaks()

    def _check_going(self) -> None:
        if self.stopped is not None:
            raise StoppedError(f"{self.stopped} Reset the lab to go on.")

    def set_workload(self, workload: Workload | WorkloadMix) -> None:
        """Another workload, or other numbers of it, from the next turn on; a mix alone is churn's.

        What one workload holds when another takes its place stays, and that one frees it first.

        Raises:
            ConfigError: weights that cannot be drawn from, or levels out of order.
        """
        if isinstance(workload, WorkloadMix):
            workload = Workload(mix=workload)
        workload.checked(self.config.max_order)
        with self._journaled(SET_WORKLOAD, workload):
            self.node.change_workload(*workload.for_node(self.config.max_order))

    def run_workload(self, n: int, within_s: float | None = None) -> RunSummary:
        """Take turns of the workload; the GIL is dropped.

        Args:
            n: turns, at most TURNS_MAX.
            within_s: seconds after which no further turn begins. The journal notes as many as were
                taken, so the clock has no part in what happens again.

        Raises:
            StoppedError: the node has stopped.
        """
        self._check_going()
        if not 0 <= n <= TURNS_MAX:
            raise RefusedError(f"n is {n}", field="n", allowed=f"0 … {TURNS_MAX}")
        stats, before, first = self._stats(), self.timeline.before_act(), self.op + 1
        try:
            tally = self.node.run_workload(n, within_s or 0)
        finally:
            if self.timeline.after_act(before, first):
                # Another model may run the turns that a BUG has kept this one from.
                taken = n if self.stopped is not None else self.op + 1 - first
                self.journal.add_turns(taken, first, self.op)
                self.timeline.keep()
        after = self._stats()
        return RunSummary(
            ops=tally["operations"],
            allocs=tally["allocated"],
            frees=tally["freed"],
            failed=tally["failed"],
            idle=tally["idle"],
            fallbacks=after["fallbacks"] - stats["fallbacks"],
            drains=after["pcp_drains"] - stats["pcp_drains"],
            others=tally["done"] + tally["refused"],
            refused=tally["refused"],
        )
