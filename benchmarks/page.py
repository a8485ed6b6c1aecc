"""The page in a real browser: how often it changes, how soon after a click, and what a frame costs.

A service and a Chromium of their own, 1400 × 1000, every panel open, 2000 operations a second.
What changes is counted by the page itself (page.js), on the pixels of its canvas.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.measure import Figure, NotHereError

RUNS: Final = 5
SECONDS: Final = 20
CLICKS: Final = 12
RATE: Final = 2000
ORDER: Final = 9
SIZES: Final = (4096, 65_536, 524_288)
SHARED: Final = 65_536  # beyond so many, several blocks share a cell until the map is near
NEAR: Final = 64  # times magnified: single blocks, with letters
VIEWPORT: Final = {"width": 1400, "height": 1000}
SCRIPT: Final = Path(__file__).with_name("page.js")
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]

_CELL: Final = """([block, share]) => {
  const plot = document.querySelector('#map-plot');
  const { xaxis, yaxis } = plot._fullLayout;
  const columns = xaxis.maxallowed + 0.5;
  const at = plot.getBoundingClientRect();
  const w = Math.abs(xaxis.d2p(1) - xaxis.d2p(0));
  const h = Math.abs(yaxis.d2p(columns) - yaxis.d2p(0));
  const column = block % columns;
  return {
    x: at.left + xaxis._offset + xaxis.d2p(column - column % share) - w / 2,
    y: at.top + yaxis._offset + yaxis.d2p(block - column) - h / 2, w: w * share, h,
  };
}"""


def require() -> None:
    """Raises: NotHereError: how to install it."""
    if not Path(CHROMIUM).exists():
        raise NotHereError("The page is measured in Chromium: apt-get install chromium.")


def measure(runs: int = RUNS, seconds: int = SECONDS) -> list[Figure]:
    """Each zone size in turn, `runs` times."""
    samples: dict[int, list[dict[str, float]]] = {blocks: [] for blocks in SIZES}
    with service() as address:
        for _ in range(runs):
            for blocks in SIZES:
                samples[blocks].append(_run(address, blocks, seconds))
    figures = []
    for title, unit, names in (
        ("The page at 2000 operations a second", "a second", ("map", "lists", "history")),
        ("From a click to another map and ledger", "ms", ("click", "click near")),
        ("CPU of the page a frame", "ms", ("frame",)),
    ):
        rows = {
            f"{blocks} blocks, {name}": [run[name] for run in samples[blocks]]
            for blocks in SIZES
            for name in names
            if name in samples[blocks][0]
        }
        figures.append(Figure(title, unit, rows))
    figures[0].notes.append(f"counted over {seconds} s; map: frames in which its pixels changed")
    figures[1].notes.append(f"each round is the median of {CLICKS} clicks, isolate and un-isolate")
    figures[1].notes.append(
        f"near: {NEAR} times magnified, where blocks that share a cell are alone"
    )
    return figures


@contextmanager
def service() -> Iterator[str]:
    """A service on a free port."""
    command = [Path(sys.executable).with_name("zonescope"), "serve", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        [*map(str, command), "--log-level", "error"],
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "ZONESCOPE_BYTES_BUDGET": str(16 << 30),
            "ZONESCOPE_STORE": "off",
        },
    ) as process:
        assert process.stderr is not None
        try:
            said = next(line for line in process.stderr if "http://" in line)
            yield "http://" + said.partition("http://")[2].split()[0].rstrip("/.")
        finally:
            process.terminate()


def _run(address: str, blocks: int, seconds: int) -> dict[str, float]:
    """One round: a session, a window, three measurements after one another."""
    config = {"spanned_pages": blocks << ORDER, "pageblock_order": ORDER}
    made = httpx.post(f"{address}/api/v1/sessions", json={"config": config}, timeout=300)
    ident = made.raise_for_status().json()["id"]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]
            page.add_init_script(path=SCRIPT)
            link = f"{address}/?session={ident}&open=steps"
            page.goto(link)
            page.locator("body[data-state=live]").wait_for()
            for command in ({"type": "rate", "ops_per_second": RATE}, {"type": "run"}):
                tell(address, ident, **command)
            page.wait_for_function("() => Number(document.body.dataset.op) > 5000")
            frame = _cpu_a_frame(page, seconds)
            counted = page.evaluate("(seconds) => countFrames(seconds)", seconds)
            share = -(-blocks // SHARED)
            click = {"click": _click(page, link, share)}
            if share > 1:
                click["click near"] = _click(page, link, near=True)
            browser.close()
    finally:
        httpx.delete(f"{address}/api/v1/sessions/{ident}")
    rates = {name: counted[name] / counted["seconds"] for name in ("map", "lists", "history")}
    return {**rates, **click, "frame": frame}


def tell(address: str, ident: str, **command: Any) -> None:
    answer = httpx.post(f"{address}/api/v1/sessions/{ident}/commands", json=command)
    answer.raise_for_status()


def _cpu_a_frame(page: Page, seconds: int) -> float:
    """CPU of the page's main thread, ms, for each frame that it drew; nothing else is counted."""
    devtools: CDPSession = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        found = devtools.send("Performance.getMetrics")["metrics"]
        return float(next(m["value"] for m in found if m["name"] == "TaskDuration"))

    before = busy()
    frames = page.evaluate(
        """(seconds) => new Promise((done) => {
          const began = performance.now();
          let frames = 0;
          const look = (now) => {
            frames += 1;
            if (now - began < seconds * 1000) requestAnimationFrame(look);
            else done(frames);
          };
          requestAnimationFrame(look);
        })""",
        seconds,
    )
    return 1000 * (busy() - before) / float(frames)


def _click(page: Page, link: str, share: int = 1, near: bool = False) -> float:
    """Median of clicks on Isolate and Un-isolate, ms.

    A block a pair, of those that are free and never tried: what comes back from isolation lies
    first on its list, so that the next request takes it. Even ones: the pages of a free chunk of
    two blocks move with its first.

    Args:
        link: the page's address so far.
        share: blocks that share a cell: the line round one hides a cell of a pixel.
        near: with the map magnified about the block.
    """
    columns = page.evaluate(
        "() => Number(document.querySelector('#map-plot')._fullLayout.xaxis.maxallowed + 0.5)"
    )
    took = []
    for pair in range(CLICKS // 2):
        block = columns * (2 if near else 1) + 2 * share * (1 + pair)
        sight = f"&zoom={block}x{NEAR}" if near else ""
        page.goto(f"{link}&blocks={block}{sight}")
        page.locator("body[data-state=live]").wait_for()
        _until_it_applies(page, "isolate")
        box = page.evaluate(_CELL, [block, share])
        for verb in ("isolate", "unisolate"):
            _until_it_applies(page, verb)
            took.append(page.evaluate("([verb, box]) => pressed(verb, box)", [verb, box]))
    return float(median(took))


def _until_it_applies(page: Page, verb: str) -> None:
    button = f"document.querySelector('[data-testid=verb-{verb}]')"
    page.wait_for_function(f"() => {button}.ariaDisabled === 'false'")
