"""The field's own words, in one place: migratetypes and the numbers they have inside the simulator.

The kernel numbers its migratetypes differently from release to release (RECLAIMABLE and MOVABLE
changed places in 4.4, RESERVE became HIGHATOMIC). Inside the simulator, in frames and on the page
each name has one number for good: its index in MIGRATETYPES.
"""

from typing import Final, Literal, get_args

Migratetype = Literal[
    "UNMOVABLE", "RECLAIMABLE", "MOVABLE", "RESERVE", "HIGHATOMIC", "CMA", "ISOLATE"
]
MIGRATETYPES: Final[tuple[Migratetype, ...]] = get_args(Migratetype)

#: Migratetypes that an allocation may ask for; each has a list on every CPU's pcp.
PCPTYPES: Final[tuple[Migratetype, ...]] = ("UNMOVABLE", "RECLAIMABLE", "MOVABLE")

#: Orders that a CPU keeps at hand; before 6.x order 0 alone.
PCP_ORDERS: Final = 4

#: As /proc/pagetypeinfo spells them (mm/page_alloc.c, migratetype_names).
PROC_NAMES: Final[dict[Migratetype, str]] = {
    "UNMOVABLE": "Unmovable",
    "RECLAIMABLE": "Reclaimable",
    "MOVABLE": "Movable",
    "RESERVE": "Reserve",
    "HIGHATOMIC": "HighAtomic",
    "CMA": "CMA",
    "ISOLATE": "Isolate",
}

ZoneKind = Literal["DMA", "DMA32", "Normal", "HighMem", "Movable"]
ZONE_KINDS: Final[tuple[ZoneKind, ...]] = get_args(ZoneKind)
"""Zones as /proc names them, in the order of enum zone_type; no kernel is built with all five."""

NORMAL: Final = ZONE_KINDS.index("Normal")
"""Kind of a bare zone, whatever it is called."""

LOWMEM_RESERVE_RATIO: Final = {"DMA": 256, "DMA32": 256, "Normal": 32, "HighMem": 32, "Movable": 0}
"""sysctl_lowmem_reserve_ratio as kernels are built; 6.x has 0 for HighMem too."""

PAGE_SIZE: Final = 4096
"""Bytes a page."""

PAGES_PER_MIB: Final = (1 << 20) // PAGE_SIZE

MAX_ORDERS: Final = 15
"""Orders a zone may have at most (max_order is exclusive); a page record keeps 4 bits of order."""


def migratetype_id(name: str) -> int:
    """Index of a migratetype in MIGRATETYPES.

    Raises:
        KeyError: the name is none of the seven.
    """
    return _IDS[name]


_IDS: Final[dict[str, int]] = {name: i for i, name in enumerate(MIGRATETYPES)}
