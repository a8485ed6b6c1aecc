"""Sizing a node: at boot, after hotplug, and when min_free_kbytes is written."""

from __future__ import annotations

from . import sizes
from .state import NodeState


def init_per_zone_wmark_min(node: NodeState, given_kbytes: int | None = None) -> None:
    """Everything that goes by the zones' sizes. given_kbytes: in place of the derived number."""
    derived = sizes.min_free_kbytes(node.cells.era, [zone.sized for zone in node.zones])
    setup_per_zone_wmarks(node, derived if given_kbytes is None else given_kbytes)
    reserves = sizes.lowmem_reserves(node.cells, [zone.sized for zone in node.zones])
    for zone, reserve in zip(node.zones, reserves, strict=True):
        zone.lowmem_reserve = reserve


def setup_per_zone_wmarks(node: NodeState, kbytes: int) -> None:
    """Watermarks, and with each zone's what goes by them: RESERVE blocks, pcp limits of 6.x."""
    node.min_free_kbytes = kbytes
    marks = sizes.node_watermarks(node.cells.era, kbytes, [zone.sized for zone in node.zones])
    for zone, watermarks in zip(node.zones, marks, strict=True):
        zone.set_watermarks(watermarks)
