"""Views and their frames. The bytes are cut by the lab; here is who needs which of them.

A view is shared by everybody who asks for the same range: each of its states is cut once and the
same bytes go to all. A keyframe may be cut at any time between two deltas: it carries the number of
the last delta, and the next delta, whose changes count from the last, holds on top of it as well (a
cell is told by its value, never by a difference).
"""

from dataclasses import dataclass
from typing import Final, Literal

from sim_core import Lab
from sim_core.lab import View

RUNNING: Final = 2
STOPPED: Final = 4
HEARTBEAT: Final = 8


@dataclass(frozen=True)
class ViewKey:
    """What a view shows: `first` and `count` are blocks at level cells, pages at level pages.

    At level window they are those of the first run; `runs` runs begin `stride` blocks apart.
    """

    level: Literal["cells", "pages", "window"]
    first: int
    count: int
    runs: int = 1
    stride: int = 0


class SharedView:
    """One distinct view of a lab, its latest delta and, when somebody needs it, its keyframe.

    Args:
        number: how frames and `subscribe` name it; it survives a new lab under the same view.
        key: what it shows.
        lab: the lab it is cut from.
    """

    def __init__(self, number: int, key: ViewKey, lab: Lab, cells_max: int) -> None:
        self.number = number
        self.key = key
        self.seq = 0
        self._view = _core_view(lab, key, cells_max)
        self._delta: bytes | None = None
        self._keyframe: bytes | None = None

    def changed(self, lab: Lab) -> bool:
        """Whether the lab has moved on since the latest delta (or there is none yet)."""
        return lab.changed(self._view)

    def advance(self, lab: Lab, flags: int, lateness_us: int) -> None:
        """Cut the next delta; the first frame of a view is a keyframe."""
        base = self.seq
        self.seq += 1
        data = lab.cut(self._view, False, flags, self.number, self.seq, base, lateness_us)
        self._delta, self._keyframe = (None, data) if base == 0 else (data, None)

    def frame_after(self, held: int | None, lab: Lab, flags: int) -> bytes:
        """The frame that brings a reader who holds number `held` (None: nothing) up to date."""
        if self._delta is not None and held == self.seq - 1:
            return self._delta
        if self._keyframe is None:
            self._keyframe = lab.cut(self._view, True, flags, self.number, self.seq, 0, 0)
        return self._keyframe


def _core_view(lab: Lab, key: ViewKey, cells_max: int) -> View:
    if key.level == "cells":
        return lab.make_view_cells(key.first, key.count, cells_max)
    if key.level == "window":
        return lab.make_view_window(key.first, key.count, key.runs, key.stride)
    return lab.make_view_pages(key.first, key.count)
