"""The seed's scenario as a story, under every kernel: KERNEL.md 4.2 says how each one ends."""

from __future__ import annotations

from typing import Any

import pytest

from backend.scenarios import SCENARIOS, Performance, Result
from sim_core import LabConfig
from sim_core.models import ROWS

FOOLED = ("v3.5", "minchan-v1")
"""Kernels whose request for a page to migrate to goes round for ever."""


def told(geometry: str, model: str) -> Performance:
    like = LabConfig(model=model, log_bytes=1 << 20)
    performance = Performance("livelock", SCENARIOS["livelock"], geometry, like)
    while not performance.over:
        performance.step()
    return performance


def node(result: Result) -> dict[str, Any]:
    assert result.node is not None
    return result.node


def zones(result: Result) -> dict[str, tuple[int, int]]:
    """Zone -> (NR_FREE_PAGES, pages that can be allocated)."""
    return {row["zone"]: (row["nr_free_pages"], row["usable"]) for row in node(result)["zones"]}


def test_under_3_5_three_thousand_pages_fool_everybody() -> None:
    results = told("process", "v3.5").results
    assert zones(results[0]) == {"Normal": (100, 100), "Movable": (3000, 3000)}
    for result in results[1:]:
        assert zones(result) == {"Normal": (100, 100), "Movable": (3000, 0)}
        assert node(result)["kswapd_awake"] is False
        assert node(result)["oom_kills"] == 0
    assert "livelock" in str(results[1].refused)
    assert "Movable counts 3000 pages free and can give 0" in str(results[1].refused)
    assert results[2].words == "kswapd is asleep"
    assert "livelock" in str(results[3].refused)


def test_the_first_patch_wakes_kswapd_until_migrated_pages_count_as_free_again() -> None:
    results = told("process", "minchan-v1").results
    # Isolation took 3000 off; each page that left was counted as freed.
    assert zones(results[1]) == {"Normal": (160, 160), "Movable": (1037, 0)}
    assert node(results[1])["oom_kills"] == 1
    assert node(results[1])["kswapd_awake"] is False
    assert "livelock" in str(results[1].refused)


@pytest.mark.parametrize("model", [name for name in ROWS if name not in FOOLED])
def test_every_other_kernel_kills_and_gets_on(model: str) -> None:
    results = told("process", model).results
    assert [result.refused for result in results] == [None] * 4
    assert node(results[1])["oom_kills"] == 2
    assert "pages offline" in results[1].words
    assert zones(results[1])["Movable"] == (-4096 if model == "v3.7" else 0, 0)
    assert node(results[2])["kswapd_awake"] is False
    assert results[3].words.startswith("pfn ")


@pytest.mark.parametrize("model", list(ROWS))
def test_with_nobody_left_to_kill_it_is_a_livelock_or_a_panic(model: str) -> None:
    performance = told("nobody", model)
    if model in FOOLED:
        assert performance.lab.stopped is None
        assert all("livelock" in str(performance.results[k].refused) for k in (1, 3))
    else:
        assert "no process is left to kill" in str(performance.lab.stopped)
        assert len(performance.results) == 2
