"""Watermarks and pcp sizes of the core against tables recorded from the kernel's own functions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sim_core import Lab, LabConfig
from sim_core.conformance import run_file
from sim_core.errors import InputError
from sim_core.mm import _read, _sizes
from tests.core.nodes import node_of

TABLES = Path(__file__).parent.parent / "vectors" / "watermark"
UNSIGNED, SIGNED = 0, 1


def lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(TABLES / f"{name}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.gz")), ids=lambda path: path.name[:-9])
def test_the_core_works_out_what_kernels_did(path: Path) -> None:
    report = run_file(path)
    assert report.mismatches == []
    assert report.operations == len(lines(path.name[:-9])) - 1 > 50


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("wmark_ok", "ok_safe"),
        ("node", "lowmem_reserve"),
        ("node_later", "high"),
        ("migrate_reserve", "after"),
        ("frag", "fragmentation_index"),
    ],
)
def test_one_altered_output_is_told_with_its_line(name: str, field: str, tmp_path: Path) -> None:
    header, *rows = lines(name)
    number = next(i for i, row in enumerate(rows, 1) if field in row)
    right = rows[number - 1][field]
    rows[number - 1][field] = not right if isinstance(right, bool) else right[:-1]
    file = tmp_path / "altered.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (header, *rows)))
    (found,) = run_file(file).mismatches
    assert (found.operation, found.field, found.got) == (number, field, right)


def test_a_table_of_an_unknown_kind_or_model_is_refused_by_its_line(tmp_path: Path) -> None:
    header, first, *_ = lines("frag")
    file = tmp_path / "wrong.jsonl"
    file.write_text(json.dumps({**header, "kind": "tea"}))
    with pytest.raises(InputError, match="wmark_ok, node, migrate_reserve, frag"):
        run_file(file)
    file.write_text(f"{json.dumps(header)}\n{json.dumps({**first, 'model': 'v9.9'})}")
    with pytest.raises(InputError, match=r"v6\.12") as caught:
        run_file(file)
    assert caught.value.line == 2


def test_a_negative_count_passes_order_0_only_where_the_sum_is_unsigned() -> None:
    assert _sizes.watermark_ok([], 0, 32, 0, 0, -5, UNSIGNED)
    assert not _sizes.watermark_ok([], 0, 32, 0, 0, -5, SIGNED)
    # At order 1 the next step compares signed numbers and catches it.
    assert not _sizes.watermark_ok([0], 1, 32, 0, 0, -5, UNSIGNED)


def test_a_wrapped_nr_free_lets_a_high_order_pass() -> None:
    # 300 free single pages, a block filled into isolation page by page: nr_free[0] is 300 - 512.
    assert _sizes.watermark_ok([-212], 1, 32, 0, 0, 300, UNSIGNED)
    assert not _sizes.watermark_ok([300], 1, 32, 0, 0, 300, UNSIGNED)


def test_marks_of_a_booted_zone() -> None:
    seen = 0
    for row in lines("node")[1:]:
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
    sizes = lab.pcp_sizes()
    for block in range(32, 64, 2):  # a free chunk of the largest order covers two
        assert lab.offline(block, 2).errno is None
    after = lab.counters()
    assert after["present"] == 16384
    assert after["watermark_min"] < before["watermark_min"]
    assert lab.pcp_sizes() == sizes
    lab.online(32)
    assert lab.pcp_sizes() != sizes
    assert lab.counters()["present"] == 16384 + 512


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("node", {"nr_cpus": 0}),
        ("node", {"zones": ["DMA", "Tea"]}),
        ("node", {"pages": [1 << 70]}),
        ("wmark_ok", {"order": 40}),
        ("wmark_ok", {"alloc_flags": ["TEA"]}),
        ("frag", {"nr_free": [0] * 99}),
        ("frag", {"nr_free": "tea"}),
        ("migrate_reserve", {"pageblock_order": 200}),
        ("migrate_reserve", {"reserved": [[-5, 1]], "allocated": [[1 << 40, 2]]}),
    ],
)
def test_nonsense_in_a_table_is_told_and_harms_nothing(
    name: str, wrong: dict[str, Any], tmp_path: Path
) -> None:
    header, first, *_ = lines(name)
    file = tmp_path / "wrong.jsonl"
    file.write_text(f"{json.dumps(header)}\n{json.dumps({**first, **wrong})}")
    try:
        told = str(run_file(file).mismatches)
    except InputError as error:
        told = str(error)
    assert "refused" in told or "in its bounds" in told
