"""The first words of a connection, and who may not have one."""

import json
import socket

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.routes.guard import CSP
from tests.backend.client import Client, connected
from tests.backend.conftest import Place
from tests.backend.service import WAIT_S, Service, running


def test_hello_then_state_then_history_then_a_keyframe_of_the_whole_zone(place: Place) -> None:
    with connect(place.service.socket_address(place.ident), open_timeout=WAIT_S) as ws:
        client = Client(ws)
        hello, state, history = (client.next_message() for _ in range(3))
        frame = client.frame()
    assert [hello["type"], state["type"], history["type"]] == ["hello", "state", "history"]
    assert hello["version"] == 1
    assert hello["session"] == place.ident
    assert hello["role"] == "driver"
    assert hello["migratetypes"][0] == "UNMOVABLE"
    assert len(hello["migratetypes"]) == 7
    assert {"name", "title", "summary", "aims", "family"} == hello["models"][0].keys()
    assert hello["limits"]["bytes_budget"]["unit"] == "bytes"
    assert "token" not in hello["limits"]
    assert state["config"]["spanned_pages"] == 2048
    assert state["zone"]["nr_pageblocks"] == 16
    assert state["zone"]["grouping_note"] is None
    assert state["run"] == {"running": False, "rate": 200, "stopped": None}
    assert state["clients"] == {"drivers": 1, "viewers": 0}
    assert state["source"] is None
    assert history["columns"][0] == "op"
    assert history["rows"][-1][0] == frame.op
    assert frame.keyframe
    assert frame.base_seq == 0
    assert (frame.first_block, frame.cells, frame.blocks_per_cell) == (0, 16, 1)


def test_a_zone_below_the_kernels_bound_says_that_grouping_stays_on(place: Place) -> None:
    place.result(type="configure", spanned_pages=512)
    note = place.look()["state"]["zone"]["grouping_note"]
    assert "640 pages" in note


def test_two_tabs_see_the_same_operation_numbers(place: Place) -> None:
    with connected(place.service, place.ident) as one, connected(place.service, place.ident) as two:
        op = one.result(type="step", n=7)["op"]
        last = [client.frame() for client in (one, two)]
        for index, client in enumerate((one, two)):
            while last[index].op < op:
                last[index] = client.frame()
    assert [frame.op for frame in last] == [op, op]


def test_everybody_hears_who_comes_and_goes(place: Place) -> None:
    with connected(place.service, place.ident) as one:
        with connected(place.service, place.ident, role="viewer"):
            one.message("state", clients={"drivers": 1, "viewers": 1})
        one.message("state", clients={"drivers": 1, "viewers": 0})


def test_a_viewer_looks_and_may_not_act(place: Place) -> None:
    before = place.look()["hash"]
    with connected(place.service, place.ident, role="viewer") as viewer:
        assert viewer.result(type="list", order=0, migratetype="MOVABLE")["total"] >= 0
        error = viewer.error(type="drain")
        assert (error["code"], error["status"]) == ("forbidden", 403)
        assert viewer.error(type="reset", confirm=True)["code"] == "forbidden"
    assert place.look()["hash"] == before


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://evil.example"}, "origin"),
        ({"Origin": "null"}, "origin"),
        ({"Origin": "http://localhost:1"}, "origin"),
        ({"Host": "evil.example"}, "origin"),
        ({"Host": "127.0.0.1.evil.example"}, "origin"),
    ],
)
def test_foreign_pages_and_hosts_are_refused_before_the_socket_opens(
    service: Service, headers: dict[str, str], code: str
) -> None:
    # A Host header of one's own: the address names it, the connection goes to the service.
    host = headers.get("Host", "127.0.0.1")
    own = {name: value for name, value in headers.items() if name != "Host"}
    address = service.socket_address().replace("127.0.0.1", host)
    raw = socket.create_connection(("127.0.0.1", service.port))
    with pytest.raises(InvalidStatus) as refused:
        connect(address, sock=raw, additional_headers=own)
    response = refused.value.response
    assert response.status_code == 403
    assert json.loads(response.body or b"")["code"] == code


def test_the_services_own_page_and_programs_without_origin_may_connect(place: Place) -> None:
    with connected(place.service, place.ident) as program:
        assert program.result(type="check")["verdicts"]
    own = {"Origin": place.service.address}
    with connected(place.service, place.ident, headers=own) as page:
        assert page.result(type="check")["verdicts"]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/sessions/nowhere/ws", 404, "not_found"),
        ("/api/v1/sessions/default/ws?role=owner", 422, "invalid"),
    ],
)
def test_a_socket_to_nowhere_is_told_why(
    service: Service, address: str, status: int, code: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{service.port}{address}")
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body or b"")["code"] == code


def test_http_knows_foreign_hosts_and_origins_too(service: Service) -> None:
    http = service.http
    foreign = http.get("/healthz", headers={"Host": "evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "origin")
    assert foreign.json()["allowed"].startswith("localhost, 127.0.0.1")
    posted = http.post("/api/v1/sessions", headers={"Origin": "https://evil.example"})
    assert posted.status_code == 403
    read = http.get("/healthz", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in read.headers
    assert read.headers["content-security-policy"] == CSP
    assert "unsafe-eval" not in CSP


def test_a_restarted_service_is_another_instance() -> None:
    seen = []
    for _ in range(2):
        with (
            running() as up,
            connect(up.socket_address(), open_timeout=WAIT_S) as ws,
        ):
            seen.append(Client(ws).next_message()["instance"])
            assert up.http.get("/healthz").json()["instance"] == seen[-1]
    assert seen[0] != seen[1]


def test_connections_are_bounded() -> None:
    with running(connections_max=1) as up, connected(up):
        with pytest.raises(InvalidStatus) as refused:
            connect(up.socket_address())
        body = json.loads(refused.value.response.body or b"")
    assert (body["code"], body["setting"]) == ("busy", "connections_max")


def test_beyond_loopback_only_the_printed_token_opens_the_door() -> None:
    with running(token="s3cret", allow_host=("box.example",)) as up:
        assert up.http.get("/").status_code == 403
        assert up.http.get("/", params={"token": "other"}).status_code == 403
        first = up.http.get("/api/v1/models", params={"token": "s3cret"})
        assert first.status_code == 200
        assert "HttpOnly" in first.headers["set-cookie"]
        # From here on the cookie speaks.
        assert up.http.get("/api/v1/models").status_code == 200
        with pytest.raises(InvalidStatus):
            connect(up.socket_address())
        with connected(up, "default", "driver&token=s3cret") as client:
            assert client.result(type="pause")["op"] >= 0


def test_the_default_session_runs_for_the_first_visitor_if_so_set() -> None:
    with running(autorun=True) as up, connected(up) as client:
        client.message("state", run={"running": True, "rate": 200, "stopped": None})
        first = client.frame().op
        while client.frame().op == first:
            pass
