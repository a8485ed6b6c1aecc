"""A real kernel's files in by drop or button, out by a link; a wrong file disturbs nothing."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import FilePayload, expect

from sim_core.importers import read_capture
from tests.browser.conftest import Show
from tests.browser.service import Zone
from tests.browser.zonepage import ZonePage, grouped
from tests.fixtures.proc.files import contents, files

SNAPSHOT = "6.1-frag"


def drop(page: ZonePage, snapshot: list[tuple[str, bytes]]) -> None:
    """Drop files on the page, as from a file manager."""
    page.page.evaluate(
        """(files) => {
          const carried = new DataTransfer();
          for (const [name, text] of files) carried.items.add(new File([atob(text)], name));
          for (const kind of ['dragenter', 'dragover', 'drop']) {
            const event = { dataTransfer: carried, bubbles: true, cancelable: true };
            document.querySelector('#map').dispatchEvent(new DragEvent(kind, event));
          }
        }""",
        [[name, base64.b64encode(data).decode()] for name, data in snapshot],
    )


def choose(page: ZonePage, *chosen: tuple[str, bytes]) -> None:
    """Pick files by the button in the zone's menu."""
    page.at("zone-button").click()
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "text/plain", "buffer": data} for name, data in chosen
    ]
    page.at("import-files").set_input_files(payloads)


def test_dropped_files_become_the_zone_and_what_they_cannot_say_is_said(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    snapshot = files(SNAPSHOT)
    drop(page, snapshot)
    expect(page.at("zone-button")).to_have_text("node 0, DMA32 · 61\u202f402 pages")
    expect(page.at("drop")).to_be_hidden()
    page.agrees()

    notes = page.at("notes")
    notes.locator("summary").click()
    expect(notes.locator("ul")).to_be_visible()
    expect(notes).to_contain_text("The files do not say where a chunk is")
    expect(notes).to_contain_text("HighAtomic is filed as Reserve")

    capture = read_capture(snapshot)
    real = next(one for one in capture.zones if one.name == "DMA32")
    assert page.number("book-nr_free_pages") == real.free_pages
    # The row of the file, as it stands there: order 0 to 10.
    expect(page.at("list-MOVABLE-0")).to_have_text("303")
    expect(page.at("list-MOVABLE-10")).to_have_text("16")
    expect(page.at("list-UNMOVABLE-2")).to_have_text("38")

    page.at("zone-button").click()
    expect(page.at("zone-menu")).to_contain_text("From pagetypeinfo, buddyinfo, zoneinfo.")
    expect(page.at("zone-0-Normal")).to_have_attribute("aria-disabled", "true")
    expect(page.at("zone-0-Normal")).to_contain_text("has no memory")
    expect(page.at("zone-0-DMA32")).to_have_attribute("aria-checked", "true")
    page.at("zone-0-Movable").click()
    expect(page.at("zone-button")).to_have_text("node 0, Movable · 128 MiB")
    expect(page.at("list-MOVABLE-0")).to_have_text(grouped(1584))
    page.agrees()


def test_an_imported_zone_runs_and_its_blocks_take_verbs(zone: Zone, show: Show) -> None:
    page = show(zone)
    choose(page, ("pagetypeinfo", contents(SNAPSHOT, "pagetypeinfo")))
    expect(page.at("zone-button")).to_contain_text("node 0, DMA32")
    op = page.op
    page.at("play").click()
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op + 10", arg=op)
    page.pause()
    page.pick(3)
    page.at("verb-isolate").hover()
    page.told("At operation")
    page.agrees()


def test_the_export_gives_the_files_own_text_back(zone: Zone, show: Show, tmp_path: Path) -> None:
    page = show(zone)
    drop(page, files(SNAPSHOT))
    expect(page.at("zone-button")).to_contain_text("node 0, DMA32")
    page.at("zone-button").click()
    for form in ("pagetypeinfo", "buddyinfo"):
        with page.page.expect_download() as coming:
            page.at(f"export-{form}").click()
        assert coming.value.suggested_filename == form
        coming.value.save_as(tmp_path / form)
        assert (tmp_path / form).read_bytes() == contents(SNAPSHOT, form)


def test_a_wrong_file_names_its_line_and_disturbs_nothing(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.expect_error("422")
    before = zone.look()
    lines = contents(SNAPSHOT, "pagetypeinfo").decode().splitlines(keepends=True)
    lines[5] = lines[5].replace("Movable      0", "Movable    xyz", 1)
    choose(page, ("pagetypeinfo", "".join(lines).encode()))
    error = page.at("zone-error")
    expect(error).to_be_visible()
    expect(error).to_contain_text("pagetypeinfo:6: expected")
    after = zone.look()
    assert (after["op"], after["hash"]) == (before["op"], before["hash"])
    expect(page.at("zone-button")).to_have_text("Normal · 8 MiB")

    page.press("Escape")
    drop(page, [("holiday.jpg", b"\xff\xd8\xff\xe0 no page of memory")])
    notice = page.at("notice").first
    expect(notice).to_contain_text("holiday.jpg")
    expect(notice).to_contain_text("The zone on show was not touched.")
    page.agrees()
    assert zone.look()["hash"] == before["hash"]


def test_an_import_before_a_second_window_asks_first(zone: Zone, show: Show) -> None:
    page, other = show(zone), show(zone, elsewhere=True)
    other.hear_frames(1)
    before = zone.look()["hash"]
    drop(page, files(SNAPSHOT))
    page.at("confirm-no").click()
    assert zone.look()["hash"] == before
    drop(page, files(SNAPSHOT))
    page.at("confirm-yes").click()
    expect(other.at("zone-button")).to_contain_text("node 0, DMA32")
    expect(other.at("notice").first).to_be_visible()
    page.agrees()
    other.agrees()
