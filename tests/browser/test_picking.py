"""The number of the block under the pointer, exactly, at every zoom; and the same by keyboard."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage

BLOCKS = 128
RAGGED = {"start_pfn": 300, "spanned_pages": 60123}


def drag_box(page: ZonePage, first: int, last: int, *, by_tool: bool) -> None:
    """A box from the middle of one cell to the middle of another."""
    if by_tool:
        page.at("select-tool").click()
    else:
        page.page.keyboard.down("Shift")
    page.hover(first)
    page.page.mouse.down()
    x, y = page.middle(last)
    page.page.mouse.move(x, y, steps=4)
    page.page.mouse.up()
    if by_tool:
        page.at("select-tool").click()
    else:
        page.page.keyboard.up("Shift")
    page.page.mouse.move(2, 2)


def in_sight(page: ZonePage, blocks: int) -> list[int]:
    """Blocks whose middle lies well inside the map."""
    box = page.at("map").bounding_box()
    assert box is not None
    inside = []
    for block in range(blocks):
        x, y = page.middle(block)
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        if box["x"] + 60 < x < right - 6 and box["y"] + 6 < y < bottom - 6:
            inside.append(block)
    return inside


def click_corners(page: ZonePage, block: int) -> None:
    """Two pixels inside each corner of a cell is still that cell."""
    x, y = page.middle(block)
    across, down = (size / 2 - 2 for size in page.cell_size())
    for dx, dy in ((-across, -down), (across, -down), (-across, down), (across, down)):
        page.click(block + 1)
        page.selected(f"Block {block + 1}")
        page.page.mouse.click(x + dx, y + dy)
        page.selected(f"Block {block}")


def test_a_click_picks_the_block_under_it_at_the_whole_view(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        for block in (0, 1, 15, 16, 64, 77, 111, 112, 127):
            page.pick(block)
        click_corners(page, 37)


def zoom_by_buttons(page: ZonePage) -> None:
    page.at("zoom-in").click()
    page.at("zoom-in").click()


def zoom_by_wheel(page: ZonePage) -> None:
    page.hover(70)
    for _ in range(12):
        page.page.mouse.wheel(0, -300)


def test_a_click_picks_the_block_under_it_after_zooming_in(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        whole = page.sight()
        size = page.cell_pixels()
        for zoom in (zoom_by_buttons, zoom_by_wheel):
            zoom(page)
            page.until_larger(size * 1.5)
            page.page.mouse.move(2, 2)
            seen = in_sight(page, BLOCKS)
            assert 4 <= len(seen) < BLOCKS
            for block in random.Random(5).sample(seen, 4):
                page.pick(block)
            click_corners(page, seen[len(seen) // 2])
            page.at("zoom-all").click()
            assert page.sight() == pytest.approx(whole)
            page.pick(127)


def test_the_cell_that_was_clicked_is_the_cell_that_changes(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        before = {block: page.patch(block) for block in (36, 37, 38, 53)}
        page.pick(37)
        page.act("isolate")
        page.told("Isolate, Block 37")
        page.says(37, "Isolate")
        page.pick(90)
        changed = {block for block, patch in before.items() if page.patch(block) != patch}
        assert changed == {37}
        assert zone.block(37)["migratetypes"] == {"ISOLATE": 1}


def test_blocks_are_named_from_the_zones_start_when_it_is_not_aligned(
    service: Service, show: Show
) -> None:
    with service.session(**RAGGED) as zone:
        page = show(zone)
        last = zone.look()["state"]["zone"]["nr_pageblocks"] - 1
        for block in (0, 1, last):
            page.pick(block)
            info = zone.block(block)
            facts = page.at("block-facts")
            expect(facts).to_contain_text(f"{info['pfn_first']:,}".replace(",", "\u202f"))
            expect(facts).to_contain_text(f"{info['pfn_last']:,}".replace(",", "\u202f"))


def test_shift_extends_control_adds_and_a_box_takes_all_it_touches(zone: Zone, show: Show) -> None:
    page = show(zone)
    columns = page.columns()
    page.click(2)
    page.click(5, "Shift")
    page.selected("Blocks 2–5")
    page.click(9, "Control")
    page.selected("5 blocks, 2…9")
    page.click(3, "Control")
    page.selected("4 blocks, 2…9")
    for by_tool in (True, False):
        page.click(14)
        page.selected("Block 14")
        drag_box(page, 1, columns + 2, by_tool=by_tool)
        page.selected(f"4 blocks, 1…{columns + 2}")
    page.click(14)
    page.selected("Block 14")
    page.act("isolate")
    page.told("Isolate, Block 14")
    isolated = [b for b in range(16) if "ISOLATE" in zone.block(b)["migratetypes"]]
    assert isolated == [14]


def test_arrows_home_and_end_move_and_shift_extends(zone: Zone, show: Show) -> None:
    page = show(zone)
    columns, op = page.columns(), page.op
    page.page.locator(".skip").press("Enter")
    expect(page.page.locator("#map-plot")).to_be_focused()
    page.press("Home")
    page.selected("Block 0")
    page.press("ArrowRight", 2)
    page.selected("Block 2")
    expect(page.at("map-readout")).to_contain_text("Block 2 · Movable")
    page.press("ArrowDown")
    page.selected(f"Block {2 + columns}")
    page.press("ArrowLeft")
    page.selected(f"Block {1 + columns}")
    page.press("ArrowUp")
    page.selected("Block 1")
    page.press("End")
    page.selected("Block 15")
    page.press("ArrowRight")
    page.selected("Block 15")
    page.press("Home")
    page.selected("Block 0")
    page.press("Shift+ArrowRight", 3)
    page.selected("Blocks 0–3")
    page.press("Shift+ArrowLeft")
    page.selected("Blocks 0–2")
    assert page.op == op == zone.look()["op"], "arrows on the map move the block, not the zone"


def test_in_a_zone_of_tiny_cells_keys_and_zoom_pick_and_the_number_is_shown(
    service: Service, show: Show
) -> None:
    with service.session(spanned_pages=65536 * 4, pageblock_order=2, max_order=11) as zone:
        page = show(zone)
        assert page.cell_pixels() < 5
        page.click(1000)
        expect(page.at("map-readout")).to_contain_text("too small to pick")
        page.selected("No block selected")
        page.press("End")
        page.selected("Block 65535")
        page.page.mouse.move(2, 2)
        expect(page.at("map-readout")).to_contain_text("Block 65535 ·")
        page.press("ArrowUp", 2)
        picked = 65535 - 2 * page.columns()
        page.selected(f"Block {picked}")
        while page.cell_pixels() < 12:
            size = page.cell_pixels()
            page.at("zoom-in").click()
            page.until_larger(size * 1.5)
        page.pick(picked - 3)
        page.pick(picked - 1)
