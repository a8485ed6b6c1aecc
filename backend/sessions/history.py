"""The counters over the operations so far: a bounded series that a reload or a second tab gets."""

from collections import deque
from dataclasses import dataclass, field

from backend.protocol.messages import HistoryMessage, Mark
from backend.sessions.notes import Notes
from sim_core.lab import Lab

_Moment = tuple[tuple[int, ...], ...]
"""A row for each zone, lowest first."""


def _moment(lab: Lab) -> _Moment:
    return tuple(lab.history_row(slot) for slot in range(len(lab.config.spans)))


@dataclass
class _Series:
    """What a branch adds to the one it left: rows by operation, ascending, thinned to every second
    when there are too many; and marks, the latest, and how many there ever were.
    """

    marks: deque[Mark]
    marked: int = 0
    rows: list[_Moment] = field(default_factory=list)
    ops: list[int] = field(default_factory=list)
    stride: int = 1

    def take(self, op: int, moment: _Moment, most: int) -> None:
        self.rows.append(moment)
        self.ops.append(op)
        if len(self.rows) > most:
            self.stride *= 2
            # The first and the last row stay: the line keeps its ends.
            self.rows = [*self.rows[:-1:2], self.rows[-1]]
            self.ops = [*self.ops[:-1:2], self.ops[-1]]


class History:
    """Of each branch of a lab; what is shown are those of the current way.

    Args:
        lab: the lab they are of; its first row is taken at once.
        rows_max: rows kept of a branch at most.
        marks_max: marks kept of a branch at most, the latest.
    """

    def __init__(self, lab: Lab, rows_max: int, marks_max: int) -> None:
        self._rows_max = rows_max
        self._marks_max = marks_max
        self._lab: Lab | None = lab
        self._series: dict[int, _Series] = {}
        self.notes = Notes()
        self._branch = lab.journal.current.ident
        self._own(self._branch).take(lab.op, _moment(lab), rows_max)

    def _own(self, branch: int) -> _Series:
        return self._series.setdefault(branch, _Series(deque(maxlen=self._marks_max)))

    def of(self, lab: Lab | None) -> "History":
        """Self, of another lab with the same branches; None: of one that was put away."""
        self._lab = lab
        return self

    def follow(self, lab: Lab) -> bool:
        """Show the branch that the lab is on; whether that is another one than before."""
        before, self._branch = self._branch, lab.journal.current.ident
        known = {branch.ident for branch in lab.journal.branches}
        self._series = {name: own for name, own in self._series.items() if name in known}
        self.notes.keep_of(known)
        return before != self._branch

    def take(self, lab: Lab) -> None:
        """Add a row if the lab has come far enough since the last; what is past has its rows."""
        own = self._own(self._branch)
        last = own.ops[-1] if own.ops else lab.journal.current.fork_op
        if lab.op - last >= own.stride and lab.timeline.whole:
            own.take(lab.op, _moment(lab), self._rows_max)

    def passed(self, lab: Lab) -> None:
        """Add a row for where a lab comes by that is made again, on the branch that it is of."""
        branch = next(branch for branch, end in lab.journal.way() if lab.op <= end)
        self._own(branch.ident).take(lab.op, _moment(lab), self._rows_max)

    def mark(self, mark: Mark, branch: int | None = None) -> None:
        """Remember a mark, of this branch or another; the oldest gives way."""
        own = self._own(self._branch if branch is None else branch)
        own.marks.append(mark)
        own.marked += 1

    def marked(self, branch: int) -> int:
        """Marks there ever were on a branch."""
        return self._own(branch).marked

    def marks_of(self, branch: int) -> tuple[Mark, ...]:
        """Those that are remembered of a branch."""
        return tuple(self._own(branch).marks)

    def message(self) -> HistoryMessage:
        """The whole series of the current way, as sent."""
        rows: list[_Moment] = []
        marks: list[Mark] = []
        lab = self._lab
        assert lab is not None
        for branch, last in lab.journal.way():
            own = self._own(branch.ident)
            end = last if branch is not lab.journal.current else None
            rows += [
                row for op, row in zip(own.ops, own.rows, strict=True) if end is None or op <= end
            ]
            marks += [mark for mark in own.marks if end is None or mark["op"] <= end]
        zones = len(lab.config.spans)
        return {
            "type": "history",
            "columns": list(Lab.HISTORY_COLUMNS),
            "rows": [list(row[0]) for row in rows],
            "upper_rows": [[list(row[slot]) for row in rows] for slot in range(1, zones)],
            "marks": marks,
            "notes": self.notes.rows(lab),
        }
