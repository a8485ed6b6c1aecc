"""Live zones of the kernels after 3.5: boot, sizes, offline and online.

Expected values are worked out by hand from the kernel's steps. The small zones have blocks of
four pages, orders 0 to 3 unless said, and pcp lists that keep nothing.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, PcpSizes, ReferenceZone, Refused, Watermarks

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE
RES = MigrateType.RESERVE
ISO = MigrateType.ISOLATE
CMA = MigrateType.CMA

LATER_3X = ("v3.6", "v3.7", "v3.8", "v3.19", "v3.19+d9dddbf5")
SIX = ("v6.1", "v6.12", "v6.12.117")
V6_12 = SIX[1:]

later_3x = pytest.mark.parametrize("kernel", LATER_3X)
six = pytest.mark.parametrize("kernel", SIX)


def small_zone(
    kernel: str, *, spanned_pages: int = 16, top: int = 3, pcp: tuple[int, int] = (0, 1)
) -> ReferenceZone:
    """Booted live from PFN 0."""
    zone = ReferenceZone(
        KERNELS[kernel],
        spanned_pages=spanned_pages,
        pageblock_order=2,
        max_order=top + 1,
        pcp_high=pcp[0],
        pcp_batch=pcp[1],
    )
    zone.boot_live()
    return zone


def zone_of_256_mib(kernel: str, reserved: tuple[tuple[int, int], ...] = ()) -> ReferenceZone:
    zone = ReferenceZone(KERNELS[kernel], spanned_pages=65536, pageblock_order=9, max_order=11)
    zone.boot_live(reserved)
    return zone


def take_lru(zone: ReferenceZone, count: int) -> list[int]:
    pfns = []
    for _ in range(count):
        pfn = zone.alloc(0, M)
        assert pfn is not None
        zone.mark_lru(pfn, 0, True)
        pfns.append(pfn)
    return pfns


# -- boot


@later_3x
def test_3x_boots_as_3_5_does(kernel: str) -> None:
    zone = zone_of_256_mib(kernel)
    assert zone.watermarks == Watermarks(512, 640, 768)
    assert zone.pcp_sizes == PcpSizes(high=90, batch=15)
    assert zone.blocks == "V" + "M" * 127
    assert zone.lists() == {M: {10: list(range(64512, 0, -1024))}, RES: {10: [0]}}


@pytest.mark.parametrize(
    ("kernel", "watermarks", "sizes"),
    [
        ("v3.8", Watermarks(512, 640, 768), PcpSizes(high=90, batch=15)),
        ("v3.19", Watermarks(362, 452, 543), PcpSizes(high=42, batch=7)),
    ],
)
def test_reserved_half_of_the_zone_counts_until_pages_are_managed(
    kernel: str, watermarks: Watermarks, sizes: PcpSizes
) -> None:
    """16 times 4 KiB times 32768: the root is 1448 KiB, 362 pages."""
    zone = zone_of_256_mib(kernel, reserved=((0, 32768),))
    assert (zone.present_pages, zone.managed_pages) == (65536, 32768)
    assert zone.watermarks == watermarks
    assert zone.pcp_sizes == sizes


@six
def test_6x_boot_puts_chunks_to_the_tail_and_reserves_no_block(kernel: str) -> None:
    """LOW and HIGH are 128 apart: a quarter of MIN is more than a thousandth of the zone."""
    zone = zone_of_256_mib(kernel)
    assert zone.blocks == "M" * 128
    assert zone.lists() == {M: {10: list(range(0, 65536, 1024))}}
    assert zone.watermarks == Watermarks(512, 640, 768)
    limits = (zone.per_cpu.high_min, zone.per_cpu.high_max, zone.per_cpu.batch)
    assert limits == (640, 640 if kernel == "v6.1" else 8192, 15)


@six
def test_6x_boot_of_unaligned_zone(kernel: str) -> None:
    """PFN 3..32. The block of PFN 3 begins outside: it is no MOVABLE one."""
    zone = ReferenceZone(
        KERNELS[kernel], start_pfn=3, spanned_pages=30, pageblock_order=2, max_order=4
    )
    zone.boot_live(reserved=[(12, 1)])
    assert zone.blocks == "U" + "M" * 8
    assert zone.lists() == {U: {0: [3]}, M: {0: [13, 32], 1: [14], 2: [4, 8], 3: [16, 24]}}
    assert zone.nr_free_pages == zone.managed_pages == 29


# -- 3.x offline


@pytest.mark.parametrize(
    ("kernel", "nr_free_pages"), [("v3.6", 8), ("v3.7", 4), ("v3.8", 8), ("v3.19", 8)]
)
def test_3x_offline_migrates_and_3_7_counts_twice(kernel: str, nr_free_pages: int) -> None:
    zone = small_zone(kernel)
    assert zone.blocks == "VVMM"
    assert take_lru(zone, 4) == [8, 9, 10, 11]
    assert zone.offline_pages(8, 4) == (0, [(8, 12), (9, 13), (10, 14), (11, 15)])
    assert zone.blocks == "VVMM"
    assert zone.lists() == {RES: {3: [0]}}
    assert zone.nr_free_pages == nr_free_pages
    assert zone.nr_isolated_blocks in (0, None)
    assert (zone.present_pages, zone.managed_pages) == (12, 12)
    zone.online_pages(8, 4)
    assert zone.lists() == {M: {2: [8]}, RES: {3: [0]}}
    assert zone.nr_free_pages == nr_free_pages + 4


@pytest.mark.parametrize("kernel", LATER_3X[2:])
def test_split_asks_for_no_watermark_where_the_block_is_isolated(kernel: str) -> None:
    zone = small_zone(kernel)
    assert zone.split_free_page(8) == 0
    assert zone.isolate(8) == 0
    assert zone.split_free_page(8) == 8


# -- 6.x offline and online


@six
def test_6x_offline_leaves_blocks_isolated_and_draws_the_span_in(kernel: str) -> None:
    zone = small_zone(kernel)
    assert take_lru(zone, 4) == [0, 1, 2, 3]
    assert zone.offline_pages(0, 4) == (0, [(0, 4), (1, 5), (2, 6), (3, 7)])
    assert zone.blocks == "IMMM"
    assert zone.lists() == {M: {3: [8]}}
    assert zone.nr_free_pages == 8
    assert zone.nr_isolated_blocks == 0
    assert (zone.present_pages, zone.managed_pages) == (12, 12)
    assert zone.span == (4, 16)
    assert [zone.page_state(pfn).kind for pfn in range(4)] == ["offline"] * 4
    assert all(zone.page_state(pfn).lru for pfn in (4, 5, 6, 7))

    zone.online_pages(0, 4)
    assert zone.blocks == "MMMM"
    assert zone.lists() == {M: {2: [0], 3: [8]}}
    assert zone.nr_free_pages == 12
    assert zone.nr_isolated_blocks == 0
    assert (zone.present_pages, zone.managed_pages) == (16, 16)
    assert zone.span == (0, 16)


@six
def test_6x_online_merges_with_the_neighbour_and_goes_to_the_tail(kernel: str) -> None:
    zone = small_zone(kernel)
    assert zone.offline_pages(0, 4) == (0, [])
    assert zone.lists() == {M: {2: [4], 3: [8]}}
    zone.online_pages(0, 4)
    assert zone.lists() == {M: {3: [8, 0]}}
    assert zone.nr_free_pages == 16


@six
def test_6x_online_of_two_blocks_undone_one_by_one(kernel: str) -> None:
    zone = small_zone(kernel)
    assert zone.offline_pages(0, 8) == (0, [])
    assert zone.lists() == {M: {3: [8]}}
    zone.online_pages(0, 8)
    assert zone.blocks == "MMMM"
    assert zone.lists() == {M: {3: [8, 0]}}
    assert zone.nr_free_pages == 16


@pytest.mark.parametrize("start", [0, 4, 8, 12])
@six
def test_6x_offline_splits_a_chunk_over_the_edge(kernel: str, start: int) -> None:
    """One block out of a chunk of four."""
    zone = small_zone(kernel, top=4)
    assert zone.lists() == {M: {4: [0]}}
    assert zone.offline_pages(start, 4) == (0, [])
    rest = {0: {2: [4], 3: [8]}, 4: {2: [0], 3: [8]}, 8: {2: [12], 3: [0]}, 12: {2: [8], 3: [0]}}
    assert zone.lists() == {M: rest[start]}
    assert zone.nr_free_pages == 12
    assert zone.present_pages == 12
    assert zone.span == {0: (4, 16), 12: (0, 12)}.get(start, (0, 16))


@six
def test_6x_offline_of_a_range_within_a_chunk(kernel: str) -> None:
    zone = small_zone(kernel, top=4)
    assert zone.offline_pages(4, 8) == (0, [])
    assert zone.blocks == "MIIM"
    assert zone.lists() == {M: {2: [12, 0]}}
    assert zone.nr_free_pages == 8


@six
def test_6x_offline_refuses_what_cannot_move_and_restores(kernel: str) -> None:
    zone = small_zone(kernel)
    zone.set_block_type(8, U)
    assert zone.alloc(3, M) == 0
    assert zone.alloc(0, U) == 8
    assert zone.offline_pages(0, 4) == ("-EBUSY", [])
    before = (zone.lists(), zone.nr_free_pages)
    zone.mark_lru(0, 3, True)
    assert zone.offline_pages(4, 8) == ("-EBUSY", [])
    assert zone.blocks == "MMUU"
    assert (zone.lists(), zone.nr_free_pages) == before
    assert zone.nr_isolated_blocks == 0


@six
def test_6x_offline_refuses_cma(kernel: str) -> None:
    zone = small_zone(kernel)
    zone.set_block_type(8, CMA)
    assert zone.offline_pages(8, 4) == ("-EBUSY", [])
    assert zone.isolate(8) == 0


@six
def test_6x_pinned_page_keeps_offline_going_until_a_signal(kernel: str) -> None:
    zone = small_zone(kernel)
    assert take_lru(zone, 2) == [0, 1]
    zone.pin(0)
    assert zone.offline_pages(0, 4) == ("-EINTR", [(1, 4)])
    assert zone.blocks == "MMMM"
    assert zone.lists() == {M: {0: [5, 1], 1: [6, 2], 3: [8]}}
    assert zone.page_state(0).lru
    zone.unpin(0)
    assert zone.offline_pages(0, 4).ret == 0


@six
def test_6x_no_target_left_keeps_offline_going_too(kernel: str) -> None:
    zone = small_zone(kernel, spanned_pages=8)
    assert take_lru(zone, 7) == [0, 1, 2, 3, 4, 5, 6]
    assert zone.offline_pages(0, 4) == ("-EINTR", [(0, 7)])
    assert zone.lists() == {M: {0: [0]}}
    assert zone.blocks == "MM"


@six
def test_6x_pcp_lists_are_emptied_before_and_as_large_as_before_afterwards(kernel: str) -> None:
    zone = small_zone(kernel, pcp=(8, 2))
    assert zone.alloc(0, M) == 0
    zone.mark_lru(0, 0, True)
    assert [queued.queued[0][0] for queued in zone.pcp_lists()] == [1]
    assert zone.offline_pages(0, 4) == (0, [(0, 4)])
    assert zone.pcp_lists() == []
    assert (zone.per_cpu.high_min, zone.per_cpu.high_max, zone.per_cpu.batch) == (8, 8, 2)
    assert zone.lists() == {M: {0: [5], 1: [6], 3: [8]}}


@six
def test_6x_watermarks_follow_managed_pages(kernel: str) -> None:
    """As in 3.5: 4 KiB * (64512 - 768) of lowmem, the root 2019 KiB, MIN 504; a quarter is 126."""
    zone = zone_of_256_mib(kernel)
    assert zone.offline_pages(64512, 1024).ret == 0
    assert zone.watermarks == Watermarks(504, 630, 756)
    assert zone.per_cpu.high_min == 630
    assert zone.per_cpu.high_max == (630 if kernel == "v6.1" else 64512 // 8)


@six
def test_6x_taking_a_chunk_off_respects_the_min_watermark(kernel: str) -> None:
    """MIN is 32 pages, more than there are. Where the block is isolated nothing is asked."""
    zone = small_zone(kernel)
    assert zone.split_free_page(8) == 0
    assert [zone.isolate(8), zone.isolate(12)] == [0, 0]
    assert zone.split_free_page(8) in (4, 8)


# -- the limit of 6.12 that tunes itself


def tuned_zone(kernel: str = "v6.12") -> ReferenceZone:
    zone = ReferenceZone(
        KERNELS[kernel],
        spanned_pages=256,
        pageblock_order=5,
        max_order=8,
        pcp_high=8,
        pcp_high_max=32,
        pcp_batch=2,
    )
    zone.boot_free(0, 7)
    return zone


def test_high_grows_with_refills_up_to_its_maximum() -> None:
    """8 + 2, + 4, + 8, ... while alloc_factor grows; room is high - count - batch."""
    zone = tuned_zone()
    seen = []
    for _ in range(40):
        before = zone.per_cpu.high
        zone.alloc(0, M)
        if zone.per_cpu.high != before:
            seen.append((zone.per_cpu.high, zone.per_cpu.count))
    assert seen == [(10, 1), (14, 3), (22, 7), (32, 15)]


def test_high_is_raised_by_frees_and_drawn_in_below_the_high_watermark() -> None:
    zone = tuned_zone()
    pfns = [zone.alloc(0, M) for _ in range(40)]
    zone.drain()
    zone.per_cpu.high = 8
    zone.per_cpu.free_count = 0
    for pfn in pfns[:8]:
        assert pfn is not None
        zone.free(pfn, 0)
    # The eighth page meets the limit of 8; 8 freed and a batch of 2 would need 10.
    assert zone.per_cpu.high == 10
    assert zone.per_cpu.count == 2
    zone.set_zone_flags(below_high=True, reclaim_active=False)
    assert pfns[8] is not None
    zone.free(pfns[8], 0)
    assert zone.per_cpu.high == 8


@pytest.mark.parametrize("kernel", V6_12)
def test_high_decays_and_lists_that_idle_shrink(kernel: str) -> None:
    """An eighth a second, not below high_min; 10 pages of order 0 and 5 of order 1 are queued."""
    zone = tuned_zone(kernel)
    singles = [zone.alloc(0, M) for _ in range(30)]
    doubles = [zone.alloc(1, M) for _ in range(6)]
    zone.drain()
    zone.per_cpu.high = 32
    zone.per_cpu.free_count = 0
    for pfn in singles[:10]:
        assert pfn is not None
        zone.free(pfn, 0)
    zone.per_cpu.free_count = 0
    for pfn in doubles[:5]:
        assert pfn is not None
        zone.per_cpu.prev_free_high_order = False
        zone.free(pfn, 1)
    assert (zone.per_cpu.high, zone.per_cpu.count) == (32, 20)
    highs = []
    for _ in range(8):
        zone.decay_pcp_high()
        highs.append((zone.per_cpu.high, zone.per_cpu.count))
    assert highs == [(28, 20), (25, 20), (22, 20), (20, 20), (18, 18), (16, 16), (14, 14), (13, 13)]
    assert {order: len(queued) << order for _, order, queued in zone.pcp_lists()} == {0: 3, 1: 10}


def test_reclaim_keeps_the_lists_short() -> None:
    for kernel in ("v6.1", "v6.12"):
        zone = ReferenceZone(
            KERNELS[kernel],
            spanned_pages=64,
            pageblock_order=4,
            max_order=6,
            pcp_high=32,
            pcp_batch=2,
        )
        zone.boot_free(0, 5)
        pfns = [zone.alloc(0, M) for _ in range(20)]
        zone.drain()
        zone.set_zone_flags(below_high=False, reclaim_active=True)
        for pfn in pfns:
            assert pfn is not None
            zone.free(pfn, 0)
            assert zone.per_cpu.count < 8


def test_what_only_some_kernels_have_is_refused_by_the_others() -> None:
    old, new = small_zone("v3.19"), small_zone("v6.12")
    with pytest.raises(Refused):
        old.set_zone_flags(below_high=True, reclaim_active=False)
    with pytest.raises(Refused):
        new.setup_zone_migrate_reserve(32)
    with pytest.raises(Refused):
        new.set_block_type(0, U, move=True)
    with pytest.raises(Refused):
        new.set_block_type(0, RES)
    with pytest.raises(Refused):
        old.set_block_type(0, MigrateType.HIGHATOMIC)
    assert old.span == (0, 16)
