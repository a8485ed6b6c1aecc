"""The first half minute: a zone that moves, can be stopped, and says the same as the service."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone


def test_the_first_visitor_finds_a_zone_that_moves_and_can_stop_it(
    service: Service, show: Show
) -> None:
    page = show(service.default, motion="no-preference")
    for part in ("map", "books", "freelists", "history", "lists-chart"):
        expect(page.at(part)).to_be_visible()
    expect(page.at("zone-button")).to_have_text("Normal · 256 MiB")
    expect(page.at("model-button")).to_have_text("v3.5")
    expect(page.at("play")).to_have_attribute("aria-label", "Pause")
    before = page.op
    picture = page.page.evaluate("document.querySelector('#map-canvas').toDataURL()")
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op + 50", arg=before)
    page.page.wait_for_function(
        "(before) => document.querySelector('#map-canvas').toDataURL() !== before", arg=picture
    )
    page.pause()
    page.agrees()
    stopped = page.op
    page.hear_frames(1)
    assert page.op == stopped == service.default.look()["op"]
    page.at("play").click()
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=stopped)
    page.pause()


def test_history_is_there_after_a_reload(service: Service, show: Show) -> None:
    page = show(service.default)
    before = page.op
    page.page.reload()
    page.until_live()
    points = page.page.wait_for_function(
        """() => {
          const lines = document.querySelector('#history-chart').data ?? [];
          return lines.length > 0 && lines[0].x.length > 1 ? lines[0].x : null;
        }"""
    ).json_value()
    assert points[0] < before, "the past is kept by the service, not by the page"
    assert points == sorted(points)
    expect(page.at("history-note")).to_contain_text("operations")


def test_a_zone_at_rest_moves_one_operation_a_step(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.agrees()
    before = page.op
    page.at("step").click()
    page.until_op(before + 1)
    page.at("step").click()
    page.until_op(before + 2)
    page.agrees()
