"""Linux 3.19: the freepage accounting of autumn 2014."""

from sim_core.models.table import PASSED_IS_NOT_ISOLATE, Cell
from sim_core.models.v3_8 import V3_8

V3_19 = V3_8.with_cells(
    {
        "type_read": Cell(
            {"free_type_read": 1},
            "free_one_page, v3.18 (ad53f92eb416)",
            "While any block is isolated the type is read again under the lock.",
        ),
        "free_one_page": Cell(
            {"free_one_page_nr": PASSED_IS_NOT_ISOLATE},
            "__free_one_page, v3.18 (8f82b55d)",
            "Counted by the very type under which the chunk is listed.",
        ),
        "merge_guard": Cell(
            {"merge_guard": 1},
            "__free_one_page, v3.18 (3c605096d315)",
            "A chunk freed to ISOLATE grows no larger than a pageblock; one freed beside it still "
            "may "
            "swallow it.",
        ),
        "pcp_drain": Cell(
            {"drain_type": 1, "drain_nr": PASSED_IS_NOT_ISOLATE},
            "free_pcppages_bulk, v3.18 (51bb1a4093cc, 8f82b55d)",
            "While any block is isolated the page's block is asked, for the list and for the "
            "count.",
        ),
        "pcp_refill": Cell(
            {"refill_remembers": 1},
            "rmqueue_bulk, v3.18 (set_freepage_migratetype)",
            "The page remembers the list it came from, RESERVE and CMA included.",
        ),
        "cma_counter": Cell(
            {"count_cma": 1, "cma_by_list": 1},
            "buffered_rmqueue, v3.18",
            "By the list that the chunk came from.",
        ),
        "fallback": Cell(
            {"fallback": 1},
            "try_to_steal_freepages, v3.19",
            "A block that cannot be claimed keeps the remainder; its other chunks were moved all "
            "the "
            "same.",
        ),
        "isolated_count": Cell(
            {"count_isolated": 2},
            "set_migratetype_isolate, v3.18 (ad53f92eb416)",
            "nr_isolate_pageblock says whether types must be read again; a second call counts "
            "twice.",
        ),
        "unset_merge": Cell(
            {"unset_merges": 1},
            "unset_migratetype_isolate, v3.18 (3c605096d315)",
            "A chunk of a whole block is freed anew, so that it merges as it could not before.",
        ),
        "watermark": Cell(
            {"watermark": 3, "watermark_less_isolated": 0},
            "__zone_watermark_ok, v3.19",
            "CMA pages are off in the first comparison only.",
        ),
        "give_up": Cell(
            {"give_up": 1},
            "all_unreclaimable, v3.19 (6e543d5780e3)",
            "zone_reclaimable decides by itself, kswapd or not.",
        ),
    },
    name="v3.19",
    title="Linux 3.19",
    summary="Lists and counts follow the block's type, but a chunk freed next door can swallow an "
    "isolated one.",
    aims=("I1", "I2x", "I3", "I4", "I5-iso", "I6"),
    because={},
)
