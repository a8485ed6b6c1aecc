"""What waits to be sent to one connection: replies in order and bounded, frames latest-wins.

The session puts things in; the connection's writer takes them out one at a time. Neither waits for
the other: a reader who does not read fills its own outbox and nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.protocol.messages import encode
from backend.settings import Settings


@dataclass(frozen=True)
class Close:
    """The last thing an outbox gives: the websocket close code and why."""

    code: int
    reason: str


GOING_AWAY = 1001
POLICY = 1008
TOO_FAR_BEHIND = 1013


class Outbox:
    """Args:
    settings: its bounds.
    ready: called when the writer has nothing left to send.
    """

    def __init__(self, settings: Settings, ready: Callable[[], None]) -> None:
        self._settings = settings
        self._ready = ready
        self._replies: deque[str] = deque()
        self._bytes = 0
        self._frames: dict[int, bytes] = {}
        self._close: Close | None = None
        self._filled = asyncio.Event()
        self._waiting = False
        self.merged = 0
        """Frames that gave way to newer ones, and those that the reader was not ready for."""

    @property
    def idle(self) -> bool:
        """Whether the writer waits for something to send."""
        return self._waiting

    def reply(self, message: Mapping[str, Any]) -> None:
        """Queue a message; one too many closes the connection."""
        self.reply_text(encode(message))

    def reply_text(self, text: str) -> None:
        """The same for a message that is encoded already (once for many connections)."""
        if self._close is not None:
            return
        self._replies.append(text)
        self._bytes += len(text)
        if (
            len(self._replies) > self._settings.outbox_replies_max
            or self._bytes > self._settings.outbox_bytes_max
        ):
            self._replies.clear()
            self._frames.clear()
            self.close(TOO_FAR_BEHIND, "too many messages unread: connect again")
        self._filled.set()

    def has_frame(self, view: int) -> bool:
        """Whether a frame of this view still waits."""
        return view in self._frames

    def put_frame(self, view: int, data: bytes) -> None:
        """Queue the view's frame; there is none of it yet."""
        if self._close is None:
            self._frames[view] = data
            self._filled.set()

    def drop_frame(self, view: int) -> None:
        """Take back a frame that a newer state has overtaken."""
        if self._frames.pop(view, None) is not None:
            self.merged += 1

    def close(self, code: int, reason: str) -> None:
        """Send what is queued, then close. The first reason counts."""
        if self._close is None:
            self._close = Close(code, reason)
        self._filled.set()

    async def next(self) -> str | bytes | Close:
        """The next thing to send: replies first, then one frame of each view in turn."""
        while True:
            if self._replies:
                text = self._replies.popleft()
                self._bytes -= len(text)
                return text
            if self._close is not None:
                return self._close
            if self._frames:
                view = next(iter(self._frames))
                return self._frames.pop(view)
            self._filled.clear()
            self._waiting = True
            self._ready()
            try:
                await self._filled.wait()
            finally:
                self._waiting = False
