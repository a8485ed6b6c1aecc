"""The drawer: operations function by function, a list's PFNs from head to tail, a block's pages."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import grouped


def test_steps_tell_the_kernels_functions_and_rise_with_the_operations(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    page.at("steps-button").click()
    operations = page.at("steps").get_by_test_id("operation")
    page.at("step").click()
    newest = operations.first
    expect(newest).to_have_attribute("data-op", str(zone.look()["op"]))
    page.at("drawer-close").click()
    page.pick(2)
    page.act("isolate")
    page.told("Isolate, Block 2")
    page.at("steps-button").click()
    expect(newest).to_have_attribute("data-op", str(zone.look()["op"]))
    told = zone.result("steps", last=1)["operations"][0]
    expect(newest.locator("h3")).to_have_text(f"{grouped(told['op'])}{told['words']}")
    expect(newest).to_contain_text("set_pageblock_migratetype")
    expect(newest).to_contain_text("pageblock 2: MOVABLE → ISOLATE")
    expect(newest.locator("li")).to_have_count(len(told["records"]))
    for i, record in enumerate(told["records"]):
        expect(newest.locator("li").nth(i)).to_contain_text(record["words"])
    shown = [int(str(one.get_attribute("data-op"))) for one in operations.all()]
    assert shown == sorted(shown, reverse=True)
    before = zone.look()["op"]
    page.at("step").click()
    expect(newest).to_have_attribute("data-op", str(before + 1))


def test_steps_follow_a_running_zone_and_escape_closes_them(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("steps-button").click()
    page.at("play").click()
    page.page.wait_for_function(
        """(op) => Number(
          document.querySelector('[data-testid="operation"]')?.dataset.op ?? 0) > op + 20""",
        arg=page.op,
    )
    page.pause()
    page.at("tab-steps").focus()
    page.press("Escape")
    expect(page.at("drawer")).to_be_hidden()
    expect(page.at("steps-button")).to_be_focused()


def test_a_cell_of_the_free_lists_opens_its_pfns_head_to_tail(zone: Zone, show: Show) -> None:
    used = zone.result("alloc", order=0, migratetype="MOVABLE", count=40)["pfns"]
    zone.result("free", pfns=used[::2])
    zone.result("drain")
    page = show(zone)
    page.show_numbers()
    lists = {
        (order, name): zone.listed(order, name)
        for order in range(9)
        for name in ("MOVABLE", "UNMOVABLE", "RESERVE")
    }
    assert max(len(pfns) for pfns in lists.values()) > 10
    for order, name in sorted(lists, key=lambda key: -len(lists[key]))[:3]:
        page.at(f"list-{name}-{order}").click()
        expected = [str(pfn) for pfn in lists[order, name]]
        expect(page.at("pfns").locator("li")).to_have_text(expected)
        expect(page.at("pfn-words")).to_contain_text("head first")
        page.at("drawer-close").click()


def test_a_long_list_is_turned_by_256_and_a_pfn_picks_its_block(
    service: Service, show: Show
) -> None:
    with service.session() as zone:
        zone.result("alloc", order=0, migratetype="MOVABLE", count=4096)
        used = [
            int(pfn)
            for pfn in zone.result("alloc", order=0, migratetype="MOVABLE", count=4096)["pfns"]
        ]
        # Every second page: no buddy is free, so that all stay on the list of order 0.
        zone.result("free", pfns=[pfn for pfn in used if pfn % 2])
        zone.result("drain")
        total = zone.result("list", order=0, migratetype="MOVABLE", offset=0)["total"]
        assert total > 512
        page = show(zone)
        page.show_numbers()
        page.at("list-MOVABLE-0").click()
        rows = page.at("pfns").locator("li")
        expect(rows).to_have_count(256)
        expect(page.at("pfn-words")).to_contain_text(f"and {grouped(total - 256)} more")
        page.at("pfn-next").click()
        second = zone.result("list", order=0, migratetype="MOVABLE", offset=256)["pfns"]
        expect(rows.first).to_have_text(str(second[0]))
        expect(rows.last).to_have_text(str(second[-1]))
        rows.nth(3).locator("button").click()
        page.selected(f"Block {second[3] // 512}")


def test_a_bar_of_the_free_lists_opens_its_list_too(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.page.wait_for_function("() => document.querySelector('#lists-chart .bars .point')")
    bar = page.page.evaluate(
        """() => {
          const points = [...document.querySelectorAll('#lists-chart .bars .point path')];
          const boxes = points.map((point) => point.getBoundingClientRect());
          const tall = boxes.reduce((a, b) => (a.height > b.height ? a : b));
          return { x: tall.x + tall.width / 2, y: tall.y + tall.height / 2 };
        }"""
    )
    page.page.mouse.move(bar["x"] + 1, bar["y"])
    page.page.mouse.click(bar["x"], bar["y"])
    expect(page.at("pfn-list")).to_be_visible()
    order = page.at("pfn-order").input_value().removeprefix("list ")
    name = page.at("pfn-type").input_value()
    expected = [str(pfn) for pfn in zone.listed(int(order), name)]
    assert expected
    expect(page.at("pfns").locator("li")).to_have_text(expected)


def test_a_block_shows_its_pages_and_what_it_holds(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.pick(6)
    info = zone.block(6)
    page.at("block-more").click()
    details = page.at("block-details")
    expect(details).to_contain_text(f"{info['pages']} pages: {info['free']} free")
    for order, name, chunks in info["free_lists"]:
        noun = "chunk" if chunks == 1 else "chunks"
        expect(details).to_contain_text(f"{chunks} {noun} of order {order} on {name.title()}")
    pages = page.at("pages")
    expect(pages).to_be_visible()
    before = pages.evaluate("(canvas) => canvas.toDataURL()")
    page.pick(2)
    page.page.wait_for_function(
        "(before) => document.querySelector('[data-testid=\"pages\"]').toDataURL() !== before",
        arg=before,
    )
    pages.hover(position={"x": 4, "y": 4})
    expect(details).to_contain_text(re.compile(r"PFN 256"))
    expect(details).to_contain_text("order")


def test_counts_can_be_read_in_mib(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        page.at("view-button").click()
        page.at("view-menu").locator('input[value="MiB"]').check()
        page.press("Escape")
        expect(page.at("book-present")).to_have_text("256.00")
        page.page.reload()
        page.until_live()
        expect(page.at("book-present")).to_have_text("256.00")
