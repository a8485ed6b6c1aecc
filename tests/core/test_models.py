"""Models are data: every subset of the patch compiles, and the C level knows nobody's name."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from sim_core.models import BY_NAME, COLUMNS, HUNKS, ROWS, Row, to_json
from sim_core.models.table import ALWAYS, BLOCK_IS_NOT_ISOLATE, NEVER, PASSED_IS_ISOLATE, Cell, When
from tests.core.nodes import node_of, patched

MM = Path(__file__).parent.parent.parent / "sim_core" / "mm"


def test_the_c_policy_is_truth_tables_and_nothing_else() -> None:
    body = (MM / "policy.pxd").read_text().split("ctypedef struct policy_t:\n")[1].split("\n\n")[0]
    fields = [line.split() for line in body.splitlines()]
    assert {kind for kind, _ in fields} == {"uint8_t"}
    assert [name for _, name in fields] == [column.name for column in COLUMNS]


def test_no_file_of_the_c_level_names_a_model() -> None:
    names = re.compile("|".join(re.escape(name) for name in (*ROWS, "minchan", "custom")))
    for path in MM.glob("*.p[xy]*"):
        text = re.sub(r'(?s)""".*?"""|#[^\n]*', "", path.read_text())
        assert not names.search(text), path.name


def test_every_subset_of_the_patch_compiles_into_a_node() -> None:
    for size in range(len(HUNKS) + 1):
        for taken in combinations(HUNKS, size):
            row = patched(taken)
            node_of(row, spanned_pages=16).boot()
            for name in HUNKS:
                whose = ROWS["minchan-v2"] if name in taken else ROWS["v3.5"]
                assert row.cells[name].values == whose.cells[name].values


def test_no_two_kernels_are_the_same() -> None:
    assert len({tuple(sorted(row.columns().items())) for row in ROWS.values()}) == len(ROWS) == 10


def test_every_choice_but_one_is_some_kernels() -> None:
    """A choice that no kernel makes could as well be away; one waits for its kernel."""
    made = {(name, n) for row in ROWS.values() for name, n in row.columns().items()}
    missing = [
        (column.name, n)
        for column in COLUMNS
        for n in range(len(column.choices))
        if (column.name, n) not in made
    ]
    assert missing == [("merge_guard", 2)]


def test_a_truth_table_is_read_by_context() -> None:
    assert (ALWAYS.bits, NEVER.bits) == (0xFF, 0)
    for context in range(8):
        assert PASSED_IS_ISOLATE.bits >> context & 1 == context & 1
        assert BLOCK_IS_NOT_ISOLATE.bits >> context & 1 == 1 - (context >> 1 & 1)


def row_with(cells: dict[str, Cell]) -> Row:
    plain = ROWS["v3.5"]
    return Row("x", "x", "x", plain.aims, plain.because, {**plain.cells, **cells}, plain.family)


def test_a_column_decided_twice_or_never_is_refused() -> None:
    twice = row_with({"again": Cell({"split_nr": NEVER}, "here", "twice")})
    with pytest.raises(ValueError, match="two cells decide split_nr"):
        twice.columns()
    never = row_with({"split_free_page": Cell({"split_nr": NEVER}, "here", "half of it")})
    with pytest.raises(ValueError, match="split_nr_free"):
        never.columns()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_each_cell_says_what_where_and_why(row: Row) -> None:
    told = to_json(row)
    assert set(row.aims) & set(told["because"]) == set()
    for cell in row.cells.values():
        assert re.search(r"v[36]\.\d+|June 2012", cell.source)
        assert cell.why.endswith(".")
        for column, value in cell.values.items():
            choices = BY_NAME[column].choices
            assert value in range(len(choices)) if choices else isinstance(value, When)


def test_what_a_row_changes_in_the_one_it_was_made_from_has_its_own_source_and_reason() -> None:
    for row in ROWS.values():
        if row.parent is None:
            continue
        parent = ROWS[row.parent]
        changed = [name for name, cell in row.cells.items() if cell is not parent.cells[name]]
        assert any(row.cells[name].values != parent.cells[name].values for name in changed)
        told = [(row.cells[name].source, row.cells[name].why) for name in changed]
        assert (len(set(told)), bool(told)) == (len(told), True)
