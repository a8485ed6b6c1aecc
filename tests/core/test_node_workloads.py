"""Reclaim pressure, fork storm and atomic bursts: on whole nodes, where kswapd, reclaim and the
OOM killer answer them, and in bare zones, where nobody does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sim_core import MIGRATETYPES, Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.lab import Workload
from sim_core.mm import _read
from sim_core.models import ROWS
from sim_core.workloads import WORKLOADS, WorkloadMix, changed
from tests.core.mirror import Mirror

NORMAL = LabConfig(zones=(ZoneSpan("Normal", 0, 16384),), log_bytes=1 << 20)
"""MIN, LOW and HIGH are 256, 320 and 384."""
SMALL = replace(NORMAL, zones=(ZoneSpan("Normal", 0, 4096),))
"""128, 160 and 192."""
TWO = replace(NORMAL, zones=(ZoneSpan("Normal", 0, 4096), ZoneSpan("Movable", 4096, 4096)))
BARE = LabConfig(spanned_pages=4096, log_bytes=1 << 20)
TINY = LabConfig(
    zones=(ZoneSpan("DMA32", 0, 512), ZoneSpan("Normal", 512, 512), ZoneSpan("Movable", 1024, 256)),
    pageblock_order=4,
    max_order=6,
    log_bytes=1 << 22,
)
NEW = ("reclaim-pressure", "fork-storm", "atomic-bursts")
ERAS = ("v3.5", "v3.19", "v6.1", "v6.12")
CACHE, ANON, BUFFERS, PROCESS = 0, 4, 5, 6
PROCESSES = 50
NO_PAGE = 2


def running(name: str, config: LabConfig, **numbers: int) -> Lab:
    lab = Lab(config)
    lab.set_workload(changed(lab.workload, name, numbers))
    return lab


def held(lab: Lab, queue: int) -> int:
    pages: int = _read.held_pages(lab.node)[queue]
    return pages


def stat(lab: Lab, name: str, zone: int = 0) -> int:
    value: int = _read.stats(lab.node, zone)[name]
    return value


def number(lab: Lab, name: str) -> int:
    value: int = _read.node_numbers(lab.node)[name]
    return value


def percent(lab: Lab) -> float:
    """Of present pages in use."""
    zones = range(len(lab.config.spans))
    present = sum(stat(lab, "present_pages", zone) for zone in zones)
    return sum(stat(lab, "allocated", zone) for zone in zones) * 100 / present


def sound(lab: Lab) -> None:
    """No page is lost and each identity that the model aims at holds."""
    assert not _read.stopped(lab.node)
    assert [v.identity for v in lab.check() if v.verdict == "broken"] == []


def turns(lab: Lab, count: int) -> Iterator[dict[str, int]]:
    """The node's numbers after each turn."""
    for _ in range(count):
        lab.run_workload(1)
        yield _read.node_numbers(lab.node)


def kind_of(lab: Lab) -> str:
    """What the last turn was."""
    (told,) = lab.steps(1)["operations"]
    kind: str = told["kind"]
    return kind


def chunks(lab: Lab, queue: int) -> list[tuple[int, int, str, int]]:
    """(pfn, order, type, owner) of what a queue holds, the oldest first."""
    found: list[tuple[int, int, str, int]] = []
    for handle in _read.workload_state(lab.node)[1][queue]:
        pfn = _read.pfn_of(lab.node, handle)
        assert pfn is not None
        state, attr, *_ = _read.page_record(lab.node, pfn)
        found.append(
            (pfn, state & 15, MIGRATETYPES[attr & 7], _read.owner_of(lab.node, handle)),
        )
    return found


# ---- reclaim pressure ----


@pytest.mark.parametrize("model", ERAS)
def test_kswapd_wakes_below_low_and_sleeps_above_high_again_and_again(model: str) -> None:
    """From 6.x on pcp lists are long: they take in what kswapd frees, and it wakes more rarely."""
    lab = running("reclaim-pressure", replace(NORMAL, model=model), read=8)
    least, low, high = _read.watermarks(lab.node)
    lab.run_workload(6000)
    awake, wakes, sleeps, lowest = number(lab, "kswapd_awake"), 0, 0, high
    for now in turns(lab, 12_000):
        free = stat(lab, "NR_FREE_PAGES")
        lowest = min(lowest, free)
        if now["kswapd_awake"] and not awake:
            wakes += 1
            assert free <= low
        if awake and not now["kswapd_awake"]:
            sleeps += 1
            assert free > high
        awake = now["kswapd_awake"]
    assert wakes > (60 if model[:2] == "v3" else 3)
    assert abs(wakes - sleeps) <= 1
    assert lowest > least  # it keeps up: nobody has to reclaim for himself
    assert lab.counters()["alloc_failed"] == 0
    assert number(lab, "oom_kills") == 0
    sound(lab)


@pytest.mark.parametrize("model", ERAS)
def test_a_reader_faster_than_kswapd_reclaims_for_itself(model: str) -> None:
    lab = running("reclaim-pressure", replace(SMALL, model=model), read=64)
    lab.run_workload(2000)
    direct = 0
    for _ in range(2000):
        before = held(lab, CACHE) + held(lab, ANON)
        summary = lab.run_workload(1)
        grown = held(lab, CACHE) + held(lab, ANON) - before
        direct += grown < summary.allocs - summary.frees and kind_of(lab) == "read_cache"
    assert direct > 100
    assert lab.counters()["alloc_failed"] == 0
    sound(lab)


def test_what_is_reclaimed_leaves_the_readers_queue_by_itself() -> None:
    lab = running("reclaim-pressure", TWO, read=40)
    for _ in range(40):
        lab.run_workload(200)
        assert held(lab, CACHE) == sum(stat(lab, "lru_file", zone) for zone in (0, 1))
        assert held(lab, ANON) == sum(stat(lab, "lru_anon", zone) for zone in (0, 1))
    assert lab.counters()["allocs"] > 2 * 8192


def test_the_process_grows_to_its_level_and_ebbs() -> None:
    lab = running("reclaim-pressure", SMALL, reader=40, anon=40, ebb=60)
    shares = []
    for _ in range(1500):
        lab.run_workload(20)
        shares.append(held(lab, ANON) * 100 / 4096)
    peak = shares.index(max(shares))
    assert shares[peak] == pytest.approx(40, abs=0.6)
    assert min(shares[peak:]) == pytest.approx(16, abs=0.6)


def test_a_process_that_wants_more_than_there_is_is_killed_and_begins_anew() -> None:
    lab = running("reclaim-pressure", SMALL, reader=0, anon=99)
    kills = 0
    for now in turns(lab, 9000):
        if now["oom_kills"] > kills:
            kills = now["oom_kills"]
            assert now["oom_victim"] == 1
            assert held(lab, ANON) == 1  # what it was killed over
    assert kills == 2
    sound(lab)


def test_with_swap_it_lives_as_long_as_there_is_some() -> None:
    lab = running("reclaim-pressure", replace(SMALL, swap_pages=3000), reader=0, anon=99)
    lab.run_workload(7000)
    assert number(lab, "oom_kills") == 0
    assert 0 < number(lab, "swap_free") < 3000
    lab.run_workload(6000)
    assert number(lab, "swap_free") == 0
    assert number(lab, "oom_kills") > 0


def test_in_a_bare_zone_the_reader_drops_its_oldest_pages_and_goes_on() -> None:
    lab = running("reclaim-pressure", BARE)
    kinds: Counter[str] = Counter()
    for _ in range(4000):
        oldest = _read.workload_state(lab.node)[1][CACHE][:1]
        lab.run_workload(1)
        kinds[kind_of(lab)] += 1
        if kind_of(lab) == "drop_cache":
            assert all(_read.pfn_of(lab.node, handle) is None for handle in oldest)
    assert kinds["drop_cache"] > 20
    assert kinds["read_cache"] > 1500
    assert lab.counters()["allocs"] > 2 * 4096
    sound(lab)


# ---- fork storm ----


@pytest.mark.parametrize("config", [NORMAL, TWO, BARE], ids=["node", "two zones", "bare"])
def test_a_process_has_a_stack_page_tables_and_memory(config: LabConfig) -> None:
    lab = running("fork-storm", config, processes=4, demand=40, churn=1)
    lab.run_workload(8000)
    present = sum(span.spanned_pages for span in config.zones) or config.spanned_pages
    size = present * 40 // 100 // 4
    tables = 3 + -(-size // 512)
    for i in range(4):
        process = chunks(lab, PROCESS + i)
        assert process[0][1:3] == (2, "UNMOVABLE")
        assert [chunk[1:3] for chunk in process[1 : 1 + tables]] == [(0, "UNMOVABLE")] * tables
        assert {chunk[1:3] for chunk in process[1 + tables :]} == {(0, "MOVABLE")}
        assert {chunk[3] for chunk in process} == ({2 + i} if config.whole else {0})
        assert held(lab, PROCESS + i) == size
    if config.whole:
        zones = range(len(config.zones))
        assert sum(stat(lab, "lru_anon", zone) for zone in zones) == 4 * (size - 4 - tables)
    assert not any(held(lab, PROCESS + i) for i in range(4, PROCESSES))
    sound(lab)


def test_processes_that_grow_at_once_lie_between_each_other() -> None:
    lab = running("fork-storm", NORMAL)
    lab.run_workload(6000)
    owners: dict[int, set[int]] = {}
    for i in range(24):
        for pfn, _, mt, owner in chunks(lab, PROCESS + i):
            if mt == "MOVABLE":
                owners.setdefault(pfn >> 9, set()).add(owner)
    assert sum(len(seen) for seen in owners.values()) / len(owners) > 20


def test_one_ends_all_of_it_comes_back_and_another_is_born() -> None:
    lab = running("fork-storm", NORMAL, processes=3, demand=30, churn=100)
    size = 16384 * 30 // 100 // 3
    ends = births = 0
    before = [0] * 3
    for _ in range(20_000):
        lab.run_workload(1)
        now = _read.held_pages(lab.node)[PROCESS : PROCESS + 3]
        for then, pages in zip(before, now, strict=True):
            births += then == 0 and pages == 4
            ends += then > 0 and pages == 0
            assert pages <= size
        before = now
    assert ends > 2
    assert 0 <= births - ends <= 3
    assert lab.counters()["allocated"] == sum(before)
    sound(lab)


def test_an_end_frees_memory_then_page_tables_and_the_stack_last() -> None:
    lab = running("fork-storm", SMALL, processes=1, demand=25, churn=100)
    lab.run_workload(1)
    while kind_of(lab) != "exit":
        process = chunks(lab, PROCESS)
        lab.run_workload(1)
    left = chunks(lab, PROCESS)
    assert left == process[: len(process) - 512]
    while held(lab, PROCESS):
        lab.run_workload(1)
        assert kind_of(lab) == "exit"
    assert lab.steps(1)["operations"][0]["title"].startswith("process 2 ends: ")


@pytest.mark.parametrize("model", ERAS)
def test_a_process_that_is_killed_is_gone_and_born_again(model: str) -> None:
    lab = running("fork-storm", replace(SMALL, model=model), processes=6, demand=180)
    kills, victims = 0, set()
    for now in turns(lab, 20_000):
        if now["oom_kills"] == kills:
            continue
        kills = now["oom_kills"]
        victim = now["oom_victim"]
        victims.add(victim)
        # At most what it asked for when it was killed: no stack, so the next of its turns frees it.
        left = chunks(lab, PROCESS + victim - 2)
        assert len(left) <= 1
        assert owned(lab, victim) == len(left)
    assert kills > 10
    assert len(victims) == 6
    # Whoever has more than one chunk has a stack: nobody goes on without one.
    for i in range(6):
        process = chunks(lab, PROCESS + i)
        assert len(process) <= 1 or process[0][1] == 2
    sound(lab)


def owned(lab: Lab, owner: int) -> int:
    """Chunks of a process, by the handles' table."""
    return sum(row[-1] == owner for row in _read.handle_state(lab.node)[0])


def test_processes_beyond_a_smaller_number_end() -> None:
    lab = running("fork-storm", NORMAL, processes=30, demand=60)
    lab.run_workload(8000)
    assert sum(held(lab, PROCESS + i) > 0 for i in range(PROCESSES)) >= 29
    lab.set_workload(changed(lab.workload, None, {"processes": 10}))
    lab.run_workload(100)
    assert sum(held(lab, PROCESS + i) > 0 for i in range(10, PROCESSES)) == 0


def test_in_a_bare_zone_somebody_ends_when_nothing_is_left() -> None:
    lab = running("fork-storm", BARE, processes=6, demand=180)
    failed = 0
    for _ in range(40):
        failed += lab.run_workload(500).failed
    assert failed > 10
    assert lab.counters()["allocs"] > 3 * 4096
    sound(lab)


# ---- atomic bursts ----


@pytest.mark.parametrize("model", ERAS)
def test_a_burst_dips_below_min_and_kswapd_fills_up_again(model: str) -> None:
    lab = running("atomic-bursts", replace(SMALL, model=model), burst=800, gap=300, largest=0)
    least, _, high = _read.watermarks(lab.node)
    lab.run_workload(4000)
    lowest, filled, dipped = least, 0, False
    for _ in range(20_000):
        lab.run_workload(1)
        free = stat(lab, "NR_FREE_PAGES")
        lowest = min(lowest, free)
        dipped |= free < least
        if dipped and free > high:
            filled, dipped = filled + 1, False
    # ALLOC_HIGH halves the mark, ALLOC_HARDER takes a quarter of the rest. A pcp list is filled in
    # bulk.
    rest = least - least // 2
    assert lowest >= rest - rest // 4 - 40
    assert lowest < least // 2
    assert filled > 0
    assert number(lab, "oom_kills") == 0
    sound(lab)


def test_who_cannot_wait_fails_rather_than_reclaim() -> None:
    lab = running("atomic-bursts", SMALL, burst=300)
    lab.run_workload(4000)
    failed = 0
    for _ in range(6000):
        scanned, cache = stat(lab, "pages_scanned"), held(lab, CACHE)
        if lab.run_workload(1).failed and "cannot wait" in lab.steps(1)["operations"][0]["title"]:
            assert number(lab, "verdict") == NO_PAGE
            failed += 1
            assert number(lab, "turns") == 1
            assert number(lab, "kswapd_awake")
            assert (stat(lab, "pages_scanned"), held(lab, CACHE)) == (scanned, cache)
    assert failed > 50


def test_a_burst_is_not_interrupted_and_given_back_before_the_next() -> None:
    lab = running("atomic-bursts", SMALL, burst=50, gap=100, largest=2)
    told: list[str] = []
    sizes = set()
    for _ in range(5000):
        lab.run_workload(1)
        operation: dict[str, Any] = lab.steps(1)["operations"][0]
        told.append("!" if "cannot wait" in operation["title"] else ".")
        sizes |= {order for _, order, *_ in chunks(lab, BUFFERS)}
        if told[-2:] == [".", "!"]:
            assert len(chunks(lab, BUFFERS)) <= 1
    bursts = "".join(told).strip(".").split(".")
    assert {len(burst) for burst in bursts if burst} == {50}
    assert sizes == {0, 1, 2}


def test_buffers_are_unmovable_and_lie_in_zones_of_the_kernels_own() -> None:
    lab = running("atomic-bursts", TWO, burst=200)
    for _ in range(200):
        lab.run_workload(1)
    found = chunks(lab, BUFFERS)
    assert len(found) > 150
    assert {mt for _, _, mt, _ in found} == {"UNMOVABLE"}
    assert all(pfn < 4096 for pfn, *_ in found)


def test_in_a_bare_zone_a_burst_takes_what_the_lists_have() -> None:
    lab = running("atomic-bursts", BARE, level=80, burst=400)
    lab.run_workload(20_000)
    assert lab.counters()["alloc_failed"] > 100
    assert held(lab, CACHE) == 0
    sound(lab)


def test_from_6_1_on_blocks_are_reserved_for_them() -> None:
    for model, reserved in (("v3.19", False), ("v6.1", True), ("v6.12", True)):
        lab = running("atomic-bursts", replace(SMALL, model=model, pageblock_order=4))
        lab.run_workload(8000)
        assert (MIGRATETYPES.index("HIGHATOMIC") in lab.block_types()) is reserved


# ---- all three ----


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("config", [SMALL, TWO, BARE], ids=["node", "two zones", "bare"])
def test_the_next_workload_gives_back_what_these_held(name: str, config: LabConfig) -> None:
    lab = running(name, config)
    lab.run_workload(9000)
    assert sum(_read.held_pages(lab.node))
    for other in NEW:
        lab.set_workload(changed(lab.workload, other, {}))
        lab.run_workload(9000)
    lab.set_workload(Workload(mix=WorkloadMix(orders=(70, 10, 6))))
    lab.run_workload(20_000)
    assert sum(_read.held_pages(lab.node)) == 0
    assert 54 < percent(lab) < 66
    sound(lab)


@pytest.mark.parametrize("name", NEW)
def test_they_give_back_what_others_held(name: str) -> None:
    for config in (SMALL, TWO, BARE):
        lab = running("slab", config)
        lab.run_workload(6000)
        assert held(lab, 1)
        assert _read.live_handles(lab.node)
        lab.set_workload(changed(lab.workload, name, {}))
        lab.run_workload(20_000)
        assert held(lab, 1) == 0
        if name != "atomic-bursts":  # which has a churn of its own
            assert _read.live_handles(lab.node) == 0


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("model", ["v3.5", "minchan-v2", "v3.7", "v6.12"])
def test_on_a_node_turns_are_the_same_in_one_call_and_in_slices(name: str, model: str) -> None:
    def ran(config: LabConfig, *slices: int) -> Lab:
        lab = running(name, config)
        for turn, n in enumerate(slices):
            if turn == 1:
                lab.set_workload(changed(lab.workload, None, _odd(name)))
            lab.run_workload(n)
        return lab

    config = replace(TINY, model=model, swap_pages=200)
    whole = ran(config, 2000, 2500)
    assert whole.hash() == ran(config, 2000, *(1,) * 2500).hash()
    assert whole.hash() == ran(config, 2000, 1, 1234, 1265).hash()
    assert whole.hash() == ran(replace(config, log_bytes=0), 2000, 2500).hash()
    assert whole.hash() != ran(replace(config, seed=2), 2000, 2500).hash()
    assert whole.replayed(config).hash() == whole.hash()
    sound(whole)


def _odd(name: str) -> dict[str, int]:
    """Numbers under which requests come to nothing."""
    return {
        "reclaim-pressure": {"anon": 95, "read": 100},
        "fork-storm": {"demand": 150, "processes": 7},
        "atomic-bursts": {"level": 75, "burst": 200},
    }[name]


@pytest.mark.parametrize("model", ROWS)
def test_each_model_runs_all_workloads_on_a_node(model: str) -> None:
    draw = random.Random(7)
    lab = Lab(replace(TINY, model=model))
    for name in [*WORKLOADS, *NEW]:
        lab.set_workload(changed(lab.workload, name, _odd(name) if name in NEW else {}))
        lab.run_workload(draw.randrange(1500))
        assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds"


@pytest.mark.parametrize("model", ["v3.5", "minchan-v1", "v3.19", "v6.12"])
def test_the_log_of_a_node_read_backward_leads_to_where_it_began(model: str) -> None:
    lab = Lab(replace(TINY, model=model, swap_pages=30, log_bytes=1 << 25))
    past = [(lab.op, Mirror(lab.node, 4, 6))]
    for name in (*NEW, *NEW):
        lab.set_workload(changed(lab.workload, name, _odd(name)))
        lab.run_workload(1500)
        past.append((lab.op, Mirror(lab.node, 4, 6)))
    assert number(lab, "oom_kills") > 0
    now = past.pop()[1]
    for op in range(lab.op, past[0][0], -1):
        for record in reversed(_read.op_records(lab.node, op, 1 << 60)[0]):
            now.undo(record)
        if op - 1 == past[-1][0]:
            assert now.parts() == past.pop()[1].parts()
    assert past == []


def test_the_page_offers_as_many_processes_as_the_core_keeps() -> None:
    (most,) = (p.most for p in WORKLOADS["fork-storm"].parameters if p.name == "processes")
    assert most == PROCESSES == len(_read.held_pages(Lab(BARE).node)) - PROCESS
