"""Linux 3.7: NR_FREE_PAGES leaves isolated pages out, with two omissions."""

from sim_core.models.table import ALWAYS, BLOCK_IS_NOT_ISOLATE, NEVER, PASSED_IS_NOT_ISOLATE, Cell
from sim_core.models.v3_6 import V3_6

V3_7 = V3_6.with_cells(
    {
        "free_one_page": Cell(
            {"free_one_page_nr": PASSED_IS_NOT_ISOLATE},
            "free_one_page, v3.7 (2139cbe627b8)",
            "A chunk freed to ISOLATE is of no use to anybody, so it is not counted.",
        ),
        "set_migratetype_isolate": Cell(
            {"set_isolate_nr": ALWAYS, "set_isolate_nr_free": NEVER},
            "set_migratetype_isolate, v3.7 (2139cbe627b8)",
            "What move_freepages_block moved is taken off, under the block's old type.",
        ),
        "unset_migratetype_isolate": Cell(
            {"unset_isolate_nr": ALWAYS, "unset_isolate_nr_free": NEVER},
            "unset_migratetype_isolate, v3.7 (2139cbe627b8)",
            "What moves back is added, under the block's new type.",
        ),
        "split_free_page": Cell(
            {"split_nr": BLOCK_IS_NOT_ISOLATE, "split_nr_free": ALWAYS},
            "capture_free_page, v3.7 (2139cbe627b8)",
            "A chunk in an ISOLATE block was not counted.",
        ),
        "cma_counter": Cell(
            {"count_cma": 1, "cma_by_list": 0},
            "__mod_zone_freepage_state, v3.7 (d1ce749a0db1)",
            "NR_FREE_CMA_PAGES is a part of NR_FREE_PAGES, by the block's type at hand.",
        ),
        "watermark": Cell(
            {"watermark": 2, "watermark_less_isolated": 1},
            "__zone_watermark_ok, v3.7",
            "CMA pages are off for whoever may not use them. Isolated blocks are still taken off "
            "by "
            "the safe test, a second time now.",
        ),
    },
    name="v3.7",
    title="Linux 3.7",
    summary="NR_FREE_PAGES leaves isolated pages out, but a drain adds them and offlining "
    "subtracts "
    "them again.",
    aims=("I1", "I2x", "I3", "I4", "I6"),
    because={
        "I2": "NR_FREE_PAGES leaves isolated pages out, nr_free counts them",
    },
)
