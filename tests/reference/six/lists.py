"""The list primitives of 6.x, and what each does to the counters."""

from __future__ import annotations

from tests.reference.cells import Era
from tests.reference.vocabulary import (
    HIGHATOMIC,
    ISOLATE,
    MOVABLE,
    RECLAIMABLE,
    UNMOVABLE,
    MigrateType,
)

from .state import ZoneV6


def is_mergeable(mt: MigrateType) -> bool:
    """migratetype_is_mergeable()."""
    return mt in (UNMOVABLE, MOVABLE, RECLAIMABLE)


def account(zone: ZoneV6, pages: int, mt: MigrateType) -> None:
    """account_freepages() of 6.12. 6.1 does the same by hand, wherever ISOLATE could come in."""
    if mt is ISOLATE:
        return
    zone.mod_zone_freepage_state(pages, mt)
    if mt is HIGHATOMIC and zone.cells.era is Era.V6_12:
        zone.nr_free_highatomic += pages


def add(zone: ZoneV6, pfn: int, order: int, mt: MigrateType, *, tail: bool) -> None:
    """__add_to_free_list(): a new free chunk. Not accounted."""
    zone.list_add(pfn, order, mt, tail=tail)
    zone.nr_free[order] += 1


def del_raw(zone: ZoneV6, pfn: int) -> int:
    """__del_page_from_free_list(): the chunk's order. Not accounted."""
    order = zone.list_del(pfn)
    zone.nr_free[order] -= 1
    return order


def delete(zone: ZoneV6, pfn: int) -> int:
    """del_page_from_free_list() of 6.12, by the type of the chunk's first block: its order."""
    order = del_raw(zone, pfn)
    account(zone, -(1 << order), zone.block_type(pfn))
    return order


def move(zone: ZoneV6, pfn: int, old: MigrateType, new: MigrateType) -> int:
    """move_to_free_list() of 6.12, to the tail; old is what the caller says: the chunk's order."""
    order = zone.list_move(pfn, new, tail=True)
    account(zone, -(1 << order), old)
    account(zone, 1 << order, new)
    return order
