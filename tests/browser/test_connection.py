"""The stream never lies: silence, a cut line, a new server and a second window are all told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.proxy import Line
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage

TOLD_WITHIN_MS = 4000
"""Two seconds are promised; this machine may be busy with other things meanwhile."""


@pytest.fixture(scope="module")
def own_service() -> Iterator[Service]:
    """A service to be frozen and killed; it is alive and its zone runs when a test begins."""
    with Service("--seed", "3") as up:
        yield up


def note_the_time_of(page: ZonePage, *states: str) -> None:
    """From here on the page measures how long it takes until it says one of these."""
    page.page.evaluate(
        """(states) => {
          const begin = performance.now();
          window.__told = null;
          new MutationObserver((_, watcher) => {
            if (!states.includes(document.body.dataset.state)) return;
            window.__told = performance.now() - begin;
            watcher.disconnect();
          }).observe(document.body, { attributes: true, attributeFilter: ['data-state'] });
        }""",
        list(states),
    )


def time_told(page: ZonePage) -> float:
    return float(page.page.wait_for_function("() => window.__told").json_value())


def test_a_service_that_hangs_is_shown_as_stale_and_then_as_cut_off(
    own_service: Service, show: Show
) -> None:
    page = show(own_service.default)
    note_the_time_of(page, "stale", "disconnected")
    own_service.freeze()
    assert time_told(page) < TOLD_WITHIN_MS
    expect(page.at("connection")).to_contain_text("stale")
    expect(page.at("verb-isolate")).to_have_attribute("aria-disabled", "true")
    page.expect_error("WebSocket")
    expect(page.page.locator("body")).to_have_attribute("data-state", "disconnected")
    own_service.thaw()
    page.until_live()
    before = page.op
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=before)


def test_a_server_that_was_started_again_is_recognised(own_service: Service, show: Show) -> None:
    page = show(own_service.default)
    page.pause()
    page.pick(40)
    page.at("step").click()
    page.until_op(own_service.default.look()["op"])
    note_the_time_of(page, "disconnected")
    page.expect_error("WebSocket")
    own_service.kill()
    assert time_told(page) < TOLD_WITHIN_MS
    expect(page.at("connection")).to_contain_text("cut off")
    own_service.start()
    page.until_live()
    expect(page.at("notice").first).to_contain_text("started again")
    page.selected("Block 40")
    page.pause()
    page.agrees()
    own_service.default.result("run")


def test_a_cut_line_is_shown_and_taken_up_with_selection_and_zoom_intact(
    service: Service, line: Line, show: Show
) -> None:
    with service.session() as zone:
        page = show(zone, at=line.address)
        page.pick(70)
        page.at("zoom-in").click()
        page.at("zoom-in").click()
        page.until_larger(120)
        sight = page.sight()
        note_the_time_of(page, "disconnected")
        page.expect_error("WebSocket")
        line.cut()
        assert time_told(page) < TOLD_WITHIN_MS
        expect(page.at("verb-isolate")).to_have_attribute("aria-disabled", "true")
        page.press("i")
        zone.result("isolate", blocks=[71])
        line.mend()
        page.until_live()
        page.agrees()
        page.selected("Block 70")
        assert page.sight() == sight
        page.says(71, "Isolate")
        assert zone.block(70)["migratetypes"] == {"MOVABLE": 1}, "nothing was sent while cut off"
        page.act("pin" if zone.block(70)["allocated"] else "isolate")
        page.told("Block 70")
        page.agrees()


def test_two_windows_show_the_same_operation(zone: Zone, show: Show) -> None:
    one, other = show(zone), show(zone, elsewhere=True)
    one.at("play").click()
    expect(other.at("play")).to_have_attribute("aria-label", "Pause")
    other.pause()
    expect(one.at("play")).to_have_attribute("aria-label", "Run")
    op = zone.look()["op"]
    one.until_op(op)
    other.until_op(op)
    one.pick(2)
    one.act("isolate")
    one.told("Isolate, Block 2")
    other.says(2, "Isolate")
    one.agrees()
    other.agrees()


def test_a_reset_with_two_windows_asks_and_tells_the_other(zone: Zone, show: Show) -> None:
    one, other = show(zone), show(zone, elsewhere=True)
    other.pick(2)
    one.at("step").click()
    other.until_op(zone.look()["op"])
    before = zone.look()

    one.at("zone-button").click()
    one.at("reset").click()
    question = one.at("confirm-dialog")
    expect(question).to_contain_text("One more driver is connected")
    one.at("confirm-no").click()
    expect(question).to_be_hidden()
    assert zone.look()["hash"] == before["hash"]

    one.at("zone-button").click()
    one.at("reset").click()
    one.at("confirm-yes").click()
    expect(other.at("notice").first).to_contain_text("The lab was reset")
    one.agrees()
    other.agrees()
    assert zone.look()["op"] < before["op"]
    other.selected("Block 2")


def test_a_viewer_watches_and_cannot_act(service: Service, zone: Zone, show: Show) -> None:
    driver = show(zone)
    viewer = show(zone, elsewhere=True)
    viewer.page.goto(service.address + zone.path + "&role=viewer")
    viewer.until_live()
    viewer.click(2)
    viewer.selected("Block 2")
    expect(viewer.at("verb-isolate")).to_have_attribute("aria-disabled", "true")
    driver.at("step").click()
    viewer.until_op(zone.look()["op"])
    viewer.agrees()
