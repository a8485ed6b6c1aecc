"""Names of what the log of primitive writes has as numbers.

The numbers of kinds, sites and operations are those of sim_core/mm/log.pxd and operation.pxd, in
their order; a test holds the tables to them.
"""

from typing import Final

from sim_core.mm._travel import STEP_KINDS

Record = tuple[int, int, int, int, int, int]
"""(kind, site, a, b, where, value)"""

KINDS: Final = (
    "op",
    "args",
    "ret",
    "link",
    "unlink",
    "pcp_link",
    "pcp_unlink",
    "nr_free",
    "stat",
    "state",
    "prep",
    "unprep",
    "run",
    "fill",
    "block_type",
    "block_free",
    "watermark",
    "pcp_size",
    "handle",
    "rebind",
    "live_push",
    "live_remove",
    "random",
    "workload",
    "stop",
    "pcp_state",
    "queue_push",
    "queue_remove",
    "lowmem_reserve",
    "node",
    "setting",
    "watch",
    "cell",
)
SITES: Final = (
    "",
    "__free_one_page",
    "expand",
    "__rmqueue_smallest",
    "__rmqueue_fallback",
    "rmqueue_bulk",
    "buffered_rmqueue",
    "move_freepages",
    "__free_pages_ok",
    "free_one_page",
    "free_one_isolated_page",
    "free_hot_cold_page",
    "free_pcppages_bulk",
    "prep_new_page",
    "set_pageblock_migratetype",
    "set_migratetype_isolate",
    "unset_migratetype_isolate",
    "split_free_page",
    "__offline_isolated_pages",
    "offline_pages",
    "migrate_pages",
    "online_pages",
    "setup_per_zone_wmarks",
    "setup_zone_migrate_reserve",
    "zone_pcp_update",
    "free_all_bootmem",
    "the simulator",
    "a person",
    "account_freepages",
    "steal_suitable_fallback",
    "__rmqueue_claim",
    "__rmqueue_steal",
    "isolate_single_pageblock",
    "move_freepages_block_isolate",
    "zone_pcp_disable",
    "reserve_highatomic_pageblock",
    "setup_per_zone_lowmem_reserve",
    "shrink_zone",
    "balance_pgdat",
    "wakeup_kswapd",
    "out_of_memory",
    "__alloc_pages_slowpath",
)
OPERATIONS: Final = (
    "idle",
    "alloc",
    "free",
    "drain",
    "set_block_type",
    "pin",
    "unpin",
    "isolate",
    "unisolate",
    "split_free_page",
    "offline",
    "online",
    "boot_free",
    "mark_lru",
    "offline_isolated",
    "online_pages",
    "free_begin",
    "free_finish",
    "alloc_contig",
    "free_contig",
    "drop_cache",
    "kswapd_step",
    "write_min_free_kbytes",
    "oom_kill",
    "run_on",
    "read_cache",
    "exit",
    "set_workload",
)
STAT_WORDS: Final = (
    "NR_FREE_PAGES",
    "present pages",
    "pages reserved at boot",
    "offline pages",
    "allocated pages",
    "requests that found no page",
    "fallbacks",
    "pcp drains",
    "migrated pages",
    "requests served",
    "frees",
    "NR_FREE_CMA_PAGES",
    "NR_FREE_HIGHATOMIC",
    "isolated blocks by the zone's count",
    "pages reserved as HIGHATOMIC",
    "file pages on the LRU",
    "anonymous pages on the LRU",
    "pages_scanned",
    "all_unreclaimable",
    "the hand over file pages",
    "the hand over anonymous pages",
)
NODE_WORDS: Final = (
    "min_free_kbytes",
    "free swap pages",
    "kswapd awake",
    "kswapd's order",
    "kswapd's class",
    "kswapd's priority",
    "pages kswapd reclaimed",
    "the verdict",
    "turns of the slow path",
    "processes killed",
    "the last process killed",
    "the CPU that runs",
)
PCP_SIZE_WORDS: Final = ("high", "largest high", "batch")
PCP_STATE_WORDS: Final = ("factor", "free_count", "PREV_FREE_HIGH_ORDER", "high")
STATE_WORDS: Final = (
    "part of a chunk",
    "a free head",
    "in use",
    "pinned",
    "on a pcp list",
    "reserved",
    "offline",
    "a hole",
    "being migrated",
    "half freed",
)
WATCHED: Final = ("I1", "I1x", "I2", "I2x", "I3", "I4")
WATERMARK_WORDS: Final = ("MIN", "LOW", "HIGH")
BUG_WORDS: Final = {
    1001: "kernel BUG: VM_BUG_ON(migratetype == MIGRATE_ISOLATE) in free_one_page. "
    "A page of an ISOLATE pageblock was freed the ordinary way. The node has stopped.",
    1002: "kernel panic: out of memory, and no process is left to kill. The node has stopped.",
}
HANGS: Final = 900
"""Returned by what would never return: its request for a page goes round for ever."""
STEPS: Final = frozenset(KINDS[kind] for kind in STEP_KINDS)
"""Kinds that are a step of a kernel's; the others are the simulator's own bookkeeping."""
