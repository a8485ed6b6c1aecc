"""Generated documents say what the code says."""

from docs import models, predicates
from sim_core.models import COLUMNS, ROWS
from sim_core.predicates import CONSTANTS, NAMES, PARAMETERS


def test_models_md_is_what_make_docs_would_write() -> None:
    assert models.PLACE.read_text("utf-8") == models.render(), "make docs"


def test_predicates_md_is_what_make_docs_would_write() -> None:
    assert predicates.PLACE.read_text("utf-8") == predicates.render(), "make docs"


def test_every_model_and_every_column_is_told() -> None:
    text = models.render()
    for row in ROWS.values():
        assert f"\n## `{row.name}`" in text
        assert all(cell.why.replace("_", r"\_") in text for cell in row.cells.values())
    assert all(column.words in text for column in COLUMNS)


def test_every_name_and_every_word_of_predicates_is_told() -> None:
    text = predicates.render()
    for row in NAMES:
        assert all(f"`{spelling}`" in text for spelling in (row.spelling, *row.aliases))
        assert row.words in text
    assert all(word in text for word in CONSTANTS)
    assert all(f"`<{name}>` | {words}" in text for name, words in PARAMETERS.items())
