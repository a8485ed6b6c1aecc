"""Frames read as docs/PROTOCOL.md section 5 says, against a picture drawn page by page here."""

from __future__ import annotations

import random
import struct
from contextlib import suppress
from typing import NamedTuple

import pytest

from sim_core.errors import RefusedError
from sim_core.mm import _frames, _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from tests.core.nodes import (
    ALLOCATED,
    FREE,
    HOLE,
    ISOLATE,
    MODELS,
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
    return decoded(_frames.cut(view, node, keyframe, flags, 5, seq, seq - 1, NOW_MS, 40))


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


def seen_by(cells: list[int]) -> int:
    """Every flag that one of the cells has."""
    flags = 0
    for cell in cells:
        flags |= cell & (0xFFFF0000 | MIXED)
    return flags


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("zone", ZONES, ids=["plain", "odd", "large chunks"])
def test_what_a_reader_holds_is_what_the_pages_are(zone: Zone, model: str) -> None:
    draw = random.Random(zone.pages)
    node = booted(zone, model)
    blocks = len(_read.block_types(node))
    views = [(0, blocks, 1), (3, blocks - 5, 1), (0, blocks, 3), (2, blocks - 2, 4)]
    readers: list[tuple[int, int, int, _frames.View, list[int]]] = [
        (first, count, per_cell, _frames.View(False, first, count, per_cell), [])
        for first, count, per_cell in views
    ]
    flags = sparse = 0
    for seq in range(1, 150):
        expected = block_cells(node, zone)
        for i, (first, count, per_cell, view, held) in enumerate(readers):
            frame = cut(view, node, seq)
            assert (frame.flags & KEYFRAME, frame.base_seq) == (
                (KEYFRAME, 0) if seq == 1 else (0, seq - 1)
            )
            assert (frame.first_block, frame.per_cell) == (first, per_cell)
            told = cells_after(held, frame)
            assert told == [
                merged(expected[at : min(at + per_cell, first + count)])
                for at in range(first, first + count, per_cell)
            ]
            readers[i] = (first, count, per_cell, view, told)
            sparse += CHANGED in frame.sections
            flags |= seen_by(told)
        stir(node, zone, draw)
    assert sparse > 50
    # The walk has met everything that a cell can say.
    assert flags & MIXED
    wanted = set(FLAGS) - {"reserved"} - (set() if zone.holes else {"hole", "nothing there"})
    seen = {name for i, name in enumerate(FLAGS) if flags >> 16 >> i & 1}
    if "I5-full" in ROWS[model].aims:  # such a kernel makes none; typing a block by hand still may
        wanted.discard("stray")
        seen.discard("stray")
    assert seen == wanted


def test_the_header_says_which_frame_this_is() -> None:
    node = booted(ZONES[0], "v3.5")
    view = _frames.View(False, 4, 10, 4)
    first = cut(view, node, 1, flags=RUNNING)
    assert first._replace(sections={}) == Frame(
        KEYFRAME | RUNNING, 1, 0, _read.op_of(node), NOW_MS, 5, 3, 6, 7, 4, 4, 40, {}
    )
    node.drain()
    second = cut(view, node, 2, flags=HEARTBEAT | STOPPED)
    assert (second.flags, second.seq, second.base_seq) == (HEARTBEAT | STOPPED, 2, 1)
    assert second.op == first.op + 1


def test_a_keyframe_can_be_repeated_and_says_the_same() -> None:
    node = booted(ZONES[1], "minchan-v2")
    view = _frames.View(False, 0, len(_read.block_types(node)), 1)
    held = cells_after([], cut(view, node, 1))
    again = [_frames.cut(view, node, True, 0, 5, 1, 0, NOW_MS, 0) for _ in range(2)]
    assert again[0] == again[1]
    assert cells_after([], decoded(again[0])) == held
    node.isolate(48)
    assert view.changed(node)
    late = cut(view, node, 1, keyframe=True)  # for one who just came
    assert late.flags & KEYFRAME
    delta = cut(view, node, 2)
    assert not delta.flags & KEYFRAME
    assert cells_after(held, delta) == cells_after([], late) != held
    assert not view.changed(node)
    idle = cut(view, node, 3)
    assert idle.sections[CHANGED] == bytes(8)  # no cell


@pytest.mark.parametrize("model", MODELS)
def test_counts_and_verdicts_are_the_nodes_own(model: str) -> None:
    draw = random.Random(4)
    zone = ZONES[0]
    node = booted(zone, model, aims=0b010010101)
    node.set_watch(node.aims)
    view = _frames.View(False, 0, 32, 1)
    kinds = set()
    for seq in range(1, 120):
        stir(node, zone, draw)
        walked = _read.check(node)
        sections = cut(view, node, seq).sections
        assert list(struct.unpack("<6q", sections[NR_FREE])) == _read.nr_free(node)
        lengths = struct.unpack("<42I", sections[LISTS])
        assert [list(lengths[i : i + 6]) for i in range(0, 42, 6)] == _read.lengths(node)
        queued = struct.unpack("<3I", sections[PCP])
        assert list(queued) == [
            sum(len(_read.pcp_pfns(node, 0, order, mt)) << order for order in range(4))
            for mt in range(3)
        ]
        for i, (holds, order, mt, expected, got, first) in enumerate(walked):
            said, at, of, zeros, wanted, found, since = struct.unpack_from(
                "<Bbb5sqqQ", sections[VERDICTS], 32 * i
            )
            aimed = node.aims >> i & 1
            kinds.add(said)
            assert said == ((0 if holds else 1) if aimed else (3 if holds else 2))
            assert zeros == bytes(5)
            assert since == first
            if not holds and _read.IDENTITY_NAMES[i] != "I5-iso":
                assert (at, of, wanted, found) == (order, mt, expected, got)
        assert len(sections[VERDICTS]) == 32 * len(walked)
    assert kinds == {0, 1, 2, 3}


def test_a_pages_view_has_one_section_and_holes_beyond_the_zone() -> None:
    zone = ZONES[1]
    node = booted(zone, "v3.5")
    view = _frames.View(True, 30, 100, 1)
    for seq in (1, 2):
        frame = cut(view, node, seq)
        assert list(frame.sections) == [PAGES]
        assert (frame.cells, frame.first_block) == (100, 0)
        assert bool(frame.flags & KEYFRAME) == (seq == 1)
        payload = frame.sections[PAGES]
        assert struct.unpack_from("<QII", payload) == (30, 100, 0)
        states, attrs = payload[16:116], payload[116:216]
        assert states[:7] == bytes([HOLE << 4]) * 7  # before the zone
        assert states[70:79] == bytes([HOLE << 4]) * 9  # a hole in it
        assert (states[7:], attrs[7:]) == states_of(node, 37, 93)
        node.run_workload(50)
