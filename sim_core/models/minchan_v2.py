"""The patch of the seed mail (20 June 2012), hunk by hunk: isolated pages are in no counter.

Each hunk is a cell that can be taken alone, so "apply only this hunk" is a model too
(sim_core/models/hunks.py).
"""

from typing import Final

from sim_core.models.table import (
    ALWAYS,
    BLOCK_IS_NOT_ISOLATE,
    NEVER,
    PASSED_IS_ISOLATE,
    Cell,
)
from sim_core.models.v3_5 import V3_5

_MAIL: Final = "mail of 20 June 2012"

PATCH_CELLS: Final[dict[str, Cell]] = {
    "free_pages_ok": Cell(
        {"free_pages_ok_isolated": PASSED_IS_ISOLATE},
        f"__free_pages_ok, {_MAIL}",
        "A chunk freed into ISOLATE is not counted; nr_free is rolled back at the order freed.",
    ),
    "free_hot_cold_page": Cell(
        {"free_hot_cold_isolated": PASSED_IS_ISOLATE},
        f"free_hot_cold_page, {_MAIL}",
        "The same for a single page.",
    ),
    "vm_bug_on": Cell(
        {"free_one_page_bug": PASSED_IS_ISOLATE},
        f"free_one_page, {_MAIL}",
        "No isolated page may come this way any more.",
    ),
    "set_migratetype_isolate": Cell(
        {"set_isolate_nr": ALWAYS, "set_isolate_nr_free": ALWAYS},
        f"set_migratetype_isolate with hotplug_move_freepages, {_MAIL}",
        "Each chunk moved leaves nr_free at its order and NR_FREE_PAGES.",
    ),
    "unset_migratetype_isolate": Cell(
        {"unset_isolate_nr": ALWAYS, "unset_isolate_nr_free": ALWAYS},
        f"unset_migratetype_isolate with hotplug_move_freepages, {_MAIL}",
        "Each chunk moved back is counted again at the order it has by now.",
    ),
    "split_free_page": Cell(
        {"split_nr": BLOCK_IS_NOT_ISOLATE, "split_nr_free": BLOCK_IS_NOT_ISOLATE},
        f"split_free_page, {_MAIL}",
        "A chunk in an ISOLATE pageblock was never counted.",
    ),
    "offline_isolated_pages": Cell(
        {"offline_nr": NEVER, "offline_nr_free": NEVER},
        f"__offline_isolated_pages, {_MAIL}",
        "The chunk was never counted, so nothing is taken off.",
    ),
}


MINCHAN_V2 = V3_5.with_cells(
    PATCH_CELLS,
    name="minchan-v2",
    title="Seed mail's patch, 20 June 2012",
    summary="Isolated free pages are in neither NR_FREE_PAGES nor nr_free, or so it means.",
    aims=("I1x", "I2", "I3", "I4", "I6"),
    because={
        "I1": "nr_free means to leave chunks on ISOLATE lists out",
        "I2x": "nr_free and NR_FREE_PAGES mean to leave the same pages out",
    },
    family="Patches of June 2012, on 3.5",
)
