"""The double-entry ledger: every page in one account, postings what was done to them."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from sim_core.mm import _read, _travel, _why
from sim_core.mm._mm import Node
from tests.core.accounts import Account, accounts_of
from tests.core.log_programs import NODES, SMALL, Shape, act, act_on_node, booted_in
from tests.core.whole_nodes import NodeShape

PLACES: list[Shape | NodeShape] = [*SMALL, *NODES]


def node_in(shape: Shape | NodeShape, name: str, draw: random.Random) -> Node:
    """A node after some random requests."""
    node = booted_in(shape, name)
    for _ in range(40):
        if not _read.stopped(node):
            request(node, shape, draw)
    return node


def request(node: Node, shape: Shape | NodeShape, draw: random.Random) -> None:
    if isinstance(shape, Shape):
        act(node, shape, draw)
    else:
        act_on_node(node, shape, draw)


def told(balance: dict[tuple[int, int, int], int]) -> dict[Account, int]:
    return {(_why.SORT_NAMES[sort], order, mt): n for (sort, order, mt), n in balance.items()}


@pytest.mark.parametrize("name", ["v3.5", "minchan-v2", "v3.7", "v6.1", "v6.12"])
@pytest.mark.parametrize("shape", PLACES)
def test_every_page_is_in_one_account_at_every_write(shape: Shape | NodeShape, name: str) -> None:
    node = node_in(shape, name, random.Random(name))
    for _ in range(60):
        for zone, (_, _, pages, *_) in enumerate(_read.zones(node)):
            balance = told(_why.balance(node, zone))
            assert balance == accounts_of(node, zone, shape.pageblock_order)
            assert sum(balance.values()) == pages
        if _travel.step_all(node, True, 7):
            break


@pytest.mark.parametrize("name", ["v3.5", "minchan-v1", "minchan-v2", "v3.8", "v6.1", "v6.12"])
@pytest.mark.parametrize("shape", PLACES)
def test_postings_lead_from_one_balance_to_the_next(shape: Shape | NodeShape, name: str) -> None:
    """Operation by operation, and amid one; each posting takes from one account what it gives to
    another, and asking leaves everything as it was."""
    draw = random.Random(name)
    node = node_in(shape, name, draw)
    zones = range(len(_read.zones(node)))
    first, last, _ = _read.log_bounds(node)
    asked = 0
    for op in range(max(first, last - 40), last + 1):
        start, end = _travel.span(node, op)
        record = draw.choice((end, draw.randrange(start + 1, end + 1)))
        for zone in zones:
            _travel.go_to(node, start)
            before = Counter(_why.balance(node, zone))
            _travel.go_to(node, record)
            digest, place = _read.digest(node), _travel.place(node)
            of, postings, count, moved = _why.postings(node, zone, 1 << 20)
            assert (of, _read.digest(node), _travel.place(node)) == (op, digest, place)
            assert len(postings) == count
            after = Counter(_why.balance(node, zone))
            before.update(moved)
            assert {key: n for key, n in before.items() if n} == after
            sums: Counter[tuple[int, int, int]] = Counter()
            for _, _, debit, credit, pages in postings:
                assert pages > 0
                sums[debit] -= pages
                sums[credit] += pages
            assert {key: n for key, n in sums.items() if n} == moved
            asked += count
    assert asked > 20
