"""Runs the lines of a zone-vector/1 file against a reference zone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .cells import MINCHAN_V1, MINCHAN_V2, V3_5
from .zone import ReferenceZone

MODELS = {"v3.5": V3_5, "minchan-v1": MINCHAN_V1, "minchan-v2": MINCHAN_V2}

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
    yield "lists", {
        mt.value: [len(by_order.get(order, [])) for order in range(zone.state.max_order)]
        for mt, by_order in zone.lists().items()
    }
    yield "lists_crc", zone.lists_crc
    yield "nr_free", zone.nr_free
    yield "nr_free_pages", zone.nr_free_pages
    yield "pcp", {mt.value: len(queued) for mt, queued in zone.pcp().items()}
    yield "pcp_crc", zone.pcp_crc


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
            if got != call[field]:
                return Mismatch(number, op, field, call[field], got)
    return None
