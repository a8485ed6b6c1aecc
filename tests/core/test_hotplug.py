"""Offlining and onlining as offline_pages and online_pages go about it, with their refusals."""

from __future__ import annotations

import errno
import random

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from tests.core.breaking import models_of
from tests.core.nodes import (
    ALLOCATED,
    MODELS,
    MOVABLE,
    OFFLINE,
    PINNED,
    UNMOVABLE,
    kind_of,
    lists_of,
    node_of,
    set_workload,
    types_of,
)


def zone(pages: int, *, block: int = 4, top: int = 5) -> Node:
    node = node_of("v3.5", spanned_pages=pages, pageblock_order=block, max_order=top)
    node.boot()
    return node


def lru_pages(node: Node, count: int) -> list[int]:
    found = []
    for _ in range(count):
        pfn = node.alloc(0, MOVABLE, True)
        assert pfn is not None
        found.append(pfn)
    return found


def test_lru_pages_are_migrated_and_keep_their_handles() -> None:
    node = zone(256)
    pfns = lru_pages(node, 100)
    handles = {pfn: _read.handle_at(node, pfn) for pfn in pfns}
    block = pfns[0] // 16
    inside = [pfn for pfn in pfns if pfn // 16 == block]
    assert node.offline(block, 1) == 0
    assert {kind_of(node, pfn) for pfn in range(block * 16, block * 16 + 16)} == {OFFLINE}
    for pfn in inside:
        now = _read.pfn_of(node, handles[pfn])
        assert now is not None
        assert now // 16 != block
        assert kind_of(node, now) == ALLOCATED
    assert _read.stats(node)["migrated"] == len(inside)


def test_more_than_one_batch_of_256_pages_is_migrated() -> None:
    node = zone(4096, block=9, top=11)
    pfns = lru_pages(node, 1500)
    block = pfns[0] // 512
    assert sum(pfn // 512 == block for pfn in pfns) > 256
    assert node.offline(block, 1) == 0
    assert types_of(node)[block] == "MOVABLE"


def test_a_page_that_cannot_move_is_ebusy_and_nothing_is_moved() -> None:
    node = zone(64)
    pfns = lru_pages(node, 5)
    stuck = node.alloc(0, MOVABLE, False)
    assert stuck is not None
    assert stuck // 16 == pfns[0] // 16
    assert node.offline(stuck // 16, 1) == -errno.EBUSY
    assert _read.stats(node)["migrated"] == 0
    assert all(kind_of(node, pfn) == ALLOCATED for pfn in pfns)


def test_a_pinned_page_lets_the_others_go_and_times_out() -> None:
    node = zone(64)
    pfns = lru_pages(node, 5)
    node.pin(pfns[2])
    block = pfns[0] // 16
    assert node.offline(block, 1) == -errno.EAGAIN
    assert _read.stats(node)["migrated"] == 4
    assert [pfn for pfn in pfns if kind_of(node, pfn) in (ALLOCATED, PINNED)] == [pfns[2]]
    assert kind_of(node, pfns[2]) == PINNED
    node.unpin(pfns[2])
    assert node.offline(block, 1) == 0


def test_no_target_is_enomem_and_what_was_moved_stays_moved() -> None:
    node = zone(64)
    lru_pages(node, 61)
    node.drain()
    block = next(
        b
        for b in range(4)
        if all(kind_of(node, p) == ALLOCATED for p in range(b * 16, b * 16 + 16))
    )
    assert node.offline(block, 1) == -errno.ENOMEM
    assert _read.stats(node)["migrated"] == 3
    assert types_of(node)[block] == "MOVABLE"


def test_blocks_of_a_refused_range_come_back_movable_whatever_they_were() -> None:
    node = node_of("v3.5", spanned_pages=32, pageblock_order=4, max_order=5)
    for pfn in (0, 16):
        node.set_block_type(pfn, UNMOVABLE, False)
    node.boot_free(16, 4)
    assert node.alloc(4, UNMOVABLE, False) == 16
    node.boot_free(0, 4)
    assert lists_of(node) == {"UNMOVABLE": {4: [0]}}
    assert node.offline(0, 2) == -errno.EBUSY
    assert types_of(node) == ["MOVABLE", "UNMOVABLE"]
    assert lists_of(node) == {"MOVABLE": {4: [0]}}


def test_blocks_that_do_not_fit_are_refused_before_the_kernel_runs() -> None:
    node = zone(64)
    assert node.offline(1, 1) == 0
    digest, op = _read.digest(node), _read.op_of(node)
    for method, block, count in (
        (node.offline, 1, 1),
        (node.offline, 3, 2),
        (node.offline, 4, 1),
        (node.online, 0, 1),
        (node.online, 1, 0),
    ):
        with pytest.raises(RefusedError) as caught:
            method(block, count)
        assert caught.value.field == "blocks"
    assert (_read.digest(node), _read.op_of(node)) == (digest, op)


@pytest.mark.parametrize("model", MODELS)
def test_long_random_runs_lose_no_page(model: str) -> None:
    draw = random.Random(5)
    node = node_of(
        model, spanned_pages=8192, pageblock_order=9, max_order=11, pcp=None, log_records=1 << 12
    )
    node.boot()
    set_workload(node, (70, 10, 6, 6, 3, 1, 1, 1, 1, 1), 55, 65)
    node.fill_workload(60)
    node.start_log()
    i6 = _read.IDENTITY_NAMES.index("I6")
    for _ in range(60):
        node.run_workload(500)
        block = draw.randrange(16)
        for act in (
            lambda b=block: node.isolate(b * 512),
            lambda b=block: node.free_block(b),
            lambda b=block: node.offline(b, 1),
            lambda b=block: node.online(b, 1),
        ):
            if draw.random() < 0.5:
                try:
                    act()
                except RefusedError:
                    continue
        assert _read.check(node)[i6][0]


def test_a_full_zone_turns_to_freeing() -> None:
    node = zone(256)
    set_workload(node, (1,), 100, 100)
    tally = node.run_workload(1000)
    assert tally["failed"] >= 1
    assert tally["freed"] >= 3 * tally["failed"]
    assert tally["idle"] == 0


def test_booting_whole_chunks_is_booting_64_pages_at_a_time() -> None:
    for start, pages in ((0, 8192), (96, 5000), (1, 3000)):
        whole = node_of(
            "v3.5", start_pfn=start, spanned_pages=pages, pageblock_order=9, max_order=11, pcp=None
        )
        whole.boot()
        piece = node_of(
            "v3.5", start_pfn=start, spanned_pages=pages, pageblock_order=9, max_order=11
        )
        pfn = start
        while pfn < start + pages:
            aligned = pfn % 64 == 0 and pfn + 64 <= start + pages
            piece.boot_free(pfn, 6 if aligned else 0)
            pfn += 64 if aligned else 1
        reserve = _read.block_types(whole)
        for block, mt in enumerate(reserve):
            if mt != _read.block_types(piece)[block]:
                piece.set_block_type(max(start, (start // 512 + block) * 512), mt, True)
        assert lists_of(whole) == lists_of(piece)
        assert _read.nr_free(whole) == _read.nr_free(piece)


@pytest.mark.parametrize("model", models_of("a b c d e e2"))
def test_pages_that_go_round_inside_the_range_end_the_offlining_as_its_time_would(
    model: str,
) -> None:
    """3.x isolates a partial first block by type alone: its free pages stay on their lists.

    Migration falls back to them, which types the block MOVABLE; from there on each page that moves
    away makes room for the next one, in the range. (3.19 does not type a block that is not half
    free, and 6.x refuses to isolate this one.)
    """
    node = node_of(model, start_pfn=2, spanned_pages=29, pageblock_order=4, max_order=6, pcp=(2, 1))
    node.boot()
    node.alloc(0, MOVABLE, True)
    node.isolate(3)
    for order, mt, lru in (
        (1, MOVABLE, False), (0, MOVABLE, False), (0, MOVABLE, True), (2, MOVABLE, True),
        (2, UNMOVABLE, False),
    ):  # fmt: skip
        node.alloc(order, mt, lru)
    assert node.offline(0, 1) == 0
    node.alloc(1, MOVABLE, False)
    node.free(16)
    assert node.online(0, 1) == 0
    node.alloc(1, UNMOVABLE, False)
    node.free(24)
    node.fill_block(1, 0, MOVABLE, True, 8)
    for pfn in (2, 5, 6, 7, 8, 4):
        node.free(pfn)
    assert types_of(node)[0] == "UNMOVABLE"
    assert node.offline(0, 1) == -errno.EAGAIN
    assert types_of(node)[0] == "MOVABLE"
    assert _read.stats(node)["migrated"] > 100
    assert _read.check(node)[-1][0]


@pytest.mark.parametrize(
    ("model", "listed"),
    [("v3.5", "MOVABLE"), ("v3.7", "MOVABLE"), ("v3.8", "ISOLATE"), ("v3.19", "ISOLATE")],
)
def test_strays_are_moved_to_isolate_before_the_offlining_fails(model: str, listed: str) -> None:
    """From 3.8 to 3.19 the test that all is free does it; here to a page of a partial last block.

    What fails is the page after it, which is half freed. Nobody moves a partial block's chunks when
    isolation ends, so the page stays on that list.
    """
    node = node_of(model, spanned_pages=14)
    node.boot()
    taken = [node.alloc(0, MOVABLE, True) for _ in range(6)]
    assert taken == [12, 13, 8, 9, 10, 11]
    node.free(12)
    node.free_begin(13)
    assert node.offline(3, 1) == -errno.EBUSY
    assert types_of(node)[3] == "MOVABLE"
    assert lists_of(node)[listed] == {0: [12]}


@pytest.mark.parametrize("model", list(ROWS))
def test_only_6_x_takes_an_end_that_goes_offline_off_the_span(model: str) -> None:
    lab = Lab(
        LabConfig(spanned_pages=8192, pageblock_order=9, max_order=10, model=model, log_bytes=0)
    )
    shrinks = model.startswith("v6")
    for block, spanned in ((15, 7680), (0, 7168), (4, 7168)):
        assert lab.offline(block).errno is None
        assert lab.counters()["spanned"] == (spanned if shrinks else 8192)
    lab.online(15)
    assert lab.counters()["spanned"] == (7680 if shrinks else 8192)
    for block in range(16):
        if lab.preview([block])["info"]["offline"] == 0:
            lab.offline(block)
    assert lab.counters()["spanned"] == (0 if shrinks else 8192)
