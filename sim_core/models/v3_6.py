"""Linux 3.6: the zone counts its isolated blocks, and one watermark test subtracts them whole."""

from sim_core.models.table import Cell
from sim_core.models.v3_5 import V3_5

V3_6 = V3_5.with_cells(
    {
        "higher_buddy": Cell(
            {"tail_lower_half_only": 0},
            "__free_one_page, v3.6 (0ba8f2d59304)",
            "The higher buddy's address is taken from the pair: the probe finds it for both "
            "halves.",
        ),
        "isolated_count": Cell(
            {"count_isolated": 1},
            "set_pageblock_isolate, v3.6 (702d1a6e)",
            "nr_pageblock_isolate rises when a block becomes ISOLATE and falls when it is "
            "restored.",
        ),
        "watermark": Cell(
            {"watermark": 1, "watermark_less_isolated": 1},
            "zone_watermark_ok_safe, v3.6 (702d1a6e)",
            "A whole block is taken off for each isolated one, its pages in use too; the plain "
            "test "
            "still believes NR_FREE_PAGES.",
        ),
    },
    name="v3.6",
    title="Linux 3.6",
    summary="Counted like any others; only kswapd's watermark test takes isolated blocks off.",
    aims=V3_5.aims,
    because={},
)
