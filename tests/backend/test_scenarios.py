"""What each demonstration shows: in the small zones the kernel's own numbers, everywhere a story
that no model refuses.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from backend.scenarios import SCENARIOS, Performance, Result
from sim_core import LabConfig
from sim_core.models import ROWS
from tests.core.nodes import hunks

VECTORS = Path(__file__).parents[1] / "vectors"
MIB = 1 << 20


def told(name: str, geometry: str, **config: Any) -> list[Result]:
    """The books before the first step and after each."""
    like = LabConfig(log_bytes=MIB, **config)
    performance = Performance(name, SCENARIOS[name], geometry, like)
    while not performance.over:
        performance.step()
    assert performance.touched is False
    return performance.results


def books(result: Result) -> tuple[int, list[int]]:
    return result.nr_free_pages, result.nr_free


def broke(results: list[Result]) -> dict[str, int]:
    """Identity -> the operation that broke it."""
    return {one["identity"]: one["op"] for result in results for one in result.broke}


@pytest.mark.parametrize(
    ("model", "two", "four", "back", "parts"),
    [
        ("v3.5", (2, [0, 1, 0, 0]), (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0]), {}),
        (
            "minchan-v1",
            (2, [0, 1, 0, 0]),
            (4, [0, 0, 1, 0]),
            (8, [0, 0, 1, 0]),
            {"I2x": 13, "I3": 13},
        ),
        (
            "minchan-v2",
            (0, [-2, 1, 0, 0]),
            (0, [-4, 0, 1, 0]),
            (4, [-4, 0, 2, 0]),
            {"I1x": 14, "I4": 14},
        ),
    ],
)
def test_freed_into_isolation(
    model: str,
    two: tuple[int, list[int]],
    four: tuple[int, list[int]],
    back: tuple[int, list[int]],
    parts: dict[str, int],
) -> None:
    results = told("freed-into-isolation", "toy", model=model)
    assert [books(results[k]) for k in (3, 5, 6)] == [two, four, back]
    assert (results[6].usable, results[6].listed) == (4, [0, 0, 1, 0])
    assert broke(results) == parts


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("v3.5", [4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4]),
        ("minchan-v1", [4, -4, 0, -8, -4, -12, -8, -16, -12, -20, -16]),
        ("minchan-v2", [4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4]),
    ],
)
def test_offline_and_online_five_times(model: str, expected: list[int]) -> None:
    results = told("offline-online", "toy", model=model)
    seen = [results[0].nr_free_pages]
    for cycle in range(5):
        seen += [results[3 * cycle + k].nr_free_pages for k in (2, 3)]
    assert seen == expected
    assert results[-1].usable == 4


@pytest.mark.parametrize(
    ("model", "isolated", "back", "parts"),
    [
        ("v3.5", (2, [0, 1, 0, 0]), (2, [0, 1, 0, 0]), {}),
        ("minchan-v1", (1, [0, 1, 0, 0]), (3, [0, 1, 0, 0]), {"I2x": 15, "I3": 15}),
        (
            "minchan-v2",
            (1, [-1, 1, 0, 0]),
            (3, [-1, 2, 0, 0]),
            {"I1x": 15, "I3": 15, "I4": 15},
        ),
    ],
)
def test_a_pcp_page_after_isolation(
    model: str,
    isolated: tuple[int, list[int]],
    back: tuple[int, list[int]],
    parts: dict[str, int],
) -> None:
    results = told("pcp-page", "toy", model=model)
    assert (results[2].pcp, results[2].nr_free_pages) == (1, 1)
    assert [books(results[k]) for k in (3, 4)] == [isolated, back]
    assert results[3].usable == 2
    assert broke(results) == parts


@pytest.mark.parametrize(
    ("name", "vector", "model"),
    [
        (name, vector, model)
        for name, vector in (
            ("freed-into-isolation", "hand_nr_free_isolated_merge_tiny"),
            ("offline-online", "hand_offline_online_x5_tiny"),
        )
        for model in ROWS
        if (VECTORS / model / f"{vector}.jsonl.gz").exists()
    ],
)
def test_in_64_pages_the_books_are_the_recorded_kernels(name: str, vector: str, model: str) -> None:
    packed = (VECTORS / model / f"{vector}.jsonl.gz").read_bytes()
    _, *lines = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
    # A story's allocations are on the LRU from the beginning.
    calls = [call for call in lines if call["op"] != "mark_lru"]
    results = told(name, "vector", model=model)
    assert results[-1].op == len(calls)
    for result in results:
        call = calls[result.op - 1]
        assert books(result) == (call["nr_free_pages"], call["nr_free"])


@pytest.mark.parametrize("model", list(ROWS))
@pytest.mark.parametrize(
    ("name", "geometry"),
    [(name, size) for name, s in SCENARIOS.items() if name != "livelock" for size in s.geometry],
)
def test_no_model_refuses_a_step(name: str, geometry: str, model: str) -> None:
    results = told(name, geometry, model=model)
    assert [result.refused for result in results] == [None] * len(results)
    assert len(results) == len(SCENARIOS[name].geometry[geometry].steps) + 1
    assert results[-1].isolated == 0
    assert results[-1].nr_free_sum == sum(n << order for order, n in enumerate(results[-1].nr_free))


def test_in_256_mib_the_block_is_full_before_it_is_freed_into_isolation() -> None:
    results = told("freed-into-isolation", "zone")
    assert [r.isolated for r in results] == [0, 0, 1, 2, 512, 0]
    drift = told("offline-online", "zone", model="minchan-v1")
    assert [drift[4 * k].nr_free_pages - drift[4 * k].usable for k in range(6)] == [
        -1024 * k for k in range(6)
    ]


def test_a_kernel_that_takes_the_lowest_pages_first_has_the_story_told_of_their_block() -> None:
    like = LabConfig(model="v6.12", log_bytes=MIB)
    story = Performance("pcp-page", SCENARIOS["pcp-page"], "zone", like)
    assert story.blocks == (0, 0)
    assert story.steps[0].say == "Page 1 is freed and drained to the free list of order 0."
    assert story.steps[0].do == [["free", 1], ["drain"]]
    assert story.steps[2].say.startswith("Block 0 is isolated. Page 1 moves")
    assert story.look == story.size.look
    written = Performance("offline-online", SCENARIOS["offline-online"], "zone", like)
    assert written.blocks == (40, 41)


def test_a_kernels_refusal_is_told_in_its_place() -> None:
    pinned = SCENARIOS["freed-into-isolation"].model_copy(deep=True)
    pinned.geometry["vector"].prepare[-1][1][-1] = 0
    story = Performance("x", pinned, "vector", LabConfig(model="v6.1", log_bytes=MIB))
    assert "cannot be moved away" in str(story.step().refused)


def test_a_kernel_bug_ends_the_story() -> None:
    results = told("freed-into-isolation", "toy", model=hunks("vm_bug_on"))
    assert len(results) < len(SCENARIOS["freed-into-isolation"].geometry["toy"].steps) + 1
