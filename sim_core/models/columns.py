"""Every question on which kernels part, with the answers that any of them gives.

A column is one field of the compiled policy (sim_core/mm/policy.pxd, in the same order). Most are
truth tables: *when* does this site move this counter? The others are choices: one of a few ways in
which kernels have done the step.
"""

from dataclasses import dataclass
from typing import Final, Literal

Counter = Literal["NR_FREE_PAGES", "nr_free", "route", "bug", "rule"]


@dataclass(frozen=True)
class Column:
    """One question.

    Attributes:
        name: the field of `policy_t`.
        site: kernel function whose step it is.
        counter: which counter it moves; "route" chooses a function, "bug" an assertion, "rule" is a
            choice.
        words: the question that the value answers.
        choices: of a rule, what 0, 1, 2, … say; a truth table has none.
    """

    name: str
    site: str
    counter: Counter
    words: str
    choices: tuple[str, ...] = ()


_NO_YES: Final = ("no", "yes")

COLUMNS: Final[tuple[Column, ...]] = (
    # ---- freeing ----
    Column(
        "free_pages_ok_isolated",
        "__free_pages_ok",
        "route",
        "does a free of order ≥ 1 go through free_one_isolated_page?",
    ),
    Column(
        "free_hot_cold_isolated",
        "free_hot_cold_page",
        "route",
        "does a free of order 0 that bypasses the pcp go through free_one_isolated_page?",
    ),
    Column("free_one_page_bug", "free_one_page", "bug", "is this call a VM_BUG_ON?"),
    Column("free_one_page_nr", "free_one_page", "NR_FREE_PAGES", "is the freed chunk counted?"),
    Column(
        "free_type_read",
        "free_one_page",
        "rule",
        "when is the pageblock's type read?",
        (
            "before the lock",
            "again under the lock while a block is isolated, or if it read ISOLATE",
            "under the lock",
        ),
    ),
    Column(
        "free_splits_blocks",
        "split_large_buddy",
        "rule",
        "is a chunk of several pageblocks freed block by block?",
        _NO_YES,
    ),
    Column(
        "merge_guard",
        "__free_one_page",
        "rule",
        "which chunks of a pageblock and more do not merge?",
        (
            "all merge, whatever their types",
            "one freed to ISOLATE grows no larger than a pageblock",
            "ISOLATE with another type, either way",
            "unalike types, unless both are UNMOVABLE, RECLAIMABLE or MOVABLE",
        ),
    ),
    Column(
        "merge_retypes",
        "__free_one_page",
        "rule",
        "which blocks of an absorbed buddy get the type of the chunk freed?",
        ("none", "its first", "all"),
    ),
    Column(
        "tail_lower_half_only",
        "__free_one_page",
        "rule",
        "does the higher-buddy probe miss for the upper half of a pair?",
        _NO_YES,
    ),
    # ---- pcp lists ----
    Column(
        "pcp_lists",
        "free_pcppages_bulk",
        "rule",
        "what do the pcp lists hold, and how are they emptied?",
        (
            "single pages, round robin over three lists",
            "orders 0 to 3, list after list, more with each drain in a row",
            "the same, and refills grow, high moves between two limits",
        ),
    ),
    Column(
        "drain_type",
        "free_pcppages_bulk",
        "rule",
        "under which type does a drained page go back?",
        ("the one it remembers", "its block's while a block is isolated", "its block's"),
    ),
    Column("drain_nr", "free_pcppages_bulk", "NR_FREE_PAGES", "is the drained page counted?"),
    Column(
        "refill_remembers",
        "rmqueue_bulk",
        "rule",
        "what type does a refilled page remember?",
        (
            "the one asked for, or its block's if that is CMA or ISOLATE",
            "that of the list it was taken from",
            "none",
        ),
    ),
    # ---- allocating ----
    Column("alloc_nr", "rmqueue", "NR_FREE_PAGES", "is the chunk handed out subtracted?"),
    Column(
        "list_nr",
        "account_freepages",
        "NR_FREE_PAGES",
        "is a chunk counted where it enters or leaves a list?",
    ),
    Column("count_cma", "__mod_zone_freepage_state", "rule", "is NR_FREE_CMA_PAGES kept?", _NO_YES),
    Column(
        "cma_by_list",
        "rmqueue",
        "rule",
        "by which type is a chunk handed out a CMA one?",
        ("its block's", "that of the list it was taken from"),
    ),
    Column(
        "fallback",
        "__rmqueue_fallback",
        "rule",
        "what happens when the lists of the type asked for are empty?",
        (
            "largest chunk first; remainders to the lists of the type asked for",
            "largest first; unclaimed remainders stay with their type",
            "largest first (smallest for small MOVABLE requests); moved, then searched again",
            "the same choice, but one attempt: claim the block, or split that one chunk",
            "claim down to smaller orders, then split the smallest chunk",
        ),
    ),
    Column(
        "cma_use",
        "__rmqueue",
        "rule",
        "when do MOVABLE requests use CMA?",
        ("as their first fallback", "first if it is over half of what is free, else second"),
    ),
    Column(
        "reserve",
        "__rmqueue",
        "rule",
        "what is kept back for emergencies?",
        (
            "RESERVE blocks, a last resort for every request",
            "HIGHATOMIC blocks, one at least, for high-order atomic requests",
            "HIGHATOMIC blocks if 1 % of the zone makes one",
        ),
    ),
    Column(
        "movable_second",
        "enum migratetype",
        "rule",
        "which type is number 1?",
        ("RECLAIMABLE", "MOVABLE"),
    ),
    # ---- isolating ----
    Column(
        "move_to_tail",
        "move_freepages",
        "rule",
        "where do moved chunks go?",
        ("to the head, so in descending order", "to the tail, ascending"),
    ),
    Column(
        "set_isolate_nr",
        "set_migratetype_isolate",
        "NR_FREE_PAGES",
        "are the pages moved to ISOLATE taken off?",
    ),
    Column(
        "set_isolate_nr_free",
        "set_migratetype_isolate",
        "nr_free",
        "is each chunk moved to ISOLATE taken off its order?",
    ),
    Column(
        "unset_isolate_nr",
        "unset_migratetype_isolate",
        "NR_FREE_PAGES",
        "are the pages moved from ISOLATE added?",
    ),
    Column(
        "unset_isolate_nr_free",
        "unset_migratetype_isolate",
        "nr_free",
        "is each chunk moved from ISOLATE added to its order?",
    ),
    Column(
        "count_isolated",
        "set_migratetype_isolate",
        "rule",
        "does the zone count its isolated blocks?",
        ("no", "each time a block becomes ISOLATE", "each successful call, twice if called twice"),
    ),
    Column(
        "isolate_twice_refused",
        "set_migratetype_isolate",
        "rule",
        "is a block that is ISOLATE already refused?",
        _NO_YES,
    ),
    Column(
        "isolate_ragged_refused",
        "set_migratetype_isolate",
        "rule",
        "is a block that reaches beyond the zone refused?",
        ("no: it is typed and nothing moves", "yes"),
    ),
    Column(
        "unmovable_test",
        "has_unmovable_pages",
        "rule",
        "which blocks are searched for pages that cannot move?",
        ("all but MOVABLE and CMA", "all; CMA passes only for a CMA request"),
    ),
    Column(
        "isolate_drains",
        "set_migratetype_isolate",
        "rule",
        "are the pcp lists drained after the block is typed?",
        ("no: callers do", "yes"),
    ),
    Column(
        "straddle",
        "move_freepages_block_isolate",
        "rule",
        "what of a free chunk that covers further blocks?",
        (
            "moves whole if it begins here, else stays",
            "is split at the edges of the range afterwards",
            "is split in the same step",
        ),
    ),
    Column(
        "unset_merges",
        "unset_migratetype_isolate",
        "rule",
        "how does a free chunk of a whole block come back?",
        (
            "it moves",
            "freed anew unless its buddy's block is ISOLATE",
            "put back at the tail, merging, if its buddy is free and not ISOLATE",
        ),
    ),
    # ---- taking out ----
    Column("split_nr", "split_free_page", "NR_FREE_PAGES", "is the chunk taken out subtracted?"),
    Column(
        "split_nr_free", "split_free_page", "nr_free", "is the chunk taken off its order's count?"
    ),
    Column(
        "split_watermark",
        "split_free_page",
        "rule",
        "which watermark must hold with the chunk gone?",
        ("LOW", "LOW, unless the block is ISOLATE", "MIN, unless the block is ISOLATE"),
    ),
    Column(
        "split_moves",
        "split_free_page",
        "rule",
        "do the other free chunks of a block that becomes MOVABLE move too?",
        _NO_YES,
    ),
    Column(
        "offline_nr",
        "__offline_isolated_pages",
        "NR_FREE_PAGES",
        "is each chunk removed subtracted?",
    ),
    Column(
        "offline_nr_free",
        "__offline_isolated_pages",
        "nr_free",
        "is each chunk removed taken off its order's count?",
    ),
    Column(
        "hotplug",
        "offline_pages, online_pages",
        "rule",
        "how does memory go and come?",
        (
            "isolation undone at the end, onlined page by page",
            "pcp lists off meanwhile, blocks stay ISOLATE, onlined in the largest chunks",
        ),
    ),
    # ---- boot and sizes ----
    Column(
        "boot",
        "free_all_bootmem",
        "rule",
        "how is memory handed over at boot?",
        ("64 pages at a time, to the heads", "in the largest chunks, to the tails"),
    ),
    Column(
        "watermark",
        "__zone_watermark_ok",
        "rule",
        "how is a watermark compared?",
        (
            "unsigned, so that a negative count passes",
            "signed",
            "signed, without CMA pages unless they may be used",
            "signed, without CMA pages in the first comparison",
            "a usable chunk must be on a list; reserved highatomic pages are off",
            "a usable chunk must be on a list; free highatomic pages are off",
        ),
    ),
    Column(
        "watermark_less_isolated",
        "zone_watermark_ok_safe",
        "rule",
        "does the safe test subtract a whole block for each isolated one?",
        _NO_YES,
    ),
    Column(
        "zone_sizes",
        "setup_per_zone_wmarks",
        "rule",
        "how are watermarks and pcp lists sized?",
        (
            "LOW and HIGH at 5/4 and 6/4 of MIN, pcp high 6 batches",
            "by watermark_scale_factor, pcp high from LOW",
            "the same, pcp high between two limits",
        ),
    ),
)
BY_NAME: Final = {column.name: column for column in COLUMNS}
