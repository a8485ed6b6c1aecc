"""The model table: two kernels compared, a cell opened, a model of one's own made and run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, ViewportSize, expect

from sim_core.models import COLUMNS, HUNKS, ROWS, custom, diff, to_document
from tests.browser.conftest import Show
from tests.browser.overflow import assert_nothing_overflows
from tests.browser.service import Zone
from tests.browser.zonepage import ZonePage

FAMILIES = ["Linux 3.x", "Patches of June 2012, on 3.5", "Linux 6.x"]
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1280, "height": 720},
    "wide": {"width": 1920, "height": 1080},
}


def opened(page: ZonePage) -> None:
    """The dialog, by the menu."""
    page.at("model-button").click()
    page.at("open-models").click()
    expect(page.at("models-dialog")).to_be_visible()


def compare(page: ZonePage, left: str, right: str) -> None:
    page.at("models-left").select_option(left)
    page.at("models-right").select_option(right)


def marked(page: ZonePage) -> set[str]:
    """Columns of the table that are marked as differing."""
    cells = page.at("models-table").locator("td[data-differs]")
    return set(cells.evaluate_all("(cells) => cells.map((cell) => cell.dataset.column)"))


def flip(page: ZonePage, column: str, value: int) -> None:
    """Another answer in one's own model."""
    page.at(f"cell-own-{column}").click()
    page.at(f"answer-{value}").check()


def config(zone: Zone) -> dict[str, Any]:
    found: dict[str, Any] = zone.look()["state"]["config"]
    return found


def download(page: ZonePage, into: Path) -> dict[str, Any]:
    with page.page.expect_download() as coming:
        page.at("own-export").click()
    coming.value.save_as(into)
    found: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
    return found


def test_the_menu_has_ten_kernels_by_family_and_all_in_sight(zone: Zone, show: Show) -> None:
    page = show(zone, viewport=SIZES["projector"])
    page.at("model-button").click()
    rows = page.at("model-menu").get_by_role("radio")
    names = rows.evaluate_all("(rows) => rows.map((row) => row.dataset.testid)")
    of = {family: [r.name for r in ROWS.values() if r.family == family] for family in FAMILIES}
    expected = [f"model-{name}" for names in of.values() for name in names]
    assert [name for name in names if name] == expected
    assert len(expected) == len(ROWS)
    groups = page.at("model-menu").get_by_role("group")
    labels = groups.evaluate_all("(groups) => groups.map((group) => group.ariaLabel)")
    assert [label for label in labels if label] == FAMILIES
    for name in ROWS:
        expect(page.at(f"model-{name}")).to_be_in_viewport(ratio=1)


def test_two_kernels_are_compared_and_only_what_differs_can_be_left(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    compare(page, "v3.7", "v3.8")
    parts = {part.column for part in diff(ROWS["v3.7"], ROWS["v3.8"])}
    expect(page.at("models-count")).to_have_text(f"{len(parts)} of {len(COLUMNS)} differ")
    assert marked(page) == parts
    cell = page.at("cell-v3.8-drain_nr")
    expect(cell).to_contain_text("unless block")
    expect(cell).to_contain_text("≠")
    expect(cell).to_contain_text("differs from v3.7")
    expect(page.at("cell-v3.6-drain_nr")).not_to_contain_text("≠")
    page.at("models-only").check()
    rows = page.at("models-table").locator("tr[data-column]:visible")
    assert rows.evaluate_all("(rows) => rows.map((row) => row.dataset.column)") == [
        column.name for column in COLUMNS if column.name in parts
    ]
    compare(page, "v3.8", "v3.8")
    expect(page.at("models-count")).to_have_text("the same in every cell")
    page.at("models-only").uncheck()
    expect(page.at("models-table").locator("tr[data-column]:visible")).to_have_count(len(COLUMNS))


def test_a_cell_opens_its_source_and_its_reason(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    page.at("cell-v3.19-merge_guard").click()
    pane = page.at("models-cell")
    cell = ROWS["v3.19"].cells["merge_guard"]
    expect(pane).to_contain_text("which chunks of a pageblock and more do not merge?")
    expect(page.at("model-cell-words")).to_have_text(
        "v3.19: one freed to ISOLATE grows no larger than a pageblock"
    )
    for words in (cell.source, cell.why, "v3.8: all merge, whatever their types."):
        expect(pane).to_contain_text(words)
    expect(page.at("cell-v3.19-merge_guard")).to_have_attribute("aria-current", "true")
    page.at("cell-v6.12-list_nr").click()
    expect(page.at("model-cell-words")).to_contain_text("unless the type passed in is ISOLATE")
    expect(pane).to_contain_text("account_freepages · NR_FREE_PAGES")


def test_a_model_of_ones_own_is_flipped_and_runs_the_same_operations(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    zone.result("step", n=120)
    opened(page)
    page.at("own-parent").select_option("v3.7")
    flip(page, "drain_nr", 0)
    flip(page, "split_watermark", 1)
    expect(page.at("own-diff").locator("li")).to_have_count(2)
    expect(page.at("own-diff")).to_contain_text("drain_nr never")
    expect(page.at("own-diff")).to_contain_text("was: always")
    compare(page, "v3.7", "")
    assert marked(page) == {"drain_nr", "split_watermark"}
    page.at("own-diff").get_by_role("button", name="Undo split_watermark").click()
    assert marked(page) == {"drain_nr"}
    page.at("own-name").fill("mine")
    page.at("own-run").click()
    expect(page.at("models-dialog")).to_be_hidden()
    expect(page.at("model-button")).to_have_text("mine")
    expect(page.at("notice").last).to_contain_text("operations ran again from boot")
    assert config(zone)["custom"]["changes"] == {"drain_nr": 0}
    assert config(zone)["custom"]["parent"] == "v3.7"
    page.agrees()


def test_each_case_of_a_truth_table_can_be_flipped_by_itself(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    page.at("cell-own-drain_nr").click()
    page.at("model-cases").click()
    page.at("case-3").uncheck()
    page.at("case-6").uncheck()
    expect(page.at("model-cell-words")).to_contain_text("unless the type passed in and the")
    expect(page.at("cell-own-drain_nr")).to_contain_text("6 of 8 cases")
    for value in (0, 0xFF):
        expect(page.at(f"answer-{value}")).not_to_be_checked()
    page.at("own-run").click()
    expect(page.at("models-dialog")).to_be_hidden()
    assert config(zone)["custom"]["changes"] == {"drain_nr": 0xFF ^ 1 << 3 ^ 1 << 6}


def test_the_patch_is_taken_hunk_by_hunk(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    for hunk in HUNKS:
        page.at(f"hunk-{hunk}").check()
    compare(page, "minchan-v2", "")
    expect(page.at("models-count")).to_have_text("the same in every cell")
    page.at("hunk-split_free_page").uncheck()
    assert marked(page) == set(HUNKS["split_free_page"])
    page.at("own-parent").select_option("minchan-v2")
    expect(page.at("own-count")).to_have_text("nothing changed yet")
    page.at("hunk-split_free_page").uncheck()
    page.at("own-run").click()
    expect(page.at("model-button")).to_have_text("minchan-v2, changed")
    assert config(zone)["custom"]["changes"] == {"split_nr": 0xFF, "split_nr_free": 0xFF}


def test_cells_that_cannot_stand_together_say_why_and_do_not_run(zone: Zone, show: Show) -> None:
    page = show(zone)
    before = zone.look()["hash"]
    opened(page)
    flip(page, "drain_type", 1)
    reason = "without count_isolated the zone never knows of one."
    beside = page.at("models-table").locator('td[data-model=""][data-column="drain_type"] .reason')
    for place in (beside, page.at("model-cell-reasons"), page.at("own-reasons")):
        expect(place).to_contain_text(reason)
    expect(page.at("own-run")).to_have_attribute("aria-disabled", "true")
    page.at("own-run").click(force=True)
    expect(page.at("models-dialog")).to_be_visible()
    flip(page, "count_isolated", 1)
    for place in (beside, page.at("own-reasons")):
        expect(place).to_be_empty()
    expect(page.at("own-run")).to_have_attribute("aria-disabled", "false")
    assert zone.look()["hash"] == before


def test_what_the_service_refuses_stands_in_the_dialog(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    page.at("own-name").fill("v6.1")
    page.at("own-save").click()
    expect(page.at("own-error")).to_contain_text("v6.1 is a kernel's name")
    expect(page.at("own-name")).to_be_focused()
    page.at("own-name").fill("mine")
    expect(page.at("own-error")).to_be_empty()


def test_a_model_is_saved_found_again_and_forgotten(zone: Zone, show: Show) -> None:
    page = show(zone)
    opened(page)
    flip(page, "free_one_page_nr", 0)
    page.at("own-name").fill("never counts")
    page.at("own-save").click()
    expect(page.at("own-save")).to_have_text("Saved")
    expect(page.at("own-saved")).to_have_value("never counts")
    flip(page, "offline_nr", 0)
    expect(page.at("own-save")).to_have_text("Save again")
    expect(page.at("own-saved")).to_have_value("")
    page.at("own-saved").select_option("never counts")
    expect(page.at("own-diff").locator("li")).to_have_count(1)
    page.at("models-close").click()
    page.at("model-button").click()
    page.at("model-never counts").click()
    expect(page.at("model-button")).to_have_text("never counts")
    again = show(zone)
    opened(again)
    expect(again.at("own-saved")).to_have_value("never counts")
    again.at("own-delete").click()
    expect(again.at("own-save")).to_have_text("Save")
    again.at("models-close").click()
    again.at("model-button").click()
    expect(again.at("model-running")).to_contain_text("Not saved.")


def test_export_and_import_are_a_round_trip(zone: Zone, show: Show, tmp_path: Path) -> None:
    page = show(zone)
    opened(page)
    page.at("own-parent").select_option("v3.8")
    flip(page, "drain_type", 2)
    page.at("own-name").fill("files by block")
    document = download(page, tmp_path / "own.json")
    assert document == to_document(custom("files by block", "v3.8", {"drain_type": 2}))
    page.at("own-delete").click()
    expect(page.at("own-saved")).to_have_value("")
    document["changes"]["split_nr"] = "if the type passed in is ISOLATE and the pageblock is not"
    payload: FilePayload = {
        "name": "own.json",
        "mimeType": "application/json",
        "buffer": json.dumps(document).encode(),
    }
    page.at("own-file").set_input_files(payload)
    expect(page.at("own-saved")).to_have_value("files by block")
    expect(page.at("own-diff").locator("li")).to_have_count(2)
    expect(page.at("own-diff")).to_contain_text("and the pageblock is not")
    assert download(page, tmp_path / "again.json") == document


def test_a_file_that_is_no_model_is_refused_and_changes_nothing(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.expect_error("422")
    before = zone.look()
    opened(page)
    for text, words in (
        ("Node 0, zone", "is no model"),
        ('{"format": "zonescope-model/9"}', "known format"),
        ('{"format": "zonescope-model/1", "name": "x", "parent": "v3.5", "changes": {"a": 1}}',
         "no column 'a'"),
    ):  # fmt: skip
        payload: FilePayload = {"name": "x.json", "mimeType": "", "buffer": text.encode()}
        page.at("own-file").set_input_files(payload)
        expect(page.at("own-error")).to_contain_text(words)
    assert zone.look()["hash"] == before["hash"]
    assert zone.look()["state"]["models"] == []


def test_the_table_by_keys(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.press("m")
    expect(page.at("models-dialog")).to_be_visible()
    page.at("models-table").focus()
    page.press("Tab")
    first = COLUMNS[0].name
    focused = "document.activeElement.dataset.testid"
    assert page.page.evaluate(focused) == f"cell-v3.5-{first}"
    page.press("ArrowDown", 3)
    page.press("ArrowRight", 2)
    assert page.page.evaluate(focused) == f"cell-minchan-v2-{COLUMNS[3].name}"
    expect(page.at("models-cell")).to_contain_text(COLUMNS[3].words)
    page.press("End")
    page.press("Enter")
    assert page.page.evaluate(focused) == "answer-0", "from one's own cell to its answers"
    page.press("ArrowDown")
    expect(page.at("own-count")).to_have_text("1 changed")
    page.press("Escape")
    expect(page.at("models-dialog")).to_be_hidden()


@pytest.mark.parametrize("sizes", [("phone",), ("projector", "wide")], ids=["phone", "desk"])
def test_nothing_is_cut_and_nothing_runs_over_the_edge(
    zone: Zone, show: Show, sizes: tuple[str, ...]
) -> None:
    page = show(zone, viewport=SIZES[sizes[0]], phone="phone" in sizes)
    opened(page)
    compare(page, "v6.1", "v6.12")
    page.at("cell-v6.12-fallback").click()
    for size in sizes:
        page.page.set_viewport_size(SIZES[size])
        models_fit(page, size)


def models_fit(page: ZonePage, size: str) -> None:
    box = page.at("models-dialog").bounding_box()
    assert box is not None
    assert box["width"] <= SIZES[size]["width"]
    assert box["height"] <= SIZES[size]["height"]
    wide = "(e) => e.scrollWidth <= e.clientWidth"
    assert page.at("models-dialog").locator(".models-side").evaluate(wide)
    if size == "phone":
        assert page.at("models-table").evaluate(wide)
    expect(page.at("cell-v6.12-fallback")).to_be_in_viewport()
    assert_nothing_overflows(page)
    page.at("own-run").scroll_into_view_if_needed()
    expect(page.at("own-run")).to_be_in_viewport()
