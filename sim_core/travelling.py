"""What a lab can do with its time: go to any operation, or any write of one; branches."""

from collections.abc import Generator, Iterator
from typing import Final

from sim_core.actwords import act_words
from sim_core.errors import RefusedError
from sim_core.journal import Entry
from sim_core.mm import _travel
from sim_core.outcome import RunSummary
from sim_core.running import Running
from sim_core.timeline import Moment

_AT_ONCE: Final = 20_000
"""Operations done again in one call at most: some milliseconds."""
_WINDOW: Final = 4096
"""Operations run again, so that the log tells of them, before one goes over their writes."""

Told = Generator[None, None, bool]


class Travelling(Running):
    """A lab's way through time. Each of these is to be run to its end, a result at a time; between
    two of them others may look, and whoever acts ends the way.
    """

    _window = _WINDOW

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
        yield from self.timeline.seek(op, step)

    def switch(self, ident: int, op: int | None = None) -> Iterator[None]:
        """Be on another branch: where it was left, or at `op`.

        Raises:
            RefusedError: there is no such branch, or no such operation of it.
        """
        yield from self.timeline.switch(ident, op)

    def step_back(self, n: int = 1) -> Iterator[None]:
        """Take so many primitive writes back, as far as there are any."""
        self._check_recorded()
        while n := _travel.step_all(self.node, True, n):
            yield
            if not (yield from self._tell_before()):
                return

    def step_on(self, n: int = 1) -> Generator[None, None, int]:
        """Do so many primitive writes again; how many are left where nothing follows."""
        self._check_recorded()
        while n := _travel.step_all(self.node, False, n):
            yield
            if not (yield from self._tell_after()):
                return n
        return 0

    def _check_recorded(self) -> None:
        if not self.timeline.kept_from:
            raise RefusedError("the writes of operations are not recorded here", field="grain")

    def _tell_before(self) -> Told:
        """Have the log tell of what led here; False: boot did."""
        here = self.op
        if here <= self.timeline.first_op:
            return False
        yield from self.seek(here, 0)
        yield from self.seek(here)
        return True

    def _tell_after(self) -> Told:
        """Have the log tell of what follows, as far as it has room; False: nothing does."""
        here = self.op
        while here < self.journal.tip:
            yield from self.seek(min(here + self._window, self.journal.tip))
            fits = self.timeline.kept_from <= here + 1
            yield from self.seek(here)
            if fits:
                return True
            self._window = max(1, self._window // 4)
        return False

    def forward(self, n: int, within_s: float | None = None) -> RunSummary:
        """On by n operations, or as many as there is time for: in the past those that followed, as
        they were; then turns of the workload.

        Raises:
            StoppedError: the node has stopped, and nothing follows.
        """
        if not self.timeline.past:
            return self.run_workload(n, within_s)
        before = self._stats()
        # To finish the operation at hand is to go on by one.
        first = self.op if self.timeline.whole else self.op - 1
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
        """(first PFN, pages) of the pages in no chunk amid the operation at hand, ascending;
        of more than 256 pieces further ones are left out.
        """
        return _travel.transit(self.node)
