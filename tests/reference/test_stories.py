"""The shortest sequences that break the books, under every kernel after 3.5.

(Those of 3.5 and the two patches are told beside the recordings.) The zone has blocks of four
pages and orders 0 to 3. Block A is PFN 0..3, B is 4..7. What 3.x drains by itself when it
isolates, 6.x drains because a caller does.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, ReferenceZone

M = MigrateType.MOVABLE
ISO = MigrateType.ISOLATE
CMA = MigrateType.CMA

A, B = 0, 4

GUARDED = "v3.19+d9dddbf5"
LATER = ("v3.6", "v3.7", "v3.8", "v3.19", GUARDED, "v6.1", "v6.12", "v6.12.117")
SIX = LATER[5:]
FROM_3_18 = LATER[3:]

every_kernel = pytest.mark.parametrize("kernel", LATER)


def used_zone(kernel: str, *, pcp_high: int = 0, cma: int | None = None) -> ReferenceZone:
    """All 16 pages in use, one by one, on the LRU; the pcp lists empty."""
    zone = ReferenceZone(
        KERNELS[kernel],
        spanned_pages=16,
        pageblock_order=2,
        max_order=4,
        pcp_high=pcp_high,
        pcp_batch=1,
    )
    for pfn in range(16):
        zone.boot_free(pfn, 0)
    for _ in range(16):
        taken = zone.alloc(0, M)
        assert taken is not None
        zone.mark_lru(taken, 0, True)
    assert (zone.lists(), zone.pcp_lists(), zone.nr_free_pages) == ({}, [], 0)
    if cma is not None:
        zone.set_block_type(cma, CMA)
    return zone


def free(zone: ReferenceZone, *pfns: int) -> None:
    for pfn in pfns:
        zone.free(pfn, 0)


def isolate(zone: ReferenceZone, pfn: int) -> int | str:
    ret = zone.isolate(pfn)
    zone.drain()
    return ret


def books(zone: ReferenceZone) -> tuple[int, list[int]]:
    return zone.nr_free_pages, zone.nr_free


@every_kernel
def test_q1_free_into_isolated_block(kernel: str) -> None:
    counted = kernel == "v3.6"
    zone = used_zone(kernel)
    assert isolate(zone, A) == 0
    free(zone, 0, 1)
    assert books(zone) == (2 * counted, [0, 1, 0, 0])
    free(zone, 2, 3)
    assert books(zone) == (4 * counted, [0, 0, 1, 0])
    assert zone.lists() == {ISO: {2: [0]}}
    zone.unisolate(A, M)
    assert books(zone) == (4, [0, 0, 1, 0])
    assert zone.lists() == {M: {2: [0]}}


@every_kernel
def test_q2_offline_and_online_again(kernel: str) -> None:
    """3.7 subtracts what goes offline a second time."""
    zone = used_zone(kernel)
    free(zone, 0, 1, 2, 3)
    seen = [zone.nr_free_pages]
    for _ in range(3):
        assert isolate(zone, A) == 0
        zone.offline_isolated(A, 4)
        zone.unisolate(A, M)
        seen.append(zone.nr_free_pages)
        zone.online(A, 4)
        seen.append(zone.nr_free_pages)
    drifts = kernel == "v3.7"
    assert seen == ([4, -4, 0, -8, -4, -12, -8] if drifts else [4, 0, 4, 0, 4, 0, 4])


@every_kernel
def test_q4_offline_of_pages_freed_after_isolation(kernel: str) -> None:
    zone = used_zone(kernel)
    assert isolate(zone, A) == 0
    free(zone, 0, 1, 2, 3)
    zone.offline_isolated(A, 4)
    lost = 4 if kernel == "v3.7" else 0
    assert books(zone) == (-lost, [0, 0, 0, 0])
    zone.unisolate(A, M)
    zone.online(A, 4)
    assert books(zone) == (4 - lost, [0, 0, 1, 0])


def zone_with_queued_page(kernel: str) -> ReferenceZone:
    """PFN 1 free in the buddy, PFN 0 on the pcp list."""
    zone = used_zone(kernel, pcp_high=6)
    free(zone, 1)
    zone.drain()
    free(zone, 0)
    assert [queued[0][0] for _, _, queued in zone.pcp_lists()] == [0]
    assert books(zone) == (1, [1, 0, 0, 0])
    return zone


@pytest.mark.parametrize(
    ("kernel", "mt", "isolated", "restored"),
    [
        ("v3.6", M, 2, 2),
        ("v3.7", M, 1, 3),
        ("v3.8", M, 0, 2),
        *((kernel, ISO, 0, 2) for kernel in FROM_3_18),
    ],
)
def test_q5_queued_page_drained_into_isolated_block(
    kernel: str, mt: MigrateType, isolated: int, restored: int
) -> None:
    zone = zone_with_queued_page(kernel)
    assert isolate(zone, A) == 0
    assert zone.lists() == {mt: {1: [0]}}
    assert books(zone) == (isolated, [0, 1, 0, 0])
    zone.unisolate(A, M)
    assert books(zone) == (restored, [0, 1, 0, 0])


def test_q5_page_allocated_from_an_isolated_block_was_never_counted() -> None:
    zone = zone_with_queued_page("v3.8")
    assert isolate(zone, A) == 0
    assert zone.alloc(0, M) == 0
    assert zone.nr_free_pages == -1


@every_kernel
def test_q5b_page_of_isolated_block_is_handed_out_until_3_18(kernel: str) -> None:
    zone = used_zone(kernel, pcp_high=6)
    free(zone, 0)
    assert isolate(zone, A) == 0
    assert zone.alloc(0, M) == (None if kernel in FROM_3_18 else 0)


@pytest.mark.parametrize("kernel", SIX)
def test_q5b_without_the_drain_6x_hands_it_out_too(kernel: str) -> None:
    zone = used_zone(kernel, pcp_high=6)
    free(zone, 0)
    assert zone.isolate(A) == 0
    assert zone.alloc(0, M) == 0


@every_kernel
def test_q5c_offline_with_a_queued_page(kernel: str) -> None:
    zone = used_zone(kernel, pcp_high=6)
    free(zone, 0)
    assert isolate(zone, A) == 0
    free(zone, 1, 2, 3)
    zone.offline_isolated(A, 4)
    assert books(zone) == (-3 if kernel == "v3.7" else 0, [0, 0, 0, 0])
    assert zone.lists() == {}


@pytest.mark.parametrize(
    ("kernel", "hidden", "restored"),
    [("v3.6", 8, 8), ("v3.7", 4, 12), ("v3.8", 4, 12), *((kernel, 4, 8) for kernel in FROM_3_18)],
)
def test_q6_border_merge_lower_block_isolated(kernel: str, hidden: int, restored: int) -> None:
    zone = used_zone(kernel)
    free(zone, 4, 5, 6, 7)
    assert isolate(zone, A) == 0
    free(zone, 0, 1, 2, 3)
    apart = {M: {2: [4]}, ISO: {2: [0]}}
    assert zone.lists() == (apart if kernel in FROM_3_18 else {ISO: {3: [0]}})
    assert zone.nr_free_pages == hidden
    zone.unisolate(A, M)
    assert books(zone) == (restored, [0, 0, 0, 1])
    assert zone.lists() == {M: {3: [0]}}


@every_kernel
def test_q6u_border_merge_upper_block_isolated(kernel: str) -> None:
    """Until 3.18 all eight pages stay on ISOLATE for ever."""
    zone = used_zone(kernel)
    free(zone, 0, 1, 2, 3)
    assert isolate(zone, B) == 0
    free(zone, 4, 5, 6, 7)
    zone.unisolate(B, M)
    assert zone.lists() == {M if kernel in FROM_3_18 else ISO: {3: [0]}}
    assert zone.nr_free_pages == (4 if kernel in ("v3.7", "v3.8") else 8)


@pytest.mark.parametrize(
    ("kernel", "merged", "restored"),
    [
        ("v3.6", 8, 8),
        ("v3.7", 4, 12),
        ("v3.8", 4, 12),
        ("v3.19", 4, 12),
        (GUARDED, 4, 8),
        *((kernel, 4, 8) for kernel in SIX),
    ],
)
def test_q7_border_merge_from_outside(kernel: str, merged: int, restored: int) -> None:
    """The commit that guards both sides is what keeps A isolated here."""
    zone = used_zone(kernel)
    free(zone, 0, 1, 2, 3)
    assert isolate(zone, A) == 0
    free(zone, 4, 5, 6, 7)
    guarded = kernel in (GUARDED, *SIX)
    assert zone.lists() == ({M: {2: [4]}, ISO: {2: [0]}} if guarded else {M: {3: [0]}})
    assert zone.nr_free_pages == merged
    zone.unisolate(A, M)
    assert books(zone) == (restored, [0, 0, 0, 1])
    assert zone.lists() == {M: {3: [0]}}


@pytest.mark.parametrize(
    ("kernel", "twice", "once", "blocks_left"),
    [
        ("v3.6", 4, 4, 0),
        ("v3.7", -4, 0, 0),
        ("v3.8", -4, 0, None),
        ("v3.19", -4, 0, 1),
        (GUARDED, -4, 0, 1),
    ],
)
def test_q8_isolated_twice_restored_once(
    kernel: str, twice: int, once: int, blocks_left: int | None
) -> None:
    zone = used_zone(kernel)
    free(zone, 0, 1, 2, 3)
    assert [isolate(zone, A), isolate(zone, A)] == [0, 0]
    assert zone.nr_free_pages == twice
    zone.unisolate(A, M)
    assert zone.nr_free_pages == once
    assert zone.nr_isolated_blocks == blocks_left


@pytest.mark.parametrize("kernel", SIX)
def test_q8_second_isolation_is_refused(kernel: str) -> None:
    zone = used_zone(kernel)
    free(zone, 0, 1, 2, 3)
    assert [isolate(zone, A), isolate(zone, A)] == [0, "-EBUSY"]
    zone.unisolate(A, M)
    assert zone.nr_free_pages == 4
    assert zone.nr_isolated_blocks == 0


def test_merged_isolated_blocks_stay_one_chunk_under_the_guard() -> None:
    """A and B isolated both: one type, so nothing keeps them apart. 3.19 stops at a block."""
    for kernel, expected in ((GUARDED, {3: [0]}), ("v3.19", {2: [4, 0]})):
        zone = used_zone(kernel)
        assert [isolate(zone, A), isolate(zone, B)] == [0, 0]
        free(zone, *range(8))
        assert zone.lists() == {ISO: expected}


@every_kernel
def test_q10_contiguous_allocation(kernel: str) -> None:
    zone = used_zone(kernel, cma=A)
    free(zone, 0, 1)
    assert isolate(zone, A) == 0
    free(zone, 2, 3)
    assert zone.split_free_page(0) == 4
    zone.unisolate(A, CMA)
    assert books(zone) == (0, [0, 0, 0, 0])
    assert zone.nr_free_cma in (0, None)
    assert zone.blocks == "CMMM"


@pytest.mark.parametrize(("kernel", "counted"), [("v3.7", 2), ("v3.8", 1), ("v3.19", 1)])
def test_q13_queued_cma_page(kernel: str, counted: int) -> None:
    """3.7 counts it when it is drained and again when isolation is given up."""
    zone = used_zone(kernel, pcp_high=6, cma=A)
    free(zone, 0)
    assert isolate(zone, A) == 0
    zone.unisolate(A, CMA)
    assert (zone.nr_free_pages, zone.nr_free_cma) == (counted, counted)
