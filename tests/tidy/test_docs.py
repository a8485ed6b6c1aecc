"""Generated documents say what the code says."""

from docs import models
from sim_core.models import COLUMNS, ROWS


def test_models_md_is_what_make_docs_would_write() -> None:
    assert models.PLACE.read_text("utf-8") == models.render(), "make docs"


def test_every_model_and_every_column_is_told() -> None:
    text = models.render()
    for row in ROWS.values():
        assert f"\n## `{row.name}`" in text
        assert all(cell.why.replace("_", r"\_") in text for cell in row.cells.values())
    assert all(column.words in text for column in COLUMNS)
