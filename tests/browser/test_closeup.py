"""A zone of as many blocks as 1 TiB has: cells are shared from afar, blocks alone when near."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.ears import listen, until_heard
from tests.browser.pagelevel import PageLevel
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

BLOCKS = 524_288


@pytest.fixture
def huge(service: Service) -> Iterator[Zone]:
    """524 288 blocks, of two pages each so that it is booted in no time."""
    with service.session(spanned_pages=BLOCKS * 2, pageblock_order=1, max_order=4) as zone:
        yield zone


def zoom_in(page: ZonePage, pixels: float) -> None:
    while page.cell_pixels() < pixels:
        size = page.cell_pixels()
        page.at("zoom-in").click()
        page.until_larger(size * 1.5)


def reads(page: ZonePage, words: str) -> None:
    expect(page.at("map-readout")).to_contain_text(words)


def test_single_blocks_anywhere_are_seen_picked_and_acted_on(huge: Zone, show: Show) -> None:
    huge.result("free", blocks=[[BLOCKS - 8, BLOCKS - 1]])
    huge.result("drain")
    page = show(huge)
    expect(page.at("map-grain")).to_have_text("A cell is 8 pageblocks")
    reads(page, "A cell is 8 pageblocks. Zoom in")
    listen(page)
    page.page.locator(".skip").press("Enter")
    page.press("End")
    page.selected(f"Blocks {BLOCKS - 8}–{BLOCKS - 1}")
    zoom_in(page, 20)
    until_heard(page, "A cell is one pageblock.")
    expect(page.at("map-grain")).to_have_text("")
    # A click takes the very block under it, and so do the arrows.
    page.pick(BLOCKS - 4)
    page.page.locator("#map-plot").focus()
    page.press("ArrowLeft", 2)
    page.selected(f"Block {BLOCKS - 6}")
    page.press("End")
    page.selected(f"Block {BLOCKS - 1}")
    seen = {block: page.patch(block) for block in (BLOCKS - 1, BLOCKS - 8)}
    page.press("i")
    page.told(f"Isolate, Block {BLOCKS - 1}")
    page.says(BLOCKS - 1, "Isolate")
    until_heard(page, f"Isolate, Block {BLOCKS - 1}")
    assert huge.block(BLOCKS - 1)["migratetypes"] == {"ISOLATE": 1}
    assert "ISOLATE" not in huge.block(BLOCKS - 8)["migratetypes"]
    assert {block for block in seen if page.patch(block) != seen[block]} == {BLOCKS - 1}
    level = PageLevel(page)
    page.press("p")
    level.shows(BLOCKS - 1)
    chunk = f"free, order 3 (8 pages from {grouped(2 * BLOCKS - 8)}), on Movable"
    stray = f"stray: its block is Isolate, begins in block {BLOCKS - 4}"
    level.says(2 * BLOCKS - 1, f"{chunk}, {stray}")
    page.press("Escape")
    level.is_left()

    # Dragged on, what comes in sight is asked for: the uppermost row was not, before.
    x, y = page.middle(BLOCKS - 10 * page.columns() - 4)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x - 20, y + 360, steps=3)
    page.page.mouse.up()
    left, right, _, top = page.sight()
    columns = page.columns()
    far = (round(top / columns) + 1) * columns + round((left + right) / 2)
    assert far < BLOCKS - 24 * columns
    huge.result("free", blocks=[far])
    huge.result("isolate", blocks=[far])
    page.says(far, "Isolate")
    page.pick(far)
    page.at("map-shape").click()
    row = page.at("map-table").locator("tbody tr[data-chosen]")
    expect(row.locator("th")).to_have_text(grouped(far))
    expect(row.locator("td").first).to_have_text("Isolate")
    page.at("map-shape").click()

    # A link leads to the same blocks; from afar they share a cell again.
    page.page.wait_for_function("(far) => location.search.includes(`blocks=${far}`)", arg=far)
    page.go(page.page.url)
    page.selected(f"Block {far}")
    page.says(far, "Isolate")
    page.at("zoom-all").click()
    page.hover(far)
    reads(page, f"Blocks {far // 8 * 8}–{far // 8 * 8 + 7} ·")
    reads(page, "an isolated block inside")
