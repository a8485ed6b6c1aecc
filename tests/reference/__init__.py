"""A slow and plain model of one zone, to hold the simulator against.

It shares nothing with the simulator: it is written from the description of the kernel functions
and never reads the model table. `ReferenceZone` is the face. The files beside it are one subject
each: `cells` what differs by kernel, `state` the zone's data, `buddy`, `rmqueue`, `pcp`,
`isolation`, `isolate_range`, `boot`, `hotplug` the steps of 3.x, `watermark` pure functions,
`migrating` pages on their way, `observe` and `replay` the reading side. The folder `six` holds the
steps of 6.x. The folder `node` puts zones together to a node, with what happens when memory runs
out; `around` is what a zone asks of it.
"""

from __future__ import annotations

from .cells import KERNELS, MINCHAN_V1, MINCHAN_V2, V3_5, Cells, MoveCount
from .errors import KernelBug, Refused
from .hotplug import OfflineResult
from .kernel import PcpList
from .pages import PageState
from .vocabulary import MigrateType
from .watermark import PcpSizes, Watermarks
from .zone import ReferenceZone

__all__ = [
    "KERNELS",
    "MINCHAN_V1",
    "MINCHAN_V2",
    "V3_5",
    "Cells",
    "KernelBug",
    "MigrateType",
    "MoveCount",
    "OfflineResult",
    "PageState",
    "PcpList",
    "PcpSizes",
    "ReferenceZone",
    "Refused",
    "Watermarks",
]
