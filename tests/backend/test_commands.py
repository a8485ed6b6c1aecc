"""Commands over the socket: what each answers, and what a wrong one is told."""

import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sim_core.workloads import WORKLOADS
from tests.backend.client import Client, Json, connected
from tests.backend.conftest import Place
from tests.backend.service import running

MOVABLE = {"migratetype": "MOVABLE"}


@pytest.fixture
def client(place: Place) -> Any:
    with connected(place.service, place.ident) as one:
        yield one


def isolated_pages(client: Client) -> int:
    """On the ISOLATE lists of a zone whose max_order is 8."""
    totals = [client.result(type="list", order=o, migratetype="ISOLATE")["total"] for o in range(8)]
    return sum(total << order for order, total in enumerate(totals))


def test_run_moves_the_operations_on_and_pause_holds_them(client: Client) -> None:
    client.result(type="rate", ops_per_second=2000)
    started = client.result(type="run")["op"]
    state = client.message("state", run={"running": True, "rate": 2000, "stopped": None})
    assert state["config"]["model"]
    while client.frame().op <= started:
        pass
    stopped = client.result(type="pause")["op"]
    assert stopped > started
    assert client.result(type="history")["op"] == stopped


def test_step_runs_exactly_so_many_operations(client: Client) -> None:
    before = client.result(type="pause")["op"]
    answer = client.result(type="step", n=50)
    assert answer["op"] == before + 50
    summary = answer["summary"]
    assert summary["ops"] == 50
    assert summary["allocs"] + summary["frees"] + summary["failed"] == 50


def test_alloc_gives_pfns_that_free_takes_back_once(client: Client) -> None:
    given = client.result(type="alloc", order=3, count=5, **MOVABLE)
    assert (len(given["pfns"]), given["failed"]) == (5, 0)
    assert all(pfn % 8 == 0 for pfn in given["pfns"])
    first, *rest = given["pfns"]
    assert client.result(type="free", pfns=rest)["counts"] == {"done": 4}
    assert client.result(type="free", pfns=[first])["done"] == 1
    twice = client.error(type="free", pfns=[first])
    assert twice["status"] in (409, 422)
    among = client.result(type="free", pfns=[first, rest[0]])
    assert among["counts"] == {"done": 0, "refused": 2}
    assert among["refused"][0]["pfn"] == first


def test_a_free_in_halves_goes_by_the_type_that_it_read(client: Client) -> None:
    """Defect D5: nothing looks again, and what the chunk merges with leaves its block too."""
    (pfn,) = client.result(type="alloc", order=4, count=1, lru=True, **MOVABLE)["pfns"]
    begun = client.result(type="free_begin", pfns=[pfn])
    assert begun["words"] == [f"the type of pageblock {pfn // 128} was read as MOVABLE"]
    assert client.error(type="free", pfns=[pfn])["field"] == "pfn"
    assert client.result(type="isolate", blocks=[pfn // 128])["counts"] == {"done": 1}
    assert isolated_pages(client) == 128 - 16
    assert client.result(type="free_finish", pfns=[pfn])["counts"] == {"done": 1}
    assert isolated_pages(client) == 0
    assert client.error(type="free_finish", pfns=[pfn])["field"] == "pfn"


def test_an_allocation_that_fails_is_a_result_and_counted(client: Client) -> None:
    answer = client.result(type="alloc", order=7, count=20, **MOVABLE)
    assert answer["failed"] > 0
    assert len(answer["pfns"]) + answer["failed"] == 20
    assert answer["errno"] == "ENOMEM"


def test_isolated_blocks_are_off_limits_until_they_are_given_back(client: Client) -> None:
    answer = client.result(type="isolate", blocks=[[10, 12], 12, 14])
    assert answer["counts"] == {"done": 4}
    assert answer["words"]
    mark = client.result(type="history")["marks"][-1]
    assert mark["kind"] == "verb"
    assert mark["text"].startswith("pageblocks 10 to 14 isolated")
    total = client.result(type="list", order=7, migratetype="ISOLATE")["total"]
    assert total > 0
    again = client.result(type="isolate", blocks=[10])
    assert again["words"] == ["0 pages moved to the ISOLATE lists"]
    back = client.result(type="unisolate", blocks=[[10, 12], 14])
    assert back["counts"] == {"done": 4}
    assert client.result(type="list", order=7, migratetype="ISOLATE")["total"] == 0


def test_fill_then_pin_then_offline_is_the_kernels_no(client: Client) -> None:
    filled = client.result(type="fill", blocks=[5])
    assert filled["done"] == 1
    assert client.result(type="pin", blocks=[5])["done"] == 1
    op = client.result(type="history")["op"]
    refused = client.result(type="offline", blocks=[5])
    assert refused["errno"] in ("EBUSY", "EAGAIN")
    assert refused["op"] > op
    assert refused["refused"][0]["block"] == 5
    assert client.result(type="unpin", blocks=[5])["done"] == 1
    freed = client.result(type="free", blocks=[5])
    assert freed["freed_pages"] > 0
    assert freed["pinned"] == []


def test_a_block_goes_offline_and_comes_back(client: Client) -> None:
    assert client.result(type="offline", blocks=[6])["counts"] == {"done": 1}
    again = client.ask(type="offline", blocks=[6])
    assert again["type"] == "error" or again["errno"]
    assert client.result(type="online", blocks=[6])["counts"] == {"done": 1}


def test_the_rest_of_the_verbs_answer(client: Client) -> None:
    assert client.result(type="drain")["op"] > 0
    assert client.result(type="set_block_type", blocks=[3], migratetype="UNMOVABLE")["done"] == 1
    assert client.result(type="set_block_type", blocks=[3], move=False, **MOVABLE)["done"] == 1
    pfn = client.result(type="list", order=7, **MOVABLE)["pfns"][0]
    assert client.result(type="split_free_page", pfn=pfn)["op"] > 0
    taken = client.result(type="alloc", order=0, **MOVABLE)["pfns"][0]
    assert client.result(type="mark_lru", pfn=taken, order=0, lru=False)["op"] > 0


def test_the_primitive_calls_take_a_range_out_and_bring_it_back(client: Client) -> None:
    client.result(type="drain")
    client.result(type="isolate", blocks=[[14, 15]])
    out = client.result(type="offline_isolated", start_pfn=14 * 128, nr_pages=256)
    back = client.result(type="online_pages", start_pfn=14 * 128, nr_pages=256)
    assert back["op"] == out["op"] + 1


def test_a_list_is_told_head_to_tail_in_pages(client: Client) -> None:
    client.result(type="alloc", order=0, count=300, **MOVABLE)
    first = client.result(type="list", order=7, offset=0, **MOVABLE)
    assert len(first["pfns"]) == min(first["total"], 256)
    rest = client.result(type="list", order=7, offset=1, **MOVABLE)
    assert rest["pfns"] == first["pfns"][1:]
    pcp = client.result(type="list", pcp=0, **MOVABLE)
    assert pcp["total"] == len(pcp["pfns"]) == len(pcp["kept"])
    assert set(pcp["orders"]) <= {0}


def test_a_cpus_lists_of_6_x_are_told_order_by_order(client: Client) -> None:
    client.result(type="model", model="v6.12", again="reset", confirm=True)
    (pfn,) = client.result(type="alloc", order=2, count=1, **MOVABLE)["pfns"]
    (single,) = client.result(type="alloc", order=0, count=1, **MOVABLE)["pfns"]
    client.result(type="free", pfns=[pfn, single])
    pcp = client.result(type="list", pcp=0, **MOVABLE)
    assert pcp["orders"] == sorted(pcp["orders"])
    assert {0, 2} <= set(pcp["orders"])
    assert pfn == pcp["pfns"][pcp["orders"].index(2)]


def test_preview_speaks_of_an_operation_and_says_what_each_verb_would_do(client: Client) -> None:
    answer = client.result(type="preview", blocks=[[2, 4]])
    assert (answer["blocks"], answer["first"], answer["last"]) == (3, 2, 4)
    assert answer["op"] == client.result(type="history")["op"]
    assert answer["info"]["pages"] == 3 * 128
    isolate = answer["verbs"]["isolate"]
    assert isolate["applies"] is True
    assert isolate["words"]
    online = answer["verbs"]["online"]
    assert online["applies"] is False
    assert online["reason"]


def test_steps_tell_an_operation_from_its_records(client: Client) -> None:
    op = client.result(type="alloc", order=2, **MOVABLE)["op"]
    last = client.result(type="steps", last=1)
    assert [operation["op"] for operation in last["operations"]] == [op]
    assert last["operations"][0]["records"]
    one = client.result(type="steps", op=op)
    assert one["operations"] == last["operations"]


def test_check_walks_now(client: Client) -> None:
    answer = client.result(type="check")
    verdicts = {verdict["identity"]: verdict["verdict"] for verdict in answer["verdicts"]}
    assert verdicts["I1"] == "holds"
    assert set(verdicts.values()) <= {"holds", "broken", "not aimed at"}


def test_a_workload_of_large_chunks_only(client: Client, place: Place) -> None:
    client.result(type="workload", mix={"orders": [0, 0, 0, 1]}, low=10, high=20)
    client.message("state")
    workload = place.look()["state"]["workload"]
    assert (workload["low"], workload["high"], workload["name"]) == (10, 20, "churn")
    assert client.result(type="step", n=20)["summary"]["ops"] == 20
    error = client.error(type="workload", low=90, high=10)
    assert error["code"] == "invalid"


def test_a_workload_is_chosen_by_name_and_set_while_it_runs(client: Client, place: Place) -> None:
    client.result(type="rate", ops_per_second=100_000)
    client.result(type="run")
    for name, numbers in (
        ("page-cache", {"level": 70, "drop": 40}),
        ("slab", {"share": 10}),
        ("huge-pages", {"hunger": 20}),
        ("hotplug", {"every": 5}),
        ("cma", {"pages": 64, "every": 5}),
        ("reclaim-pressure", {"read": 32, "anon": 20}),
        ("fork-storm", {"processes": 5}),
        ("atomic-bursts", {"burst": 10, "gap": 20}),
        ("churn", {"low": 20, "high": 30}),
    ):
        client.result(type="workload", name=name)
        client.result(type="workload", **numbers)
        state = client.message("state", workload=place.look()["state"]["workload"])
        assert state["workload"]["name"] == name
        assert state["workload"]["parameters"].items() >= numbers.items()
        before = client.frame().op
        while client.frame().op <= before:
            pass
    client.result(type="pause")
    assert place.result(type="model", model="minchan-v1", confirm=True)["replayed"] > 0
    assert place.look()["state"]["workload"]["parameters"] == {"low": 20, "high": 30}


def test_hello_has_every_workload_with_its_numbers(place: Place) -> None:
    with connect(place.service.socket_address(place.ident)) as ws:
        rows = {row["name"]: row for row in json.loads(ws.recv())["workloads"]}
    assert list(rows) == list(WORKLOADS)
    for row in rows.values():
        assert row["title"]
        assert row["shows"]
        for number in row["parameters"]:
            assert number["least"] <= number["usual"] <= number["most"]


def test_as_fast_as_it_goes_frames_and_commands_go_on(client: Client, place: Place) -> None:
    client.result(type="rate", ops_per_second=None)
    client.result(type="run")
    client.message("state", run={"running": True, "rate": None, "stopped": None})
    first = client.frame()
    ops = [client.frame().op for _ in range(15)]
    for _ in range(5):
        assert client.result(type="check")["verdicts"]
    stopped = client.result(type="pause")["op"]
    # Fifteen frames are half a second: far more than the fastest rate with a number.
    assert ops[-1] - first.op > 75_000
    assert sorted(ops) == ops
    client.result(type="step", n=10_000)
    assert client.result(type="history")["op"] == stopped + 10_000
    client.result(type="rate", ops_per_second=200)
    assert place.look()["state"]["run"]["rate"] == 200


def test_a_contiguous_range_is_taken_and_given_back(client: Client) -> None:
    taken = client.result(type="alloc_contig", start_pfn=1024, nr_pages=64)
    assert (taken["ret"], taken["words"]) == (
        0,
        ["64 pages from pfn 1024 on are in use, one by one"],
    )
    again = client.result(type="alloc_contig", start_pfn=1000, nr_pages=100)
    assert again["errno"] == "EBUSY"
    assert "cannot be moved" in again["words"][0]
    assert client.result(type="free_contig", start_pfn=1024, nr_pages=64)["ret"] == 0


WINDOW = {"level": "window", "nr_blocks": 2}
OUTSIDE = {"level": "pages", "first_pfn": 2047, "nr_pages": 9}
WRONG: list[tuple[Json, str | None, str | None]] = [
    ({"type": "isolate", "blocks": [1], "force": True}, "force", "blocks"),
    ({"type": "isolate"}, "blocks", None),
    ({"type": "isolate", "blocks": []}, "blocks", "at least 1"),
    ({"type": "isolate", "blocks": ["1"]}, "blocks[0]", None),
    ({"type": "isolate", "blocks": [1.0]}, "blocks[0]", None),
    ({"type": "isolate", "blocks": [3, 16]}, "blocks[1]", "0 to 15"),
    ({"type": "isolate", "blocks": [[4, 2]]}, "blocks[0]", "first, last"),
    ({"type": "isolate", "blocks": [[0, 9_007_199_254_740_991]]}, "blocks[0]", "0 to 15"),
    ({"type": "step", "n": 10_001}, "n", "at most 10000"),
    ({"type": "step", "n": True}, "n", None),
    ({"type": "rate", "ops_per_second": 0}, "ops_per_second", "at least 1"),
    ({"type": "rate"}, "ops_per_second", None),
    ({"type": "workload", "name": "hoard"}, "name", "'page-cache'"),
    ({"type": "workload", "name": "slab", "share": 61}, "share", "1 … 60 %"),
    ({"type": "workload", "name": "cma", "pages": 4097}, "pages", "1 … 4096 pages"),
    ({"type": "workload", "name": "cma", "drop": 5}, "drop", "level, area, pages, runs, every"),
    ({"type": "workload", "level": 50}, "level", "low, high"),
    ({"type": "workload", "name": "hotplug", "every": 0}, "every", "1 … 100000 turns"),
    ({"type": "workload", "name": "slab", "mix": {"orders": [1]}}, "mix", "churn"),
    ({"type": "workload", "name": "slab", "speed": 5}, "speed", "reclaimable"),
    ({"type": "alloc_contig", "start_pfn": 0, "nr_pages": 0}, "nr_pages", "at least 1"),
    ({"type": "alloc_contig", "start_pfn": 2048, "nr_pages": 1}, "pfn", "0 … 2047"),
    ({"type": "free_contig", "start_pfn": 0, "nr_pages": 9}, "start_pfn", "alloc_contig"),
    ({"type": "alloc", "order": 0, "migratetype": "movable"}, "migratetype", "'MOVABLE'"),
    ({"type": "alloc", "order": 99, "migratetype": "MOVABLE"}, "order", "less than 15"),
    ({"type": "alloc", "order": 0, "migratetype": "MOVABLE", "count": 4097}, "count", "4096"),
    ({"type": "pin", "blocks": [1], "pfns": [1]}, "blocks", "either"),
    ({"type": "pin"}, "blocks", "either"),
    ({"type": "list", "migratetype": "MOVABLE"}, "order", "either"),
    ({"type": "model", "model": "v9"}, "model", "v3.5"),
    ({"type": "model", "parent": "v3.5", "hunks": ["x"]}, "hunks", "vm_bug_on"),
    ({"type": "model", "parent": "v3.5", "hunks": [], "changes": {}}, "hunks", "hunks or"),
    ({"type": "model", "model": "v3.6", "parent": "v3.5"}, "model", "or parent"),
    ({"type": "model", "parent": "v9", "changes": {}}, "parent", "v6.12.117"),
    ({"type": "model", "parent": "v9", "hunks": []}, "parent", "v6.12.117"),
    ({"type": "model", "parent": "v3.5", "changes": {"x": 1}}, "changes", "free_one_page_nr"),
    ({"type": "model", "parent": "v3.5", "changes": {"boot": 2}}, "changes.boot", "1: in the"),
    ({"type": "model", "parent": "v3.5", "changes": {"boot": True}}, "changes.boot", None),
    ({"type": "model", "parent": "v3.5", "changes": {"list_nr": "x"}}, "changes.list_nr", "255"),
    ({"type": "model", "parent": "v3.5", "changes": {"cma_use": 1}}, "changes.cma_use", "count_"),
    ({"type": "model", "parent": "v3.5", "name": " x", "changes": {}}, "name", "30"),
    ({"type": "save_model", "name": "v3.6", "parent": "v3.5", "changes": {}}, "name", "no kernel"),
    ({"type": "save_model", "name": "x" * 31, "parent": "v3.5", "changes": {}}, "name", "30"),
    ({"type": "save_model", "name": "x", "parent": "v3.5"}, "changes", None),
    ({"type": "model"}, "model", None),
    ({"type": "configure", "spanned_mib": 1, "spanned_pages": 256}, "spanned_mib", None),
    ({"type": "configure", "zone": "<b>"}, "zone", "A-Za-z"),
    ({"type": "configure", "pageblock_order": 9, "max_order": 4}, "pageblock_order", None),
    ({"type": "subscribe", "view": {"level": "pixels"}}, "view.level", "'pages', 'window'"),
    ({"type": "subscribe", "view": {"level": "cells", "first_block": 16}}, "view.first_block", "0"),
    ({"type": "subscribe", "view": {"level": "pages", "nr_pages": 4097}}, "view.nr_pages", "4096"),
    ({"type": "subscribe", "view": OUTSIDE}, "view", "0 to 2047"),
    ({"type": "subscribe", "view": {"level": "window"}}, "view.nr_blocks", None),
    ({"type": "subscribe", "view": WINDOW | {"nr_blocks": 65_537}}, "view.nr_blocks", "65536"),
    ({"type": "subscribe", "view": WINDOW | {"runs": 32_769}}, "view.runs", "1 to 32768"),
    ({"type": "subscribe", "view": WINDOW | {"runs": 0}}, "view.runs", "1"),
    ({"type": "subscribe", "view": WINDOW | {"stride": 1}}, "view.stride", "2 or more"),
    ({"type": "subscribe", "view": WINDOW | {"first_block": 16}}, "view", "0 to 15"),
    ({"type": "subscribe", "view": WINDOW | {"runs": 3, "stride": 8}}, "view", "0 to 15"),
    ({"type": "subscribe", "view": WINDOW | {"runs": 2, "stride": 1 << 30}}, "view", "0 to 15"),
    ({"type": "subscribe", "view": WINDOW | {"columns": 8}}, "view.columns", None),
    ({"type": "explode"}, "type", "isolate"),
    ({}, "type", "isolate"),
]  # fmt: skip


def test_a_wrong_command_names_the_field_and_changes_nothing(place: Place, client: Client) -> None:
    before = place.look()["hash"]
    for command, field, allowed in WRONG:
        error = client.error(**command)
        assert (error["code"], error["status"]) == ("invalid", 422), (command, error)
        assert error.get("field") == field, (command, error)
        if allowed is not None:
            assert allowed in error["allowed"], (command, error)
        if command.get("type") != "subscribe":  # which only a socket may say
            assert place.service.command(place.ident, **command).json()["code"] == "invalid"
    assert place.look()["hash"] == before


def test_what_is_no_command_at_all_is_told_so_and_the_socket_stays(client: Client) -> None:
    for raw in (
        "",
        "{",
        "[]",
        "null",
        '"run"',
        "[" * 5000,
        '{"id": 1e400, "type": "run"}',
        "\u2028",
    ):
        client.ws.send(raw)
        assert client.message("error")["code"] == "invalid"
    client.ws.send(b"\x00\x01")
    assert "text" in client.message("error")["detail"]
    client.ws.send('{"id": 1, "type": "pause", "pad": "' + "x" * 70_000 + '"}')
    assert client.message("error")["code"] == "too_large"
    assert client.result(type="pause")["op"] >= 0


def test_ids_rise_on_a_connection(client: Client) -> None:
    client.ws.send('{"id": 5, "type": "pause"}')
    assert client.answer(5)["type"] == "result"
    for raw in ('{"id": 5, "type": "pause"}', '{"id": 4, "type": "pause"}', '{"type": "pause"}'):
        client.ws.send(raw)
        error = client.message("error")
        assert (error["code"], error["field"]) == ("invalid", "id")


def test_a_message_beyond_all_bounds_ends_its_connection_alone(place: Place) -> None:
    before = place.look()["hash"]
    with connected(place.service, place.ident) as stays:
        with connected(place.service, place.ident) as client:
            # The close may overtake what is still being sent, so its code need not arrive.
            with suppress(ConnectionClosed):
                client.ws.send("x" * (2 << 20))
            with pytest.raises(ConnectionClosed):
                client.take_all()
        stays.message("state", clients={"drivers": 1, "viewers": 0})
        assert stays.result(type="check")["verdicts"]
    assert place.look()["hash"] == before


def test_too_many_bad_messages_close_the_connection(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        for _ in range(40):
            client.ws.send("nonsense")
        code, reason = client.closed()
    assert code == 1008
    assert "not understood" in reason


def test_a_flood_is_busy_and_the_others_are_served() -> None:
    with (
        running(commands_per_s=1, commands_burst=20, bad_messages_max=1000) as up,
        connected(up) as flooder,
        connected(up) as other,
    ):
        idents = [flooder.send(type="history") for _ in range(60)]
        codes = [flooder.answer(ident).get("code", "served") for ident in idents]
        assert 20 <= codes.count("served") < 60
        assert set(codes) == {"served", "busy"}
        assert other.result(type="history")["rows"]
        assert flooder.ask(type="history")["type"] in ("result", "error")


def test_a_kernel_bug_stops_the_node_and_says_so(place: Place, client: Client) -> None:
    """The patch's assertion without the branch that avoids it (the page freed is isolated)."""
    client.result(type="model", parent="v3.5", hunks=["vm_bug_on"], again="reset")
    pfn = client.result(type="alloc", order=1, **MOVABLE)["pfns"][0]
    client.result(type="isolate", blocks=[pfn // 128])
    client.result(type="free", pfns=[pfn])
    notice = client.message("notice", kind="bug")
    assert "BUG" in notice["text"]
    assert place.look()["state"]["run"]["stopped"] == notice["text"]
    for command in ({"type": "run"}, {"type": "step"}, {"type": "drain"}):
        error = client.error(**command)
        assert (error["code"], error["status"]) == ("stopped", 409)
    client.result(type="reset")
    assert client.result(type="step")["summary"]["ops"] == 1
