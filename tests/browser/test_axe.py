"""No serious finding of axe-core: every menu, dialog and tab, each light, a desk and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Show
from tests.browser.service import Service
from tests.browser.zonepage import ZonePage

SIZES: dict[str, ViewportSize] = {
    "desk": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
BLOCKS = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}


def the_page(page: ZonePage) -> None:
    assert_accessible(page)
    page.page.locator("#map-plot").focus()
    page.press("Home")
    page.act("isolate")
    page.told("Isolate, Block 0")
    assert_accessible(page)


def the_tables(page: ZonePage) -> None:
    page.show_numbers()
    page.at("history-shape").click()
    page.at("map-shape").click()
    expect(page.at("map-table").locator("tbody tr").first).to_be_visible()
    expect(page.at("history-table").locator("tbody tr").first).to_be_visible()
    assert_accessible(page)


def the_menus(page: ZonePage) -> None:
    names = page.page.evaluate("[...document.querySelectorAll('[popover]')].map((menu) => menu.id)")
    assert len(names) >= 5
    for name in names:
        page.page.locator(f'[popovertarget="{name}"]').click()
        expect(page.page.locator(f"#{name}")).to_be_visible()
        assert_accessible(page, f"#{name}")
        page.press("Escape")


def the_dialogs(page: ZonePage) -> None:
    page.at("zone-button").click()
    page.at("open-configure").click()
    page.at("configure-dialog").locator('input[name="pageblock_order"]').fill("12")
    page.at("configure-go").click()
    expect(page.at("configure-dialog").locator('[data-field="pageblock_order"]')).not_to_be_empty()
    assert_accessible(page, "#configure-dialog")
    page.press("Escape")
    page.at("help-button").click()
    assert_accessible(page, "#help-dialog")
    page.press("Escape")
    page.page.evaluate("document.querySelector('#confirm-dialog').showModal()")
    page.page.evaluate("document.querySelector('#confirm-title').textContent = 'A question'")
    assert_accessible(page, "#confirm-dialog")
    page.press("Escape")


def the_drawer(page: ZonePage) -> None:
    page.at("steps-button").click()
    page.at("step").click()
    expect(page.at("steps").get_by_test_id("operation").first).to_be_visible()
    for tab in page.page.locator('#drawer [role="tab"]').all():
        if tab.is_visible():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            assert_accessible(page, "#drawer")
    page.press("Escape")
    expect(page.page.locator("#drawer")).to_be_hidden()


def the_pages_of_a_block(page: ZonePage) -> None:
    page.page.locator("#map-plot").focus()
    page.press("Home")
    page.press("p")
    expect(page.at("pages-plot")).to_be_focused()
    page.press("Home")
    assert_accessible(page, ".map-panel")
    page.press("Escape")


def what_it_says(page: ZonePage) -> None:
    page.at("zone-button").click()
    page.at("reset").click()
    expect(page.at("notice").first).to_be_visible()
    assert_accessible(page, "#notices")


def the_stage(page: ZonePage) -> None:
    page.at("demo-button").click()
    page.page.locator("#demo-menu button").first.click()
    expect(page.at("stage")).to_be_visible()
    assert_accessible(page)
    page.at("stage-end").click()
    expect(page.at("stage")).to_be_hidden()


def the_models(page: ZonePage) -> None:
    """Last: its thousands of cells stay in the document, and axe walks all of it each time."""
    page.press("m")
    page.at("models-right").select_option("")
    page.at("cell-own-drain_type").focus()
    page.at("answer-1").check()
    expect(page.at("model-cell-reasons")).not_to_be_empty()
    page.at("cell-own-split_nr").click()
    page.at("model-cases").click()
    assert_accessible(page, "#models-dialog")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(service: Service, show: Show, size: str) -> None:
    with service.session(**BLOCKS) as zone:
        page = show(zone, viewport=SIZES[size], phone=size == "phone")
        the_page(page)
        the_menus(page)
        the_dialogs(page)
        the_pages_of_a_block(page)
        the_drawer(page)
        the_tables(page)
        what_it_says(page)
        the_stage(page)
        the_models(page)


def test_axe_finds_what_is_serious(service: Service, show: Show) -> None:
    with service.session(**BLOCKS) as zone:
        page = show(zone)
        page.page.evaluate("document.querySelector('#zoom-in').removeAttribute('aria-label')")
        page.page.evaluate("document.querySelector('#zoom-in').removeAttribute('title')")
        page.page.evaluate("document.querySelector('#zoom-in').textContent = ''")
        with pytest.raises(AssertionError, match="button-name"):
            assert_accessible(page)
