"""What an accounting model is: a row of data, one cell for each place where kernels differ.

Theory of operation. The kernels that ZoneScope runs share one code path (sim_core/mm). They differ
in few places: a *site* (a kernel function, and which counter it moves) and *when* it acts. When is
a truth table over three facts, each "is it ISOLATE?": the type the caller passed, the type of the
pageblock, the type of the list concerned. Eight combinations, eight bits: the policy has the byte,
and a site asks `(when >> context) & 1`.

A few differences are no truth table but a choice; they are 0 or 1 in a cell of their own.

This file knows no kernel and no zone. Each kernel is one file beside it.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

PASSED_ISOLATE: Final = 1
BLOCK_ISOLATE: Final = 2
LIST_ISOLATE: Final = 4


def _table(fact: int) -> int:
    """The eight-bit truth table that is 1 in each context in which `fact` holds."""
    return sum(1 << context for context in range(8) if context & fact)


@dataclass(frozen=True)
class When:
    """A truth table over the three facts.

    Attributes:
        bits: bit c is 1 if the site acts in context c (a sum of the three facts above).
        words: for people.
    """

    bits: int
    words: str


ALWAYS: Final = When(0xFF, "always")
NEVER: Final = When(0x00, "never")
PASSED_IS_ISOLATE: Final = When(_table(PASSED_ISOLATE), "if the type passed in is ISOLATE")
BLOCK_IS_ISOLATE: Final = When(_table(BLOCK_ISOLATE), "if the pageblock is ISOLATE")
BLOCK_IS_NOT_ISOLATE: Final = When(0xFF ^ _table(BLOCK_ISOLATE), "unless the pageblock is ISOLATE")

Counter = Literal["NR_FREE_PAGES", "nr_free", "route", "bug", "rule"]


@dataclass(frozen=True)
class Column:
    """One rule that the compiled policy holds.

    Attributes:
        name: the field of `policy_t` (sim_core/mm/policy.pxd).
        site: kernel function whose step it is.
        counter: which counter it moves; "route" chooses a function, "bug" an assertion,
            "rule" is a plain 0 or 1.
        words: the question that the value answers.
    """

    name: str
    site: str
    counter: Counter
    words: str


COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "free_pages_ok_isolated",
        "__free_pages_ok",
        "route",
        "does a free of order ≥ 1 go through free_one_isolated_page?",
    ),
    Column(
        "free_hot_cold_isolated",
        "free_hot_cold_page",
        "route",
        "does a free of order 0 that bypasses the pcp go through free_one_isolated_page?",
    ),
    Column("free_one_page_bug", "free_one_page", "bug", "is this call a VM_BUG_ON?"),
    Column("free_one_page_nr", "free_one_page", "NR_FREE_PAGES", "is the freed chunk counted?"),
    Column(
        "set_isolate_nr",
        "set_migratetype_isolate",
        "NR_FREE_PAGES",
        "are the pages moved to ISOLATE taken off?",
    ),
    Column(
        "set_isolate_nr_free",
        "set_migratetype_isolate",
        "nr_free",
        "is each chunk moved to ISOLATE taken off its order?",
    ),
    Column(
        "unset_isolate_nr",
        "unset_migratetype_isolate",
        "NR_FREE_PAGES",
        "are the pages moved from ISOLATE added?",
    ),
    Column(
        "unset_isolate_nr_free",
        "unset_migratetype_isolate",
        "nr_free",
        "is each chunk moved from ISOLATE added to its order?",
    ),
    Column("split_nr", "split_free_page", "NR_FREE_PAGES", "is the chunk taken out subtracted?"),
    Column(
        "split_nr_free", "split_free_page", "nr_free", "is the chunk taken off its order's count?"
    ),
    Column(
        "offline_nr",
        "__offline_isolated_pages",
        "NR_FREE_PAGES",
        "is each chunk removed subtracted?",
    ),
    Column(
        "offline_nr_free",
        "__offline_isolated_pages",
        "nr_free",
        "is each chunk removed taken off its order's count?",
    ),
    Column(
        "tail_lower_half_only",
        "__free_one_page",
        "rule",
        "does the higher-buddy probe miss for the upper half of a pair?",
    ),
    Column(
        "watermark_unsigned",
        "__zone_watermark_ok",
        "rule",
        "is the sum with lowmem_reserve unsigned, so that a negative count passes?",
    ),
)


@dataclass(frozen=True)
class Cell:
    """One place in which kernels differ, as one of them decides it.

    Attributes:
        values: column name -> truth table, or 0/1 for a "rule". A cell may own several columns:
            they come and go together (one hunk of a patch).
        source: kernel function with version, commit or mail date.
        why: in one sentence.
    """

    values: dict[str, When | int]
    source: str
    why: str


@dataclass(frozen=True)
class Row:
    """One accounting model.

    Attributes:
        name: how commands and files call it.
        title: how the page calls it.
        summary: what it does about isolated pages, in a sentence.
        aims: identities (I1 … I6, sim_core/mm/check.pxd) that this kernel means to keep.
        because: identity -> why this kernel does not aim at it; of use for those not in `aims`.
        cells: cell name -> Cell; every cell of every row is present.
        parent: the row it was made from, if it was.
    """

    name: str
    title: str
    summary: str
    aims: tuple[str, ...]
    because: dict[str, str]
    cells: dict[str, Cell]
    parent: str | None = None

    def with_cells(
        self,
        cells: dict[str, Cell],
        *,
        name: str,
        title: str,
        summary: str,
        aims: tuple[str, ...],
        because: dict[str, str],
    ) -> "Row":
        """A row that differs from this one in the given cells.

        Raises:
            KeyError: a cell that this row does not have.

        What `because` does not say anew, holds as in this row.
        """
        unknown = cells.keys() - self.cells.keys()
        if unknown:
            raise KeyError(f"no such cell: {', '.join(sorted(unknown))}")
        return replace(
            self,
            name=name,
            title=title,
            summary=summary,
            aims=aims,
            because={**self.because, **because},
            cells={**self.cells, **cells},
            parent=self.name,
        )

    def columns(self) -> dict[str, int]:
        """The row as the compiled policy takes it: column name -> bits or 0/1.

        Raises:
            ValueError: a column that no cell, or more than one cell, decides.
        """
        values: dict[str, int] = {}
        for cell in self.cells.values():
            for column, value in cell.values.items():
                if column in values:
                    raise ValueError(f"{self.name}: two cells decide {column}")
                values[column] = value.bits if isinstance(value, When) else value
        missing = {column.name for column in COLUMNS} ^ values.keys()
        if missing:
            raise ValueError(f"{self.name}: cells and columns differ in {sorted(missing)}")
        return values
