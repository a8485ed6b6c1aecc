"""The counters over the operations so far: a bounded series that a reload or a second tab gets."""

from collections import deque

from backend.protocol.messages import HistoryMessage, Mark
from sim_core.lab import Lab

_Moment = tuple[tuple[int, ...], ...]
"""A row for each zone, lowest first."""


def _moment(lab: Lab) -> _Moment:
    return tuple(lab.history_row(slot) for slot in range(len(lab.config.spans)))


class History:
    """Rows by operation number, ascending, thinned to every second when there are too many.

    Args:
        lab: the lab they are of; its first row is taken at once.
        rows_max: rows kept at most.
        marks_max: marks kept at most, the latest.
    """

    def __init__(self, lab: Lab, rows_max: int, marks_max: int) -> None:
        self._rows: list[_Moment] = [_moment(lab)]
        self._ops = [lab.op]
        self._stride = 1
        self._rows_max = rows_max
        self._marks: deque[Mark] = deque(maxlen=marks_max)

    def take(self, lab: Lab) -> None:
        """Add a row if the lab has come far enough since the last."""
        if lab.op - self._ops[-1] < self._stride:
            return
        self._rows.append(_moment(lab))
        self._ops.append(lab.op)
        if len(self._rows) > self._rows_max:
            self._stride *= 2
            # The first and the last row stay: the line keeps its ends.
            self._rows = [*self._rows[:-1:2], self._rows[-1]]
            self._ops = [*self._ops[:-1:2], self._ops[-1]]

    def mark(self, mark: Mark) -> None:
        """Remember a mark; the oldest gives way."""
        self._marks.append(mark)

    def message(self) -> HistoryMessage:
        """The whole series, as sent."""
        return {
            "type": "history",
            "columns": list(Lab.HISTORY_COLUMNS),
            "rows": [list(zones[0]) for zones in self._rows],
            "upper_rows": [
                [list(zones[slot]) for zones in self._rows] for slot in range(1, len(self._rows[0]))
            ],
            "marks": list(self._marks),
        }
