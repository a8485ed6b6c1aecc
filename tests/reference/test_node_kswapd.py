"""kswapd's steps, and the verdict on a request that goes round.

The nodes are those of small_nodes.
"""

from __future__ import annotations

import pytest

from tests.reference import MigrateType
from tests.reference.node import ReferenceNode
from tests.reference.node import kswapd as kswapd_steps
from tests.reference.node.livelock import Watch
from tests.reference.small_nodes import MOVABLE, NORMAL, node_of, take

U = MigrateType.UNMOVABLE

either_rule = pytest.mark.parametrize("kernel", ["v3.5", "v3.19"])


def asleep(node: ReferenceNode) -> bool:
    kswapd = node.kswapd
    return not kswapd.awake and (kswapd.order, kswapd.classzone_idx) == (0, 0)


def awake(
    node: ReferenceNode, *, order: int = 0, classzone_idx: int = MOVABLE, priority: int = 12
) -> None:
    kswapd = node.kswapd
    kswapd.awake = True
    kswapd.order, kswapd.classzone_idx, kswapd.priority = order, classzone_idx, priority


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
    assert node.kswapd.awake and node.kswapd.classzone_idx == MOVABLE


def test_what_is_wanted_is_remembered_only_by_one_who_is_awake() -> None:
    node = node_of()
    normal = node.zones[NORMAL]
    kswapd_steps.wakeup_kswapd(node._state, normal, 3, MOVABLE)
    assert asleep(node)
    take(node, 54, NORMAL, lru=False)
    kswapd_steps.wakeup_kswapd(node._state, normal, 1, NORMAL)
    assert (node.kswapd.order, node.kswapd.classzone_idx) == (1, NORMAL)
    kswapd_steps.wakeup_kswapd(node._state, node.zones[MOVABLE], 0, MOVABLE)
    assert (node.kswapd.order, node.kswapd.classzone_idx) == (1, MOVABLE)


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
    assert node.kswapd.classzone_idx == MOVABLE


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


@either_rule
def test_scanning_is_a_change_only_where_somebody_gives_up_by_it(kernel: str) -> None:
    node = node_of(kernel)
    watch = Watch()
    for _ in range(2):
        node.zones[NORMAL].state.pages_scanned += 1
        assert not watch.is_livelock(node._state)
    node.zones[NORMAL].state.pages_scanned += 1
    assert watch.is_livelock(node._state) is (kernel == "v3.5")
