"""The hunks of the seed patch as switches: each is a few columns that are changed together."""

from collections.abc import Iterable
from typing import Final

from sim_core.errors import ConfigError
from sim_core.models.minchan_v2 import MINCHAN_V2, PATCH_CELLS
from sim_core.models.table import Row
from sim_core.models.v3_5 import V3_5


def _columns(row: Row, hunk: str) -> dict[str, int]:
    values = row.columns()
    return {column: values[column] for column in PATCH_CELLS[hunk].values}


HUNKS: Final = {hunk: _columns(MINCHAN_V2, hunk) for hunk in PATCH_CELLS}
"""Hunk -> its columns with the patch."""
WITHOUT: Final = {hunk: _columns(V3_5, hunk) for hunk in PATCH_CELLS}
"""Hunk -> its columns without."""


def hunk_changes(parent: Row, taken: Iterable[str]) -> dict[str, int]:
    """What must be changed in `parent` so that just these hunks stand in it.

    A hunk that is not taken is undone where the parent has it, and else left as the parent has it.

    Raises:
        ConfigError: a name that is no hunk.
    """
    taken = set(taken)
    unknown = taken - HUNKS.keys()
    if unknown:
        raise ConfigError(
            f"the patch has no hunk {', '.join(sorted(unknown))}",
            field="hunks",
            allowed=", ".join(HUNKS),
        )
    values = parent.columns()
    changes: dict[str, int] = {}
    for hunk, columns in HUNKS.items():
        if hunk in taken:
            changes.update(columns)
        elif all(values[column] == value for column, value in columns.items()):
            changes.update(WITHOUT[hunk])
    return changes
