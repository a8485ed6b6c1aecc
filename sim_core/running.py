"""A lab's own turns: which workload runs and how far it has run, noted in the journal.

Every request validates, notes itself in the journal and runs. One refused before the kernel ran
raises and leaves no trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sim_core.config import LabConfig
from sim_core.errors import RefusedError, StoppedError
from sim_core.importers import ProcCapture, ZoneLayout
from sim_core.journal import Journal
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import Row
from sim_core.narration import BUG_WORDS
from sim_core.outcome import RunSummary
from sim_core.reading import Reading
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
        self.journal = Journal()
        self.workload = Workload()
        self.node.set_workload(*self.workload.for_node(config.max_order))
        if config.fill_percent:
            self.node.fill_workload(config.fill_percent)
        self.node.start_log()
        self.node.set_watch(self.node.aims)

    @property
    def stopped(self) -> str | None:
        """The kernel BUG that stopped the node, in words."""
        bug = _read.stopped(self.node)
        return BUG_WORDS[bug] if bug else None

    @contextmanager
    def _journaled(self, call: str, *args: object) -> Iterator[None]:
        """Note the request; take the note back if it is refused before the kernel runs."""
        self._check_going()
        before = self.op
        self.journal.add(call, args, before + 1)
        try:
            yield
        except Exception:
            if self.op == before:
                self.journal.drop_last()
            raise

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
        with self._journaled("set_workload", workload):
            self.node.change_workload(*workload.for_node(self.config.max_order))
            self.workload = workload

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
        before, first = self._stats(), self.op + 1
        try:
            tally = self.node.run_workload(n, within_s or 0)
        finally:
            # Another model may run the turns that a BUG has kept this one from.
            taken = n if self.stopped is not None else self.op + 1 - first
            self.journal.add_turns(taken, first)
        after = self._stats()
        return RunSummary(
            ops=tally["operations"],
            allocs=tally["allocated"],
            frees=tally["freed"],
            failed=tally["failed"],
            idle=tally["idle"],
            fallbacks=after["fallbacks"] - before["fallbacks"],
            drains=after["pcp_drains"] - before["pcp_drains"],
            others=tally["done"] + tally["refused"],
            refused=tally["refused"],
        )
