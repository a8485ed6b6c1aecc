"""Going back and on in the page: by keys, buttons, scrubber and a number; every panel at the same
moment; undo and redo; branches."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Zone
from tests.browser.zonepage import ZonePage, grouped

BLOCK = 2


@pytest.fixture
def page(zone: Zone, show: Show) -> ZonePage:
    """A zone in which two hundred operations have been, at rest."""
    zone.result("step", n=200)
    page = show(zone)
    page.agrees()
    return page


def words(page: ZonePage) -> Any:
    return page.at("time-words")


def test_keys_and_buttons_go_operation_by_operation(page: ZonePage) -> None:
    last = page.op
    page.press("ArrowLeft", 3)
    page.until_op(last - 3)
    expect(words(page)).to_have_text("3 follow")
    page.agrees()
    page.at("time-back").click()
    page.until_op(last - 4)
    page.press("ArrowRight")
    page.until_op(last - 3)
    page.at("time-on").click()
    page.until_op(last - 2)
    page.press("Home")
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) < op", arg=last - 100)
    page.until_op(page.zone.look()["op"])
    expect(page.at("time-back")).to_have_attribute("aria-disabled", "true")
    page.agrees()
    page.press("End")
    page.until_op(last)
    expect(words(page)).to_have_text("now")
    page.agrees()
    # What follows the last is a new one.
    page.press("ArrowRight")
    page.until_op(last + 1)


def test_writes_are_done_and_taken_back_one_by_one(page: ZonePage) -> None:
    """Amid an operation a chunk is between two lists; the map, the words and Steps say so."""
    zone = page.zone
    pfn = zone.result("alloc", order=4, migratetype="MOVABLE")["pfns"][0]
    last = zone.result("free", pfns=[pfn])["op"]
    page.until_op(last)
    page.at("steps-button").click()
    steps = page.at("operation").first.locator("li")
    expect(steps.first).to_contain_text("in use → in no chunk")
    count = steps.count()
    for step in range(count - 1, 0, -1):
        page.press("Shift+ArrowLeft")
        expect(words(page)).to_contain_text(f"write {step} of {count}")
        expect(page.at("operation").first.locator("li.undone")).to_have_count(count - step)
    expect(words(page)).to_contain_text("16 pages between two places")
    expect(page.at("books")).to_contain_text(f"Amid operation {grouped(last)}")
    page.press("Shift+ArrowLeft")
    page.until_op(last - 1)
    page.agrees()
    page.press("Shift+ArrowRight", count)
    expect(words(page)).to_have_text("now")
    page.until_op(last)
    page.agrees()


def test_the_scrubber_goes_anywhere_and_every_panel_with_it(page: ZonePage) -> None:
    last = page.op
    scrubber = page.at("time-scrubber")
    box = scrubber.bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    for share in (0.4, 0.2, 0.7, 0.5):
        page.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    page.page.mouse.up()
    first = int(scrubber.get_attribute("min") or "-1")
    # The places where the hand was before are farther off.
    page.page.wait_for_function(
        "([op, near]) => Math.abs(Number(document.body.dataset.op) - op) < near",
        arg=[(first + last) / 2, (last - first) * 0.09],
    )
    expect(words(page)).to_contain_text("follow")
    page.agrees()
    assert scrubber.input_value() == str(page.op)


def test_one_goes_to_an_operation_by_its_number(page: ZonePage) -> None:
    last = page.op
    page.press("g")
    page.page.keyboard.type(str(last - 17))
    page.press("Enter")
    page.until_op(last - 17)
    page.agrees()
    page.press("g")
    page.page.keyboard.type("1000000000")
    page.press("Enter")
    expect(page.at("notices")).to_contain_text("there is no operation 1000000000 on this branch")
    assert page.op == last - 17


def test_what_a_person_did_is_undone_and_done_again(page: ZonePage) -> None:
    last = page.op
    expect(page.at("undo")).to_have_attribute("aria-disabled", "true")
    page.pick(BLOCK)
    page.act("isolate")
    page.until_op(last + 1)
    expect(page.at("undo")).to_have_attribute("title", f"Undo: isolate pageblock {BLOCK} (Ctrl+Z)")
    page.at("undo").click()
    page.until_op(last)
    page.says(BLOCK, "Movable")
    page.agrees()
    expect(page.at("redo")).to_have_attribute("aria-disabled", "false")
    page.press("Control+Shift+Z")
    page.until_op(last + 1)
    page.says(BLOCK, "Isolate")
    page.press("Control+z")
    page.until_op(last)
    page.agrees()


def test_acting_in_the_past_begins_a_branch_and_nothing_is_lost(page: ZonePage) -> None:
    last = page.op
    page.press("ArrowLeft", 50)
    page.until_op(last - 50)
    page.pick(BLOCK)
    page.act("isolate")
    page.until_op(last - 49)
    expect(page.at("branch-button")).to_have_text("branch 2")
    page.agrees()
    page.at("branch-button").click()
    expect(page.at("branch")).to_have_count(2)
    expect(page.at("branch").nth(1)).to_contain_text(
        f"from main, after operation {grouped(last - 50)}"
    )
    name = page.at("branch-name").nth(1)
    name.fill("block 2 isolated")
    name.press("Enter")
    expect(page.at("branch-button")).to_have_text("block 2 isolated")
    page.at("branch").first.get_by_test_id("branch-go").click()
    page.until_op(last)
    page.agrees()
    expect(page.at("branch-button")).to_have_text("main")
    page.at("branch").nth(1).get_by_test_id("branch-drop").click()
    expect(page.at("branch")).to_have_count(1)


def test_marks_are_gone_to(page: ZonePage) -> None:
    zone = page.zone
    mark = zone.result("isolate", blocks=[BLOCK])["op"]
    zone.result("step", n=30)
    page.until_op(mark + 30)
    page.press("[")
    page.until_op(mark)
    page.press("End")
    page.until_op(mark + 30)
    page.press("]")
    expect(page.at("notices")).to_contain_text("There is no mark after this operation")


def test_playing_in_the_past_goes_over_what_followed(page: ZonePage) -> None:
    last = page.op
    page.press("ArrowLeft", 20)
    page.until_op(last - 20)
    page.at("play").click()
    page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=last + 5)
    page.at("play").click()
    expect(page.at("branch-button")).to_have_text(re.compile("main"))
    page.agrees()


def test_everybody_goes_along(page: ZonePage, zone: Zone, show: Show) -> None:
    other = show(zone, elsewhere=True)
    last = page.op
    page.press("ArrowLeft", 5)
    other.until_op(last - 5)
    other.agrees()
