"""A free in two halves: what comes between reading a block's type and taking the lock.

Blocks of four pages, orders 0 to 5. The chunk that is freed is the one page or the 16 pages from
PFN 0 on (16, so that 6.x takes the direct path). All of these are in use and on the LRU.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, KernelBug, MigrateType, ReferenceZone, Refused

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE
ISO = MigrateType.ISOLATE

UNLOCKED = ("v3.5", "minchan-v1", "minchan-v2", "v3.6", "v3.7", "v3.8")
CHECKED_AGAIN = ("v3.19", "v3.19+d9dddbf5", "v6.1", "v6.12", "v6.12.117")
SIX = CHECKED_AGAIN[2:]

orders = pytest.mark.parametrize("order", [0, 4])


def zone_with_chunk(kernel: str, order: int) -> ReferenceZone:
    zone = ReferenceZone(
        KERNELS[kernel],
        spanned_pages=32,
        pageblock_order=2,
        max_order=6,
        pcp_high=8,
        pcp_batch=1,
    )
    zone.boot_free(0, 4)
    for pfn in range(0, 16, 1 << order):
        assert zone.alloc(order, M) == pfn
        zone.mark_lru(pfn, order, True)
    return zone


def everywhere(zone: ReferenceZone) -> dict[MigrateType, dict[int, list[int]]]:
    """The lists once the pcp lists are empty."""
    zone.drain()
    return zone.lists()


@orders
@pytest.mark.parametrize("kernel", KERNELS)
def test_both_halves_make_one_free(kernel: str, order: int) -> None:
    whole, halves = zone_with_chunk(kernel, order), zone_with_chunk(kernel, order)
    whole.free(0, order)
    halves.free_begin(0, order)
    assert halves.page_state(0)[:3] == ("limbo", 0, order)
    assert halves.page_state((1 << order) - 1).head == 0
    assert (halves.lists(), halves.pcp_lists(), halves.nr_free_pages) == ({}, [], 0)
    halves.free_finish(0)
    assert halves.pcp_lists() == whole.pcp_lists()
    assert everywhere(halves) == everywhere(whole)


def free_while_isolating(kernel: str, order: int) -> ReferenceZone:
    """MOVABLE is read, then the block is isolated."""
    zone = zone_with_chunk(kernel, order)
    zone.free_begin(0, order)
    assert zone.isolate(0) == 0
    zone.free_finish(0)
    return zone


@orders
@pytest.mark.parametrize("kernel", UNLOCKED)
def test_page_of_block_isolated_meanwhile_goes_to_movable(kernel: str, order: int) -> None:
    zone = free_while_isolating(kernel, order)
    assert everywhere(zone) == {M: {order: [0]}}
    not_counted = kernel == "v3.8" and order == 0  # it came by way of the pcp lists
    assert zone.nr_free_pages == (0 if not_counted else 1 << order)
    zone.unisolate(0, M)
    assert zone.nr_free_pages == {
        "v3.5": 1 << order,
        "v3.6": 1 << order,
        "v3.8": 2 << order if order else 1,
    }.get(kernel, 2 << order)


@orders
@pytest.mark.parametrize("kernel", CHECKED_AGAIN)
def test_type_is_read_again_while_a_block_is_isolated(kernel: str, order: int) -> None:
    """6.12 gives the chunk back block by block, so only the isolated one is held back."""
    zone = free_while_isolating(kernel, order)
    lists = everywhere(zone)
    held_back = zone.nr_free_pages
    if order == 0:
        assert (lists, held_back) == ({ISO: {0: [0]}}, 0)
    elif kernel in ("v6.12", "v6.12.117"):
        assert (lists, held_back) == ({M: {2: [4], 3: [8]}, ISO: {2: [0]}}, 12)
    else:
        assert (lists, held_back) == ({ISO: {4: [0]}}, 0)


def free_while_unisolating(kernel: str, order: int) -> ReferenceZone:
    """ISOLATE is read, then the isolation ends."""
    zone = zone_with_chunk(kernel, order)
    assert zone.isolate(0) == 0
    zone.free_begin(0, order)
    zone.unisolate(0, M)
    zone.free_finish(0)
    return zone


@orders
@pytest.mark.parametrize("kernel", UNLOCKED)
def test_page_read_as_isolated_is_stranded(kernel: str, order: int) -> None:
    zone = free_while_unisolating(kernel, order)
    assert everywhere(zone) == {ISO: {order: [0]}}
    counted = kernel in ("v3.5", "minchan-v1", "v3.6")
    assert zone.nr_free_pages == counted << order
    assert zone.nr_free[order] == (0 if kernel == "minchan-v2" else 1)
    assert zone.alloc(order, M) is None


@orders
@pytest.mark.parametrize("kernel", CHECKED_AGAIN)
def test_page_read_as_isolated_is_looked_at_again(kernel: str, order: int) -> None:
    zone = free_while_unisolating(kernel, order)
    assert everywhere(zone) == {M: {order: [0]}}
    assert zone.nr_free_pages == 1 << order


@pytest.mark.parametrize("kernel", [*UNLOCKED, *CHECKED_AGAIN])
def test_pcp_list_is_chosen_by_the_type_read_before_the_lock(kernel: str) -> None:
    zone = zone_with_chunk(kernel, 0)
    zone.free_begin(0, 0)
    zone.set_block_type(0, U)
    zone.free_finish(0)
    assert [queued.mt for queued in zone.pcp_lists()] == [M]


def test_limbo_pages_have_no_references() -> None:
    """They do not hinder isolation, and 3.5 takes a single one it knows as ISOLATE for free."""
    zone = zone_with_chunk("v3.5", 0)
    zone.set_block_type(0, U)
    zone.mark_lru(0, 0, False)
    assert zone.isolate(0) == "-EBUSY"
    zone.free_begin(0, 0)
    assert zone.isolate(0) == 0


def test_offlining_a_page_in_limbo_is_a_bug_in_3_5() -> None:
    zone = ReferenceZone(KERNELS["v3.5"], spanned_pages=16, pageblock_order=2, max_order=4)
    zone.boot_live()
    assert zone.alloc(0, M) == 8
    zone.set_block_type(8, ISO)
    zone.free_begin(8, 0)
    with pytest.raises(KernelBug, match="__offline_isolated_pages"):
        zone.offline_pages(8, 4)


@pytest.mark.parametrize("kernel", KERNELS)
def test_halves_out_of_order_are_refused(kernel: str) -> None:
    zone = zone_with_chunk(kernel, 0)
    with pytest.raises(Refused, match=r"^pfn: "):
        zone.free_finish(0)
    zone.free_begin(0, 0)
    with pytest.raises(Refused, match=r"^pfn: "):
        zone.free_begin(0, 0)
    zone.free_finish(0)
    with pytest.raises(Refused, match=r"^pfn: "):
        zone.free_finish(0)
