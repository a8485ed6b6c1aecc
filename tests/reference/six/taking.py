"""Taking chunks off the buddy lists of 6.x: the smallest that will do, and where to look next."""

from __future__ import annotations

from typing import NamedTuple

from tests.reference.vocabulary import FALLBACKS_V6, MOVABLE, MigrateType

from .lists import add, del_raw
from .state import ZoneV6


def expand(zone: ZoneV6, pfn: int, low: int, high: int, mt: MigrateType) -> None:
    """Give back the upper halves of a chunk of order high until one of order low is left."""
    while high > low:
        high -= 1
        add(zone, pfn + (1 << high), high, mt, tail=False)


def rmqueue_smallest(zone: ZoneV6, order: int, mt: MigrateType) -> int | None:
    """__rmqueue_smallest(), its accounting left to the caller."""
    for current_order in range(order, zone.top + 1):
        free_list = zone.lists[current_order][mt]
        if free_list:
            pfn = free_list[0]
            del_raw(zone, pfn)
            expand(zone, pfn, order, current_order, mt)
            return pfn
    return None


class Fallback(NamedTuple):
    """A chunk of another type that may serve."""

    pfn: int
    order: int
    mt: MigrateType
    """The list it is on."""
    whole: bool
    """Whether all of its block may be tried for."""


def may_take_block(zone: ZoneV6, order: int, start: MigrateType) -> bool:
    """can_steal_fallback(): whether a chunk of this order is reason enough to want its block."""
    return order >= zone.pageblock_order // 2 or start is not MOVABLE


def find_suitable_fallback(zone: ZoneV6, order: int, start: MigrateType) -> Fallback | None:
    """The first chunk of exactly this order that a request for start may fall back on."""
    for mt in FALLBACKS_V6[start]:
        if zone.lists[order][mt]:
            pfn = zone.lists[order][mt][0]
            return Fallback(pfn, order, mt, may_take_block(zone, order, start))
    return None


def find_largest_or_smallest(zone: ZoneV6, order: int, start: MigrateType) -> Fallback | None:
    """The search of 6.1 and of 6.12 as released: largest first.

    Where the block cannot be had, a MOVABLE request would rather split the smallest.
    """
    for current_order in reversed(range(order, zone.top + 1)):
        found = find_suitable_fallback(zone, current_order, start)
        if found is None:
            continue
        if not found.whole and start is MOVABLE and current_order > order:
            return find_smallest(zone, order, start)
        return found
    return None


def find_smallest(zone: ZoneV6, order: int, start: MigrateType) -> Fallback | None:
    """The smallest chunk that a request for start may fall back on."""
    for current_order in range(order, zone.top + 1):
        found = find_suitable_fallback(zone, current_order, start)
        if found is not None:
            return found
    return None
