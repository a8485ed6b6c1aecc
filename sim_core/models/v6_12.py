"""Linux 6.12 as released: a chunk is on its block's type's list, and counted where lists change."""

from sim_core.models.table import ALWAYS, NEVER, PASSED_IS_NOT_ISOLATE, Cell
from sim_core.models.v6_1 import V6_1

_HYGIENE = "v6.12 (e0932b6c1f94)"

V6_12 = V6_1.with_cells(
    {
        "type_read": Cell(
            {"free_type_read": 2},
            "free_one_page, v6.12 (55612e80e722)",
            "The block's type cannot change while it is looked at.",
        ),
        "free_split": Cell(
            {"free_splits_blocks": 1},
            "split_large_buddy, v6.12 (fd919a85cd55)",
            "Each block's part is freed under that block's type, and merges where types allow.",
        ),
        "free_one_page": Cell(
            {"free_one_page_nr": NEVER},
            f"__free_one_page, {_HYGIENE}",
            "account_freepages counts.",
        ),
        "merge_retype": Cell(
            {"merge_retypes": 1},
            "__free_one_page, v6.12",
            "An absorbed buddy's first block takes the type of the chunk freed.",
        ),
        "pcp_lists": Cell(
            {"pcp_lists": 2},
            "nr_pcp_alloc, nr_pcp_free, v6.12",
            "Refills grow while pages are only taken; high moves between two limits.",
        ),
        "pcp_drain": Cell(
            {"drain_type": 2, "drain_nr": NEVER},
            f"free_pcppages_bulk, {_HYGIENE}",
            "The block is asked at the drain; account_freepages counts.",
        ),
        "pcp_refill": Cell(
            {"refill_remembers": 2},
            "rmqueue_bulk, v6.12",
            "No type is cached in the page any more.",
        ),
        "alloc": Cell(
            {"alloc_nr": NEVER},
            f"rmqueue_buddy and rmqueue_bulk, {_HYGIENE}",
            "account_freepages counts.",
        ),
        "account_freepages": Cell(
            {"list_nr": PASSED_IS_NOT_ISOLATE},
            f"account_freepages, {_HYGIENE}",
            "Every list function is told the type and counts by it; ISOLATE counts nowhere.",
        ),
        "fallback": Cell(
            {"fallback": 3},
            "__rmqueue_fallback, v6.12",
            "The whole block if it is worth claiming, else one chunk whose remainder keeps its "
            "type.",
        ),
        "reserve": Cell(
            {"reserve": 2},
            "reserve_highatomic_pageblock, v6.12",
            "HIGHATOMIC only where 1 % of the zone is a block; all blocks of a larger chunk.",
        ),
        "set_migratetype_isolate": Cell(
            {"set_isolate_nr": NEVER, "set_isolate_nr_free": NEVER},
            f"set_migratetype_isolate, {_HYGIENE}",
            "account_freepages counts what move_freepages_block_isolate moves.",
        ),
        "unset_migratetype_isolate": Cell(
            {"unset_isolate_nr": NEVER, "unset_isolate_nr_free": NEVER},
            f"unset_migratetype_isolate, {_HYGIENE}",
            "account_freepages counts what move_freepages_block_isolate moves.",
        ),
        "isolate_ragged": Cell(
            {"isolate_ragged_refused": 1},
            "prep_move_freepages_block, v6.12",
            "A block that is not wholly in the zone cannot be moved, so it is not typed either.",
        ),
        "straddle": Cell(
            {"straddle": 2},
            "move_freepages_block_isolate, v6.12 (fd919a85cd55)",
            "Split under the lock that covers the change of type: there is no moment in between.",
        ),
        "split_free_page": Cell(
            {"split_nr": NEVER, "split_nr_free": ALWAYS},
            f"__isolate_free_page, {_HYGIENE}",
            "account_freepages counts.",
        ),
        "split_move": Cell(
            {"split_moves": 1},
            "__isolate_free_page, v6.12",
            "A block that becomes MOVABLE takes its other free chunks along.",
        ),
        "watermark": Cell(
            {"watermark": 5, "watermark_less_isolated": 0},
            "__zone_watermark_ok, v6.12",
            "As before, less the free HIGHATOMIC pages instead of the reserved ones.",
        ),
        "zone_sizes": Cell(
            {"zone_sizes": 2},
            "zone_highsize, v6.12",
            "high lies between LOW and an eighth of the zone, shared by the CPUs.",
        ),
        "lowmem_reserve": Cell(
            {"lowmem_reserve": 2},
            "setup_per_zone_lowmem_reserve, v6.12",
            "A zone without pages serves nobody, so nothing need be kept from its requests.",
        ),
    },
    name="v6.12",
    title="Linux 6.12",
    summary="Lists follow blocks and counts follow lists: isolated pages are counted nowhere.",
    aims=("I1", "I2x", "I3", "I4", "I5-iso", "I5-full", "I6"),
    because={},
)
