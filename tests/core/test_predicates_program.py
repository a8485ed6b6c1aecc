"""What the core takes for a program, and that it reads nothing but its node."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_core.errors import RefusedError
from sim_core.mm._predicate import CODE_ROOM, LEAF_CODES, STEP_CODES, Program
from tests.core.predicate_labs import lab_of, stir

LAB = lab_of("whole", "v6.12")
ONE = (LEAF_CODES["number"], 0, 0, 1)


def leaf(name: str, which: int = 0, value: int = 0, slot: int = 0) -> tuple[int, int, int, int]:
    return LEAF_CODES[name], slot, which, value


def step(name: str, value: int = 0) -> tuple[int, int, int, int]:
    return STEP_CODES[name], 0, 0, value


@pytest.mark.parametrize(
    "code",
    [
        [],
        [ONE] * (CODE_ROOM + 1),
        [ONE, ONE],
        [step("not")],
        [ONE, step("+")],
        [ONE, ONE, step("+"), step("+")],
        [step("unless", 1)],
        [(max(STEP_CODES.values()) + 1, 0, 0, 0)],
        [ONE, step("unless", 0), ONE],
        [ONE, step("unless", 1), ONE],
        [ONE, step("if", 9), ONE],
        [ONE, step("if", 2), ONE],
        [ONE, step("unless", 4), ONE, ONE, step("+")],
        [ONE] * 65 + [step("+")] * 64,
        [leaf("stat", which=21)],
        [leaf("node", which=12)],
        [leaf("watermark", which=3)],
        [leaf("nr_free", value=7)],
        [leaf("nr_free", value=-1)],
        [leaf("length", which=7, value=0)],
        [leaf("length", which=0, value=7)],
        [leaf("pages", which=7)],
        [leaf("pages_of", which=128)],
        [leaf("pcp_of", value=2)],
        [leaf("pcp_type", which=3)],
        [leaf("met", which=2)],
        [leaf("lowmem_reserve", which=3)],
        [leaf("sum", which=3)],
        [leaf("broken", which=7)],
        [leaf("block", which=11, value=0)],
        [leaf("handle", which=4)],
        [leaf("handle", value=(1 << 32) - 1)],
        [leaf("op", value=1)],
    ],
)
def test_what_would_read_elsewhere_or_run_wild_is_no_program(
    code: list[tuple[int, int, int, int]],
) -> None:
    with pytest.raises(ValueError, match=r"."):
        Program(LAB.node, code)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ([leaf("page_state", value=700)], "pfn"),
        ([leaf("page_order", value=-1)], "pfn"),
        ([leaf("block_type", value=40)], "blocks"),
        ([leaf("block", value=99)], "blocks"),
        ([leaf("stat", slot=3)], "zone"),
    ],
)
def test_what_the_node_does_not_have_is_refused(
    code: list[tuple[int, int, int, int]], field: str
) -> None:
    with pytest.raises(RefusedError) as error:
        Program(LAB.node, code)
    assert error.value.field == field


small = st.integers(0, 12)
any_step = st.tuples(
    st.sampled_from([*LEAF_CODES.values(), *STEP_CODES.values()]), st.integers(0, 2), small, small
)


@given(
    st.lists(any_step, min_size=1, max_size=12)
    | st.lists(st.sampled_from([ONE, step("+"), step("<")]))
)
def test_any_code_is_refused_or_runs(code: list[tuple[int, int, int, int]]) -> None:
    try:
        program = Program(LAB.node, code)
    except (ValueError, RefusedError):
        return
    assert program.holds() in (True, False)
    leaves = [what for what, *_ in code if ONE[0] < what <= max(LEAF_CODES.values())]
    assert len(program.values()) == len(leaves)


def test_asking_changes_nothing() -> None:
    draw = random.Random(5)
    lab, other = lab_of("bare", "v3.7"), lab_of("bare", "v3.7")
    asked = [lab.predicate(text) for text in ("stray > 0", "I1.broken or pageblock[3].lru > 2")]
    for _ in range(50):
        state = draw.getstate()
        stir(lab, draw)
        draw.setstate(state)
        stir(other, draw)
        for predicate in asked:
            assert predicate.holds() == predicate.holds()
        assert lab.hash() == other.hash()


def test_a_program_outlives_its_lab() -> None:
    predicate = lab_of("bare").predicate("usable > 0")
    assert predicate.holds()
