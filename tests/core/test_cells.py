"""Frames of the core: deltas add up to the keyframe, and a cell says what its pages are."""

from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import RefusedError
from sim_core.mm import _read

NUMBERS, NR_FREE, LISTS, CELLS, CHANGED, VERDICTS, PAGES, PCP = range(1, 9)
ISOLATED, OFFLINE, RESERVED, ON_PCP, PINNED, CROSSED, STRAY, HOLE = (1 << i for i in range(8))
ALL_OFFLINE, NOTHING, UNMOVABLE, LRU, USED = (1 << i for i in range(5))


def sections(frame: bytes) -> dict[int, bytes]:
    found, at = {}, 64
    while at < len(frame):
        kind, size = struct.unpack_from("<II", frame, at)
        found[kind] = frame[at + 8 : at + 8 + size]
        at += 8 + (size + 7) // 8 * 8
    assert at == len(frame)
    return found


def cells_after(cells: list[int], frame: bytes) -> list[int]:
    """The cells of a reader who applies a frame."""
    parts = sections(frame)
    if CELLS in parts:
        return list(struct.unpack(f"<{len(parts[CELLS]) // 4}I", parts[CELLS]))
    count = struct.unpack_from("<I", parts[CHANGED])[0]
    words = struct.unpack_from(f"<{2 * count}I", parts[CHANGED], 8)
    told = list(cells)
    for index, cell in zip(words[:count], words[count:], strict=True):
        told[index] = cell
    return told


def churn(lab: Lab, draw: random.Random) -> None:
    block = draw.randrange(lab.nr_pageblocks)
    lab.run_workload(draw.randrange(40))
    verbs = (lab.isolate, lab.unisolate, lab.free_block, lab.offline, lab.online, lab.pin_block)
    with suppress(RefusedError):
        draw.choice(verbs)(block)


@pytest.mark.parametrize("per_cell", [1, 4])
def test_deltas_add_up_to_the_keyframe(per_cell: int) -> None:
    draw = random.Random(3)
    lab = Lab(LabConfig(spanned_pages=1 << 17, fill_percent=50, log_bytes=0))
    view = lab.make_view_cells(0, None, 256 // per_cell)
    assert view.per_cell == per_cell
    cells: list[int] = []
    small = 0
    for seq in range(1, 200):
        frame = lab.cut(view, False, 0, 1, seq, seq - 1, 0)
        small += CHANGED in sections(frame)
        cells = cells_after(cells, frame)
        assert cells == cells_after([], lab.cut(view, True, 0, 1, seq, 0, 0))
        churn(lab, draw)
    assert small > 100


def test_a_keyframe_disturbs_no_delta() -> None:
    lab = Lab(LabConfig(fill_percent=50, log_bytes=0))
    one, other = lab.make_view_cells(), lab.make_view_cells()
    lab.cut(one, False, 0, 1, 1, 0, 0)
    lab.cut(other, False, 0, 1, 1, 0, 0)
    lab.run_workload(50)
    lab.cut(one, True, 0, 1, 1, 0, 0)
    first = sections(lab.cut(one, False, 0, 1, 2, 1, 0))
    assert first == sections(lab.cut(other, False, 0, 1, 2, 1, 0))
    assert not lab.changed(one)


def test_a_frame_has_the_books_of_its_operation() -> None:
    lab = Lab(LabConfig(spanned_pages=16384, fill_percent=60, log_bytes=0))
    lab.run_workload(1000)
    lab.isolate(5)
    frame = lab.cut(lab.make_view_cells(), False, 2, 9, 1, 0, 77)
    parts = sections(frame)
    assert struct.unpack_from("<Q", frame, 24)[0] == lab.op
    assert struct.unpack_from("<H", frame, 6)[0] == 2 | 1
    assert struct.unpack_from("<I", frame, 60)[0] == 77
    numbers = struct.unpack(f"<{len(lab.COUNTERS)}q", parts[NUMBERS])
    assert dict(zip(lab.COUNTERS, numbers, strict=True)) == lab.counters()
    assert list(struct.unpack("<11q", parts[NR_FREE])) == lab.nr_free()
    lengths = struct.unpack("<77I", parts[LISTS])
    assert [list(lengths[i : i + 11]) for i in range(0, 77, 11)] == list(lab.lists().values())
    assert sum(struct.unpack("<3I", parts[PCP])) == lab.counters()["pcp"]


def cell(lab: Lab, block: int) -> tuple[int, int, int, int]:
    """(migratetype, free share, flags, more flags)."""
    frame = lab.cut(lab.make_view_cells(block, 1), False, 0, 1, 1, 0, 0)
    mt, share, flags, more = struct.unpack("<4B", sections(frame)[CELLS])
    return mt, share, flags, more


def test_a_cell_says_what_its_pages_are() -> None:
    # Blocks of 4 pages; the two lowest are RESERVE. The highest is allocated from first.
    lab = Lab(
        LabConfig(
            spanned_pages=24, pageblock_order=2, max_order=3, pcp_high=6, pcp_batch=1, log_bytes=0
        )
    )
    assert cell(lab, 5) == (2, 255, 0, 0)
    assert lab.alloc(0, "MOVABLE").pfn == 20
    assert cell(lab, 5) == (2, 191, 0, LRU | USED)
    assert lab.alloc(0, "MOVABLE", lru=False).pfn == 21
    assert cell(lab, 5) == (2, 127, 0, LRU | UNMOVABLE | USED)
    lab.pin(21)
    assert cell(lab, 5)[2] == PINNED
    lab.unpin(21)
    lab.free(21)
    assert cell(lab, 5) == (2, 127, ON_PCP, LRU | USED)
    assert lab.isolate(5).errno is None  # drains: the page comes back as MOVABLE, inside ISOLATE
    mt, share, flags, _ = cell(lab, 5)
    assert (mt, share, flags) == (6, 191, ISOLATED | STRAY)
    assert lab.offline(4).errno is None
    assert cell(lab, 4) == (2, 0, OFFLINE, ALL_OFFLINE)


def test_a_chunk_of_two_blocks_crosses_a_border() -> None:
    lab = Lab(LabConfig(spanned_pages=8192, log_bytes=0))
    assert {cell(lab, block)[2] for block in range(16)} == {CROSSED}
    lab.isolate(8)
    assert cell(lab, 8)[2] == CROSSED | ISOLATED
    # The chunk goes whole to ISOLATE: the block beside it has its pages there and is not isolated.
    assert cell(lab, 9)[2] == CROSSED | STRAY


def test_holes_and_reserved_pages_are_told_apart() -> None:
    lab = Lab(
        LabConfig(
            start_pfn=2, spanned_pages=30, pageblock_order=2, max_order=3, holes=((8, 4), (13, 1)),
            log_bytes=0,
        )
    )  # fmt: skip
    assert cell(lab, 2)[2:] == (HOLE, NOTHING)
    assert cell(lab, 3)[2] & HOLE
    assert cell(lab, 3)[1] == 255  # all of the pages that are there are free


def test_pages_are_told_one_by_one() -> None:
    lab = Lab(LabConfig(spanned_pages=8192, pageblock_order=4, fill_percent=60, log_bytes=0))
    view = lab.make_view_pages(4000, 300)
    payload = sections(lab.cut(view, False, 0, 2, 1, 0, 0))[PAGES]
    first, count, pad = struct.unpack_from("<QII", payload)
    assert (first, count, pad) == (4000, 300, 0)
    told = [(payload[16 + i], payload[316 + i]) for i in range(300)]
    assert told == [_read.page_record(lab.node, 4000 + i) for i in range(300)]
    beyond = sections(lab.cut(lab.make_view_pages(8190, 4), False, 0, 2, 1, 0, 0))[PAGES]
    assert beyond[18:20] == b"\x70\x70"
