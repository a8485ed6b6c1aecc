"""The application: settings in, an ASGI app out. Nothing here outlives it, so tests make many."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from backend.keeping import Store
from backend.logs import log
from backend.problems import TABLE, Code, Problem, as_problem, invalid
from backend.protocol.schemas import asyncapi, openapi_with_commands
from backend.routes import assets, http, kept, metrics, ws
from backend.routes.guard import Guard, problem_response
from backend.sessions.keeper import Keeper
from backend.sessions.registry import Registry
from backend.sessions.source import ImportSource
from backend.settings import Settings
from sim_core.errors import SimError


def create_app(
    settings: Settings,
    source: ImportSource | None = None,
    store: Store | None = None,
    why_not: str = "it was started without a store",
) -> FastAPI:
    """The service.

    Args:
        settings: all limits.
        source: imported files whose zone the default session runs.
        store: where sessions are kept; None: nowhere.
        why_not: why nowhere.
    """
    registry = Registry(settings, Keeper(store, why_not, settings.keep_ms / 1000), source)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await registry.open()
        yield
        await registry.close("The service is going down.")

    app = FastAPI(
        title="ZoneScope",
        version="1",
        summary="A memory zone's free lists, live and exact to the page.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.registry = registry
    app.state.uploads = asyncio.Semaphore(settings.uploads_at_once_max)
    app.add_middleware(Guard, settings=settings)
    # Before the other exports: one of them is called by whatever name is left.
    app.include_router(kept.router)
    app.include_router(http.router)
    app.include_router(metrics.router)
    app.include_router(ws.router)
    app.include_router(assets.router)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def serve_asyncapi() -> dict[str, Any]:
        return asyncapi(settings)

    app.mount("/", assets.PageFiles(directory=assets.FRONTEND, check_dir=False))
    plain_openapi = app.openapi
    app.openapi = lambda: openapi_with_commands(plain_openapi())  # type: ignore[method-assign]
    _map_errors(app)
    return app


def _map_errors(app: FastAPI) -> None:
    """Every exception answers as `application/problem+json`."""

    async def problem(_: Request, error: Exception) -> JSONResponse:
        return problem_response(as_problem(error))

    async def request_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return problem_response(invalid(error.errors()))

    async def http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = next((c for c, (status, _) in TABLE.items() if status == error.status_code), None)
        if code is None:
            return _other_status(error)
        return problem_response(Problem(code, f"{error.detail}."))

    async def gone(_: Request, __: Exception) -> Response:
        # Nobody reads it: the peer left before its request was whole.
        return Response(status_code=400)

    async def mistake(request: Request, error: Exception) -> JSONResponse:
        log("mistake", level=logging.ERROR, path=request.url.path, error=type(error).__name__)
        return problem_response(as_problem(error))

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(SimError, problem)
    app.add_exception_handler(RequestValidationError, request_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, mistake)


def _other_status(error: HTTPException) -> JSONResponse:
    """A status that has no row of its own (405, 406): its own, under the code `invalid`."""
    code: Code = "invalid"
    body = {**Problem(code, f"{error.detail}.").http(), "status": error.status_code}
    return JSONResponse(
        body, error.status_code, error.headers, media_type="application/problem+json"
    )
