"""What is compared does the same work, and the command says what it lacks."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import benchmarks
from benchmarks.__main__ import main
from benchmarks.measure import Figure, interleave
from benchmarks.reference import ReferenceRun
from benchmarks.trace import FREE, GIB, Trace, make_trace
from benchmarks.zones import SETTINGS, CoreRun
from sim_core.mm import _read

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = 2_000


@pytest.fixture(scope="module")
def trace() -> Trace:
    return make_trace(GIB // 16, OPERATIONS)


def in_use(trace: Trace) -> int:
    live: dict[int, int] = {}
    for handle, order in zip(trace.handles, trace.orders, strict=True):
        if order == FREE:
            del live[handle]
        else:
            live[handle] = order
    return sum(1 << order for order in live.values())


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_core_carries_the_whole_trace_out(trace: Trace, setting: str) -> None:
    run = CoreRun(trace, trace.migratetypes, SETTINGS[setting])
    run.run(trace.fill, len(trace))
    assert run.failed == 0
    assert _read.op_of(run.node) == len(trace)
    assert _read.stats(run.node)["allocated"] == in_use(trace)
    assert (_read.log_bounds(run.node)[2] > 0) == bool(SETTINGS[setting].log)


def test_core_and_reference_end_in_the_same_zone(trace: Trace) -> None:
    core = CoreRun(trace, trace.migratetypes, SETTINGS["core"])
    reference = ReferenceRun(trace, trace.migratetypes)
    core.run(trace.fill, len(trace))
    reference.run(OPERATIONS)
    # Chunks that are not on the LRU keep some pageblocks from isolation, in both alike.
    refused = core.isolation()()
    assert 0 < refused == reference.isolate_each()
    core.mark_lru()
    reference.mark_lru()
    assert core.isolation()() == reference.isolate_each() == 0
    assert _read.nr_free(core.node)[:11] == reference.zone.nr_free
    assert _read.stats(core.node)["NR_FREE_PAGES"] == reference.zone.nr_free_pages


def test_rounds_are_taken_in_turn_and_medians_divided() -> None:
    order: list[str] = []
    values = {"one": iter([4.0, 100.0, 6.0]), "other": iter([2.0, 2.0, 2.0])}

    def round_of(name: str) -> float:
        order.append(name)
        return next(values[name])

    samples = interleave({name: partial(round_of, name) for name in values}, 3)
    assert order == ["one", "other"] * 3
    figure = Figure("W", "ns", samples, compared=[("one", "other"), ("one", "not measured")])
    assert figure.ratios() == {"one / other": 3.0}


@pytest.mark.parametrize(
    ("arguments", "path", "said"),
    [
        (["--rounds", "3"], None, "at least 7"),
        (["--only", "frames"], None, "operations"),
        (["--only", "operations", "--yardstick", "/nowhere"], None, "/nowhere/bench.c"),
        (["--only", "instructions"], "/nowhere", "apt-get install valgrind"),
    ],
)
def test_what_cannot_be_measured_is_told(arguments: list[str], path: str | None, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend", "bench", *arguments],
        cwd=ROOT,
        env={"PATH": path} if path else None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_part_says_which_library_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After make run alone there is none but what serving needs, and the other parts do without."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    monkeypatch.delitem(sys.modules, "benchmarks.fanout", raising=False)
    monkeypatch.delattr(benchmarks, "fanout", raising=False)
    assert main(["--only", "fanout"]) == 2
    assert "make dev" in capsys.readouterr().err
