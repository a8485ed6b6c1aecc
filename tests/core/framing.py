"""Frames taken apart as docs/PROTOCOL.md section 5 says, and the picture drawn page by page."""

from __future__ import annotations

import random
import struct
from contextlib import suppress
from typing import NamedTuple

from sim_core.errors import RefusedError
from sim_core.mm import _frames, _read
from sim_core.mm._mm import Node
from tests.core.nodes import (
    ALLOCATED,
    FREE,
    HOLE,
    ISOLATE,
    MOVABLE,
    OFFLINE,
    ON_PCP,
    PINNED,
    RESERVED,
    TAIL,
    node_of,
    set_workload,
    states_of,
)

KEYFRAME, RUNNING, STOPPED, HEARTBEAT = 1, 2, 4, 8
NR_FREE, LISTS, CELLS, CHANGED, VERDICTS, PAGES, PCP = range(2, 9)
MOMENT = (1, 0, 0, True, 7, 1, 0)
"""What a frame's section 11 is told."""
NOW_MS = 1.75e12
MIXED = 0x80
FLAGS = (
    "isolated",
    "offline",
    "reserved",
    "pcp",
    "pinned",
    "crossed",
    "stray",
    "hole",
    "all offline",
    "nothing there",
    "unmovable",
    "lru",
    "used",
)
"""Of the third and fourth byte of a cell, from bit 0 up."""


class Frame(NamedTuple):
    flags: int
    seq: int
    base_seq: int
    op: int
    cut_ms: float
    view: int
    cells: int
    orders: int
    migratetypes: int
    per_cell: int
    first_block: int
    lateness_us: int
    sections: dict[int, bytes]


def decoded(data: bytes) -> Frame:
    magic, version, *numbers = struct.unpack_from("<IHHQQQdII", data)
    orders, types, parts, *rest = struct.unpack_from("<BBHIII", data, 48)
    assert (magic, version) == (0x3146535A, 1)
    sections: dict[int, bytes] = {}
    at = 64
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        padded = (size + 7) // 8 * 8
        assert not any(data[at + 8 + size : at + 8 + padded])
        sections[kind] = data[at + 8 : at + 8 + size]
        at += 8 + padded
    assert at == len(data)
    assert len(sections) == parts
    return Frame._make((*numbers, orders, types, *rest, sections))


def cut(
    view: _frames.View, node: Node, seq: int = 1, *, keyframe: bool = False, flags: int = 0
) -> Frame:
    return decoded(_frames.cut(view, node, keyframe, flags, 5, seq, seq - 1, NOW_MS, 40, MOMENT))


def cells_after(cells: list[int], frame: Frame) -> list[int]:
    """The cells of a reader who applies a frame to what it holds."""
    whole, some = frame.sections.get(CELLS), frame.sections.get(CHANGED)
    if whole is not None:
        assert some is None
        return list(struct.unpack(f"<{frame.cells}I", whole))
    assert some is not None
    count, pad = struct.unpack_from("<II", some)
    words = struct.unpack_from(f"<{2 * count}I", some, 8)
    assert (pad, len(some)) == (0, 8 + 8 * count)
    assert list(words[:count]) == sorted(set(words[:count]))
    told = list(cells)
    for index, cell in zip(words[:count], words[count:], strict=True):
        told[index] = cell
    return told


# -- the picture, from the pages alone


class Zone(NamedTuple):
    start_pfn: int
    pages: int
    block_order: int
    max_order: int
    holes: tuple[tuple[int, int], ...] = ()


ZONES = (
    Zone(0, 256, 3, 6),
    Zone(37, 301, 3, 6, ((100, 9), (160, 16))),
    Zone(0, 200, 2, 7, ((120, 8),)),
)


def booted(zone: Zone, model: str, aims: int = 0) -> Node:
    node = node_of(
        model,
        start_pfn=zone.start_pfn,
        spanned_pages=zone.pages,
        pageblock_order=zone.block_order,
        max_order=zone.max_order,
        pcp=(12, 4),
        holes=zone.holes,
        aims=aims,
    )
    node.boot()
    set_workload(node)
    node.fill_workload(50)
    return node


def block_cells(node: Node, zone: Zone) -> list[tuple[int, int, int, int]]:
    """(migratetype, free share, flags, more flags) of each block by what its pages say."""
    states, attrs = states_of(node, zone.start_pfn, zone.pages)
    types = _read.block_types(node)
    head = 0
    blocks: dict[int, list[tuple[int, int, int]]] = {}  # (kind, attribute, order) of each page
    for i, state in enumerate(states):
        if state >> 4 != TAIL:
            head = i
        page = (states[head] >> 4, attrs[head], states[head] & 15)
        blocks.setdefault((zone.start_pfn + i) >> zone.block_order, []).append(page)
    return [
        _cell(types[i], pages, zone.block_order)
        for i, (_, pages) in enumerate(sorted(blocks.items()))
    ]


def _cell(
    mt: int, pages: list[tuple[int, int, int]], block_order: int
) -> tuple[int, int, int, int]:
    kinds = {kind for kind, _, _ in pages}
    there = [page for page in pages if page[0] != HOLE]
    free = [page for page in there if page[0] == FREE]
    used = [page for page in there if page[0] in (ALLOCATED, PINNED)]
    stray = any((attr & 7 == ISOLATE) != (mt == ISOLATE) for _, attr, _ in free)
    flags = (
        mt == ISOLATE,
        OFFLINE in kinds,
        RESERVED in kinds,
        ON_PCP in kinds,
        PINNED in kinds,
        any(order > block_order for _, _, order in there),
        stray,
        HOLE in kinds,
    )
    more = (
        bool(there) and all(kind == OFFLINE for kind, _, _ in there),
        kinds <= {RESERVED, HOLE},
        any(not attr & 8 for _, attr, _ in used),
        any(attr & 8 for _, attr, _ in used),
        bool(used),
    )
    return mt, _share(len(free), len(there)), _bits(flags), _bits(more)


def _share(free: int, pages: int) -> int:
    if free in (0, pages):
        return 255 if free else 0
    return min(max(free * 255 // pages, 1), 254)


def _bits(flags: tuple[bool, ...]) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def merged(cells: list[tuple[int, int, int, int]]) -> int:
    """One cell for several blocks, as the frame has it."""
    types = [mt for mt, _, _, _ in cells]
    commonest = min(set(types), key=lambda mt: (-types.count(mt), mt))
    every, some, flags = 3, 0, 0
    for _, _, block_flags, block_more in cells:
        flags |= block_flags
        every &= block_more
        some |= block_more & ~3
    share = _share(sum(share for _, share, _, _ in cells), 255 * len(cells))
    mixed = MIXED if len(set(types)) > 1 else 0
    return commonest | mixed | share << 8 | flags << 16 | (every | some) << 24


def stir(node: Node, zone: Zone, draw: random.Random) -> None:
    """Something that a person may do, or some turns of the workload; refusals change nothing."""
    pfn = zone.start_pfn + draw.randrange(zone.pages)
    block = (pfn >> zone.block_order) - (zone.start_pfn >> zone.block_order)
    node.run_workload(draw.randrange(3))
    with suppress(RefusedError):
        draw.choice(
            (
                lambda: node.isolate(pfn),
                lambda: node.unisolate(pfn, MOVABLE),
                lambda: node.set_block_type(pfn, draw.randrange(ISOLATE), draw.random() < 0.5),
                lambda: node.free_block(block),
                lambda: node.offline(block, 1 + draw.randrange(2)),
                lambda: node.online(block, 1),
                lambda: node.pin(pfn),
                lambda: node.drain(),
            )
        )()
