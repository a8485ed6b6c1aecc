"""A page's side of the socket: sends commands, sorts what comes, applies frames."""

import json
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.backend.service import WAIT_S, Service

Json = dict[str, Any]

KEYFRAME, RUNNING, STOPPED, HEARTBEAT = 1, 2, 4, 8
CELLS, CHANGED, PAGES = 4, 5, 7
_HEADER = struct.Struct("<IHHQQQdIIBBHIII")
MAGIC = 0x3146535A


@dataclass
class Frame:
    """A frame taken apart by docs/PROTOCOL.md, section 5."""

    flags: int
    seq: int
    base_seq: int
    op: int
    cut_ms: float
    view: int
    cells: int
    max_order: int
    migratetypes: int
    blocks_per_cell: int
    first_block: int
    lateness_us: int
    sections: dict[int, bytes]
    data: bytes

    @property
    def keyframe(self) -> bool:
        return bool(self.flags & KEYFRAME)


def decode(data: bytes) -> Frame:
    (
        magic, version, flags, seq, base_seq, op, cut_ms, view, cells, orders, types, sections,
        per_cell, first_block, lateness,
    ) = _HEADER.unpack_from(data)  # fmt: skip
    assert (magic, version) == (MAGIC, 1)
    assert _HEADER.size == 64
    found: dict[int, bytes] = {}
    at = 64
    for _ in range(sections):
        kind, size = struct.unpack_from("<II", data, at)
        found[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size + (-size) % 8
    assert at == len(data)
    return Frame(
        flags, seq, base_seq, op, cut_ms, view, cells, orders, types, per_cell, first_block,
        lateness, found, data,
    )  # fmt: skip


def apply(cells: list[int] | None, frame: Frame) -> list[int]:
    """The cells after a frame."""
    if CELLS in frame.sections:
        return list(struct.unpack(f"<{frame.cells}I", frame.sections[CELLS]))
    assert cells is not None, "a delta before any keyframe"
    if CHANGED in frame.sections:
        payload = frame.sections[CHANGED]
        count = struct.unpack_from("<I", payload)[0]
        where = struct.unpack_from(f"<{count}I", payload, 8)
        what = struct.unpack_from(f"<{count}I", payload, 8 + 4 * count)
        for index, cell in zip(where, what, strict=True):
            cells[index] = cell
    return cells


@dataclass
class Client:
    """One connection. Messages and frames that a test did not wait for are kept in order."""

    ws: ClientConnection
    messages: deque[Json] = field(default_factory=deque)
    frames: deque[Frame] = field(default_factory=deque)
    ids: int = 0
    hello: Json = field(default_factory=dict)
    state: Json = field(default_factory=dict)

    def _take(self, deadline: float) -> None:
        data = self.ws.recv(timeout=max(0.0, deadline - monotonic()))
        if isinstance(data, bytes):
            self.frames.append(decode(data))
        else:
            self.messages.append(json.loads(data))

    def take_all(self) -> None:
        """Read until the connection ends."""
        deadline = monotonic() + WAIT_S
        while True:
            self._take(deadline)

    def message(self, *types: str, **values: Any) -> Json:
        """The next message of these types with these values.

        What came before it is let go, but for answers, which somebody may still ask for.
        """
        deadline = monotonic() + WAIT_S
        passed: list[Json] = []
        while True:
            while self.messages:
                message = self.messages.popleft()
                matches = all(message.get(name) == value for name, value in values.items())
                if message["type"] in types and matches:
                    self.messages.extendleft(
                        m for m in reversed(passed) if m["type"] in ("result", "error")
                    )
                    return message
                passed.append(message)
            self._take(deadline)

    def next_message(self) -> Json:
        deadline = monotonic() + WAIT_S
        while not self.messages:
            self._take(deadline)
        return self.messages.popleft()

    def frame(self) -> Frame:
        deadline = monotonic() + WAIT_S
        while not self.frames:
            self._take(deadline)
        return self.frames.popleft()

    def send(self, **command: Any) -> int:
        """Send a command under the next id."""
        self.ids += 1
        self.ws.send(json.dumps({"id": self.ids, **command}))
        return self.ids

    def answer(self, ident: int | None) -> Json:
        return self.message("result", "error", id=ident)

    def ask(self, **command: Any) -> Json:
        return self.answer(self.send(**command))

    def result(self, **command: Any) -> Json:
        answer = self.ask(**command)
        assert answer["type"] == "result", answer
        return answer

    def error(self, **command: Any) -> Json:
        answer = self.ask(**command)
        assert answer["type"] == "error", answer
        return answer

    def closed(self) -> tuple[int, str]:
        """Code and reason once the server has closed."""
        with pytest.raises(ConnectionClosed) as end:
            self.take_all()
        assert end.value.rcvd is not None
        return end.value.rcvd.code, end.value.rcvd.reason


@contextmanager
def connected(
    service: Service,
    session: str = "default",
    role: str = "driver",
    headers: dict[str, str] | None = None,
) -> Iterator[Client]:
    """A connection that has read hello, state and history."""
    address = service.socket_address(session, role)
    with connect(address, max_size=None, open_timeout=WAIT_S, additional_headers=headers) as ws:
        client = Client(ws)
        client.hello = client.message("hello")
        client.state = client.message("state")
        client.message("history")
        yield client
