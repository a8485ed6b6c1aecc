"""A whole node over the socket: zones and their views, requests by zone, kswapd, refusals."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.backend.client import Client, Frame, Json, connected
from tests.backend.conftest import Place

COUNTERS, NODE = 1, 10
SIXTEEN = {"spanned_mib": 16}
NODE_CONFIG: Json = {
    "zones": [{"zone": "Normal", **SIXTEEN}, {"zone": "Movable", **SIXTEEN}],
    "min_free_kbytes": 256,
    "pageblock_order": 9,
    "max_order": 11,
    "model": "v3.5",
    "confirm": True,
}


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    with connected(place.service, place.ident) as one:
        one.result(type="configure", **NODE_CONFIG)
    with connected(place.service, place.ident) as one:
        yield one


def numbers(client: Client, frame: Frame) -> tuple[dict[str, int], list[dict[str, int]]]:
    """Section 10 of a frame: the node's numbers by name, and each zone's."""
    payload = frame.sections[NODE]
    zones, count = struct.unpack_from("<II", payload)
    names = client.hello["node_numbers"], client.hello["zone_summary"]
    assert count == len(names[0])
    values = struct.unpack(f"<{count + zones * len(names[1])}q", payload[8:])
    rest = values[count:]
    width = len(names[1])
    return dict(zip(names[0], values[:count], strict=True)), [
        dict(zip(names[1], rest[zone * width : (zone + 1) * width], strict=True))
        for zone in range(zones)
    ]


def counters(client: Client, frame: Frame) -> dict[str, int]:
    names = client.hello["counters"]
    return dict(zip(names, struct.unpack(f"<{len(names)}q", frame.sections[COUNTERS]), strict=True))


def frame_at(client: Client, op: int, first_block: int) -> Frame:
    while (frame := client.frame()).op < op or frame.first_block != first_block:
        pass
    return frame


def fill_normal(client: Client) -> None:
    """Until 100 pages of Normal are free and none can be reclaimed; 1096 are used in Movable."""
    free = counters(client, frame_at(client, 0, 0))["nr_free_pages"]
    assert free > 100
    client.result(type="alloc", order=0, migratetype="UNMOVABLE", count=min(free - 100, 4096))
    client.result(
        type="alloc", order=0, migratetype="MOVABLE", count=1096, zone="Movable", anon=True, owner=1
    )


def test_the_state_tells_where_each_zone_lies(client: Client) -> None:
    state = client.state
    assert state["config"]["whole"] is True
    assert [(z["zone"], z["first_block"], z["nr_pageblocks"]) for z in state["zones"]] == [
        ("Normal", 0, 8),
        ("Movable", 8, 8),
    ]
    assert state["zones"][0]["lowmem_reserve"] == [0, 128]
    assert state["zone"]["nr_pageblocks"] == 16


def test_a_view_has_the_numbers_of_the_zone_that_it_begins_in(client: Client) -> None:
    normal = frame_at(client, 0, 0)
    assert (normal.cells, counters(client, normal)["spanned"]) == (8, 4096)
    client.result(type="isolate", blocks=[10])
    client.result(type="subscribe", view={"level": "cells", "first_block": 8, "nr_blocks": 8})
    movable = frame_at(client, 0, 8)
    assert counters(client, movable)["blocks_isolated"] == 1
    _, zones = numbers(client, movable)
    assert [zone["watermark_low"] for zone in zones] == [40, 40]
    assert zones[1]["isolated"] == counters(client, movable)["isolated"] > 0
    assert zones[0]["isolated"] == 0


def test_a_request_names_the_highest_zone_that_it_may_come_from(client: Client) -> None:
    top = client.result(type="alloc", order=0, migratetype="MOVABLE")["pfns"][0]
    low = client.result(type="alloc", order=0, migratetype="MOVABLE", zone="Normal")["pfns"][0]
    kernel = client.result(type="alloc", order=0, migratetype="UNMOVABLE")["pfns"][0]
    assert (top >= 4096, low < 4096, kernel < 4096) == (True, True, True)
    listed = client.result(type="list", order=10, migratetype="MOVABLE", zone="Movable")["pfns"]
    assert all(pfn >= 4096 for pfn in listed)


def test_a_block_of_any_zone_is_offlined_and_brought_back(client: Client) -> None:
    gone = client.result(type="offline", blocks=[[14, 15]], together=True)
    assert gone["counts"] == {"done": 1}
    _, zones = numbers(client, frame_at(client, gone["op"], 0))
    assert [zone["offline"] for zone in zones] == [0, 1024]
    assert zones[1]["present"] == 4096 - 1024
    back = client.result(type="online", blocks=[[14, 15]], together=True)
    _, zones = numbers(client, frame_at(client, back["op"], 0))
    assert (zones[1]["offline"], zones[1]["present"]) == (0, 4096)


def test_the_checks_and_the_history_tell_of_every_zone(client: Client) -> None:
    verdicts = client.result(type="check")["verdicts"]
    assert {verdict["zone"] for verdict in verdicts} == {"Normal", "Movable"}
    history = client.result(type="history")
    present = history["columns"].index("watermark_high")
    assert len(history["upper_rows"]) == 1
    assert history["rows"][-1][present] == history["upper_rows"][0][-1][present] == 48


def test_kswapd_sleeps_until_it_is_woken(client: Client) -> None:
    assert client.result(type="kswapd_step")["words"] == ["kswapd is asleep"]
    marks = client.result(type="min_free_kbytes", kbytes=512)["words"]
    assert marks == ["Normal: MIN 64, LOW 80, HIGH 96", "Movable: MIN 64, LOW 80, HIGH 96"]


def test_would_speaks_of_each_zone_that_may_be_asked(client: Client) -> None:
    told = client.result(type="would", order=0, migratetype="MOVABLE")
    assert (told["answer"], [zone["zone"] for zone in told["zones"]]) == (
        "yes",
        ["Movable", "Normal"],
    )
    told = client.result(type="would", order=0, migratetype="UNMOVABLE")
    assert [zone["zone"] for zone in told["zones"]] == ["Normal"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"zones": [{"zone": "Movable", **SIXTEEN}, {"zone": "Normal", **SIXTEEN}]}, "zones"),
        ({"zones": [{"zone": "Normal", **SIXTEEN}, {"zone": "Normal", **SIXTEEN}]}, "zones"),
        ({"zones": [{"zone": "Normal"}]}, "zones[0].spanned_mib"),
        ({"zones": [{"zone": "Swap", **SIXTEEN}]}, "zones[0].zone"),
        (
            {
                "zones": [
                    {"zone": "Normal", **SIXTEEN},
                    {"zone": "Movable", "start_pfn": 5000, **SIXTEEN},
                ]
            },
            "zones",
        ),
        ({"zones": [{"zone": "Normal", **SIXTEEN}], "min_free_kbytes": -1}, "min_free_kbytes"),
        ({"zones": [], "swap_pages": 7}, "swap_pages"),
        ({"cma": [[512, 512]]}, "cma"),
    ],
)
def test_a_node_that_cannot_be_is_refused_and_nothing_changes(
    client: Client, wrong: dict[str, Any], field: str
) -> None:
    before = client.result(type="check")["op"]
    problem = client.error(type="configure", confirm=True, **wrong)
    assert (problem["status"], problem["field"]) == (422, field), problem
    assert problem["allowed"]
    assert client.result(type="check")["op"] == before


def test_what_a_bare_zone_has_not_is_refused(place: Place) -> None:
    with connected(place.service, place.ident) as one:
        one.result(type="configure", zones=[], spanned_mib=16, confirm=True)
        assert one.error(type="kswapd_step")["field"] == "zones"
        assert one.error(type="oom_kill")["field"] == "zones"
        assert one.error(type="alloc", order=0, migratetype="MOVABLE", zone="Movable")["field"] == (
            "zone"
        )
        assert NODE not in one.frame().sections


def test_a_request_that_would_never_return_is_told_over_the_wire(client: Client) -> None:
    fill_normal(client)
    told = client.result(type="offline", blocks=[[8, 15]], together=True)
    assert told["errno"] == "HANGS", told
    assert "livelock" in told["words"][0]
    node, zones = numbers(client, frame_at(client, told["op"], 0))
    assert client.hello["verdicts"][node["verdict"]] == "LIVELOCK"
    assert node["kswapd_awake"] == 0
    assert zones[1]["nr_free_pages"] > zones[1]["watermark_high"]
    assert zones[1]["usable"] == 0
    asked = client.result(type="would", order=0, migratetype="MOVABLE")
    assert asked["answer"] == "reclaim"
