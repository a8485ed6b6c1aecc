"""Running until a predicate comes true, forward and backward, through all that is known."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

from sim_core.mm import _search
from sim_core.predicates import Predicate, Value
from sim_core.timeline import Moment
from sim_core.travelling import Travelling

_RECORDS: Final = 1 << 18
"""Gone over between two results: some milliseconds."""
_TURNS: Final = 4096
"""Turns of the workload, before it is asked what they were; those after the break follow it."""
MOST: Final = 1_000_000
"""Turns that a search takes at most, where nothing is known yet."""

Search = Generator[None, None, "Stop"]


@dataclass(frozen=True)
class Stop:
    """Where a search ended.

    Attributes:
        found: whether the predicate came true there.
        moment: where the lab stands.
        values: what the predicate's parts are worth there.
        words: what was found, in a sentence.
    """

    found: bool
    moment: Moment
    values: tuple[Value, ...]
    words: str


class Breaking(Travelling):
    """A lab that can be run to where something comes true."""

    def run_to(
        self,
        text: str,
        *,
        back: bool = False,
        steps: bool = False,
        zone: str | None = None,
        most: int = MOST,
    ) -> Search:
        """Go to where a predicate comes true: backward to where it last began to hold, forward to
        where it next begins to. To be run to its end; nothing found backward leaves the lab where
        it was.

        Args:
            zone: that names without one are of; None: the lowest.
            steps: stop amid an operation too, after any primitive write.
            most: turns of the workload to take at most where nothing is known yet.

        Raises:
            PredicateError: the text is no predicate of this lab.
            RefusedError: no such zone, the writes are not recorded, or somebody else acted.
        """
        predicate = self.predicate(text, self.slot_of(zone))
        self._check_recorded()
        if back:
            return (yield from self._back_to(predicate, steps))
        return (yield from self._on_to(predicate, steps, most))

    def _back_to(self, predicate: Predicate, steps: bool) -> Search:
        start = self.moment
        held = predicate.holds()
        if not held and not (yield from self._search_back(predicate, steps, True)):
            yield from self.seek(start.op, None if start.whole else start.step)
            return self._stop(False, predicate, "it held at no earlier moment of this branch")
        if (yield from self._search_back(predicate, steps, False)):
            self._search(predicate, steps, back=False, wanted=True)
            return self._stop(True, predicate, "from here on it holds")
        return self._stop(True, predicate, "it holds from boot on")

    def _search_back(
        self, predicate: Predicate, steps: bool, wanted: bool
    ) -> Generator[None, None, bool]:
        while True:
            ret = self._search(predicate, steps, back=True, wanted=wanted)
            if ret == _search.FOUND:
                return True
            yield
            if ret == _search.MORE:
                continue
            if not (yield from self._tell_before()):
                return False

    def _on_to(self, predicate: Predicate, steps: bool, most: int) -> Search:
        left = most
        for wanted in (False, True) if predicate.holds() else (True,):
            while True:
                ret = self._search(predicate, steps, back=False, wanted=wanted)
                if ret == _search.FOUND:
                    break
                yield
                if ret == _search.MORE or (yield from self._tell_after()):
                    continue
                if left <= 0 or self.stopped is not None:
                    return self._stop(False, predicate, "it does not come true any more")
                before = self.op
                left -= self.run_workload(min(_TURNS, left)).ops
                # What broke meanwhile is told of before anything is run again.
                yield
                yield from self.seek(before)
        return self._stop(True, predicate, "from here on it holds")

    def _search(self, predicate: Predicate, steps: bool, *, back: bool, wanted: bool) -> int:
        return _search.search(self.node, predicate.program, steps, back, wanted, _RECORDS)

    def _stop(self, found: bool, predicate: Predicate, words: str) -> Stop:
        return Stop(found, self.moment, tuple(predicate.values()), words)
