"""Running the service: the listening socket, the link to print, signals, and the exit code."""

import asyncio
import contextlib
import ipaddress
import logging
import resource
import secrets
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

import uvicorn
from fastapi import FastAPI

from backend import logs
from backend.app import create_app
from backend.bounded import BoundedConfig, BoundedSocket, Watch
from backend.keeping import Store, StoreError, open_store
from backend.sessions.registry import Registry
from backend.sessions.source import ImportSource
from backend.settings import Settings, SettingsError

_TICKS_A_SECOND: Final = 10  # Uvicorn's
_OTHER_FILES: Final = 256  # threads, libraries, the page's files
_WS_BYTES_MAX: Final = 1 << 20  # beyond this the socket is closed; below, the message is refused


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secured(settings: Settings) -> Settings:
    """The settings with a token if the service can be reached from outside.

    Raises:
        SettingsError: it can, and no `--allow-host` says under which names.
    """
    if is_loopback(settings.host):
        return settings
    if not settings.allow_host:
        raise SettingsError(
            f"--host {settings.host} is reachable from outside: name the hosts that browsers may "
            "use with --allow-host NAME."
        )
    return replace(settings, token=settings.token or secrets.token_urlsafe(24))


def listen(settings: Settings) -> socket.socket:
    """The bound listening socket.

    Raises:
        SettingsError: the port is in use, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets inherit it: what a slow reader has not taken yet stays little.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, settings.send_buffer_bytes)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}. "
            "Choose another with --port (0: any free one)."
        ) from error
    return listener


def link(settings: Settings, listener: socket.socket) -> str:
    """The address to open in a browser, with the token if there is one."""
    port = listener.getsockname()[1]
    host = settings.host if is_loopback(settings.host) else settings.allow_host[0]
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    query = f"?token={settings.token}" if settings.token else ""
    return f"http://{shown}:{port}{settings.root_path}/{query}"


class Server(uvicorn.Server):
    """Uvicorn that closes the sessions' sockets itself, and ends at a signal without raising."""

    def __init__(self, config: BoundedConfig, registry: Registry) -> None:
        super().__init__(config)
        self._registry = registry
        self._watch = Watch(config, self.server_state)

    @property
    def interrupted(self) -> bool:
        """Whether it was Ctrl+C that ended it."""
        return signal.SIGINT in self._captured_signals

    async def on_tick(self, counter: int) -> bool:
        """As the base class; each second the connections are looked over too."""
        if counter % _TICKS_A_SECOND == 0:
            self._watch.look(time.monotonic())
        return await super().on_tick(counter)

    def _sockets_open(self) -> bool:
        return any(isinstance(one, BoundedSocket) for one in self.server_state.connections)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye on every socket before the transport goes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._registry.settings.closing_s):
                await self._registry.close("The service is going down.")
                while self.server_state.tasks or self._sockets_open():
                    await asyncio.sleep(0.01)
        # Whoever sends half a request, or does not read, would hold the end up for longer.
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As the base class, but the signal ends here: the exit code tells of it."""
        with contextlib.suppress(ValueError):  # signals reach the main thread only
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
        yield


def make_server(settings: Settings, app: FastAPI) -> Server:
    """The server for an app of create_app."""
    config = BoundedConfig(
        app,
        settings,
        loop="uvloop" if find_spec("uvloop") else "auto",
        ws_per_message_deflate=False,
        ws_max_size=_WS_BYTES_MAX,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        root_path=settings.root_path,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=settings.head_s,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return Server(config, app.state.registry)


def _allow_files(settings: Settings) -> None:
    """Let the process open as many connections as its own bounds allow."""
    needed = settings.connections_max + settings.waiting_max + settings.requests_max + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _store(settings: Settings) -> tuple[Store | None, str]:
    try:
        return open_store(settings)
    except StoreError as error:
        raise SettingsError(f"{error} Choose another file with --store (off: none).") from error


def serve(settings: Settings, source: ImportSource | None) -> bool:
    """Serve until a signal.

    Returns:
        Whether it was Ctrl+C.

    Raises:
        SettingsError: as `secured` and `listen`; or the file for kept sessions cannot be used.
    """
    settings = secured(settings)
    _allow_files(settings)
    logs.configure(settings.log_level)
    listener = listen(settings)
    store, why_not = _store(settings)
    app = create_app(settings, source, store, why_not)
    server = make_server(settings, app)
    address = link(settings, listener)
    print(f"ZoneScope: {address}  (Ctrl+C ends it)", file=sys.stderr, flush=True)
    if settings.browser and sys.stderr.isatty():
        webbrowser.open(address)
    server.run(sockets=[listener])
    return server.interrupted
