"""Pages on their way out of a range: off the LRU, and where they may not be found again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .pages import Page
from .state import ZoneState


class Source(NamedTuple):
    """A chunk taken off the LRU, by its head."""

    pfn: int
    page: Page


def is_there(zone: ZoneState, source: Source) -> bool:
    """Whether the chunk is still in use.

    An OOM kill on the way may have freed it, and somebody else may have the frame by now.
    """
    return zone.pages[source.pfn] is source.page


def putback_lru_pages(zone: ZoneState, sources: Iterable[Source]) -> None:
    """Give back to the LRU what is still there."""
    for source in sources:
        if is_there(zone, source):
            source.page.lru = True
