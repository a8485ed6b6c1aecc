"""Who changed this: what the log tells is held against looking at every moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise, product
from typing import Any

import pytest

from sim_core import Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.errors import RefusedError, StoppedError
from sim_core.mm import _read, _why
from sim_core.subjects import Subject, counters

Value = object
MODELS = ("v3.5", "minchan-v2", "v3.7", "v6.12")


def lab_of(model: str, *, whole: bool = False) -> Lab:
    """A small lab in which a hundred things were done."""
    draw = random.Random(model)
    spans = (ZoneSpan("Normal", 0, 512), ZoneSpan("Movable", 512, 512)) if whole else ()
    lab = Lab(
        LabConfig(
            spanned_pages=512,
            pageblock_order=4,
            max_order=7,
            model=model,
            cpus=2,
            log_bytes=1 << 23,
            zones=spans,
        )
    )
    acts: list[Callable[[int], object]] = [
        lambda _: lab.run_workload(draw.randrange(1, 12)),
        lambda _: lab.alloc(draw.randrange(4), draw.choice(("MOVABLE", "UNMOVABLE"))),
        lab.isolate,
        lab.unisolate,
        lab.offline,
        lab.online,
        lambda block: lab.set_block_type(block, draw.choice(("CMA", "MOVABLE", "UNMOVABLE"))),
        lab.free_block,
        lambda _: lab.drain(),
        lambda _: lab.run_on(draw.randrange(2)),
    ]
    for _ in range(100):
        with suppress(RefusedError, StoppedError):
            draw.choice(acts)(draw.randrange(lab.nr_pageblocks))
    return lab


def go(lab: Lab, op: int, step: int | None = None) -> None:
    for _ in lab.seek(op, step):
        pass


def at_every_operation(lab: Lab, look: Callable[[], Value]) -> list[tuple[int, Value]]:
    """(operation, what is seen after it), from boot on."""
    last = lab.op
    seen = []
    for op in range(lab.timeline.first_op, last + 1):
        go(lab, op)
        seen.append((op, look()))
    return seen


def told(lab: Lab, subject: Subject) -> list[dict[str, Any]]:
    """All changes that are told, newest first, a few at a time."""
    found, before = [], None
    while True:
        answer = lab.changes(subject, before=before, most=7)
        found += answer["changes"]
        before = answer["before"]
        if before is None:
            return found


@pytest.mark.parametrize("model", MODELS)
def test_a_counters_changes_are_all_told_and_nothing_else(model: str) -> None:
    lab = lab_of(model)
    names = lab.COUNTERS
    assert set(names) <= set(counters(lab.config))
    seen = at_every_operation(lab, lambda: {name: lab.counters()[name] for name in names})
    for name in names:
        changes = told(lab, Subject(counter=name))
        amounts = {}
        values = [(op, row[name]) for op, row in seen]  # type: ignore[index]
        for (_, was), (op, now) in pairwise(values):
            if was != now:
                amounts[op] = now - was
        if changes and changes[0]["amount"] is not None:
            assert {one["op"]: one["amount"] for one in changes} == amounts, name
        # What an operation does and undoes itself is told too.
        assert amounts.keys() <= {one["op"] for one in changes}, name


@pytest.mark.parametrize("model", MODELS)
def test_counters_that_follow_from_others_are_told_too(model: str) -> None:
    """Watermarks are met and met no more, pages stray, the ends of a zone go."""
    lab = lab_of(model)
    while lab.alloc(2, "MOVABLE").pfn is not None:
        pass
    for block in range(lab.nr_pageblocks):
        lab.free_block(block)
    last = lab.op
    seen = at_every_operation(lab, lambda: [lab.counters()[name] for name in _why.DERIVED])
    changed = set()
    for i, name in enumerate(_why.DERIVED):
        changes = told(lab, Subject(counter=name))
        assert {one["op"]: one["amount"] for one in changes} == {
            op: now[i] - was[i]  # type: ignore[index]
            for (_, was), (op, now) in pairwise(seen)
            if was[i] != now[i]  # type: ignore[index]
        }, name
        for change in changes[:5]:
            changed.add(name)
            go(lab, change["op"], change["step"] - 1)
            before = lab.counters()[name]
            go(lab, change["op"], change["step"])
            assert lab.counters()[name] != before, (name, change)
            # Asked again from there, it is the first thing told.
            assert lab.changes(Subject(counter=name), most=1)["changes"][0]["op"] == change["op"]
            go(lab, last)
    never = {"spanned"} if model != "v6.12" else {"stray"}
    assert changed == set(_why.DERIVED) - never


@pytest.mark.parametrize("model", MODELS)
def test_one_stands_on_the_very_write(model: str) -> None:
    lab = lab_of(model)
    for subject, look in (
        (Subject(counter="nr_free_pages"), lambda: lab.counters()["nr_free_pages"]),
        (Subject(order=2), lambda: lab.nr_free()[2]),
        (Subject(order=1, migratetype="MOVABLE"), lambda: lab.list_page(1, "MOVABLE")),
        (Subject(pcp=1, migratetype="MOVABLE"), lambda: lab.pcp_lists(1, "MOVABLE")),
    ):
        last = lab.op
        changes = told(lab, subject)[:25]
        assert changes
        for change in changes:
            go(lab, change["op"], change["step"] - 1)
            before = look()
            go(lab, change["op"], change["step"])
            assert look() != before, (subject, change)
            go(lab, last)


@pytest.mark.parametrize("model", MODELS)
def test_of_a_page_and_a_block_every_change_is_told(model: str) -> None:
    lab = lab_of(model)
    draw = random.Random(1)
    for _ in range(12):
        pfn = draw.randrange(512)
        block = lab.block_of(pfn)
        seen = at_every_operation(
            lab, lambda pfn=pfn, block=block: (  # type: ignore[misc]
                _read.page_record(lab.node, pfn),
                (lab.block_types()[block], _read.block_counts(lab.node, block)),
            )
        )  # fmt: skip
        for which, subject in ((0, Subject(pfn=pfn)), (1, Subject(block=block))):
            ops = {one["op"] for one in told(lab, subject)}
            for (_, was), (op, now) in pairwise(seen):
                if was[which] != now[which]:  # type: ignore[index]
                    assert op in ops, (subject, op)


def test_a_handle_is_followed_from_page_to_page() -> None:
    """From its request, over pins and a migration that gives it another page, to its free."""
    lab = Lab(LabConfig(spanned_pages=2048, pageblock_order=5, max_order=8, log_bytes=1 << 20))
    pfn = lab.alloc(0, "MOVABLE").pfn
    assert pfn is not None
    asked = lab.op
    handle = _read.handle_at(lab.node, pfn)
    # More than one answer has: it is followed over the border of two.
    for _ in range(9):
        lab.pin(pfn)
        lab.unpin(pfn)
    lab.drain()
    moved = lab.offline(lab.block_of(pfn)).op
    now = _read.pfn_of(lab.node, handle)
    assert now not in (None, pfn)
    lab.alloc(0, "UNMOVABLE")
    freed = lab.free_handle(handle).op
    changes = told(lab, Subject(handle=handle))
    assert changes[0]["op"] == freed
    assert [one["op"] for one in changes][-19:] == [*range(asked + 18, asked - 1, -1)]
    assert moved in {one["op"] for one in changes}
    assert f"handle {handle}: pfn {pfn} → {now}" in {one["words"] for one in changes}
    assert all(lab.op >= one["op"] >= asked for one in changes)


@pytest.mark.parametrize(
    ("subject", "field", "allowed"),
    [
        (Subject(), "counter", "handle"),
        (Subject(counter="nr_pages"), "counter", "nr_free_pages"),
        (Subject(order=7), "order", "0 … 6"),
        (Subject(pcp=2, migratetype="MOVABLE"), "pcp", "0 … 1"),
        (Subject(pcp=0, migratetype="CMA"), "migratetype", "MOVABLE"),
        (Subject(block=32), "block", "0 … 31"),
        (Subject(pfn=512), "pfn", "0 … 511"),
    ],
)
def test_what_there_is_not_is_refused_by_name(subject: Subject, field: str, allowed: str) -> None:
    lab = lab_of("v3.5")
    with pytest.raises(RefusedError) as refusal:
        lab.changes(subject)
    assert refusal.value.field == field
    assert allowed in str(refusal.value.allowed)


def test_without_a_log_nothing_is_told() -> None:
    lab = Lab(LabConfig(spanned_pages=512, pageblock_order=4, max_order=7, log_bytes=0))
    lab.run_workload(5)
    answer = lab.changes(Subject(counter="nr_free_pages"))
    assert answer == {"changes": [], "cells": {}, "before": None, "first_op": 0, "handle": None}


def test_of_a_whole_node_each_zone_has_its_own() -> None:
    lab = lab_of("v6.12", whole=True)
    for zone, name in product((0, 1), ("usable", "blocks_isolated", *_why.DERIVED)):
        seen = at_every_operation(lab, lambda zone=zone, name=name: lab.counters(zone)[name])  # type: ignore[misc]
        amounts = {
            op: now - was  # type: ignore[operator]
            for (_, was), (op, now) in pairwise(seen)
            if was != now
        }
        changes = told(lab, Subject(counter=name, zone=zone))
        assert {one["op"]: one["amount"] for one in changes} == amounts
    assert lab.changes(Subject(counter="cpu"))["changes"]
