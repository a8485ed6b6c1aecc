"""What each operation of a node does for a person: results, refusals, and runs that repeat."""

from __future__ import annotations

import errno
import random
from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import (
    ALLOCATED,
    CMA,
    FREE,
    ISOLATE,
    MODELS,
    MOVABLE,
    OFFLINE,
    PINNED,
    RECLAIMABLE,
    RESERVE,
    UNMOVABLE,
    books_of,
    kind_of,
    lists_of,
    node_of,
    pcp_of,
    set_workload,
    types_of,
)

NIL = 0xFFFFFFFF
NAMES = _read.IDENTITY_NAMES


def live(
    model: str = "v3.5",
    pages: int = 64,
    *,
    pcp: tuple[int, int] = (0, 1),
    holes: tuple[tuple[int, int], ...] = (),
    seed: int = 1,
    log_records: int = 0,
) -> Node:
    """A booted zone of 4-page blocks, the lowest two RESERVE; the highest chunk is taken first."""
    node = node_of(
        model, spanned_pages=pages, pcp=pcp, holes=holes, seed=seed, log_records=log_records
    )
    node.boot()
    node.start_log()
    return node


def furnished() -> Node:
    """In use: 4 pages at 44, 1 at 56 (pinned). Offline: 8 to 15. A hole: 40 to 43."""
    node = live(holes=((40, 4),), log_records=4096)
    assert node.alloc(2, MOVABLE, False) == 44
    assert node.alloc(0, UNMOVABLE, False) == 56
    assert node.pin(56) == 0
    assert node.offline(2, 2) == 0
    return node


Act = Callable[[Node], object]

REFUSALS: list[tuple[str, Act, str, str | None]] = [
    ("alloc-order", lambda n: n.alloc(4, MOVABLE, False), "order", "0 … 3"),
    *(
        (
            f"alloc-type-{mt}",
            lambda n, mt=mt: n.alloc(0, mt, False),
            "migratetype",
            "UNMOVABLE, RECLAIMABLE, MOVABLE",
        )
        for mt in (RESERVE, CMA, ISOLATE)
    ),
    ("free-free", lambda n: n.free(16), "pfn", "the first page of an allocated chunk"),
    ("free-tail", lambda n: n.free(45), "pfn", "the first page of an allocated chunk"),
    ("free-pinned", lambda n: n.free(56), "pfn", "a chunk that is not pinned"),
    ("free-other-order", lambda n: n.free(44, 1), "order", "2"),
    ("free-outside", lambda n: n.free(64), "pfn", "0 … 63"),
    ("pin-twice", lambda n: n.pin(56), "pfn", "a chunk that is not pinned"),
    ("pin-free", lambda n: n.pin(16), "pfn", "the first page of an allocated chunk"),
    ("unpin-unpinned", lambda n: n.unpin(44), "pfn", "a pinned chunk"),
    ("lru-unaligned", lambda n: n.mark_lru(45, 1, True), "pfn", "multiples of 2 whose chunk ends"),
    ("lru-free", lambda n: n.mark_lru(16, 0, True), "pfn", "the first page of an allocated chunk"),
    ("isolate-outside", lambda n: n.isolate(64), "pfn", "0 … 63"),
    ("isolate-hole", lambda n: n.isolate(40), "pfn", "a page that is there"),
    ("unisolate-hole", lambda n: n.unisolate(43, MOVABLE), "pfn", "a page that is there"),
    ("unisolate-type", lambda n: n.unisolate(16, ISOLATE), "migratetype", "UNMOVABLE, RECLAIMABLE"),
    ("type-outside", lambda n: n.set_block_type(64, MOVABLE, True), "pfn", "0 … 63"),
    ("split-used", lambda n: n.split_free_page(44), "pfn", "the first page of a chunk on a free"),
    ("split-tail", lambda n: n.split_free_page(17), "pfn", "the first page of a chunk on a free"),
    ("boot-free-order", lambda n: n.boot_free(0, 4), "order", "0 … 3"),
    ("boot-free-unaligned", lambda n: n.boot_free(1, 1), "pfn", "multiples of 2"),
    ("boot-free-used", lambda n: n.boot_free(44, 0), "pfn", None),
    ("offline-isolated-used", lambda n: n.offline_isolated(44, 4), "nr_pages", None),
    ("offline-isolated-long", lambda n: n.offline_isolated(60, 5), "nr_pages", "1 … 4"),
    ("online-pages-free", lambda n: n.online_pages(12, 8), "start_pfn", None),
    ("online-pages-none", lambda n: n.online_pages(12, 0), "nr_pages", "1 … 52"),
    ("offline-offline", lambda n: n.offline(2, 1), "blocks", None),
    ("offline-hole", lambda n: n.offline(10, 1), "blocks", "blocks with pages"),
    ("offline-none", lambda n: n.offline(4, 0), "blocks", "1 … 12"),
    ("offline-long", lambda n: n.offline(15, 2), "blocks", "1 … 1"),
    ("online-online", lambda n: n.online(3, 2), "blocks", None),
    ("free-block", lambda n: n.free_block(16), "blocks", "0 … 15"),
    ("fill-block", lambda n: n.fill_block(16, 0, MOVABLE, True, 9), "blocks", "0 … 15"),
]


@pytest.mark.parametrize(
    ("act", "field", "allowed"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_a_refusal_names_the_field_and_changes_nothing(
    act: Act, field: str, allowed: str | None
) -> None:
    node = furnished()
    before = (_read.digest(node), _read.op_of(node), _read.log_bounds(node))
    with pytest.raises(RefusedError) as caught:
        act(node)
    assert caught.value.field == field
    assert allowed is None or (caught.value.allowed or "").startswith(allowed)
    assert len(str(caught.value)) > 15
    assert (_read.digest(node), _read.op_of(node), _read.log_bounds(node)) == before


def test_none_left_is_none_and_is_counted() -> None:
    node = live()
    got = []
    while (pfn := node.alloc(0, MOVABLE, True)) is not None:
        got.append(pfn)
    assert sorted(got) == list(range(64))  # RESERVE too, as the last resort
    assert books_of(node) == (0, [0, 0, 0, 0])
    assert _read.stats(node)["alloc_failed"] == 1
    assert node.alloc(3, UNMOVABLE, False) is None
    assert _read.stats(node)["alloc_failed"] == 2
    node.free(17)
    assert node.alloc(1, MOVABLE, False) is None  # one page is free, no pair is
    assert node.alloc(0, RECLAIMABLE, False) == 17


def test_buddies_merge_as_far_as_the_largest_order() -> None:
    node = node_of("v3.5", spanned_pages=16)
    node.boot_free(0, 3)
    node.boot_free(8, 3)
    assert [node.alloc(0, MOVABLE, False) for _ in range(8)] == list(range(8, 16))
    assert lists_of(node) == {"MOVABLE": {3: [0]}}
    for pfn, merged in ((9, {0: [9]}), (8, {1: [8]}), (11, {0: [11], 1: [8]}), (10, {2: [8]})):
        node.free(pfn)
        assert lists_of(node)["MOVABLE"] == merged | {3: [0]}
    for pfn in range(12, 16):
        node.free(pfn)
    assert lists_of(node) == {"MOVABLE": {3: [8, 0]}}  # two of the largest stay two


def test_pages_wait_on_the_pcp_list_until_it_is_high_or_drained() -> None:
    node = live(pcp=(6, 3))
    pfns = [node.alloc(0, MOVABLE, True) for _ in range(8)]
    node.drain()
    free = books_of(node)[0]
    for pfn in pfns[:5]:
        assert pfn is not None
        node.free(pfn)
    assert books_of(node)[0] == free
    assert [pfn for pfn, _ in pcp_of(node)["MOVABLE"]] == pfns[4::-1]  # the hot end first
    assert node.alloc(0, MOVABLE, True) == pfns[4]
    for pfn in pfns[4:6]:
        assert pfn is not None
        node.free(pfn)
    assert books_of(node)[0] == free + 3  # the sixth gave a batch of the coldest back
    assert [pfn for pfn, _ in pcp_of(node)["MOVABLE"]] == [pfns[5], pfns[4], pfns[3]]
    node.drain()
    assert pcp_of(node) == {}
    assert books_of(node)[0] == free + 6


def test_a_block_is_isolated_unless_something_in_it_cannot_move() -> None:
    node = live()
    assert node.alloc(0, MOVABLE, True) == 56
    assert node.alloc(0, MOVABLE, False) == 57
    node.set_block_type(56, UNMOVABLE, True)  # a MOVABLE block is isolated unseen
    assert node.isolate(56) == -errno.EBUSY
    assert types_of(node)[14] == "UNMOVABLE"
    node.mark_lru(57, 0, True)
    assert node.isolate(56) == 0
    assert types_of(node)[14] == "ISOLATE"
    assert lists_of(node)["ISOLATE"] == {1: [58]}
    node.unisolate(56, RECLAIMABLE)
    assert types_of(node)[14] == "RECLAIMABLE"
    assert lists_of(node)["RECLAIMABLE"] == {1: [58]}
    before = _read.digest(node)
    node.unisolate(56, MOVABLE)  # not isolated: left alone
    assert _read.digest(node) == before


def test_a_pinned_page_is_out_of_the_workloads_reach_for_good() -> None:
    node = live()
    set_workload(node)
    node.fill_workload(60)
    heads = [pfn for block in range(16) for pfn, _, _ in _read.heads_in_use(node, block)]
    kept = heads[len(heads) // 2]
    handle = _read.handle_at(node, kept)
    node.pin(kept)
    node.run_workload(2000)
    assert kind_of(node, kept) == PINNED
    node.unpin(kept)  # the person's from here on
    node.run_workload(2000)
    assert kind_of(node, kept) == ALLOCATED
    assert _read.pfn_of(node, handle) == kept
    assert node.free(kept) == 0
    assert kind_of(node, kept) != ALLOCATED
    assert _read.pfn_of(node, handle) is None


def test_freeing_a_block_frees_what_begins_in_it_but_for_pinned_pages() -> None:
    node = live(pages=32)
    assert node.alloc(3, UNMOVABLE, False) == 24
    pfns = [node.alloc(0, MOVABLE, True) for _ in range(4)]
    assert pfns == [16, 17, 18, 19]
    node.pin(18)
    tally = node.free_block(4)
    assert (tally["operations"], tally["freed"]) == (3, 3)
    assert [kind_of(node, pfn) for pfn in (16, 18, 19)] == [FREE, PINNED, FREE]
    assert node.free_block(7)["operations"] == 0  # 28 to 31 belong to the chunk at 24
    assert node.free_block(6)["freed"] == 1
    assert kind_of(node, 24) == FREE


def test_filling_a_block_stops_when_it_is_full_at_the_bound_or_when_nothing_is_left() -> None:
    node = live()
    tally = node.fill_block(12, 0, MOVABLE, True, 1000)
    # The allocator does not aim: the chunk at 56 went first.
    assert (tally["allocated"], tally["failed"]) == (12, 0)
    assert _read.block_counts(node, 12)[0]["free"] == 0
    assert _read.block_counts(node, 13)[0]["free"] == 4
    assert node.fill_block(12, 0, MOVABLE, True, 1000)["operations"] == 0
    assert node.fill_block(4, 0, MOVABLE, True, 5)["operations"] == 5
    assert _read.block_counts(node, 4)[0]["free"] == 4
    tally = node.fill_block(4, 2, MOVABLE, False, 1000)
    assert tally["failed"] == 0
    assert _read.block_counts(node, 4)[0]["free"] == 0
    while node.alloc(0, MOVABLE, True) is not None:
        pass
    node.free(_read.heads_in_use(node, 0)[0][0])
    tally = node.fill_block(0, 1, MOVABLE, False, 1000)
    assert (tally["operations"], tally["allocated"], tally["failed"]) == (1, 0, 1)


def test_offline_pages_are_nobodys_until_they_are_online_again() -> None:
    node = live()
    total = books_of(node)[0]
    assert node.offline(8, 2) == 0
    assert {kind_of(node, pfn) for pfn in range(32, 40)} == {OFFLINE}
    assert books_of(node)[0] == total - 8
    got = set()
    while (pfn := node.alloc(0, MOVABLE, True)) is not None:
        got.add(pfn)
    assert got == set(range(64)) - set(range(32, 40))
    assert node.online(8, 2) == 0
    assert node.alloc(3, MOVABLE, False) == 32


# -- runs that repeat


def churned(turns: tuple[int, ...], *, seed: int = 7, watch: bool = False, log: int = 0) -> int:
    node = live("minchan-v2", 256, pcp=(12, 4), seed=seed, log_records=log)
    set_workload(node)
    node.set_watch(0x3F if watch else 0)
    node.isolate(128)
    for n in turns:
        node.run_workload(n)
    assert _read.op_of(node) == 1 + sum(turns)
    return _read.digest(node)


def test_the_workload_is_the_same_in_one_call_in_slices_and_singly() -> None:
    whole = churned((3000,))
    assert churned((1, 997, 2, 2000)) == whole
    assert churned((1,) * 3000) == whole
    assert churned((3000,), seed=8) != whole
    assert churned((2999,)) != whole


def test_neither_log_nor_watch_changes_what_happens() -> None:
    whole = churned((3000,))
    assert churned((3000,), log=2048) == whole
    assert churned((3000,), watch=True) == whole


def test_a_trace_is_its_operations_one_by_one() -> None:
    draw = random.Random(11)
    handles, orders, types = array("I"), array("B"), array("B")
    held: list[int] = []
    for number in range(2000):
        if held and draw.random() < 0.48:
            handles.append(held.pop(draw.randrange(len(held))))
            orders.append(255)
            types.append(0)
        else:
            handles.append(number)
            orders.append(draw.choice((0, 0, 0, 1, 2, 3)))
            types.append(draw.randrange(3))
            held.append(number)
    one, batch = live(pages=64, pcp=(6, 2)), live(pages=64, pcp=(6, 2))
    where: dict[int, int | None] = {}
    failed = 0
    for handle, order, mt in zip(handles, orders, types, strict=True):
        if order != 255:
            where[handle] = one.alloc(order, mt, False)
            failed += where[handle] is None
        elif (pfn := where.pop(handle)) is not None:
            one.free(pfn)
    pages, sizes = array("I", [NIL]) * 2000, array("B", [0]) * 2000
    tallies = [
        batch.replay(handles, orders, types, pages, sizes, first, last)
        for first, last in ((0, 700), (700, 700), (700, 2000))
    ]
    assert _read.digest(batch) == _read.digest(one)
    assert failed > 0
    assert sum(tally.get("failed", 0) for tally in tallies) == failed
    assert sum(tally.get("operations", 0) for tally in tallies) == 2000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"last": 3}, "last"),
        ({"orders": array("B", [0])}, "orders"),
        ({"sizes": array("B", [0])}, "sizes"),
        ({"handles": array("I", [0, 2])}, "handles"),
        ({"orders": array("B", [0, 4])}, "handles"),
        ({"types": array("B", [0, 3])}, "handles"),
    ],
    ids=["too long", "orders", "sizes", "handle", "order", "type"],
)
def test_a_trace_that_does_not_fit_is_refused_whole(change: dict[str, Any], field: str) -> None:
    trace: dict[str, Any] = {
        "handles": array("I", [0, 1]),
        "orders": array("B", [0, 1]),
        "types": array("B", [0, 2]),
        "pages": array("I", [NIL, NIL]),
        "sizes": array("B", [0, 0]),
        "last": 2,
    } | change
    node = live()
    before = _read.digest(node)
    with pytest.raises(RefusedError) as caught:
        node.replay(
            trace["handles"],
            trace["orders"],
            trace["types"],
            trace["pages"],
            trace["sizes"],
            0,
            trace["last"],
        )
    assert caught.value.field == field
    assert _read.digest(node) == before


@pytest.mark.parametrize("percent", [25, 60, 90])
def test_filling_reaches_its_share_with_its_last_request(percent: int) -> None:
    node = live(pages=2048, pcp=(12, 4))
    set_workload(node, (1,))
    tally = node.fill_workload(percent)
    used = _read.stats(node)["allocated"]
    assert (used - 1) * 100 < percent * 2048 <= used * 100
    assert tally["allocated"] == used


# -- the watch


@pytest.mark.parametrize("model", MODELS)
def test_the_watch_notes_the_very_operation(model: str) -> None:
    """Held against a walk over all lists after each operation."""
    draw = random.Random(23)
    node = live(model, 256, pcp=(12, 4))
    set_workload(node)
    node.fill_workload(50)
    node.set_watch(0x3F)
    broken: set[int] = set()
    first: dict[int, int] = {}
    seen = 0
    noted: list[tuple[int, int, bool]] = []
    found: list[tuple[int, int, bool]] = []
    for _ in range(1500):
        pfn = draw.randrange(256)
        with suppress(RefusedError):
            if draw.random() < 0.9:
                node.run_workload(1)
            elif draw.random() < 0.5:
                node.isolate(pfn)
            else:
                node.unisolate(pfn, MOVABLE)
        now = {i for i, verdict in enumerate(_read.check(node)[:6]) if not verdict[0]}
        op = _read.op_of(node)
        for i in sorted(now ^ broken):
            found.append((op, i, i in now))
            if i in now:
                first.setdefault(i, op)
        broken = now
        seen, notes = _read.breaks_since(node, seen)
        noted += notes
    assert noted == found
    assert len(found) > 1
    for i, verdict in enumerate(_read.check(node)[:6]):
        assert verdict[5] == first.get(i, 0), NAMES[i]


def test_an_identity_that_is_not_watched_is_not_noted() -> None:
    for watched in ("I1x", "I4"):
        node = live("minchan-v2")
        while node.alloc(0, MOVABLE, True) is not None:
            pass
        node.set_watch(1 << NAMES.index(watched))
        node.isolate(16)
        node.free(16)
        assert _read.breaks_since(node, 0) == (0, [])
        node.free(17)  # nr_free of order 0 goes to -2: both are broken now
        assert _read.breaks_since(node, 0) == (
            1,
            [(_read.op_of(node), NAMES.index(watched), True)],
        )
