"""Who may speak to the service, how much they may send, and which headers every answer carries.

Host is checked against DNS rebinding, Origin against other sites' pages, the token beyond loopback.
The HTTP routes sit behind `Guard`; the socket's route asks `refusal` itself before it accepts.
"""

import asyncio
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.problems import Problem
from backend.settings import Settings

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
COOKIE: Final = "zonescope_token"
_OPEN_PATHS: Final = ("/healthz",)

# Plotly fills an empty style element through the CSSOM: the hash is that of the empty string.
CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def problem_response(problem: Problem) -> JSONResponse:
    """A problem as an HTTP answer."""
    headers = {"Retry-After": "1"} if problem.code == "busy" else None
    return JSONResponse(
        problem.http(), problem.status, headers, media_type="application/problem+json"
    )


def refusal(scope: Scope, settings: Settings) -> Problem | None:
    """Why this request must not be served; None if it may."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    if _name(host) not in (*LOOPBACK, *(name.lower() for name in settings.allow_host)):
        return Problem(
            "origin",
            f"Host {host[:80]!r} is not served here; --allow-host adds a name.",
            field="Host",
            allowed=", ".join((*LOOPBACK, *settings.allow_host)),
        )
    origin = headers.get("origin")
    if origin is not None and _changes(scope) and not _same_site(origin, host):
        return Problem(
            "origin",
            f"A page of {origin[:80]!r} may not use this service.",
            field="Origin",
            allowed=f"the page that {host} serves",
        )
    if settings.token and scope["path"].removeprefix(settings.root_path) not in _OPEN_PATHS:
        given = _given_token(scope, headers)
        if not secrets.compare_digest(given.encode(), settings.token.encode()):
            return Problem("forbidden", "Open the link with the token that the service printed.")
    return None


def _changes(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")


def _name(host: str) -> str:
    """The host's name without its port, in lower case."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdecimal() else host).lower()


def _same_site(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        standard = {"http": 80, "https": 443}[parts.scheme]
        port = parts.port or standard
    except (KeyError, ValueError):
        return False
    asked = host if host.rpartition(":")[2].isdecimal() and ":" in host else f"{host}:{standard}"
    shown = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{shown}:{port}" == asked.lower()


def _given_token(scope: Scope, headers: Headers) -> str:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if "token" in query:
        return str(query["token"][0])
    try:
        cookie = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return str(cookie[COOKIE].value) if COOKIE in cookie else ""


class Guard:
    """ASGI middleware around the HTTP routes: refuses, bounds the body, adds the headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._going = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._settings.token and b"token=" in scope["query_string"]:
                    headers.append("Set-Cookie", self._cookie())
            await send(message)

        problem = refusal(scope, self._settings)
        if problem is not None:
            await problem_response(problem)(scope, receive, send)
            return
        if self._going >= self._settings.requests_max:
            busy = Problem("busy", "Too many requests at once.", setting="requests_max")
            await problem_response(busy)(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # As GET; the server leaves the body out.
            scope = {**scope, "method": "GET"}
        self._going += 1
        try:
            await self._app(scope, self._bounded(scope, receive), send_with_headers)
        finally:
            self._going -= 1

    def _cookie(self) -> str:
        return f"{COOKIE}={self._settings.token}; HttpOnly; SameSite=Strict; Path=/"

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """`receive` that raises once the body is larger, or takes longer, than allowed."""
        upload = scope["path"].endswith("/imports")
        setting = "upload_bytes_max" if upload else "body_bytes_max"
        allowed: int = getattr(self._settings, setting)
        declared = Headers(scope=scope).get("content-length", "0")
        so_far = int(declared) if declared.isdecimal() else 0
        total = 0
        deadline = asyncio.get_running_loop().time() + self._settings.upload_s
        complete = False

        async def bounded() -> Message:
            nonlocal total, complete
            if complete:
                return await receive()
            if max(total, so_far) > allowed:
                raise Problem(
                    "too_large",
                    f"The body is larger than {allowed} bytes.",
                    allowed=f"at most {allowed} bytes",
                    setting=setting,
                )
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Problem(
                    "invalid",
                    f"The body took longer than {self._settings.upload_s} seconds.",
                    setting="upload_s",
                ) from None
            if message["type"] == "http.request":
                total += len(message.get("body", b""))
                complete = not message.get("more_body", False)
                if total > allowed:
                    complete = False
                    return await bounded()
            return message

        return bounded
