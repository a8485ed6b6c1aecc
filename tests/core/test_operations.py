"""What each operation of a node does for a person: its results and its refusals."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import (
    ALLOCATED,
    CMA,
    FREE,
    ISOLATE,
    MOVABLE,
    OFFLINE,
    PINNED,
    RECLAIMABLE,
    RESERVE,
    UNMOVABLE,
    books_of,
    kind_of,
    lists_of,
    live,
    node_of,
    pcp_of,
    set_workload,
    types_of,
)


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
