"""The log of primitive writes, read backward, leads to boot: every list position, counter, type,
page, pcp list, handle and the random state. What the page will one day undo by, it must carry."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

from sim_core.errors import RefusedError
from sim_core.lognames import KINDS
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS, Row
from tests.core.log_programs import (
    LARGE,
    NAMES,
    NODES,
    SMALL,
    WATCHED,
    Shape,
    act,
    act_on_node,
    booted,
)
from tests.core.mirror import Mirror
from tests.core.nodes import node_of, patched, set_workload
from tests.core.whole_nodes import NodeShape
from tests.core.whole_nodes import booted as booted_node

ALL = 1 << 60


def mirrored(node: Node, shape: Shape | NodeShape) -> Mirror:
    return Mirror(node, shape.pageblock_order, shape.max_order)


class Run:
    """Random requests of a zone, or of a node; what the mirror says of it now and then."""

    def __init__(
        self, node: Node, shape: Shape | NodeShape, step: Callable[[], object], count: int
    ) -> None:
        self.node = node
        self.shape = shape
        self.moments = {_read.op_of(node): mirrored(node, shape)}
        self.verdicts: set[str] = set()
        for i in range(count):
            if _read.stopped(node):
                break
            step()
            self.verdicts.add(_read.VERDICTS[_read.node_numbers(node)["verdict"]])
            if i % 60 == 59:
                self.moments[_read.op_of(node)] = mirrored(node, shape)

    def read_backward(self) -> None:
        """What was seen comes again, the last first, and in the end what was there at boot."""
        past = mirrored(self.node, self.shape)
        first = min(self.moments)
        for op in range(_read.op_of(self.node), first - 1, -1):
            if op in self.moments:
                assert past.parts() == self.moments[op].parts()
                assert past.digest() == self.moments[op].digest()
            if op > first:
                records, total = _read.op_records(self.node, op, ALL)
                assert len(records) == total
                for record in reversed(records):
                    past.undo(record)

    def kinds(self) -> set[str]:
        """Of all records written."""
        return {
            KINDS[record[0]]
            for op in range(min(self.moments) + 1, _read.op_of(self.node) + 1)
            for record in _read.op_records(self.node, op, ALL)[0]
        }


def run_of(shape: Shape, row: Row, seed: int) -> Run:
    draw = random.Random(seed)
    node = booted(shape, row, seed + 1)
    return Run(node, shape, lambda: act(node, shape, draw), 250)


@pytest.mark.parametrize(
    ("shape", "name", "seed"),
    [
        *((shape, name, seed) for shape in SMALL for name in [*ROWS, "hunks"] for seed in range(2)),
        # In a zone of so many pages looking at all of it is what takes the time.
        *((LARGE, name, 2) for name in ("v3.5", "hunks", "v3.7", "v6.12")),
    ],
)
def test_the_log_read_backward_leads_to_boot(shape: Shape, name: str, seed: int) -> None:
    row = patched(("free_pages_ok", "split_free_page")) if name == "hunks" else ROWS[name]
    run_of(shape, row, seed).read_backward()


def test_a_bug_can_be_taken_back() -> None:
    shape = Shape(0, 64, 2, 4, (0, 1))
    node = booted(shape, patched(("vm_bug_on",)), 1)
    before = mirrored(node, shape)
    first = _read.op_of(node)
    for pfn in range(64):
        with suppress(RefusedError):
            if node.isolate(pfn) == 0 and node.free(pfn) < -1000:
                break
    assert _read.stopped(node)
    past = mirrored(node, shape)
    for op in range(_read.op_of(node), first, -1):
        for record in reversed(_read.op_records(node, op, ALL)[0]):
            past.undo(record)
    assert past.parts() == before.parts()


# -- whole nodes


def new_node_run(shape: NodeShape, name: str, seed: int) -> Run:
    draw = random.Random(seed)
    node = booted_node(shape, name, log_records=1 << 20, seed=seed + 1)
    set_workload(node)
    node.fill_workload(20)
    node.start_log()
    node.set_watch(WATCHED)
    return Run(node, shape, lambda: act_on_node(node, shape, draw), 250)


node_run_of = cache(new_node_run)
"""Looked at by several tests."""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("shape", NODES)
@pytest.mark.parametrize("name", NAMES)
def test_a_node_s_log_read_backward_leads_to_boot(name: str, shape: NodeShape, seed: int) -> None:
    """And the same program led to the same state, by the core's digest and by the mirror's."""
    run = node_run_of(shape, name, seed)
    run.read_backward()
    again = new_node_run(shape, name, seed)
    assert _read.digest(again.node) == _read.digest(run.node)
    assert mirrored(again.node, shape).digest() == mirrored(run.node, shape).digest()


def test_what_a_node_s_runs_meet() -> None:
    """All that a request can come to is among what was read backward."""
    runs = [node_run_of(shape, name, seed) for shape in NODES for name in NAMES for seed in (0, 1)]
    verdicts = {verdict for run in runs for verdict in run.verdicts}
    assert verdicts >= {"GOT", "NO_PAGE", "LIVELOCK", "PANIC"}
    numbers = [_read.node_numbers(run.node) for run in runs]
    assert any(node["oom_kills"] for node in numbers)
    assert {node["kswapd_awake"] for node in numbers} == {0, 1}


def test_the_runs_write_records_of_every_kind() -> None:
    seen: set[str] = set()
    for shape in (*SMALL, LARGE):
        for seed in range(4):
            row = ROWS["v6.12" if seed % 2 else "minchan-v2"]
            seen |= run_of(shape, row, seed).kinds()
    for name in NAMES:
        seen |= node_run_of(NODES[0], name, 0).kinds()
    assert seen == set(KINDS)


def test_a_reader_that_was_overtaken_learns_the_first_whole_operation() -> None:
    shape = Shape(0, 256, 3, 6, (12, 4))
    node = node_of(
        "v3.5",
        spanned_pages=256,
        pageblock_order=3,
        max_order=6,
        pcp=(12, 4),
        log_records=4096,
    )
    node.boot()
    set_workload(node)
    node.start_log()
    node.run_workload(20)
    assert _read.log_bounds(node)[:2] == (1, 20)
    node.run_workload(3000)
    first, last, written = _read.log_bounds(node)
    assert last == 3020
    assert 1 < first < last
    assert written > 4096
    kept = sum(_read.op_records(node, op, ALL)[1] for op in range(first, last + 1))
    one_more = _read.op_records(node, first - 1, ALL)[1]
    assert kept <= 4096 < kept + one_more

    # What is kept still leads back, as far as it goes.
    past = mirrored(node, shape)
    for op in range(last, first - 1, -1):
        for record in reversed(_read.op_records(node, op, ALL)[0]):
            past.undo(record)
    assert sum(past.block_free.values()) == sum(past.free_by_block().values())


def test_pcp_sizes_that_follow_the_zone_are_taken_back() -> None:
    shape = Shape(0, 16384, 9, 10, None)
    node = node_of(
        "v3.5", spanned_pages=16384, pageblock_order=9, max_order=10, pcp=None, log_records=1 << 16
    )
    node.boot()
    node.start_log()
    before = mirrored(node, shape)
    assert _read.pcp_size(node) == (18, 3)
    for block in range(16, 32):
        assert node.offline(block, 1) == 0
    assert _read.pcp_size(node) == (18, 3)  # offlining does not size them anew
    node.online(16, 1)
    assert _read.pcp_size(node) == (6, 1)
    past = mirrored(node, shape)
    kinds = set()
    for op in range(_read.op_of(node), 0, -1):
        for record in reversed(_read.op_records(node, op, ALL)[0]):
            kinds.add(KINDS[record[0]])
            past.undo(record)
    assert "pcp_size" in kinds
    assert past.parts() == before.parts()
