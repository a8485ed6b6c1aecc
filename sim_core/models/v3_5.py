"""Linux 3.5 as released: ISOLATE is a list like any other, and every counter includes it."""

from sim_core.models.table import ALWAYS, NEVER, Cell, Row

V3_5 = Row(
    name="v3.5",
    title="Linux 3.5",
    summary="Isolated free pages are counted like any others.",
    aims=("I1", "I2", "I4", "I6"),
    because={
        "I1x": "nr_free counts chunks on ISOLATE lists like any others",
        "I2x": "NR_FREE_PAGES includes the pages on ISOLATE lists",
        "I3": "isolated pages are counted as free although nobody can allocate them",
        "I5-iso": "a drain files a page under the type it remembers, whatever its pageblock is",
        "I5-full": "a list does not follow the pageblock's type: fallbacks take parts of blocks",
    },
    cells={
        "free_pages_ok": Cell(
            {"free_pages_ok_isolated": NEVER},
            "__free_pages_ok, v3.5",
            "Every chunk goes through free_one_page, whatever its pageblock.",
        ),
        "free_hot_cold_page": Cell(
            {"free_hot_cold_isolated": NEVER},
            "free_hot_cold_page, v3.5",
            "A page of an ISOLATE pageblock skips the pcp and goes through free_one_page.",
        ),
        "vm_bug_on": Cell(
            {"free_one_page_bug": NEVER},
            "free_one_page, v3.5",
            "ISOLATE is an allowed type here.",
        ),
        "free_one_page": Cell(
            {"free_one_page_nr": ALWAYS},
            "free_one_page, v3.5",
            "The chunk is counted free although nobody can allocate it.",
        ),
        "set_migratetype_isolate": Cell(
            {"set_isolate_nr": NEVER, "set_isolate_nr_free": NEVER},
            "set_migratetype_isolate, v3.5",
            "Moving to the ISOLATE lists changes no counter.",
        ),
        "unset_migratetype_isolate": Cell(
            {"unset_isolate_nr": NEVER, "unset_isolate_nr_free": NEVER},
            "unset_migratetype_isolate, v3.5",
            "Moving back changes no counter either.",
        ),
        "split_free_page": Cell(
            {"split_nr": ALWAYS, "split_nr_free": ALWAYS},
            "split_free_page, v3.5",
            "The chunk was counted, so it is uncounted.",
        ),
        "offline_isolated_pages": Cell(
            {"offline_nr": ALWAYS, "offline_nr_free": ALWAYS},
            "__offline_isolated_pages, v3.5",
            "The chunk was counted, so it is uncounted.",
        ),
        "higher_buddy": Cell(
            {"tail_lower_half_only": 1},
            "__free_one_page, v3.5 (mended by 0ba8f2d59304 in 3.6)",
            "The higher buddy's address is taken from the freed page, not from the pair.",
        ),
        "watermark_sign": Cell(
            {"watermark_unsigned": 1},
            "__zone_watermark_ok, v3.5 (signed from 3.6)",
            "min + lowmem_reserve is unsigned, so a negative count compares as huge.",
        ),
    },
)
