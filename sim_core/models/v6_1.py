"""Linux 6.1: merges guarded from both sides, pcp lists of orders 0 to 3, HIGHATOMIC for RESERVE."""

from sim_core.models.table import Cell
from sim_core.models.v3_19 import V3_19

V6_1 = V3_19.with_cells(
    {
        "merge_guard": Cell(
            {"merge_guard": 3},
            "__free_one_page, v6.1 (d9dddbf55667, migratetype_is_mergeable)",
            "From a pageblock up an isolated chunk merges with nothing else, whichever side is "
            "freed.",
        ),
        "pcp_lists": Cell(
            {"pcp_lists": 1},
            "free_unref_page_commit, nr_pcp_free, v6.1",
            "Chunks of orders 0 to 3 are kept; drains in a row double what goes back.",
        ),
        "fallback": Cell(
            {"fallback": 2},
            "steal_suitable_fallback, v6.1",
            "Chunk or block are moved to the lists of the type asked for, then the search begins "
            "anew.",
        ),
        "cma_use": Cell(
            {"cma_use": 1},
            "__rmqueue, v6.1",
            "CMA goes first while it is more than half of what is free, so that it does not stay "
            "last.",
        ),
        "reserve": Cell(
            {"reserve": 1},
            "reserve_highatomic_pageblock, v6.1",
            "HIGHATOMIC blocks are made on demand and served to high-order atomic requests alone.",
        ),
        "migratetypes": Cell(
            {"movable_second": 1},
            "enum migratetype, v6.1",
            "UNMOVABLE, MOVABLE, RECLAIMABLE, HIGHATOMIC, CMA, ISOLATE.",
        ),
        "move_place": Cell(
            {"move_to_tail": 1},
            "move_to_free_list, v6.1 (293ffa5ebb9c)",
            "Moved chunks are used last, in ascending order.",
        ),
        "isolate_twice": Cell(
            {"isolate_twice_refused": 1},
            "set_migratetype_isolate, v6.1 (2c7452a075d4)",
            "A block has one isolator.",
        ),
        "unmovable": Cell(
            {"unmovable_test": 1},
            "has_unmovable_pages, v6.1",
            "MOVABLE blocks are searched too; CMA is left to a CMA request.",
        ),
        "isolate_drain": Cell(
            {"isolate_drains": 0},
            "set_migratetype_isolate, v6.1",
            "Callers drain, or switch the pcp lists off before.",
        ),
        "straddle": Cell(
            {"straddle": 1},
            "isolate_single_pageblock, v6.1 (b2c9e2fbba32)",
            "A free chunk over the edge of the range is split, after the block was typed.",
        ),
        "unset_merge": Cell(
            {"unset_merges": 2},
            "unset_migratetype_isolate, v6.1",
            "Put back at the tail, merging with its free buddy.",
        ),
        "split_watermark": Cell(
            {"split_watermark": 2},
            "__isolate_free_page, v6.1",
            "MIN must hold with the chunk gone; not asked in an ISOLATE block.",
        ),
        "isolated_test": Cell(
            {"test_moves_strays": 0},
            "test_pages_isolated, v6.1",
            "Drains go by the block's type, so there are no strays to move.",
        ),
        "hotplug": Cell(
            {"hotplug": 1},
            "offline_pages and online_pages, v6.1 (ec6e8c7e0314)",
            "pcp lists are off meanwhile; blocks stay ISOLATE while they are offline.",
        ),
        "holes": Cell(
            {"holes_have_pages": 1},
            "init_unavailable_range, v6.1",
            "The memory map has no gaps within a section: what is no memory is reserved.",
        ),
        "boot": Cell(
            {"boot": 1},
            "memblock_free_pages, v6.1 (7fef431be9c9)",
            "The largest aligned chunks, to the tails: the lowest page is taken first.",
        ),
        "watermark": Cell(
            {"watermark": 4, "watermark_less_isolated": 0},
            "__zone_watermark_ok, v6.1",
            "A list must hold a chunk that may be used; what nr_free says of lower orders is not "
            "asked.",
        ),
        "zone_sizes": Cell(
            {"zone_sizes": 1},
            "__setup_per_zone_wmarks, zone_highsize, v6.1",
            "From managed pages, 0.1 % of them between the marks at least.",
        ),
        "lowmem_reserve": Cell(
            {"lowmem_reserve": 1},
            "setup_per_zone_lowmem_reserve, v6.1",
            "A ratio of 0 turns a zone's reserve off.",
        ),
        "give_up": Cell(
            {"give_up": 1},
            "should_reclaim_retry, v6.1",
            "A stand-in: 6.x counts retries of the whole node; here 3.19's rule decides.",
        ),
    },
    name="v6.1",
    title="Linux 6.1",
    summary="Isolated pages are out of NR_FREE_PAGES and merge with nothing else; a chunk over the "
    "edge is split afterwards.",
    aims=("I1", "I2x", "I3", "I4", "I5-iso", "I6"),
    because={},
    family="Linux 6.x",
)
