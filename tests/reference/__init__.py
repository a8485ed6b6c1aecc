"""A slow and plain model of one zone, to hold the simulator against.

It shares nothing with the simulator: it is written from the description of the kernel functions
and never reads the model table. `ReferenceZone` is the face; the files beside it are one subject
each (`state` the zone's data, `buddy`, `pcp`, `isolation`, `boot`, `hotplug` the kernel's steps,
`watermark` pure functions, `observe` and `replay` the reading side).
"""

from __future__ import annotations

from .cells import MINCHAN_V1, MINCHAN_V2, V3_5, Cells, MoveCount
from .errors import KernelBug, Refused
from .hotplug import OfflineResult
from .pages import PageState
from .vocabulary import MigrateType
from .watermark import PcpSizes, Watermarks
from .zone import ReferenceZone

__all__ = [
    "MINCHAN_V1",
    "MINCHAN_V2",
    "V3_5",
    "Cells",
    "KernelBug",
    "MigrateType",
    "MoveCount",
    "OfflineResult",
    "PageState",
    "PcpSizes",
    "ReferenceZone",
    "Refused",
    "Watermarks",
]
