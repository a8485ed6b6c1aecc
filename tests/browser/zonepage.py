"""The page as a person meets it: what stands there, and what they press."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, WebSocket, expect
from playwright.sync_api import TimeoutError as WaitedInVain

from tests.browser.service import Zone

WAIT_MS = 15_000
"""How long anything may take before a test gives up; nothing waits for it to pass."""

TYPES = ("UNMOVABLE", "RECLAIMABLE", "MOVABLE", "RESERVE", "HIGHATOMIC", "CMA", "ISOLATE")
BOOKS = (
    "nr_free_pages", "usable", "isolated", "stray", "pcp", "allocated", "offline", "reserved",
    "cma", "present",
)  # fmt: skip

NOTE_VIOLATIONS = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.__violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
# Where Plotly's axes put a block: the page's own arithmetic of clicks has no part in it.
_MIDDLE = """(block) => {
  const plot = document.querySelector('#map-plot');
  const { xaxis, yaxis } = plot._fullLayout;
  const columns = xaxis.maxallowed + 0.5;
  const at = plot.getBoundingClientRect();
  const column = (block - yaxis.tick0) % columns;
  return {
    x: at.left + xaxis._offset + xaxis.d2p(column),
    y: at.top + yaxis._offset + yaxis.d2p(block - column),
    width: Math.abs(xaxis.d2p(1) - xaxis.d2p(0)),
    height: Math.abs(yaxis.d2p(columns) - yaxis.d2p(0)),
    columns,
  };
}"""
_SIGHT = """() => {
  const { xaxis, yaxis } = document.querySelector('#map-plot')._fullLayout;
  return [...xaxis.range, ...yaxis.range];
}"""
_PATCH = """([x, y]) => {
  const canvas = document.querySelector('#map-canvas');
  const at = canvas.getBoundingClientRect();
  const ratio = canvas.width / at.width;
  const copy = document.createElement('canvas');
  copy.width = copy.height = 13;
  copy.getContext('2d').drawImage(canvas, (at.left - x) * ratio + 6, (at.top - y) * ratio + 6);
  return copy.toDataURL();
}"""

_READS = """([id, words, whole]) => {
  const bare = (text) => text.replace(/\\s+/g, ' ').trim();
  const text = bare(document.querySelector(`[data-testid="${id}"]`)?.textContent ?? '');
  return whole ? text === bare(words) : text.includes(bare(words));
}"""
_HAS = """([id, name, value]) =>
  document.querySelector(id ? `[data-testid="${id}"]` : 'body')?.getAttribute(name) === value"""
_LIVE = """() => document.body.dataset.state === 'live'
  && !document.querySelector('[data-testid="map-empty"]').checkVisibility()"""

_OTHERS = """(expected) => Object.entries(expected).filter(([id, words]) =>
  document.querySelector(`[data-testid="${id}"]`)?.textContent !== words
).map(([id, words]) => [id, words, document.querySelector(`[data-testid="${id}"]`)?.textContent])"""


def grouped(value: int) -> str:
    """A number as the page writes it: thin spaces, a true minus."""
    return f"{value:,}".replace(",", "\u202f").replace("-", "\u2212")


class ZonePage:
    """A window on a zone."""

    def __init__(self, page: Page, zone: Zone) -> None:
        self.page = page
        self.zone = zone
        self._errors: list[str] = []
        self._expected: list[str] = []
        for event, hear in self._ears:
            page.on(event, hear)

    @property
    def _ears(self) -> list[tuple[Any, Any]]:
        return [
            ("console", self._hear),
            ("websocket", self._meet),
            ("pageerror", self._catch),
        ]

    def _catch(self, error: Error) -> None:
        self._errors.append(str(error))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._errors.append(message.text)

    def _meet(self, socket: WebSocket) -> None:
        self._socket = socket

    def hear_frames(self, n: int) -> None:
        """Wait until that many more frames have come; one at rest is a heartbeat."""
        for _ in range(n):
            self._socket.wait_for_event("framereceived")

    def expect_error(self, words: str) -> None:
        """The test itself makes the browser report this: a cut line, a refused upload."""
        self._expected.append(words)

    def faults(self) -> list[str]:
        """All that went wrong and was not foreseen."""
        unforeseen = [
            error for error in self._errors if not any(words in error for words in self._expected)
        ]
        return unforeseen + list(self.page.evaluate("window.__violations"))

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.until_live()

    def leave(self, give_back: Callable[[Page], None]) -> None:
        """Let go of the window; what is heard in it from now on is another's."""
        give_back(self.page)
        for event, hear in self._ears:
            self.page.remove_listener(event, hear)

    # `expect` looks again after a tenth of a second, a quarter, a half, and then once a second.
    # What every test waits for is first waited for in the page, which looks in each of its frames;
    # what stands there instead is for `expect` to say.

    def soon(self, true: str, arg: Any = None) -> None:
        """Wait until a function of the page is true, at most as long as for anything."""
        with suppress(WaitedInVain):
            self.page.wait_for_function(true, arg=arg)

    def reads(self, test_id: str, words: str) -> None:
        """Wait until that stands there, maybe among other words."""
        self.soon(_READS, [test_id, words, False])
        expect(self.at(test_id)).to_contain_text(words)

    def reads_only(self, test_id: str, words: str) -> None:
        """Wait until that stands there and nothing else."""
        self.soon(_READS, [test_id, words, True])
        expect(self.at(test_id)).to_have_text(words)

    def has(self, test_id: str, attribute: str, value: str) -> None:
        """Wait until an attribute has that value."""
        self.soon(_HAS, [test_id, attribute, value])
        expect(self.at(test_id)).to_have_attribute(attribute, value)

    def until_live(self) -> None:
        """There is a picture of the zone, and it is fresh."""
        self.soon(_LIVE)
        expect(self.page.locator("body")).to_have_attribute("data-state", "live")
        expect(self.at("map-empty")).to_be_hidden()

    def at(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    # What stands there

    @property
    def op(self) -> int:
        return int(self.page.locator("body").get_attribute("data-op") or "-1")

    def number(self, test_id: str) -> int:
        text = self.at(test_id).inner_text()
        digits = re.sub(r"[^\d\u2212]", "", text).replace("\u2212", "-")
        return int(digits)

    def until_op(self, op: int) -> None:
        self.soon(_HAS, ["", "data-op", str(op)])
        expect(self.page.locator("body")).to_have_attribute("data-op", str(op))

    def agrees(self) -> None:
        """Books and lists of the page at rest are those of the service, number by number."""
        look = self.zone.look()
        self.until_op(look["op"])
        self.show_numbers()
        expected = {f"book-{name}": grouped(look["counters"][name]) for name in BOOKS}
        expected["book-sum"] = grouped(sum(n << order for order, n in enumerate(look["nr_free"])))
        lists = self.zone.lists()
        for order, n in enumerate(look["nr_free"]):
            lengths = {name: lists[name][order] if name in lists else 0 for name in TYPES}
            for name, length in lengths.items():
                expected[f"list-{name}-{order}"] = grouped(length)
            sign = "" if n == sum(lengths.values()) else "≠ "
            expected[f"nr_free-{order}"] = sign + grouped(n)
        try:
            self.page.wait_for_function(
                f"(expected) => ({_OTHERS})(expected).length === 0", arg=expected
            )
        except WaitedInVain:
            assert self.page.evaluate(_OTHERS, expected) == []

    def show_numbers(self) -> None:
        """The free lists as a table."""
        if self.at("lists-table").is_hidden():
            self.at("lists-shape").click()
            expect(self.at("lists-table")).to_be_visible()

    # The map

    def middle(self, block: int) -> tuple[float, float]:
        """Where a block's cell has its middle, in pixels of the window."""
        found = self.page.evaluate(_MIDDLE, block)
        return found["x"], found["y"]

    def cell_size(self) -> tuple[float, float]:
        """Width and height of a cell in pixels."""
        found = self.page.evaluate(_MIDDLE, 0)
        return found["width"], found["height"]

    def cell_pixels(self) -> float:
        return min(self.cell_size())

    def until_larger(self, pixels: float) -> None:
        """Wait until a cell is wider than that, as after a zoom."""
        self.page.wait_for_function(f"(least) => ({_MIDDLE})(0).width > least", arg=pixels)

    def until_begins(self, block: int) -> None:
        """Wait until the map's first block is that one, as after another zone was chosen."""
        self.page.wait_for_function(
            "(block) => document.querySelector('#map-plot')._fullLayout.yaxis.tick0 === block",
            arg=block,
        )

    def columns(self) -> int:
        return int(self.page.evaluate(_MIDDLE, 0)["columns"])

    def sight(self) -> list[float]:
        """The ranges of the map's axes: what of the zone is in sight."""
        found: list[float] = self.page.evaluate(_SIGHT)
        return found

    def click(self, block: int, *modifiers: Any) -> None:
        """Click the middle of a block's cell, with keys held."""
        x, y = self.middle(block)
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.click(x, y)
        for key in modifiers:
            self.page.keyboard.up(key)

    def pick(self, block: int) -> None:
        """Select one block by mouse, and take the pointer off it."""
        self.click(block)
        self.selected(f"Block {block}")
        self.page.mouse.move(2, 2)

    def hover(self, block: int) -> None:
        self.page.mouse.move(*self.middle(block))

    def says(self, block: int, *words: str) -> None:
        """What the map tells of a block under the pointer."""
        self.hover(block)
        for word in (f"Block {block} ·", *words):
            self.reads("map-readout", word)
        self.page.mouse.move(2, 2)

    def patch(self, block: int) -> str:
        """The pixels in the middle of a block's cell."""
        return str(self.page.evaluate(_PATCH, list(self.middle(block))))

    def selected(self, words: str) -> None:
        self.reads_only("block-name", words)

    # What a person presses

    def pause(self) -> None:
        """Stop the workload; from here on the numbers stand still."""
        self.at("play").click()
        self.has("play", "aria-label", "Run")
        self.until_op(self.zone.look()["op"])

    def act(self, verb: str) -> None:
        """Press a verb, once its preview says that it applies, and wait for the answer."""
        self.has(f"verb-{verb}", "aria-disabled", "false")
        self.at(f"verb-{verb}").click()
        self.page.mouse.move(2, 2)

    def told(self, *words: str) -> None:
        """What the strip under the map says of the last verb."""
        for word in words:
            self.reads("block-words", word)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
