"""The lab as a person drives it: verbs, refusals, the journal under other models, files."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from sim_core import MIGRATETYPES, Lab, LabConfig
from sim_core.errors import ConfigError, RefusedError, StoppedError
from sim_core.importers import layout, read_capture
from sim_core.lab import TURNS_MAX, WorkloadMix
from sim_core.models import PATCH_CELLS, ROWS, Custom
from tests.core.nodes import hunks

TOY = LabConfig(
    spanned_pages=16, pageblock_order=2, max_order=4, pcp_high=0, pcp_batch=1, log_bytes=1 << 20
)
SMALL = LabConfig(spanned_pages=8192, fill_percent=60, log_bytes=1 << 22)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "proc"


def in_use(config: LabConfig) -> Lab:
    """A toy zone whose pages are all in use, one by one."""
    lab = Lab(config)
    for _ in range(config.spanned_pages):
        lab.alloc(0, "MOVABLE")
    return lab


def test_the_default_lab_is_the_one_promised() -> None:
    lab = Lab(replace(LabConfig(), fill_percent=60))
    assert lab.config.zone == "Normal"
    assert lab.config.model == "v3.5"
    assert lab.nr_pageblocks == 128
    assert (lab.pcp_sizes().high, lab.pcp_sizes().batch) == (
        90,
        15,
    )  # zone_batchsize of 65 536 pages
    counters = lab.counters()
    assert counters["present"] == 65536
    assert 60 <= counters["allocated"] * 100 / 65536 < 61
    assert (counters["watermark_min"], counters["watermark_low"]) == (512, 640)


def test_a_zone_of_little_but_reserve_says_why() -> None:
    (note,) = Lab(TOY).notes
    assert "2 of 4 pageblocks are RESERVE" in note
    assert Lab(SMALL).notes == []


def test_the_workload_stays_between_its_levels() -> None:
    lab = Lab(LabConfig(fill_percent=60, log_bytes=0))
    shares = []
    for _ in range(300):
        lab.run_workload(100)
        shares.append(lab.counters()["allocated"] / 65536)
    # One request of the largest order may cross a level before the next turn answers it.
    assert min(shares) >= 0.55 - 512 / 65536
    assert max(shares) <= 0.65 + 512 / 65536


def test_free_into_isolation_is_counted_by_3_5_and_not_by_the_seed_patch() -> None:
    for model, counted in (("v3.5", 4), ("minchan-v1", 4), ("minchan-v2", 0)):
        lab = in_use(replace(TOY, model=model))
        assert lab.isolate(0).errno is None
        outcome = lab.free_block(0)
        assert (outcome.freed_chunks, outcome.freed_pages) == (4, 4)
        counters = lab.counters()
        assert counters["nr_free_pages"] == counted
        assert counters["isolated"] == 4
        assert counters["usable"] == 0


def test_d1_is_seen_at_the_second_isolated_free() -> None:
    lab = in_use(replace(TOY, model="minchan-v2"))
    lab.isolate(0)
    first = lab.op + 1
    for pfn in (0, 1):
        lab.free(pfn)
    (broke,) = [b for b in lab.breaks() if b.identity == "I1x"]
    assert broke.op == first + 1
    verdict = next(v for v in lab.check() if v.identity == "I1x")
    assert (verdict.verdict, verdict.order, verdict.expected, verdict.got) == ("broken", 0, 0, -2)
    assert verdict.first_op == first + 1


def test_a_healing_names_the_operation_that_broke() -> None:
    lab = in_use(replace(TOY, model="minchan-v1"))
    lab.isolate(0)
    broke = lab.free(0).op
    assert ("I3", broke, None) in [(b.identity, b.op, b.healed_op) for b in lab.breaks()]
    # The page freed into isolation was counted; taking it off by hand makes the books true again.
    lab.set_block_type(0, "MOVABLE")
    healed = lab.op
    assert ("I3", broke, healed) in [(b.identity, b.op, b.healed_op) for b in lab.breaks()]
    assert lab.breaks() == []


def test_each_identity_not_aimed_at_says_why() -> None:
    for model in ROWS:
        for verdict in in_use(replace(TOY, model=model)).check():
            assert (verdict.verdict == "not aimed at") == bool(verdict.because)


@pytest.mark.parametrize(
    ("call", "args", "field"),
    [
        ("free", (99,), "pfn"),
        ("isolate", (4,), "blocks"),
        ("free_block", (-1,), "blocks"),
        ("alloc", (4, "MOVABLE"), "order"),
        ("alloc", (0, "CMA"), "migratetype"),
        ("fill_block", (0, 9), "order"),
        ("split_free_page", (3,), "pfn"),
        ("online", (0,), "blocks"),
        ("boot_free", (0, 0), "pfn"),
        ("unisolate", (0, "ISOLATE"), "migratetype"),
        ("offline_isolated", (0, 17), "nr_pages"),
        ("unpin", (0,), "pfn"),
    ],
)
def test_what_is_refused_names_its_field_and_changes_nothing(
    call: str, args: tuple[object, ...], field: str
) -> None:
    lab = in_use(TOY)
    before, entries, op = lab.hash(), len(lab.journal.current.entries), lab.op
    with pytest.raises((RefusedError, OverflowError)) as caught:
        getattr(lab, call)(*args)
    if isinstance(caught.value, RefusedError):
        assert caught.value.field == field
    assert (lab.hash(), len(lab.journal.current.entries), lab.op) == (before, entries, op)


def test_a_double_free_is_refused_before_the_kernel_runs() -> None:
    lab = in_use(TOY)
    lab.free(5)
    before = lab.hash()
    with pytest.raises(RefusedError, match="not the head of a chunk in use"):
        lab.free(5)
    assert lab.hash() == before


def test_a_person_pins_and_the_block_keeps_that_page() -> None:
    lab = in_use(TOY)
    lab.pin(6)
    outcome = lab.free_block(1)
    assert outcome.pinned == (6,)
    assert outcome.freed_pages == 3
    assert lab.offline(1).errno == "EAGAIN"
    lab.unpin(6)
    assert lab.free(6).errno is None


def test_offline_tells_what_a_refusal_has_done() -> None:
    lab = Lab(SMALL)
    block = next(b for b in range(16) if lab.preview([b])["info"]["unmovable"])
    lab.set_block_type(block, "CMA", False)
    outcome = lab.offline(block)
    assert outcome.errno == "EBUSY"
    assert any("is MOVABLE now" in words for words in outcome.words)


def test_the_bug_stops_the_node_in_words() -> None:
    lab = in_use(replace(TOY, model=hunks("vm_bug_on")))
    lab.isolate(0)
    outcome = lab.free(0)
    assert outcome.bug is not None
    assert "VM_BUG_ON(migratetype == MIGRATE_ISOLATE) in free_one_page" in outcome.bug
    assert lab.stopped == outcome.bug
    assert "VM_BUG_ON" in lab.steps(1)["operations"][0]["ret"]
    before = lab.hash()
    for act in (lambda: lab.alloc(0, "MOVABLE"), lambda: lab.run_workload(1), lab.drain):
        with pytest.raises(StoppedError):
            act()
    assert lab.hash() == before


def test_a_model_that_stops_keeps_the_journal_for_the_next() -> None:
    lab = Lab(SMALL)
    lab.run_workload(500)
    block = next(b for b in range(16) if not lab.isolate(b).errno and lab.free_block(b).freed_pages)
    assert MIGRATETYPES[lab.block_types()[block]] == "ISOLATE"
    lab.run_workload(2000)
    stopped = lab.replayed(replace(SMALL, model=hunks("vm_bug_on")))
    assert stopped.stopped is not None
    assert stopped.op < lab.op
    assert stopped.replayed(SMALL).hash() == lab.hash()


def test_every_subset_of_the_patch_is_a_model_that_runs() -> None:
    draw = random.Random(7)
    for _ in range(12):
        cells = tuple(name for name in PATCH_CELLS if draw.random() < 0.5)
        lab = Lab(replace(SMALL, model=hunks(*cells)))
        lab.run_workload(2000)
        lab.isolate(draw.randrange(16))
        if lab.stopped is None:
            lab.run_workload(2000)
        if lab.stopped is None:
            assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds"
        else:
            assert "vm_bug_on" in cells


def test_the_same_journal_gives_the_same_lab() -> None:
    lab = Lab(SMALL)
    lab.run_workload(500)
    lab.isolate(3)
    lab.free_block(3)
    lab.run_workload(500)
    lab.set_workload(WorkloadMix(orders=(1, 1), low=40, high=50))
    lab.run_workload(700)
    lab.offline(3)
    again = lab.replayed(lab.config)
    assert again.hash() == lab.hash()
    assert again.op == lab.op
    assert again.workload == lab.workload


def test_one_journal_drives_another_model_by_handle() -> None:
    lab = in_use(TOY)
    lab.isolate(1)
    lab.free(4)
    lab.free(5)
    other = lab.replayed(replace(TOY, model="minchan-v2"))
    assert lab.nr_free() == [0, 1, 0, 0]
    assert other.nr_free() == [-2, 1, 0, 0]  # two buddies freed in isolation


def test_slices_of_the_workload_are_one_run() -> None:
    one, many = Lab(SMALL), Lab(SMALL)
    one.run_workload(3000)
    for n in (1, 2, 997, 2000):
        many.run_workload(n)
    assert one.hash() == many.hash()
    assert len(many.journal.current.entries) == 1
    with pytest.raises(RefusedError, match="n is"):
        one.run_workload(TURNS_MAX + 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"spanned_pages": 0}, "spanned_pages"),
        ({"spanned_pages": 1 << 40}, "spanned_pages"),
        ({"start_pfn": -1}, "start_pfn"),
        ({"max_order": 15}, "max_order"),
        ({"pageblock_order": 11}, "pageblock_order"),
        ({"pcp_high": 6}, "pcp_batch"),
        ({"pcp_high": 6, "pcp_batch": 7}, "pcp_batch"),
        ({"holes": ((0, 65536),)}, "holes"),
        ({"holes": ((10, 5), (12, 5))}, "holes"),
        ({"model": "v2.6"}, "model"),
        ({"model": Custom("own", "v3.5", (("no_column", 1),))}, "changes"),
        ({"model": Custom("own", "v2.6")}, "parent"),
        ({"zone": ""}, "zone"),
        ({"zone": "x" * 31}, "zone"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_by_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        replace(LabConfig(), **change).validated()  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.allowed


@pytest.mark.parametrize(
    "config",
    [
        LabConfig(start_pfn=1, spanned_pages=4095, log_bytes=0),
        LabConfig(start_pfn=4099, spanned_pages=3001, holes=((5000, 700),), log_bytes=0),
        LabConfig(spanned_pages=1, log_bytes=0),
        LabConfig(spanned_pages=4, pageblock_order=1, max_order=2, log_bytes=0),
    ],
)
def test_odd_zones_boot_and_keep_every_page_in_one_account(config: LabConfig) -> None:
    lab = Lab(config)
    lab.run_workload(300)
    assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds"
    counters = lab.counters()
    assert counters["present"] + counters["holes"] == config.spanned_pages


def test_an_imported_zone_runs_with_the_files_own_counts() -> None:
    name = FIXTURES / "6.1-frag" / "pagetypeinfo"
    capture = read_capture([(name.name, name.read_bytes())])
    zone = max(capture.runnable, key=lambda z: z.free_pages)
    laid = layout(capture, zone.node, zone.name, seed=1, has_reserve=True, has_highatomic=False)
    lab = Lab(LabConfig(log_bytes=1 << 22), laid, capture)
    assert lab.counters()["listed"] == zone.free_pages
    assert lab.export("pagetypeinfo").encode() == name.read_bytes()
    lab.run_workload(500)
    assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds"
    assert lab.export("pagetypeinfo").encode() != name.read_bytes()


def test_export_of_a_booted_zone_can_be_read_back() -> None:
    lab = Lab(SMALL)
    lab.run_workload(2000)
    capture = read_capture(
        [(form, lab.export(form).encode()) for form in ("pagetypeinfo", "buddyinfo")]
    )
    zone = capture.zone(0, "Normal")
    assert zone is not None
    lists = lab.lists()
    assert [row.counts[0].value for row in zone.free.values()] == [
        lists[name][0] for name in lists if name != "HIGHATOMIC"
    ]


def test_offlining_half_of_a_free_chunk_says_what_went_along() -> None:
    lab = Lab(LabConfig(spanned_pages=8192, log_bytes=0))
    isolate = lab.preview([8])["verbs"]["isolate"]["words"]
    assert isolate[0] == "moves 1 free chunk (1024 pages) to the ISOLATE lists"
    assert "order 10) reaches beyond a pageblock" in isolate[1]
    assert lab.preview([9])["verbs"]["isolate"]["words"][0].startswith(
        "moves 0 free chunks (0 pages)"
    )
    words = lab.offline(8).words
    assert words[0] == "1024 pages offline"
    assert words[1].startswith("512 of them lie beyond what was asked for")
    assert lab.counters()["present"] == 8192 - 512


@pytest.mark.parametrize("model", list(ROWS))
def test_what_a_frame_tells_of_the_identities_is_what_a_walk_finds(model: str) -> None:
    lab = Lab(LabConfig(spanned_pages=2048, pageblock_order=7, max_order=9, model=model))
    lab.fill_block(8)
    for act in (lab.isolate, lab.free_block, lab.unisolate):
        act(8)
        walked = {verdict.identity: verdict for verdict in lab.check()}
        told = lab.judged()
        assert list(told) == list(walked)
        for name, (aimed, holds) in told.items():
            assert aimed == (walked[name].verdict != "not aimed at")
            assert not aimed or holds == (walked[name].verdict == "holds")
