"""A whole node: zones as tabs, kswapd's reasons, a livelock told, a request only asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Show
from tests.browser.ears import listen, until_heard
from tests.browser.overflow import assert_nothing_overflows
from tests.browser.service import Service, Zone
from tests.browser.zonepage import BOOKS, ZonePage, grouped

ZONES = ({"zone": "Normal", "spanned_mib": 16}, {"zone": "Movable", "spanned_mib": 16})
NODE: dict[str, Any] = {"zones": ZONES, "min_free_kbytes": 256}
"""Normal has blocks 0 to 7, Movable 8 to 15, of 512 pages; the marks of both are 32, 40, 48."""
PHONE: ViewportSize = {"width": 390, "height": 844}
PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
READER = 1
"""The process whose memory is in Movable."""


@contextmanager
def full_node(service: Service, **more: Any) -> Iterator[Zone]:
    """Normal with 100 pages free and nothing to reclaim; 1096 of Movable are a process's memory."""
    with service.session(**NODE, **more) as zone:
        zone.result("free", blocks=[[0, 15]])
        free = numbers(zone, "Normal")["nr_free_pages"]
        zone.result("alloc", order=0, migratetype="UNMOVABLE", zone="Normal", count=free - 100)
        memory = {"anon": True, "owner": READER, "zone": "Movable"}
        zone.result("alloc", order=0, migratetype="MOVABLE", count=1096, **memory)
        yield zone


def numbers(zone: Zone, name: str) -> dict[str, int]:
    """The counters of one zone of the node."""
    found: dict[str, int] = zone.look()["zones"][name]["counters"]
    return found


def shows(page: ZonePage, name: str) -> None:
    """That zone's tab is chosen, and books, lists and map are of it, number by number."""
    expect(page.at(f"zone-{name}")).to_have_attribute("aria-selected", "true")
    look = page.zone.look()["zones"][name]
    for book in BOOKS:
        expect(page.at(f"book-{book}")).to_have_text(grouped(look["counters"][book]))
    page.show_numbers()
    for order, n in enumerate(look["nr_free"]):
        expect(page.at(f"nr_free-{order}")).to_have_text(grouped(n))


def tell_of_every_zone(page: ZonePage, *names: str) -> None:
    """All tabs say what the service counts, whichever is chosen."""
    for name in names:
        free = numbers(page.zone, name)["nr_free_pages"]
        expect(page.at(f"zone-free-{name}")).to_have_text(f"{grouped(free)} free")


def configure(page: ZonePage) -> None:
    page.at("zone-button").click()
    page.at("open-configure").click()


def test_a_node_is_made_in_the_dialog_and_each_zone_has_a_tab(zone: Zone, show: Show) -> None:
    page = show(zone)
    expect(page.at("node")).to_be_hidden()
    configure(page)
    page.at("kind-node").check()
    page.at("preset-Normal-Movable").click()
    page.at("zone-add").click()
    page.at("configure-go").click()
    expect(page.at("zones-error")).to_contain_text("in the order DMA, DMA32, Normal")
    expect(page.at("zone-kind").nth(2)).to_be_focused()
    assert_accessible(page, "#configure-dialog")
    page.at("zone-remove").nth(2).click()
    page.at("zone-mib").nth(1).fill("0")
    page.at("configure-go").click()
    expect(page.at("zones-error")).to_contain_text("at least 1")
    expect(page.at("zone-mib").nth(1)).to_have_attribute("aria-invalid", "true")
    page.at("zone-mib").nth(1).fill("16")
    page.at("configure-cma").fill("4096+512")
    page.at("configure-go").click()
    expect(page.page.locator('.error[data-field="cma"]')).to_contain_text("multiples of 1024")
    page.at("configure-cma").fill("4096+1024")
    page.at("configure-holes").fill("7168+oops")
    page.at("configure-go").click()
    expect(page.page.locator('.error[data-field="holes"]')).not_to_be_empty()
    page.at("configure-holes").fill("7168+100")
    page.at("configure-cpus").fill("2")
    page.at("configure-go").click()
    expect(page.at("zone-button")).to_have_text("2 zones · 32 MiB")
    config = zone.look()["state"]["config"]
    assert (config["cma"], config["holes"], config["pcp"]["cpus"]) == (
        [[4096, 1024]],
        [[7168, 100]],
        2,
    )
    page.at("alloc-button").click()
    page.at("alloc-cpu").select_option("1")
    before = page.op
    page.at("alloc-go").click()
    page.until_op(before + 2)
    assert zone.look()["node"]["cpu"] == 1
    page.press("Escape")
    shows(page, "Movable")
    page.at("zone-Normal").click()
    shows(page, "Normal")
    tell_of_every_zone(page, "Normal", "Movable")

    page.at("zone-Movable").click()
    shows(page, "Movable")
    page.pick(9)
    page.says(15, "Movable")
    page.press("z")
    shows(page, "Normal")
    page.selected("No block selected")
    page.at("zone-Normal").focus()
    page.press("ArrowRight")
    expect(page.at("zone-Movable")).to_be_focused()
    shows(page, "Movable")
    page.selected("Block 9")

    configure(page)
    page.at("kind-zone").check()
    page.at("configure-go").click()
    expect(page.at("node")).to_be_hidden()
    expect(page.at("zone-Movable")).to_have_count(0)


def test_all_that_shows_blocks_has_the_nodes_numbers(service: Service, show: Show) -> None:
    with full_node(service) as zone:
        page = show(zone)
        # What lands in another zone is seen there.
        page.at("alloc-button").click()
        page.at("alloc-count").fill("2")
        page.at("alloc-zone").select_option("Movable")
        page.at("alloc-anon").select_option("anon")
        page.at("alloc-go").click()
        expect(page.at("notice")).to_contain_text("of Movable.")
        expect(page.at("zone-Movable")).to_have_attribute("aria-selected", "true")
        page.press("Escape")

        # Keys are for what is drawn, and the zone that was chosen is still on its way.
        page.until_begins(8)
        page.page.locator("#map-plot").focus()
        page.press("Home")
        page.selected("Block 8")
        page.press("End")
        page.selected("Block 15")
        page.press("p")
        expect(page.at("map-where")).to_have_text("PFN 7\u202f680–8\u202f191")
        expect(page.at("pages-level")).to_have_attribute("data-block", "15")
        page.press("Home")
        page.press("End")
        expect(page.at("map-readout")).to_contain_text("PFN 8\u202f191")
        keys = page.at("pages-key")
        taken = next(block for block in range(8, 16) if zone.block(block)["lru"])
        page.press("Escape")
        page.pick(taken)
        page.press("p")
        expect(keys).to_contain_text("on the LRU, anonymous")
        page.press("Escape")

        page.at("map-shape").click()
        rows = page.at("map-table").locator("tbody tr")
        expect(rows).to_have_count(8)
        expect(rows.first).to_contain_text("8")
        page.at("map-shape").click()
        pfns = zone.result("list", zone="Movable", order=10, migratetype="MOVABLE", offset=0)
        page.show_numbers()
        page.at("list-MOVABLE-10").click()
        expect(page.at("pfns").locator("button").first).to_have_text(str(pfns["pfns"][0]))

        expect(page.page).to_have_url(re.compile(r"zone=Movable&blocks=\d+"))
        page.page.reload()
        page.until_live()
        shows(page, "Movable")
        page.selected(f"Block {taken}")


def test_a_livelock_is_told_with_who_sleeps_and_what_fooled_them(
    service: Service, show: Show
) -> None:
    with full_node(service) as zone:
        page = show(zone)
        asleep = "Movable 3\u202f000 > LOW 40, Normal 100 > LOW 40 (no lowmem_reserve asked)."
        expect(page.at("kswapd-state")).to_have_text("kswapd sleeps")
        expect(page.at("kswapd-because")).to_have_text(asleep)
        expect(page.at("last-request")).to_have_text("The last request got its page at once.")
        expect(page.at("kswapd-step")).to_have_attribute("aria-disabled", "true")

        page.at("zone-Movable").click()
        shows(page, "Movable")
        page.click(8)
        page.click(15, "Shift")
        page.selected("Blocks 8–15")
        page.at("together").check()
        listen(page)
        page.act("offline")
        notice = page.at("notice").filter(has_text="It never returns")
        expect(notice).to_contain_text("Movable counts 3000 pages free and can give 0")
        expect(page.at("kswapd-because")).to_have_text(asleep)
        expect(page.at("last-request")).to_have_text(
            "Livelock: Movable counts 3\u202f000 free and can give 0, kswapd sleeps, "
            "and direct reclaim loops for ever."
        )
        until_heard(page, "Livelock: Movable counts 3000 free and can give 0, kswapd sleeps")
        expect(page.at("zone-words-Movable")).to_have_text(
            "above HIGH · 3\u202f000 cannot be given"
        )
        shows(page, "Movable")

        page.press("q")
        expect(page.at("would-answer")).to_have_text("Only if reclaim finds a page")
        expect(page.at("would-Movable")).to_contain_text("3000 > LOW 40")
        normal = page.at("would-Normal").locator('tr[data-holds="false"]').first
        expect(normal).to_contain_text("✕ fails")
        expect(normal).to_contain_text("100 ≤ LOW 40 + lowmem_reserve 128 = 168")
        assert_accessible(page)
        zone.result("oom_kill")
        expect(page.at("would-at")).to_contain_text(grouped(zone.look()["op"]))
        page.at("tab-reclaim").click()
        expect(page.at("reclaim-request")).to_contain_text("1 OOM kill, the last of process 1.")
        assert_accessible(page, "#drawer")


def test_kswapd_steps_gives_up_and_is_told_why(service: Service, show: Show) -> None:
    with full_node(service) as zone:
        page = show(zone)
        zone.result("alloc", order=0, migratetype="UNMOVABLE", zone="Normal", count=62)
        expect(page.at("kswapd-state")).to_have_text("kswapd is awake")
        task = "Order 0, up to Normal, priority 12 of 12."
        expect(page.at("kswapd-because")).to_have_text(f"Normal 38 ≤ LOW 40. {task}")
        expect(page.at("zone-words-Normal")).to_have_text("▼ below LOW")
        page.at("reclaim-more").click()
        given_up = page.at("reclaim-given_up-Normal")
        expect(given_up).to_have_text("no")
        expect(page.at("give-up-rule")).to_contain_text("when kswapd has set all_unreclaimable")
        page.at("kswapd-step").click()
        expect(page.at("kswapd-because")).to_contain_text("Step: 0 pages reclaimed")
        expect(given_up).to_have_text("yes")
        expect(page.at("zone-words-Normal")).to_have_text("▼ below LOW · given up")

        page.at("min-free-kbytes").fill("-1")
        page.at("min-free-write").click()
        expect(page.at("reclaim-error")).to_contain_text("at least 0")
        page.at("min-free-kbytes").fill("512")
        page.at("min-free-write").click()
        expect(page.at("reclaim-said")).to_contain_text("Normal: MIN 64, LOW 80, HIGH 96")
        expect(page.at("reclaim-watermark_high-Movable")).to_have_text("96")

        zone.result("model", model="v6.1", again="reset", confirm=True)
        expect(page.at("give-up-rule")).to_contain_text("A stand-in")


def test_a_bare_zone_is_asked_too_and_the_menu_of_requests_leads_there(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    page.at("alloc-button").click()
    expect(page.at("alloc-zone")).to_be_hidden()
    page.at("alloc-order").fill("8")
    page.at("alloc-would").click()
    expect(page.at("would-answer")).to_have_text("Yes, at once")
    expect(page.at("would-order")).to_have_value("8")
    expect(page.at("would-zone")).to_be_hidden()
    zone.result("alloc", order=8, migratetype="MOVABLE", count=8)
    expect(page.at("would-answer")).to_have_text("No")
    page.at("would-order").fill("9")
    expect(page.at("would-error")).to_contain_text("0 … 8")
    expect(page.at("tab-reclaim")).to_be_hidden()


def test_a_node_fits_a_phone_and_a_projector(service: Service, show: Show) -> None:
    with full_node(service) as zone:
        zone.result("offline", blocks=[[8, 15]], together=True)
        page = show(zone, viewport=PHONE, phone=True)
        page.at("zone-Movable").click()
        expect(page.at("last-request")).to_contain_text("Livelock")
        assert_nothing_overflows(page)
        page.at("reclaim-more").click()
        expect(page.at("reclaim-request")).to_contain_text("never returns")
        assert_nothing_overflows(page)
        assert_accessible(page)
        wide = show(zone, viewport=PROJECTOR, scheme="dark")
        expect(wide.at("last-request")).to_contain_text("Livelock")
        assert_nothing_overflows(wide)


def test_the_livelock_is_a_story_and_another_kernel_tells_it_otherwise(
    zone: Zone, show: Show
) -> None:
    page = show(zone)
    say, tab = page.at("stage-say"), page.at("zone-Movable")
    zone.result("demonstrate", scenario="livelock", confirm=True)
    zone.result("pause")
    zone.result("step", n=3)
    expect(say).to_contain_text("livelock: the request loops in direct reclaim for ever")
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(page.at("book-nr_free_pages")).to_have_text(grouped(3000))
    expect(page.at("book-usable")).to_have_text("0")
    zone.result("model", model="v3.8", confirm=True)
    zone.result("pause")
    zone.result("step", n=1)
    expect(say).to_contain_text("1037 pages migrated; 4096 pages offline")
    expect(page.at("book-nr_free_pages")).to_have_text("0")
