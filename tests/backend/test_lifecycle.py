"""How a service and its sessions end: by a signal, by nobody's use, by somebody's wish."""

import json
import signal
import socket
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.app import create_app
from backend.serving import make_server
from backend.settings import Settings
from tests.backend.client import Client, connected
from tests.backend.process import Process, process
from tests.backend.raw import POST, narrow, stuck
from tests.backend.service import WAIT_S, running
from tests.backend.witness import SMALL


def _greeted(up: Process, stack: ExitStack, session: str = "default") -> Client:
    ws = stack.enter_context(
        connect(up.socket_address(session), max_size=None, open_timeout=WAIT_S)
    )
    client = Client(ws)
    client.message("history")
    return client


def _difficult(up: Process) -> list[socket.socket]:
    """Peers who would keep a service from ending: half a head, half a body, one who never reads."""
    raws = [stuck(up.port)]
    for data in (b"GET / HT", POST + b"Content-Length: 9\r\n\r\n{"):
        raws.append(narrow(up.port))
        raws[-1].sendall(data)
    return raws


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_says_goodbye_on_every_socket(number: signal.Signals, code: int) -> None:
    with process() as up, ExitStack() as stack:
        other = up.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"]
        clients = [_greeted(up, stack), _greeted(up, stack), _greeted(up, stack, other)]
        clients[0].result(type="run")
        difficult = _difficult(up)
        # Nobody waits for the difficult ones, nor for a command that goes on.
        clients[0].send(type="alloc", order=0, migratetype="MOVABLE", count=4096)
        assert up.end(number) == code
        for client in clients:
            assert "going down" in client.message("notice", kind="closing")["text"]
            assert client.closed()[0] == 1001
        for raw in difficult:
            raw.close()
        assert "mistake" not in {line["event"] for line in up.log()}


def test_what_ending_may_take_adds_up_to_two_seconds() -> None:
    """The goodbyes have a second, then Uvicorn gives what still runs another one."""
    server = make_server(Settings(), create_app(Settings()))
    assert server.config.timeout_graceful_shutdown is not None
    assert Settings().closing_s + server.config.timeout_graceful_shutdown <= 2


def test_killed_and_started_again_it_is_another_instance_and_starts_clean() -> None:
    with process(autorun="no") as first, ExitStack() as stack:
        look = first.http.get("/api/v1/sessions/default").json()
        clean = (look["op"], look["hash"])
        client = _greeted(first, stack)
        assert client.result(type="step", n=500)["op"] == clean[0] + 500
        fresh = first.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"]
        said = first.http.get("/healthz").json()["instance"]
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        with pytest.raises(Exception):  # noqa: B017, PT011 - whichever way a dead line shows
            client.take_all()
        with process(first.port, autorun="no") as second:
            assert second.port == first.port
            assert second.http.get("/healthz").json()["instance"] != said
            again = _greeted(second, stack)
            # Nothing of before is there: its sessions, its operations, its connections.
            assert again.message("state")["run"]["running"] is False
            gone = second.http.get(f"/api/v1/sessions/{fresh}")
            assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
            look = second.http.get("/api/v1/sessions/default").json()
            assert (look["op"], look["hash"]) == clean


def _refused(service: Any, ident: str) -> dict[str, Any]:
    with pytest.raises(InvalidStatus) as error:
        connect(service.socket_address(ident), open_timeout=WAIT_S)
    body: dict[str, Any] = json.loads(error.value.response.body or b"")
    return body


def test_every_way_to_a_session_that_was_deleted_or_expired_says_so() -> None:
    with running(session_idle_s=1) as up:
        deleted, expired = (
            up.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"] for _ in range(2)
        )
        assert up.http.delete(f"/api/v1/sessions/{deleted}").status_code == 204
        while len(up.http.get("/api/v1/sessions").json()["sessions"]) > 1:
            pass
        for ident in (deleted, expired):
            base = f"/api/v1/sessions/{ident}"
            answers = [
                up.http.get(base),
                up.http.delete(base),
                up.command(ident, type="step"),
                up.http.post(f"{base}/imports", files={"files": ("a", b"b")}),
                up.http.get(f"{base}/exports/buddyinfo"),
            ]
            assert {a.status_code for a in answers} == {404}
            assert {a.json()["code"] for a in answers} == {"not_found"}
            assert ident in answers[0].json()["detail"]
            assert _refused(up, ident)["code"] == "not_found"
        assert up.look()["id"] == "default"


def test_a_session_deleted_while_it_works_answers_what_was_asked() -> None:
    with running() as up:
        ident = up.http.post("/api/v1/sessions").json()["id"]
        with connected(up, ident) as client:
            asked = [
                client.send(type="alloc", order=0, migratetype="MOVABLE", count=4096)
                for _ in range(5)
            ]
            # This one overtakes the others, which have been read by then.
            client.result(type="check")
            assert up.http.delete(f"/api/v1/sessions/{ident}").status_code == 204
            answers = [client.answer(one) for one in asked]
            assert {a.get("code", "done") for a in answers} <= {"done", "cancelled"}
            assert answers[-1]["code"] == "cancelled"
            assert client.closed()[0] == 1001
        assert up.result(type="step")["op"] == 1


def test_every_line_about_a_session_names_it_and_where_it_was() -> None:
    with process(log_level="debug") as up, ExitStack() as stack:
        ident = up.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"]
        client = _greeted(up, stack, ident)
        op = client.result(type="step", n=3)["op"]
        client.error(type="fly")
        up.http.get(f"/api/v1/sessions/{ident}")
        up.http.delete(f"/api/v1/sessions/{ident}")
        assert client.closed()[0] == 1001
        up.end(signal.SIGTERM)
        lines = [line for line in up.log() if line["event"] != "refused"]
    mine = {line["event"]: line for line in lines if line.get("session") == ident}
    events = ("session_created", "connected", "command", "bad_message", "session_deleted")
    assert set(events) <= mine.keys()
    for line in lines:
        if "session" in line:
            assert "op" in line, line
    assert mine["session_deleted"]["op"] == str(op)
