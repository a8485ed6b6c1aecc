"""Every name of a predicate against what a lab reads by other means, while things happen in it."""

from __future__ import annotations

import random

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import PredicateError
from sim_core.models import ROWS
from sim_core.predicates import CONSTANTS, NAMES, PARAMETERS
from sim_core.predicates.kinds import NUMBER, TRUTH
from sim_core.workloads import WorkloadMix
from tests.core.framing import cells_after, decoded
from tests.core.predicate_facts import FACTS, told_names
from tests.core.predicate_labs import lab_of, stir

MODELS = ("v3.5", "minchan-v2", "v3.7", "v3.19", "v6.1", "v6.12")
PICTURED = {"stray", "blocks_isolated", "blocks_offline"}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape", ["bare", "whole"])
def test_a_name_is_worth_what_the_lab_reads(shape: str, model: str) -> None:
    draw = random.Random(7)
    lab = lab_of(shape, model)
    slots = range(len(lab.config.spans))
    asked = []
    for told in told_names(lab, draw):
        question = "{}" if told.row.kind == TRUTH else "{0} == {0}"
        for slot in slots:
            if told.row.of == "zone":
                text = f"zone.{lab.config.spans[slot].zone}.{told.text}"
                asked.append((lab.predicate(question.format(text)), told, slot, text))
            if told.row.of == "zone" or slot == 0:
                alone = lab.predicate(question.format(told.text), slot)
                asked.append((alone, told, slot, told.text))
    seen: dict[str, set[int | None]] = {}
    for _ in range(40):
        stir(lab, draw)
        for predicate, told, slot, text in asked:
            value = FACTS[told.row.spelling](lab, slot, *told.put)
            [part] = predicate.values()
            assert (part.text, part.value) == (text, value)
            words = told.row.kind.words
            assert part.word == ("no value" if value is None else words[value] if words else "")
            assert predicate.holds() == (
                bool(value) if told.row.kind == TRUTH else value is not None
            )
            seen.setdefault(told.row.spelling, set()).add(value)
    moved = [spelling for spelling, values in seen.items() if len(values) > 1]
    assert len(moved) > len(seen) * 0.6


def test_every_row_has_a_fact_and_every_fact_a_row() -> None:
    assert set(FACTS) == {row.spelling for row in NAMES}


def test_everything_on_the_page_has_its_name() -> None:
    lab = lab_of("whole")
    names = {spelling for row in NAMES for spelling in (row.spelling, *row.aliases)}
    assert set(lab.COUNTERS) <= names
    assert set(lab.ZONE_SUMMARY) <= names
    assert set(lab.NODE_NUMBERS) <= names
    assert {"NR_FREE_PAGES", "free", "op", "pcp[<cpu>]"} <= names
    assert lab.predicate("free == NR_FREE_PAGES and free == nr_free_pages").holds()


def test_the_table_is_well_formed() -> None:
    spellings = [spelling for row in NAMES for spelling in (row.spelling, *row.aliases)]
    assert len(spellings) == len(set(spellings))
    assert not {steps[0] for row in NAMES for steps in row.spellings} & CONSTANTS.keys()
    for row in NAMES:
        assert row.words.endswith(".")
        assert row.source
        assert row.bounds
        assert row.unit == "" or row.kind == NUMBER
        for steps in row.spellings:
            assert {s.strip("[<>]") for s in steps if "<" in s} <= PARAMETERS.keys()


def test_what_needs_the_picture_says_so_and_nothing_else_does() -> None:
    for model in MODELS:
        for shape in ("bare", "whole"):
            lab = lab_of(shape, model)
            six = ROWS[model].columns()["hotplug"] != ROWS["v3.5"].columns()["hotplug"]
            for told in told_names(lab, random.Random(1)):
                question = told.text if told.row.kind == TRUTH else f"{told.text} == {told.text}"
                wanted = told.text in PICTURED or told.text == "I5_iso.broken"
                wanted = wanted or (told.text == "spanned" and six)
                assert lab.predicate(question).program.pictured == wanted, told.text


def test_looking_at_the_picture_takes_nothing_from_a_viewer() -> None:
    draw = random.Random(3)
    lab = lab_of("bare", "minchan-v2")
    stray = lab.predicate("stray > 0 or blocks_offline > 2")
    view = lab.make_view_cells()
    cells: list[int] = []
    for seq in range(1, 60):
        stir(lab, draw)
        stray.holds()
        stir(lab, draw)
        stray.values()
        cells = cells_after(cells, decoded(lab.cut(view, False, 0, 1, seq, seq - 1, 0)))
        assert cells == cells_after(
            [], decoded(lab.cut(lab.make_view_cells(), True, 0, 1, 1, 0, 0))
        )


@pytest.mark.parametrize("model", ["minchan-v2", "v6.12"])
def test_a_predicate_holds_in_the_past_and_amid_an_operation(model: str) -> None:
    draw = random.Random(9)
    lab = Lab(
        LabConfig(
            spanned_pages=512, pageblock_order=4, max_order=7, model=model, pcp_high=0, pcp_batch=1
        )
    )
    lab.set_workload(WorkloadMix(orders=(5, 2, 1), low=60, high=60))
    for _ in range(40):
        stir(lab, draw)
    stray = lab.predicate("stray == " + " + ".join(f"pageblock[{b}].stray" for b in range(32)))
    free = lab.predicate("NR_FREE_PAGES >= 0 and op >= 0")
    seen = set()
    for _ in range(400):
        for _ in lab.step_back():
            pass
        assert stray.holds()
        counters = lab.counters()
        assert free.values()[:2] == [
            ("NR_FREE_PAGES", counters["nr_free_pages"], ""),
            ("op", lab.op, ""),
        ]
        seen.add(counters["stray"])
    while lab.timeline.past:
        for _ in lab.step_on():
            pass
        assert stray.holds()
    assert model == "v6.12" or len(seen) > 2


def test_a_name_without_a_zone_is_of_the_one_on_show() -> None:
    lab = lab_of("whole")
    lab.run_workload(200)
    for slot, span in enumerate(lab.config.spans):
        usable = lab.counters(slot)["usable"]
        assert lab.predicate(
            f"usable == {usable} and zone.{span.zone}.usable == usable", slot
        ).holds()


@pytest.mark.parametrize("name", [row.spelling for row in NAMES if row.whole])
def test_a_bare_zone_refuses_what_only_a_node_has(name: str) -> None:
    text = name.replace("<zone>", "Normal")
    with pytest.raises(PredicateError) as error:
        lab_of("bare").predicate(f"{text} == {text}")
    assert error.value.problem == f"{text} is of a whole node, and this is a bare zone"
    assert (error.value.position, error.value.length) == (0, len(text))
