"""Time travel as a person has it: to any operation and any step, however far the log reaches, over
branches; nothing is lost and every moment is exactly what it was."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from sim_core.config import LabConfig, ZoneSpan
from sim_core.errors import RefusedError
from sim_core.journal import BRANCHES_MAX
from sim_core.lab import Lab
from sim_core.models import ROWS
from sim_core.workloads import WORKLOADS, Workload, changed

SMALL = LabConfig(spanned_pages=2048, pageblock_order=4, max_order=6, log_bytes=1 << 16)
"""Its log tells of some two hundred operations."""
NODE = LabConfig(
    zones=(ZoneSpan("Normal", 0, 512), ZoneSpan("Movable", 512, 512)),
    pageblock_order=4,
    max_order=6,
    swap_pages=200,
    cpus=2,
    log_bytes=1 << 16,
)


def go(lab: Lab, op: int, step: int | None = None) -> None:
    for _ in lab.seek(op, step):
        pass


def switch(lab: Lab, ident: int, op: int | None = None) -> None:
    for _ in lab.switch(ident, op):
        pass


def act(lab: Lab, draw: random.Random) -> None:
    """Something that a person may do; a refusal is as good as any."""
    block = draw.randrange(lab.nr_pageblocks)
    acts = (
        lambda: lab.run_workload(draw.randrange(1, 120)),
        lambda: lab.alloc(draw.randrange(4), draw.choice(("MOVABLE", "UNMOVABLE")), owner=1),
        lambda: lab.free_block(block),
        lambda: lab.fill_block(block, 0, "MOVABLE", 20),
        lambda: lab.isolate(block),
        lambda: lab.unisolate(block),
        lambda: lab.offline(block),
        lambda: lab.online(block),
        lambda: lab.pin_block(block),
        lambda: lab.unpin_block(block),
        lab.drain,
        lambda: lab.set_block_type(block, "CMA"),
        lambda: lab.set_workload(changed(lab.workload, draw.choice(list(WORKLOADS)), {})),
    )
    with suppress(RefusedError):
        draw.choice(acts)()


class Known:
    """What was seen at each operation of each branch."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.seen: dict[tuple[int, int], tuple[int, Workload]] = {}
        self.look()

    def look(self) -> None:
        lab = self.lab
        key = (lab.journal.current.ident, lab.op)
        found = (lab.hash(), lab.workload)
        assert self.seen.setdefault(key, found) == found

    def go(self, op: int) -> None:
        go(self.lab, op)
        assert self.lab.op == op
        self.look()


@pytest.mark.parametrize("model", [*ROWS])
@pytest.mark.parametrize("config", [SMALL, replace(SMALL, log_bytes=0), NODE])
def test_any_operation_of_any_branch_comes_again(config: LabConfig, model: str) -> None:
    """By the log, from boot, and over branches that were begun in the past."""
    draw = random.Random(model)
    lab = Lab(replace(config, model=model, fill_percent=30))
    known = Known(lab)
    for _ in range(4):
        for _ in range(25):
            if lab.stopped:
                break
            act(lab, draw)
            known.look()
        for op in draw.choices(range(lab.timeline.first_op, lab.journal.tip + 1), k=4):
            known.go(op)
    assert len(lab.journal.branches) > 1
    for ident, op in draw.sample(sorted(known.seen), 20):
        switch(lab, ident, op)
        known.look()
        assert lab.journal.current.ident == ident


def test_keyframes_bring_a_long_run_back() -> None:
    """The log tells of the last of many operations; the others are run again from a keyframe."""
    lab = Lab(replace(SMALL, fill_percent=50, log_bytes=1 << 20))
    for _ in range(3):
        lab.run_workload(100_000)
    number, size = lab.timeline.keyframes
    assert number > 1
    assert size <= lab.config.keyframe_bytes
    end = lab.hash()
    draw = random.Random(1)
    seen: dict[int, int] = {}
    for op in [*draw.choices(range(lab.timeline.first_op, lab.op), k=5)] * 2:
        go(lab, op)
        assert seen.setdefault(op, lab.hash()) == lab.hash()
    go(lab, lab.journal.tip)
    assert lab.hash() == end


def test_keyframes_stay_within_their_room() -> None:
    lab = Lab(replace(SMALL, fill_percent=50, log_bytes=1 << 19))
    for _ in range(8):
        lab.run_workload(100_000)
    assert 0 < lab.timeline.keyframes[1] <= 1 << 18
    end = lab.hash()
    go(lab, lab.timeline.first_op + 1000)
    go(lab, lab.journal.tip)
    assert lab.hash() == end


def test_a_step_is_a_primitive_write() -> None:
    lab = Lab(replace(SMALL, pcp_high=0, pcp_batch=1))
    outcome = lab.alloc(0, "MOVABLE")
    after = lab.hash()
    lab.run_workload(20)
    steps = lab.timeline.moment.steps
    go(lab, outcome.op, 0)
    assert lab.moment.step == 0
    go(lab, outcome.op - 1)
    before = lab.hash()
    go(lab, outcome.op)
    assert lab.hash() == after
    moment = lab.moment
    assert moment.whole
    assert moment.step == moment.steps > 5
    digests = []
    for step in range(moment.steps + 1):
        go(lab, outcome.op, step)
        assert lab.moment.step == step
        digests.append(lab.hash())
    assert digests[-1] == after
    assert len(set(digests)) == moment.steps + 1
    told = lab.steps_of(outcome.op)["operations"][0]["records"]
    assert len(told) == moment.steps
    assert digests[0] != before or steps


def test_by_steps_one_goes_from_operation_to_operation() -> None:
    """On and back again, over borders of operations, to the same moments."""
    lab = Lab(replace(SMALL, fill_percent=20))
    lab.run_workload(30)
    first = lab.op - 5
    go(lab, first)
    way = [(lab.moment, lab.hash())]
    while lab.timeline.past:
        for _ in lab.step_on():
            pass
        way.append((lab.moment, lab.hash()))
    assert len(way) > 20
    for moment, digest in reversed(way[:-1]):
        for _ in lab.step_back():
            pass
        assert (lab.moment, lab.hash()) == (moment, digest)


def test_acting_in_the_past_begins_a_branch_and_loses_nothing() -> None:
    lab = Lab(replace(SMALL, fill_percent=40))
    lab.run_workload(300)
    end, tip = lab.hash(), lab.op
    go(lab, tip - 200, None)
    lab.isolate(3)
    assert lab.op == tip - 199
    assert [branch.name for branch in lab.journal.branches] == ["main", "branch 2"]
    assert lab.journal.current.fork_op == tip - 200
    switch(lab, 1)
    assert (lab.hash(), lab.op) == (end, tip)
    switch(lab, 2)
    assert lab.op == tip - 199
    assert lab.block_types()[3] == 6


def test_acting_amid_an_operation_finishes_it_first() -> None:
    lab = Lab(replace(SMALL, fill_percent=40))
    lab.run_workload(10)
    middle = lab.op - 3
    go(lab, middle, 2)
    lab.drain()
    assert lab.op == middle + 1
    assert lab.journal.current.fork_op == middle


def test_what_is_refused_in_the_past_changes_nothing() -> None:
    lab = Lab(replace(SMALL, fill_percent=40))
    lab.run_workload(100)
    tip = lab.op
    go(lab, tip - 50, 2)
    moment, digest = lab.moment, lab.hash()
    with pytest.raises(RefusedError):
        lab.isolate(100_000)
    assert (lab.moment, lab.hash()) == (moment, digest)
    assert lab.timeline.past
    assert len(lab.journal.branches) == 1
    go(lab, tip)


def test_a_bug_can_be_gone_back_before() -> None:
    lab = Lab(replace(SMALL, model="v3.5", fill_percent=0))
    lab.run_workload(10)
    fine = lab.op
    go(lab, fine - 5)
    assert lab.stopped is None


@pytest.mark.parametrize(("op", "step"), [(-1, None), (10_000, None), (5, 1000), (0, 1)])
def test_there_is_no_such_moment(op: int, step: int | None) -> None:
    lab = Lab(SMALL)
    lab.run_workload(20)
    moment, digest = lab.moment, lab.hash()
    with pytest.raises(RefusedError):
        go(lab, op, step)
    assert (lab.moment, lab.hash()) == (moment, digest)


def test_whoever_acts_meanwhile_ends_the_way() -> None:
    lab = Lab(replace(SMALL, fill_percent=40))
    for _ in range(3):
        lab.run_workload(100_000)
    way = lab.seek(lab.timeline.first_op + 1)
    next(way)
    lab.drain()
    with pytest.raises(RefusedError, match="meanwhile"):
        list(way)


def test_there_are_only_so_many_branches() -> None:
    """One too many is refused, changes nothing, and there is room again when one is forgotten."""
    lab = Lab(replace(SMALL, fill_percent=40))
    lab.run_workload(50)
    tip = lab.op
    while len(lab.journal.branches) < BRANCHES_MAX:
        go(lab, tip - 20)
        lab.fork(None)
    switch(lab, 1)
    go(lab, tip - 20)
    moment, digest = lab.moment, lab.hash()
    with pytest.raises(RefusedError, match="already"):
        lab.drain()
    assert (lab.moment, lab.hash()) == (moment, digest)
    lab.timeline.drop(7)
    lab.drain()
    assert lab.journal.current.fork_op == tip - 20
    switch(lab, 1, tip)
    assert lab.op == tip
