"""Floods, fragments and half-truths over the socket: told or ended, and no other lab's harm."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.backend.client import Client, connected
from tests.backend.raw import KEY, dial, resident, rest, upgrade
from tests.backend.service import Service, running
from tests.backend.witness import Witness, witness

TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FIN, RSV1 = 0x80, 0x40


@pytest.fixture(scope="module")
def seen() -> Iterator[Witness]:
    with running() as up, witness(up) as stands:
        yield stands


def frame(opcode: int, payload: bytes = b"", flags: int = FIN) -> bytes:
    """A client's frame under the mask 0, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        head = struct.pack(">BB", flags | opcode, 0x80 | size)
    elif size < 65_536:
        head = struct.pack(">BBH", flags | opcode, 0x80 | 126, size)
    else:
        head = struct.pack(">BBQ", flags | opcode, 0x80 | 127, size)
    return head + bytes(4) + payload


@contextmanager
def opened(service: Service, headers: str = "") -> Iterator[socket.socket]:
    """A raw socket that has been greeted as a websocket."""
    with dial(service.port, upgrade() + KEY + headers.encode() + b"\r\n") as raw:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += raw.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        assert b"permessage-deflate" not in answer
        yield raw


def _exactly(raw: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = raw.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def next_frame(raw: socket.socket) -> tuple[int, bytes]:
    """The server's next frame: opcode and payload."""
    first, size = _exactly(raw, 2)
    if size == 126:
        size = int.from_bytes(_exactly(raw, 2), "big")
    elif size == 127:
        size = int.from_bytes(_exactly(raw, 8), "big")
    return first & 15, _exactly(raw, size)


def closed_with(raw: socket.socket) -> int:
    """The code of the server's close frame, whatever came before."""
    while True:
        opcode, payload = next_frame(raw)
        if opcode == CLOSE:
            return int.from_bytes(payload[:2], "big")


def _message(raw: socket.socket, *kinds: str) -> dict[str, Any]:
    while True:
        opcode, payload = next_frame(raw)
        if opcode == TEXT:
            message: dict[str, Any] = json.loads(payload)
            if message["type"] in kinds:
                return message


BOMB = bytes.fromhex("ecc101010000008090feaeee080a") + b"\x00" * 4000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"\xff\xfe\xfd"), 1007),
        (frame(TEXT, b"x" * (1 << 20) + b"x"), 1009),
        (frame(TEXT, b"x", 0) + frame(CONTINUED, b"x" * (1 << 20)), 1009),
        (frame(TEXT, b"", 0) + frame(CONTINUED, b"", 0) * 100_000, 1009),
        (frame(TEXT, BOMB, FIN | RSV1), 1002),
        (frame(BINARY, b"x", FIN | 0x20), 1002),
        (frame(3, b"x"), 1002),
        (frame(11, b"x"), 1002),
        (frame(CONTINUED, b"x"), 1002),
        (frame(TEXT, b"a", 0) + frame(TEXT, b"b"), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", 0), 1002),
        (frame(CLOSE, b"x"), 1002),
        (frame(CLOSE, struct.pack(">H", 1006)), 1002),
        (b"\x81\x05hello", 1002),
        (struct.pack(">BBQ", FIN | TEXT, 0x80 | 127, 1 << 62) + bytes(4), 1009),
        (frame(TEXT, b"[" * 60_000) * 40, 1008),
    ],
)
def test_what_is_no_message_ends_its_connection_with_the_right_code(
    seen: Witness, data: bytes, code: int
) -> None:
    with opened(seen.service, "Sec-WebSocket-Extensions: permessage-deflate\r\n") as raw:
        with suppress(ConnectionError):
            raw.sendall(data)
        assert closed_with(raw) == code
    assert seen.unharmed()


def test_random_bytes_end_nobody_elses_connection(seen: Witness) -> None:
    with connected(seen.service) as other:
        for _ in range(20):
            with opened(seen.service) as raw:
                try:
                    raw.sendall(os.urandom(5000))
                    raw.shutdown(socket.SHUT_WR)
                    while next_frame(raw):
                        pass
                except (ConnectionError, EOFError):
                    continue
        assert other.result(type="check")["verdicts"]
    assert seen.unharmed()


def _client(raw: socket.socket) -> None:
    """Read the greeting."""
    _message(raw, "history")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"id": 1, "type": "step", "n": 1e400}', "n"),
        ('{"id": 1, "type": "step", "n": NaN}', "n"),
        ('{"id": 1e999, "type": "pause"}', "id"),
        ('{"id": -1, "type": "pause"}', "id"),
        ('{"id": 9007199254740993, "type": "pause"}', "id"),
        ('{"id": 1, "type": "list", "order": 0, "migratetype": "MOVABLE", "offset": -1}', "offset"),
        ('{"id": 1, "type": "free", "pfns": [1' + ",1" * 5000 + "]}", "pfns"),
        ('{"id": 1, "type": "isolate", "blocks": [[0, 9007199254740991]]}', "blocks[0]"),
        ('{"id": 1, "type": "subscribe", "view": {"level": "pages", "first_pfn": 0, '
         '"nr_pages": 4097}}', "view.nr_pages"),
        ('{"id": 1, "type": "' + "x" * 60_000 + '"}', "type"),
        ('{"id": 1, "type": "pause", "' + "k" * 60_000 + '": 1}', "k" * 80 + "…"),
    ],
)  # fmt: skip
def test_nonsense_is_told_by_field_and_the_socket_stays(
    seen: Witness, text: str, field: str
) -> None:
    with opened(seen.service) as raw:
        _client(raw)
        raw.sendall(frame(TEXT, text.encode()))
        error = _message(raw, "error", "result")
        assert (error["type"], error["code"], error.get("field")) == ("error", "invalid", field)
        assert error["allowed"]
        assert len(json.dumps(error)) < 1500
        raw.sendall(frame(TEXT, b'{"id": 7, "type": "check"}'))
        assert _message(raw, "error", "result")["type"] == "result"


def test_a_message_in_pieces_with_pings_between_is_one_message(seen: Witness) -> None:
    with opened(seen.service) as raw:
        _client(raw)
        text = b'{"id": 1, "type": "check"}'
        raw.sendall(frame(TEXT, text[:1], 0))
        for piece in text[1:-1]:
            raw.sendall(frame(PING, b"?") + frame(CONTINUED, bytes([piece]), 0))
        raw.sendall(frame(CONTINUED, text[-1:]))
        pongs = 0
        while True:
            opcode, payload = next_frame(raw)
            pongs += opcode == PONG
            if opcode == TEXT and json.loads(payload)["type"] == "result":
                break
    assert pongs == len(text) - 2


def _pour(raw: socket.socket, data: bytes, times: int) -> None:
    """Send as much of it as the other side takes, without reading a byte."""
    raw.settimeout(0.2)
    try:
        for _ in range(times):
            raw.sendall(data)
    except (TimeoutError, ConnectionError):
        pass


@pytest.mark.parametrize(
    "data",
    [
        frame(PING, b"x" * 125) * 2000,
        frame(PING) * 20_000,
        frame(PONG, b"x" * 125) * 2000,
        frame(TEXT, b"{}") * 20_000,
        frame(TEXT, b'{"id": 1, "type": "history"}') * 5000,
        frame(BINARY, b"x" * 1000) * 200,
    ],
    ids=["pings", "empty pings", "pongs", "nonsense", "commands", "binary"],
)
def test_a_flood_costs_no_memory_and_the_others_are_served(seen: Witness, data: bytes) -> None:
    with opened(seen.service) as raw, connected(seen.service) as other:
        _pour(raw, data, 2)
        before = resident()
        _pour(raw, data, 100)
        for _ in range(10):
            assert other.result(type="list", order=0, migratetype="MOVABLE")["total"] >= 0
        # All of the flood, or its answers, would be more than 20 MB.
        assert resident() - before < 8 << 20
    assert seen.unharmed()


def test_sockets_that_are_refused_leave_nothing_behind(seen: Witness) -> None:
    connections = seen.service.server.server_state.connections
    for head in (
        upgrade() + b"\r\n",
        upgrade() + KEY + b"X: y\r\n" * 200 + b"\r\n",
        upgrade("nowhere") + KEY + b"\r\n",
    ):
        for _ in range(20):
            with dial(seen.service.port, head) as raw:
                assert rest(raw).startswith(b"HTTP/1.1 4")
    # The client that looks is one of them.
    while len(connections) > 1:
        assert seen.service.http.get("/healthz").status_code == 200
    assert seen.unharmed()


def test_a_thousand_sockets_asked_for_are_bounded_and_told() -> None:
    with running(connections_max=20) as up, witness(up) as stands:
        held: list[Any] = []
        refused = 0
        for _ in range(1000):
            if len(held) < 20:
                context = connected(up, role="viewer")
                held.append((context, context.__enter__()))
                continue
            answer = up.http.get(
                "/api/v1/sessions/default/ws",
                headers={
                    "Connection": "Upgrade",
                    "Upgrade": "websocket",
                    "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
                },
            )
            assert (answer.status_code, answer.json()["setting"]) == (503, "connections_max")
            refused += 1
        assert refused == 980
        client: Client = held[0][1]
        assert client.result(type="check")["verdicts"]
        for context, _ in held:
            context.__exit__(None, None, None)
        assert stands.unharmed()
