"""Accounting models: rows of data (registry.py), and what can be made of them and said of them."""

from sim_core.models.column import Choice, Column
from sim_core.models.columns import BY_NAME, COLUMNS, SECTIONS
from sim_core.models.custom import Custom, custom, derived, diff, words_of
from sim_core.models.document import FORMAT, from_document, to_document
from sim_core.models.hunks import HUNKS, hunk_changes
from sim_core.models.minchan_v2 import PATCH_CELLS
from sim_core.models.registry import DEFAULT, ROWS
from sim_core.models.rules import RULES, Rule, broken
from sim_core.models.table import Cell, Row, When
from sim_core.models.telling import label_of, table_to_json, to_json

__all__ = [
    "BY_NAME",
    "COLUMNS",
    "DEFAULT",
    "FORMAT",
    "HUNKS",
    "PATCH_CELLS",
    "ROWS",
    "RULES",
    "SECTIONS",
    "Cell",
    "Choice",
    "Column",
    "Custom",
    "Row",
    "Rule",
    "When",
    "broken",
    "custom",
    "derived",
    "diff",
    "from_document",
    "hunk_changes",
    "label_of",
    "table_to_json",
    "to_document",
    "to_json",
    "words_of",
]
