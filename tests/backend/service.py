"""The real service on a free port, in a thread of the test's own process."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from backend import logs
from backend.app import create_app
from backend.keeping import open_store
from backend.serving import Server, listen, make_server
from backend.sessions.source import ImportSource
from backend.settings import Settings

QUIET = Settings(
    port=0, browser=False, autorun=False, fill_percent=0, log_bytes=8 << 20, store="off"
)
"""Small logs, empty zones, nothing kept, and a default session that waits to be told to run."""

WAIT_S = 10.0
"""How long anything may take before a test gives up; nothing waits for it to pass."""


@dataclass
class Service:
    """A running service.

    Attributes:
        port: it listens on.
        http: a client of its HTTP routes.
        server: to end it by.
    """

    port: int
    http: httpx.Client
    server: Server

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket_address(self, session: str = "default", role: str = "driver") -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/sessions/{session}/ws?role={role}"

    def command(self, session: str = "default", **command: Any) -> httpx.Response:
        return self.http.post(f"/api/v1/sessions/{session}/commands", json=command)

    def result(self, session: str = "default", **command: Any) -> dict[str, Any]:
        answer = self.command(session, **command)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def look(self, session: str = "default") -> dict[str, Any]:
        answer = self.http.get(f"/api/v1/sessions/{session}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def running(source: ImportSource | None = None, **changes: Any) -> Iterator[Service]:
    """A service with these settings changed, up for as long as the block lasts."""
    settings = replace(QUIET, **changes)
    logs.configure("error")
    listener = listen(settings)
    store, why_not = open_store(settings)
    app = create_app(settings, source, store, why_not)
    server = make_server(settings, app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    port: int = listener.getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S) as http:
            assert http.get("/healthz").status_code == 200
            yield Service(port, http, server)
    finally:
        server.should_exit = True
        thread.join(WAIT_S)
        listener.close()
        logging.getLogger("zonescope").handlers = []
    assert not thread.is_alive(), "the service did not end"
