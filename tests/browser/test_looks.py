"""Layout, light and motion: from a phone to a projector, dark and light."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage

PHONE: ViewportSize = {"width": 390, "height": 844}
PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
WALL: ViewportSize = {"width": 1920, "height": 1080}
TABLET: ViewportSize = {"width": 900, "height": 1100}
PANELS = {"map": "#map", "books": "#books", "lists": ".lists-panel", "history": ".history-panel"}


def boxes(page: ZonePage) -> dict[str, Any]:
    return {name: page.page.locator(at).bounding_box() for name, at in PANELS.items()}


def assert_fits(page: ZonePage) -> None:
    """The page is no wider than its window, once the charts have followed it."""
    page.page.wait_for_function(
        "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def ground(page: ZonePage) -> float:
    """How light the page's ground is, 0 to 1."""
    rgb: list[float] = page.page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    )
    return sum(rgb) / (3 * 255)


def test_on_a_phone_the_books_come_before_the_map_and_nothing_is_cut(
    zone: Zone, show: Show
) -> None:
    page = show(zone, viewport=PHONE, phone=True)
    at = boxes(page)
    assert at["books"]["y"] < at["map"]["y"] < at["lists"]["y"] < at["history"]["y"]
    assert_fits(page)
    page.at("map").scroll_into_view_if_needed()
    x, y = page.middle(5)
    page.page.touchscreen.tap(x, y)
    page.selected("Block 5")
    assert_fits(page)
    page.at("steps-button").click()
    expect(page.at("steps")).to_be_visible()
    assert_fits(page)


def test_wide_screens_show_all_at_once_and_narrow_ones_stack_it(
    service: Service, show: Show
) -> None:
    with service.session() as zone:
        page = show(zone, viewport=PROJECTOR)
        for viewport, type_px in ((PROJECTOR, 16), (WALL, 13)):
            page.page.set_viewport_size(viewport)
            page.page.wait_for_function(
                "(px) => parseFloat(getComputedStyle(document.body).fontSize) === px", arg=type_px
            )
            at = boxes(page)
            assert at["map"]["x"] < at["books"]["x"]
            assert at["books"]["y"] < at["lists"]["y"] < at["history"]["y"]
            for box in at.values():
                assert box["y"] + box["height"] <= viewport["height"]
                assert box["x"] + box["width"] <= viewport["width"]
            assert_fits(page)
        page.page.set_viewport_size(TABLET)
        at = boxes(page)
        assert at["map"]["y"] < at["books"]["y"] < at["lists"]["y"] < at["history"]["y"]
        assert_fits(page)


def test_nothing_jumps_when_a_block_is_picked_and_acted_on(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        page.page.evaluate(
            """() => {
              window.__sizes = new Set();
              new ResizeObserver(([entry]) => window.__sizes.add(entry.contentRect.height))
                .observe(document.querySelector('#map'));
            }"""
        )
        for block in (3, 90, 4):
            page.pick(block)
            page.at("verb-isolate").hover()
            page.told("At operation")
        page.act("isolate")
        page.told("Isolate, Block 4")
        page.agrees()
        assert page.page.evaluate("window.__sizes.size") == 1


def test_light_follows_the_system_until_the_reader_chooses(zone: Zone, show: Show) -> None:
    page = show(zone, scheme="dark")
    assert ground(page) < 0.2
    page.page.emulate_media(color_scheme="light")
    assert ground(page) > 0.8
    page.at("view-button").click()
    page.at("view-menu").locator('input[value="dark"]').check()
    assert ground(page) < 0.2
    page.page.reload()
    page.until_live()
    assert ground(page) < 0.2


def test_with_reduced_motion_nothing_is_animated(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.page.evaluate(
        """() => {
          window.__moved = [];
          for (const kind of ['animationstart', 'transitionrun']) {
            document.addEventListener(kind, (event) => {
              const [shown] = event.target.getAnimations();
              const ms = Number(shown?.effect?.getComputedTiming().duration ?? 0);
              if (ms > 1) window.__moved.push(`${kind} ${event.target.className} ${ms}`);
            });
          }
        }"""
    )
    page.pick(2)
    page.act("isolate")
    page.told("Isolate, Block 2")
    page.at("steps-button").click()
    page.at("step").click()
    page.at("drawer-close").click()
    page.agrees()
    assert page.page.evaluate("window.__moved") == []
