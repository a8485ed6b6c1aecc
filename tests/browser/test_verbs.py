"""Verbs: what one would do, why it cannot apply, what the kernel refused; keys; many blocks."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone

ALONE = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}
ALL_FREE = 2


def types(zone: Zone, block: int) -> list[str]:
    return list(zone.block(block)["migratetypes"])


def test_a_verb_that_cannot_apply_is_grey_and_says_why(zone: Zone, show: Show) -> None:
    page = show(zone)
    for verb in ("isolate", "unisolate", "free", "fill", "offline", "online", "pin", "unpin"):
        expect(page.at(f"verb-{verb}")).to_have_attribute("aria-disabled", "true")
    page.told("Click a block on the map")
    page.pick(ALL_FREE)
    op = page.op
    for verb, reason in (
        ("unisolate", "no ISOLATE pageblock here"),
        ("free", "no page in use"),
        ("online", "not all pages here are offline"),
        ("unpin", "no pinned page here"),
    ):
        button = page.at(f"verb-{verb}")
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("title", reason)
        button.hover()
        page.told(f"Not now: {reason}")
        button.click(force=True)
    assert page.op == op == zone.look()["op"]
    for verb in ("isolate", "fill", "offline"):
        expect(page.at(f"verb-{verb}")).to_have_attribute("aria-disabled", "false")


def test_a_preview_speaks_of_the_newest_operation_and_acting_applies_to_now(
    service: Service, show: Show
) -> None:
    with service.session(**ALONE) as zone:
        page = show(zone)
        page.pick(ALL_FREE)
        page.at("play").click()
        page.at("verb-isolate").hover()
        words = page.at("block-words")
        expect(words).to_contain_text("applies to now")
        first = re.search(r"operation ([\d\u202f]+)", words.inner_text())
        assert first is not None
        expect(words).not_to_contain_text(f"operation {first[1]};")
        expect(words).to_contain_text("applies to now")
        page.act("isolate")
        page.told("Applied to now, operation")
        page.pause()
        assert types(zone, ALL_FREE) == ["ISOLATE"]


def test_the_kernels_refusal_is_told_in_words_and_is_an_operation(zone: Zone, show: Show) -> None:
    zone.result("fill", blocks=[ALL_FREE], order=0, migratetype="UNMOVABLE")
    full = ALL_FREE
    page = show(zone)
    page.pick(full)
    page.at("verb-isolate").hover()
    page.told("EBUSY")
    op = page.op
    page.act("isolate")
    page.told(f"Isolate, Block {full}: ", "EBUSY", "a page in use cannot be moved away")
    page.until_op(op + 1)
    page.agrees()
    assert "ISOLATE" not in types(zone, full)


def test_pinned_pages_are_not_freed_until_unpinned(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.pick(ALL_FREE)
    page.act("fill")
    page.told("Fill, Block 2")
    page.act("pin")
    page.told("Pin, Block 2")
    page.says(ALL_FREE, "pinned pages")
    free = page.at("verb-free")
    expect(free).to_have_attribute("title", "all pages in use are pinned")
    free.click(force=True)
    page.told("Not now: all pages in use are pinned")
    assert zone.block(ALL_FREE)["allocated"] == 128
    page.act("unpin")
    page.told("Unpin, Block 2")
    page.act("free")
    page.told("Free, Block 2", "freed")
    assert zone.block(ALL_FREE)["free"] + zone.block(ALL_FREE)["pcp"] == 128
    page.agrees()


def test_a_block_that_went_with_its_neighbour_is_refused_in_words(zone: Zone, show: Show) -> None:
    """Blocks 2 and 3 are one chunk: offlining the first takes both."""
    page = show(zone)
    page.click(2)
    page.click(3, "Shift")
    page.selected("Blocks 2–3")
    page.act("offline")
    page.told("1 of 2 done, 1 refused", "256 pages offline", "Block 3: pfn 384 is offline already")
    page.says(3, "offline")
    page.agrees()


def test_a_type_can_be_set_and_the_lists_follow(service: Service, show: Show) -> None:
    with service.session(**ALONE) as zone:
        page = show(zone)
        page.pick(ALL_FREE)
        page.at("verb-set_block_type").select_option("CMA")
        page.told("Set CMA, Block 2")
        page.says(ALL_FREE, "CMA")
        page.agrees()
        assert page.number("book-cma") == 128


def test_allocated_pages_light_up_where_the_allocator_put_them(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.at("alloc-button").click()
    page.at("alloc-order").fill("3")
    page.at("alloc-type").select_option("RECLAIMABLE")
    page.at("alloc-go").click()
    expect(page.at("block-name")).not_to_have_text("No block selected")
    page.agrees()
    last = zone.result("steps", last=1)["operations"][0]
    pfn = re.search(r"pfn (\d+)", last["words"])
    assert pfn is not None
    page.selected(f"Block {int(pfn[1]) // 128}")


def test_a_request_that_cannot_wait_has_its_block_set_aside(service: Service, show: Show) -> None:
    with service.session(**ALONE, model="v6.1") as zone:
        page = show(zone)
        page.at("alloc-button").click()
        page.at("alloc-order").fill("2")
        page.at("alloc-type").select_option("UNMOVABLE")
        page.at("alloc-atomic").select_option("atomic")
        page.at("alloc-go").click()
        expect(page.at("block-facts")).to_contain_text("HighAtomic")
        assert zone.lists()["HIGHATOMIC"] != [0] * len(zone.lists()["HIGHATOMIC"])
        page.agrees()


def test_keys_act_on_the_focused_block(service: Service, show: Show) -> None:
    with service.session(**ALONE) as zone:
        page = show(zone)
        page.pick(ALL_FREE)

        def key(name: str, verb: str, said: str) -> None:
            expect(page.at(f"verb-{verb}")).to_have_attribute("aria-disabled", "false")
            page.press(name)
            page.told(said)

        key("l", "fill", "Fill, Block 2")
        key("i", "isolate", "Isolate, Block 2")
        assert types(zone, ALL_FREE) == ["ISOLATE"]
        key("u", "unisolate", "Un-isolate, Block 2")
        assert types(zone, ALL_FREE) == ["MOVABLE"]
        key("f", "free", "Free, Block 2")
        key("x", "offline", "Offline, Block 2")
        assert zone.counters()["offline"] == 128
        key("n", "online", "Online, Block 2")
        assert zone.counters()["offline"] == 0
        page.agrees()


def test_space_runs_and_pauses_and_an_arrow_steps(zone: Zone, show: Show) -> None:
    page = show(zone)
    op = page.op
    page.press("ArrowRight")
    page.until_op(op + 1)
    page.press("Space")
    expect(page.at("play")).to_have_attribute("aria-label", "Pause")
    page.press("Space")
    expect(page.at("play")).to_have_attribute("aria-label", "Run")
    rate = zone.look()["state"]["run"]["rate"]
    page.press("+")
    expect(page.at("rate-button")).not_to_have_text(f"{rate} ops/s")
    assert zone.look()["state"]["run"]["rate"] > rate


def test_keys_are_off_while_typing_and_can_be_switched_off(zone: Zone, show: Show) -> None:
    page = show(zone)
    page.pick(ALL_FREE)
    page.at("workload-button").click()
    field = page.at("workload-form").locator('input[name="orders"]')
    field.fill("")
    field.press_sequentially("8 1 ixn? ")
    field.press("ArrowRight")
    expect(field).to_have_value("8 1 ixn? ")
    page.press("Escape")

    page.at("view-button").click()
    page.page.locator("#keys-on").uncheck()
    page.press("Escape")
    page.click(ALL_FREE)
    page.press("i")
    page.page.locator("h1").click()
    page.press("Space")
    page.press("ArrowRight")
    # A command of which the answer is known to have come after all that might have been sent.
    page.at("verb-drain").click()
    page.told("Drain pcp")
    steps = zone.result("steps", last=2)["operations"]
    assert [step["kind"] for step in steps][-1] == "drain"
    assert types(zone, ALL_FREE) == ["MOVABLE"]
    assert zone.look()["state"]["run"]["running"] is False
    expect(page.at("help-dialog")).to_be_hidden()


def test_a_workload_that_cannot_be_is_refused_at_its_field(zone: Zone, show: Show) -> None:
    page = show(zone)
    before = zone.look()["state"]["workload"]
    page.at("workload-button").click()
    form = page.at("workload-form")
    field = form.locator('input[name="orders"]')
    field.fill("0 0")
    form.locator("button[type=submit]").click()
    expect(page.at("workload-error")).to_contain_text("some weight must be above 0")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert zone.look()["state"]["workload"] == before


def test_a_verb_on_many_blocks_shows_its_progress_and_can_be_stopped(
    service: Service, show: Show
) -> None:
    with service.session(spanned_pages=4 * 65536, pageblock_order=2) as zone:
        page = show(zone)
        page.click(0)
        page.press("Home")
        page.press("Shift+End")
        page.selected("Blocks 0–65535")
        op = page.op
        page.act("isolate")
        bar = page.at("block-progress")
        expect(bar).to_be_visible()
        page.page.wait_for_function(
            "() => Number(document.querySelector('[data-testid=\"block-progress\"]').value) > 0"
        )
        page.at("block-cancel").click()
        expect(bar).to_be_hidden()
        done = zone.look()["op"] - op
        assert 0 < done < 65536
        page.until_op(op + done)
        page.told(f"after {done} of 65536", "What was done stays done")
        page.at("play").click()
        page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=op + done)
        page.pause()
