"""The thread's first patch (18 June 2012): NR_FREE_PAGES follows set and unset, nothing else."""

from sim_core.models.table import ALWAYS, NEVER, Cell
from sim_core.models.v3_5 import V3_5

MINCHAN_V1 = V3_5.with_cells(
    {
        "set_migratetype_isolate": Cell(
            {"set_isolate_nr": ALWAYS, "set_isolate_nr_free": NEVER},
            "set_migratetype_isolate, mail of 18 June 2012",
            "What move_freepages_block moved is no longer free to anybody.",
        ),
        "unset_migratetype_isolate": Cell(
            {"unset_isolate_nr": ALWAYS, "unset_isolate_nr_free": NEVER},
            "unset_migratetype_isolate, mail of 18 June 2012",
            "What moves back is free again; pages taken offline meanwhile never come back.",
        ),
    },
    name="minchan-v1",
    title="First patch, 18 June 2012",
    summary="Isolating subtracts from NR_FREE_PAGES, un-isolating adds; frees in between add too.",
    aims=("I1", "I2x", "I3", "I4", "I6"),
    because={"I2": "isolating takes pages off NR_FREE_PAGES and leaves nr_free as it is"},
    family="Patches of June 2012, on 3.5",
)
