"""Records taken back and done again by the core: every moment of a run comes again, exactly, in any
order and at any primitive write."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from sim_core.errors import RefusedError
from sim_core.mm import _read, _travel
from sim_core.mm._mm import Node
from sim_core.models import ROWS
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
from tests.core.nodes import patched, set_workload
from tests.core.whole_nodes import NodeShape
from tests.core.whole_nodes import booted as booted_node


def moment(node: Node) -> tuple[object, ...]:
    """All of a node's state, order-sensitive, with what the watch knows."""
    zones = range(len(_read.zones(node)))
    return (
        _read.op_of(node),
        _read.digest(node),
        tuple(str(_read.lengths(node, zone)) for zone in zones),
        tuple(str(_read.watched(node, zone)) for zone in zones),
    )


class Travels:
    """A run, and each of its moments by the number of the record that comes next."""

    def __init__(self, node: Node, step: Callable[[], object], count: int) -> None:
        self.node = node
        self.step = step
        self.moments = {_travel.place(node)[0]: moment(node)}
        self.run(count)

    def run(self, count: int) -> None:
        """So many more requests, from where it stands."""
        for _ in range(count):
            if _read.stopped(self.node):
                break
            self.step()
            self.moments[_travel.place(self.node)[0]] = moment(self.node)

    def go(self, record: int) -> None:
        _travel.go_to(self.node, record)
        known = self.moments.setdefault(record, moment(self.node))
        assert moment(self.node) == known

    def wander(self, draw: random.Random, legs: int) -> None:
        """To and fro between places between requests, then one record at a time around one."""
        places = sorted(self.moments)
        for _ in range(legs):
            self.go(draw.choice(places))
        here = draw.choice(places)
        for record in range(here, max(here - 60, places[0]) - 1, -1):
            self.go(record)
        for record in range(max(here - 60, places[0]), here + 1):
            self.go(record)
        self.go(places[0])
        self.go(places[-1])


def of_a_zone(shape: Shape, name: str, seed: int, count: int) -> Travels:
    draw = random.Random(seed)
    row = patched(("free_pages_ok", "split_free_page")) if name == "hunks" else ROWS[name]
    node = booted(shape, row, seed + 1)
    return Travels(node, lambda: act(node, shape, draw), count)


def of_a_node(shape: NodeShape, name: str, seed: int, count: int) -> Travels:
    draw = random.Random(seed)
    node = booted_node(shape, name, log_records=1 << 20, seed=seed + 1)
    set_workload(node)
    node.fill_workload(20)
    node.start_log()
    node.set_watch(WATCHED)
    return Travels(node, lambda: act_on_node(node, shape, draw), count)


@pytest.mark.parametrize("name", [*ROWS, "hunks"])
@pytest.mark.parametrize("shape", SMALL)
def test_every_moment_of_a_zone_comes_again(shape: Shape, name: str) -> None:
    of_a_zone(shape, name, 3, 200).wander(random.Random(name), 40)


@pytest.mark.parametrize("name", ["v3.5", "hunks", "v3.7", "v6.12"])
def test_every_moment_of_a_zone_with_large_blocks_comes_again(name: str) -> None:
    of_a_zone(LARGE, name, 5, 120).wander(random.Random(name), 30)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", NODES)
def test_every_moment_of_a_node_comes_again(shape: NodeShape, name: str) -> None:
    """Kills, livelocks and panics among them."""
    of_a_node(shape, name, 2, 200).wander(random.Random(name), 40)


@pytest.mark.parametrize("name", ["minchan-v2", "v6.1"])
def test_from_the_past_another_future_can_be_gone(name: str) -> None:
    """What was taken back is written over; what both futures share stays."""
    travels = of_a_zone(SMALL[0], name, 9, 150)
    places = sorted(travels.moments)
    fork = places[len(places) // 2]
    travels.go(fork)
    _travel.cut(travels.node)
    assert _travel.place(travels.node) == (fork, fork)
    travels.moments = {place: seen for place, seen in travels.moments.items() if place <= fork}
    travels.run(150)
    travels.wander(random.Random(1), 40)


def test_where_one_cannot_go() -> None:
    travels = of_a_zone(SMALL[0], "v3.5", 1, 20)
    here, end = _travel.place(travels.node)
    assert here == end
    before = moment(travels.node)
    with pytest.raises(RefusedError, match="not kept"):
        _travel.go_to(travels.node, end + 1)
    assert moment(travels.node) == before


@pytest.mark.parametrize("call", ["free_block", "fill_block"])
def test_several_operations_asked_for_together_stop_where_told(call: str) -> None:
    """As far as they go they are the same operations."""
    whole = of_a_zone(SMALL[0], "v3.5", 1, 0)
    part = of_a_zone(SMALL[0], "v3.5", 1, 0)

    def ask(node: Node) -> None:
        if call == "free_block":
            node.free_block(20)
        else:
            node.free_block(20)
            node.fill_block(20, 0, 2, True, 50)

    ask(whole.node)
    last = _read.op_of(whole.node)
    stop = last - 2
    _travel.bound(part.node, stop)
    ask(part.node)
    assert _read.op_of(part.node) == stop < last
    start, _ = _travel.span(whole.node, stop + 1)
    _travel.go_to(whole.node, start)
    assert moment(whole.node) == moment(part.node)


@pytest.mark.parametrize("name", ["v3.5", "v3.7", "v6.1"])
@pytest.mark.parametrize("shape", [*SMALL, LARGE, *NODES])
def test_a_keyframe_brings_its_moment_back(shape: Shape | NodeShape, name: str) -> None:
    """From any other; and what follows from it is what followed then, also by the log, which still
    tells of it."""
    draw = random.Random(4)
    if isinstance(shape, Shape):
        travels = of_a_zone(shape, name, 4, 30)
    else:
        travels = of_a_node(shape, name, 4, 30)
    node = travels.node
    kept = []
    for _ in range(6):
        kept.append((_travel.place(node)[0], _travel.keyframe(node)))
        assert len(kept[-1][1]) == _travel.keyframe_size(node)
        travels.run(20)
    places = sorted(travels.moments)
    for _ in range(12):
        record, frame = draw.choice(kept)
        _travel.restore(node, frame)
        assert _travel.place(node) == (record, places[-1])
        assert moment(node) == travels.moments[record]
        travels.go(draw.choice(places))
    travels.go(places[-1])


def test_after_a_keyframe_beyond_its_end_the_log_begins_anew() -> None:
    travels = of_a_zone(SMALL[0], "v3.8", 6, 60)
    node = travels.node
    record, frame = _travel.place(node)[0], _travel.keyframe(node)
    then = moment(node)
    places = sorted(travels.moments)
    travels.go(places[10])
    _travel.cut(node)
    _travel.restore(node, frame)
    assert moment(node) == then
    assert _travel.place(node) == (record, record)
    with pytest.raises(RefusedError, match="not kept"):
        _travel.go_to(node, record - 1)
    assert _read.log_bounds(node)[0] == _read.op_of(node) + 1
    travels.moments = {record: then}
    travels.run(40)
    travels.wander(random.Random(3), 20)
