"""Renders docs/PREDICATES.md from the table of names: `make docs`.

The rows are read where predicates are compiled by them, so the document cannot tell another story.
"""

import sys
from pathlib import Path

from sim_core.predicates import PARAMETERS, SECTIONS, Name
from sim_core.predicates.grammar import DEPTH_MAX, NUMBER_MAX, TEXT_MAX
from sim_core.predicates.kinds import STATE, TYPE, VERDICT

PLACE = Path(__file__).with_name("PREDICATES.md")

INTRODUCTION = """\
Made by `make docs` from `sim_core/predicates/`; do not edit.

A predicate is a question to a node that is answered by yes or no. It takes nanoseconds and changes
nothing, so that it can be asked again after every operation: a breakpoint.

```
nr_free[3] < 0
NR_FREE_PAGES != usable
zone.Movable.free > watermark.high and usable == 0
pageblock[37].type == ISOLATE
min(nr_free) < 0 or I1.broken
```"""

SIGNS = [
    ["`7`, `0x1F`", f"a whole number, 0 … {NUMBER_MAX}"],
    ["a name", "what the node has under it now, see Names"],
    ["`ISOLATE`, `LIVELOCK`, `IN_USE`", "a word, see Words"],
    ["`(a)`", "a"],
    ["`abs(a)`", "a without its sign"],
    [
        "`min(a, b)`, `max(a, b)`, `sum(a, b)`",
        "of two numbers and more. A name that lacks nothing but its order stands for a number an "
        "order: `sum(nr_free)`, `max(list.CMA, 3)`",
    ],
    ["`-a`", "0 less a"],
    [
        "`a * b`, `a // b`, `a % b`",
        "product; quotient, rounded down; what remains, with the sign of b",
    ],
    ["`a + b`, `a - b`", "sum, difference"],
    [
        "`a < b`, `<=`, `>`, `>=`, `==`, `!=`",
        "comparisons. A chain holds if each of them does: `watermark.min < free <= watermark.low`",
    ],
    ["`not a`", "yes if a is no"],
    ["`a and b`", "yes if both are; b is not looked at if a is no"],
    ["`a or b`", "yes if one is; b is not looked at if a is yes"],
]

RULES = f"""\
Numbers are compared with numbers, words with their like, and by `==` and `!=` alone. What is yes or
no stands by itself: `kswapd.awake and usable == 0`. Spaces and line ends do not count, case does.

Numbers have 64 bits with a sign and go round beyond them.

What has no value makes the comparison that it stands in false, `!=` too, and nothing else: a
division by zero, the order of a chunk where none begins, the PFN of a handle that stands for
nothing. So `page[37].order != 0` is no where no chunk begins, and `not page[37].order == 0` is yes.
A divisor that is written as `0` is refused.

A predicate has at most {TEXT_MAX} characters and {DEPTH_MAX} levels of what stands in what."""

NAMING = """\
What a zone has is of the zone on show, unless `zone.<zone>.` stands before it:
`zone.Movable.free`. Pageblocks, pages and handles are the node's. In the C values z is the zone, m
the node, and b, p and h are block, page and handle.

For `stray`, `blocks_isolated`, `blocks_offline`, `I5_iso.broken`, and `spanned` under 6.x, the
pageblocks that have changed are looked at again before the question is answered, which takes longer
than all else."""


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _section(title: str, rows: tuple[Name, ...]) -> str:
    lines = [
        [
            ", ".join(f"`{spelling}`" for spelling in (row.spelling, *row.aliases)),
            row.words + (" Of a whole node alone." if row.whole else ""),
            row.unit,
            row.bounds,
            f"`{row.source}`",
        ]
        for row in rows
    ]
    return f"### {title}\n\n{_table(['name', 'is', 'unit', 'bounds', 'C value'], lines)}"


def render() -> str:
    """The whole document."""
    kinds = [[kind.title, ", ".join(kind.words)] for kind in (TYPE, STATE, VERDICT)]
    parameters = [[f"`<{name}>`", words] for name, words in PARAMETERS.items()]
    parts = [
        "# Predicates",
        INTRODUCTION,
        "## What can be written",
        "What binds closest comes first.",
        _table(["written", "is"], SIGNS),
        RULES,
        "## Words",
        _table(["of", "words"], kinds),
        "## Names",
        NAMING,
        _table(["to be put in", "is"], parameters),
        *(_section(title, rows) for title, rows in SECTIONS.items()),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PLACE.write_text(render(), encoding="utf-8")
    print(PLACE, file=sys.stderr)
