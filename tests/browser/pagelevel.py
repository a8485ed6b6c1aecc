"""The map's page level as a person meets it, and what the service says of the same pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.browser.service import Zone
from tests.browser.zonepage import TYPES, ZonePage, grouped

PCP_TYPES = TYPES[:3]
KINDS = ("free", "allocated", "pinned", "pcp", "reserved", "offline", "holes")
"""By their names in a preview; `allocated` counts the pinned too."""

_PLACE = """(pfn) => {
  const { first, columns, rows } = document.querySelector('[data-testid="pages-level"]').dataset;
  const box = document.querySelector('[data-testid="pages-plot"]').getBoundingClientRect();
  const at = pfn - first;
  return [
    box.left + (at % columns + 0.5) * box.width / columns,
    box.top + (Math.floor(at / columns) + 0.5) * box.height / rows,
  ];
}"""


@dataclass(frozen=True)
class Chunk:
    """A free chunk, as the service's lists have it."""

    pfn: int
    order: int
    migratetype: str

    @property
    def words(self) -> str:
        extent = f" ({1 << self.order} pages from {grouped(self.pfn)})" if self.order else ""
        return f"free, order {self.order}{extent}, on {self.migratetype.title()}"


def free_chunks(zone: Zone) -> dict[int, Chunk]:
    """Every page on a free list, by PFN."""
    orders = zone.look()["state"]["config"]["max_order"]
    found = {}
    for order in range(orders):
        for name in TYPES:
            for pfn in zone.listed(order, name):
                for page in range(pfn, pfn + (1 << order)):
                    found[page] = Chunk(pfn, order, name)
    return found


def on_pcp(zone: Zone) -> dict[int, str]:
    """Every page on the first CPU's lists, with its list."""
    return {
        pfn: name
        for name in PCP_TYPES
        for pfn in zone.result("list", pcp=0, migratetype=name, offset=0)["pfns"]
    }


class PageLevel:
    """The pages of a block in the place of the zone."""

    def __init__(self, page: ZonePage) -> None:
        self.page = page
        self.level = page.at("pages-level")
        self.plot = page.at("pages-plot")

    def enter(self, block: int) -> None:
        """Go in by a double click."""
        self.page.page.mouse.dblclick(*self.page.middle(block))
        self.shows(block)
        self.page.page.mouse.move(2, 2)

    def shows(self, block: int) -> None:
        expect(self.level).to_be_visible()
        self.page.has("pages-level", "data-block", str(block))
        expect(self.page.page.locator("#map-title")).to_contain_text(f"› Block {block}")
        self.until_here()

    def until_here(self) -> None:
        """The pages on show are those of now."""
        self.page.has("pages-level", "data-op", str(self.page.zone.look()["op"]))

    def is_left(self) -> None:
        expect(self.level).to_be_hidden()
        expect(self.page.page.locator("#map-title")).to_have_text("Pageblock map")

    def number(self, name: str) -> int:
        return int(self.level.get_attribute(f"data-{name}") or "-1")

    def at(self, pfn: int) -> tuple[float, float]:
        """Where a page has its middle, in pixels of the window."""
        x, y = self.page.page.evaluate(_PLACE, pfn)
        return x, y

    @property
    def readout(self) -> Locator:
        return self.page.at("map-readout")

    def says(self, pfn: int, words: str) -> None:
        """What is told of a page under the pointer, to its end."""
        self.page.page.mouse.move(*self.at(pfn))
        self.page.reads_only("map-readout", f"PFN {grouped(pfn)}: {words}")

    def told(self, pfn: int) -> str:
        """The words on a page under the pointer."""
        self.page.page.mouse.move(*self.at(pfn))
        self.page.reads("map-readout", f"PFN {grouped(pfn)}:")
        return self.readout.inner_text()

    def pick(self, pfn: int) -> None:
        self.page.page.mouse.click(*self.at(pfn))
        self.page.page.mouse.move(2, 2)

    def counts(self) -> dict[str, int]:
        """Pages by kind, as the level describes itself."""
        words = self.plot.get_attribute("aria-description") or ""
        found = {name: int(n) for n, name in re.findall(r"(\d+) ([a-z][a-zA-Z ]*)", words)}
        return {
            "free": found.get("free", 0),
            "allocated": found.get("allocated", 0) + found.get("pinned", 0),
            "pinned": found.get("pinned", 0),
            "pcp": found.get("on pcp", 0),
            "reserved": found.get("reserved", 0),
            "offline": found.get("offline", 0),
            "holes": found.get("hole", 0),
        }

    def agrees(self, block: int) -> None:
        """At rest, the level counts what the service counts."""
        self.until_here()
        info = self.page.zone.block(block)
        assert self.counts() == {kind: info[kind] for kind in KINDS}

    def kinds(self) -> list[str]:
        """What the key names."""
        return self.page.at("pages-key").locator("li").all_inner_texts()
