"""A phone and a tablet: all by touch, nothing too small, no finger trapped by the map."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Show
from tests.browser.fingers import Fingers
from tests.browser.overflow import assert_nothing_overflows
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 820, "height": 1180}
WIDE: ViewportSize = {"width": 1366, "height": 1024}
GLASSES = {"phone": PHONE, "tablet": TABLET}
LEAST_PX = 24
OFTEN_PX = 44

# What can be pressed and is smaller than a finger needs, in CSS pixels.
_SMALL = """([least, often]) => [...document.querySelectorAll(
  'button, select, input, summary, a[href], [role="tab"], [role="radio"]'
)].filter((target) => target.checkVisibility({ visibilityProperty: true })
  && !target.closest('.skip')).flatMap((target) => {
  // A box is pressed by its label.
  const pressed = target.closest('label') ?? target;
  const { width, height } = pressed.getBoundingClientRect();
  const need = target.closest('.bar, .verbs') ? often : least;
  const small = height < need - 0.5 || width < least - 0.5;
  const words = pressed.textContent.trim() || target.id;
  return small ? [`${words}: ${width.toFixed(0)} × ${height.toFixed(0)}`] : [];
})"""


def assert_fit_for_fingers(page: ZonePage) -> None:
    assert page.page.evaluate(_SMALL, [LEAST_PX, OFTEN_PX]) == []


def scrolled(page: ZonePage) -> float:
    return float(page.page.evaluate("scrollY"))


def to_the_map(page: ZonePage) -> None:
    """The map's middle in the window's middle."""
    page.page.evaluate(
        "document.querySelector('#map').scrollIntoView({ block: 'center', behavior: 'instant' })"
    )


@pytest.mark.parametrize("glass", GLASSES)
def test_nothing_that_can_be_pressed_is_too_small(zone: Zone, show: Show, glass: str) -> None:
    page = show(zone, viewport=GLASSES[glass], phone=True)
    page.page.touchscreen.tap(*tap_place(page, 5))
    page.selected("Block 5")
    page.show_numbers()
    assert_fit_for_fingers(page)
    for name in ("zone", "model", "rate", "view", "branch", "break"):
        page.at(f"{name}-button").tap()
        expect(page.at(f"{name}-menu")).to_be_visible()
        assert_fit_for_fingers(page)
        page.press("Escape")
    page.at("steps-button").tap()
    for tab in ("list", "block", "steps"):
        page.at(f"tab-{tab}").tap()
        assert_fit_for_fingers(page)
    assert_nothing_overflows(page)


def tap_place(page: ZonePage, block: int) -> tuple[float, float]:
    to_the_map(page)
    return page.middle(block)


@pytest.mark.parametrize("glass", GLASSES)
def test_one_finger_on_the_map_scrolls_the_page_and_two_zoom_the_map(
    service: Service, show: Show, glass: str
) -> None:
    with service.session() as zone:
        page = show(zone, viewport=GLASSES[glass], phone=True)
        to_the_map(page)
        two_fingers_zoom_the_map_and_the_page_stands_still(page)
        picked = page.at("block-name").inner_text()
        before, sight = scrolled(page), page.sight()
        box = page.page.locator("#map-plot").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        with Fingers(page) as fingers:
            fingers.drag((x, y), (x, y - 120))
        page.page.wait_for_function("(before) => scrollY > before + 40", arg=before)
        assert page.sight() == sight, "the map stands still"
        page.selected(picked)


def test_where_the_page_does_not_scroll_fingers_move_and_zoom_the_map(
    service: Service, show: Show
) -> None:
    with service.session() as zone:
        page = show(zone, viewport=WIDE, phone=True)
        two_fingers_zoom_the_map_and_the_page_stands_still(page)
        before = page.sight()
        x, y = (550, 400)
        with Fingers(page) as fingers:
            fingers.drag((x, y), (x - 80, y - 60))
        page.page.wait_for_function(
            """(left) => document.querySelector('#map-plot')._fullLayout.xaxis.range[0] > left""",
            arg=before[0],
        )


def two_fingers_zoom_the_map_and_the_page_stands_still(page: ZonePage) -> None:
    to_the_map(page)
    before, size = scrolled(page), page.cell_size()[0]
    box = page.page.locator("#map-plot").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    near, far = [(x - 30, y - 30), (x + 30, y + 30)], [(x - 90, y - 90), (x + 90, y + 90)]
    with Fingers(page) as fingers:
        fingers.down(*near)
        fingers.move(near, far)
        fingers.up()
    page.until_larger(size * 2)
    assert scrolled(page) == before
    page.selected("No block selected")
    page.page.touchscreen.tap(x, y)
    expect(page.at("block-name")).to_contain_text("Block ")
    picked = int(page.at("block-name").inner_text().removeprefix("Block "))
    at_x, at_y = page.middle(picked)
    width, height = page.cell_size()
    assert abs(at_x - x) <= width / 2 + 1
    assert abs(at_y - y) <= height / 2 + 1


def test_a_tap_selects_and_a_finger_that_rests_adds(zone: Zone, show: Show) -> None:
    page = show(zone, viewport=PHONE, phone=True)
    page.page.touchscreen.tap(*tap_place(page, 5))
    page.selected("Block 5")
    for block, words in ((6, "Blocks 5–6"), (9, "3 blocks, 5…9"), (6, "2 blocks, 5…9")):
        with Fingers(page) as fingers:
            fingers.down(page.middle(block))
            page.selected(words)
            fingers.up()
        page.selected(words)
    page.page.touchscreen.tap(*page.middle(2))
    page.selected("Block 2")


def test_the_box_takes_many_and_the_page_waits(zone: Zone, show: Show) -> None:
    page = show(zone, viewport=PHONE, phone=True)
    to_the_map(page)
    page.at("select-tool").tap()
    to_the_map(page)
    before, columns = scrolled(page), page.columns()
    with Fingers(page) as fingers:
        fingers.drag(page.middle(0), page.middle(columns + 1))
    page.selected(f"4 blocks, 0…{columns + 1}")
    assert scrolled(page) == before
    page.at("select-tool").tap()
    page.page.touchscreen.tap(*tap_place(page, 3))
    page.selected("Block 3")


def test_the_story_by_touch_alone(service: Service, show: Show) -> None:
    with service.session(spanned_pages=2048, pageblock_order=7, max_order=8) as zone:
        page = show(zone, viewport=PHONE, phone=True)
        page.page.touchscreen.tap(*tap_place(page, 2))
        page.selected("Block 2")
        for verb in ("fill", "isolate", "free", "offline", "online"):
            button = page.at(f"verb-{verb}")
            expect(button).to_have_attribute("aria-disabled", "false")
            button.tap()
            page.told(", Block 2")
        page.agrees()
        op = page.op
        page.at("step").tap()
        page.until_op(op + 1)
