"""Runs the lines of recorded vectors against a reference zone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .cells import KERNELS, V3_5
from .pages import Kind
from .vocabulary import TYPES_V3
from .zone import ReferenceZone

MODELS = dict(KERNELS)

Line = dict[str, Any]


class Mismatch(NamedTuple):
    """The first field of a line that the zone disagrees with, in the format's check order."""

    line: int
    """1-based, as in the file; line 1 is the header."""
    op: str
    field: str
    expected: object
    got: object


def read_lines(path: Path) -> list[Line]:
    with gzip.open(path, "rt", encoding="ascii") as stream:
        return [json.loads(line) for line in stream]


def zone_of(header: Line) -> ReferenceZone:
    """A zone as the header describes it."""
    return ReferenceZone(
        MODELS[header["model"]],
        start_pfn=header["zone"]["start_pfn"],
        spanned_pages=header["zone"]["spanned_pages"],
        pageblock_order=header["zone"]["pageblock_order"],
        max_order=header["zone"]["max_order"],
        pcp_high=header["pcp"]["high"],
        pcp_batch=header["pcp"]["batch"],
    )


ARGUMENTS = {
    "boot_free": ("pfn", "order"),
    "set_block_type": ("pfn", "mt", "move"),
    "alloc": ("order", "mt"),
    "free": ("pfn", "order"),
    "drain": (),
    "isolate": ("pfn",),
    "unisolate": ("pfn", "mt"),
    "split_free_page": ("pfn",),
    "offline_isolated": ("start_pfn", "nr_pages"),
    "online": ("start_pfn", "nr_pages"),
    "mark_lru": ("pfn", "order", "lru"),
}


def visible_state(zone: ReferenceZone) -> Iterator[tuple[str, object]]:
    """The state fields of a line, in check order."""
    yield "blocks_crc", zone.blocks_crc
    yield (
        "lists",
        {
            mt.value: [len(by_order.get(order, [])) for order in range(zone.state.max_order)]
            for mt, by_order in zone.lists().items()
        },
    )
    yield "lists_crc", zone.lists_crc
    yield "nr_free", zone.nr_free
    yield "nr_free_pages", zone.nr_free_pages
    queued_pages: dict[str, int] = {}
    for mt, order, queued in zone.pcp_lists():
        queued_pages[mt.value] = queued_pages.get(mt.value, 0) + (len(queued) << order)
    yield "pcp", queued_pages
    yield "pcp_crc", zone.pcp_crc
    yield "nr_isolated_blocks", zone.nr_isolated_blocks
    yield "nr_free_cma", zone.nr_free_cma


def first_mismatch(path: Path) -> Mismatch | None:
    """Replay a whole file; None where every field of every call agrees."""
    header, *calls = read_lines(path)
    zone = zone_of(header)
    for number, call in enumerate(calls, start=2):
        op = call["op"]
        ret = getattr(zone, op)(**{name: call[name] for name in ARGUMENTS[op]})
        if ret != call.get("ret"):
            return Mismatch(number, op, "ret", call.get("ret"), ret)
        for field, got in visible_state(zone):
            if got != call.get(field):
                return Mismatch(number, op, field, call.get(field), got)
    return None


# -- zone-watermark/1, kind migrate_reserve

_TYPE_OF_LETTER = {mt.letter: mt for mt in TYPES_V3}


def reserve_zone_of(row: Line) -> ReferenceZone:
    """The v3.5 zone of a migrate_reserve line, before the function runs."""
    zone = ReferenceZone(
        V3_5,
        start_pfn=row["start_pfn"],
        spanned_pages=row["spanned_pages"],
        pageblock_order=row["pageblock_order"],
        max_order=row["max_order"],
    )
    block_pages = zone.state.block_pages
    for block, letter in enumerate(row["blocks"]):
        zone.set_block_type(row["start_pfn"] + block * block_pages, _TYPE_OF_LETTER[letter])

    reserved = _frames(row["reserved"])
    in_use = _frames(row["allocated"]) - reserved
    for pfn in in_use:
        zone.state.make_chunk(pfn, 0, Kind.ALLOCATED)
    pfn = zone.state.start_pfn
    while pfn < zone.state.end_pfn:
        if pfn in reserved or pfn in in_use:
            pfn += 1
            continue
        order = _largest_free_order(zone, pfn, reserved | in_use)
        zone.boot_free(pfn, order)
        pfn += 1 << order
    return zone


def reserve_outcome(zone: ReferenceZone) -> Line:
    """What an entry of the line's `after` states."""
    return {
        "blocks": zone.blocks,
        "free": {
            mt.value: sum(len(pfns) << order for order, pfns in by_order.items())
            for mt, by_order in zone.lists().items()
        },
        "lists_crc": zone.lists_crc,
        "nr_free_pages": zone.nr_free_pages,
    }


def _frames(ranges: list[tuple[int, int]]) -> set[int]:
    return {pfn for first, nr_pages in ranges for pfn in range(first, first + nr_pages)}


def _largest_free_order(zone: ReferenceZone, pfn: int, taken: set[int]) -> int:
    order = 0
    while order + 1 < zone.state.max_order:
        chunk = range(pfn, pfn + (2 << order))
        if pfn % len(chunk) or chunk.stop > zone.state.end_pfn or not taken.isdisjoint(chunk):
            break
        order += 1
    return order
