"""Watermarks and pcp sizes of the core against tables recorded from the kernel's own functions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from sim_core import Lab, LabConfig
from sim_core.mm import _read
from tests.core.nodes import node_of

TABLES = Path(__file__).parent.parent / "vectors" / "watermark"
UNSIGNED, SIGNED = 0, 1
FLAGS = {"HARDER": 0x10, "HIGH": 0x20}


def lines(kind: str) -> list[dict[str, Any]]:
    with gzip.open(TABLES / f"{kind}.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return [row for row in rows if row.get("model") == "v3.5"]


def test_zone_watermark_ok_with_the_unsigned_quirk_of_3_5() -> None:
    rows = lines("wmark_ok")
    assert len(rows) == 60
    for row in rows:
        asked = (
            row["nr_free"],
            row["order"],
            row["mark"],
            row["lowmem_reserve"][row["classzone_idx"]],
            sum(FLAGS[name] for name in row["alloc_flags"]),
        )
        raw = row["nr_free_pages"]
        assert _read.watermark_ok(*asked, raw, UNSIGNED) == row["ok_raw"]
        assert _read.watermark_ok(*asked, max(raw, 0), UNSIGNED) == row["ok"]


def test_a_negative_count_passes_order_0_only_where_the_sum_is_unsigned() -> None:
    assert _read.watermark_ok([], 0, 32, 0, 0, -5, UNSIGNED)
    assert not _read.watermark_ok([], 0, 32, 0, 0, -5, SIGNED)
    # At order 1 the next step compares signed numbers and catches it.
    assert not _read.watermark_ok([0], 1, 32, 0, 0, -5, UNSIGNED)


def test_a_wrapped_nr_free_lets_a_high_order_pass() -> None:
    # 300 free single pages, a block filled into isolation page by page: nr_free[0] is 300 - 512.
    assert _read.watermark_ok([-212], 1, 32, 0, 0, 300, UNSIGNED)
    assert not _read.watermark_ok([300], 1, 32, 0, 0, 300, UNSIGNED)


def test_zone_batchsize() -> None:
    seen = 0
    for row in lines("node"):
        for pages, batch, high in zip(row["pages"], row["batch"], row["high"], strict=True):
            if pages and row["pcp_fraction"] == 0:
                b = _read.batchsize(pages)
                assert (6 * b, max(1, b)) == (high, batch)
                seen += 1
    assert seen > 50


def test_marks_of_a_booted_zone() -> None:
    seen = 0
    for row in lines("node"):
        populated = [i for i, pages in enumerate(row["pages"]) if pages]
        plain = row["min_free_kbytes_set"] is None and row["pcp_fraction"] == 0
        name = row["zones"][populated[0]]
        if len(populated) != 1 or not plain or name in ("HighMem", "Movable"):
            continue
        pages = row["pages"][populated[0]]
        node = node_of("v3.5", spanned_pages=pages, pageblock_order=9, max_order=11, pcp=None)
        node.boot()
        assert list(_read.watermarks(node)) == row["watermark"][populated[0]]
        assert _read.pcp_size(node) == (row["high"][populated[0]], row["batch"][populated[0]])
        seen += 1
    assert seen >= 3


def test_marks_and_reserve_follow_hotplug_and_pcp_sizes_follow_only_onlining() -> None:
    lab = Lab(LabConfig(spanned_pages=32768, log_bytes=0))
    before = lab.counters()
    sizes = lab.pcp
    for block in range(32, 64, 2):  # a free chunk of the largest order covers two
        assert lab.offline(block, 2).errno is None
    after = lab.counters()
    assert after["present"] == 16384
    assert after["watermark_min"] < before["watermark_min"]
    assert lab.pcp == sizes
    lab.online(32)
    assert lab.pcp != sizes
    assert lab.counters()["present"] == 16384 + 512
