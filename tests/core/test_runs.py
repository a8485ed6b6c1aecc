"""Runs that repeat to the byte, however they are cut, and what the watch notes of them."""

from __future__ import annotations

import random
from array import array
from contextlib import suppress
from typing import Any

import pytest

from sim_core.errors import RefusedError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from tests.core.nodes import MODELS, MOVABLE, live, node_of, set_workload

NIL = 0xFFFFFFFF
NAMES = _read.IDENTITY_NAMES


KINDS = {0: (), 1: (60, 50), 2: (90, 20, 30, 20), 3: (20, 30, 40), 4: (2, 3), 5: (30, 7, 2, 4)}
"""Workloads by number, with numbers that fit a small zone."""


def ran(
    model: str,
    kind: int,
    turns: tuple[int, ...],
    *,
    seed: int = 7,
    watch: bool = False,
    log: str = "",
) -> Node:
    """A node after so many turns of a workload, a call each."""
    node = node_of(
        model, spanned_pages=256, pcp=(12, 4), seed=seed, log_records=1 << 16 if log else 0
    )
    node.boot()
    node.set_workload((90, 6, 3, 1), (15, 5, 80), 40, 80, kind, KINDS[kind])
    if log:
        node.start_log(writes=log == "writes")
    node.set_watch(0x3F if watch else 0)
    node.isolate(128)
    for n in turns:
        node.run_workload(n)
    assert _read.op_of(node) == 1 + sum(turns)
    return node


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", MODELS)
def test_a_run_is_the_same_however_it_is_cut_and_looked_at(model: str, kind: int) -> None:
    """In one call, in slices, one by one; with what is logged, and with the watch."""
    whole = _read.digest(ran(model, kind, (900,)))
    for turns in ((1, 397, 2, 500), (1,) * 900):
        assert _read.digest(ran(model, kind, turns)) == whole
    for log in ("operations", "writes"):
        assert _read.digest(ran(model, kind, (900,), log=log)) == whole
    assert _read.digest(ran(model, kind, (900,), watch=True)) == whole
    assert _read.digest(ran(model, kind, (900,), seed=8)) != whole
    assert _read.digest(ran(model, kind, (899,))) != whole


@pytest.mark.parametrize("model", MODELS)
def test_what_runs_again_writes_the_same_records(model: str) -> None:
    whole, sliced = (ran(model, 0, turns, log="writes") for turns in ((900,), (1,) * 900))
    for op in range(2, 902):
        records, total = _read.op_records(whole, op, 1 << 20)
        assert (records, total) == _read.op_records(sliced, op, 1 << 20)
        assert total > 3


def test_a_log_of_operations_has_what_was_asked_and_what_came_of_it() -> None:
    brief, full = (ran("v6.12", 0, (900,), log=log) for log in ("operations", "writes"))
    for op in range(2, 902):
        records, total = _read.op_records(full, op, 1 << 20)
        assert _read.op_records(brief, op, 1 << 20) == ([*records[:2], records[total - 1]], 3)


def test_a_trace_is_its_operations_one_by_one() -> None:
    draw = random.Random(11)
    handles, orders, types = array("I"), array("B"), array("B")
    held: list[int] = []
    for number in range(2000):
        if held and draw.random() < 0.48:
            handles.append(held.pop(draw.randrange(len(held))))
            orders.append(255)
            types.append(0)
        else:
            handles.append(number)
            orders.append(draw.choice((0, 0, 0, 1, 2, 3)))
            types.append(draw.randrange(3))
            held.append(number)
    one, batch = live(pages=64, pcp=(6, 2)), live(pages=64, pcp=(6, 2))
    where: dict[int, int | None] = {}
    failed = 0
    for handle, order, mt in zip(handles, orders, types, strict=True):
        if order != 255:
            where[handle] = one.alloc(order, mt, False)
            failed += where[handle] is None
        elif (pfn := where.pop(handle)) is not None:
            one.free(pfn)
    pages, sizes = array("I", [NIL]) * 2000, array("B", [0]) * 2000
    tallies = [
        batch.replay(handles, orders, types, pages, sizes, first, last)
        for first, last in ((0, 700), (700, 700), (700, 2000))
    ]
    assert _read.digest(batch) == _read.digest(one)
    assert failed > 0
    assert sum(tally.get("failed", 0) for tally in tallies) == failed
    assert sum(tally.get("operations", 0) for tally in tallies) == 2000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"last": 3}, "last"),
        ({"orders": array("B", [0])}, "orders"),
        ({"sizes": array("B", [0])}, "sizes"),
        ({"handles": array("I", [0, 2])}, "handles"),
        ({"orders": array("B", [0, 4])}, "handles"),
        ({"types": array("B", [0, 3])}, "handles"),
    ],
    ids=["too long", "orders", "sizes", "handle", "order", "type"],
)
def test_a_trace_that_does_not_fit_is_refused_whole(change: dict[str, Any], field: str) -> None:
    trace: dict[str, Any] = {
        "handles": array("I", [0, 1]),
        "orders": array("B", [0, 1]),
        "types": array("B", [0, 2]),
        "pages": array("I", [NIL, NIL]),
        "sizes": array("B", [0, 0]),
        "last": 2,
    } | change
    node = live()
    before = _read.digest(node)
    with pytest.raises(RefusedError) as caught:
        node.replay(
            trace["handles"],
            trace["orders"],
            trace["types"],
            trace["pages"],
            trace["sizes"],
            0,
            trace["last"],
        )
    assert caught.value.field == field
    assert _read.digest(node) == before


@pytest.mark.parametrize("percent", [25, 60, 90])
def test_filling_reaches_its_share_with_its_last_request(percent: int) -> None:
    node = live(pages=2048, pcp=(12, 4))
    set_workload(node, (1,))
    tally = node.fill_workload(percent)
    used = _read.stats(node)["allocated"]
    assert (used - 1) * 100 < percent * 2048 <= used * 100
    assert tally["allocated"] == used


# -- the watch


@pytest.mark.parametrize("model", MODELS)
def test_the_watch_notes_the_very_operation(model: str) -> None:
    """Held against a walk over all lists after each operation."""
    draw = random.Random(23)
    node = live(model, 256, pcp=(12, 4))
    set_workload(node)
    node.fill_workload(50)
    node.set_watch(0x3F)
    broken: set[int] = set()
    first: dict[int, int] = {}
    seen = 0
    noted: list[tuple[int, int, bool, int]] = []
    found: list[tuple[int, int, bool, int]] = []
    for _ in range(1500):
        pfn = draw.randrange(256)
        with suppress(RefusedError):
            if draw.random() < 0.9:
                node.run_workload(1)
            elif draw.random() < 0.5:
                node.isolate(pfn)
            else:
                node.unisolate(pfn, MOVABLE)
        now = {i for i, verdict in enumerate(_read.check(node)[:6]) if not verdict[0]}
        op = _read.op_of(node)
        for i in sorted(now ^ broken):
            found.append((op, i, i in now, 0))
            if i in now:
                first.setdefault(i, op)
        broken = now
        seen, notes = _read.breaks_since(node, seen)
        noted += notes
    assert noted == found
    assert len(found) > 1
    for i, verdict in enumerate(_read.check(node)[:6]):
        assert verdict[5] == first.get(i, 0), NAMES[i]


def test_an_identity_that_is_not_watched_is_not_noted() -> None:
    for watched in ("I1x", "I4"):
        node = live("minchan-v2")
        while node.alloc(0, MOVABLE, True) is not None:
            pass
        node.set_watch(1 << NAMES.index(watched))
        node.isolate(16)
        node.free(16)
        assert _read.breaks_since(node, 0) == (0, [])
        node.free(17)  # nr_free of order 0 goes to -2: both are broken now
        assert _read.breaks_since(node, 0) == (
            1,
            [(_read.op_of(node), NAMES.index(watched), True, 0)],
        )
