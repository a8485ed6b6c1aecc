"""Asking why in the page: who changed it last, what decided, the ledger, the way to a break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.pagelevel import PageLevel
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

SEED: dict[str, Any] = {
    "model": "minchan-v2",
    "spanned_pages": 64,
    "pageblock_order": 2,
    "max_order": 4,
    "pcp_high": 0,
    "pcp_batch": 1,
}


@pytest.fixture
def broken(service: Service) -> Iterator[Zone]:
    """All pages in use, a block isolated, two of its pages freed: the seed's patch counts wrong."""
    with service.session(**SEED) as zone:
        while zone.result("alloc", order=0, migratetype="MOVABLE", count=16)["pfns"]:
            pass
        zone.result("isolate", blocks=[0])
        zone.result("free", pfns=[0, 1])
        yield zone


def changes(page: ZonePage) -> Any:
    return page.at("changes").get_by_test_id("change")


def test_one_presses_a_number_and_stands_on_the_write_that_made_it(
    broken: Zone, show: Show
) -> None:
    page = show(broken)
    last = page.op
    page.at("who-isolated").click()
    expect(page.at("why-words")).to_have_text(
        re.compile(rf"last changed by operation {grouped(last)}, in __free_one_page\.$")
    )
    expect(changes(page)).to_have_count(2)
    expect(changes(page).first).to_contain_text("+1")
    changes(page).nth(1).click()
    page.until_op(last - 1)
    expect(changes(page)).to_have_count(1)
    expect(changes(page).first).to_have_attribute("aria-current", "step")
    expect(page.at("time-words")).to_contain_text("write")
    told = broken.result("changes", counter="isolated")["changes"][0]
    assert told["op"] == last - 1
    assert page.number("book-isolated") == 1
    page.press("Shift+ArrowLeft")
    expect(page.at("book-isolated")).to_have_text("0")


def test_everything_that_is_picked_can_be_asked_about(broken: Zone, show: Show) -> None:
    page = show(broken)
    page.pick(0)
    page.press("y")
    expect(page.at("why-words")).to_contain_text("Pageblock 0: last changed by operation")
    newest = changes(page).first
    expect(newest).to_contain_text("free pfn 1, order 0")
    choice = page.at("why-thing")
    choice.select_option(label="nr_free[0]")
    expect(page.at("why-words")).to_contain_text("Nr_free[0]: last changed")
    expect(newest).to_contain_text("nr_free[0]: -1 → -2")
    page.at("who-stray").click()
    expect(page.at("why-words")).to_contain_text("Stray pages: nothing changed it since operation")
    page.at("books-watermark").click()
    expect(page.at("why-words")).to_contain_text("Watermarks met by NR_FREE_PAGES: nothing changed")
    choice.select_option(label="watermark LOW")
    expect(page.at("why-words")).to_contain_text("nothing changed it since operation")
    page.at("drawer-close").click()
    page.press("p")
    level = PageLevel(page)
    level.shows(0)
    level.plot.focus()
    page.press("Home")
    page.at("chunk-why").click()
    expect(page.at("why-words")).to_contain_text("PFN 0: last changed by operation")
    page.press("y")
    expect(page.at("drawer")).to_be_hidden()


def test_a_broken_identity_leads_to_the_write_that_broke_it(broken: Zone, show: Show) -> None:
    page = show(broken)
    last = page.op
    page.press("ArrowRight", 3)
    page.until_op(last + 3)
    page.at("identity-I1x").click()
    drift = page.at("drift")
    expect(drift.locator("h3")).to_have_text(
        f"I1x: 1 operation moved its difference, the first was {grouped(last)}"
    )
    expect(drift).to_contain_text("Isolate lists")
    page.at("go-to-break").click()
    page.until_op(last)
    expect(page.at("time-words")).to_contain_text("write")
    expect(page.at("identity-I1x")).to_have_text("≠ I1x broken")
    page.press("Shift+ArrowLeft")
    expect(page.at("identity-I1x")).to_have_text("= I1x holds")
    # The ledger has the operation as far as it is done, and it balances.
    expect(page.at("postings")).to_contain_text("as far as write")
    expect(page.at("accounts-sum")).to_contain_text("as the zone has; moved together 0.")
    expect(page.at("postings")).to_contain_text("in use, Movable, order 0 → in transit")


def test_a_write_that_was_not_made_names_the_cell_that_said_so(broken: Zone, show: Show) -> None:
    broken.result("model", model="v3.8")
    page = show(broken)
    page.at("steps-button").click()
    asked = page.at("steps").locator("li.asked").first
    expect(asked).to_contain_text(
        "not counted: Linux 3.8 leaves NR_FREE_PAGES alone, since the pageblock is ISOLATE"
    )
    chip = asked.get_by_test_id("cell-chip")
    expect(chip).to_have_text("unless passed")
    expect(chip).to_have_attribute("title", re.compile("free_one_page.*3.8|3.7"))
    chip.click()
    expect(page.at("models-dialog")).to_be_visible()
    expect(page.at("model-cell-words")).to_have_text("v3.8: unless the type passed in is ISOLATE")


def test_a_lists_changes_are_asked_for_where_its_pfns_are(zone: Zone, show: Show) -> None:
    page = show(zone)
    pfn = zone.result("alloc", order=3, migratetype="MOVABLE")["pfns"][0]
    op = zone.result("free", pfns=[pfn])["op"]
    page.until_op(op)
    page.at("steps-button").click()
    page.at("tab-list").click()
    page.at("pfn-why").click()
    expect(page.at("why-words")).to_contain_text("The Movable list of order 0")
