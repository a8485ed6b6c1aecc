"""The reference zone's live side, which no recording covers: boot, hotplug, pins, holes, BUGs.

Expected values are worked out by hand from the kernel's steps. The small zones have blocks of
four pages and orders 0 to 3; their MIN is 32 pages, so they want both RESERVE blocks.
"""

from __future__ import annotations

import random

import pytest

from tests.reference import (
    MINCHAN_V1,
    MINCHAN_V2,
    V3_5,
    Cells,
    KernelBug,
    MigrateType,
    PcpSizes,
    ReferenceZone,
    Refused,
    Watermarks,
)

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE
RES = MigrateType.RESERVE
ISO = MigrateType.ISOLATE


def small_zone(
    cells: Cells = V3_5,
    *,
    spanned_pages: int = 16,
    pcp_high: int = 0,
    pcp_batch: int = 1,
    holes: tuple[tuple[int, int], ...] = (),
) -> ReferenceZone:
    """Booted live from PFN 0."""
    zone = ReferenceZone(
        cells,
        spanned_pages=spanned_pages,
        pageblock_order=2,
        max_order=4,
        pcp_high=pcp_high,
        pcp_batch=pcp_batch,
        holes=holes,
    )
    zone.boot_live()
    return zone


def take_lru(zone: ReferenceZone, count: int) -> list[int]:
    """Allocate MOVABLE pages and put them on the LRU."""
    pfns = []
    for _ in range(count):
        pfn = zone.alloc(0, M)
        assert pfn is not None
        zone.mark_lru(pfn, 0, True)
        pfns.append(pfn)
    return pfns


# -- boot


def test_boot_of_256_mib() -> None:
    zone = ReferenceZone(V3_5, spanned_pages=65536, pageblock_order=9, max_order=11)
    zone.boot_live()
    assert zone.watermarks == Watermarks(512, 640, 768)
    assert zone.pcp_sizes == PcpSizes(high=90, batch=15)
    # One block is wanted, and taking the lower half of a chunk takes the chunk.
    assert zone.blocks == "V" + "M" * 127
    assert zone.lists() == {M: {10: list(range(64512, 0, -1024))}, RES: {10: [0]}}
    assert zone.nr_free_pages == 65536
    assert zone.nr_free == [0] * 10 + [64]


def test_boot_of_unaligned_zone() -> None:
    """PFN 3..32: the first block is no MOVABLE one, for its first frame is not in the zone."""
    zone = ReferenceZone(V3_5, start_pfn=3, spanned_pages=30, pageblock_order=2, max_order=4)
    zone.boot_live()
    assert zone.watermarks == Watermarks(32, 40, 48)
    assert zone.pcp_sizes == PcpSizes(high=0, batch=1)
    assert zone.blocks == "UVV" + "M" * 6
    assert zone.lists() == {U: {0: [3]}, M: {0: [32], 3: [24, 16]}, RES: {2: [4], 3: [8]}}


def test_boot_keeps_reserved_pages_and_leaves_their_block_alone() -> None:
    zone = ReferenceZone(V3_5, spanned_pages=16, pageblock_order=2, max_order=4)
    zone.boot_live(reserved=[(0, 2)])
    assert zone.page_state(1).kind == "reserved"
    assert zone.blocks == "MVVM"
    assert zone.nr_free_pages == 14
    assert zone.present_pages == 16


def test_boot_around_a_hole() -> None:
    """PFN 5 does not exist: 4 has no buddy to merge with, and its block is no RESERVE one."""
    zone = small_zone(holes=((5, 1),))
    assert zone.page_state(5).kind == "hole"
    assert zone.present_pages == 15
    assert zone.blocks == "VMVM"
    assert zone.lists() == {M: {0: [4], 1: [6]}, RES: {2: [0], 3: [8]}}


def test_page_beside_a_hole_goes_to_the_head_of_its_list() -> None:
    """A free chunk waits at PFN 6, but the kernel does not look further where 5 is no page."""
    zone = small_zone(spanned_pages=17, holes=((5, 1),))
    assert [zone.alloc(0, M), zone.alloc(0, M)] == [16, 4]
    zone.free(16, 0)
    zone.free(4, 0)
    assert zone.lists()[M] == {0: [4, 16], 1: [6]}


def test_boot_twice_is_refused() -> None:
    zone = small_zone()
    with pytest.raises(Refused, match="freed already"):
        zone.boot_live()


# -- offline and online


def test_offline_migrates_to_the_next_pages_of_the_allocator() -> None:
    zone = small_zone()
    assert zone.blocks == "VVMM"
    assert take_lru(zone, 4) == [8, 9, 10, 11]
    ret, migrated = zone.offline_pages(8, 4)
    assert ret == 0
    assert migrated == [(8, 12), (9, 13), (10, 14), (11, 15)]
    assert [zone.page_state(pfn).kind for pfn in (8, 9, 10, 11)] == ["offline"] * 4
    assert all(zone.page_state(pfn).lru for pfn in (12, 13, 14, 15))
    assert zone.blocks == "VVMM"
    assert zone.present_pages == 12
    assert zone.lists() == {RES: {3: [0]}}
    assert zone.nr_free_pages == 8


@pytest.mark.parametrize(("cells", "nr_free_pages"), [(V3_5, 8), (MINCHAN_V1, 7), (MINCHAN_V2, 8)])
def test_offline_of_partly_free_block(cells: Cells, nr_free_pages: int) -> None:
    """minchan-v1 takes the one page that was free at isolation off twice."""
    zone = small_zone(cells)
    assert take_lru(zone, 8) == [8, 9, 10, 11, 12, 13, 14, 15]
    zone.free(8, 0)
    zone.free(12, 0)
    zone.free(13, 0)
    zone.free(14, 0)
    ret, migrated = zone.offline_pages(8, 4)
    assert ret == 0
    assert migrated == [(9, 14), (10, 12), (11, 13)]
    assert zone.nr_free_pages == nr_free_pages


def test_page_met_that_is_not_lru_makes_offline_busy() -> None:
    zone = small_zone()
    lru, other = take_lru(zone, 1)[0], zone.alloc(0, M)
    assert (lru, other) == (8, 9)
    assert zone.offline_pages(8, 4) == ("-EBUSY", [])
    assert zone.page_state(8).lru
    assert zone.blocks == "VVMM"
    assert zone.nr_free_pages == 14


def test_page_in_use_without_any_lru_page_makes_offline_busy() -> None:
    """Nothing to migrate, so it is the test of the range that fails."""
    zone = small_zone()
    assert zone.alloc(0, M) == 8
    assert zone.offline_pages(8, 4) == ("-EBUSY", [])
    assert zone.lists() == {M: {0: [9], 1: [10], 2: [12]}, RES: {3: [0]}}


def test_pinned_page_makes_offline_time_out() -> None:
    zone = small_zone()
    take_lru(zone, 3)
    zone.pin(9)
    ret, migrated = zone.offline_pages(8, 4)
    assert ret == "-EAGAIN"
    assert migrated == [(8, 12), (10, 13)]
    assert zone.page_state(9).lru
    assert zone.page_state(9).pinned
    assert zone.blocks == "VVMM"
    assert zone.present_pages == 16

    zone.unpin(9)
    assert zone.offline_pages(8, 4) == (0, [(9, 14)])


def test_no_target_left_is_enomem_and_what_moved_stays_moved() -> None:
    """One page is free, in a RESERVE block, which lends it; the next page finds none."""
    zone = small_zone(spanned_pages=8)
    assert zone.blocks == "VV"
    pfns = take_lru(zone, 7)
    assert pfns == [0, 1, 2, 3, 4, 5, 6]
    ret, migrated = zone.offline_pages(0, 4)
    assert ret == "-ENOMEM"
    assert migrated == [(0, 7)]
    assert zone.blocks == "MV"
    assert zone.lists() == {M: {0: [0]}}
    assert [zone.page_state(pfn).lru for pfn in (1, 2, 3, 7)] == [True] * 4


def test_failed_offline_turns_every_type_into_movable() -> None:
    zone = small_zone()
    assert take_lru(zone, 8) == [8, 9, 10, 11, 12, 13, 14, 15]
    assert take_lru(zone, 8)[0] == 0
    zone.set_block_type(8, U)
    assert zone.offline_pages(8, 4).ret == "-ENOMEM"
    assert zone.blocks == "VVMM"


def test_offline_chunk_that_reaches_beyond_the_range_goes_whole() -> None:
    """The lower half of a chunk is isolated: the whole chunk is removed, half of it is counted."""
    zone = small_zone()
    assert zone.lists()[M] == {3: [8]}
    assert zone.offline_pages(8, 4) == (0, [])
    assert zone.page_state(12).kind == "offline"
    assert zone.present_pages == 12
    assert zone.nr_free_pages == 8


def test_offline_upper_half_of_a_chunk_is_busy() -> None:
    zone = small_zone()
    assert zone.offline_pages(12, 4) == ("-EBUSY", [])
    assert zone.lists()[M] == {3: [8]}


def test_offline_range_is_busy_the_second_time() -> None:
    zone = small_zone()
    assert zone.offline_pages(8, 8).ret == 0
    assert zone.offline_pages(8, 8).ret == "-EBUSY"
    assert zone.present_pages == 8


def test_one_round_takes_256_pages() -> None:
    """The page that is not LRU comes 258th: only the second round meets it, and moves nothing."""
    zone = ReferenceZone(
        V3_5, spanned_pages=2048, pageblock_order=9, max_order=10, pcp_high=6, pcp_batch=1
    )
    zone.boot_live()
    assert take_lru(zone, 257) == list(range(1536, 1793))
    assert zone.alloc(0, M) == 1793
    ret, migrated = zone.offline_pages(1536, 512)
    assert ret == "-EBUSY"
    assert migrated == [(1536 + n, 1024 + n) for n in range(256)]
    assert zone.page_state(1792).lru


def test_pinned_pages_do_not_stop_the_others() -> None:
    zone = ReferenceZone(
        V3_5, spanned_pages=2048, pageblock_order=9, max_order=10, pcp_high=6, pcp_batch=1
    )
    zone.boot_live()
    pfns = take_lru(zone, 300)
    zone.pin(1540)
    ret, migrated = zone.offline_pages(1536, 512)
    assert ret == "-EAGAIN"
    assert [source for source, _ in migrated] == [pfn for pfn in pfns if pfn != 1540]


def test_online_gives_the_pages_back_and_sets_the_zone_up_anew() -> None:
    zone = small_zone(pcp_high=6)
    before = (zone.lists(), zone.nr_free_pages, zone.present_pages)
    assert zone.offline_pages(8, 8).ret == 0
    assert zone.nr_free_pages == 8
    zone.online_pages(8, 8)
    assert (zone.lists(), zone.nr_free_pages, zone.present_pages) == before
    assert zone.pcp() == {}
    assert zone.pcp_sizes == PcpSizes(high=6, batch=1)


def test_online_sizes_the_pcp_lists_by_the_zone() -> None:
    """Batch 3 for 16384 pages and 1 for 8192; going offline resizes nothing."""
    zone = ReferenceZone(V3_5, spanned_pages=16384, pageblock_order=9, max_order=11)
    zone.boot_live()
    assert zone.pcp_sizes == PcpSizes(high=18, batch=3)
    assert zone.offline_pages(4096, 12288).ret == 0
    assert zone.pcp_sizes == PcpSizes(high=18, batch=3)
    zone.online_pages(4096, 4096)
    assert zone.pcp_sizes == PcpSizes(high=6, batch=1)
    assert zone.present_pages == 8192


def test_watermarks_after_offline_leave_the_old_high_mark_out() -> None:
    """4 KiB * (64512 - 768) are 254976 KiB of lowmem; the root of 16 times that is 2019."""
    zone = ReferenceZone(V3_5, spanned_pages=65536, pageblock_order=9, max_order=11)
    zone.boot_live()
    assert zone.offline_pages(64512, 1024).ret == 0
    assert zone.watermarks == Watermarks(504, 630, 756)


def test_reserve_block_that_went_offline_is_replaced() -> None:
    """16 pages: both RESERVE blocks hold one chunk; offline takes it and the next two follow."""
    zone = small_zone()
    assert zone.blocks == "VVMM"
    assert zone.offline_pages(0, 8).ret == 0
    assert zone.blocks == "MMVV"
    assert zone.lists() == {RES: {3: [8]}}


# -- BUG


def test_bug_in_hot_cold_path() -> None:
    zone = small_zone(Cells(vm_bug_on=True))
    pfn = take_lru(zone, 1)[0]
    assert zone.isolate(pfn) == 0
    before = (zone.lists(), zone.nr_free_pages, zone.nr_free)
    with pytest.raises(KernelBug, match="VM_BUG_ON"):
        zone.free(pfn, 0)
    assert (zone.lists(), zone.nr_free_pages, zone.nr_free) == before
    assert zone.page_state(pfn).kind == "limbo"
    assert not zone.page_state(pfn).lru


@pytest.mark.parametrize("branch", [False, True])
def test_each_branch_avoids_the_bug_on_its_own_path_only(branch: bool) -> None:
    zone = small_zone(Cells(vm_bug_on=True, free_pages_ok=branch, free_hot_cold=not branch))
    assert [zone.alloc(1, M), zone.alloc(0, M)] == [8, 10]
    assert zone.isolate(8) == 0
    bad, good = ((10, 0), (8, 1)) if branch else ((8, 1), (10, 0))
    zone.free(*good)
    with pytest.raises(KernelBug):
        zone.free(*bad)


def test_bug_while_a_page_migrates_leaves_the_rest_off_the_lru() -> None:
    zone = small_zone(Cells(vm_bug_on=True))
    take_lru(zone, 3)
    with pytest.raises(KernelBug):
        zone.offline_pages(8, 4)
    assert zone.page_state(8).kind == "limbo"
    assert zone.page_state(12).kind == "allocated"
    assert [zone.page_state(pfn).lru for pfn in (9, 10, 12)] == [False] * 3
    assert zone.blocks == "VVIM"


# -- single steps


def test_unmovable_scan_starts_at_the_page_given() -> None:
    """From PFN 10 on it runs into the next block and never sees the pages below."""
    zone = small_zone()
    take_lru(zone, 8)
    zone.mark_lru(8, 0, False)
    zone.set_block_type(8, U)
    assert zone.isolate(8) == "-EBUSY"
    assert zone.isolate(10) == 0
    zone.unisolate(8, U)
    zone.mark_lru(13, 0, False)
    assert zone.isolate(9) == 0
    zone.unisolate(8, U)
    assert zone.isolate(10) == "-EBUSY"


def test_unmovable_scan_skips_holes_but_not_the_next_zone() -> None:
    zone = small_zone(spanned_pages=14, holes=((9, 1),))
    zone.set_block_type(8, U)
    zone.set_block_type(12, U)
    assert zone.isolate(8) == 0
    assert zone.isolate(12) == "-EBUSY"


def test_split_respects_the_low_watermark_of_a_live_zone() -> None:
    zone = small_zone()
    assert zone.split_free_page(8) == 0
    assert zone.lists()[M] == {3: [8]}


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("alloc", (4, M), "order"),
        ("alloc", (0, RES), "mt"),
        ("free", (8, 0), "order"),
        ("free", (9, 1), "pfn"),
        ("free", (0, 9), "order"),
        ("free", (12, 0), "pfn"),
        ("isolate", (16,), "pfn"),
        ("unisolate", (0, ISO), "mt"),
        ("set_block_type", (0, "HIGHATOMIC"), "mt"),
        ("split_free_page", (10,), "pfn"),
        ("mark_lru", (0, 0, True), "pfn"),
        ("pin", (0,), "pfn"),
        ("boot_free", (0, 0), "pfn"),
        ("offline_isolated", (8, 4), "start_pfn, nr_pages"),
        ("online", (8, 4), "start_pfn, nr_pages"),
        ("offline_pages", (2, 4), "start_pfn, nr_pages"),
        ("offline_pages", (8, 0), "nr_pages"),
        ("online_pages", (8, 4), "start_pfn, nr_pages"),
    ],
)
def test_bad_call_is_refused_and_changes_nothing(
    method: str, arguments: tuple[object, ...], field: str
) -> None:
    zone = small_zone()
    assert zone.alloc(1, M) == 8
    assert zone.alloc(0, M) == 10
    zone.pin(10)
    before = everything(zone)
    with pytest.raises(Refused, match=f"^{field}: "):
        getattr(zone, method)(*arguments)
    assert everything(zone) == before


def test_pinned_page_cannot_be_freed() -> None:
    zone = small_zone()
    assert zone.alloc(0, M) == 8
    zone.pin(8)
    with pytest.raises(Refused, match="pinned"):
        zone.free(8, 0)
    zone.unpin(8)
    zone.free(8, 0)
    assert zone.lists()[M] == {3: [8]}


# -- random walks


def everything(zone: ReferenceZone) -> tuple[object, ...]:
    frames = range(zone.state.start_pfn, zone.state.end_pfn)
    return (
        zone.lists(),
        zone.nr_free,
        zone.nr_free_pages,
        zone.pcp(),
        zone.blocks,
        zone.present_pages,
        [zone.page_state(pfn) for pfn in frames],
    )


def step(zone: ReferenceZone, chance: random.Random) -> None:
    """One random call; half of them make no sense and are refused."""
    pfn = chance.randrange(zone.state.start_pfn, zone.state.end_pfn)
    block = zone.state.block_start(pfn)
    page = zone.page_state(pfn)
    mt = chance.choice((U, MigrateType.RECLAIMABLE, M, M, M))
    chance.choice(
        [
            lambda: zone.alloc(chance.choice((0, 0, 0, 1, 2)), mt),
            lambda: zone.free(page.head, page.order),
            lambda: zone.mark_lru(page.head, page.order, chance.random() < 0.8),
            lambda: zone.isolate(pfn),
            lambda: zone.unisolate(pfn, mt),
            lambda: zone.split_free_page(page.head),
            lambda: zone.offline_pages(block, zone.state.block_pages),
            lambda: zone.online_pages(block, zone.state.block_pages),
            lambda: zone.pin(page.head),
            lambda: zone.unpin(page.head),
            zone.drain,
        ]
    )()


def check_frames(zone: ReferenceZone) -> None:
    """Lists, pcp lists and frames tell one story, and no frame is lost."""
    listed = {
        pfn: (order, mt)
        for mt, by_order in zone.lists().items()
        for order, pfns in by_order.items()
        for pfn in pfns
    }
    queued = {pfn: kept for entries in zone.pcp().values() for pfn, kept in entries}
    for pfn in range(zone.state.start_pfn, zone.state.end_pfn):
        page = zone.page_state(pfn)
        assert page.head <= pfn < page.head + (1 << page.order)
        if page.kind == "free":
            assert listed[page.head] == (page.order, page.list_type)
        else:
            assert pfn not in listed
        assert (page.kind == "pcp") == (pfn in queued)
        assert page.kept == queued.get(pfn)
        assert not page.lru or page.kind == "allocated"
        buddy = page.head ^ (1 << page.order)
        if page.kind == "free" and zone.state.contains(buddy) and page.order < 3:
            other = zone.page_state(buddy)
            assert other[:3] != ("free", buddy, page.order), "two free buddies side by side"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cells", [V3_5, MINCHAN_V1, MINCHAN_V2], ids=["a", "b", "c"])
def test_random_walk_keeps_frames_and_counts_together(cells: Cells, seed: int) -> None:
    chance = random.Random(seed)
    zone = ReferenceZone(
        cells,
        start_pfn=5,
        spanned_pages=57,
        pageblock_order=2,
        max_order=4,
        pcp_high=6,
        pcp_batch=2,
        holes=[(22, 3), (41, 1)],
    )
    zone.boot_live()
    refused = 0
    for _ in range(1500):
        try:
            step(zone, chance)
        except Refused:
            refused += 1
        check_frames(zone)
        lengths = [
            sum(len(by_order.get(order, [])) for by_order in zone.lists().values())
            for order in range(4)
        ]
        nr_free_sum = sum(count << order for order, count in enumerate(zone.nr_free))
        if cells is not MINCHAN_V2:
            assert zone.nr_free == lengths
        if cells is not MINCHAN_V1:
            assert zone.nr_free_pages == nr_free_sum
    assert 0 < refused < 1500
