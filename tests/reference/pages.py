"""The state of one page frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .vocabulary import MigrateType


class Kind(Enum):
    """What a page frame is. Only the head of a chunk says what the chunk is, as in the kernel."""

    RESERVED = "reserved"
    """Never freed since boot: reference count 1."""
    OFFLINE = "offline"
    """Taken off the lists by __offline_isolated_pages: reference count 0."""
    HOLE = "hole"
    """Has no struct page."""
    FREE = "free"
    """Head of a chunk on a free list."""
    PCP = "pcp"
    """Head of a chunk on a pcp list; a single page in 3.x."""
    ALLOCATED = "allocated"
    """Head of a chunk in use."""
    LIMBO = "limbo"
    """Head of a chunk that is being freed: on no list, count 0. A BUG leaves it so for ever."""
    TAIL = "tail"
    """Belongs to the chunk of a head further down."""


HEADS = (Kind.FREE, Kind.PCP, Kind.ALLOCATED, Kind.LIMBO)


@dataclass(slots=True)
class Page:
    """One page frame. A field means something only under the kinds named beside it."""

    kind: Kind
    order: int = 0
    """FREE, PCP, ALLOCATED, LIMBO."""
    list_type: MigrateType | None = None
    """FREE: the list the chunk is on, which need not be its block's type."""
    kept: MigrateType | None = None
    """PCP: the type the page remembers; LIMBO: the type its block had before the lock was taken.

    PCP in 6.12: None.
    """
    lru: bool = False
    """ALLOCATED: the chunk is on a reclaim list. TAIL, in 6.x: its own flag."""
    pinned: bool = False
    """ALLOCATED: somebody holds a reference of their own."""

    # -- in a whole node
    anon: bool = False
    """ALLOCATED: on the LRU it is anonymous memory, which only swap can take; else it is file."""
    owner: int = 0
    """ALLOCATED: the process that an OOM kill would have to pick; 0 for nobody. LIMBO: it was."""
    handle: int | None = None
    """ALLOCATED, LIMBO: the chunk's number; None where no request of the node handed it out."""

    @property
    def count(self) -> int:
        """page_count()."""
        if self.kind is Kind.RESERVED:
            return 1
        if self.kind is Kind.ALLOCATED:
            return 2 if self.pinned else 1
        return 0


class PageState(NamedTuple):
    """A page frame as an observer sees it: tails answer for the chunk they belong to."""

    kind: str
    """"reserved", "offline", "hole", "free", "pcp", "allocated" or "limbo"."""
    head: int
    """PFN of the chunk's first page; the page itself where there is no chunk."""
    order: int
    """Of the chunk; 0 where there is none."""
    list_type: MigrateType | None
    """free: the type of the list the chunk is on."""
    kept: MigrateType | None
    """pcp: the type the page remembers, None in 6.12; limbo: the type read before the lock."""
    lru: bool
    """This very page's PageLRU: never a tail's in 3.x."""
    pinned: bool
    """The chunk's."""
