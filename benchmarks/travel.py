"""Going back in a real browser: how soon after a key each panel shows the other moment, and whether
the scrubber keeps up with the hand over a run of a million operations.

A service and a Chromium of their own, as `page` has them, with Steps open.
"""

from statistics import median
from typing import Any, Final

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks.measure import Figure
from benchmarks.page import CHROMIUM, FLAGS, SCRIPT, VIEWPORT, service, tell

RUNS: Final = 3
SIZES_GIB: Final = (1, 64)
OPERATIONS: Final = 1_000_000
AT_ONCE: Final = 10_000
PRESSES: Final = 15
MOVES: Final = 60
"""Of the hand over the scrubber, in two seconds."""
PAGES_OF_GIB: Final = 262_144


def measure(runs: int = RUNS) -> list[Figure]:
    """Each size in turn, `runs` times."""
    rows: dict[str, list[float]] = {}
    hand: dict[str, list[float]] = {}
    with service() as address:
        for gib in SIZES_GIB:
            ident = _session(address, gib)
            for _ in range(runs):
                found = _run(address, ident)
                for name in ("map and books", "steps", "charts"):
                    rows.setdefault(f"{gib} GiB, {name}", []).append(found[name])
                hand.setdefault(f"{gib} GiB, behind the hand", []).append(found["behind"])
                hand.setdefault(f"{gib} GiB, after the last move", []).append(found["last"])
            httpx.delete(f"{address}/api/v1/sessions/{ident}")
    return [
        Figure(
            "One operation back, from the key to what is on show",
            "ms",
            rows,
            notes=[f"each round is the median of {PRESSES} presses, at {OPERATIONS} operations"],
        ),
        Figure(
            f"The scrubber over {OPERATIONS} operations",
            "ms",
            hand,
            notes=[
                f"{MOVES} moves in two seconds; behind the hand: median from a move to a moment "
                "shown that was asked for then or later"
            ],
        ),
    ]


def _session(address: str, gib: int) -> str:
    config = {"spanned_pages": gib * PAGES_OF_GIB}
    made = httpx.post(f"{address}/api/v1/sessions", json={"config": config}, timeout=300)
    ident = str(made.raise_for_status().json()["id"])
    for _ in range(OPERATIONS // AT_ONCE):
        tell(address, ident, type="step", n=AT_ONCE)
    return ident


def _run(address: str, ident: str) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]
        page.add_init_script(path=SCRIPT)
        page.goto(f"{address}/?session={ident}&open=steps")
        page.locator("body[data-state=live]").wait_for()
        page.get_by_test_id("operation").first.wait_for()
        presses = [_press(page) for _ in range(PRESSES)]
        scrubbed = page.evaluate("(moves) => scrubbed(moves)", MOVES)
        page.keyboard.press("End")
        page.wait_for_timeout(1000)
        browser.close()
    found = {name: median(one[name] for one in presses) for name in presses[0]}
    return {**found, "behind": median(scrubbed["behind"]), "last": scrubbed["last"]}


def _press(page: Page) -> dict[str, Any]:
    # A hand that looks at what came: the panels are at rest.
    page.wait_for_timeout(500)
    found: dict[str, Any] = page.evaluate("() => wentBack()")
    return found
