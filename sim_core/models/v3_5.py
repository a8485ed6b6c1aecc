"""Linux 3.5 as released: ISOLATE is a list like any other, and every counter includes it."""

from sim_core.models.table import ALWAYS, NEVER, Cell, Row

V3_5 = Row(
    name="v3.5",
    title="Linux 3.5",
    summary="Isolated free pages are counted like any others.",
    aims=("I1", "I2", "I4", "I6"),
    family="Linux 3.x",
    because={
        "I1x": "nr_free counts chunks on ISOLATE lists like any others",
        "I2x": "NR_FREE_PAGES includes the pages on ISOLATE lists",
        "I3": "isolated pages are counted as free although nobody can allocate them",
        "I5-iso": "a drain files a page under the type it remembers, whatever its pageblock is",
        "I5-full": "a list does not follow the pageblock's type: fallbacks take parts of blocks",
    },
    cells={
        "free_pages_ok": Cell(
            {"free_pages_ok_isolated": NEVER},
            "__free_pages_ok, v3.5",
            "Every chunk goes through free_one_page, whatever its pageblock.",
        ),
        "free_hot_cold_page": Cell(
            {"free_hot_cold_isolated": NEVER},
            "free_hot_cold_page, v3.5",
            "A page of an ISOLATE pageblock skips the pcp and goes through free_one_page.",
        ),
        "vm_bug_on": Cell(
            {"free_one_page_bug": NEVER},
            "free_one_page, v3.5",
            "ISOLATE is an allowed type here.",
        ),
        "free_one_page": Cell(
            {"free_one_page_nr": ALWAYS},
            "free_one_page, v3.5",
            "The chunk is counted free although nobody can allocate it.",
        ),
        "set_migratetype_isolate": Cell(
            {"set_isolate_nr": NEVER, "set_isolate_nr_free": NEVER},
            "set_migratetype_isolate, v3.5",
            "Moving to the ISOLATE lists changes no counter.",
        ),
        "unset_migratetype_isolate": Cell(
            {"unset_isolate_nr": NEVER, "unset_isolate_nr_free": NEVER},
            "unset_migratetype_isolate, v3.5",
            "Moving back changes no counter either.",
        ),
        "split_free_page": Cell(
            {"split_nr": ALWAYS, "split_nr_free": ALWAYS},
            "split_free_page, v3.5",
            "The chunk was counted, so it is uncounted.",
        ),
        "offline_isolated_pages": Cell(
            {"offline_nr": ALWAYS, "offline_nr_free": ALWAYS},
            "__offline_isolated_pages, v3.5",
            "The chunk was counted, so it is uncounted.",
        ),
        "isolated_test": Cell(
            {"test_moves_strays": 0},
            "test_pages_isolated, v3.5",
            "A free chunk will do, whatever list it is on.",
        ),
        "type_read": Cell(
            {"free_type_read": 0},
            "__free_pages_ok and free_hot_cold_page, v3.5",
            "The pageblock's type is read before zone->lock is taken and believed afterwards.",
        ),
        "free_split": Cell(
            {"free_splits_blocks": 0},
            "__free_pages_ok, v3.5",
            "A chunk is freed whole under the type of its first block.",
        ),
        "merge_guard": Cell(
            {"merge_guard": 0},
            "__free_one_page, v3.5",
            "page_is_buddy never looks at types: an isolated chunk merges with any neighbour.",
        ),
        "merge_retype": Cell(
            {"merge_retypes": 0},
            "__free_one_page, v3.5",
            "Merging leaves block types alone; the chunk goes to the list of the side freed last.",
        ),
        "higher_buddy": Cell(
            {"tail_lower_half_only": 1},
            "__free_one_page, v3.5 (mended by 0ba8f2d59304 in 3.6)",
            "The higher buddy's address is taken from the freed page, not from the pair.",
        ),
        "pcp_lists": Cell(
            {"pcp_lists": 0},
            "free_hot_cold_page, free_pcppages_bulk, v3.5",
            "Only single pages are kept per CPU; batches go back round robin, oldest first.",
        ),
        "pcp_drain": Cell(
            {"drain_type": 0, "drain_nr": ALWAYS},
            "free_pcppages_bulk, v3.5",
            "A page goes under the type noted when it was queued, though its block may be ISOLATE "
            "by now.",
        ),
        "pcp_refill": Cell(
            {"refill_remembers": 0},
            "rmqueue_bulk, v3.5 (CONFIG_CMA)",
            "Only CMA and ISOLATE blocks are noted; a page from elsewhere counts as what was "
            "asked for.",
        ),
        "alloc": Cell(
            {"alloc_nr": ALWAYS},
            "buffered_rmqueue and rmqueue_bulk, v3.5",
            "Whatever is handed out was counted, or so it is taken to be.",
        ),
        "account_freepages": Cell(
            {"list_nr": NEVER},
            "v3.5",
            "List functions touch no counter but nr_free: each caller counts for itself.",
        ),
        "cma_counter": Cell(
            {"count_cma": 0, "cma_by_list": 0},
            "v3.5",
            "CMA pages are not counted apart.",
        ),
        "fallback": Cell(
            {"fallback": 0},
            "__rmqueue_fallback, v3.5",
            "The largest chunk costs the other type least; what is left of it changes lists for "
            "good.",
        ),
        "cma_use": Cell(
            {"cma_use": 0},
            "fallbacks[], v3.5",
            "MOVABLE requests take CMA before they break into other types.",
        ),
        "reserve": Cell(
            {"reserve": 0},
            "setup_zone_migrate_reserve, v3.5",
            "Up to two blocks hold what min_free_kbytes promises to atomic requests.",
        ),
        "migratetypes": Cell(
            {"movable_second": 0},
            "enum migratetype, v3.5",
            "UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, CMA, ISOLATE.",
        ),
        "move_place": Cell(
            {"move_to_tail": 0},
            "move_freepages (list_move), v3.5",
            "Each chunk goes to the head, so a block's chunks come to lie in descending order.",
        ),
        "isolated_count": Cell(
            {"count_isolated": 0},
            "v3.5",
            "Nobody knows how many blocks are isolated.",
        ),
        "isolate_twice": Cell(
            {"isolate_twice_refused": 0},
            "set_migratetype_isolate, v3.5",
            "Two isolators of one block both succeed; the first to undo undoes for both.",
        ),
        "isolate_ragged": Cell(
            {"isolate_ragged_refused": 0},
            "set_migratetype_isolate and move_freepages_block, v3.5",
            "move_freepages_block leaves a block alone that ends beyond the zone.",
        ),
        "unmovable": Cell(
            {"unmovable_test": 0},
            "set_migratetype_isolate, v3.5",
            "A MOVABLE or CMA block is taken at its word.",
        ),
        "isolate_drain": Cell(
            {"isolate_drains": 1},
            "set_migratetype_isolate, v3.5",
            "drain_all_pages runs after the type is set: queued pages come back under what they "
            "remember.",
        ),
        "straddle": Cell(
            {"straddle": 0},
            "move_freepages, v3.5",
            "A chunk of two blocks follows the block it begins in.",
        ),
        "unset_merge": Cell(
            {"unset_merges": 0},
            "unset_migratetype_isolate, v3.5",
            "Chunks move to their lists again and merge with nothing.",
        ),
        "split_watermark": Cell(
            {"split_watermark": 0},
            "split_free_page, v3.5",
            "LOW must hold with the chunk gone, even where the chunk is of no use to anybody.",
        ),
        "split_move": Cell(
            {"split_moves": 0},
            "split_free_page, v3.5",
            "The block becomes MOVABLE, its other free chunks stay on the lists they are on.",
        ),
        "hotplug": Cell(
            {"hotplug": 0},
            "offline_pages and online_pages, v3.5",
            "Removed pages are reserved, blocks become MOVABLE, and come back a page at a time.",
        ),
        "holes": Cell(
            {"holes_have_pages": 0},
            "pfn_valid_within, v3.5",
            "A frame of a hole is not looked at.",
        ),
        "boot": Cell(
            {"boot": 0},
            "free_all_bootmem (nobootmem), v3.5",
            "BITS_PER_LONG pages at once, each completed chunk at the head: the highest is taken "
            "first.",
        ),
        "watermark": Cell(
            {"watermark": 0, "watermark_less_isolated": 0},
            "__zone_watermark_ok, v3.5 (signed from 3.6)",
            "min + lowmem_reserve is unsigned, so a negative count compares as huge.",
        ),
        "zone_sizes": Cell(
            {"zone_sizes": 0},
            "setup_per_zone_wmarks and zone_batchsize, v3.5",
            "From the pages present.",
        ),
        "lowmem_reserve": Cell(
            {"lowmem_reserve": 0},
            "setup_per_zone_lowmem_reserve, v3.5",
            "A ratio below 1 is taken for 1.",
        ),
        "give_up": Cell(
            {"give_up": 0},
            "all_unreclaimable, v3.5",
            "Only balance_pgdat sets zone->all_unreclaimable: while kswapd sleeps, direct reclaim "
            "calls its failure progress.",
        ),
    },
)
