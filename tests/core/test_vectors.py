"""The compiled core follows every recording of the kernel, and says where one is departed from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sim_core.conformance import Mismatch, run_file
from sim_core.errors import InputError
from tests.core.nodes import MODELS

VECTORS = Path(__file__).parent.parent / "vectors"
FILES = [path for model in MODELS for path in sorted((VECTORS / model).glob("*.gz"))]
D1 = VECTORS / "minchan-v2" / "hand_nr_free_isolated_merge_tiny.jsonl.gz"
PCP = VECTORS / "v3.5" / "hand_pcp_round_robin.jsonl.gz"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def written(lines: list[dict[str, Any]], place: Path) -> Path:
    file = place / "altered.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_each_model_has_its_recordings() -> None:
    names = [{path.name for path in FILES if path.parent.name == model} for model in MODELS]
    assert names[0] == names[1] == names[2]
    assert len(names[0]) == 33


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name[:-9]}")
def test_the_core_follows(path: Path) -> None:
    report = run_file(path)
    assert report.mismatches == []
    assert report.model == path.parent.name
    assert report.operations == len(lines_of(path)) - 1 > 0


@pytest.mark.parametrize("name", ["lists_crc", "nr_free", "nr_free_pages", "pcp_crc", "blocks_crc"])
def test_one_altered_field_is_told_with_call_field_expected_and_got(
    name: str, tmp_path: Path
) -> None:
    lines = lines_of(PCP)
    number = len(lines) // 2
    right = lines[number][name]
    wrong = [n + 1 for n in right] if isinstance(right, list) else right + 1
    lines[number][name] = wrong
    report = run_file(written(lines, tmp_path))
    assert report.mismatches == [Mismatch(number, name, wrong, right)]
    assert report.operations == number


def test_a_recording_of_another_model_departs_at_the_call_that_tells_them_apart(
    tmp_path: Path,
) -> None:
    lines = lines_of(D1)
    lines[0]["model"] = "v3.5"
    report = run_file(written(lines, tmp_path))
    # The fourth call isolates: plain 3.5 goes on counting what it moves, pages and chunks alike.
    assert report.mismatches == [
        Mismatch(4, "nr_free", [0, 0, 0, 0, 0, 1], [0, 0, 1, 1, 1, 1]),
        Mismatch(4, "nr_free_pages", 32, 60),
    ]


def test_a_call_that_the_core_refuses_is_a_mismatch(tmp_path: Path) -> None:
    lines = lines_of(D1)
    lines[5] = {**lines[5], "pfn": 33}
    (found,) = run_file(written(lines, tmp_path)).mismatches
    assert (found.operation, found.field, found.expected) == (5, "op", "free")
    assert "pfn 33" in str(found.got)


@pytest.mark.parametrize(
    ("header", "said"),
    [({"format": "zone-vector/9"}, "zone-vector/1"), ({"model": "v9.9"}, ", ".join(MODELS))],
)
def test_what_is_no_vector_is_refused_by_its_first_line(
    header: dict[str, str], said: str, tmp_path: Path
) -> None:
    lines = lines_of(D1)
    lines[0] |= header
    with pytest.raises(InputError, match=said) as caught:
        run_file(written(lines, tmp_path))
    assert caught.value.line == 1
