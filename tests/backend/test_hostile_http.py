"""Bytes that are no request, or half of one, or a thousand: told, bounded, no harm to others."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.backend.client import connected
from tests.backend.raw import CHUNKED, HOST, KEY, POST, dial, narrow, rest, upgrade
from tests.backend.service import Service, running
from tests.backend.witness import Witness, witness


@pytest.fixture(scope="module")
def seen() -> Iterator[Witness]:
    """A service that waits a second for what it is promised, and a lab to watch."""
    with running(head_s=1, upload_s=1, unread_s=1) as up, witness(up) as stands:
        yield stands


def _asked(service: Service, data: bytes) -> bytes:
    with dial(service.port) as raw:
        raw.sendall(data)
        return rest(raw)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (os.urandom(3000), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"CONNECT evil:80 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /\xff.js HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000, 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 50_000, 431),
        (b"GET / HTTP/1.1\r\nHo", 408),
        (b"\r\n" * 9, 408),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 403),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n", 403),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: 9999999999\r\n\r\n{", 413),
        (POST + b'Content-Length: 5\r\n\r\n{"type":"pause"}', 422),
        (POST + b'Content-Length: 500\r\n\r\n{"type":"pause"}', 422),
        (CHUNKED + b"5\r\naaaaa\r\n" * 20, 422),
        (CHUNKED + b"8000\r\n" + b"a" * 0x8000 + b"\r\n" + b"20000\r\n" + b"a" * 0x20000, 413),
        (CHUNKED + b"zz\r\n", 400),
        (CHUNKED + b"5;" + b"a" * 300_000, 431),
        (CHUNKED + b"0\r\n" + b"X: y\r\n" * 50_000, 431),
        (upgrade() + b"\r\n", 400),
        (upgrade() + KEY + b"X: y\r\n" * 300 + b"\r\n", 431),
        (upgrade() + KEY + b"X: " + b"y" * 20_000 + b"\r\n\r\n", 431),
        (upgrade().replace(b"GET", b"POST") + KEY + b"\r\n", 405),
        (upgrade().replace(b"/api/v1/sessions/default/ws", b"/") + KEY + b"\r\n", 404),
    ],
)
def test_what_is_no_request_is_told_so_and_ends(seen: Witness, data: bytes, status: int) -> None:
    answer = _asked(seen.service, data)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert seen.unharmed()


def test_a_refusal_of_bytes_is_a_problem_that_names_the_setting(seen: Witness) -> None:
    for data, setting in (
        (b"GET / HT", "head_s"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 99_999, "head_bytes_max"),
    ):
        head, _, body = _asked(seen.service, data).partition(b"\r\n\r\n")
        assert b"Content-Type: application/problem+json" in head
        assert json.loads(body)["setting"] == setting


def test_requests_sent_ahead_are_answered_up_to_a_bound(seen: Witness) -> None:
    one = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    few = _asked(seen.service, one * 9 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert few.count(b"HTTP/1.1 200 OK") == 10
    many = _asked(seen.service, one * 5000)
    assert 1 <= many.count(b"HTTP/1.1 200 OK") < 50
    assert many.count(b"HTTP/1.1") == many.count(b"HTTP/1.1 200 OK")
    assert seen.unharmed()


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "PROPFIND"])
def test_other_methods_are_told_which_there_are(seen: Witness, method: str) -> None:
    http = seen.service.http
    for path, allowed in (
        ("/", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
        ("/js/main.js", "GET, HEAD"),
        ("/api/v1/sessions", "GET, HEAD, POST"),
        (f"/api/v1/sessions/{seen.ident}", "GET, HEAD, DELETE"),
        ("/api/v1/sessions/default/commands", "POST"),
    ):
        answer = http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/sessions", "/js/main.js"])
def test_head_is_get_without_its_body(seen: Witness, path: str) -> None:
    head, whole = seen.service.http.head(path), seen.service.http.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/js/..%5c..%5cpyproject.toml",
        "/js/main.js%00.css",
        "/%ff%fe.js",
        "/js",
        "/" + "a/" * 2000 + "x.js",
        "/api/v1/sessions/%00",
        "/api/v1/sessions/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/sessions/%ed%a0%80",
        "/api/v1/sessions/" + "a" * 60_000,
        "/api/v1/sessions/default/exports/%0d%0aX-Evil:%20y",
        "/api/v1/sessions/default/exports/..%2f..%2f..%2fetc%2fpasswd",
    ],
)
def test_paths_that_lead_nowhere_lead_nowhere(seen: Witness, path: str) -> None:
    answer = _asked(seen.service, f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"evil" not in head.lower()
    assert json.loads(body)["code"] == "not_found"
    assert len(body) < 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[" * 10_000, None),
        (b'{"a":' * 10_000, None),
        (b'{"type":"step","n":NaN}', "n"),
        (b'{"type":"step","n":-Infinity}', "n"),
        (b'{"type":"step","n":1e400}', "n"),
        (b'{"type":"step","n":1e2}', "n"),
        (b'{"type":"step","n":true}', "n"),
        (b'{"type":"step","n":18446744073709551617}', "n"),
        (b'{"type":"step","n":' + b"9" * 5000 + b"}", None),
        (b'{"type":"step","n":1,"n":0}', "n"),
        (b'{"type":"pause","\\ud800":1}', None),
        (b'{"type":"model","model":"\\u0000"}', "model"),
        (b'{"type":"model","model":"\\ud83d\\ude00"}', "model"),
        (b'{"type":"configure","zone":"a\\u0000"}', "zone"),
        (b'{"type":"configure","zone":"a\\n"}', "zone"),
        (b'{"type":["pause"]}', "type"),
        (b'{"type":"' + b"x" * 100_000 + b'"}', "type"),
        (b'{"' + b"k" * 100_000 + b'":1,"type":"pause"}', "k" * 80 + "…"),
        (b"\xff\xfe{}", None),
        (b'\xef\xbb\xbf{"type":"pause"}', None),
        (b"null", None),
        (b"", None),
    ],
)
def test_json_from_the_far_ends_is_told_what_it_may_be(
    seen: Witness, body: bytes, field: str | None
) -> None:
    answer = seen.service.http.post(f"/api/v1/sessions/{seen.ident}/commands", content=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (422, "invalid", field)
    assert problem.get("allowed")
    assert len(answer.content) < 1000
    assert seen.unharmed()


def _open_files() -> int:
    """Of this process; the service runs in one of its threads."""
    return len(list(Path("/proc/self/fd").iterdir()))


def _ended(raw: socket.socket) -> bool:
    """Whether the service has ended this connection, which it does in its own time."""
    try:
        return rest(raw) is not None
    except ConnectionError:
        return True


def test_three_hundred_half_heads_keep_nobody_out_and_are_let_go() -> None:
    with running(head_s=1, waiting_max=100) as up, witness(up) as stands:
        before = _open_files()
        held = [dial(up.port) for _ in range(300)]
        for number, raw in enumerate(held):
            if number % 3:
                raw.sendall(b"GET / HTTP/1.1\r\nHost: loc"[: number % 27])
        # The bound holds whatever they wait for: the oldest made room. Others are served.
        assert stands.unharmed()
        with connected(up) as client:
            assert client.result(type="pause")["op"] == 0
            assert _open_files() - before < 300 + 100 + 20
            assert all(_ended(raw) for raw in held)
        for raw in held:
            raw.close()


def test_heads_that_come_a_byte_at_a_time_are_not_waited_for(seen: Witness) -> None:
    with dial(seen.service.port) as raw:
        raw.sendall(b"GET /healthz HTTP/1.1\r\n")
        raw.settimeout(0.05)
        answer = b""
        while not answer:
            raw.sendall(b"X: y\r\n")
            try:
                answer = raw.recv(65_536)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def _peers(service: Service) -> set[int]:
    """The ports of those who are connected."""
    connections = tuple(service.server.server_state.connections)
    names = (connection.transport.get_extra_info("peername") for connection in connections)
    return {name[1] for name in names if name}


def test_who_takes_nothing_of_an_answer_is_let_go(seen: Witness) -> None:
    raw = narrow(seen.service.port)
    port = raw.getsockname()[1]
    raw.sendall(b"GET /assets/plotly.min.js HTTP/1.1\r\n" + HOST + b"\r\n")
    assert raw.recv(9) == b"HTTP/1.1 "
    # While others are served, the one who does not read disappears.
    while port in _peers(seen.service):
        assert seen.service.http.get("/healthz").status_code == 200
    with raw, suppress(ConnectionError):
        left = len(rest(raw))
        assert left < len(seen.service.http.get("/assets/plotly.min.js").content)
    assert seen.unharmed()


def test_requests_at_once_are_bounded() -> None:
    with running(requests_max=2) as up, witness(up) as stands:
        held: list[socket.socket] = []
        busy = up.http.get("/healthz")
        while busy.status_code == 200:
            # The request that looks has a place too, and may keep one of these out.
            held.append(dial(up.port))
            held[-1].sendall(POST + b"Content-Length: 9\r\n\r\n{")
            busy = up.http.get("/healthz")
        assert (busy.status_code, busy.json()["setting"]) == (503, "requests_max")
        assert busy.headers["retry-after"] == "1"
        for raw in held:
            raw.close()
        while up.http.get("/healthz").status_code == 503:
            pass
        assert stands.unharmed()
