"""Linux 3.8: both omissions of 3.7 mended, the count of isolated blocks gone."""

from sim_core.models.table import ALWAYS, BLOCK_IS_NOT_ISOLATE, NEVER, Cell
from sim_core.models.v3_5 import V3_5
from sim_core.models.v3_7 import V3_7

V3_8 = V3_7.with_cells(
    {
        "pcp_drain": Cell(
            {"drain_type": 0, "drain_nr": BLOCK_IS_NOT_ISOLATE},
            "free_pcppages_bulk, v3.8",
            "A page of an ISOLATE block is not counted, though it still goes where it remembers.",
        ),
        "offline_isolated_pages": Cell(
            {"offline_nr": NEVER, "offline_nr_free": ALWAYS},
            "__offline_isolated_pages, v3.8",
            "Isolating took the pages off already.",
        ),
        "isolated_test": Cell(
            {"test_moves_strays": 1},
            "test_pages_isolated, v3.8",
            "A chunk that a drain put elsewhere is moved to ISOLATE, so that nobody takes it.",
        ),
        "split_watermark": Cell(
            {"split_watermark": 1},
            "capture_free_page, v3.8 (2e30abd1)",
            "No watermark guards a chunk that is not counted.",
        ),
        "isolated_count": Cell(
            {"count_isolated": 0},
            "set_migratetype_isolate, v3.8 (a458431e)",
            "NR_FREE_PAGES tells enough: nr_pageblock_isolate is gone.",
        ),
        "watermark": Cell(
            {"watermark": 2, "watermark_less_isolated": 0},
            "zone_watermark_ok_safe, v3.8 (a458431e)",
            "Isolated pages are taken off once.",
        ),
    },
    name="v3.8",
    title="Linux 3.8",
    summary="NR_FREE_PAGES leaves isolated pages out; a drained page may still lie on another "
    "list.",
    aims=V3_7.aims,
    because={"I5-iso": V3_5.because["I5-iso"]},
)
