"""What differs from kernel to kernel: a switch for each place, and kernels as sets of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Era(Enum):
    """Which family of algorithms runs. Switches below that name 3.x mean nothing in 6.x."""

    V3 = "3.5 to 3.19"
    V6_1 = "6.1"
    V6_12 = "6.12"


class MoveCount(Enum):
    """What moving free chunks onto or off the ISOLATE lists does to the counters."""

    NOTHING = "nothing"
    PAGES = "pages"
    """NR_FREE_PAGES follows by the number of pages moved (and NR_FREE_CMA_PAGES where it is)."""
    PAGES_AND_CHUNKS = "pages and chunks"
    """As PAGES, and nr_free of each moved chunk's order follows by one."""


class IsolatedBlocks(Enum):
    """What the zone's counter of isolated blocks counts."""

    NO_COUNTER = "no counter"
    BLOCKS = "blocks"
    """nr_pageblock_isolate of 3.6 and 3.7: a block that is isolated already counts no more."""
    CALLS = "calls"
    """nr_isolate_pageblock of 3.18 on: every isolation that succeeds."""


class DrainCount(Enum):
    """Which pages free_pcppages_bulk adds to NR_FREE_PAGES."""

    EVERY_PAGE = "every page"
    BLOCK_NOT_ISOLATED = "block not isolated"
    """Not the pages in ISOLATE blocks, though they go to the list of the type they remember."""
    LIST_NOT_ISOLATED = "list not isolated"
    """As for every free from 3.18 on: by the type of the list the page goes to."""


class IsolateMerge(Enum):
    """What keeps chunks of ISOLATE blocks and others from merging across a block's border."""

    FREE = "free"
    STOP = "stop"
    """3.18: a chunk freed as ISOLATE does not grow beyond a pageblock."""
    GUARD = "guard"
    """d9dddbf55667 (4.6): from a pageblock on, ISOLATE merges with nothing else, either way."""


class CmaInTest(Enum):
    """What the watermark test does about free CMA pages where the request may not use them."""

    IGNORED = "ignored"
    TAKEN_OFF = "taken off"
    """3.7, 3.8: for good, so the steps by order see the lower number too."""
    LEFT_OUT = "left out"
    """3.19: in the comparison alone."""


class GiveUp(Enum):
    """When reclaim gives a zone up."""

    FLAG = "flag"
    """By zone->all_unreclaimable, which kswapd alone sets."""
    SCANNED = "scanned"
    """When zone_reclaimable() says no, whoever asks (6e543d5780e3; read in 3.19). For 6.x, which
    counts kswapd's failures on the node, this is a stand-in."""


class Absorb(Enum):
    """Which blocks of a buddy take the type of the chunk that merges with it (6.x)."""

    NONE = "none"
    FIRST = "first"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Cells:
    """The default of every switch is 3.5. The first group is the patches': any combination runs."""

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

    era: Era = Era.V3

    # -- 3.6
    higher_buddy_of_pair: bool = False
    """__free_one_page finds the higher buddy of the pair, not of the chunk just freed."""
    isolated_blocks: IsolatedBlocks = IsolatedBlocks.NO_COUNTER
    signed_reserve: bool = False
    """__zone_watermark_ok compares signed numbers."""

    # -- 3.7
    isolated_uncounted: bool = False
    """free_one_page and split_free_page leave NR_FREE_PAGES alone for ISOLATE."""
    counts_cma: bool = False
    """There is NR_FREE_CMA_PAGES."""
    cma_in_test: CmaInTest = CmaInTest.IGNORED

    # -- 3.8
    drain_count: DrainCount = DrainCount.EVERY_PAGE
    offline_uncounted: bool = False
    """__offline_isolated_pages leaves NR_FREE_PAGES alone."""
    split_spares_isolated: bool = False
    """split_free_page asks for no watermark where the block is ISOLATE."""
    test_moves_strays: bool = False
    """test_pages_isolated moves free chunks of the range to the ISOLATE lists."""

    # -- 3.18 and 3.19
    recheck: bool = False
    """Freeing looks at the block again, under the lock, while any block is isolated."""
    freepage_type: bool = False
    """A page remembers the list it was taken from, and counts by that; 3.5 asks the block."""
    steal_needs_claim: bool = False
    """A steal keeps to the fallback's own list unless it claims the block."""
    isolate_merge: IsolateMerge = IsolateMerge.FREE
    unset_frees_again: bool = False
    """unset_migratetype_isolate frees a whole-block chunk anew where a neighbour might join it."""
    managed: bool = False
    """Watermarks and pcp sizes go by the pages handed to the allocator, not by those present."""
    give_up: GiveUp = GiveUp.FLAG

    # -- 6.12
    absorb: Absorb = Absorb.NONE
    claims_then_steals: bool = False
    """The fallback of late stable 6.12: claim any block that is worth it, steal only then."""
    decays_by_batch: bool = False
    """decay_pcp_high gives pages back a batch at a time, each time from the first list on."""
    reserve_counts_through: bool = True
    """lowmem_reserve adds up over an empty upper zone; 6.12 as released has 0 towards one."""


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
V3_6 = replace(
    V3_5,
    higher_buddy_of_pair=True,
    isolated_blocks=IsolatedBlocks.BLOCKS,
    signed_reserve=True,
)
V3_7 = replace(
    V3_6,
    isolate=MoveCount.PAGES,
    unisolate=MoveCount.PAGES,
    isolated_uncounted=True,
    counts_cma=True,
    cma_in_test=CmaInTest.TAKEN_OFF,
)
V3_8 = replace(
    V3_7,
    isolated_blocks=IsolatedBlocks.NO_COUNTER,
    drain_count=DrainCount.BLOCK_NOT_ISOLATED,
    offline_uncounted=True,
    split_spares_isolated=True,
    test_moves_strays=True,
)
V3_19 = replace(
    V3_8,
    isolated_blocks=IsolatedBlocks.CALLS,
    cma_in_test=CmaInTest.LEFT_OUT,
    drain_count=DrainCount.LIST_NOT_ISOLATED,
    recheck=True,
    freepage_type=True,
    steal_needs_claim=True,
    isolate_merge=IsolateMerge.STOP,
    unset_frees_again=True,
    managed=True,
    give_up=GiveUp.SCANNED,
)
V3_19_GUARD = replace(V3_19, isolate_merge=IsolateMerge.GUARD)
"""v3.19+d9dddbf5."""
V6_1 = Cells(
    era=Era.V6_1,
    isolated_blocks=IsolatedBlocks.CALLS,
    counts_cma=True,
    managed=True,
    give_up=GiveUp.SCANNED,
)
V6_12 = replace(V6_1, era=Era.V6_12, absorb=Absorb.FIRST, reserve_counts_through=False)
V6_12_117 = replace(
    V6_12,
    absorb=Absorb.ALL,
    claims_then_steals=True,
    decays_by_batch=True,
    reserve_counts_through=True,
)

KERNELS = {
    "v3.5": V3_5,
    "minchan-v1": MINCHAN_V1,
    "minchan-v2": MINCHAN_V2,
    "v3.6": V3_6,
    "v3.7": V3_7,
    "v3.8": V3_8,
    "v3.19": V3_19,
    "v3.19+d9dddbf5": V3_19_GUARD,
    "v6.1": V6_1,
    "v6.12": V6_12,
    "v6.12.117": V6_12_117,
}
