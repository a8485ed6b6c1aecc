"""Pages in no chunk amid an operation, by the log, are those that the page records show in none."""

from __future__ import annotations

import random

import pytest

from sim_core.mm import _read, _travel
from sim_core.mm._mm import Node
from tests.core.log_programs import NODES, SMALL, Shape, act, act_on_node, booted_in
from tests.core.nodes import states_of
from tests.core.whole_nodes import NodeShape


def loose(node: Node) -> set[int]:
    """PFNs that no head covers and that are nothing by themselves."""
    found = set()
    for _, start, pages, *_ in _read.zones(node):
        states, _ = states_of(node, start, pages)
        covered = 0
        for i, state in enumerate(states):
            if state >> 4:
                covered = max(covered, i + (1 << (state & 15)))
            elif i >= covered:
                found.add(start + i)
    return found


@pytest.mark.parametrize("name", ["v3.5", "minchan-v2", "v3.7", "v6.12"])
@pytest.mark.parametrize("shape", [*SMALL, *NODES])
def test_what_is_told_is_what_there_is(shape: Shape | NodeShape, name: str) -> None:
    draw = random.Random(name)
    node = booted_in(shape, name)
    for _ in range(60):
        if _read.stopped(node):
            break
        if isinstance(shape, Shape):
            act(node, shape, draw)
        else:
            act_on_node(node, shape, draw)
    met = 0
    for _ in range(900):
        if _travel.step_all(node, True, 1):
            break
        told = {pfn + i for pfn, pages in _travel.transit(node) for i in range(pages)}
        assert told == loose(node)
        met += bool(told)
    assert met
