"""Kept sessions as a person has them: there again after a kill, copied, deleted, out as a file and
in again; notes; links to a moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Show
from tests.browser.service import SMALL, Service, Zone
from tests.browser.zonepage import ZonePage, grouped

SAVED_WITHIN_MS = 1100
_CLOSES_AND_PRESSES_END = """() => {
  const field = document.activeElement;
  field.closest('[popover]').hidePopover();
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
}"""


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own, that keeps sessions and may be killed."""
    store = tmp_path_factory.mktemp("kept") / "sessions.sqlite"
    with Service(ZONESCOPE_STORE=str(store), ZONESCOPE_SPANNED_MIB="4") as up:
        yield up


@pytest.fixture
def fresh(keeping: Service) -> Iterator[Zone]:
    with keeping.session(**SMALL) as zone:
        zone.result("step", n=100)
        yield zone


def asked(page: ZonePage) -> dict[str, str]:
    """What the address asks for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.page.url).query).items()}


def keep(page: ZonePage, name: str) -> None:
    page.at("sessions-button").click()
    page.at("keep-name").fill(name)
    page.at("keep").click()
    expect(page.at("session-kept")).to_contain_text(f"kept as {name}")


def test_a_kept_session_is_there_after_a_kill(keeping: Service, fresh: Zone, show: Show) -> None:
    page = show(fresh)
    keep(page, "lesson 1")
    page.press("Escape")
    page.pick(2)
    page.act("isolate")
    page.at("note-button").click()
    page.at("note-text").fill("block 2 is <b>isolated</b> & stays so")
    page.at("note-write").click()
    expect(page.at("note")).to_have_count(1)
    page.press("Escape")
    expect(page.page).to_have_url(f"{keeping.address}/?session=lesson%201&blocks=2")
    op, hash_ = page.op, fresh.look()["hash"]
    page.page.wait_for_timeout(SAVED_WITHIN_MS)
    page.expect_error("ERR_CONNECTION_REFUSED")
    page.expect_error("WebSocket connection")
    keeping.kill()
    keeping.start()
    expect(page.at("notices")).to_contain_text("lesson 1 stands where it was kept", timeout=20_000)
    page.until_live()
    page.until_op(op)
    again = show(Zone(keeping, "lesson 1"))
    again.until_op(op)
    assert again.zone.look()["hash"] == hash_
    again.says(2, "Isolate")
    again.at("note-button").click()
    expect(again.at("note-go")).to_contain_text("block 2 is <b>isolated</b> & stays so")


def test_kept_ones_are_listed_opened_copied_and_deleted(
    keeping: Service, fresh: Zone, show: Show
) -> None:
    fresh.result("keep", name="one")
    page = show(fresh)
    page.at("sessions-button").click()
    row = page.at("kept-list").locator('[data-name="one"]')
    expect(row).to_contain_text("saved just now")
    expect(row).to_contain_text(f"{grouped(page.op)} operations")
    row.get_by_test_id("kept-copy").click()
    copy = page.at("kept-list").locator('[data-name="one copy"]')
    expect(copy).to_be_visible()
    assert_accessible(page, "#sessions-menu")
    copy.get_by_test_id("kept-open").click()
    page.until_live()
    assert asked(page)["session"] == "one copy"
    page.until_op(fresh.look()["op"])
    page.press("s")
    copy.get_by_test_id("kept-delete").click()
    page.at("confirm-yes").click()
    expect(copy).to_have_count(0)
    expect(page.at("session-kept")).to_contain_text("has no name")
    page.at("keep-name").fill("one")
    page.at("keep").click()
    expect(page.at("sessions-error")).to_contain_text("another name")
    row.get_by_test_id("kept-delete").click()
    page.at("confirm-no").click()
    expect(row).to_be_visible()


def test_a_session_goes_out_as_a_file_and_comes_in_again(
    fresh: Zone, show: Show, tmp_path: Path
) -> None:
    fresh.result("isolate", blocks=[4])
    fresh.result("back", n=30)
    fresh.result("alloc", order=0, migratetype="MOVABLE")
    hash_ = fresh.look()["hash"]
    page = show(fresh)
    page.at("sessions-button").click()
    with page.page.expect_download() as download:
        page.at("session-save").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == f"{fresh.ident}.zonescope.json"
    fresh.result("reset", confirm=True)
    page.at("session-file").set_input_files(path)
    expect(page.at("notices")).to_contain_text(f"Opened {path.name}")
    assert fresh.look()["hash"] == hash_
    page.agrees()
    expect(page.at("branch-button")).to_have_text("branch 2")
    page.at("sessions-button").click()
    path.write_text(path.read_text().replace('"isolate",[4]', '"isolate",[5]'))
    page.expect_error("422")
    page.at("session-file").set_input_files(path)
    expect(page.at("sessions-error")).to_contain_text("not as it was written")


def test_notes_lead_to_their_moment(fresh: Zone, show: Show) -> None:
    op = fresh.look()["op"]
    fresh.result("note", text="the first", op=op - 40)
    page = show(fresh)
    page.press("[")
    page.until_op(op - 40)
    page.press("c")
    expect(page.at("note-menu")).to_contain_text(f"Note at operation {grouped(op - 40)}")
    page.at("note-text").fill("   ")
    page.press("Enter")
    expect(page.at("note-error")).not_to_be_empty()
    assert_accessible(page, "#note-menu")
    # Both keys before the next frame, in which the field that is gone loses the focus.
    page.page.evaluate(_CLOSES_AND_PRESSES_END)
    page.until_op(op)
    page.at("note-button").click()
    page.at("note-go").click()
    page.until_op(op - 40)
    page.at("note-delete").click()
    expect(page.at("note")).to_have_count(0)


def test_a_link_leads_to_its_moment_and_one_to_nowhere_says_so(fresh: Zone, show: Show) -> None:
    page = show(fresh)
    op = page.op
    page.press("ArrowLeft", 3)
    page.until_op(op - 3)
    page.page.wait_for_function(f"() => location.search.includes('op={op - 3}&branch=1')")
    page.at("sessions-button").click()
    page.at("session-link").click()
    link = page.at("session-link-text").input_value()
    page.press("Escape")
    page.press("End")
    page.until_op(op)
    page.page.wait_for_function("() => !location.search.includes('op=')")
    page.go(link)
    page.until_op(op - 3)
    page.go(link.replace(f"op={op - 3}", f"op={op + 999}"))
    expect(page.at("notices")).to_contain_text(f"there is no operation {op + 999}")
    page.until_op(op - 3)
    page.go(link.replace(f"op={op - 3}", f"op={op - 9}") + "&role=viewer")
    expect(page.at("notices")).to_contain_text("A viewer goes nowhere")
    page.until_op(op - 3)
    page.at("sessions-button").click()
    expect(page.at("keep-name")).to_be_hidden()
    expect(page.at("session-open")).to_be_hidden()


def test_where_nothing_is_kept_or_there_is_no_such_session_it_is_said(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    page.at("sessions-button").click()
    expect(page.at("kept-none")).to_contain_text("keeps no sessions")
    expect(page.at("keep-name")).to_be_hidden()
    for words in ("404", "WebSocket connection"):
        page.expect_error(words)
    page.page.goto(f"{zone.service.address}/?session=nobody")
    expect(page.at("notices")).to_contain_text("There is no session 'nobody'")
