"""Migratetypes with CONFIG_CMA and CONFIG_MEMORY_ISOLATION, in the enum order of each era."""

from __future__ import annotations

from enum import StrEnum


class MigrateType(StrEnum):
    """A list of free_area, or the type of a pageblock. No kernel has all of them."""

    UNMOVABLE = "UNMOVABLE"
    RECLAIMABLE = "RECLAIMABLE"
    MOVABLE = "MOVABLE"
    RESERVE = "RESERVE"
    """3.x only."""
    HIGHATOMIC = "HIGHATOMIC"
    """6.x only."""
    CMA = "CMA"
    ISOLATE = "ISOLATE"

    @property
    def letter(self) -> str:
        """The one letter that stands for this type in a blocks_crc."""
        return "V" if self is MigrateType.RESERVE else self.value[0]


UNMOVABLE = MigrateType.UNMOVABLE
RECLAIMABLE = MigrateType.RECLAIMABLE
MOVABLE = MigrateType.MOVABLE
RESERVE = MigrateType.RESERVE
HIGHATOMIC = MigrateType.HIGHATOMIC
CMA = MigrateType.CMA
ISOLATE = MigrateType.ISOLATE

TYPES_V3 = (UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, CMA, ISOLATE)
TYPES_V6 = (UNMOVABLE, MOVABLE, RECLAIMABLE, HIGHATOMIC, CMA, ISOLATE)

PCP_TYPES = (UNMOVABLE, RECLAIMABLE, MOVABLE)
"""Types that own a pcp list, in list index order; also the only types one can ask for."""
PCP_TYPES_V6 = (UNMOVABLE, MOVABLE, RECLAIMABLE)

FALLBACKS: dict[MigrateType, tuple[MigrateType, ...]] = {
    UNMOVABLE: (RECLAIMABLE, MOVABLE),
    RECLAIMABLE: (UNMOVABLE, MOVABLE),
    MOVABLE: (CMA, RECLAIMABLE, UNMOVABLE),
}
"""Where a request of 3.x looks next. RESERVE and ISOLATE are never a source."""

FALLBACKS_V6: dict[MigrateType, tuple[MigrateType, ...]] = {
    UNMOVABLE: (RECLAIMABLE, MOVABLE),
    MOVABLE: (RECLAIMABLE, UNMOVABLE),
    RECLAIMABLE: (UNMOVABLE, MOVABLE),
}
"""Where a request of 6.x looks next. CMA has its own rules; HIGHATOMIC and ISOLATE never serve."""
