"""Frames of every model and shape of zone against a picture drawn page by page."""

from __future__ import annotations

import random
import struct

import pytest

from sim_core.mm import _frames, _read
from sim_core.models import ROWS
from tests.core.framing import (
    CHANGED,
    FLAGS,
    HEARTBEAT,
    KEYFRAME,
    LISTS,
    MIXED,
    MOMENT,
    NOW_MS,
    NR_FREE,
    PAGES,
    PCP,
    RUNNING,
    STOPPED,
    VERDICTS,
    ZONES,
    Frame,
    Zone,
    block_cells,
    booted,
    cells_after,
    cut,
    decoded,
    merged,
    stir,
)
from tests.core.nodes import HOLE, MODELS, states_of


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
    again = [_frames.cut(view, node, True, 0, 5, 1, 0, NOW_MS, 0, MOMENT) for _ in range(2)]
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
