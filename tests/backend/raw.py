"""Bytes on a bare connection, and peers who do not behave."""

import os
import socket
from pathlib import Path

from tests.backend.service import WAIT_S

HOST = b"Host: localhost\r\n"
POST = b"POST /api/v1/sessions/default/commands HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


def upgrade(session: str = "default") -> bytes:
    """The head of a websocket's handshake, without its key and its end."""
    return (
        f"GET /api/v1/sessions/{session}/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    ).encode()


def dial(port: int, data: bytes = b"") -> socket.socket:
    """A connection on which this was sent."""
    raw = socket.create_connection(("127.0.0.1", port))
    raw.settimeout(WAIT_S)
    raw.sendall(data)
    return raw


def narrow(port: int) -> socket.socket:
    """A connection whose kernel buffers little: what is not read shows soon."""
    raw = socket.socket()
    raw.settimeout(WAIT_S)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    return raw


def stuck(port: int, session: str = "default") -> socket.socket:
    """A socket that opened a stream and never reads it."""
    raw = narrow(port)
    raw.sendall(upgrade(session) + KEY + b"\r\n")
    return raw


def rest(raw: socket.socket) -> bytes:
    """All that comes until the service ends the connection."""
    answer = b""
    while piece := raw.recv(65_536):
        answer += piece
    return answer


def resident() -> int:
    """Bytes of this process in memory; the service runs in one of its threads."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
