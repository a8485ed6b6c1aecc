"""What a zone has: its counters, lists, marks and identities."""

from typing import Final

from sim_core.mm._predicate import SUM_CODES
from sim_core.mm._read import IDENTITY_NAMES, STAT_NAMES
from sim_core.predicates.kinds import NUMBER, TRUTH
from sim_core.predicates.row import ANY, UP, Name
from sim_core.vocabulary import MIGRATETYPES, migratetype_id

_PAGES: Final = "0 … present"
NEED_A_WALK: Final = ("I5_full", "I6")
"""Identities that are known only after a walk over all pages."""
NEED_NO_WALK: Final = tuple(
    told for name in IDENTITY_NAMES if (told := name.replace("-", "_")) not in NEED_A_WALK
)
"""The others, as predicates spell them, in the core's order."""


def _stat(
    spelling: str,
    words: str,
    unit: str,
    bounds: str,
    source: str,
    *aliases: str,
    whole: bool = False,
) -> Name:
    """A counter of zone_t.stat, by the name that the core gives it."""
    which = STAT_NAMES.index(spelling if spelling in STAT_NAMES else aliases[0])
    told = f"z->stat[{source}]"
    return Name(spelling, words, unit, bounds, told, "stat", which, NUMBER, "zone", whole, aliases)


def _mark(which: int, word: str, words: str) -> Name:
    spelling, alias = f"watermark.{word}", f"watermark_{word}"
    source = f"z->watermark[WMARK_{word.upper()}]"
    return Name(spelling, words, "pages", UP, source, "watermark", which, aliases=(alias,))


def _listed(spelling: str, words: str, *types: str) -> Name:
    """Pages on the lists of several types."""
    ids = [migratetype_id(name) for name in types]
    mask = sum(1 << mt for mt in ids)
    source = "Σ z->lists[mt][o].length << o"
    return Name(spelling, words, "pages", _PAGES, source, "pages_of", mask)


COUNTED: Final = (
    _stat(
        "nr_free_pages",
        "The zone's counter of free pages: what watermarks, kswapd and /proc/zoneinfo go by.",
        "pages",
        ANY,
        "NR_FREE_PAGES",
        "NR_FREE_PAGES",
        "free",
    ),
    Name(
        "nr_free_sum",
        "What `nr_free` of all orders makes in pages: what /proc/buddyinfo shows.",
        "pages",
        ANY,
        "Σ z->nr_free[o] << o",
        "nr_free_sum",
    ),
    _listed("listed", "Pages on all free lists, by their true lengths.", *MIGRATETYPES),
    _listed(
        "usable",
        "Pages on lists that a request can be served from: every list but ISOLATE.",
        *[name for name in MIGRATETYPES if name != "ISOLATE"],
    ),
    _listed("isolated", "Pages on the ISOLATE lists: free, and not to be had.", "ISOLATE"),
    Name(
        "stray",
        "Free pages on a list on the other side of ISOLATE than their block.",
        "pages",
        _PAGES,
        "atlas->sums[z->slot].strays",
        "sum",
        SUM_CODES["stray"],
    ),
    Name(
        "pcp",
        "Pages that the CPUs keep at hand; on no free list, counted nowhere.",
        "pages",
        _PAGES,
        "Σ z->pcp[cpu].count",
        "pcp",
    ),
    _stat("allocated", "Pages in use.", "pages", _PAGES, "NR_ALLOCATED"),
    _stat("offline", "Pages taken out of use by offlining.", "pages", _PAGES, "NR_OFFLINE"),
    _stat("reserved", "Pages that boot kept back.", "pages", _PAGES, "NR_RESERVED"),
    Name("holes", "Pages that are not there.", "pages", "0 … spanned", "z->holes", "holes"),
    _stat(
        "present",
        "Pages that watermarks and pcp sizes are made from.",
        "pages",
        UP,
        "PRESENT_PAGES",
        "present_pages",
    ),
    Name(
        "spanned",
        "Pages from the first to the last, holes included; 6.x takes what is offline at an end "
        "off it.",
        "pages",
        UP,
        "spanned_pages(z, atlas)",
        "spanned",
    ),
    _listed("cma", "Pages on the CMA lists.", "CMA"),
    _listed("reserve", "Pages on the RESERVE and HIGHATOMIC lists.", "RESERVE", "HIGHATOMIC"),
    _stat("allocs", "Requests served.", "requests", UP, "NR_ALLOC"),
    _stat("alloc_failed", "Requests that found no page.", "requests", UP, "NR_ALLOC_FAILED"),
    _stat("frees", "Chunks given back.", "frees", UP, "NR_FREED"),
    _stat("fallbacks", "Requests served from another type's list.", "requests", UP, "NR_FALLBACK"),
    _stat(
        "pcp_drains", "Times that a full pcp list gave pages back.", "drains", UP, "NR_PCP_DRAIN"
    ),
    _stat("migrated", "Pages moved away from where they were.", "pages", UP, "NR_MIGRATED"),
    Name(
        "blocks_isolated",
        "Pageblocks of type ISOLATE.",
        "pageblocks",
        UP,
        "atlas->sums[z->slot].isolated",
        "sum",
        SUM_CODES["blocks_isolated"],
    ),
    Name(
        "blocks_offline",
        "Pageblocks that are offline as a whole.",
        "pageblocks",
        UP,
        "atlas->sums[z->slot].offline",
        "sum",
        SUM_CODES["blocks_offline"],
    ),
    _stat(
        "nr_free_cma_pages",
        "The kernel's own counter of free CMA pages, where it has one.",
        "pages",
        ANY,
        "NR_FREE_CMA_PAGES",
        "NR_FREE_CMA_PAGES",
    ),
    _stat(
        "nr_free_highatomic",
        "The kernel's own counter of free HIGHATOMIC pages, where it has one.",
        "pages",
        ANY,
        "NR_FREE_HIGHATOMIC",
        "NR_FREE_HIGHATOMIC",
    ),
    _stat(
        "nr_isolated_blocks",
        "The kernel's own counter of isolated pageblocks, where it has one.",
        "pageblocks",
        ANY,
        "NR_ISOLATED_BLOCKS",
    ),
    _stat(
        "nr_reserved_highatomic",
        "Pages of the pageblocks that are kept for requests that cannot wait.",
        "pages",
        UP,
        "NR_RESERVED_HIGHATOMIC",
    ),
)

LISTS: Final = (
    Name(
        "nr_free[<order>]",
        "Free chunks of an order as the kernel counts them.",
        "chunks",
        ANY,
        "z->nr_free[order]",
        "nr_free",
    ),
    Name(
        "list.<type>[<order>]",
        "Chunks that lie on a free list.",
        "chunks",
        UP,
        "z->lists[type][order].length",
        "length",
    ),
    Name(
        "pages.<type>",
        "Pages on all free lists of a migratetype.",
        "pages",
        _PAGES,
        "Σ z->lists[type][o].length << o",
        "pages",
    ),
    Name(
        "pcp[<cpu>]",
        "Pages that one CPU keeps at hand.",
        "pages",
        _PAGES,
        "z->pcp[cpu].count",
        "pcp_of",
    ),
    Name(
        "pcp[<cpu>].<pcptype>",
        "Pages of a migratetype that one CPU keeps at hand, of all orders.",
        "pages",
        _PAGES,
        "Σ z->pcp[cpu].lists[…].length << o",
        "pcp_type",
    ),
)

MARKS: Final = (
    _mark(0, "min", "Free pages below which only the most urgent requests are served."),
    _mark(1, "low", "Free pages below which kswapd is woken."),
    _mark(2, "high", "Free pages at which kswapd rests."),
    Name(
        "watermark_ok",
        "Which marks a request for one page meets by NR_FREE_PAGES: none, MIN, LOW too, HIGH too.",
        "",
        "0, 1, 3 or 7",
        "watermarks_met(z, z->stat[NR_FREE_PAGES])",
        "met",
        0,
    ),
    Name(
        "watermark_true",
        "The same by what can be allocated.",
        "",
        "0, 1, 3 or 7",
        "watermarks_met(z, usable_pages(z))",
        "met",
        1,
    ),
    Name(
        "free_safe",
        "What kswapd, and who would wake it, take for NR_FREE_PAGES.",
        "pages",
        ANY,
        "free_pages_safe(z)",
        "free_safe",
    ),
    Name(
        "lowmem_reserve.<zone>",
        "What the zone keeps from requests that may take from that one.",
        "pages",
        UP,
        "z->lowmem_reserve[zone]",
        "lowmem_reserve",
        whole=True,
    ),
)

RECLAIM: Final = (
    _stat("lru_file", "Pages on the LRU that can be dropped.", "pages", _PAGES, "NR_LRU_FILE"),
    _stat("lru_anon", "Pages on the LRU that need swap.", "pages", _PAGES, "NR_LRU_ANON"),
    _stat(
        "pages_scanned",
        "LRU pages looked at since a page of the zone was last given back.",
        "pages",
        UP,
        "NR_PAGES_SCANNED",
        whole=True,
    ),
    Name(
        "all_unreclaimable",
        "kswapd has marked the zone as one in which nothing can be reclaimed.",
        "",
        "yes, no",
        "z->stat[ALL_UNRECLAIMABLE]",
        "stat",
        STAT_NAMES.index("all_unreclaimable"),
        TRUTH,
        whole=True,
    ),
    Name(
        "given_up",
        "Direct reclaim passes the zone over, by the model's rule.",
        "",
        "yes, no",
        "given_up(m, z)",
        "given_up",
        kind=TRUTH,
        whole=True,
    ),
)

IDENTITIES: Final = (
    Name(
        "<identity>.broken",
        "The identity does not hold, whether the model aims at it or not.",
        "",
        "yes, no",
        "!verdict.holds",
        "broken",
        kind=TRUTH,
    ),
)
