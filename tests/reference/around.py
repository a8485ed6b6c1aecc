"""What the functions of a zone ask of the node that the zone is part of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum


class NotMoved(Enum):
    """Why a page that may be moved was not."""

    NO_PAGE = "no page"
    """No target was to be had."""
    HUNG = "hung"
    """The request for a target goes round for ever."""
    GONE = "gone"
    """An OOM kill freed the page while a target was asked for; the target is freed again."""


class Around(ABC):
    """The whole node. A bare zone has none, and does these for itself alone."""

    @abstractmethod
    def drain_all_pages(self) -> None:
        """Empty the pcp lists of all zones."""

    @abstractmethod
    def migrate_page(self, pfn: int) -> int | NotMoved:
        """Move a single page that is off the LRU to a new place on it: that place, or why not."""

    @abstractmethod
    def init_per_zone_wmark_min(self) -> None:
        """Work the watermarks of all zones out anew, and all that goes by them."""
