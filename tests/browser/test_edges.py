"""Zones at the edge of what there is: nothing overflows, nothing lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Show
from tests.browser.overflow import assert_nothing_overflows
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1280, "height": 720},
    "wall": {"width": 1920, "height": 1080},
}
BLOCKS = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}
ALL = [[0, 15]]
NAME = "A_zone_with_a_very-long-name30"
PROC = "as /proc prints it: 18446744073709551104"


@contextmanager
def negative(service: Service) -> Iterator[Zone]:
    """The seed patch's drift: each cycle takes off twice what it puts back."""
    config = {
        "spanned_pages": 2048, "pageblock_order": 9, "max_order": 10, "pcp_high": 0, "pcp_batch": 1,
    }  # fmt: skip
    with service.session(**config, model="minchan-v1") as zone:
        zone.result("free", blocks=[[0, 3]])
        for verb in ("isolate", "offline", "online", "isolate", "offline"):
            zone.result(verb, blocks=[0])
        assert zone.counters()["nr_free_pages"] == -512
        yield zone


@contextmanager
def one_block(service: Service) -> Iterator[Zone]:
    with service.session(spanned_pages=512, pageblock_order=9, max_order=10) as zone:
        yield zone


@contextmanager
def all_offline(service: Service) -> Iterator[Zone]:
    with service.session(**BLOCKS) as zone:
        zone.result("free", blocks=ALL)
        zone.result("offline", blocks=ALL)
        assert zone.counters()["offline"] == zone.counters()["spanned"] == 2048
        yield zone


@contextmanager
def all_isolated(service: Service) -> Iterator[Zone]:
    with service.session(**BLOCKS) as zone:
        zone.result("free", blocks=ALL)
        zone.result("isolate", blocks=ALL)
        assert zone.counters()["usable"] == 0
        assert zone.counters()["blocks_isolated"] == 16
        yield zone


@contextmanager
def nothing_free(service: Service) -> Iterator[Zone]:
    with service.session(**BLOCKS) as zone:
        zone.result("fill", blocks=ALL, order=0, migratetype="MOVABLE")
        assert zone.counters()["nr_free_pages"] == 0
        yield zone


@contextmanager
def long_name(service: Service) -> Iterator[Zone]:
    with service.session(zone=NAME, spanned_pages=60123, start_pfn=300) as zone:
        yield zone


Edge = Callable[[Service], AbstractContextManager[Zone]]
EDGES: dict[Edge, str] = {
    negative: "2\u202f048 pages too low",
    one_block: "",
    all_offline: "No page is counted as free, and none can be allocated.",
    all_isolated: "2\u202f048 pages are counted as free and cannot be allocated.",
    nothing_free: "No page is counted as free, and none can be allocated.",
    long_name: "",
}
"""Each edge, and the sentence in which the page says what is the matter."""


@pytest.mark.parametrize(("edge", "words"), EDGES.items(), ids=[edge.__name__ for edge in EDGES])
def test_nothing_overflows_and_the_numbers_are_the_services(
    service: Service, show: Show, edge: Edge, words: str
) -> None:
    with edge(service) as zone:
        page = show(zone)
        expect(page.at("books-sentence")).to_contain_text(words)
        page.page.locator("#map-plot").focus()
        page.press("Home")
        page.selected("Block 0")
        for size in SIZES.values():
            page.page.set_viewport_size(size)
            expect(page.at("block-facts")).to_contain_text("PFN")
            page.agrees()
            assert_nothing_overflows(page)
            turn(page, "map-table", "history-table")
            expect(page.at("map-table").locator("tbody tr").first).to_be_visible()
            expect(page.at("history-table").locator("tbody tr").first).to_be_visible()
            assert_nothing_overflows(page)
            turn(page, "map-plot", "history-chart")


def turn(page: ZonePage, *shown: str) -> None:
    """Map and history from pictures to tables, or back."""
    for shape in ("history-shape", "map-shape"):
        page.at(shape).click()
    for name in shown:
        expect(page.page.locator(f'#{name}, [data-testid="{name}"]').first).to_be_visible()


def test_a_count_below_zero_is_told_as_it_is_and_as_proc_prints_it(
    service: Service, show: Show
) -> None:
    with negative(service) as zone:
        page = show(zone)
        book = page.at("book-nr_free_pages")
        expect(book).to_have_text("\u2212512")
        tip = page.page.locator("#tip")
        book.hover()
        expect(tip).to_have_text(PROC)
        page.page.mouse.move(2, 2)
        book.focus()
        expect(tip).to_be_visible()
        expect(tip).to_have_text(PROC)
        expect(book).to_have_attribute("aria-description", PROC)
        page.at("history-shape").click()
        newest = page.at("history-table").locator("tbody tr").first
        expect(newest.locator("td").first).to_have_text(f"\u2212512, {PROC}")
        assert " -512" not in zone.export("buddyinfo")
        zone.result("online", blocks=[0])
        expect(book).to_have_text("0")
        assert book.get_attribute("data-tip") is None


def test_a_chart_goes_below_a_zero_that_stays_in_sight(service: Service, show: Show) -> None:
    with negative(service) as zone:
        page = show(zone)
        low, high = page.page.wait_for_function(
            "() => document.querySelector('#history-chart')._fullLayout?.yaxis.range"
        ).json_value()
        assert low <= -512
        assert high > 0


def test_blocks_of_only_offline_pages_have_no_type_in_the_table(
    service: Service, show: Show
) -> None:
    with all_offline(service) as zone:
        page = show(zone)
        page.at("map-shape").click()
        row = page.at("map-table").locator("tbody tr").first
        expect(row.locator("th, td")).to_have_text(["0", "", "", "offline"])


def test_a_name_of_thirty_characters_is_whole_and_one_more_is_refused(
    service: Service, show: Show
) -> None:
    with long_name(service) as zone:
        page = show(zone)
        expect(page.at("zone-button")).to_contain_text(NAME)
        assert f"zone {NAME[:8]}" in " ".join(zone.export("buddyinfo").split())
        assert NAME in zone.export("pagetypeinfo")
        page.at("zone-button").click()
        page.at("open-configure").click()
        dialog = page.at("configure-dialog")
        name = dialog.locator('input[name="zone"]')
        expect(name).to_have_value(NAME)
        name.fill(NAME + "1")
        page.at("configure-go").click()
        expect(dialog.locator('[data-field="zone"]')).to_contain_text("30")
        expect(name).to_be_focused()
        assert_nothing_overflows(page)


def test_the_tables_beside_the_charts_say_what_the_service_says(
    service: Service, show: Show
) -> None:
    with service.session() as zone:
        page = show(zone)
        page.at("map-shape").click()
        table = page.at("map-table")
        expect(table.locator("caption")).to_have_text("128 rows from block 0")
        expect(table.locator("tbody tr")).to_have_count(128)
        table.locator("tbody button").nth(40).click()
        page.selected("Block 40")
        expect(table.locator("tbody tr").nth(40)).to_have_attribute("data-chosen", "")
        page.act("isolate")
        page.told("Isolate, Block 40")
        expect(table.locator("tbody tr").nth(40).locator("td").first).to_have_text("Isolate")
        page.at("history-shape").click()
        counters = zone.counters()
        newest = page.at("history-table").locator("tbody tr").first
        expect(newest.locator("th, td").nth(0)).to_have_text(grouped(zone.look()["op"]))
        for i, name in enumerate(("nr_free_pages", "usable", "isolated")):
            expect(newest.locator("td").nth(i)).to_have_text(grouped(counters[name]))


def test_a_table_of_many_blocks_says_how_many_more_there_are(service: Service, show: Show) -> None:
    with service.session(spanned_pages=65536, pageblock_order=2, max_order=11) as zone:
        page = show(zone)
        page.at("map-shape").click()
        table = page.at("map-table")
        expect(table.locator("caption")).to_have_text("256 rows from block 0; and 16\u202f128 more")
        expect(table.locator("tbody tr")).to_have_count(256)
