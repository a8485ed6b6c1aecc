"""Migratetypes of Linux 3.5 with CONFIG_CMA and CONFIG_MEMORY_ISOLATION, in enum order."""

from __future__ import annotations

from enum import StrEnum


class MigrateType(StrEnum):
    """A list of free_area, or the type of a pageblock. Members stand in the kernel's enum order."""

    UNMOVABLE = "UNMOVABLE"
    RECLAIMABLE = "RECLAIMABLE"
    MOVABLE = "MOVABLE"
    RESERVE = "RESERVE"
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
CMA = MigrateType.CMA
ISOLATE = MigrateType.ISOLATE

PCP_TYPES = (UNMOVABLE, RECLAIMABLE, MOVABLE)
"""Types that own a pcp list, in list index order; also the only types one can ask for."""

FALLBACKS: dict[MigrateType, tuple[MigrateType, ...]] = {
    UNMOVABLE: (RECLAIMABLE, MOVABLE),
    RECLAIMABLE: (UNMOVABLE, MOVABLE),
    MOVABLE: (CMA, RECLAIMABLE, UNMOVABLE),
}
"""Where a request looks next. RESERVE and ISOLATE are never a source."""
