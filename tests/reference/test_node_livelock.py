"""The story that started it all: a zone goes offline whose pages have nowhere to go.

One node, Normal and Movable, 4096 pages each, MIN, LOW, HIGH 32, 40, 48 in both, and Normal keeps
128 pages from whoever might have had Movable. Normal has 100 pages free and nothing that could be
reclaimed; Movable has 3000 free and 1096 in use, anonymous, and there is no swap. Then all of
Movable is taken offline. What the free pages there count for decides how it ends.
"""

from __future__ import annotations

import pickle
from functools import cache
from typing import NamedTuple

import pytest

from tests.reference import KERNELS, KernelBug, MigrateType, Watermarks
from tests.reference.node import ReferenceNode, Request, Verdict
from tests.reference.node.oom import PANIC

NORMAL, MOVABLE = 0, 1
FIRST, PAGES = 4096, 4096
"""Of Movable."""
READER = 1
"""The process whose memory is in Movable."""
HOG = 2
"""A process with memory in Normal."""

LATER = [kernel for kernel in KERNELS if kernel not in ("v3.5", "minchan-v1")]
"""Kernels that find the way out."""
FLAG = ("v3.5", "minchan-v1", "minchan-v2", "v3.6", "v3.7", "v3.8")
"""Where kswapd alone can give a zone up."""
V6_12 = ("v6.12", "v6.12.117")

later = pytest.mark.parametrize("kernel", LATER)


def full_node(kernel: str, hog_pages: int = 0) -> ReferenceNode:
    """As told above; of the pages in use in Normal the first so many belong to the hog."""
    node: ReferenceNode = pickle.loads(_filled(kernel, hog_pages))
    return node


@cache
def _filled(kernel: str, hog_pages: int) -> bytes:
    """Thousands of requests lead there, the same for every test."""
    node = ReferenceNode(
        KERNELS[kernel],
        [("Normal", 0, 4096), ("Movable", FIRST, PAGES)],
        pageblock_order=9,
        max_order=11,
        pcp=(0, 1),
        min_free_kbytes=256,
    )
    node.boot_live()
    for taken in range(3996):
        owner = HOG if taken < hog_pages else 0
        assert node.request(0, MigrateType.UNMOVABLE, NORMAL, owner=owner).turns == 0
    for _ in range(1096):
        got = node.request(0, MigrateType.MOVABLE, lru=True, anon=True, owner=READER)
        assert got.turns == 0 and node.zone_at(got.pfn or 0) is node.zones[MOVABLE]
    return pickle.dumps(node)


def isolated(kernel: str, hog_pages: int = 0) -> ReferenceNode:
    """The same, with every block of Movable isolated and nothing moved yet."""
    node = full_node(kernel, hog_pages)
    assert node.zones[MOVABLE].isolate_range(FIRST, PAGES) == 0
    return node


def ask(node: ReferenceNode) -> Request:
    """What the migration asks for, once."""
    return node.request(0, MigrateType.MOVABLE)


def free_pages(node: ReferenceNode) -> tuple[int, int]:
    """NR_FREE_PAGES of both."""
    return node.zones[NORMAL].nr_free_pages, node.zones[MOVABLE].nr_free_pages


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_node_as_told(kernel: str) -> None:
    """6.12 gives ZONE_MOVABLE a MIN of its own and Normal all of the 256 KiB."""
    node = full_node(kernel)
    normal, movable = node.zones
    marks = (Watermarks(32, 40, 48), Watermarks(32, 40, 48))
    if kernel in V6_12:
        marks = (Watermarks(64, 80, 96), Watermarks(32, 48, 64))
    assert (normal.watermarks, movable.watermarks) == marks
    assert (normal.lowmem_reserve, movable.lowmem_reserve) == ([0, 128], [0, 0])
    assert free_pages(node) == (100, 3000)
    assert (movable.nr_lru_anon, movable.nr_lru_file, normal.nr_lru_anon) == (1096, 0, 0)
    assert not node.kswapd.awake


class Seen(NamedTuple):
    """What the wake-up test sees once Movable is isolated."""

    plain: int
    """NR_FREE_PAGES of Movable."""
    low_ok: bool
    """zone_watermark_ok() of Movable at LOW."""
    low_ok_safe: bool


@pytest.mark.parametrize(
    ("kernel", "seen"),
    [
        ("v3.5", Seen(3000, True, True)),
        ("minchan-v1", Seen(0, False, False)),
        ("minchan-v2", Seen(0, False, False)),
        ("v3.6", Seen(3000, True, False)),
        ("v3.7", Seen(0, False, False)),
        ("v3.8", Seen(0, False, False)),
        ("v3.19", Seen(0, False, False)),
        ("v6.1", Seen(0, False, False)),
        ("v6.12", Seen(0, False, False)),
        ("v6.12.117", Seen(0, False, False)),
    ],
)
def test_what_is_seen_of_the_isolated_zone(kernel: str, seen: Seen) -> None:
    node = isolated(kernel)
    normal, movable = node.zones
    assert movable.nr_free_pages == seen.plain
    assert movable.watermark_ok(0, movable.marks.low, MOVABLE, ("CMA",)) is seen.low_ok
    assert movable.watermark_ok_safe(0, movable.marks.low, 0) is seen.low_ok_safe
    # Normal is closed to the request by its reserve, and looks well to the wake-up test.
    assert not normal.watermark_ok(0, normal.marks.min, MOVABLE, ())
    assert normal.watermark_ok_safe(0, normal.marks.low, 0)


@pytest.mark.parametrize(("kernel", "isolated_pages"), [("v3.6", 4096), ("v3.7", 4096)])
def test_3_6_and_3_7_take_every_isolated_page_off_once_more(
    kernel: str, isolated_pages: int
) -> None:
    """3000 - 8 * 512 = -1096 in 3.6; 3.7 had taken them off already: 0 - 4096."""
    movable = isolated(kernel).zones[MOVABLE]
    free = movable.nr_free_pages - isolated_pages
    assert free == (-1096 if kernel == "v3.6" else -4096)
    assert not movable.watermark_ok_safe(0, free, 0)
    assert movable.watermark_ok_safe(0, free - 1, 0)


# -- 3.5


@pytest.mark.parametrize("hog_pages", [0, 3996])
def test_3_5_goes_round_for_ever_and_kills_nobody(hog_pages: int) -> None:
    """Three turns: the second and third are as the first."""
    node = isolated("v3.5", hog_pages)
    assert ask(node) == Request(None, Verdict.LIVELOCK, 3, 0)
    assert not node.kswapd.awake
    assert [zone.all_unreclaimable for zone in node.zones] == [False, False]
    assert free_pages(node) == (100, 3000)


@pytest.mark.parametrize("hog_pages", [0, 3996])
def test_3_5_never_gets_the_zone_offline(hog_pages: int) -> None:
    node = full_node("v3.5", hog_pages)
    before = node.handles()
    assert node.offline_pages(FIRST, PAGES) == ("HUNG", [])
    assert node.zones[MOVABLE].blocks == "I" * 8
    assert free_pages(node) == (100, 3000)
    # The 256 pages that were off the LRU are back on it.
    assert node.zones[MOVABLE].nr_lru_anon == 1096
    assert node.handles() == before


def test_3_5_with_kswapd_awake_goes_round_all_the_same() -> None:
    """It finds 3000 and 100 pages free, both above 48, and goes back to sleep."""
    node = isolated("v3.5")
    node.kswapd.awake = True
    node.kswapd.classzone_idx = MOVABLE
    assert ask(node).verdict is Verdict.LIVELOCK
    assert not node.kswapd.awake


# -- the others


@later
def test_the_others_wake_kswapd_and_panic_with_nobody_to_kill(kernel: str) -> None:
    """The reader dies first, which frees nothing that may be used; nobody is left after that."""
    node = full_node(kernel)
    with pytest.raises(KernelBug, match=PANIC):
        node.offline_pages(FIRST, PAGES)
    assert node.zones[MOVABLE].nr_lru_anon == 0
    assert len(node.handles()) == 3996
    assert free_pages(node) == (100, 4096 if kernel == "v3.6" else 0)
    # Flags: kswapd has set both anew after the kill, and with nothing to do went to sleep.
    flagged = kernel in FLAG
    assert [zone.all_unreclaimable for zone in node.zones] == [flagged, flagged]
    assert node.kswapd.awake is not flagged


@later
def test_the_others_kill_the_hog_and_get_the_zone_offline(kernel: str) -> None:
    """4096 - 1096 = 3000 pages of Normal are free in the end."""
    node = full_node(kernel, 3996)
    ended = node.offline_pages(FIRST, PAGES)
    assert ended.ret == 0
    moved = [old for old, _ in ended.migrated]
    assert moved == sorted(moved)
    assert len(ended.migrated) == 1096
    assert all(new < FIRST for _, new in ended.migrated)
    # 3.7 takes what was offlined off the count a second time.
    assert free_pages(node) == (3000, -4096 if kernel == "v3.7" else 0)
    assert node.zones[NORMAL].nr_lru_anon == 1096
    assert (node.zones[MOVABLE].present_pages, node.kswapd.awake) == (0, True)


@later
def test_how_the_first_request_ends(kernel: str) -> None:
    """Where a flag is needed kswapd sets it at the end of turn 1, and turn 2 kills.

    Later kernels find at once that there is nothing to reclaim. The hog's memory serves the turn
    after the kill.
    """
    node = isolated(kernel, 3996)
    got = ask(node)
    assert (got.verdict, got.oom_kills) == (Verdict.GOT, 1)
    assert got.turns == (3 if kernel in FLAG else 2)
    assert node.zones[NORMAL].nr_free_pages == 4095


@later
def test_memory_of_a_smaller_hog_runs_out_and_the_reader_dies_too(kernel: str) -> None:
    """1197 pages free less the 160 that are closed (in 6.12: 192): so many pages can move.

    Then the reader has most. Its pages in Normal serve the last request, but the page it was for is
    gone.
    """
    node = full_node(kernel, 1097)
    ended = node.offline_pages(FIRST, PAGES)
    assert ended.ret == 0
    assert len(ended.migrated) == (1005 if kernel in V6_12 else 1037)
    assert node.zones[NORMAL].nr_free_pages == 1197
    assert len(node.handles()) == 3996 - 1097


# -- minchan-v1


def test_v1_starts_as_the_others_do() -> None:
    got = ask(isolated("minchan-v1", 3996))
    assert (got.verdict, got.turns, got.oom_kills) == (Verdict.GOT, 3, 1)


def test_v1_alone_with_the_reader_livelocks_where_the_others_panic() -> None:
    """The reader's 1096 pages, freed into isolated blocks, count as free."""
    node = full_node("minchan-v1")
    assert node.offline_pages(FIRST, PAGES) == ("HUNG", [])
    assert free_pages(node) == (100, 1096)
    assert not node.kswapd.awake
    assert [zone.all_unreclaimable for zone in node.zones] == [True, False]


def test_v1_livelocks_again_once_enough_pages_have_moved() -> None:
    """Each page freed into the zone counts there: 1037 of them are more than HIGH."""
    node = full_node("minchan-v1", 1097)
    ended = node.offline_pages(FIRST, PAGES)
    assert ended.ret == "HUNG"
    assert len(ended.migrated) == 1037
    assert free_pages(node) == (160, 1037)
    assert node.zones[MOVABLE].nr_lru_anon == 59
    assert node.zones[MOVABLE].blocks == "I" * 8


@pytest.mark.parametrize(("moved", "oom_kills"), [(48, 1), (49, 0)])
def test_v1_sees_the_zone_above_high_after_49_pages(moved: int, oom_kills: int) -> None:
    """The hog is gone, kswapd awake, Normal full again, and so many pages have been freed.

    With 48 kswapd still gives both zones up, so the reader dies; what that frees counts as well.
    """
    node = isolated("minchan-v1", 3996)
    ask(node)
    for pfn in [pfn for pfn in node.handles().values() if pfn >= FIRST][:moved]:
        node.free(pfn)
    while node.zones[NORMAL].nr_free_pages > 100:
        node.request(0, MigrateType.UNMOVABLE, NORMAL)
    assert node.kswapd.awake
    assert free_pages(node) == (100, moved)
    got = ask(node)
    assert (got.verdict, got.oom_kills) == (Verdict.LIVELOCK, oom_kills)


@pytest.mark.parametrize(("moved", "woken"), [(40, True), (41, False)])
def test_v1_does_not_wake_kswapd_once_the_zone_passes_low(moved: int, woken: bool) -> None:
    node = isolated("minchan-v1")
    for pfn in [pfn for pfn in node.handles().values() if pfn >= FIRST][:moved]:
        node.free(pfn)
    assert ask(node).oom_kills == int(woken)
