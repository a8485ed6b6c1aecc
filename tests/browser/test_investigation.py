"""The seed mail's whole story as its reader would check it: run, break it, ask who did it, step
back over the write, try another way on a branch, search backward, keep it, lose the service, go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.service import Service, Zone
from tests.browser.zonepage import ZonePage, grouped

BLOCK = 6
PATCHED: dict[str, Any] = {
    "model": "minchan-v2",
    "spanned_pages": 1024,
    "pageblock_order": 4,
    "max_order": 7,
    "pcp_high": 16,
    "pcp_batch": 4,
}
SAVED_WITHIN_MS = 1100


@pytest.fixture
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that keeps sessions and is killed."""
    store = tmp_path_factory.mktemp("kept") / "sessions.sqlite"
    with Service(ZONESCOPE_STORE=str(store), ZONESCOPE_SPANNED_MIB="4") as up:
        yield up


def broken(page: ZonePage) -> Any:
    return page.at("identity-I1x")


def test_a_wrong_count_is_traced_to_its_write_and_the_case_is_kept(
    keeping: Service, show: Show
) -> None:
    with keeping.session(**PATCHED) as zone:
        page = show(zone)
        page.at("sessions-button").click()
        page.at("keep-name").fill("seed mail")
        page.at("keep").click()
        expect(page.at("session-kept")).to_contain_text("kept as seed mail")
        page.press("Escape")

        # Run, and break it: pages are freed while their block is isolated.
        page.at("play").click()
        page.page.wait_for_function("(op) => Number(document.body.dataset.op) > op", arg=page.op)
        page.pause()
        expect(broken(page)).to_have_text("= I1x holds")
        page.pick(BLOCK)
        isolated = 0
        for verb in ("fill", "isolate", "free"):
            page.act(verb)
            page.told(f"{verb.title()}, Block {BLOCK}")
            isolated = zone.look()["op"] if verb == "isolate" else isolated
        expect(broken(page)).to_have_text("≠ I1x broken")
        last = page.op
        hash_ = zone.look()["hash"]
        verdicts = zone.result("check")["verdicts"]
        wrong = next(one["order"] for one in verdicts if one["identity"] == "I1x")

        # The ledger leads to the first write after which it was so.
        broken(page).click()
        first = page.at("drift").get_by_test_id("change").last
        expect(first).to_contain_text(re.compile(r"free pfn \d+, order 0"))
        broke = int(str(first.get_attribute("data-op")))
        page.at("go-to-break").click()
        page.until_op(broke)
        expect(broken(page)).to_have_text("≠ I1x broken")
        expect(page.at("accounts-sum")).to_contain_text("as the zone has; moved together 0.")

        # Who changed it: the merge counts a page that was never counted, and then the patch's own
        # function rolls back at the order that was freed.
        page.at("tab-why").click()
        page.at("why-thing").select_option(label=f"nr_free[{wrong}]")
        change = page.at("changes").get_by_test_id("change").first
        expect(change).to_contain_text("__free_one_page")
        expect(change).to_have_attribute("data-op", str(broke))
        expect(change).to_have_attribute("aria-current", "step")
        page.at("time-on").click()
        expect(page.at("time-words")).to_have_text(f"{grouped(last - broke)} follow")
        expect(change).to_contain_text("free_one_isolated_page")
        page.at("changes").get_by_test_id("change").nth(1).click()
        expect(page.at("time-words")).to_contain_text("write")

        # One write back it holds still.
        page.at("tab-ledger").click()
        page.at("time-last").click()
        page.until_op(last)
        page.at("go-to-break").click()
        page.until_op(broke)
        page.at("time-step-back").click()
        expect(broken(page)).to_have_text("= I1x holds")
        expect(page.at("time-words")).to_contain_text("write")
        page.at("drawer-close").click()

        # Another way: the block was never isolated. That is a branch.
        for undone in ("free", "isolate"):
            expect(page.at("undo")).to_have_attribute(
                "title", re.compile(f"Undo: {undone} pageblock {BLOCK}")
            )
            page.at("undo").click()
        page.until_op(isolated - 1)
        page.act("free")
        page.told(f"Free, Block {BLOCK}")
        expect(page.at("branch-button")).to_have_text("branch 2")
        expect(broken(page)).to_have_text("= I1x holds")
        other, other_hash = page.op, zone.look()["hash"]

        # The first way is as it was; backward from its end to where it broke.
        page.at("branch-button").click()
        page.at("branch").first.get_by_test_id("branch-go").click()
        page.until_op(last)
        page.press("Escape")
        assert zone.look()["hash"] == hash_
        page.press("b")
        page.at("break-text").fill(f"I1x.broken and nr_free[{wrong}] > -100")
        page.at("break-steps").check()
        page.at("break-back").click()
        expect(page.at("break-words")).to_contain_text(f"nr_free[{wrong}]")
        page.until_op(broke)
        page.press("Escape")
        page.at("note-button").click()
        page.at("note-text").fill("rolled back at the order freed, not at the order merged to")
        page.at("note-write").click()
        expect(page.at("note")).to_have_count(1)
        page.press("Escape")

        # The service is lost, and with it nothing.
        page.page.wait_for_timeout(SAVED_WITHIN_MS)
        page.expect_error("ERR_CONNECTION_REFUSED")
        page.expect_error("WebSocket connection")
        keeping.kill()
        keeping.start()
        expect(page.at("notices")).to_contain_text("seed mail stands where it was kept")
        again = Zone(keeping, "seed mail")
        page = show(again)
        page.until_op(broke)
        expect(broken(page)).to_have_text("≠ I1x broken")
        page.at("note-button").click()
        expect(page.at("note-go")).to_contain_text("rolled back at the order freed")
        page.press("Escape")
        page.at("time-last").click()
        page.until_op(last)
        assert again.look()["hash"] == hash_
        page.at("branch-button").click()
        expect(page.at("branch").nth(1)).to_contain_text(f"after operation {grouped(isolated - 1)}")
        page.at("branch").nth(1).get_by_test_id("branch-go").click()
        expect(page.at("branch-button")).to_have_text("branch 2")
        page.until_op(other)
        assert again.look()["hash"] == other_hash
