"""No serious finding of axe-core: every menu, dialog and tab.

A desk is asked in each light, a phone in one: its colours are the desk's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import LIGHTS, assert_accessible
from tests.browser.conftest import Show
from tests.browser.service import Service
from tests.browser.zonepage import ZonePage

SIZES: dict[str, ViewportSize] = {
    "desk": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
IN: dict[str, Sequence[str]] = {"desk": LIGHTS, "phone": LIGHTS[:1]}
Check = Callable[..., None]
BLOCKS = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}


def the_page(page: ZonePage, check: Check) -> None:
    check(page)
    page.page.locator("#map-plot").focus()
    page.press("Home")
    page.act("isolate")
    page.told("Isolate, Block 0")
    check(page)


def the_tables(page: ZonePage, check: Check) -> None:
    page.show_numbers()
    page.at("history-shape").click()
    page.at("map-shape").click()
    expect(page.at("map-table").locator("tbody tr").first).to_be_visible()
    expect(page.at("history-table").locator("tbody tr").first).to_be_visible()
    check(page)


def the_menus(page: ZonePage, check: Check) -> None:
    names = page.page.evaluate("[...document.querySelectorAll('[popover]')].map((menu) => menu.id)")
    assert len(names) >= 5
    for name in names:
        page.page.locator(f'[popovertarget="{name}"]').click()
        expect(page.page.locator(f"#{name}")).to_be_visible()
        check(page, f"#{name}")
        page.press("Escape")


def the_dialogs(page: ZonePage, check: Check) -> None:
    page.at("zone-button").click()
    page.at("open-configure").click()
    page.at("configure-dialog").locator('input[name="pageblock_order"]').fill("12")
    page.at("configure-go").click()
    expect(page.at("configure-dialog").locator('[data-field="pageblock_order"]')).not_to_be_empty()
    check(page, "#configure-dialog")
    page.press("Escape")
    page.at("help-button").click()
    check(page, "#help-dialog")
    page.press("Escape")
    page.page.evaluate("document.querySelector('#confirm-dialog').showModal()")
    page.page.evaluate("document.querySelector('#confirm-title').textContent = 'A question'")
    check(page, "#confirm-dialog")
    page.press("Escape")


def the_drawer(page: ZonePage, check: Check) -> None:
    page.at("steps-button").click()
    page.at("step").click()
    expect(page.at("steps").get_by_test_id("operation").first).to_be_visible()
    for tab in page.page.locator('#drawer [role="tab"]').all():
        if tab.is_visible():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            check(page, "#drawer")
    page.press("Escape")
    expect(page.page.locator("#drawer")).to_be_hidden()


def the_pages_of_a_block(page: ZonePage, check: Check) -> None:
    page.page.locator("#map-plot").focus()
    page.press("Home")
    page.press("p")
    expect(page.at("pages-plot")).to_be_focused()
    page.press("Home")
    check(page, ".map-panel")
    page.press("Escape")


def what_it_says(page: ZonePage, check: Check) -> None:
    page.at("zone-button").click()
    page.at("reset").click()
    expect(page.at("notice").first).to_be_visible()
    check(page, "#notices")


def the_stage(page: ZonePage, check: Check) -> None:
    page.at("demo-button").click()
    page.page.locator("#demo-menu button").first.click()
    expect(page.at("stage")).to_be_visible()
    check(page)
    page.at("stage-end").click()
    expect(page.at("stage")).to_be_hidden()


def the_models(page: ZonePage, check: Check) -> None:
    """Last: its thousands of cells stay in the document, and axe walks all of it each time."""
    page.press("m")
    page.at("models-right").select_option("")
    page.at("cell-own-drain_type").focus()
    page.at("answer-1").check()
    expect(page.at("model-cell-reasons")).not_to_be_empty()
    page.at("cell-own-split_nr").click()
    page.at("model-cases").click()
    check(page, "#models-dialog")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(service: Service, show: Show, size: str) -> None:
    with service.session(**BLOCKS) as zone:
        page = show(zone, viewport=SIZES[size], phone=size == "phone")
        check = partial(assert_accessible, lights=IN[size])
        the_page(page, check)
        the_menus(page, check)
        the_dialogs(page, check)
        the_pages_of_a_block(page, check)
        the_drawer(page, check)
        the_tables(page, check)
        what_it_says(page, check)
        the_stage(page, check)
        the_models(page, check)


def test_axe_finds_what_is_serious(service: Service, show: Show) -> None:
    with service.session(**BLOCKS) as zone:
        page = show(zone)
        page.page.evaluate("document.querySelector('#zoom-in').removeAttribute('aria-label')")
        page.page.evaluate("document.querySelector('#zoom-in').removeAttribute('title')")
        page.page.evaluate("document.querySelector('#zoom-in').textContent = ''")
        with pytest.raises(AssertionError, match="button-name"):
            assert_accessible(page)
