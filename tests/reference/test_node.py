"""Requests to a whole node: the walk, who cannot wait, how it ends, and who is killed.

The nodes are those of small_nodes.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, KernelBug, MigrateType, Refused, Watermarks
from tests.reference.node import ReferenceNode, Request, Verdict
from tests.reference.node.oom import PANIC
from tests.reference.small_nodes import (
    ERAS,
    MOVABLE,
    NORMAL,
    SIX,
    ended,
    leave,
    node_of,
    owners,
    request,
)

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE

every_kernel = pytest.mark.parametrize("kernel", KERNELS)
eras = pytest.mark.parametrize("kernel", ERAS)


def zone_of(node: ReferenceNode, got: Request) -> str:
    assert got.pfn is not None
    return node.zone_at(got.pfn).name


# -- the walk


@every_kernel
def test_the_highest_zone_of_the_class_serves_first(kernel: str) -> None:
    node = node_of(kernel, "DMA", "Normal", "Movable")
    assert [zone_of(node, request(node, classzone_idx)) for classzone_idx in (None, 2, 1, 0)] == [
        "Movable",
        "Movable",
        "Normal",
        "DMA",
    ]


@eras
def test_the_fast_path_stops_above_low(kernel: str) -> None:
    """6.12 gives a zone Movable of 64 pages its 32, and LOW is 4 more, a quarter of Normal's 16."""
    node = node_of(kernel)
    movable = node.zones[MOVABLE]
    low = 36 if kernel == "v6.12" else 10
    assert movable.marks.low == low
    leave(node, MOVABLE, low + 1)
    assert zone_of(node, request(node)) == "Movable"
    assert movable.nr_free_pages == low
    assert zone_of(node, request(node)) == "Normal"


def test_a_zone_keeps_its_reserve_from_those_who_might_have_had_a_higher_one() -> None:
    """64 / 32 is 2. Normal at 12 is closed at LOW to class Movable alone; the slow path goes on."""
    node = node_of()
    leave(node, MOVABLE, 0)
    leave(node, NORMAL, 12)
    assert (request(node).turns, request(node, NORMAL).turns) == (1, 0)


def test_a_zone_that_passes_but_has_nothing_is_passed_by() -> None:
    """Its pages are all isolated; 3.5 counts them."""
    node = node_of()
    assert node.zones[MOVABLE].isolate_range(64, 64) == 0
    assert node.zones[MOVABLE].nr_free_pages == 64
    got = request(node)
    assert (zone_of(node, got), got.turns) == ("Normal", 0)


def test_a_zone_without_memory_is_no_part_of_the_walk() -> None:
    node = node_of("v3.5", "Normal", "Movable")
    assert node.offline_pages(64, 64).ret == 0
    assert node.zones[MOVABLE].marks == Watermarks(0, 0, 0)
    assert zone_of(node, request(node)) == "Normal"


@eras
def test_the_slow_path_goes_down_to_min_and_wakes_kswapd(kernel: str) -> None:
    node = node_of(kernel, "Normal")
    marks = node.zones[NORMAL].marks
    leave(node, NORMAL, marks.low)
    assert ended(request(node)) == (Verdict.GOT, 1, 0)
    assert node.kswapd.awake
    assert node.zones[NORMAL].nr_free_pages == marks.low - 1


# -- who cannot wait


def test_atomic_goes_below_min_and_gives_up_at_once() -> None:
    """MIN 16: less half, less a quarter of that, is 6. The fast path knows nothing of it."""
    node = node_of("v3.5", "Normal")
    leave(node, NORMAL, 16)
    got = [node.request(0, M, atomic=True) for _ in range(11)]
    assert [ended(one) for one in got] == [(Verdict.GOT, 1, 0)] * 10 + [(Verdict.NO_PAGE, 1, 0)]
    assert node.zones[NORMAL].nr_free_pages == 6
    assert node.kswapd.awake


@pytest.mark.parametrize("kernel", SIX)
def test_atomic_of_6x_sets_a_block_aside_only_on_the_slow_path(kernel: str) -> None:
    """A hundredth of 512 pages is 5, a block and more."""
    node = node_of(kernel, "Normal", pages=512, kbytes=256)
    zone = node.zones[NORMAL]
    assert node.request(1, U, atomic=True).turns == 0
    assert "H" not in zone.blocks
    leave(node, NORMAL, zone.marks.low)
    assert ended(node.request(1, U, atomic=True)) == (Verdict.GOT, 1, 0)
    assert zone.blocks.count("H") == 1


# -- how it ends


@pytest.mark.parametrize(
    ("order", "end"), [(4, (Verdict.NO_PAGE, 1, 0)), (3, (Verdict.LIVELOCK, 3, 0))]
)
def test_costly_orders_fail_where_others_go_round(order: int, end: object) -> None:
    """All of Movable counts as free and nothing of it serves; Normal is left for class 0 alone."""
    node = ReferenceNode(
        KERNELS["v3.5"],
        [("Normal", 0, 64), ("Movable", 64, 64)],
        pageblock_order=3,
        max_order=5,
        pcp=(0, 1),
        min_free_kbytes=64,
    )
    node.boot_live()
    leave(node, NORMAL, 10)
    assert node.zones[MOVABLE].isolate_range(64, 64) == 0
    while node.zones[NORMAL].watermark_ok_safe(order, 10, 0):
        leave(node, NORMAL, node.zones[NORMAL].nr_free_pages - 1)
    node.kswapd.awake = False
    assert ended(node.request(order, M)) == end


@every_kernel
@pytest.mark.parametrize("kinds", [("DMA",), ("DMA32",), ("DMA", "DMA32")])
def test_nobody_is_killed_for_the_low_zones(kernel: str, kinds: tuple[str, ...]) -> None:
    node = node_of(kernel, *kinds, kbytes=128)
    owned = node.request(0, M, owner=1)
    assert owned.pfn is not None
    for classzone_idx in range(len(kinds)):
        leave(node, classzone_idx, 0)
    got = request(node)
    assert (got.verdict, got.oom_kills) == (Verdict.NO_PAGE, 0)
    assert node.handles() == {0: owned.pfn}


@every_kernel
def test_pages_of_the_lru_are_reclaimed_before_anybody_is_killed(kernel: str) -> None:
    node = node_of(kernel, "Normal")
    for _ in range(40):
        node.request(0, M, lru=True, owner=1)
    leave(node, NORMAL, 0)
    got = request(node)
    assert ended(got) == (Verdict.GOT, 1, 0)
    assert node.zones[NORMAL].nr_lru_file == 40 - 32


def test_what_was_reclaimed_may_have_to_be_drained_first() -> None:
    """Every page freed waits on a pcp list that is not full."""
    node = node_of("v3.5", "Normal", pcp=(60, 1))
    pfns = [request(node).pfn or 0 for _ in range(40)]
    for pfn in pfns:
        node.mark_lru(pfn, True)
    leave(node, NORMAL, 0)
    got = node.request(1, M)
    assert ended(got) == (Verdict.GOT, 1, 0)
    assert node.zones[NORMAL].nr_pcp == 0


# -- the OOM killer


def node_of_processes(kernel: str = "v3.19") -> ReferenceNode:
    """One zone: 10 pages of process 3, 12 of 7, two fours of 5 of which one is pinned, and full."""
    node = node_of(kernel, "Normal")
    for owner, count in ((3, 10), (7, 12)):
        for _ in range(count):
            node.request(0, U, owner=owner)
    fours = [node.request(2, U, owner=5).pfn or 0 for _ in range(4)]
    node.pin(fours[0])
    leave(node, NORMAL, 0)
    return node


def test_the_one_with_most_that_is_not_pinned_dies_the_lowest_of_equals() -> None:
    """5 and 7 have 12 each. What is pinned of 5 stays, and its 12 are not above MIN: 7 goes too."""
    node = node_of_processes()
    assert owners(node) == {3: 10, 7: 12, 5: 16}
    assert ended(request(node)) == (Verdict.GOT, 3, 2)
    assert owners(node) == {3: 10, 5: 4}


def test_a_process_with_pinned_memory_alone_is_no_victim() -> None:
    node = node_of("v3.19", "Normal")
    node.pin(node.request(2, U, owner=5).pfn or 0)
    leave(node, NORMAL, 0)
    with pytest.raises(KernelBug, match=PANIC):
        request(node)
    assert owners(node) == {5: 4}


def test_the_dead_are_freed_in_the_order_of_their_handles() -> None:
    """So the last number of the victim's is the first to be given again."""
    node = node_of("v3.19", "Normal")
    for owner in (1, 2, 1, 1, 2, 1, *[1] * 16):
        node.request(0, U, owner=owner)
    leave(node, NORMAL, 0)
    got = request(node)
    assert got.oom_kills == 1
    assert [handle for handle, pfn in node.handles().items() if pfn == got.pfn] == [21]
    request(node)
    assert sorted(node.handles()) == [1, 4, 20, 21]


def test_kswapd_is_woken_again_after_a_kill() -> None:
    """Turn 1: it gives the zone up and sleeps. Turn 2 kills 5, and what that frees clears the flag.

    12 pages are below MIN. Were kswapd left asleep nobody would set the flag in turn 3, and turn 4
    could not kill 7.
    """
    node = node_of_processes("v3.5")
    assert ended(request(node)) == (Verdict.GOT, 5, 2)
    assert owners(node) == {3: 10, 5: 4}


# -- what makes no sense


@pytest.mark.parametrize(
    ("zones", "what"),
    [
        ([], "1 to 4"),
        ([(name, 0, 8) for name in ("DMA", "DMA32", "Normal", "HighMem", "Movable")], "1 to 4"),
        ([("Movable", 0, 8), ("Normal", 8, 8)], "ascending"),
        ([("Normal", 0, 8), ("Normal", 8, 8)], "ascending"),
        ([("High", 0, 8)], "kinds"),
        ([("Normal", 0, 16), ("Movable", 8, 8)], "before the end"),
        ([("Normal", 0, 8), ("Movable", 12, 8)], "multiple of 8"),
    ],
)
def test_a_layout_that_is_none_is_refused(zones: list[tuple[str, int, int]], what: str) -> None:
    with pytest.raises(Refused, match=what):
        ReferenceNode(KERNELS["v3.5"], zones, pageblock_order=2, max_order=4)


def test_a_gap_between_zones_is_nobody_s() -> None:
    node = ReferenceNode(
        KERNELS["v3.5"],
        [("Normal", 3, 30), ("Movable", 64, 12)],
        pageblock_order=2,
        max_order=4,
    )
    node.boot_live()
    assert node.zone_at(32).name == "Normal"
    assert node.zone_at(64).name == "Movable"
    with pytest.raises(Refused, match="no zone"):
        node.zone_at(40)


def test_calls_that_make_no_sense_are_refused() -> None:
    node = node_of()
    got = request(node)
    assert got.pfn is not None
    node.pin(got.pfn)
    for call in (
        lambda: node.free(got.pfn or 0),
        lambda: node.free(0),
        lambda: node.request(4, M),
        lambda: node.request(0, MigrateType.CMA),
        lambda: node.request(0, M, 2),
        lambda: node.request(0, M, owner=251),
        lambda: node.mark_lru(0, True),
        lambda: node.write_min_free_kbytes(-1),
        lambda: node.offline_pages(60, 8),
        node.boot_live,
    ):
        with pytest.raises(Refused):
            call()
    unbooted = ReferenceNode(KERNELS["v3.5"], [("Normal", 0, 64)], pageblock_order=2, max_order=4)
    with pytest.raises(Refused, match="not been booted"):
        request(unbooted)
