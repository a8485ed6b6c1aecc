"""What an accounting patch changes in 3.5: one switch for each place it touches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class MoveCount(Enum):
    """What moving free chunks onto or off the ISOLATE lists does to the counters."""

    NOTHING = "nothing"
    PAGES = "pages"
    """NR_FREE_PAGES follows by the number of pages moved."""
    PAGES_AND_CHUNKS = "pages and chunks"
    """As PAGES, and nr_free of each moved chunk's order follows by one."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The places where minchan-v1 and minchan-v2 differ from 3.5. Any combination is a model."""

    free_pages_ok: bool = False
    """__free_pages_ok hands a chunk in an ISOLATE block to free_one_isolated_page."""
    free_hot_cold: bool = False
    """free_hot_cold_page hands a page in an ISOLATE block to free_one_isolated_page."""
    isolate: MoveCount = MoveCount.NOTHING
    """set_migratetype_isolate."""
    unisolate: MoveCount = MoveCount.NOTHING
    """unset_migratetype_isolate."""
    split_free_page: bool = False
    """split_free_page leaves both counters alone when the chunk's head block is ISOLATE."""
    offline_isolated: bool = False
    """__offline_isolated_pages leaves both counters alone."""
    vm_bug_on: bool = False
    """free_one_page refuses ISOLATE by VM_BUG_ON."""


V3_5 = Cells()
MINCHAN_V1 = Cells(isolate=MoveCount.PAGES, unisolate=MoveCount.PAGES)
MINCHAN_V2 = Cells(
    free_pages_ok=True,
    free_hot_cold=True,
    isolate=MoveCount.PAGES_AND_CHUNKS,
    unisolate=MoveCount.PAGES_AND_CHUNKS,
    split_free_page=True,
    offline_isolated=True,
    vm_bug_on=True,
)
