"""Renders docs/MODELS.md from the model table: `make docs`.

The rows are read where the simulator reads them, so the document cannot tell another story.
"""

import sys
from pathlib import Path

from sim_core.models import ROWS, RULES, SECTIONS, Column, Row, label_of, words_of

PLACE = Path(__file__).with_name("MODELS.md")
BAR = r"\_"
"""An underscore that is none of Markdown's."""


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _rows() -> str:
    head = ["model", "is", "about isolated pages", "aims at", "made from"]
    return _table(
        head,
        [
            [f"`{row.name}`", row.title, row.summary, ", ".join(row.aims), row.parent or ""]
            for row in ROWS.values()
        ],
    )


def _section(title: str, columns: tuple[Column, ...]) -> str:
    lines = []
    for column in columns:
        cells = []
        for row in ROWS.values():
            value = row.columns()[column.name]
            told = label_of(column.name, value)
            before = ROWS[row.parent].columns()[column.name] if row.parent else value
            cells.append(told if value == before else f"**{told}**")
        lines.append([f"`{column.name}`", *cells])
    table = _table(["column", *(f"`{name}`" for name in ROWS)], lines)
    return "\n\n".join([f"### {title}", table, *map(_question, columns)])


def _question(column: Column) -> str:
    """A column's question, its answers in full, and whose they are."""
    values = {name: row.columns()[column.name] for name, row in ROWS.items()}
    lines = []
    for value in range(len(column.choices)) if column.choices else sorted(set(values.values())):
        label, words = label_of(column.name, value), words_of(column.name, value)
        whose = ", ".join(f"`{name}`" for name, own in values.items() if own == value)
        said = label if label == words else f"{label}: {words}"
        lines.append(f"- {said} ({whose or 'no kernel'})")
    counter = "" if column.counter in ("rule", "route", "bug") else f", `{column.counter}`"
    head = f"`{column.name}` (`{column.site}`{counter}): {column.words}"
    return "\n".join([head, "", *lines])


def _cells(row: Row) -> str:
    parent = ROWS[row.parent].cells if row.parent else {}
    values = row.columns()
    lines = [
        [
            f"`{name}`",
            "; ".join(f"`{column}`: {words_of(column, values[column])}" for column in cell.values),
            cell.source.replace("_", BAR),
            cell.why.replace("_", BAR),
        ]
        for name, cell in row.cells.items()
        if cell != parent.get(name)
    ]
    differs = f", where it differs from `{row.parent}`" if row.parent else ""
    table = _table(["cell", "columns", "source", "why"], lines)
    return f"## `{row.name}`{differs}\n\n{table}"


def _rules() -> str:
    lines = [f"- {rule.reason.replace('_', BAR)}" for rule in RULES]
    return "\n".join(
        [
            "## What cannot stand together",
            "",
            "A custom model is a kernel's row with columns changed by hand, any of them to any "
            "value, unless a rule would read what another does not keep:",
            "",
            *lines,
        ]
    )


INTRODUCTION = """\
Made by `make docs` from `sim_core/models/`; do not edit.

A model is a row of data, run by one code path. Each kernel function that touches a counter is a
*site*; a row says when the site acts. Other columns choose one of a few ways of doing a step. Where
a model parts from the one it was made from, its value is in bold."""


def render() -> str:
    """The whole document."""
    parts = ["# Accounting models", INTRODUCTION, _rows(), "## Side by side"]
    parts += [_section(title, columns) for title, columns in SECTIONS.items()]
    parts += [_cells(row) for row in ROWS.values()]
    parts.append(_rules())
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PLACE.write_text(render(), encoding="utf-8")
    print(PLACE, file=sys.stderr)
