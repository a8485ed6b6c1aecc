"""What somebody hears who does not see the page: the live region's text over time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.ears import heard, listen, until_heard
from tests.browser.service import Service, Zone

TOY = {"spanned_pages": 8, "pageblock_order": 2, "max_order": 4, "pcp_high": 0, "pcp_batch": 1}


def test_a_step_is_heard_in_the_words_of_its_operation(zone: Zone, show: Show) -> None:
    page = show(zone)
    listen(page)
    op = page.op + 1
    page.at("step").click()
    page.until_op(op)
    told = zone.result("steps", op=op)["operations"][0]
    expect(page.at("announcer")).to_have_text(f"Operation {op}: {told['words']}")
    assert len(heard(page)) == 1


def test_a_verb_is_heard_once_in_its_own_words(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.pick(2)
    listen(page)
    page.act("isolate")
    page.told("Isolate, Block 2")
    words = page.at("block-words").inner_text()
    until_heard(page, words)
    page.act("unisolate")
    page.told("Un-isolate, Block 2")
    until_heard(page, page.at("block-words").inner_text())
    assert [said for said in heard(page) if "Operation" in said] == []


def test_a_refusal_is_heard(zone: Zone, show: Show) -> None:
    zone.result("fill", blocks=[2], order=0, migratetype="UNMOVABLE")
    page = show(zone)
    page.pick(2)
    listen(page)
    page.act("isolate")
    page.told("EBUSY")
    until_heard(page, "EBUSY")


def test_a_running_zone_hums_with_numbers_of_one_moment(zone: Zone, show: Show) -> None:
    page = show(zone)
    zone.result("rate", ops_per_second=500)
    listen(page)
    page.at("play").click()
    until_heard(page, "Operation")
    page.pause()
    until_heard(page, "Paused.")
    counters = zone.counters()
    said = heard(page)
    assert said[0].startswith("Running.")
    assert len(said) <= 4, "what is new replaces what waits"
    for one in said[1:]:
        assert re.search(r"Operation \d+, NR_FREE_PAGES \d+, usable \d+\.", one)
    assert f"NR_FREE_PAGES {counters['nr_free_pages']}, usable {counters['usable']}." in said[-1]


def test_what_breaks_and_heals_is_heard(service: Service, show: Show) -> None:
    with service.session(**TOY, model="minchan-v2") as zone:
        zone.result("fill", blocks=[[0, 1]], order=0, migratetype="MOVABLE")
        page = show(zone)
        page.pick(0)
        page.act("isolate")
        page.told("Isolate, Block 0")
        listen(page)
        page.act("free")
        page.told("Free, Block 0")
        expect(page.at("identity-I1x")).to_have_text("≠ I1x broken")
        until_heard(page, "I1x is broken.")
        page.at("zone-button").click()
        page.at("reset").click()
        expect(page.at("identity-I1x")).to_have_text("= I1x holds")
        until_heard(page, "I1x holds again.")


def test_where_the_keyboard_stands_is_heard(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.page.locator(".skip").press("Enter")
    listen(page)
    page.press("ArrowRight", 3)
    page.selected("Block 3")
    until_heard(page, "Block 3: Movable")
    page.press("Shift+ArrowRight", 2)
    until_heard(page, "Blocks 3–5.")
