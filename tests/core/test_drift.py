"""Where a count drifted: each operation's share, and the write with which an identity broke."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import RefusedError
from sim_core.explaining import WEIGHTS
from sim_core.mm import _read
from tests.core.test_changes import go, lab_of

DRIFTING = ("minchan-v2", "v3.7", "v3.8")


def gaps(lab: Lab) -> dict[str, list[int]]:
    """By identity what its sum is now, in pages: by order, or one number."""
    nr_free, lists = lab.nr_free(), lab.lists()
    free = lab.counters()["nr_free_pages"]
    isolated = lists["ISOLATE"]
    every = [sum(chunks) for chunks in zip(*lists.values(), strict=True)]
    total = sum(n << o for o, n in enumerate(nr_free))
    pages = sum(n << o for o, n in enumerate(every))
    on_isolate = sum(n << o for o, n in enumerate(isolated))
    return {
        "I1": [n - r << o for o, (n, r) in enumerate(zip(nr_free, every, strict=True))],
        "I1x": [
            n - r + i << o for o, (n, r, i) in enumerate(zip(nr_free, every, isolated, strict=True))
        ],
        "I2": [free - total],
        "I2x": [total - free - on_isolate],
        "I3": [free - pages + on_isolate],
    }


@pytest.mark.parametrize("model", [*DRIFTING, "v3.5", "minchan-v1", "v6.12"])
def test_each_operations_share_is_what_it_did_to_the_sum(model: str) -> None:
    lab = lab_of(model)
    last = lab.op
    drifts = {identity: lab.drift(identity) for identity in WEIGHTS}
    seen = []
    for op in range(lab.timeline.first_op, last + 1):
        go(lab, op)
        seen.append((op, gaps(lab)))
    for identity, drift in drifts.items():
        shares = {}
        for (_, was), (op, now) in pairwise(seen):
            share = [b - a for a, b in zip(was[identity], now[identity], strict=True)]
            if any(share):
                shares[op] = share
        assert drift["count"] == len(shares)
        assert [move["op"] for move in drift["moves"]] == sorted(shares, reverse=True)[:64]
        for move in drift["moves"]:
            share = shares[move["op"]]
            assert move["gap"] == sum(share)
            if drift["by_order"]:
                assert move["by_order"] == share
        together = drift["together"]
        if shares:
            assert together["op"] == min(shares)
            assert together["gap"] == sum(map(sum, shares.values()))
        else:
            assert together is None


@pytest.mark.parametrize(("model", "identity"), [("minchan-v2", "I1x"), ("v3.7", "I3")])
def test_one_is_led_to_the_write_that_broke_it(model: str, identity: str) -> None:
    lab = lab_of(model)
    first = lab.first_broken(identity)
    assert first
    way = lab.go_to_break(identity)
    try:
        while True:
            next(way)
    except StopIteration as end:
        stop = end.value
    assert stop.found
    assert lab.op == first
    assert not holds(lab, identity)
    for _ in lab.step_back(1):
        pass
    assert holds(lab, identity)
    # From there to the operation's end it stays so.
    for _ in lab.step_on(1):
        pass
    while not lab.moment.whole:
        assert not holds(lab, identity)
        for _ in lab.step_on(1):
            pass
    assert not holds(lab, identity)


def holds(lab: Lab, identity: str) -> bool:
    return bool(_read.judged(lab.node)[lab.IDENTITIES.index(identity)])


def test_what_was_never_broken_leads_nowhere() -> None:
    lab = lab_of("v3.5")
    here = lab.moment
    with pytest.raises(RefusedError, match="I2 is not broken"):
        list(lab.go_to_break("I2"))
    assert lab.moment == here
    with pytest.raises(RefusedError, match="no such identity"):
        list(lab.go_to_break("I9"))
    with pytest.raises(RefusedError) as refusal:
        lab.drift("I4")
    assert refusal.value.allowed == "I1, I1x, I2, I2x, I3"


def test_the_ledger_names_what_is_claimed_and_what_there_is() -> None:
    """A page freed into an isolated block under the seed's patch: counted in no order's nr_free."""
    lab = Lab(
        LabConfig(
            spanned_pages=64,
            pageblock_order=2,
            max_order=4,
            pcp_high=0,
            pcp_batch=1,
            model="minchan-v2",
            log_bytes=1 << 16,
        )
    )
    while lab.alloc(0, "MOVABLE").pfn is not None:
        pass
    lab.isolate(0)
    lab.free(0)
    lab.free(1)
    ledger = lab.ledger()
    assert sum(row["pages"] for row in ledger["accounts"]) == ledger["spanned"] == 64
    assert sum(row["moved"] for row in ledger["accounts"]) == 0
    isolated = [row for row in ledger["accounts"] if row["sort"] == "isolated"]
    assert [(row["order"], row["pages"], row["moved"]) for row in isolated] == [
        (0, 0, -1),
        (1, 2, 2),
    ]
    claims = {(row["counter"], row["order"]): row for row in ledger["claims"]}
    assert claims["nr_free", 0]["claimed"] == -2
    assert claims["nr_free", 0]["real"] == 0
    assert claims["nr_free", 1]["claimed"] == 1
    assert claims["NR_FREE_PAGES", None]["claimed"] == claims["NR_FREE_PAGES", None]["real"] == 0
    froms = [posting["from"]["sort"] for posting in ledger["postings"]]
    assert froms == ["in use", "isolated", "in transit"]
