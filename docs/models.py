"""Renders docs/MODELS.md from the model table: `make docs`.

The rows are read where the simulator reads them, so the document cannot tell another story.
"""

import sys
from pathlib import Path

from sim_core.models import COLUMNS, ROWS, Row
from sim_core.models.table import When

PLACE = Path(__file__).with_name("MODELS.md")


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _value(row: Row, column: str) -> str:
    [value] = [cell.values[column] for cell in row.cells.values() if column in cell.values]
    return value.words if isinstance(value, When) else ("yes" if value else "no")


def _rows() -> str:
    head = ["model", "is", "about isolated pages", "aims at", "made from"]
    return _table(
        head,
        [
            [f"`{row.name}`", row.title, row.summary, ", ".join(row.aims), row.parent or ""]
            for row in ROWS.values()
        ],
    )


def _side_by_side() -> str:
    lines = []
    for column in COLUMNS:
        values = [_value(row, column.name) for row in ROWS.values()]
        parts = len(set(values)) > 1
        shown = [f"**{value}**" if parts else value for value in values]
        lines.append([f"`{column.site}`", column.counter, column.words, *shown])
    return _table(["site", "counter", "question", *(f"`{name}`" for name in ROWS)], lines)


def _cells(row: Row) -> str:
    parent = ROWS[row.parent].cells if row.parent else {}
    lines = [
        [
            f"`{name}`",
            "; ".join(f"`{column}`: {_value(row, column)}" for column in cell.values),
            cell.source.replace("_", r"\_"),
            cell.why.replace("_", r"\_"),
        ]
        for name, cell in row.cells.items()
        if cell != parent.get(name)
    ]
    differs = f", where it differs from `{row.parent}`" if row.parent else ""
    table = _table(["cell", "columns", "source", "why"], lines)
    return f"## `{row.name}`{differs}\n\n{table}"


INTRODUCTION = """\
Made by `make docs` from `sim_core/models/`; do not edit.

A model is a row of data, run by one code path. Each kernel function that touches a counter is a
*site*; a row says when the site acts. Where the models part, the value is in bold."""


def render() -> str:
    """The whole document."""
    parts = ["# Accounting models", INTRODUCTION, _rows(), "## Side by side", _side_by_side()]
    parts += [_cells(row) for row in ROWS.values()]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PLACE.write_text(render(), encoding="utf-8")
    print(PLACE, file=sys.stderr)
