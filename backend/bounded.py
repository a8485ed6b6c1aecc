"""Uvicorn's protocols, bounded: what a peer may leave unsaid, unread or unfinished, and how long.

Uvicorn waits for ever for the rest of a head, keeps a head of any length, answers a ping whether
or not its answer is read, and keeps a closed connection until its peer takes the last byte.
"""

import asyncio
import json
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame

from backend.problems import Problem
from backend.settings import Settings

_PIPELINED_MAX: Final = 16  # requests sent ahead of their answers
_FRAGMENTS_MAX: Final = 1024  # of one message; an empty one costs its sender six bytes
_SLICE: Final = 4096  # bytes of a socket read at a time: other peers' turns come between
_MANY: Final = 128  # frames in a slice; more than commands fill it with
_FLOOD_PAUSE_S: Final = 0.05


class BoundedConfig(uvicorn.Config):
    """Uvicorn's settings and the service's, and the connections that have yet to ask something.

    Attributes:
        bounds: the service's settings.
        waiting: connections without a complete head, oldest first, and since when.
    """

    def __init__(self, app: Any, bounds: Settings, **options: Any) -> None:
        super().__init__(app, http=BoundedHttp, ws=BoundedSocket, **options)
        self.bounds = bounds
        self.waiting: dict[BoundedHttp, float] = {}


class BoundedHttp(HttpToolsProtocol):
    """HTTP whose heads are bounded in bytes and in time, and pipelines in length."""

    config: BoundedConfig

    def __init__(
        self,
        config: BoundedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._unused = 0
        """Bytes since something came of any."""
        self._asked = False
        self._refused = False

    @property
    def _answering(self) -> bool:
        return self._asked and not self.cycle.response_complete

    @property
    def _broken_off(self) -> bool:
        """Whether the request at hand came to no end, and nothing was said to it yet."""
        return self.cycle.more_body and not self.cycle.response_started

    def _wait(self) -> None:
        """From now on the peer has so long to say what it wants; of too many the oldest goes."""
        waiting = self.config.waiting
        waiting.pop(self, None)
        waiting[self] = monotonic()
        if len(waiting) > self.config.bounds.waiting_max:
            oldest = next(iter(waiting))
            del waiting[oldest]
            oldest.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new peer."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.config.waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of heads or bodies; after a refusal they are read and let go."""
        if self._refused:
            return
        self._unused += len(data)
        super().data_received(data)
        if self._unused > self.config.bounds.head_bytes_max and not self.transport.is_closing():
            most = self.config.bounds.head_bytes_max
            self.refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                Problem(
                    "too_large",
                    f"The request's head is larger than {most} bytes.",
                    allowed=f"at most {most} bytes",
                    setting="head_bytes_max",
                ),
            )

    def late(self) -> None:
        """The time for a head is over, or that for leaving."""
        if self._refused or self._unused == 0:
            self.transport.abort()
            return
        seconds = self.config.bounds.head_s
        self.refuse(
            HTTPStatus.REQUEST_TIMEOUT,
            Problem(
                "invalid",
                f"The request's head took longer than {seconds} seconds.",
                setting="head_s",
            ),
        )

    def refuse(self, status: HTTPStatus, problem: Problem) -> None:
        """Answer what is no request, and wait a while for the peer to read that and leave.

        A connection that is closed while its peer still sends would lose the answer.
        """
        if self._answering and not self._broken_off:
            # The request before this is well: it is answered, and then the connection ends.
            self.cycle.keep_alive = False
            self._refused = True
            return
        body = json.dumps({**problem.http(), "status": status.value}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._refused = True
        self.transport.write(head.encode() + body)
        self.transport.write_eof()
        self._wait()
        if self._answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets a problem too."""
        self.refuse(HTTPStatus.BAD_REQUEST, Problem("invalid", msg))

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self._unused = 0
        self.config.waiting.pop(self, None)
        if len(self.pipeline) >= _PIPELINED_MAX:
            raise ValueError("too many requests sent ahead of their answers")
        super().on_headers_complete()
        self._asked = True

    def on_body(self, body: bytes) -> None:
        """A piece of a body; its length is bounded where it is read."""
        self._unused = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """An answer is given; the next request is waited for."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._answering:
            self._wait()


class BoundedSocket(WebSocketsSansIOProtocol):
    """A websocket that is read in slices and answers no pings to whom who does not read."""

    def __init__(
        self,
        config: BoundedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._rest = bytearray()
        """Received and not yet looked at; while there is any, the transport reads no more."""
        self._due = False
        self._seen = 0

    def data_received(self, data: bytes) -> None:
        """Some bytes; the first slice of them at once."""
        self._rest += data
        if not self._due:
            self._take()

    def _take(self) -> None:
        self._due = False
        if self.transport.is_closing() and not self.close_sent:
            self._rest.clear()
            return
        piece = bytes(self._rest[:_SLICE])
        del self._rest[:_SLICE]
        self._seen = 0
        super().data_received(piece)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self._refuse_handshake()
        elif self._rest:
            self.transport.pause_reading()
            self._go_on()
        elif not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _go_on(self) -> None:
        """Look at the next slice, unless the service has messages to take first."""
        if self.read_paused or self._due:
            return
        self._due = True
        self.loop.call_later(_FLOOD_PAUSE_S if self._seen > _MANY else 0, self._take)

    def _refuse_handshake(self) -> None:
        """The head is none of a websocket: Uvicorn would leave the peer hanging."""
        said = b"".join(self.conn.data_to_send())
        self.handshake_complete = self.close_sent = True
        self.transport.write(said or b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        self.transport.close()

    async def receive(self) -> Any:
        """The next message; once all are taken, the rest of what was received."""
        message = await super().receive()
        if self._rest and not self.read_paused and not self.transport.is_closing():
            self.transport.pause_reading()
            self._go_on()
        return message

    async def send(self, message: Any) -> None:
        """As the base class, which takes a refusal told in full for a handshake left open."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def handle_text(self, event: Frame) -> None:
        """A message, or the first piece of one."""
        self._seen += 1
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """A binary message, or the first piece of one."""
        self._seen += 1
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """A further piece of a message."""
        self._seen += 1
        if len(self.frames) >= _FRAGMENTS_MAX:
            self.frames = []
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many pieces of one message")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_pong(self, event: Frame) -> None:
        """An answer to a ping, or none."""
        self._seen += 1
        super().handle_pong(event)

    def handle_ping(self) -> None:
        """Answered only if the peer reads: else its answers would pile up here."""
        self._seen += 1
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()


class Watch:
    """Looks at all connections: late heads go, and peers who take nothing of an answer.

    Args:
        config: whose connections.
        state: where Uvicorn keeps them.
    """

    def __init__(self, config: BoundedConfig, state: ServerState) -> None:
        self._config = config
        self._state = state
        self._stuck: dict[Any, tuple[int, float]] = {}

    def look(self, now: float) -> None:
        """Close and abort what is over its time."""
        bounds = self._config.bounds
        late = [c for c, since in self._config.waiting.items() if now - since > bounds.head_s]
        for waits in late:
            waits.late()
        stuck: dict[Any, tuple[int, float]] = {}
        for connection in tuple(self._state.connections):
            transport = connection.transport
            # A socket that is open is told from a dead one by its pings.
            is_open = not transport.is_closing() and not isinstance(connection, BoundedHttp)
            unread = 0 if is_open else transport.get_write_buffer_size()
            if unread == 0:
                continue
            before, since = self._stuck.get(connection, (0, now))
            if unread != before:
                since = now
            if now - since > bounds.unread_s:
                transport.abort()
            else:
                stuck[connection] = (unread, since)
        self._stuck = stuck
