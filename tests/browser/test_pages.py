"""The page level: in and out by each way, and what it says of a page is what the service says."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.pagelevel import PageLevel, free_chunks, on_pcp
from tests.browser.proxy import Line
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

Way = Callable[[ZonePage, PageLevel], None]
TINY = {
    "spanned_pages": 128,
    "pageblock_order": 4,
    "max_order": 6,
    "pcp_high": 6,
    "pcp_batch": 2,
}
"""Eight blocks of sixteen pages, and chunks that cover two of them."""


def focus_the_map(page: ZonePage) -> None:
    page.page.locator(".skip").press("Enter")
    expect(page.page.locator("#map-plot")).to_be_focused()


def by_double_click(page: ZonePage, _level: PageLevel) -> None:
    page.page.mouse.dblclick(*page.middle(5))


def by_key(page: ZonePage, _level: PageLevel) -> None:
    page.pick(5)
    page.press("p")


def by_enter_once_more(page: ZonePage, level: PageLevel) -> None:
    focus_the_map(page)
    page.press("Home")
    page.press("ArrowRight", 4)
    page.press("Shift+ArrowRight")
    page.press("Enter")
    page.selected("Block 5")
    expect(level.level).to_be_hidden()
    page.press("Enter")


def by_button(page: ZonePage, _level: PageLevel) -> None:
    page.pick(5)
    page.at("pages-button").click()


def by_zoom_buttons(page: ZonePage, level: PageLevel) -> None:
    page.pick(5)
    page.at("zoom-in").click()
    expect(level.level).to_be_hidden()
    page.at("zoom-in").click()


def by_wheel(page: ZonePage, level: PageLevel) -> None:
    page.hover(5)
    for _ in range(60):
        if level.level.is_visible():
            break
        page.page.mouse.wheel(0, -300)
        page.page.wait_for_timeout(20)


def test_each_way_in_leads_to_the_blocks_pages(zone: Zone, show: Show) -> None:
    page = show(zone)
    level = PageLevel(page)
    expect(page.at("pages-button")).to_have_attribute("aria-disabled", "true")
    info = zone.block(5)
    for way in (by_zoom_buttons, by_button, by_double_click, by_key, by_enter_once_more, by_wheel):
        way(page, level)
        level.shows(5)
        page.selected("Block 5")
        expect(page.at("map-where")).to_have_text(
            f"PFN {grouped(info['pfn_first'])}–{grouped(info['pfn_last'])}"
        )
        level.agrees(5)
        page.at("map-back").click()
        level.is_left()
        page.at("zoom-all").click()
        page.pick(9)


def by_escape(page: ZonePage, _level: PageLevel) -> None:
    page.press("Escape")


def by_wheel_out(page: ZonePage, level: PageLevel) -> None:
    page.page.mouse.move(*level.at(level.number("first")))
    page.page.mouse.wheel(0, 300)


def by_key_again(page: ZonePage, _level: PageLevel) -> None:
    page.press("p")


def by_click(name: str) -> Way:
    return lambda page, _level: page.at(name).click()


def test_each_way_out_leads_to_the_zone_with_the_block_in_sight(zone: Zone, show: Show) -> None:
    page = show(zone)
    level = PageLevel(page)
    for way in (
        by_escape,
        by_wheel_out,
        by_key_again,
        by_click("map-back"),
        by_click("zoom-out"),
        by_click("zoom-all"),
        by_click("pages-button"),
    ):
        level.enter(5)
        way(page, level)
        level.is_left()
        page.selected("Block 5")
        page.pick(6)


def test_every_page_is_told_as_the_service_has_it(service: Service, show: Show) -> None:
    with service.session(**TINY, holes=[[100, 4]]) as zone:
        single = zone.result("alloc", order=0, migratetype="MOVABLE", count=40)["pfns"]
        double = zone.result("alloc", order=1, migratetype="UNMOVABLE", count=3)["pfns"]
        zone.result("pin", pfns=[single[30], double[0]])
        zone.result("free", pfns=[*single[10:14], *single[20:22]])
        page = show(zone)
        level = PageLevel(page)
        free, pcp = free_chunks(zone), on_pcp(zone)
        assert pcp
        seen = set()
        for block in range(8):
            page.pick(block)
            page.press("p")
            level.shows(block)
            level.agrees(block)
            for pfn in range(block * 16, block * 16 + 16):
                told = level.told(pfn)
                head = next((head for head in double if head <= pfn < head + 2), None)
                if pfn in free:
                    assert free[pfn].words in told
                elif pfn in pcp:
                    assert f"on the pcp list of {pcp[pfn].title()}" in told
                elif head is not None:
                    kind = "pinned" if head == double[0] else "allocated"
                    extent = f"(2 pages from {head})"
                    assert told.endswith(f"{kind}, order 1 {extent}, for Unmovable")
                elif pfn == single[30]:
                    assert told.endswith("pinned, order 0, for Movable, on the LRU, of a file")
                elif pfn in single:
                    assert told.endswith("allocated, order 0, for Movable, on the LRU, of a file")
                elif 100 <= pfn < 104:
                    assert told.endswith("hole (4 pages alike from 100)")
                else:
                    assert "allocated, order" in told
                seen |= set(level.kinds())
            page.page.mouse.move(2, 2)
            page.press("Escape")
            level.is_left()
        assert {"allocated", "on the LRU, of a file", "pinned", "on pcp", "hole"} <= seen


def test_a_chunk_across_the_border_is_told_whole_from_both_blocks(
    service: Service, show: Show
) -> None:
    with service.session(**TINY) as zone:
        page = show(zone)
        level = PageLevel(page)
        whole = next(chunk for chunk in free_chunks(zone).values() if chunk.order == 5)
        first = whole.pfn // 16
        level.enter(first)
        level.says(whole.pfn + 3, f"{whole.words}, reaches into block {first + 1}")
        assert "crosses the border" in level.kinds()
        level.plot.focus()
        page.press("PageDown")
        level.shows(first + 1)
        level.says(whole.pfn + 20, f"{whole.words}, begins in block {first}")
        assert "crosses the border" in level.kinds()
        level.agrees(first + 1)


def test_offline_and_isolated_pages_are_told_apart(zone: Zone, show: Show) -> None:
    gone = next(b for b in range(8, 16) if zone.block(b)["free"] == 128)
    zone.result("offline", blocks=[gone])
    zone.result("isolate", blocks=[3])
    page = show(zone)
    level = PageLevel(page)
    level.enter(gone)
    first = zone.block(gone)["pfn_first"]
    level.says(first + 9, f"offline (128 pages alike from {grouped(first)})")
    assert level.kinds() == ["offline"]
    page.press("Escape")
    # The head of its chunk lies in block 2, so that isolating block 3 moved nothing: all stray.
    assert zone.block(3)["stray"] == 128
    level.enter(3)
    assert level.kinds() == ["free, Movable", "crosses the border", "stray"]
    chunk = free_chunks(zone)[3 * 128]
    level.says(3 * 128, f"{chunk.words}, stray: its block is Isolate, begins in block 2")
    zone.result("isolate", blocks=[2])
    level.until_here()
    page.press("PageUp")
    level.shows(2)
    assert level.kinds() == ["free, Isolate", "crosses the border"]


def test_it_follows_a_running_zone_and_stops_with_it(zone: Zone, show: Show) -> None:
    page = show(zone)
    level = PageLevel(page)
    level.enter(5)
    zone.result("rate", ops_per_second=2000)
    page.at("play").click()
    for _ in range(3):
        op = level.number("op")
        page.page.wait_for_function(
            """(op) => Number(document.querySelector('#pages-level').dataset.op) > op + 200
              && Number(document.body.dataset.op) > op + 200""",
            arg=op,
        )
    page.at("play").click()
    expect(page.at("play")).to_have_attribute("aria-label", "Run")
    level.agrees(5)
    page.agrees()
    free = free_chunks(zone)
    for pfn in range(5 * 128, 6 * 128, 11):
        told = level.told(pfn)
        assert free[pfn].words in told if pfn in free else "free" not in told


def test_a_free_in_halves_is_seen_half_done_and_goes_by_the_type_read_first(
    service: Service, show: Show
) -> None:
    """The unlocked read of 3.5: isolated in between, the chunk still goes to the list of before."""
    with service.session(**TINY) as zone:
        head = zone.result("alloc", order=2, migratetype="MOVABLE", count=1)["pfns"][0]
        block = head // 16
        page = show(zone, motion="no-preference")
        level = PageLevel(page)
        level.enter(block)
        level.pick(head)
        page.at("chunk-free_begin").click()
        expect(page.at("chunk-words")).to_contain_text("was read as MOVABLE")
        level.says(
            head,
            f"half freed, order 2 (4 pages from {head}), its block’s type read as Movable",
        )
        expect(page.at("pages-key").locator('[data-kind="freeing"]')).to_have_text("half freed")
        zone.result("isolate", blocks=[block])
        page.at("chunk-free_finish").click()
        expect(page.at("chunk-words")).to_contain_text("Finish the free")
        assert free_chunks(zone)[head].migratetype == "MOVABLE"
        assert zone.block(block)["migratetypes"] == {"ISOLATE": 1}
        expect(page.at("pages-key").locator('[data-kind="stray"]')).to_be_visible()


def test_by_keyboard_alone_a_chunk_is_found_and_freed(service: Service, show: Show) -> None:
    with service.session(**TINY) as zone:
        pfns = zone.result("alloc", order=2, migratetype="MOVABLE", count=1)["pfns"]
        head = pfns[0]
        page = show(zone)
        level = PageLevel(page)
        focus_the_map(page)
        page.press("Home")
        page.press("ArrowRight", head // 16)
        page.selected(f"Block {head // 16}")
        page.press("p")
        level.shows(head // 16)
        expect(level.plot).to_be_focused()
        page.press("Home")
        expect(level.readout).to_contain_text(f"PFN {head // 16 * 16}:")
        page.press("End")
        expect(level.readout).to_contain_text(f"PFN {head // 16 * 16 + 15}")
        page.press("Home")
        words = f"PFN {head}, allocated, order 2"
        for _ in range(16):
            if page.at("chunk-words").inner_text() == words:
                break
            page.press("ArrowRight")
        expect(page.at("chunk-words")).to_have_text(words)
        expect(level.readout).to_contain_text(f"order 2 (4 pages from {head})")
        expect(page.page.locator("#announcer")).to_have_text(f"{words}.")
        op = page.op
        page.press("Tab")
        expect(page.at("chunk-free")).to_be_focused()
        page.press("Enter")
        expect(page.at("chunk-words")).to_contain_text(f"Free chunk, PFN {head}, order 2:")
        assert zone.look()["op"] == op + 1
        assert head in free_chunks(zone)
        level.agrees(head // 16)
        page.press("Shift+Tab")
        page.press("Escape")
        level.is_left()
        expect(page.page.locator("#map-plot")).to_be_focused()
        page.press("Home")
        page.selected("Block 0")


def test_a_chunk_is_pinned_unpinned_and_freed_and_each_refusal_says_why(
    zone: Zone, show: Show
) -> None:
    pfn = zone.result("alloc", order=3, migratetype="MOVABLE", count=1)["pfns"][0]
    page = show(zone)
    level = PageLevel(page)
    level.enter(pfn // 128)
    free, pin, unpin = (page.at(f"chunk-{verb}") for verb in ("free", "pin", "unpin"))
    expect(free).to_have_attribute("aria-disabled", "true")
    level.pick(pfn + 5)
    expect(page.at("chunk-words")).to_have_text(f"PFN {grouped(pfn)}, allocated, order 3")
    expect(unpin).to_have_attribute("aria-disabled", "true")
    pin.click()
    page.page.mouse.move(2, 2)
    level.agrees(pfn // 128)
    assert zone.block(pfn // 128)["pinned"] == 8
    expect(pin).to_have_attribute("aria-disabled", "true")
    free.hover()
    expect(page.at("chunk-words")).to_have_text("Not now: It is pinned: unpin it first.")
    unpin.click()
    expect(free).to_have_attribute("aria-disabled", "false")
    free.click()
    expect(page.at("chunk-words")).to_contain_text("Free chunk")
    level.agrees(pfn // 128)
    assert free_chunks(zone)[pfn].pfn <= pfn


def test_the_block_drawer_and_the_map_show_the_same_pages(zone: Zone, show: Show) -> None:
    page = show(zone)
    level = PageLevel(page)
    level.enter(5)
    page.at("block-more").click()
    details = page.at("block-details")
    page.at("pages").hover(position={"x": 4, "y": 4})
    expect(details).to_contain_text(f"PFN {5 * 128}:")
    page.at("pages-after").click()
    level.shows(6)
    page.at("pages").hover(position={"x": 6, "y": 4})
    expect(details).to_contain_text(f"PFN {6 * 128}:")
    page.at("map-back").click()
    level.is_left()
    page.pick(9)
    page.at("pages").hover(position={"x": 4, "y": 4})
    expect(details).to_contain_text(f"PFN {grouped(9 * 128)}:")
    page.at("drawer-close").click()
    level.enter(2)
    level.agrees(2)


def test_another_zone_is_entered_where_it_has_the_block_and_left_where_not(
    service: Service, show: Show
) -> None:
    with service.session(spanned_pages=2048, pageblock_order=7, max_order=9) as zone:
        page = show(zone)
        level = PageLevel(page)
        level.enter(5)
        zone.result("model", model="minchan-v2", confirm=True)
        level.agrees(5)
        zone.result("configure", pageblock_order=6, spanned_pages=1024, confirm=True)
        expect(level.level).to_have_attribute("data-count", "64")
        level.agrees(5)
        zone.result("configure", pageblock_order=6, spanned_pages=256, confirm=True)
        level.is_left()
        page.pick(2)


def test_a_cut_line_leaves_the_pages_in_sight_until_new_ones_come(
    zone: Zone, line: Line, show: Show
) -> None:
    page = show(zone, at=line.address)
    level = PageLevel(page)
    level.enter(5)
    words = level.told(5 * 128)
    page.expect_error("WebSocket")
    line.cut()
    expect(page.page.locator("body")).to_have_attribute("data-state", "disconnected")
    assert level.told(5 * 128 + 1).split(":")[1] == words.split(":")[1]
    zone.result("fill", blocks=[5], order=0, migratetype="MOVABLE")
    line.mend()
    page.until_live()
    level.agrees(5)


def test_a_large_block_is_shown_in_parts_of_4096_pages(service: Service, show: Show) -> None:
    with service.session(spanned_pages=32768, pageblock_order=13, max_order=14) as zone:
        page = show(zone)
        level = PageLevel(page)
        level.enter(1)
        expect(page.at("map-where")).to_have_text(f"PFN {grouped(8192)}–{grouped(12287)}, 1 of 2")
        page.at("pages-after").click()
        expect(page.at("map-where")).to_have_text(f"PFN {grouped(12288)}–{grouped(16383)}, 2 of 2")
        expect(level.level).to_have_attribute("data-first", "12288")
        assert level.number("count") == 4096
        level.told(12288 + 77)


def test_on_a_phone_a_double_tap_or_the_button_leads_in(zone: Zone, show: Show) -> None:
    page = show(zone, viewport={"width": 390, "height": 844}, phone=True)
    level = PageLevel(page)
    page.at("map").scroll_into_view_if_needed()
    x, y = page.middle(5)
    page.page.touchscreen.tap(x, y)
    page.page.touchscreen.tap(x, y)
    level.shows(5)
    level.agrees(5)
    x, y = level.at(5 * 128 + 3)
    page.page.touchscreen.tap(x, y)
    expect(page.at("chunk-words")).to_contain_text("PFN")
    page.at("map-back").click()
    level.is_left()
    page.at("pages-button").click()
    level.shows(5)
