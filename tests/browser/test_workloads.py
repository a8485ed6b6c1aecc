"""Picking a workload and turning its numbers, by pointer and by key, while it runs."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Show
from tests.browser.service import Zone
from tests.browser.zonepage import ZonePage

NAMES = (
    "churn",
    "page-cache",
    "slab",
    "huge-pages",
    "hotplug",
    "cma",
    "reclaim-pressure",
    "fork-storm",
    "atomic-bursts",
)


def workload(zone: Zone) -> dict[str, Any]:
    found: dict[str, Any] = zone.look()["state"]["workload"]
    return found


def until(page: ZonePage, zone: Zone, name: str, number: int) -> None:
    """Wait until the service has been told."""
    for _ in range(100):
        if workload(zone)["parameters"][name] == number:
            return
        page.page.wait_for_timeout(50)
    raise AssertionError(f"{name}: {workload(zone)}")


def test_each_workload_is_picked_says_what_it_shows_and_runs(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("play").click()
    page.at("workload-button").click()
    for name in (*NAMES[1:], NAMES[0]):
        row = page.at(f"workload-{name}")
        expect(row.locator("span")).to_contain_text(re.compile(r"\w+.*\."))
        row.click()
        expect(row).to_have_attribute("aria-checked", "true")
        title = row.locator("b").inner_text()
        expect(page.at("workload-button")).to_have_text(title)
        expect(page.at("workload-numbers").locator("input[type=range]")).to_have_count(
            len(workload(zone)["parameters"])
        )
        assert workload(zone)["name"] == name
        op = page.op
        page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=op)
    expect(page.at("workload-form")).to_be_visible()
    page.press("Escape")
    page.pause()


def test_a_number_is_turned_by_slider_and_field_while_it_runs(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("play").click()
    page.at("workload-button").click()
    page.at("workload-page-cache").click()
    slider = page.at("slide-level")
    expect(slider).to_have_attribute("aria-valuetext", "90 %")
    slider.focus()
    page.press("ArrowLeft", 3)
    expect(page.at("number-level")).to_have_value("87")
    until(page, zone, "level", 87)
    page.at("number-drop").fill("25")
    page.press("Tab")
    until(page, zone, "drop", 25)
    expect(page.at("slide-drop")).to_have_value("25")

    page.at("number-drop").fill("101")
    page.press("Enter")
    expect(page.at("workload-error")).to_contain_text("1 … 100 %")
    expect(page.at("number-drop")).to_have_attribute("aria-invalid", "true")
    assert workload(zone)["parameters"] == {"level": 87, "drop": 25}


def test_the_levels_of_the_churn_push_each_other_along(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("workload-button").click()
    page.at("number-low").fill("80")
    page.press("Tab")
    expect(page.at("number-high")).to_have_value("80")
    until(page, zone, "high", 80)
    assert workload(zone)["parameters"] == {"low": 80, "high": 80}


def test_somebody_elses_choice_is_shown_here_too(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("workload-button").click()
    zone.result("workload", name="cma", runs=9)
    expect(page.at("workload-cma")).to_have_attribute("aria-checked", "true")
    expect(page.at("number-runs")).to_have_value("9")
    zone.result("workload", every=100_000)
    expect(page.at("slide-every")).to_have_attribute("aria-valuetext", "100000 turns")
    expect(page.at("slide-every")).to_have_value("200")


def test_the_picker_opens_by_key_and_is_walked_by_arrows(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.press("w")
    expect(page.at("workload-menu")).to_be_visible()
    expect(page.at("workload-churn")).to_be_focused()
    page.press("ArrowRight")
    expect(page.at("workload-page-cache")).to_be_focused()
    page.press("Enter")
    expect(page.at("workload-page-cache")).to_have_attribute("aria-checked", "true")
    assert_accessible(page, "#workload-menu")
    page.press("Escape")
    expect(page.at("workload-menu")).to_be_hidden()


def test_as_fast_as_it_goes_is_the_last_stop_of_the_rate(zone: Zone, show: Show) -> None:
    page = show(zone)
    zone.result("rate", ops_per_second=100_000)
    expect(page.at("rate-button")).to_have_text("100\u202f000 ops/s")
    page.press("+")
    expect(page.at("rate-button")).to_have_text("full speed")
    assert zone.look()["state"]["run"]["rate"] is None
    page.press("Space")
    expect(page.at("rate-button")).to_have_text(re.compile(r"[\d.]+ [kM] ops/s"))
    page.press("-")
    expect(page.at("rate-button")).to_have_text("100\u202f000 ops/s")
    page.press("Space")
