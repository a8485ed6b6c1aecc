"""A window's frames: single blocks of the rectangle that a map has in sight, byte by byte."""

from __future__ import annotations

import random
import struct

import pytest

from sim_core import Lab, LabConfig
from sim_core.mm import _frames, _read
from tests.core.framing import (
    CELLS,
    CHANGED,
    KEYFRAME,
    MOMENT,
    NOW_MS,
    ZONES,
    Zone,
    block_cells,
    booted,
    cells_after,
    cut,
    decoded,
    merged,
    stir,
)

WINDOW = 9
SHAPES = (
    (0, 1, 1, 1),
    (3, 4, 1, 4),
    (5, 2, 3, 8),
    (0, 8, 4, 8),
    (7, 2, 4, 8),
)
"""First block, blocks of a run, runs, stride; the last ends with the zone of 32 blocks."""


def blocks_of(first: int, run: int, runs: int, stride: int, end: int) -> list[int]:
    """The blocks of a window, in the order of its cells."""
    rows = [range(first + r * stride, first + r * stride + run) for r in range(runs)]
    return [block for row in rows for block in row if block < end]


@pytest.mark.parametrize("zone", ZONES, ids=["plain", "odd", "large chunks"])
def test_what_a_reader_holds_is_what_the_blocks_are(zone: Zone) -> None:
    draw = random.Random(zone.pages)
    node = booted(zone, "v3.5")
    end = len(_read.block_types(node))
    shown = [blocks_of(*shape, end) for shape in SHAPES]
    views = [
        _frames.View(False, first, len(blocks), 1, run, stride)
        for (first, run, _, stride), blocks in zip(SHAPES, shown, strict=True)
    ]
    held: list[list[int]] = [[] for _ in SHAPES]
    sparse = 0
    for seq in range(1, 120):
        expected = block_cells(node, zone)
        for i, (first, run, runs, stride) in enumerate(SHAPES):
            frame = cut(views[i], node, seq)
            assert bool(frame.flags & KEYFRAME) == (seq == 1)
            assert (frame.cells, frame.per_cell, frame.first_block) == (len(shown[i]), 1, first)
            assert frame.sections[WINDOW] == struct.pack("<4I", run, runs, stride, 0)
            assert len(frame.sections) == 2
            held[i] = cells_after(held[i], frame)
            assert held[i] == [merged([expected[block]]) for block in shown[i]]
            sparse += CHANGED in frame.sections
        stir(node, zone, draw)
    assert sparse > 50


def test_a_keyframe_is_these_bytes_and_no_others() -> None:
    node = booted(ZONES[0], "v3.5")
    view = _frames.View(False, 5, 4, 1, 2, 8)
    data = _frames.cut(view, node, False, 2, 9, 3, 2, NOW_MS, 40, MOMENT)
    cells = [merged([block_cells(node, ZONES[0])[block]]) for block in (5, 6, 13, 14)]
    op = _read.op_of(node)
    assert data == struct.pack(
        "<IHHQQQdIIBBHIII II4I II4I",
        *(0x3146535A, 1, 2 | KEYFRAME, 3, 0, op, NOW_MS, 9, 4, 6, 7, 2, 1, 5, 40),
        *(WINDOW, 16, 2, 2, 8, 0),
        *(CELLS, 16, *cells),
    )
    node.isolate(decoded(data).first_block << ZONES[0].block_order)
    frame = decoded(_frames.cut(view, node, False, 0, 9, 4, 3, NOW_MS, 40, MOMENT))
    assert cells_after(cells, frame) != cells


def test_a_lab_cuts_the_last_run_at_the_zones_end() -> None:
    lab = Lab(LabConfig(spanned_pages=30 * 512, fill_percent=50, log_bytes=0))
    view = lab.make_view_window(24, 4, 2, 4)
    assert (view.first, view.count, view.run, view.stride) == (24, 6, 4, 4)
    frame = decoded(lab.cut(view, False, 0, 1, 1, 0, 0))
    whole = decoded(lab.cut(lab.make_view_cells(), False, 0, 1, 1, 0, 0))
    assert cells_after([], frame) == cells_after([], whole)[24:]


def test_in_a_zone_of_a_tebibyte_the_last_block_is_seen_alone() -> None:
    lab = Lab(LabConfig(spanned_pages=1 << 28, log_bytes=0))
    whole, near = lab.make_view_cells(), lab.make_view_window(524_288 - 1026, 2, 2, 1024)
    assert (whole.cells, whole.per_cell) == (65_536, 8)
    before = [cells_after([], decoded(lab.cut(v, False, 0, 1, 1, 0, 0))) for v in (whole, near)]
    lab.isolate(524_287)
    changed = [decoded(lab.cut(v, False, 0, 1, 2, 1, 0)) for v in (whole, near)]
    after = [cells_after(cells, frame) for cells, frame in zip(before, changed, strict=True)]
    assert [i for i in range(65_536) if before[0][i] != after[0][i]] == [65_535]
    assert after[1][3] & 0x7F == 6
    assert before[1][:2] == after[1][:2]
    assert len(changed[0].sections[CHANGED]) == 8 + 8  # one cell of 65 536
