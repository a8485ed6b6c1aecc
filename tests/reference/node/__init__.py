"""A whole node: several zones, the walk over them, and what happens when memory runs out.

`ReferenceNode` is the face. The files beside it are one subject each: `zone` one zone of a node,
`state` the node's data, `sizes` and `setup` watermarks and reserves, `zonelist` a request,
`slowpath` its long way, `livelock` the verdict on one that goes round, `reclaim`, `kswapd`, `oom`,
and `surroundings` what the zones themselves ask of the node.
"""

from __future__ import annotations

from .node import ReferenceNode
from .state import Kswapd
from .zone import NodeZone, Sort
from .zonelist import Request, Verdict

__all__ = ["Kswapd", "NodeZone", "ReferenceNode", "Request", "Sort", "Verdict"]
