"""The model table as the service sends it: questions and answers, rows, rules, hunks."""

from typing import Any

from sim_core.models.columns import COLUMNS, SECTIONS
from sim_core.models.custom import NAME_MAX, words_of
from sim_core.models.hunks import HUNKS, WITHOUT
from sim_core.models.minchan_v2 import MINCHAN_V2, PATCH_CELLS
from sim_core.models.registry import ROWS
from sim_core.models.rules import RULES
from sim_core.models.table import Row
from sim_core.models.truth import CONTEXTS, NAMED, WORDS, label


def label_of(column: str, value: int) -> str:
    """A column's value in a word or two."""
    [one] = [c for c in COLUMNS if c.name == column]
    return one.choices[value].label if one.choices else label(value)


def to_json(row: Row) -> dict[str, Any]:
    """A row: names, aims, and each cell's values with source and why."""
    values = row.columns()
    return {
        "name": row.name,
        "title": row.title,
        "summary": row.summary,
        "aims": list(row.aims),
        "because": {name: why for name, why in row.because.items() if name not in row.aims},
        "family": row.family,
        "parent": row.parent,
        "cells": {
            name: {
                "values": {column: values[column] for column in cell.values},
                "words": {column: words_of(column, values[column]) for column in cell.values},
                "source": cell.source,
                "why": cell.why,
            }
            for name, cell in row.cells.items()
        },
    }


def table_to_json() -> dict[str, Any]:
    """Everything of which a page can draw the table, and say what may stand in it."""
    return {
        "sections": [
            {
                "title": title,
                "columns": [
                    {
                        "name": column.name,
                        "site": column.site,
                        "counter": column.counter,
                        "words": column.words,
                        "choices": [choice._asdict() for choice in column.choices],
                    }
                    for column in columns
                ],
            }
            for title, columns in SECTIONS.items()
        ],
        "tables": {
            "words": list(WORDS),
            "labels": [label(bits) for bits in range(256)],
            "named": [named.bits for named in NAMED],
            "contexts": list(CONTEXTS),
        },
        "rules": [rule.to_json() for rule in RULES],
        "hunks": {
            name: {
                "changes": HUNKS[name],
                "without": WITHOUT[name],
                "source": cell.source,
                "why": cell.why,
            }
            for name, cell in PATCH_CELLS.items()
        },
        "patch": MINCHAN_V2.name,
        "name_max": NAME_MAX,
        "models": [to_json(row) for row in ROWS.values()],
    }
