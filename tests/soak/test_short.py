"""A short soak of every model, and what `make soak` would say of a zone that breaks."""

from __future__ import annotations

import os
import signal
from functools import partial
from itertools import islice

import pytest

from sim_core.mm import _read
from sim_core.models import ROWS
from tests.soak.apart import apart
from tests.soak.elsewhere import prefix
from tests.soak.episode import OPERATIONS, BrokenError, Setting, Tally, play
from tests.soak.program import Call, words
from tests.soak.shapes import SHAPES
from tests.soak.shrink import shortest

A_FEW = 250
"""Operations of an episode; there are two of every shape."""


@pytest.mark.parametrize("model", ROWS)
def test_no_page_is_lost_in_any_shape_under_any_model(model: str) -> None:
    total = Tally()
    for number in range(2 * len(SHAPES)):
        setting = Setting(model, 1, number)
        node = setting.node()
        play(node, setting.calls(node), A_FEW, total)
    assert total.operations + total.bugs > 0.9 * A_FEW * total.episodes
    ran = {name for name, n in total.calls.items() if n > total.refused[name]}
    assert ran >= {
        "alloc", "boot_free", "drain", "fill_block", "free", "free_block", "isolate", "mark_lru",
        "offline", "offline_isolated", "online", "online_pages", "pin", "run_workload",
        "set_block_type", "split_free_page", "unisolate", "unpin",
    }  # fmt: skip
    assert total.broken["I6"] == 0


def test_an_episode_told_call_by_call_is_the_episode() -> None:
    setting = Setting("v3.5", 7, 5)
    told = prefix(setting)
    nodes, tallies = (setting.node(), setting.node()), (Tally(), Tally())
    play(nodes[0], setting.calls(nodes[0]), OPERATIONS, tallies[0])
    play(nodes[1], told, OPERATIONS, tallies[1])
    assert tallies[0] == tallies[1]
    assert _read.digest(nodes[0]) == _read.digest(nodes[1])
    other = Setting("v3.5", 8, 5)
    assert list(islice(other.calls(other.node()), 20)) != told[:20]


def breaks() -> None:
    raise BrokenError("so it is")


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_goes_wrong_elsewhere_is_told() -> None:
    assert apart(partial(int, "7")).value == 7
    assert apart(breaks).wrong == "so it is"
    assert apart(killed).wrong == "ended by SIGKILL"
    with pytest.raises(RuntimeError, match="invalid literal"):
        apart(partial(int, "oops"))


def test_a_program_is_cut_down_to_the_calls_that_matter() -> None:
    calls: list[Call] = [("free", (pfn,)) for pfn in range(100)]
    matters = {("free", (12,)), ("free", (71,)), ("free", (99,))}
    found = shortest(calls, lambda fewer: matters <= set(fewer))
    assert [words(call) for call in found] == ["free(12)", "free(71)", "free(99)"]
