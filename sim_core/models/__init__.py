"""The registry of accounting models. Another kernel is one file more and one line here."""

from typing import Any, Final

from sim_core.models.columns import COLUMNS, Column
from sim_core.models.minchan_v1 import MINCHAN_V1
from sim_core.models.minchan_v2 import MINCHAN_V2, PATCH_CELLS, patched
from sim_core.models.table import Cell, Row, When
from sim_core.models.v3_5 import V3_5
from sim_core.models.v3_6 import V3_6
from sim_core.models.v3_7 import V3_7
from sim_core.models.v3_8 import V3_8
from sim_core.models.v3_19 import V3_19
from sim_core.models.v6_1 import V6_1
from sim_core.models.v6_12 import V6_12
from sim_core.models.v6_12_117 import V6_12_117

ROWS: Final[dict[str, Row]] = {
    row.name: row
    for row in (
        V3_5,
        MINCHAN_V1,
        MINCHAN_V2,
        V3_6,
        V3_7,
        V3_8,
        V3_19,
        V6_1,
        V6_12,
        V6_12_117,
    )
}
DEFAULT: Final = V3_5.name
CUSTOM: Final = "custom"
"""Name of a row put together from single hunks of a patch."""


def to_json(row: Row) -> dict[str, Any]:
    """A row as the service sends it: names, aims, and each cell's values with source and why."""
    return {
        "name": row.name,
        "title": row.title,
        "summary": row.summary,
        "aims": list(row.aims),
        "because": {name: why for name, why in row.because.items() if name not in row.aims},
        "parent": row.parent,
        "cells": {
            name: {
                "values": {
                    column: value.words if isinstance(value, When) else value
                    for column, value in cell.values.items()
                },
                "source": cell.source,
                "why": cell.why,
            }
            for name, cell in row.cells.items()
        },
    }


__all__ = [
    "COLUMNS",
    "CUSTOM",
    "DEFAULT",
    "PATCH_CELLS",
    "ROWS",
    "Cell",
    "Column",
    "Row",
    "patched",
    "to_json",
]
