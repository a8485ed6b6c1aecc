"""The page without a pointer: the whole story by keys, focus in sight and never lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage

ALONE = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}
TABS_AT_MOST = 120


def tab_to(page: ZonePage, test_id: str, *, back: bool = False) -> None:
    """Go on by Tab until that has the focus, which is in sight at every stop."""
    for _ in range(TABS_AT_MOST):
        page.press("Shift+Tab" if back else "Tab")
        here = page.page.evaluate(_FOCUS)
        assert here["outlined"], f"no outline on {here}"
        if here["id"] == test_id:
            return
    raise AssertionError(f"{test_id} cannot be reached by Tab")


def focused(page: ZonePage) -> str:
    return str(page.page.evaluate(_FOCUS)["id"])


# The body has the focus between the last stop and the first.
_FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  return {
    id: element.dataset.testid ?? element.id ?? '',
    tag: element.tagName,
    words: element.textContent.slice(0, 40),
    outlined: element === document.body
      || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1),
  };
}"""


def to_the_map(page: ZonePage) -> None:
    page.press("Tab")
    expect(page.page.locator(".skip")).to_be_focused()
    page.press("Enter")
    expect(page.page.locator("#map-plot")).to_be_focused()


def to_list(page: ZonePage, order: int) -> None:
    """The free lists' table is one stop of Tab: arrows lead to a cell."""
    tab_to(page, "list-UNMOVABLE-0")
    page.press("ArrowDown", 2)
    page.press("ArrowRight", order)
    assert focused(page) == f"list-MOVABLE-{order}"


def test_the_story_by_keys_alone(service: Service, show: Show) -> None:
    with service.session(**ALONE) as zone:
        page = show(zone)
        to_the_map(page)
        page.press("Home")
        page.press("ArrowRight", 2)
        page.selected("Block 2")
        for key, verb in (
            ("l", "Fill"), ("i", "Isolate"), ("f", "Free"), ("x", "Offline"), ("n", "Online"),
        ):  # fmt: skip
            before = zone.look()["op"]
            # A key is heard once the preview says that the verb applies.
            expect(page.at(f"verb-{verb.lower()}")).to_have_attribute("aria-disabled", "false")
            page.press(key)
            page.told(f"{verb}, Block 2")
            assert zone.look()["op"] > before
            expect(page.page.locator("#map-plot")).to_be_focused()
        page.press("ArrowRight")
        page.press("Shift+ArrowRight", 2)
        page.selected("Blocks 3–5")
        page.press("ArrowDown")
        page.press(" ")
        page.selected("No block selected")
        page.agrees()


def test_each_menu_opens_and_gives_the_focus_back(zone: Zone, show: Show) -> None:
    page = show(zone)
    for name in ("zone", "model", "rate", "view"):
        tab_to(page, f"{name}-button")
        page.press("Enter")
        expect(page.at(f"{name}-menu")).to_be_visible()
        page.press("Tab")
        assert page.page.evaluate("document.activeElement.closest('[popover]') !== null")
        page.press("Escape")
        expect(page.at(f"{name}-menu")).to_be_hidden()
        assert focused(page) == f"{name}-button"


def test_a_rate_is_chosen_by_arrows_and_a_theme_too(zone: Zone, show: Show) -> None:
    page = show(zone)
    op = page.op
    tab_to(page, "rate-button")
    page.press("Enter")
    page.press("Tab")
    rate = zone.look()["state"]["run"]["rate"]
    assert focused(page) == f"rate-{rate}"
    page.press("ArrowRight")
    page.press("End")
    assert focused(page) == "rate-flat-out"
    page.press("ArrowLeft", 2)
    page.press("Enter")
    expect(page.at("rate-button")).to_contain_text("50\u202f000")
    page.press("Escape")
    tab_to(page, "view-button")
    page.press("Enter")
    page.press("Tab", 2)
    page.press("ArrowRight")
    expect(page.page.locator("html")).to_have_attribute("data-theme", "dark")
    page.press("Escape")
    assert page.op == op == zone.look()["op"], "an arrow in a menu is no step"


def test_another_kernel_by_keys(zone: Zone, show: Show) -> None:
    page = show(zone)
    tab_to(page, "model-button")
    page.press("Enter")
    page.press("Tab")
    assert focused(page) == "model-v3.5"
    page.press("ArrowDown", 6)
    assert focused(page) == "model-minchan-v2"
    page.press("Enter")
    expect(page.at("model-button")).to_have_text("minchan-v2")
    expect(page.at("model-button")).to_be_focused()


def test_another_zone_by_keys_and_a_refusal_leads_to_its_field(zone: Zone, show: Show) -> None:
    page = show(zone)
    tab_to(page, "zone-button")
    page.press("Enter")
    tab_to(page, "open-configure")
    page.press("Enter")
    dialog = page.at("configure-dialog")
    expect(dialog).to_be_visible()
    name = dialog.locator('input[name="zone"]')
    name.focus()
    page.press("ControlOrMeta+a")
    page.page.keyboard.type("DMA 32")
    page.press("Enter")
    expect(dialog.locator('[data-field="zone"]')).not_to_be_empty()
    expect(name).to_be_focused()
    page.press("ControlOrMeta+a")
    page.page.keyboard.type("DMA32")
    page.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.at("zone-button")).to_contain_text("DMA32")
    assert focused(page) == "zone-button"


def test_pages_are_asked_for_by_keys(zone: Zone, show: Show) -> None:
    page = show(zone)
    to_the_map(page)
    page.press("a")
    expect(page.at("alloc-order")).to_be_focused()
    allocated = zone.counters()["allocated"]
    page.press("Enter")
    page.until_op(zone.look()["op"])
    expect(page.at("notice")).to_contain_text("PFN")
    assert zone.counters()["allocated"] > allocated
    page.press("Escape")
    expect(page.at("alloc-menu")).to_be_hidden()
    expect(page.page.locator("#map-plot")).to_be_focused()
    page.at("notice").locator("button").focus()
    page.press("Enter")
    expect(page.at("notice")).to_have_count(0)
    expect(page.page.locator("#map-plot")).to_be_focused()


def test_the_drawers_tabs_are_one_stop_and_turn_by_arrows(zone: Zone, show: Show) -> None:
    page = show(zone)
    op = page.op
    tab_to(page, "steps-button")
    page.press("Enter")
    expect(page.at("tab-steps")).to_be_focused()
    tabs = page.page.locator('#drawer [role="tab"]')
    for key, name in (
        ("ArrowRight", "why"), ("ArrowRight", "ledger"), ("Home", "steps"), ("ArrowRight", "why"),
    ):  # fmt: skip
        page.press(key)
        expect(page.at(f"tab-{name}")).to_be_focused()
        expect(page.at(f"tab-{name}")).to_have_attribute("aria-selected", "true")
        stops = tabs.evaluate_all("(all) => all.filter((tab) => tab.tabIndex === 0).length")
        assert stops == 1
    page.press("Tab")
    expect(page.at("drawer-close")).to_be_focused()
    page.press("Enter")
    expect(page.at("drawer")).to_be_hidden()
    expect(page.at("steps-button")).to_be_focused()
    assert page.op == op == zone.look()["op"]


def test_a_list_is_opened_read_and_left_by_keys(zone: Zone, show: Show) -> None:
    page = show(zone)
    tab_to(page, "lists-shape")
    page.press("Enter")
    expect(page.at("lists-table")).to_be_visible()
    order = next(o for o in range(9) if zone.listed(o, "MOVABLE"))
    to_list(page, order)
    page.press("Enter")
    expect(page.at("tab-list")).to_be_focused()
    first = page.at("pfns").locator("button").first
    expect(first).to_have_text(str(zone.listed(order, "MOVABLE")[0]))
    tab_to(page, "pfn-order")
    tab_to(page, "")
    expect(first).to_be_focused()
    page.press("Enter")
    page.selected(f"Block {zone.listed(order, 'MOVABLE')[0] // 128}")
    expect(first).to_be_focused()
    zone.result("alloc", order=0, migratetype="MOVABLE", count=1)
    page.until_op(zone.look()["op"])
    assert page.page.evaluate("document.activeElement !== document.body")
    page.press("Escape")
    expect(page.at(f"list-MOVABLE-{order}")).to_be_focused()


def test_a_table_scrolls_by_keys_and_the_zone_stands_still(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        op = page.op
        tab_to(page, "map-shape")
        page.press("Enter")
        table = page.at("map-table")
        expect(table.locator("tbody tr")).to_have_count(128)
        tab_to(page, "map-table", back=True)
        page.press("PageDown")
        page.page.wait_for_function(
            "() => document.querySelector('[data-testid=\"map-table\"]').scrollTop > 0"
        )
        page.press(" ")
        assert page.op == op == zone.look()["op"]
        expect(page.at("play")).to_have_attribute("aria-label", "Run")


def test_the_map_zooms_by_keys_where_the_keyboard_stands(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        rate = zone.look()["state"]["run"]["rate"]
        size = page.cell_pixels()
        to_the_map(page)
        page.press("End")
        page.press("+")
        page.until_larger(size * 1.5)
        page.press("0")
        page.page.wait_for_function(
            "(most) => document.querySelector('#map-plot')._fullLayout.xaxis.d2p(1) < most",
            arg=size * 3,
        )
        assert zone.look()["state"]["run"]["rate"] == rate


def test_pages_of_a_block_are_entered_and_left_by_keys(zone: Zone, show: Show) -> None:
    page = show(zone)
    to_the_map(page)
    page.press("End")
    page.press("p")
    expect(page.at("pages-plot")).to_be_focused()
    page.press("ArrowRight")
    page.press("Escape")
    expect(page.page.locator("#map-plot")).to_be_focused()
    page.selected("Block 15")


def test_the_help_names_every_key_and_gives_the_focus_back(zone: Zone, show: Show) -> None:
    page = show(zone)
    to_the_map(page)
    page.press("?")
    help_dialog = page.at("help-dialog")
    expect(help_dialog).to_be_visible()
    terms = help_dialog.locator("dt").all_inner_texts()
    for key in ("Space", "→", "+ −", "?", "Esc", "0", "p", "a", "i", "u", "f", "l", "x", "n"):
        assert key in terms
    page.press("Escape")
    expect(page.page.locator("#map-plot")).to_be_focused()


def test_keys_run_pause_step_and_can_be_switched_off(zone: Zone, show: Show) -> None:
    page = show(zone)
    op = page.op
    page.press("ArrowRight")
    page.until_op(op + 1)
    page.press(" ")
    expect(page.at("play")).to_have_attribute("aria-label", "Pause")
    page.press(" ")
    expect(page.at("play")).to_have_attribute("aria-label", "Run")
    tab_to(page, "view-button")
    page.press("Enter")
    for _ in range(TABS_AT_MOST):
        page.press("Tab")
        if focused(page) == "keys-on":
            break
    page.press(" ")
    page.press("Escape")
    page.page.evaluate("document.activeElement.blur()")
    still = zone.look()["op"]
    page.press("ArrowRight")
    page.press("?")
    expect(page.at("help-dialog")).to_be_hidden()
    assert zone.look()["op"] == still


def test_while_the_zone_runs_no_button_loses_the_focus(zone: Zone, show: Show) -> None:
    page = show(zone)
    zone.result("rate", ops_per_second=2000)
    tab_to(page, "lists-shape")
    page.press("Enter")
    to_list(page, next(o for o in range(9) if zone.listed(o, "MOVABLE")))
    page.press("Enter")
    page.at("pfns").locator("button").first.focus()
    zone.result("run")
    op = page.op
    for _ in range(4):
        page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=op)
        op = page.op
        text = page.at("pfn-words").inner_text()
        page.page.wait_for_function(
            "(text) => document.querySelector('[data-testid=\"pfn-words\"]').textContent !== text",
            arg=text,
        )
        assert page.page.evaluate("document.activeElement.closest('#drawer') !== null")
    zone.result("pause")
    assert re.match(r"\d", page.at("pfn-words").inner_text())
