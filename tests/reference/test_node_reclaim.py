"""Reclaim in a node: how much of a zone is looked at, by whom, and when somebody stops.

Zones of 64 pages unless said, blocks of four, and 64 KiB to share: MIN, LOW, HIGH 8, 10, 12 in two.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, Watermarks
from tests.reference.node import NodeZone, ReferenceNode, Sort
from tests.reference.node import kswapd as kswapd_steps
from tests.reference.node.livelock import Watch
from tests.reference.node.reclaim import ScanControl, shrink_zone, try_to_free_pages

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE

NORMAL, MOVABLE = 0, 1

THREE_ERAS = pytest.mark.parametrize("kernel", ["v3.5", "v3.19", "v6.1", "v6.12"])
FLAG_AND_SCANNED = pytest.mark.parametrize("kernel", ["v3.5", "v3.19"])


def node_of(
    kernel: str = "v3.5",
    *,
    pages: tuple[int, ...] = (64, 64),
    kinds: tuple[str, ...] = ("Normal", "Movable"),
    pcp: tuple[int, int] = (0, 1),
    swap_pages: int = 0,
    kbytes: int = 64,
) -> ReferenceNode:
    """Booted; the zones follow one another from PFN 0."""
    node = ReferenceNode(
        KERNELS[kernel],
        [
            (name, sum(pages[:index]), spanned)
            for index, (name, spanned) in enumerate(zip(kinds, pages, strict=True))
        ],
        pageblock_order=2,
        max_order=4,
        pcp=pcp,
        swap_pages=swap_pages,
        min_free_kbytes=kbytes,
    )
    node.boot_live()
    return node


def take(
    node: ReferenceNode, count: int, klass: int, *, lru: bool = True, anon: bool = False
) -> list[int]:
    """So many pages, through the zone itself: no watermark is in the way."""
    zone = node.zones[klass]
    pfns = [zone.alloc(0, M) for _ in range(count)]
    assert None not in pfns
    taken = sorted(pfn for pfn in pfns if pfn is not None)
    for pfn in taken if lru else []:
        node.mark_lru(pfn, True, anon=anon)
    return taken


def shrink(node: ReferenceNode, zone: NodeZone, priority: int, reclaimed: int = 0) -> ScanControl:
    sc = ScanControl(priority, reclaimed)
    shrink_zone(node._state, zone, sc)
    return sc


def on_lru(zone: NodeZone) -> list[int]:
    return [pfn for pfn, page in zone.chunks() if page.lru]


def test_the_node_of_these_tests() -> None:
    node = node_of()
    assert [zone.watermarks for zone in node.zones] == [Watermarks(8, 10, 12)] * 2
    assert [zone.lowmem_reserve for zone in node.zones] == [[0, 2], [0, 0]]


# -- shrink_zone


@THREE_ERAS
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


@FLAG_AND_SCANNED
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


# -- kswapd


def asleep(node: ReferenceNode) -> bool:
    kswapd = node.kswapd
    return not kswapd.awake and (kswapd.order, kswapd.klass) == (0, 0)


def awake(node: ReferenceNode, *, order: int = 0, klass: int = MOVABLE, priority: int = 12) -> None:
    node.kswapd.awake = True
    node.kswapd.order, node.kswapd.klass, node.kswapd.priority = order, klass, priority


def test_waking_asks_low_and_forgets_the_reserve() -> None:
    """A reserve of 2 for class Movable: 12 pages free are too few for the request, not for this."""
    node = node_of()
    normal = node.zones[NORMAL]
    take(node, 53, NORMAL, lru=False)
    assert normal.nr_free_pages == 11
    assert not normal.watermark_ok(0, normal.marks.low, MOVABLE, ())
    kswapd_steps.wakeup_kswapd(node._state, normal, 0, MOVABLE)
    assert asleep(node)
    take(node, 1, NORMAL, lru=False)
    kswapd_steps.wakeup_kswapd(node._state, normal, 0, MOVABLE)
    assert node.kswapd.awake and node.kswapd.klass == MOVABLE


def test_what_is_wanted_is_remembered_only_by_one_who_is_awake() -> None:
    node = node_of()
    normal = node.zones[NORMAL]
    kswapd_steps.wakeup_kswapd(node._state, normal, 3, MOVABLE)
    assert asleep(node)
    take(node, 54, NORMAL, lru=False)
    kswapd_steps.wakeup_kswapd(node._state, normal, 1, NORMAL)
    assert (node.kswapd.order, node.kswapd.klass) == (1, NORMAL)
    kswapd_steps.wakeup_kswapd(node._state, node.zones[MOVABLE], 0, MOVABLE)
    assert (node.kswapd.order, node.kswapd.klass) == (1, MOVABLE)


def test_kswapd_asleep_does_nothing() -> None:
    node = node_of()
    take(node, 64, NORMAL)
    node.kswapd_step()
    assert asleep(node) and node.zones[NORMAL].nr_lru_file == 64


def test_kswapd_with_every_zone_above_high_sleeps() -> None:
    node = node_of()
    awake(node)
    node.kswapd_step()
    assert asleep(node)


def test_the_end_zone_is_the_highest_that_is_low() -> None:
    node = node_of()
    state = node._state
    assert kswapd_steps.find_end_zone(state) is None
    take(node, 52, NORMAL)
    assert kswapd_steps.find_end_zone(state) == NORMAL
    take(node, 52, MOVABLE)
    assert kswapd_steps.find_end_zone(state) == MOVABLE
    node.zones[MOVABLE].state.all_unreclaimable = True
    assert kswapd_steps.find_end_zone(state) == MOVABLE
    awake(node, priority=11)
    assert kswapd_steps.find_end_zone(state) == NORMAL


@pytest.mark.parametrize(("used", "left_on_lru"), [(48, 48), (49, 46)])
def test_zones_below_the_end_are_held_to_high_and_a_gap(used: int, left_on_lru: int) -> None:
    """16 pages free are more than 12, a gap of 1 and a reserve of 2; 15 are not: 49 >> 4 go."""
    node = node_of()
    assert [kswapd_steps.balance_gap(zone) for zone in node.zones] == [1, 1]
    take(node, 52, MOVABLE, lru=False)
    take(node, used, NORMAL)
    awake(node, priority=4)
    node.kswapd_step()
    assert node.zones[NORMAL].nr_lru_file == left_on_lru


def test_the_gap_is_never_more_than_low() -> None:
    node = node_of(pages=(2048, 64), kbytes=16)
    assert node.zones[NORMAL].marks.low < 21
    assert kswapd_steps.balance_gap(node.zones[NORMAL]) == node.zones[NORMAL].marks.low


def test_only_kswapd_gives_a_zone_up_and_only_one_it_shrank() -> None:
    node = node_of()
    take(node, 53, MOVABLE, lru=False)
    awake(node)
    node.kswapd_step()
    assert [zone.all_unreclaimable for zone in node.zones] == [False, True]


def test_kswapd_never_sets_the_flag_where_nobody_reads_it() -> None:
    node = node_of("v3.19")
    take(node, 53, MOVABLE, lru=False)
    awake(node)
    node.kswapd_step()
    assert [zone.all_unreclaimable for zone in node.zones] == [False, False]
    assert asleep(node)


def test_kswapd_goes_down_the_priorities_and_begins_anew() -> None:
    """Four LRU pages, pinned, in a zone with nothing free: it is not given up for a while."""
    node = node_of()
    for pfn in take(node, 64, MOVABLE):
        node.pin(pfn)
    awake(node)
    priorities = []
    for _ in range(14):
        node.kswapd_step()
        priorities.append(node.kswapd.priority)
    assert priorities == [*range(11, -1, -1), 12, 11]
    # 64 >> 6 .. 64 >> 0: twice the LRU less one.
    assert node.zones[MOVABLE].pages_scanned == 127


def test_kswapd_leaves_as_soon_as_all_is_well() -> None:
    """1, 1, 3 and 7 pages by priorities 6 to 3: 12 are not above HIGH.

    By priority 2 another 13 are.
    """
    node = node_of()
    take(node, 64, MOVABLE)
    awake(node)
    left = []
    while node.kswapd.awake:
        node.kswapd_step()
        left.append(node.zones[MOVABLE].nr_lru_file)
    assert left == [64] * 6 + [63, 62, 59, 52, 39]
    assert asleep(node)


def test_kswapd_leaves_with_32_pages_too_and_begins_anew() -> None:
    """Zones of 256 pages and marks of 256, 320 and 384: nothing is ever enough."""
    node = node_of(pages=(256, 256), kbytes=2048)
    take(node, 256, MOVABLE)
    awake(node)
    seen = []
    for _ in range(10):
        node.kswapd_step()
        seen.append((node.kswapd.priority, node.kswapd.reclaimed))
    assert seen[4:] == [(7, 1), (6, 2), (5, 5), (4, 12), (3, 27), (12, 0)]
    assert node.zones[MOVABLE].nr_lru_file == 256 - 32


def test_an_order_in_vain_is_given_up_for_single_pages() -> None:
    node = node_of()
    for pfn in take(node, 64, MOVABLE):
        node.pin(pfn)
    for pfn in take(node, 64, NORMAL):
        node.pin(pfn)
    awake(node, order=2, priority=0)
    node.kswapd_step()
    assert (node.kswapd.awake, node.kswapd.order, node.kswapd.priority) == (True, 0, 12)
    assert node.kswapd.klass == MOVABLE


def test_for_a_higher_order_a_quarter_of_the_memory_is_enough() -> None:
    """Normal is in balance, half of all there is; Movable has single pages alone."""
    for order, sleeps in ((1, True), (0, False)):
        node = node_of()
        for pfn in take(node, 64, MOVABLE):
            node.pin(pfn)
        awake(node, order=order, priority=6)
        node.kswapd_step()
        assert asleep(node) is sleeps


def test_the_sleep_test_asks_each_zone_for_its_own_class() -> None:
    """13 pages free in Normal, and a reserve of 2 that is not asked for."""
    node = node_of()
    take(node, 51, NORMAL, lru=False)
    awake(node)
    assert not node.zones[NORMAL].watermark_ok_safe(0, 12, MOVABLE)
    assert not kswapd_steps.sleeping_prematurely(node._state)
    take(node, 1, NORMAL, lru=False)
    assert kswapd_steps.sleeping_prematurely(node._state)
    node.zones[NORMAL].state.all_unreclaimable = True
    assert not kswapd_steps.sleeping_prematurely(node._state)


# -- the verdict


def turns_to_verdict(node: ReferenceNode) -> int:
    watch = Watch()
    turns = 1
    while not watch.is_livelock(node._state):
        turns += 1
    return turns


def test_two_turns_equal_to_the_one_before_are_enough_unless_kswapd_is_awake() -> None:
    node = node_of()
    assert turns_to_verdict(node) == 3
    awake(node)
    assert turns_to_verdict(node) == 29


def test_anything_that_changes_begins_the_count_anew() -> None:
    node = node_of()
    zone = node.zones[NORMAL]
    watch = Watch()
    verdicts = [watch.is_livelock(node._state) for _ in range(2)]
    node.request(0, U, NORMAL)
    verdicts += [watch.is_livelock(node._state) for _ in range(2)]
    zone.state.all_unreclaimable = True
    verdicts += [watch.is_livelock(node._state) for _ in range(2)]
    watch.somebody_was_killed()
    verdicts += [watch.is_livelock(node._state) for _ in range(2)]
    assert verdicts == [False] * 7 + [True]


@FLAG_AND_SCANNED
def test_scanning_is_a_change_only_where_somebody_gives_up_by_it(kernel: str) -> None:
    node = node_of(kernel)
    watch = Watch()
    for _ in range(2):
        node.zones[NORMAL].state.pages_scanned += 1
        assert not watch.is_livelock(node._state)
    node.zones[NORMAL].state.pages_scanned += 1
    assert watch.is_livelock(node._state) is (kernel == "v3.5")
