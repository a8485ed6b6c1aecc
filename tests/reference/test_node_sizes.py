"""Sizes of whole nodes, and the watermark test, against tables from the kernel's own functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reference import KERNELS, Watermarks
from tests.reference.node.sizes import (
    RATIOS_V3,
    SizedZone,
    lowmem_reserves,
    min_free_kbytes,
    node_watermarks,
)
from tests.reference.node.zone import NodeZone
from tests.reference.replay import Line, read_lines
from tests.reference.vocabulary import TYPES_V6

TABLES = Path(__file__).parents[1] / "vectors" / "watermark"


def rows_of(kind: str) -> list[Line]:
    return [
        row
        for name in (kind, f"{kind}_later")
        for row in read_lines(TABLES / f"{name}.jsonl.gz")[1:]
    ]


NODES = rows_of("node")
OK_SAFE = rows_of("wmark_ok")


def zones_of(row: Line) -> list[SizedZone]:
    return [SizedZone(*zone) for zone in zip(row["zones"], row["pages"], strict=True)]


def test_the_tables_are_all_there() -> None:
    assert {row["model"] for row in NODES} == {"v3.5", "v6.1", "v6.12"}
    assert (len(NODES), len(OK_SAFE)) == (300, 420)


def test_min_free_kbytes_of_every_node() -> None:
    for row in NODES:
        era = KERNELS[row["model"]].era
        assert min_free_kbytes(era, zones_of(row)) == row["min_free_kbytes_boot"], row


def test_watermarks_of_every_node() -> None:
    for row in NODES:
        written = row["min_free_kbytes_set"]
        marks = node_watermarks(
            KERNELS[row["model"]].era,
            row["min_free_kbytes_boot"] if written is None else written,
            zones_of(row),
            scale_factor=row.get("watermark_scale_factor", 0),
            movable_is_highmem=row["movable_zone"] == "HighMem",
        )
        expected = [sizes[:3] for sizes in row["watermark"]]
        # Pages that CMA has added by the time of the write; nothing in a node does that.
        cma = row["min_cma_pages"] if written and "min_cma_pages" in row else [0] * len(marks)
        assert [
            [mark + more for mark in sizes] for sizes, more in zip(marks, cma, strict=True)
        ] == (expected), row


def test_lowmem_reserves_of_every_node() -> None:
    for row in NODES:
        # 3.x has no ratio for the topmost kind; nothing asks for it.
        ratios = dict(zip(row["zones"], (*row["lowmem_reserve_ratio"], 0), strict=False))
        got = lowmem_reserves(KERNELS[row["model"]], zones_of(row), ratios)
        assert got == row["lowmem_reserve"], row


@pytest.mark.parametrize(
    ("kernel", "toward_movable"), [("v6.1", 50), ("v6.12", 0), ("v6.12.117", 50)]
)
def test_only_6_12_as_released_keeps_nothing_from_an_empty_zone(
    kernel: str, toward_movable: int
) -> None:
    zones = [SizedZone("DMA32", 4096), SizedZone("Normal", 12800), SizedZone("Movable", 0)]
    assert lowmem_reserves(KERNELS[kernel], zones)[0] == [0, 50, toward_movable]


def test_default_ratios_of_3x() -> None:
    assert RATIOS_V3 == {"DMA": 256, "DMA32": 256, "Normal": 32, "HighMem": 32}


def test_a_node_of_nothing_but_movable_memory_shares_nothing_in_6_12() -> None:
    """MIN by the zone's size, LOW and HIGH a thousandth apart; 3.x gives it all there is."""
    zones = [SizedZone("Movable", 40960)]
    assert node_watermarks(KERNELS["v6.12"].era, 256, zones) == [Watermarks(40, 80, 120)]
    assert node_watermarks(KERNELS["v3.5"].era, 256, zones) == [Watermarks(64, 80, 96)]


def zone_as_in(row: Line) -> NodeZone:
    """A zone whose books read as the line says."""
    zone = NodeZone(
        KERNELS[row["model"]],
        "Normal",
        start_pfn=0,
        spanned_pages=1024,
        pageblock_order=row.get("pageblock_order", 9),
        max_order=11,
        pcp=(0, 1),
    )
    zone.lowmem_reserve = row["lowmem_reserve"]
    zone.state.nr_free_pages = row["nr_free_pages"]
    zone.state.nr_free = row["nr_free"]
    zone.state.nr_free_cma = row.get("nr_free_cma", 0)
    zone.state.nr_isolated_blocks = row.get("nr_isolated_blocks", 0)
    if "listed" in row:
        by_letter = {mt.letter: mt for mt in TYPES_V6}
        for order, letters in enumerate(row["listed"]):
            for letter in letters:
                zone.state.lists[order][by_letter[letter]] = [0]
        field = "nr_reserved_highatomic" if row["model"] == "v6.1" else "nr_free_highatomic"
        setattr(zone.state, field, row["highatomic"])
    return zone


def test_watermark_verdicts_of_a_node_s_zone() -> None:
    for row in OK_SAFE:
        zone = zone_as_in(row)
        question = (row["order"], row["mark"], row["classzone_idx"])
        assert zone.watermark_ok(*question, row["alloc_flags"]) == row["ok"], row
        if row["model"].startswith("v3") and row["alloc_flags"]:
            continue  # There the safe test had the flags too; kswapd has none.
        # What a CPU has not yet folded in: looked at where the zone is near its marks.
        if max(0, row["nr_free_pages"]) < row["drift_mark"]:
            zone.state.nr_free_pages += row["cpu_diff"]
        assert zone.watermark_ok_safe(*question) == row["ok_safe"], row
