"""The HTTP routes under /api/v1 and /healthz: sessions, commands, imports, exports, models."""

import asyncio
import json
import re
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from backend.problems import Problem
from backend.protocol import commands
from backend.protocol.messages import Json
from backend.routes import forms
from backend.sessions.document import is_session
from backend.sessions.handlers import work_for
from backend.sessions.jobs import Steps
from backend.sessions.models import document_of, import_file, is_model
from backend.sessions.opening import import_session
from backend.sessions.registry import Registry
from backend.sessions.replacing import base_config, configured, import_files
from backend.sessions.session import Session
from backend.sessions.stating import state
from backend.settings import Settings
from sim_core.models import table_to_json

router = APIRouter()

_SCHEMAS: Final = "#/components/schemas/"


def _body(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _SCHEMAS + schema}}}
    return {"requestBody": {"required": True, "content": content}}


_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "pagetypeinfo, and buddyinfo and zoneinfo if at hand; "
                            "or one custom model; or one session",
                        },
                        "node": {"type": "integer", "minimum": 0},
                        "zone": {"type": "string"},
                        "seed": {"type": "integer", "minimum": 0},
                        "confirm": {"type": "boolean"},
                    },
                }
            }
        },
    }
}


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


@router.get("/healthz", tags=["service"])
async def healthz(request: Request) -> Json:
    """Whether the service is up, and which start of it."""
    registry = _registry(request)
    return {"status": "ok", "instance": registry.instance, "sessions": len(tuple(registry))}


@router.get("/api/v1/models", tags=["models"])
async def models() -> Json:
    """The model table: questions and answers, every kernel's cells, rules, hunks of the patch."""
    return table_to_json()


@router.get("/api/v1/sessions", tags=["sessions"])
async def list_sessions(request: Request) -> Json:
    """All sessions."""
    return {"sessions": [await _summary(session) for session in _registry(request)]}


@router.post("/api/v1/sessions", status_code=201, tags=["sessions"], openapi_extra=_body("Create"))
async def create_session(request: Request) -> JSONResponse:
    """A new session; its zone is the default one with the given fields changed."""
    wanted = commands.parse_create(await request.body())
    config = configured(base_config(_settings(request)), wanted.config)
    session = await _registry(request).create(config)
    return JSONResponse(
        await _summary(session), 201, {"Location": f"/api/v1/sessions/{session.ident}"}
    )


@router.get("/api/v1/sessions/{ident}", tags=["sessions"])
async def read_session(request: Request, ident: str) -> Json:
    """One session: its state, counters and, to compare labs by, the hash of all its memory."""
    session = await _registry(request).find(ident)

    def look(_: object) -> Steps:
        lab = session.lab
        digest = yield lab.hash
        return {
            "op": lab.op,
            "hash": f"{digest & (1 << 64) - 1:016x}",
            "counters": lab.counters(),
            "nr_free": lab.nr_free(),
            "zones": {
                span.zone: {"counters": lab.counters(slot), "nr_free": lab.nr_free(slot)}
                for slot, span in enumerate(lab.config.spans)
            },
            "node": lab.node_numbers(),
            "state": state(session),
        }

    return {"id": session.ident, **await session.call("look", look, at_once=True)}


@router.delete("/api/v1/sessions/{ident}", status_code=204, tags=["sessions"])
async def delete_session(request: Request, ident: str) -> Response:
    """End a session; its sockets are closed."""
    await _registry(request).delete(ident)
    return Response(status_code=204)


@router.post("/api/v1/sessions/{ident}/commands", tags=["sessions"], openapi_extra=_body("Command"))
async def command(request: Request, ident: str) -> Json:
    """One command, as over the socket; the answer is its result."""
    session = await _registry(request).find(ident)
    wanted = commands.parse(await request.body())
    result = await session.call(wanted.type, work_for(session, wanted), at_once=wanted.READ)
    return {"type": "result", "id": wanted.id, "op": session.lab.op, **result}


@router.post("/api/v1/sessions/{ident}/imports", tags=["files"], openapi_extra=_UPLOAD)
async def import_zone(request: Request, ident: str) -> Json:
    """Run a zone laid out from a kernel's /proc files; or open the session that a file holds, or
    keep the model.
    """
    session = await _registry(request).find(ident)
    uploads: asyncio.Semaphore = request.app.state.uploads
    if uploads.locked():
        raise Problem("busy", "Other files are being read; try again in a moment.")
    async with uploads:
        form = forms.parse(request.headers, await request.body())
        settings = _settings(request)
        if not 1 <= len(form.files) <= settings.upload_files_max:
            raise Problem(
                "invalid",
                f"{len(form.files)} files were sent.",
                field="files",
                allowed=f"1 to {settings.upload_files_max} files",
            )
        if any(is_model(contents) for _, contents in form.files):
            return await _import_document(session, form)
        fields = {**request.query_params, **form.fields}
        node = _whole(fields, "node")
        seed = _whole(fields, "seed")
        zone = fields.get("zone") or None
        confirm = _yes(fields, "confirm")
        return await session.call(
            "import",
            lambda turn: import_files(session, turn, form.files, node, zone, seed, confirm),
        )


async def _import_document(session: Session, form: forms.Form) -> Json:
    """A file of ZoneScope's own: a session or a model."""
    if len(form.files) != 1:
        raise Problem(
            "invalid",
            "A model or a session is imported by itself.",
            field="files",
            allowed="one file",
        )
    [(name, contents)] = form.files
    if not is_session(contents):
        return await session.call("import_model", lambda _: import_file(session, name, contents))
    confirm = _yes(form.fields, "confirm")
    return await session.call(
        "import_session", lambda turn: import_session(session, turn, name, contents, confirm)
    )


@router.get("/api/v1/sessions/{ident}/exports/model", tags=["files"])
async def export_model(request: Request, ident: str, name: str | None = None) -> Response:
    """A saved model, or the one on show, as a file that an import takes."""
    session = await _registry(request).find(ident)
    document = await session.call(
        "export_model", lambda _: document_of(session, name), at_once=True
    )
    file = re.sub(r"[^A-Za-z0-9.+-]+", "-", document["name"]).strip("-") or "model"
    return Response(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{file}.json"'},
    )


@router.get(
    "/api/v1/sessions/{ident}/exports/{format}",
    tags=["files"],
    response_class=PlainTextResponse,
)
async def export(request: Request, ident: str, format: str) -> PlainTextResponse:  # noqa: A002
    """The lab as the kernel would print it in /proc."""
    session = await _registry(request).find(ident)
    if format not in ("pagetypeinfo", "buddyinfo"):
        raise Problem(
            "not_found",
            f"There is no format {format[:40]!r}.",
            field="format",
            allowed="pagetypeinfo, buddyinfo, model, session",
        )

    def write(_: object) -> Steps:
        text = yield lambda: session.lab.export(format)
        return {"text": text}

    text = (await session.call("export", write, at_once=True))["text"]
    return PlainTextResponse(
        text, headers={"Content-Disposition": f'attachment; filename="{format}"'}
    )


async def _summary(session: Session) -> Json:
    config = session.lab.config
    return {
        "id": session.ident,
        "op": session.lab.op,
        "zone": config.zone,
        "spanned_pages": config.spanned_pages,
        "model": config.model_name,
        "kept": session.kept.name if session.kept else None,
        "running": session.running,
        "connections": len(session.connections),
        "bytes_estimate": session.bytes_estimate,
    }


def _whole(fields: dict[str, str], name: str) -> int | None:
    text = fields.get(name, "")
    if text == "":
        return None
    if not text.isdecimal() or len(text) > 15:
        raise Problem("invalid", f"{name}: not a number.", field=name, allowed="a whole number")
    return int(text)


def _yes(fields: dict[str, str], name: str) -> bool:
    text = fields.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise Problem("invalid", f"{name}: {text[:20]!r}.", field=name, allowed="true or false")
    return text in ("true", "1")
