"""The seed's story on the page: three demonstrations under each kernel, read off the books."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

MODELS = ("v3.5", "minchan-v1", "minchan-v2")
HELD = "What this model aims at held to the end."
Books = tuple[int, list[int]]


def begin(page: ZonePage, name: str, model: str) -> None:
    """One click for the demonstration, one for the kernel; then it stands before its first step."""
    page.at("demo-button").click()
    page.at(f"demo-{name}").click()
    expect(page.at("stage")).to_be_visible()
    if page.at("model-button").inner_text() != model:
        page.at("model-button").click()
        page.at(f"model-{model}").click()
        page.reads_only("model-button", model)
    to_the_start(page)


def to_the_start(page: ZonePage) -> None:
    """It plays by itself: stop it, and begin again if a step was taken meanwhile."""
    while True:
        if page.at("play").get_attribute("aria-label") == "Pause":
            page.at("play").click()
            page.has("play", "aria-label", "Run")
        if re.fullmatch(r"\d+ steps", page.at("stage-count").inner_text()):
            return
        page.at("stage-again").click()
        expect(page.at("stage-count")).to_have_text(re.compile(r"^\d+ steps$"))


def step(page: ZonePage, number: int) -> None:
    page.at("step").click()
    page.reads("stage-count", f"step {number} of")
    page.until_op(page.zone.look()["op"])


def books(page: ZonePage) -> Books:
    """NR_FREE_PAGES and nr_free as they stand on the page."""
    page.agrees()
    orders = page.page.locator('[data-testid^="nr_free-"]').count()
    return page.number("book-nr_free_pages"), [page.number(f"nr_free-{o}") for o in range(orders)]


def test_freed_into_isolation(zone: Zone, show: Show) -> None:
    told: list[tuple[str, dict[int, Books], str]] = [
        (
            "v3.5",
            {3: (2, [0, 1, 0, 0]), 5: (4, [0, 0, 1, 0]), 6: (4, [0, 0, 1, 0])},
            HELD,
        ),
        (
            "minchan-v1",
            {3: (2, [0, 1, 0, 0]), 5: (4, [0, 0, 1, 0]), 6: (8, [0, 0, 1, 0])},
            "The books parted in step 2, at operation 13. I3: expected 0, got 1 then.",
        ),
        (
            "minchan-v2",
            {3: (0, [-2, 1, 0, 0]), 5: (0, [-4, 0, 1, 0]), 6: (4, [-4, 0, 2, 0])},
            "The books parted in step 3, at operation 14. "
            "I1x at order 0: expected 0, got \u22122 then.",
        ),
    ]
    page = show(zone)
    for model, expected, verdict in told:
        begin(page, "freed-into-isolation", model)
        for number in range(1, 7):
            step(page, number)
            if number in expected:
                assert books(page) == expected[number]
        expect(page.at("stage-books")).to_have_text(verdict)
        assert page.number("book-usable") == 4


def test_offline_and_online_five_times(zone: Zone, show: Show) -> None:
    told: list[tuple[str, list[int], str]] = [
        ("v3.5", [4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4], HELD),
        (
            "minchan-v1",
            [4, -4, 0, -8, -4, -12, -8, -16, -12, -20, -16],
            "The books parted in step 2, at operation 17. I3: expected 0, got \u22124 then.",
        ),
        ("minchan-v2", [4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4], HELD),
    ]
    page = show(zone)
    for model, expected, verdict in told:
        begin(page, "offline-online", model)
        seen = [page.number("book-nr_free_pages")]
        for number in range(1, 16):
            step(page, number)
            if number % 3 != 1:
                seen.append(page.number("book-nr_free_pages"))
        assert seen == expected
        assert page.number("book-usable") == 4
        expect(page.at("stage-books")).to_have_text(verdict)


def test_a_pcp_page_after_isolation(zone: Zone, show: Show) -> None:
    told: list[tuple[str, Books, Books, str]] = [
        ("v3.5", (2, [0, 1, 0, 0]), (2, [0, 1, 0, 0]), HELD),
        (
            "minchan-v1",
            (1, [0, 1, 0, 0]),
            (3, [0, 1, 0, 0]),
            "The books parted in step 3, at operation 15. I3: expected 2, got 1 then.",
        ),
        (
            "minchan-v2",
            (1, [-1, 1, 0, 0]),
            (3, [-1, 2, 0, 0]),
            "The books parted in step 3, at operation 15. "
            "I3: expected 2, got 1; I1x at order 0: expected 0, got \u22121 then.",
        ),
    ]
    page = show(zone, motion="no-preference")
    for model, isolated, back, verdict in told:
        begin(page, "pcp-page", model)
        for number in (1, 2, 3):
            step(page, number)
        assert books(page) == isolated
        assert page.number("book-usable") == 2
        step(page, 4)
        assert books(page) == back
        expect(page.at("stage-books")).to_have_text(verdict)


def test_in_64_pages_every_round_ends_as_the_kernel_was_recorded(zone: Zone, show: Show) -> None:
    page = show(zone)
    for model in MODELS:
        begin(page, "offline-online", model)
        if page.at("stage-vector").get_attribute("aria-checked") != "true":
            page.at("stage-vector").click()
            expect(page.at("stage-vector")).to_have_attribute("aria-checked", "true")
        page.at("stage-to-end").click()
        expect(page.at("stage-count")).to_have_text("step 20 of 20, the end")
        page.at("stage-story").click()
        # After each drain: with the first patch 32 pages less each time, else all 64.
        lost = 32 if model == "minchan-v1" else 0
        for cycle in range(6):
            told = page.at(f"story-{4 * cycle}").locator("td").all_inner_texts()
            assert told[1] == grouped(64 - lost * cycle)
            assert told[3] == "64"
        assert page.number("book-nr_free_pages") == 64 - 5 * lost


def test_in_256_mib_the_same_story_is_told(zone: Zone, show: Show) -> None:
    page = show(zone)
    begin(page, "freed-into-isolation", "minchan-v1")
    page.at("stage-zone").click()
    expect(page.at("zone-button")).to_contain_text("256 MiB")
    page.at("stage-to-end").click()
    expect(page.at("stage-count")).to_have_text("step 5 of 5, the end")
    page.until_op(zone.look()["op"])
    assert page.number("book-nr_free_pages") - page.number("book-usable") == 512
    page.selected("Block 126")


def test_the_running_zone_waits_and_comes_back_as_it_was(service: Service, show: Show) -> None:
    with service.session() as zone:
        page = show(zone)
        page.at("play").click()
        page.page.wait_for_function("() => Number(document.body.dataset.op) > 100")
        page.pause()
        before = zone.look()
        page.at("play").click()
        page.at("demo-button").click()
        page.at("demo-pcp-page").click()
        expect(page.at("stage")).to_be_visible()
        expect(page.at("zone-button")).to_contain_text("8 pages")
        # Left alone it plays to the end; the same button then tells it again.
        page.at("stage-to-end").click()
        expect(page.at("stage-count")).to_contain_text("the end")
        page.at("play").click()
        expect(page.at("stage-count")).not_to_contain_text("the end")
        page.at("stage-end").click()
        expect(page.at("stage")).to_be_hidden()
        expect(page.at("zone-button")).to_contain_text("256 MiB")
        expect(page.at("play")).to_have_attribute("aria-label", "Pause")
        page.pause()
        assert zone.look()["op"] >= before["op"]
        page.agrees()


def test_it_plays_by_itself_while_the_reader_looks(show: Show) -> None:
    with Service(ZONESCOPE_DEMONSTRATION_STEP_MS="60") as quick:
        page = show(quick.default)
        page.at("demo-button").click()
        page.at("demo-freed-into-isolation").click()
        expect(page.at("stage-count")).to_have_text("step 6 of 6, the end")
        expect(page.at("stage-say")).to_contain_text("un-isolated")
        expect(page.at("stage-books")).to_have_text(HELD)
        assert page.number("book-nr_free_pages") == 4


def test_a_second_window_sees_the_story_and_a_late_one_finds_it(zone: Zone, show: Show) -> None:
    page = show(zone)
    begin(page, "pcp-page", "v3.5")
    step(page, 1)
    late = show(zone, elsewhere=True)
    expect(late.at("stage-count")).to_have_text("step 1 of 4")
    assert told(late) == told(page)


def told(page: ZonePage) -> list[Any]:
    return [page.at(name).inner_text() for name in ("stage-say", "stage-look", "stage-books")]
