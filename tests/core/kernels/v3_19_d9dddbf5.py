"""Linux 3.19 with commit d9dddbf55667 (4.6) alone: a merge is guarded from both sides."""

from sim_core.models.table import Cell
from sim_core.models.v3_19 import V3_19

V3_19_D9DDDBF5 = V3_19.with_cells(
    {
        "merge_guard": Cell(
            {"merge_guard": 2},
            "__free_one_page, v4.6 (d9dddbf55667)",
            "While a block is isolated the types of both buddies are compared from a pageblock up: "
            "a chunk freed next door can swallow an isolated one no more.",
        ),
    },
    name="v3.19+d9dddbf5",
    title="Linux 3.19 with d9dddbf5",
    summary="As 3.19, and a chunk freed beside an isolated block leaves it alone.",
    aims=V3_19.aims,
    because={},
)
