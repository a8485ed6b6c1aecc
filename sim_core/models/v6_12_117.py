"""Late stable 6.12: as released, with the later fallback."""

from sim_core.models.table import Cell
from sim_core.models.v6_12 import V6_12

V6_12_117 = V6_12.with_cells(
    {
        "merge_retype": Cell(
            {"merge_retypes": 2},
            "__free_one_page, v6.12.117",
            "All blocks of an absorbed buddy take the type of the chunk freed.",
        ),
        "fallback": Cell(
            {"fallback": 4},
            "__rmqueue_claim and __rmqueue_steal, v6.12.117 (c2f6ea38fc1b)",
            "Blocks are claimed down to smaller orders; failing that, the smallest chunk is split. "
            "A refill remembers which of the two served it.",
        ),
        "lowmem_reserve": Cell(
            {"lowmem_reserve": 1},
            "setup_per_zone_lowmem_reserve, v6.12.117",
            "Requests whose highest zone is empty are held off again.",
        ),
    },
    name="v6.12.117",
    title="Linux 6.12.117",
    summary="As 6.12; a request that can claim no block splits the smallest chunk, not the "
    "largest.",
    aims=V6_12.aims,
    because={},
)
