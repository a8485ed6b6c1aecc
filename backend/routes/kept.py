"""The HTTP routes about what is kept: the sessions that have a name, and a session as one file."""

import asyncio
import json
import re
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from backend.protocol.keeping import parse_copy
from backend.protocol.messages import Json
from backend.sessions.document import rows_to_file, to_file
from backend.sessions.jobs import Steps
from backend.sessions.keeper import Keeper
from backend.sessions.registry import Registry
from backend.sessions.snapshot import Snapshot, snapshot

router = APIRouter()

_COPY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Copy"}}},
    }
}


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def _keeper(request: Request) -> Keeper:
    return _registry(request).keeper


@router.get("/api/v1/kept", tags=["kept"])
async def list_kept(request: Request) -> Json:
    """All sessions that are kept, by name; `off` says why none can be."""
    keeper = _keeper(request)
    if keeper.off is not None:
        return {"kept": [], "off": keeper.off}
    rows = []
    for row in await keeper.list():
        session = keeper.live(row.name)
        told = {**asdict(row), **json.loads(row.about), "live": session is not None}
        del told["about"]
        rows.append(told)
    return {"kept": rows, "off": None}


@router.post("/api/v1/kept/{name}/copy", status_code=201, tags=["kept"], openapi_extra=_COPY)
async def copy_kept(request: Request, name: str) -> JSONResponse:
    """The same session again under another name, as it is now."""
    to = parse_copy(await request.body())
    await _keeper(request).copy(name, to)
    return JSONResponse({"name": to}, 201)


@router.delete("/api/v1/kept/{name}", status_code=204, tags=["kept"])
async def delete_kept(request: Request, name: str) -> Response:
    """Keep a session no longer; one that is going on goes on."""
    await _keeper(request).delete(name)
    return Response(status_code=204)


@router.get("/api/v1/kept/{name}/export", tags=["kept"])
async def export_kept(request: Request, name: str) -> Response:
    """A kept session as a file that an import takes, without opening it."""
    keeper = _keeper(request)
    session = keeper.live(name)
    if session is not None:
        await keeper.save(session)
    loaded = await keeper.load(name)
    return _file(name, await asyncio.to_thread(rows_to_file, name, loaded))


@router.get("/api/v1/sessions/{ident}/exports/session", tags=["files"])
async def export_session(request: Request, ident: str) -> Response:
    """The session as one file that an import takes: its lab's journal on all branches, models,
    marks and notes.
    """
    session = await _registry(request).find(ident)

    def take(_: object) -> Steps:
        state = yield session.own.lab.hash
        return {"shot": snapshot(session), "state": state}

    taken = await session.call("export_session", take, at_once=True)
    shot: Snapshot = taken["shot"]
    text = await asyncio.to_thread(to_file, shot, taken["state"])
    return _file(shot.name or session.ident, text)


def _file(name: str, text: str) -> Response:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "session"
    return Response(
        text,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{plain}.zonescope.json"'},
    )
