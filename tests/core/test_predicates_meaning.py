"""Programs against the slow telling of the same tree, over expressions of every kind."""

from __future__ import annotations

import random
from functools import cache
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim_core import Lab
from sim_core.predicates import CONSTANTS
from sim_core.predicates.grammar import DEPTH_MAX, TEXT_MAX, parse
from sim_core.predicates.kinds import NUMBER, STATE, TRUTH, TYPE, VERDICT, Kind
from tests.core.predicate_facts import FACTS, told_names
from tests.core.predicate_labs import lab_of, stir
from tests.core.slow_predicates import worth

LARGE = (1 << 63) - 1


@cache
def stage() -> tuple[Lab, dict[Kind, list[str]], dict[str, int | None]]:
    """A node after some trouble, its names by kind, and what they are worth."""
    draw = random.Random(11)
    lab = lab_of("whole", "minchan-v2")
    for _ in range(60):
        stir(lab, draw)
    names: dict[Kind, list[str]] = {kind: [] for kind in (NUMBER, TRUTH, TYPE, STATE, VERDICT)}
    leaves: dict[str, int | None] = {}
    for told in told_names(lab, draw):
        names[told.row.kind].append(told.text)
        leaves[told.text] = FACTS[told.row.spelling](lab, 0, *told.put)
        if told.row.of == "zone":
            named = f"zone.Movable.{told.text}"
            names[told.row.kind].append(named)
            leaves[named] = FACTS[told.row.spelling](lab, 2, *told.put)
    for kind in (TYPE, STATE, VERDICT):
        names[kind] += [word for word, (of, _) in CONSTANTS.items() if of == kind]
    return lab, names, leaves


def named(kind: Kind) -> st.SearchStrategy[str]:
    return st.deferred(lambda: st.sampled_from(stage()[1][kind]))


literals = st.one_of(
    st.integers(0, 12).map(str),
    st.integers(0, LARGE).map(str),
    st.sampled_from([LARGE, LARGE - 1, 1 << 62, 1 << 32]).map(hex),
)
rows = st.sampled_from(
    ["nr_free", "list.MOVABLE", "list.ISOLATE", "zone.Movable.nr_free", "zone.Movable.list.CMA"]
)
compares = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def joined(
    operands: st.SearchStrategy[str], signs: st.SearchStrategy[str], most: int
) -> st.SearchStrategy[str]:
    @st.composite
    def series(draw: st.DrawFn) -> str:
        text = draw(operands)
        for _ in range(draw(st.integers(1, most))):
            text += f" {draw(signs)} {draw(operands)}"
        return text

    return series()


def numbers_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "//", "%"])
    several = st.lists(inner | rows, min_size=2, max_size=3).map(", ".join) | rows
    return st.one_of(
        # A 0 as it stands is refused as a divisor; one that comes about is not.
        joined(inner, signs, 3).map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"abs({text})"),
        st.tuples(st.sampled_from(["min", "max", "sum"]), several).map(lambda t: f"{t[0]}({t[1]})"),
    )


numbers = st.recursive(
    literals.filter(lambda text: text != "0") | named(NUMBER), numbers_of, max_leaves=6
)
words = st.one_of(
    *(joined(named(kind), st.sampled_from(["==", "!="]), 2) for kind in (TYPE, STATE, VERDICT))
)
answers = st.recursive(
    st.one_of(joined(numbers, compares, 3), words, named(TRUTH)),
    lambda inner: st.one_of(
        joined(inner.map(lambda text: f"({text})"), st.sampled_from(["and"]), 3),
        joined(inner.map(lambda text: f"({text})"), st.sampled_from(["or"]), 3),
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["==", "!="]), inner).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
    ),
    max_leaves=5,
)


@given(answers)
def test_a_program_says_what_its_tree_says(text: str) -> None:
    assume(len(text) <= TEXT_MAX)
    lab, _, leaves = stage()
    predicate = lab.predicate(text)
    assert predicate.holds() == bool(worth(parse(text), leaves))
    told = {part.text: part.value for part in predicate.values()}
    assert told == {name: leaves[name] for name in told}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("A or B and C", "A or (B and C)"),
        ("A and B or C", "(A and B) or C"),
        ("not A and B", "(not A) and B"),
        ("not A or not B and C", "(not A) or ((not B) and C)"),
        ("A or not B or C and D", "A or (not B) or (C and D)"),
        ("not A == B", "not (A == B)"),
        ("not not A or B", "(not (not A)) or B"),
    ],
)
def test_not_binds_closer_than_and_and_that_than_or(text: str, meant: str) -> None:
    for answers in product(("(1 < 2)", "(2 < 1)"), repeat=4):
        put = str.maketrans(dict(zip("ABCD", answers, strict=True)))
        lab = stage()[0]
        asked = lab.predicate(text.translate(put)).holds()
        assert asked == lab.predicate(meant.translate(put)).holds()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Sixty-four bits go round.
        (f"{LARGE} + 1 == -{LARGE} - 1", True),
        (f"-{LARGE} - 2 == {LARGE}", True),
        ("0x7fffffffffffffff * 2 == -2", True),
        (f"-(-{LARGE} - 1) == -{LARGE} - 1", True),
        (f"abs(-{LARGE} - 1) == -{LARGE} - 1", True),
        (f"(-{LARGE} - 1) // -1 == -{LARGE} - 1", True),
        (f"(-{LARGE} - 1) % -1 == 0", True),
        (f"sum({LARGE}, 1) < 0", True),
        # Division rounds down, and what remains has the divisor's sign.
        ("7 // 2 == 3 and -7 // 2 == -4 and 7 // -2 == -4 and -7 // -2 == 3", True),
        ("7 % 2 == 1 and -7 % 2 == 1 and 7 % -2 == -1 and -7 % -2 == -1", True),
        ("6 // 4 * 4 + 6 % 4 == 6", True),
        # What has no value makes its comparison false, and no other.
        ("1 // (1 - 1) == 0", False),
        ("1 // (1 - 1) != 0", False),
        ("not 1 // (1 - 1) == 0", True),
        ("1 % (1 - 1) < 5 or 1 < 2", True),
        ("(1 // (1 - 1) == 0) == (2 < 1)", True),
        ("1 < 2 < 3 // (1 - 1)", False),
        ("handle[0xfffffffe].pfn == handle[0xfffffffe].pfn", False),
        ("min(1, handle[0xfffffffe].order) < 9", False),
        # A chain holds if each of its comparisons does.
        ("1 < 2 < 3 <= 3 != 4", True),
        ("1 < 3 < 2", False),
        ("3 > 1 < 2 == 2", True),
        ("(1 < 2) != (2 < 1)", True),
        # Signs from left to right, products before sums.
        ("10 - 2 - 3 == 5 and 2 + 3 * 4 == 14 and 100 // 10 // 5 == 2", True),
        ("- 2 * -3 == 6 and --2 == 2 and not not 1 < 2", True),
        ("max(1, 3, 2) == 3 and min(3, 1, 2) == 1 and sum(1, 2, 3) == 6", True),
        ("0x10 == 16 and 007 == 7 and 0XfF == 255", True),
        ("\t1\n<\r\n2 ", True),
    ],
)
def test_signs_mean_what_the_document_says(text: str, expected: bool) -> None:
    assert stage()[0].predicate(text).holds() is expected


def test_a_name_without_its_order_is_all_of_them() -> None:
    lab, _, _ = stage()
    counts = lab.nr_free(0)
    assert lab.predicate(f"min(nr_free) == {min(counts)} and max(nr_free) == {max(counts)}").holds()
    assert lab.predicate(f"sum(nr_free, 7) == {sum(counts) + 7}".replace("-", "0 - ")).holds()
    chunks = sum(lab.lists(1)["MOVABLE"])
    assert lab.predicate(f"sum(zone.Normal.list.MOVABLE) == {chunks}").holds()
    parts = lab.predicate("min(nr_free) < 0").values()
    assert [part.text for part in parts] == [f"nr_free[{order}]" for order in range(7)]
    assert [part.value for part in parts] == counts


def test_a_part_is_told_once_in_the_order_of_the_text() -> None:
    lab, _, leaves = stage()
    text = "0 <= usable <= present and pageblock [ 3 ].type != ISOLATE and usable > 1"
    assert [tuple(part) for part in lab.predicate(text).values()] == [
        ("usable", leaves["usable"], ""),
        ("present", leaves["present"], ""),
        ("pageblock[3].type", lab.block_types()[3], TYPE.words[lab.block_types()[3]]),
    ]


def test_a_predicate_may_be_nested_as_deep_as_it_is_said() -> None:
    lab, _, _ = stage()
    inside = DEPTH_MAX - 2
    assert lab.predicate(f"{'(' * inside}usable >= 0{')' * inside}").holds()
    assert lab.predicate("min(1, " * inside + "2" + ")" * inside + " == 1").holds()
    assert lab.predicate(f"usable >= 0{' and usable >= 0' * 60}").holds()
