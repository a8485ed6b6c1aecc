"""What is no predicate is refused with its place, what was found and what could stand there."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_core import Lab
from sim_core.errors import PredicateError, RefusedError
from tests.core.predicate_labs import lab_of

TYPES = "UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE"
AFTER_VALUE = "-, +, * // %, < <= > >= == !=, and, or"
NEW = "a name, a number, (, -, not"


@cache
def lab() -> Lab:
    return lab_of("whole")


def refusal(text: str) -> PredicateError:
    with pytest.raises(PredicateError) as error:
        lab().predicate(text)
    assert error.value.field == "predicate"
    return error.value


CASES = [
    # (text, the place at fault, problem, what could stand there)
    ("", "", "it ends here", NEW),
    ("usable <", "", "it ends here", "a name, a number, (, -"),
    ("(usable < 3", "", "it ends here", f"{AFTER_VALUE}, )"),
    ("usable < 3)", ")", "found )", f"{AFTER_VALUE}, the end"),
    ("usable = 3", "=", "found =; write ==", f"(, {AFTER_VALUE}, [, ., the end"),
    ("usable && op < 3", "&", "found &; write and", None),
    ("! usable", "!", "found !; write not, or !=", NEW),
    ("usable / 2 < 3", "/", "found /; write //", None),
    ("usable ≤ 3", "≤", "found ≤; write <=", None),
    ("usable < 1.5", ".", "found .", f"{AFTER_VALUE}, the end"),
    ("usable < 12ab", "12ab", "12ab is no number", "digits, or 0x and hexadecimal digits"),
    ("usable < 0x", "0x", "0x is no number", None),
    ("usable < 1_000", "1_000", "1_000 is no number", None),
    ("usable < 3 op", "op", "found op", f"{AFTER_VALUE}, the end"),
    ("min() < 3", ")", "found )", "a name, a number, (, -"),
    ("min(1, 2", "", "it ends here", "-, +, * // %, a comma, )"),
    ("nr_free[op] < 3", "op", "found op", "a number"),
    ("nr_free[-1] < 3", "-", "found -", "a number"),
    ("list.MOVABLE.3 < 3", "3", "found 3", "a name"),
    ("usable\x00 < 3", "\x00", "found U+0000", None),
    ("größe < 3", "ö", "found ö", None),
    ("usable < 3 # few", "#", "found #", None),
    ("usable < 'a'", "'", "found '", None),
    ("usable <\ud800 3", "\ud800", "found U+D800", None),
    # numbers
    (
        "usable < 9223372036854775808",
        "9223372036854775808",
        "the number is too large",
        "0 … 9223372036854775807",
    ),
    ("usable // 0 < 3", "0", "nothing is divided by 0", "another number"),
    ("usable % (0x00) < 3", "(0x00)", "nothing is divided by 0", "another number"),
    # names
    (
        "nr_fre[3] < 0",
        "nr_fre",
        "there is no name nr_fre; do you mean nr_free?",
        "nr_free, nr_free_sum, NR_FREE_PAGES, NR_FREE_CMA_PAGES, NR_FREE_HIGHATOMIC",
    ),
    ("USABLE < 3", "USABLE", "there is no name USABLE; do you mean usable?", "usable"),
    ("isolate == 3", "isolate", "there is no name isolate; do you mean isolated?", None),
    ("quux < 3", "quux", "there is no name quux", None),
    ("I5-iso.broken", "I5", "there is no name I5; do you mean I5_iso?", "I5_iso"),
    (
        "I6.broken",
        "I6",
        "I6 takes a walk over all pages, which no predicate makes",
        "I1, I1x, I2, I2x, I3, I4, I5_iso",
    ),
    (
        "I5_full.broken",
        "I5_full",
        "I5_full takes a walk over all pages, which no predicate makes",
        None,
    ),
    ("list.MOVEABLE[3] > 2", "MOVEABLE", "there is no name MOVEABLE; do you mean MOVABLE?", None),
    ("pages.Q > 2", "Q", "there is no name Q", TYPES),
    ("watermark.mid > 2", "mid", "there is no name mid; do you mean min?", None),
    ("pageblock[3].kind > 2", "kind", "there is no name kind", None),
    ("usable.pages < 3", "pages", "there is no name pages", "nothing more"),
    ("usable[0] < 3", "0", "there is no index here", "nothing more"),
    ("list[3] < 3", "3", "there is no index here", ", ".join(f".{t}" for t in TYPES.split(", "))),
    ("nr_free < 3", "", "nr_free is not all of a name", "[0 … 6]"),
    ("list.CMA < 3", "", "list.CMA is not all of a name", "[0 … 6]"),
    ("pages < 3", "", "pages is not all of a name", None),
    ("kswapd", "", "kswapd is not all of a name", ".awake, .order, .class, .priority, .reclaimed"),
    ("handle[7] == 3", "", "handle[7] is not all of a name", ".in_use, .pfn, .order, .owner"),
    # indices
    ("nr_free[7] < 0", "7", "there is no order 7", "0 … 6"),
    ("list.CMA[0x10] < 0", "0x10", "there is no order 0x10", "0 … 6"),
    ("pcp[2] > 0", "2", "there is no cpu 2", "0 … 1"),
    ("pageblock[40].free > 0", "40", "there is no block 40", "0 … 37, 47 … 78, 83 … 98"),
    ("page[20].order > 0", "20", "there is no pfn 20", "21 … 620, 768 … 1267, 1344 … 1599"),
    ("handle[4294967295].pfn > 0", "4294967295", "there is no handle 4294967295", "0 … 4294967294"),
    # zones
    ("zone", "zone", "which zone?", "zone.DMA32, zone.Normal, zone.Movable"),
    ("zone.HighMem.free < 3", "HighMem", "there is no zone HighMem", None),
    ("zone.Normal < 3", "", "zone.Normal is not all of a name", None),
    ("zone.Normal.op < 3", "zone.Normal.op", "op is the node's and no zone's", "op"),
    (
        "zone.Normal.page[3].order < 3",
        "zone.Normal.page",
        "page is the node's and no zone's",
        "page",
    ),
    ("zone.Normal[3] < 3", "3", "there is no index here", None),
    ("lowmem_reserve.HighMem > 0", "HighMem", "there is no name HighMem", "DMA32, Normal, Movable"),
    # kinds
    ("usable", "usable", "this is a number, and no yes or no", None),
    ("ISOLATE", "ISOLATE", "this is a migratetype, and no yes or no", None),
    ("usable and op < 3", "usable", "this is a number, and no yes or no", None),
    ("not op", "op", "this is a number, and no yes or no", None),
    (
        "pageblock[1].type < 3",
        "3",
        "a migratetype is not compared with a number",
        TYPES,
    ),
    ("pageblock[1].type < CMA", "<", "a migratetype has no order", "==, !="),
    (
        "pageblock[1].type == FREE",
        "FREE",
        "a migratetype is not compared with a page's state",
        TYPES,
    ),
    ("3 == verdict", "verdict", "a number is not compared with a verdict", "a number"),
    (
        "page[30].state == RESERVE",
        "RESERVE",
        "a page's state is not compared with a migratetype",
        None,
    ),
    ("kswapd.awake == 1", "1", "yes or no is not compared with a number", None),
    ("kswapd.awake < given_up", "<", "yes or no has no order", "==, !="),
    (
        "given_up == kswapd.awake == given_up",
        "== given_up",
        "yes or no is compared with one other",
        "parentheses around two",
    ),
    ("op + verdict < 3", "verdict", "+ takes numbers, and this is a verdict", "a number"),
    ("-given_up", "given_up", "- takes numbers, and this is yes or no", "a number"),
    ("op * (op < 3) < 3", "(op < 3)", "* takes numbers, and this is yes or no", "a number"),
    # functions
    ("len(nr_free) < 3", "len", "there is no function len", "abs, min, max, sum"),
    ("mim(1, 2) < 3", "mim", "there is no function mim; do you mean min?", "abs, min, max, sum"),
    ("abs(1, 2) < 3", "2", "abs takes one number", ")"),
    ("abs(given_up) < 3", "given_up", "abs takes numbers, and this is yes or no", "a number"),
    ("abs(nr_free) < 3", "", "nr_free is not all of a name", "[0 … 6]"),
    ("max(ISOLATE, 1) < 3", "ISOLATE", "max takes numbers, and this is a migratetype", "a number"),
    (
        "min(pcp) < 3",
        "pcp",
        "min takes several numbers",
        "more of them, or a name without its order",
    ),
    ("sum(page) < 3", "", "page is not all of a name", None),
]


@pytest.mark.parametrize(("text", "place", "problem", "allowed"), CASES, ids=[c[0] for c in CASES])
def test_it_is_told_what_is_wrong_and_where(
    text: str, place: str, problem: str, allowed: str | None
) -> None:
    error = refusal(text)
    assert error.problem == problem
    assert allowed is None or error.allowed == allowed
    assert error.allowed
    if place:
        assert text[error.position : error.position + error.length] == place
    else:
        assert error.length == 1
    said, line, marks, rest = str(error).split("\n")
    assert said == problem
    assert rest == f"here can stand: {error.allowed}"
    assert marks == " " * (2 + error.position) + "^" * error.length
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    assert line == f"  {shown}"


def test_of_several_lines_the_one_at_fault_is_shown() -> None:
    error = refusal("usable < 3\nand nr_fre[3] < 0\nand op > 1")
    assert str(error).split("\n")[1:3] == ["  and nr_fre[3] < 0", "      ^^^^^^"]
    assert error.position == 15


def test_of_a_long_line_what_surrounds_the_place_is_shown() -> None:
    error = refusal("usable < 3 and " * 20 + "quux < 3" + " and op < 3" * 20)
    _, line, marks, _ = str(error).split("\n")
    assert line.startswith("  … ")
    assert line.endswith(" …")
    assert len(line) < 140
    assert line[marks.index("^") : marks.rindex("^") + 1] == "quux"


def test_a_mark_stands_under_a_place_after_what_is_wide_or_not_seen() -> None:
    for strange in ("\t", "\u3042", "e\u0301", "\u200b", "\x07"):
        error = refusal(f"{strange} < quux")
        _, line, marks, _ = str(error).split("\n")
        assert len(line) == len(strange) + len("   < quux")
        assert marks.index("^") == 2 + error.position


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 5_000 + "1 < 2" + ")" * 5_000,
        "not " * 2_500 + "1 < 2",
        "1" * 10_000 + " < 2",
        "a" * 10_000,
        "usable < 3 and " * 700 + "op < 1",
        "\x00" * 10_000,
    ],
    ids=["open", "nested", "not", "number", "name", "long", "NUL"],
)
def test_what_is_too_long_is_not_even_read(text: str) -> None:
    error = refusal(text)
    assert error.problem == f"{len(text)} characters are too many"
    assert (error.position, error.allowed) == (1000, "at most 1000")
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "text",
    [
        "(" * 490 + "1 < 2" + ")" * 490,
        "not " * 240 + "1 < 2",
        "-" * 900 + "1 < 2",
        "min(1, " * 110 + "1" + ")" * 110 + " < 2",
        "(op < 1) == (" * 60 + "op < 1" + ")" * 60,
    ],
    ids=["parentheses", "not", "minus", "functions", "answers"],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    error = refusal(text)
    assert error.problem == "it is nested too deep"
    assert error.allowed == "32 levels"


def test_what_makes_too_many_steps_is_refused() -> None:
    error = refusal("sum(nr_free" + ", nr_free" * 90 + ") < 1")
    assert error.problem == "it makes 1275 steps"
    assert error.allowed == "at most 512"


def test_there_has_to_be_a_zone() -> None:
    with pytest.raises(RefusedError):
        lab().predicate("usable < 3", 3)


pieces = st.sampled_from(
    [
        *(
            "usable",
            "nr_free",
            "[",
            "3",
            "]",
            "list",
            ".",
            "MOVABLE",
            "zone",
            "Normal",
            "I1",
            "broken",
        ),
        *(
            "pageblock",
            "page",
            "state",
            "type",
            "FREE",
            "ISOLATE",
            "kswapd",
            "awake",
            "handle",
            "pfn",
        ),
        *("and", "or", "not", "(", ")", "<", "==", "!=", "+", "-", "*", "//", "%", "0", "min", ","),
        *("sum", "abs", "99", "0x", "=", "&", "\n", "\x00", "é", " "),
    ]
)


@given(
    st.text(max_size=60)
    | st.lists(pieces, max_size=25).map(" ".join)
    | st.lists(pieces).map("".join)
)
def test_any_text_is_a_predicate_or_is_refused(text: str) -> None:
    error = whats_wrong_with(text)
    if error:
        assert 0 <= error.position <= len(text)
        assert error.length >= 1
        str(error).encode("utf-8")


def whats_wrong_with(text: str) -> PredicateError | None:
    """None: it is a predicate, and could be asked."""
    try:
        predicate = lab().predicate(text)
    except PredicateError as error:
        return error
    predicate.holds()
    predicate.values()
    return None
