"""Each workload does what its name says, in numbers that /proc would show; and always the same."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from sim_core import MIGRATETYPES, Lab, LabConfig
from sim_core.errors import ConfigError, RefusedError
from sim_core.lab import Workload
from sim_core.mm import _read
from sim_core.models import ROWS
from sim_core.workloads import PARAMETERS, WORKLOADS, changed

SMALL = LabConfig(spanned_pages=16384, fill_percent=30, log_bytes=1 << 22)
"""32 pageblocks of 512 pages, and the largest chunk is two of them."""
CMA = MIGRATETYPES.index("CMA")
CACHE, SLAB, HUGE, CONTIG = range(4)


def running(name: str, config: LabConfig = SMALL, **numbers: int) -> Lab:
    lab = Lab(config)
    lab.set_workload(changed(lab.workload, name, numbers))
    return lab


def percent(lab: Lab) -> float:
    counters = lab.counters()
    return counters["allocated"] * 100 / counters["present"]


def held(lab: Lab, queue: int) -> int:
    return _read.held_pages(lab.node)[queue]


def sound(lab: Lab) -> None:
    """No page is lost and each identity that the model aims at holds."""
    assert [v.identity for v in lab.check() if v.verdict == "broken"] == []


# ---- page cache ----


def test_page_cache_fills_to_its_level_and_drops_its_share_at_once() -> None:
    lab = running("page-cache", level=80, drop=50)
    assert 30 <= percent(lab) < 31
    lab.run_workload(round(16384 * 0.49))
    assert 78 < percent(lab) < 80
    before = held(lab, CACHE)
    uses = []
    for _ in range(400):
        lab.run_workload(1)
        uses.append(percent(lab))
    # A drop of half the cache, some 4000 pages, takes eight operations of 512.
    steps = [now - then for then, now in pairwise(uses)]
    drops = [step for step in steps if step < 0]
    assert 7 <= len(drops) <= 9
    assert max(uses) == pytest.approx(80, abs=0.1)
    assert min(uses) == pytest.approx(80 - before * 50 / 16384, abs=1)
    assert lab.counters()["alloc_failed"] == 0
    sound(lab)


def test_page_cache_is_dropped_in_lru_order() -> None:
    lab = running("page-cache", level=60, drop=30)
    lab.run_workload(3000)
    oldest = _read.workload_state(lab.node)[1][CACHE][:500]
    pages = [_read.pfn_of(lab.node, handle) for handle in oldest]
    assert all(_read.page_record(lab.node, pfn)[1] & 8 for pfn in pages if pfn)  # on the LRU
    while lab.steps(1)["operations"][0]["kind"] != "drop_cache":
        lab.run_workload(1)
    (drop,) = lab.steps(1)["operations"]
    assert drop["title"] == (
        f"drop 512 pages of page cache, the oldest first, from pfn {pages[0]} on"
    )
    assert [_read.pfn_of(lab.node, handle) for handle in oldest] == [None] * 500


def test_a_level_below_what_is_in_use_gives_back_what_is_not_cache() -> None:
    lab = running("page-cache", level=10, drop=100)
    lab.run_workload(6000)
    assert percent(lab) < 10.2


# ---- slab ----


def test_slab_leaves_hardly_a_pageblock_without_an_unmovable_page() -> None:
    lab = running("slab", replace(SMALL, fill_percent=0))
    for _ in range(6):
        lab.run_workload(50_000)
    mixed = [_read.block_counts(lab.node, block)[0]["unmovable"] for block in range(32)]
    reserve = lab.block_types().count(MIGRATETYPES.index("RESERVE"))
    assert sum(pages > 0 for pages in mixed) >= 0.75 * (32 - reserve)
    # Packed together these pages would need a quarter of the blocks that they lie in.
    assert sum(mixed) / 512 < 0.5 * sum(pages > 0 for pages in mixed)
    lists = lab.lists()
    large = sum(sum(lists[name][9:]) for name in ("UNMOVABLE", "RECLAIMABLE", "MOVABLE"))
    assert large <= 1
    sound(lab)


def test_slab_grows_to_its_share_and_is_shrunk_to_what_it_keeps() -> None:
    lab = running("slab", share=20, keep=20)
    shares = []
    for _ in range(1500):
        lab.run_workload(100)
        shares.append(held(lab, SLAB) * 100 / 16384)
    assert max(shares) == pytest.approx(20, abs=0.5)
    peak = shares.index(max(shares))
    assert min(shares[peak:]) == pytest.approx(4, abs=0.5)


def test_slab_asks_for_small_unmovable_and_reclaimable_chunks_alone() -> None:
    lab = running("slab", replace(SMALL, fill_percent=0), reclaimable=50)
    lab.run_workload(10_000)
    asked: dict[str, int] = {}
    orders = set()
    for block in range(32):
        for _, state, attr in _read.heads_in_use(lab.node, block):
            name = MIGRATETYPES[attr & 7]
            asked[name] = asked.get(name, 0) + 1
            if name != "MOVABLE":
                orders.add(state & 15)
    assert orders == {0, 1, 2, 3}
    assert 0.8 < asked["UNMOVABLE"] / asked["RECLAIMABLE"] < 1.25
    assert asked["MOVABLE"] > 4 * asked["UNMOVABLE"]


# ---- huge pages ----


def test_huge_pages_are_whole_aligned_blocks_and_all_given_back_at_the_share() -> None:
    lab = running("huge-pages", background=20, share=30, below=0, hunger=10)
    shares = []
    for _ in range(600):
        lab.run_workload(25)
        shares.append(held(lab, HUGE))
        assert shares[-1] % 512 == 0
    assert max(shares) == -(-16384 * 30 // 100 // 512) * 512 + 512 * (16384 * 30 // 100 % 512 == 0)
    assert min(shares[shares.index(max(shares)) :]) == 0
    for handle in _read.workload_state(lab.node)[1][HUGE]:
        pfn = _read.pfn_of(lab.node, handle)
        assert pfn is not None
        assert pfn % 512 == 0


def test_huge_pages_fail_though_enough_is_free() -> None:
    lab = running("huge-pages", hunger=2)
    failed, free = 0, []
    for _ in range(600):
        before = lab.counters()["alloc_failed"]
        summary = lab.run_workload(100)
        counters = lab.counters()
        assert counters["alloc_failed"] - before == summary.failed
        failed += summary.failed
        if summary.failed:
            free.append(counters["nr_free_pages"])
    assert failed > 100
    assert sum(pages > 4 * 512 for pages in free) > len(free) // 2
    assert held(lab, HUGE)
    sound(lab)


def test_one_order_lower_is_asked_for_as_often_as_told() -> None:
    empty = replace(SMALL, fill_percent=0)
    lab = running("huge-pages", empty, background=5, share=90, below=100, hunger=50)
    lab.run_workload(50)
    sizes = {
        state & 15
        for block in range(32)
        for _, state, _ in _read.heads_in_use(lab.node, block)
        if state & 15 >= 8
    }
    assert sizes == {8}


# ---- hotplug ----


def test_hotplug_takes_each_piece_offline_in_turn_and_brings_it_back() -> None:
    lab = running("hotplug", unmovable=0, away=2, every=5, level=40)
    lab.run_workload(2000)  # what the fill left that cannot move is freed by and by
    gone: list[int] = []
    for _ in range(3000):
        lab.run_workload(1)
        (step,) = lab.steps(1)["operations"]
        counters = lab.counters()
        assert counters["offline"] in (0, 1024, 2048)
        assert counters["present"] == 16384 - counters["offline"]
        if step["kind"] == "offline" and step["ret"] == "done":
            gone.append(int(step["title"].split()[2]) // 2)
        if step["kind"] == "online":
            assert step["ret"] == "done"
    assert len(gone) > 100
    # In ascending order, round and round; a refusal only passes a piece over.
    falls = sum(now <= then for then, now in pairwise(gone))
    assert falls <= len(gone) // 8
    assert lab.counters()["migrated"] > 1000
    sound(lab)


def test_hotplug_moves_on_at_a_refusal() -> None:
    lab = running("hotplug", unmovable=20, every=3)
    summary = lab.run_workload(20_000)
    assert summary.refused > 50
    assert summary.others - summary.refused > 50
    assert lab.counters()["offline"] <= 2048
    sound(lab)


def test_a_piece_that_somebody_brought_back_is_let_go_of() -> None:
    lab = running("hotplug", unmovable=0, away=1, every=1)
    while not lab.counters()["offline"]:
        lab.run_workload(1)
    block = next(b for b in range(32) if _read.block_counts(lab.node, b)[0]["offline"])
    lab.online(block, 2)
    assert lab.run_workload(1).idle == 1
    sound(lab)


# ---- CMA ----


def test_cma_makes_an_area_and_migrates_movable_pages_out_of_its_runs() -> None:
    lab = running("cma", area=25, pages=512, runs=3, every=20)
    lab.run_workload(30_000)
    area = [b for b in range(32) if lab.block_types()[b] == CMA]
    assert len(area) == 8
    assert area == list(range(area[0], area[0] + 8))
    assert area[0] % 2 == 0
    before = lab.counters()["migrated"]
    summary = lab.run_workload(20_000)
    assert summary.others > 500
    assert summary.refused <= summary.others // 10
    assert lab.counters()["migrated"] - before > 10_000
    assert 0 < held(lab, CONTIG) <= 3 * 512
    runs = [_read.pfn_of(lab.node, h) for h in _read.workload_state(lab.node)[1][CONTIG]]
    first = runs[0]
    assert first is not None
    assert runs[:512] == list(range(first, first + 512))
    assert lab.block_of(first) in area
    assert [b for b in range(32) if lab.block_types()[b] == CMA] == area
    sound(lab)


def test_the_area_follows_its_size_while_it_runs() -> None:
    lab = running("cma", area=10, every=50)
    for share, blocks in ((10, 2), (30, 8), (1, 2)):
        lab.set_workload(changed(lab.workload, None, {"area": share}))
        lab.run_workload(100)
        assert lab.block_types().count(CMA) == blocks


def test_runs_may_have_any_length_and_keep_off_each_other() -> None:
    for pages in (1, 3, 100, 1000, 4096):
        lab = running("cma", pages=pages, runs=4, every=2, level=40)
        lab.run_workload(3000)
        found = [_read.pfn_of(lab.node, h) for h in _read.workload_state(lab.node)[1][CONTIG]]
        assert found
        assert len(set(found)) == len(found)
        sound(lab)


# ---- all of them ----


def test_what_one_workload_leaves_the_next_gives_back() -> None:
    lab = running("page-cache", level=90)
    lab.run_workload(9000)
    assert percent(lab) > 80
    lab.set_workload(Workload())
    lab.run_workload(20_000)
    assert held(lab, CACHE) == 0
    assert 54 < percent(lab) < 66


@pytest.mark.parametrize("name", WORKLOADS)
def test_turns_are_the_same_singly_in_one_call_and_in_slices(name: str) -> None:
    config = LabConfig(spanned_pages=4096, pageblock_order=6, max_order=8, fill_percent=40)
    config = replace(config, log_bytes=1 << 20)

    def ran(config: LabConfig, *slices: int) -> Lab:
        lab = running(name, config)
        for n in slices:
            lab.run_workload(n)
        return lab

    whole = ran(config, 4000)
    assert whole.hash() == ran(config, *(1,) * 4000).hash()
    assert whole.hash() == ran(config, 1, 1234, 2000, 765).hash()
    assert whole.hash() == ran(replace(config, log_bytes=0), 4000).hash()
    assert whole.hash() != ran(replace(config, seed=2), 4000).hash()
    assert whole.hash() != ran(config, 3999).hash()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_call_with_little_time_takes_fewer_turns_and_the_journal_says_how_many(
    name: str,
) -> None:
    lab = running(name)
    summary = lab.run_workload(100_000, within_s=1e-6)
    assert 1 <= summary.ops < 100_000
    rest = 1500 - summary.ops if summary.ops < 1500 else 1
    lab.run_workload(rest)
    again = lab.replayed(lab.config)
    assert (again.op, again.hash()) == (lab.op, lab.hash())


def test_one_journal_of_all_of_them_gives_the_same_lab_again_and_runs_under_every_model() -> None:
    draw = random.Random(5)
    lab = Lab(SMALL)
    for _ in range(30):
        name = draw.choice(list(WORKLOADS))
        numbers = {
            p.name: draw.randint(p.least, p.most)
            for p in WORKLOADS[name].parameters
            if p.name not in ("low", "high") and draw.random() < 0.3
        }
        lab.set_workload(changed(lab.workload, name, numbers))
        lab.run_workload(draw.randrange(2000))
        lab.free_block(draw.randrange(32))
    assert lab.replayed(SMALL).hash() == lab.hash()
    for model in ROWS:
        other = lab.replayed(replace(SMALL, model=model))
        assert other.op > 0
        assert next(v for v in other.check() if v.identity == "I6").verdict == "holds"


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize(
    "config",
    [
        LabConfig(spanned_pages=8, pageblock_order=2, max_order=4, pcp_high=0, pcp_batch=1),
        LabConfig(spanned_pages=1),
        LabConfig(start_pfn=37, spanned_pages=301, pageblock_order=3, max_order=6),
        LabConfig(start_pfn=4099, spanned_pages=3001, holes=((5000, 700),)),
        LabConfig(spanned_pages=512, pageblock_order=4, max_order=5, booted=False),
    ],
)
def test_odd_zones_lose_no_page_to_any_workload(name: str, config: LabConfig) -> None:
    lab = running(name, replace(config, log_bytes=1 << 20))
    if name in ("hotplug", "cma"):
        lab.set_workload(changed(lab.workload, None, {"every": 2}))
    for _ in range(10):
        lab.run_workload(200)
        assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds"


def test_every_number_is_bounded_named_and_documented() -> None:
    for kind in WORKLOADS.values():
        assert kind.shows.endswith(".")
        for p in kind.parameters:
            assert p.least <= p.usual <= p.most
            assert p.name in PARAMETERS
            assert p.words.endswith(".")
            if kind.name == "churn":
                continue
            for value in (p.least - 1, p.most + 1):
                with pytest.raises(ConfigError) as caught:
                    changed(Workload(), kind.name, {p.name: value})
                assert caught.value.field == p.name
                assert str(p.most) in str(caught.value.allowed)


def test_another_workload_begins_with_its_usual_numbers_and_the_same_keeps_what_was_set() -> None:
    one = changed(Workload(), "cma", {"runs": 7})
    assert changed(one, None, {"every": 9}).parameters["runs"] == 7
    assert changed(changed(one, "slab", {}), "cma", {}).parameters["runs"] == 3
    assert changed(one, "churn", {}).mix == Workload().mix
    with pytest.raises(ConfigError) as caught:
        changed(one, "cma", {"drop": 5})
    assert caught.value.field == "drop"
    assert "runs" in str(caught.value.allowed)


# ---- contiguous ranges by hand ----


def empty(**changes: int) -> Lab:
    config = LabConfig(spanned_pages=16384, log_bytes=1 << 22)
    return Lab(replace(config, **changes))  # type: ignore[arg-type]


def test_a_contiguous_range_is_taken_page_by_page_and_the_blocks_get_their_type() -> None:
    lab = empty()
    free = lab.counters()["nr_free_pages"]
    outcome = lab.alloc_contig(5000, 300, "CMA")
    assert outcome.errno is None
    assert outcome.words == ("300 pages from pfn 5000 on are in use, one by one",)
    assert lab.counters()["nr_free_pages"] == free - 300
    # Isolation goes by the largest chunk: pfns 4096 to 6143, though 5000 to 5299 are taken.
    assert [b for b in range(32) if lab.block_types()[b] == CMA] == [8, 9, 10, 11]
    assert lab.preview([9])["info"]["allocated"] == 120
    (told,) = lab.steps(1)["operations"]
    assert told["title"] == "alloc_contig_range: 300 pages from pfn 5000 on, out of CMA"
    assert told["records"][0]["words"] == "pageblock 8: MOVABLE → ISOLATE"
    assert lab.free_contig(5000, 300).words == ("300 pages freed one by one",)
    assert lab.counters()["nr_free_pages"] + lab.counters()["pcp"] == free
    sound(lab)


def test_movable_pages_of_the_range_migrate_and_keep_their_handles() -> None:
    lab = empty()
    pfns = [lab.alloc(0, "MOVABLE").pfn for _ in range(100)]
    handles = [_read.handle_at(lab.node, pfn) for pfn in pfns if pfn is not None]
    first = min(pfn for pfn in pfns if pfn is not None)
    outcome = lab.alloc_contig(first, 100, "MOVABLE")
    assert outcome.errno is None
    assert outcome.words[0] == "100 pages migrated"
    moved = [_read.pfn_of(lab.node, handle) for handle in handles]
    assert not set(moved) & set(range(first, first + 100))
    sound(lab)


def test_a_range_with_a_page_that_cannot_move_is_refused_in_words() -> None:
    for pin in (True, False):
        lab = empty()
        pfn = lab.alloc(0, "MOVABLE", lru=pin).pfn
        assert pfn is not None
        if pin:
            lab.pin(pfn)
        outcome = lab.alloc_contig(pfn - pfn % 512, 512, "MOVABLE")
        assert outcome.errno == "EBUSY"
        assert "cannot be moved" in outcome.words[0]
        assert "ISOLATE" not in {MIGRATETYPES[mt] for mt in lab.block_types()}
        sound(lab)


def test_a_range_that_the_low_watermark_forbids_is_refused_in_words() -> None:
    lab = empty()
    outcome = lab.alloc_contig(4096, 8192, "CMA")
    assert outcome.errno == "ENOMEM"
    assert "low watermark" in outcome.words[0]
    assert lab.counters()["allocated"] == 0
    sound(lab)


@pytest.mark.parametrize(
    ("call", "args", "field"),
    [
        ("alloc_contig", (16384, 1), "pfn"),
        ("alloc_contig", (16000, 500), "nr_pages"),
        ("alloc_contig", (0, 0), "nr_pages"),
        ("alloc_contig", (0, 8, "RESERVE"), "migratetype"),
        ("free_contig", (100, 4), "start_pfn"),
    ],
)
def test_a_range_that_is_none_changes_nothing(
    call: str, args: tuple[object, ...], field: str
) -> None:
    lab = empty()
    before = (lab.hash(), lab.op, len(lab.journal.current.entries))
    with pytest.raises(RefusedError) as caught:
        getattr(lab, call)(*args)
    assert caught.value.field == field
    assert (lab.hash(), lab.op, len(lab.journal.current.entries)) == before
