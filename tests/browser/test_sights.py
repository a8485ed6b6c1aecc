"""What a reader points at, links to and sees move: lists on the map, the address bar, motion."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import TYPES, ZonePage, grouped

_WATCH_MOTION = """() => {
  window.__moved = 0;
  const canvas = document.querySelector('#motion');
  const look = () => {
    if (canvas.width > 300 || canvas.height > 150) {
      const copy = document.createElement('canvas');
      copy.width = copy.height = 200;
      const paint = copy.getContext('2d');
      paint.drawImage(canvas, 0, 0, 200, 200);
      if (paint.getImageData(0, 0, 200, 200).data.some((byte) => byte)) window.__moved += 1;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


_TOP = """([left, top, width]) => {
  const canvas = document.querySelector('#map-canvas');
  const at = canvas.getBoundingClientRect();
  const ratio = canvas.width / at.width;
  const copy = document.createElement('canvas');
  copy.width = Math.round(width);
  copy.height = 6;
  copy.getContext('2d').drawImage(canvas, (at.left - left) * ratio, (at.top - top) * ratio);
  return copy.toDataURL();
}"""


def longest(zone: Zone) -> tuple[int, str, list[int]]:
    """Order, type and PFNs of the list with most chunks."""
    totals = {
        (order, name): int(zone.result("list", order=order, migratetype=name, offset=0)["total"])
        for order in range(9)
        for name in TYPES
    }
    order, name = max(totals, key=lambda key: totals[key])
    return order, name, zone.listed(order, name)


def test_a_list_pointed_at_tells_its_pfns_and_lights_its_blocks(zone: Zone, show: Show) -> None:
    page = show(zone)
    zone.result("step", n=300)
    page.until_op(zone.look()["op"])
    page.show_numbers()
    order, name, pfns = longest(zone)
    lit = sorted({pfn // 128 for pfn in pfns})
    dark = [block for block in range(16) if block not in lit]
    before = {block: corner(page, block) for block in range(16)}
    for way in ("hover", "focus"):
        cell = page.at(f"list-{name}-{order}")
        cell.hover() if way == "hover" else cell.focus()
        peek = page.at("peek")
        expect(peek).to_be_visible()
        expect(peek).to_contain_text(f"order {order}: {grouped(len(pfns))} chunk")
        told = [int(part) for part in peek.locator(".mono").inner_text().split()[:7]]
        assert told == pfns[: len(told)]
        drawn(page)
        for block in lit:
            assert corner(page, block) != before[block]
        for block in dark:
            assert corner(page, block) == before[block]
        page.page.mouse.move(2, 2)
        cell.blur()
        expect(peek).to_be_hidden()
        drawn(page)
    assert {block: corner(page, block) for block in range(16)} == before


def drawn(page: ZonePage) -> None:
    """Let what was heard be drawn: it is at the next frame."""
    page.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def corner(page: ZonePage, block: int) -> str:
    """The pixels along the top of a block's cell, where a lit one has its dashes."""
    x, y = page.middle(block)
    width, height = page.cell_size()
    return str(page.page.evaluate(_TOP, [x - width / 2 + 3, y - height / 2 + 1, width - 6]))


def test_a_link_shows_what_its_sender_saw(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.pick(3)
    page.click(6, "Shift")
    page.at("zoom-in").click()
    page.at("lists-scale").click()
    page.at("steps-button").click()
    page.at("view-button").click()
    page.at("view-menu").locator('input[value="MiB"]').check()
    page.press("Escape")
    page.page.wait_for_function("() => location.search.includes('unit=MiB')")
    link = page.page.url
    assert f"session={zone.ident}" in link
    assert "blocks=3-6" in link
    sight = page.sight()

    other = show(zone, elsewhere=True)
    other.go(link)
    other.selected("Blocks 3–6")
    expect(other.at("steps")).to_be_visible()
    expect(other.at("lists-scale")).to_have_text("Linear")
    expect(other.at("books-since")).to_contain_text("MiB")
    other.at("drawer-close").click()
    page.at("drawer-close").click()
    for seen, sent in zip(other.sight(), sight, strict=True):
        assert abs(seen - sent) <= 4
    # The sender's choices are the link's, not the reader's: without it all is as they had it.
    other.go(zone.service.address + zone.path)
    expect(other.at("books-since")).to_contain_text("pages")
    other.selected("No block selected")


def test_an_address_full_of_nonsense_shows_the_zone(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.go(
        f"{zone.service.address}{zone.path}&blocks=9999,-1,a-b&zoom=1e99x-3&inside=77777&open=<b>"
        "&list=99-NOPE&unit=parsecs&theme=%00"
    )
    page.selected("No block selected")
    page.agrees()


def test_a_log_scale_steps_back_where_a_count_is_below_zero(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("lists-scale").click()
    axis = "() => document.querySelector('#lists-chart')._fullLayout?.yaxis.type"
    page.page.wait_for_function(f"() => ({axis})() === 'log'")
    zone.result("model", model="minchan-v2", confirm=True)
    zone.result("fill", blocks=[3])
    zone.result("isolate", blocks=[3])
    zone.result("free", blocks=[3])
    assert min(zone.look()["nr_free"]) < 0
    page.page.wait_for_function(f"() => ({axis})() === 'linear'")
    expect(page.page.locator("#lists-note")).to_contain_text("linear, since a count is below zero")


def motion(page: ZonePage, zone: Zone) -> int:
    """Frames in which something was seen to move, once a block has been isolated."""
    page.page.evaluate(_WATCH_MOTION)
    page.pick(5)
    page.act("isolate")
    page.told("Isolate, Block 5")
    page.agrees()
    page.page.evaluate("() => new Promise((done) => setTimeout(done, 400))")
    moved: Any = page.page.evaluate("window.__moved")
    return int(moved)


def test_isolation_is_seen_to_move(service: Service, show: Show) -> None:
    with service.session(spanned_pages=2048, pageblock_order=7, max_order=8) as zone:
        assert motion(show(zone, motion="no-preference"), zone) > 0


def test_with_reduced_motion_it_is_not(service: Service, show: Show) -> None:
    with service.session(spanned_pages=2048, pageblock_order=7, max_order=8) as zone:
        assert motion(show(zone), zone) == 0
