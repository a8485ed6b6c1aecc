"""What an accounting model is: a row of data, one cell for each place where kernels differ.

Theory of operation. The kernels that ZoneScope runs share one code path (sim_core/mm). They differ
in few places: a *site* (a kernel function, and which counter it moves) and *when* it acts. When is
a truth table over three facts, each "is it ISOLATE?": the type the caller passed, the type of the
pageblock, the type of the list concerned. Eight combinations, eight bits: the policy has the byte,
and a site asks `(when >> context) & 1`.

Other differences are a choice among a few ways of doing a step; its number is the cell's value.

This file knows no kernel and no zone. Each kernel is one file beside it.
"""

from dataclasses import dataclass, replace
from typing import Final

from sim_core.models.columns import BY_NAME, COLUMNS
from sim_core.vocabulary import PCPTYPES, Migratetype

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
PASSED_IS_NOT_ISOLATE: Final = When(
    0xFF ^ _table(PASSED_ISOLATE), "unless the type passed in is ISOLATE"
)
BLOCK_IS_ISOLATE: Final = When(_table(BLOCK_ISOLATE), "if the pageblock is ISOLATE")
BLOCK_IS_NOT_ISOLATE: Final = When(0xFF ^ _table(BLOCK_ISOLATE), "unless the pageblock is ISOLATE")
LIST_IS_ISOLATE: Final = When(_table(LIST_ISOLATE), "if the list is ISOLATE")
LIST_IS_NOT_ISOLATE: Final = When(0xFF ^ _table(LIST_ISOLATE), "unless the list is ISOLATE")


@dataclass(frozen=True)
class Cell:
    """One place in which kernels differ, as one of them decides it.

    Attributes:
        values: column name -> truth table, or the number of a choice for a "rule". A cell may own
            several columns: they come and go together (one hunk of a patch).
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
        family: which models it stands among.
        parent: the row it was made from, if it was.
    """

    name: str
    title: str
    summary: str
    aims: tuple[str, ...]
    because: dict[str, str]
    cells: dict[str, Cell]
    family: str
    parent: str | None = None

    @property
    def migratetypes(self) -> tuple[Migratetype, ...]:
        """What this kernel's enum migratetype holds, in its order."""
        columns = self.columns()
        kept: Migratetype = "HIGHATOMIC" if columns["reserve"] else "RESERVE"
        mobile = PCPTYPES[1:][:: -1 if columns["movable_second"] else 1]
        return ("UNMOVABLE", *mobile, kept, "CMA", "ISOLATE")

    def with_cells(
        self,
        cells: dict[str, Cell],
        *,
        name: str,
        title: str,
        summary: str,
        aims: tuple[str, ...],
        because: dict[str, str],
        family: str | None = None,
    ) -> "Row":
        """A row that differs from this one in the given cells.

        What `because` does not say anew holds as in this row, and so does the family.

        Raises:
            KeyError: a cell that this row does not have.
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
            family=family or self.family,
            parent=self.name,
        )

    def columns(self) -> dict[str, int]:
        """The row as the compiled policy takes it: column name -> number, in the
        order of COLUMNS.

        Raises:
            ValueError: a column that no cell, or more than one cell, decides.
        """
        values: dict[str, int] = {}
        for cell in self.cells.values():
            for column, value in cell.values.items():
                if column in values:
                    raise ValueError(f"{self.name}: two cells decide {column}")
                values[column] = value.bits if isinstance(value, When) else value
        missing = BY_NAME.keys() ^ values.keys()
        if missing:
            raise ValueError(f"{self.name}: cells and columns differ in {sorted(missing)}")
        return {column.name: values[column.name] for column in COLUMNS}
