"""Every question on which kernels part, with the answers that any of them gives.

The order is that of the compiled policy (sim_core/mm/policy.pxd).
"""

from typing import Final

from sim_core.models.column import Column, ways

_NO_YES: Final = ways(("no", "no"), ("yes", "yes"))

SECTIONS: Final[dict[str, tuple[Column, ...]]] = {
    "Freeing": (
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
            ways(
                ("before lock", "before the lock"),
                (
                    "rechecked",
                    "again under the lock while a block is isolated, or if it read ISOLATE",
                ),
                ("under lock", "under the lock"),
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
            ways(
                ("all merge", "all merge, whatever their types"),
                ("ISOLATE stops", "one freed to ISOLATE grows no larger than a pageblock"),
                ("ISOLATE apart", "ISOLATE with another type, either way"),
                (
                    "unalike apart",
                    "unalike types, unless both are UNMOVABLE, RECLAIMABLE or MOVABLE",
                ),
            ),
        ),
        Column(
            "merge_retypes",
            "__free_one_page",
            "rule",
            "which blocks of an absorbed buddy get the type of the chunk freed?",
            ways(("none", "none"), ("its first", "its first"), ("all", "all")),
        ),
        Column(
            "tail_lower_half_only",
            "__free_one_page",
            "rule",
            "does the higher-buddy probe miss for the upper half of a pair?",
            _NO_YES,
        ),
    ),
    "Per-CPU lists": (
        Column(
            "pcp_lists",
            "free_pcppages_bulk",
            "rule",
            "what do the pcp lists hold, and how are they emptied?",
            ways(
                ("single pages", "single pages, round robin over three lists"),
                (
                    "orders 0–3",
                    "orders 0 to 3, list after list, more with each drain in a row",
                ),
                (
                    "orders, tuned",
                    "the same, and refills grow, high moves between two limits",
                ),
            ),
        ),
        Column(
            "drain_type",
            "free_pcppages_bulk",
            "rule",
            "under which type does a drained page go back?",
            ways(
                ("remembered", "the one it remembers"),
                ("block if any", "its block's while a block is isolated"),
                ("its block's", "its block's"),
            ),
        ),
        Column("drain_nr", "free_pcppages_bulk", "NR_FREE_PAGES", "is the drained page counted?"),
        Column(
            "refill_remembers",
            "rmqueue_bulk",
            "rule",
            "what type does a refilled page remember?",
            ways(
                ("asked for", "the one asked for, or its block's if that is CMA or ISOLATE"),
                ("its list's", "that of the list it was taken from"),
                ("none", "none"),
            ),
        ),
    ),
    "Allocating": (
        Column("alloc_nr", "rmqueue", "NR_FREE_PAGES", "is the chunk handed out subtracted?"),
        Column(
            "list_nr",
            "account_freepages",
            "NR_FREE_PAGES",
            "is a chunk counted where it enters or leaves a list?",
        ),
        Column(
            "count_cma",
            "__mod_zone_freepage_state",
            "rule",
            "is NR_FREE_CMA_PAGES kept?",
            _NO_YES,
        ),
        Column(
            "cma_by_list",
            "rmqueue",
            "rule",
            "by which type is a chunk handed out a CMA one?",
            ways(
                ("its block's", "its block's"),
                ("its list's", "that of the list it was taken from"),
            ),
        ),
        Column(
            "fallback",
            "__rmqueue_fallback",
            "rule",
            "what happens when the lists of the type asked for are empty?",
            ways(
                (
                    "largest",
                    "largest chunk first; remainders to the lists of the type asked for",
                ),
                (
                    "keeps type",
                    "largest first; unclaimed remainders stay with their type",
                ),
                (
                    "moves, retries",
                    "largest first (smallest for small MOVABLE requests); moved, then searched "
                    "again",
                ),
                (
                    "one attempt",
                    "the same choice, but one attempt: claim the block, or split that one chunk",
                ),
                (
                    "claim or steal",
                    "claim down to smaller orders, then split the smallest chunk",
                ),
            ),
        ),
        Column(
            "cma_use",
            "__rmqueue",
            "rule",
            "when do MOVABLE requests use CMA?",
            ways(
                ("fallback", "as their first fallback"),
                ("balanced", "first if it is over half of what is free, else second"),
            ),
        ),
        Column(
            "reserve",
            "__rmqueue",
            "rule",
            "what is kept back for emergencies?",
            ways(
                ("RESERVE", "RESERVE blocks, a last resort for every request"),
                (
                    "HIGHATOMIC",
                    "HIGHATOMIC blocks, one at least, for high-order atomic requests",
                ),
                ("HIGHATOMIC 1 %", "HIGHATOMIC blocks if 1 % of the zone makes one"),
            ),
        ),
        Column(
            "movable_second",
            "enum migratetype",
            "rule",
            "which type is number 1?",
            ways(("RECLAIMABLE", "RECLAIMABLE"), ("MOVABLE", "MOVABLE")),
        ),
    ),
    "Isolating": (
        Column(
            "move_to_tail",
            "move_freepages",
            "rule",
            "where do moved chunks go?",
            ways(
                ("head", "to the head, so in descending order"),
                ("tail", "to the tail, ascending"),
            ),
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
            ways(
                ("no", "no"),
                ("each block", "each time a block becomes ISOLATE"),
                ("each call", "each successful call, twice if called twice"),
            ),
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
            ways(("no", "no: it is typed and nothing moves"), ("yes", "yes")),
        ),
        Column(
            "unmovable_test",
            "has_unmovable_pages",
            "rule",
            "which blocks are searched for pages that cannot move?",
            ways(
                ("not MOVABLE", "all but MOVABLE and CMA"),
                ("all", "all; CMA passes only for a CMA request"),
            ),
        ),
        Column(
            "isolate_drains",
            "set_migratetype_isolate",
            "rule",
            "are the pcp lists drained after the block is typed?",
            ways(("no", "no: callers do"), ("yes", "yes")),
        ),
        Column(
            "straddle",
            "move_freepages_block_isolate",
            "rule",
            "what of a free chunk that covers further blocks?",
            ways(
                ("whole", "moves whole if it begins here, else stays"),
                ("split after", "is split at the edges of the range afterwards"),
                ("split at once", "is split in the same step"),
            ),
        ),
        Column(
            "unset_merges",
            "unset_migratetype_isolate",
            "rule",
            "how does a free chunk of a whole block come back?",
            ways(
                ("moves", "it moves"),
                ("freed anew", "freed anew unless its buddy's block is ISOLATE"),
                (
                    "put back",
                    "put back at the tail, merging, if its buddy is free and not ISOLATE",
                ),
            ),
        ),
    ),
    "Taking out": (
        Column(
            "split_nr", "split_free_page", "NR_FREE_PAGES", "is the chunk taken out subtracted?"
        ),
        Column(
            "split_nr_free",
            "split_free_page",
            "nr_free",
            "is the chunk taken off its order's count?",
        ),
        Column(
            "split_watermark",
            "split_free_page",
            "rule",
            "which watermark must hold with the chunk gone?",
            ways(
                ("LOW", "LOW"),
                ("LOW unless ISOLATE", "LOW, unless the block is ISOLATE"),
                ("MIN unless ISOLATE", "MIN, unless the block is ISOLATE"),
            ),
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
            "test_moves_strays",
            "test_pages_isolated",
            "rule",
            "does the test before removal move free chunks of the range to the ISOLATE lists?",
            _NO_YES,
        ),
        Column(
            "hotplug",
            "offline_pages, online_pages",
            "rule",
            "how does memory go and come?",
            ways(
                ("page by page", "isolation undone at the end, onlined page by page"),
                (
                    "in chunks",
                    "pcp lists off meanwhile, blocks stay ISOLATE, onlined in the largest chunks",
                ),
            ),
        ),
    ),
    "Boot and sizes": (
        Column(
            "holes_have_pages",
            "pfn_valid_within",
            "rule",
            "are there struct pages in a hole of the zone?",
            ways(("none", "no: it is passed over"), ("reserved", "yes, reserved ones")),
        ),
        Column(
            "boot",
            "free_all_bootmem",
            "rule",
            "how is memory handed over at boot?",
            ways(
                ("64 at a time", "64 pages at a time, to the heads"),
                ("in chunks", "in the largest chunks, to the tails"),
            ),
        ),
        Column(
            "watermark",
            "__zone_watermark_ok",
            "rule",
            "how is a watermark compared?",
            ways(
                ("unsigned", "unsigned, so that a negative count passes"),
                ("signed", "signed"),
                ("less CMA", "signed, without CMA pages unless they may be used"),
                ("less CMA once", "signed, without CMA pages in the first comparison"),
                (
                    "asks lists",
                    "a usable chunk must be on a list; reserved highatomic pages are off",
                ),
                (
                    "asks lists, free",
                    "a usable chunk must be on a list; free highatomic pages are off",
                ),
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
            ways(
                ("by present", "LOW and HIGH at 5/4 and 6/4 of MIN, pcp high 6 batches"),
                ("by managed", "by watermark_scale_factor, pcp high from LOW"),
                ("tuned", "the same, pcp high between two limits"),
            ),
        ),
        Column(
            "lowmem_reserve",
            "setup_per_zone_lowmem_reserve",
            "rule",
            "what does a zone keep from requests that a higher one could serve?",
            ways(
                ("always some", "what lies above by the ratio, at least 1"),
                ("if a ratio", "what lies above by the ratio; nothing where that is 0"),
                ("not for empty", "the same, and nothing from those whose highest zone is empty"),
            ),
        ),
        Column(
            "give_up",
            "all_unreclaimable",
            "rule",
            "when does direct reclaim give a zone up?",
            ways(
                ("by kswapd's flag", "when kswapd has set all_unreclaimable, and nobody else may"),
                ("by its scans", "when its LRU was looked at six times over and nothing came back"),
            ),
        ),
    ),
}
"""The questions by where they come up."""

COLUMNS: Final = tuple(column for columns in SECTIONS.values() for column in columns)
BY_NAME: Final = {column.name: column for column in COLUMNS}
