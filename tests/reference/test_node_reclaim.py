"""Reclaim in a node: how much of a zone is looked at, what a free does to the books, giving up.

The nodes are those of small_nodes.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, Watermarks
from tests.reference.node import NodeZone, ReferenceNode, Sort
from tests.reference.node.reclaim import ScanControl, shrink_zone, try_to_free_pages
from tests.reference.small_nodes import ERAS, MOVABLE, NORMAL, node_of, on_lru, take

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE

eras = pytest.mark.parametrize("kernel", ERAS)
either_rule = pytest.mark.parametrize("kernel", ["v3.5", "v3.19"])


def shrink(node: ReferenceNode, zone: NodeZone, priority: int, reclaimed: int = 0) -> ScanControl:
    sc = ScanControl(priority, reclaimed)
    shrink_zone(node._state, zone, sc)
    return sc


def test_the_node_of_these_tests() -> None:
    node = node_of()
    assert [zone.watermarks for zone in node.zones] == [Watermarks(8, 10, 12)] * 2
    assert [zone.lowmem_reserve for zone in node.zones] == [[0, 2], [0, 0]]


# -- shrink_zone


@eras
@pytest.mark.parametrize(
    ("priority", "freed"), [(12, 0), (6, 0), (5, 1), (4, 3), (3, 6), (1, 24), (0, 32)]
)
def test_each_priority_doubles_the_share(kernel: str, priority: int, freed: int) -> None:
    """48 pages: 48 >> 3 is 6. At priority 0 it would be all of them, but 32 are enough."""
    node = node_of(kernel)
    zone = node.zones[NORMAL]
    take(node, 48, NORMAL)
    before = on_lru(zone)
    assert shrink(node, zone, priority).reclaimed == freed
    assert on_lru(zone) == before[freed:]
    assert zone.nr_lru_file == 48 - freed


def test_at_the_first_priority_enough_is_never_reached() -> None:
    """4096 << 12 pages would be needed to see it at 12; the rule is asked directly."""
    assert not ScanControl(12, 1000).enough
    assert ScanControl(11, 32).enough
    assert not ScanControl(11, 31).enough


def test_who_comes_with_enough_looks_at_nothing() -> None:
    node = node_of()
    zone = node.zones[NORMAL]
    take(node, 48, NORMAL)
    assert shrink(node, zone, 3, reclaimed=32).reclaimed == 32
    assert (zone.nr_lru_file, zone.hands[Sort.FILE], zone.pages_scanned) == (48, 0, 0)


def test_the_hand_goes_on_where_it_stopped_and_round() -> None:
    """16 LRU pages, PFN 48..63; the hand of the other sort stays where the zone begins."""
    node = node_of()
    zone = node.zones[NORMAL]
    assert take(node, 16, NORMAL) == list(range(48, 64))
    for pfn in range(48, 64):
        node.pin(pfn)
    hands = []
    for _ in range(5):
        shrink(node, zone, 2)
        hands.append(zone.hands[Sort.FILE])
    assert hands == [52, 56, 60, 64, 52]
    assert zone.hands[Sort.ANON] == 0
    assert zone.pages_scanned == 20


def test_pinned_pages_are_only_looked_at() -> None:
    node = node_of()
    zone = node.zones[NORMAL]
    take(node, 16, NORMAL)
    node.pin(49)
    assert shrink(node, zone, 2).reclaimed == 3
    assert on_lru(zone) == [49, *range(52, 64)]


def test_a_chunk_counts_whole_and_the_last_may_be_too_much() -> None:
    """24 pages in three chunks of eight; 24 >> 1 is 12, so two are looked at."""
    node = node_of()
    zone = node.zones[NORMAL]
    for _ in range(3):
        node.request(3, M, NORMAL, lru=True)
    assert zone.nr_lru_file == 24
    assert shrink(node, zone, 1).reclaimed == 16
    assert (zone.nr_lru_file, zone.hands[Sort.FILE]) == (8, 56)


def test_file_goes_before_anon_and_anon_needs_swap() -> None:
    node = node_of(swap_pages=3)
    zone = node.zones[NORMAL]
    take(node, 16, NORMAL)
    take(node, 16, NORMAL, anon=True)
    assert (zone.nr_lru_file, zone.nr_lru_anon) == (16, 16)
    assert shrink(node, zone, 3).reclaimed == 4
    assert (zone.nr_lru_file, zone.nr_lru_anon, node.swap_free) == (14, 14, 1)
    # One page of swap is left, and then none: no anonymous page is so much as looked at.
    hand = zone.hands[Sort.ANON]
    assert shrink(node, zone, 1).reclaimed == 8
    assert (zone.nr_lru_file, zone.nr_lru_anon, node.swap_free) == (7, 13, 0)
    assert zone.hands[Sort.ANON] == hand + 1
    shrink(node, zone, 0)
    assert (zone.nr_lru_file, zone.nr_lru_anon) == (0, 13)


def test_a_chunk_may_take_the_last_of_the_swap_and_more() -> None:
    node = node_of(swap_pages=3)
    node.request(2, M, NORMAL, lru=True, anon=True)
    assert shrink(node, node.zones[NORMAL], 0).reclaimed == 4
    assert node.swap_free == 0


def test_handles_of_reclaimed_pages_come_back_last_first() -> None:
    node = node_of()
    for _ in range(4):
        node.request(0, M, NORMAL, lru=True)
    handles = {pfn: handle for handle, pfn in node.handles().items()}
    assert sorted(handles.values()) == [0, 1, 2, 3]
    freed = sorted(handles)[:2]
    shrink(node, node.zones[NORMAL], 1)
    assert sorted(node.handles().values()) == sorted(handles)[2:]
    again = [node.request(0, U, NORMAL).pfn for _ in range(3)]
    by_pfn = {pfn: handle for handle, pfn in node.handles().items()}
    assert [by_pfn[pfn or 0] for pfn in again] == [handles[freed[1]], handles[freed[0]], 4]


# -- what a free does to reclaim's books


@pytest.mark.parametrize("kernel", KERNELS)
def test_any_free_to_the_lists_lets_reclaim_hope_again(kernel: str) -> None:
    node = node_of(kernel)
    zone = node.zones[NORMAL]
    for order in (0, 3):
        got = node.request(order, U, NORMAL)
        zone.state.pages_scanned, zone.state.all_unreclaimable = 7, True
        node.free(got.pfn or 0)
        assert (zone.pages_scanned, zone.all_unreclaimable) == (0, False)
    assert node.zones[MOVABLE].pages_scanned == 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_free_into_an_isolated_block_does_so_as_well(kernel: str) -> None:
    node = node_of(kernel)
    zone = node.zones[NORMAL]
    (pfn,) = take(node, 1, NORMAL)
    assert node.isolate(pfn) == 0
    zone.state.pages_scanned, zone.state.all_unreclaimable = 7, True
    node.free(pfn)
    assert (zone.pages_scanned, zone.all_unreclaimable) == (0, False)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_page_that_waits_on_a_pcp_list_does_not(kernel: str) -> None:
    """Nor does draining lists that hold nothing."""
    node = node_of(kernel, pcp=(8, 2))
    zone = node.zones[NORMAL]
    (pfn,) = take(node, 1, NORMAL)
    node.drain()
    zone.state.pages_scanned, zone.state.all_unreclaimable = 7, True
    node.drain()
    node.free(pfn)
    assert (zone.pages_scanned, zone.all_unreclaimable) == (7, True)
    node.drain()
    assert (zone.pages_scanned, zone.all_unreclaimable) == (0, False)


def test_reclaim_frees_to_the_cold_end_in_3x() -> None:
    """57 is freed the usual way and goes before the page that waits; 56 goes behind."""
    node = node_of("v3.5", pcp=(16, 4))
    zone = node.zones[NORMAL]
    assert take(node, 3, NORMAL) == [56, 57, 58]
    node.pin(58)
    node.free(57)
    assert shrink(node, zone, 0).reclaimed == 1
    assert [pfn for pfn, _ in zone.pcp()[M]] == [57, 59, 56]


@pytest.mark.parametrize("kernel", ["v6.1", "v6.12"])
def test_reclaim_frees_like_anybody_in_6x(kernel: str) -> None:
    node = node_of(kernel, pcp=(16, 4))
    zone = node.zones[NORMAL]
    assert take(node, 3, NORMAL) == [0, 1, 2]
    node.pin(2)
    before = [pfn for pfn, _ in zone.pcp()[M]]
    assert shrink(node, zone, 0).reclaimed == 2
    assert [pfn for pfn, _ in zone.pcp()[M]] == [1, 0, *before]


# -- giving up


@pytest.mark.parametrize("swap_pages", [0, 8])
def test_reclaimable_until_all_has_been_seen_six_times(swap_pages: int) -> None:
    node = node_of(swap_pages=swap_pages)
    zone = node.zones[NORMAL]
    take(node, 4, NORMAL)
    take(node, 2, NORMAL, anon=True)
    limit = 6 * (6 if swap_pages else 4)
    zone.state.pages_scanned = limit - 1
    assert zone.zone_reclaimable(swap=swap_pages > 0)
    zone.state.pages_scanned = limit
    assert not zone.zone_reclaimable(swap=swap_pages > 0)


def test_a_zone_with_nothing_on_the_lru_is_given_up_at_once_or_by_kswapd() -> None:
    assert not node_of("v3.5").zones[NORMAL].is_given_up(swap=True)
    assert node_of("v3.19").zones[NORMAL].is_given_up(swap=True)


@either_rule
def test_direct_reclaim_calls_it_progress_unless_all_zones_are_given_up(kernel: str) -> None:
    node = node_of(kernel)
    assert try_to_free_pages(node._state, MOVABLE) == int(kernel == "v3.5")
    for zone in node.zones:
        zone.state.all_unreclaimable = True
    assert try_to_free_pages(node._state, MOVABLE) == 0
    # A zone that is not in the zonelist does not count.
    node.zones[MOVABLE].state.all_unreclaimable = False
    assert try_to_free_pages(node._state, NORMAL) == 0
    assert try_to_free_pages(node._state, MOVABLE) == int(kernel == "v3.5")


def test_direct_reclaim_spares_what_is_given_up_but_at_the_first_priority() -> None:
    """That looks at 48 >> 12, no page at all."""
    node = node_of()
    take(node, 48, NORMAL)
    take(node, 48, MOVABLE)
    node.zones[MOVABLE].state.all_unreclaimable = True
    assert try_to_free_pages(node._state, MOVABLE) == 32
    assert (node.zones[NORMAL].nr_lru_file, node.zones[MOVABLE].nr_lru_file) == (16, 48)
