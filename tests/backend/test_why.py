"""The service asked why: who changed a thing, where a count drifted, the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.client import Client, Json, connected
from tests.backend.conftest import Place

SEED = {
    "model": "minchan-v2",
    "spanned_pages": 64,
    "pageblock_order": 2,
    "max_order": 4,
    "pcp_high": 0,
    "pcp_batch": 1,
}


@pytest.fixture
def client(place: Place) -> Any:
    with connected(place.service, place.ident) as one:
        one.result(type="pause")
        yield one


@pytest.fixture
def broken(client: Client) -> int:
    """Two pages are freed into an isolated block under the seed's patch: nr_free[0] is −2. The
    operation of the second."""
    client.result(type="configure", **SEED)
    pfns = []
    while more := client.result(type="alloc", order=0, migratetype="MOVABLE", count=8)["pfns"]:
        pfns += more
    client.result(type="isolate", blocks=[pfns[0] >> 2])
    first = pfns[0] & ~3
    return int(client.result(type="free", pfns=[first, first + 1])["op"])


def test_who_changed_a_count_last_and_before_that(client: Client, broken: int) -> None:
    answer = client.result(type="changes", order=0, most=2)
    [last, before] = answer["changes"]
    assert (last["op"], before["op"]) == (broken, broken)
    assert last["words"] == "nr_free[0]: -1 → -2"
    assert last["site"] == "free_one_isolated_page"
    more = client.result(type="changes", order=0, most=2, before=answer["before"])["changes"]
    assert [one["op"] for one in more] == [broken - 1, broken - 1]
    # One stands on it: with it the number is there, before it not.
    there = client.result(type="seek", op=last["op"], step=last["step"])
    assert (there["op"], there["step"]) == (broken, last["step"])
    assert client.result(type="predicate", predicate="nr_free[0] == -2")["holds"]
    client.result(type="back", grain="step")
    assert client.result(type="predicate", predicate="nr_free[0] == -1")["holds"]


def test_every_sort_of_thing_can_be_asked_about(client: Client, broken: int) -> None:
    pfn = client.result(type="list", order=1, migratetype="ISOLATE")["pfns"][0]
    things: list[Json] = [
        {"counter": "isolated"},
        {"order": 1, "migratetype": "ISOLATE"},
        {"block": pfn >> 2},
        {"pfn": pfn},
    ]
    for thing in things:
        assert client.result(type="changes", **thing)["changes"][0]["op"] == broken, thing
    pinned = client.result(type="changes", pfn=pfn + 2)
    assert pinned["handle"] is not None
    assert client.result(type="changes", handle=pinned["handle"])["changes"][0]["op"] < broken
    answer = client.result(type="changes", counter="isolated", most=1)
    assert answer["changes"][0]["amount"] == 1


def test_a_write_names_the_cell_that_decided_it(client: Client, broken: int) -> None:
    [operation] = client.result(type="steps", last=1)["operations"]
    routed = [one for one in operation["records"] if one["site"] == "free_one_isolated_page"]
    assert routed
    client.result(type="model", model="v3.8")
    client.result(type="step", n=1)
    [operation] = client.result(type="steps", op=broken)["operations"]
    asked = [one for one in operation["records"] if one["kind"] == "cell"]
    assert [one["words"] for one in asked] == [
        "not counted: Linux 3.8 leaves NR_FREE_PAGES alone, since the pageblock is ISOLATE"
    ]
    cell = operation["cells"][asked[0]["cell"]]
    assert cell["column"] == "free_one_page_nr"
    assert cell["words"] == "unless the type passed in is ISOLATE"
    assert "free_one_page" in cell["source"]


def test_drift_and_the_way_to_where_it_began(client: Client, broken: int) -> None:
    drift = client.result(type="drift", identity="I1x")
    assert [move["op"] for move in drift["moves"]] == [broken]
    # Two pages too few at order 0, two too many at order 1, which no list but ISOLATE's has.
    assert drift["moves"][0]["by_order"] == drift["together"]["by_order"] == [-2, 2, 0, 0]
    assert drift["moves"][0]["listed"]["ISOLATE"] == [-1, 1, 0, 0]
    client.result(type="step", n=5)
    there = client.result(type="go_to_break", identity="I1x")
    assert (there["op"], there["found"]) == (broken, True)
    assert there["values"][0]["word"] == "yes"
    client.result(type="back", grain="step")
    assert not client.result(type="predicate", predicate="I1x.broken")["holds"]


def test_the_ledger_balances_amid_an_operation_too(client: Client, broken: int) -> None:
    for _ in range(6):
        ledger = client.result(type="ledger")
        assert sum(row["pages"] for row in ledger["accounts"]) == ledger["spanned"] == 64
        assert sum(row["moved"] for row in ledger["accounts"]) == 0
        client.result(type="back", grain="step")
    sorts = {row["sort"] for row in ledger["accounts"]}
    assert "in transit" in sorts
    assert {posting["to"]["sort"] for posting in ledger["postings"]} <= {*sorts, "in transit"}


@pytest.mark.parametrize(
    ("command", "field", "allowed"),
    [
        ({"type": "changes"}, "counter", "one of counter"),
        ({"type": "changes", "counter": "usable", "pfn": 3}, "counter", "one of counter"),
        ({"type": "changes", "counter": "nr_pages"}, "counter", "nr_free_pages"),
        ({"type": "changes", "pfn": 64}, "pfn", "0 … 63"),
        ({"type": "changes", "block": 16}, "block", "0 … 15"),
        ({"type": "changes", "order": 4}, "order", "0 … 3"),
        ({"type": "changes", "pcp": 0, "migratetype": "ISOLATE"}, "migratetype", "MOVABLE"),
        ({"type": "changes", "counter": "usable", "zone": "DMA"}, "zone", "Normal"),
        ({"type": "drift", "identity": "I4"}, "identity", "I1, I1x"),
        ({"type": "go_to_break", "identity": "I9"}, "identity", "I1, I1x"),
        ({"type": "go_to_break", "identity": "I3"}, "identity", None),
        ({"type": "ledger", "zone": "Movable"}, "zone", "Normal"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    client: Client, broken: int, command: Json, field: str, allowed: str | None
) -> None:
    problem = client.error(**command)
    assert problem["field"] == field
    if allowed:
        assert allowed in problem["allowed"]
    assert client.result(type="steps", last=1)["op"] == broken


def test_nothing_hostile_comes_of_numbers(client: Client, broken: int) -> None:
    biggest = (1 << 53) - 1
    assert client.result(type="changes", handle=(1 << 32) - 2)["changes"] == []
    assert client.result(type="changes", order=0, before=0)["changes"] == []
    assert client.result(type="changes", order=0, before=biggest)["changes"][0]["op"] == broken
    assert client.error(type="changes", pfn=biggest)["field"] == "pfn"
    assert client.error(type="changes", block=biggest)["field"] == "block"
    assert client.error(type="changes", handle=1 << 32)["field"] == "handle"


def test_a_viewer_may_ask_and_may_not_go(place: Place, client: Client, broken: int) -> None:
    with connected(place.service, place.ident, role="viewer") as viewer:
        assert viewer.result(type="changes", order=0)["changes"]
        assert viewer.result(type="ledger")["spanned"] == 64
        assert viewer.error(type="go_to_break", identity="I1x")["code"] == "forbidden"
