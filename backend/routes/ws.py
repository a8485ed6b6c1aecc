"""The socket of a session: checked before it is accepted, then a reader and a writer."""

import asyncio
import contextlib
from time import monotonic
from typing import Any, Final

import pydantic_core
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from backend.logs import log
from backend.problems import Problem, as_problem
from backend.protocol import commands
from backend.protocol.messages import Json, Role, error
from backend.routes.guard import problem_response, refusal
from backend.sessions.connection import Connection
from backend.sessions.handlers import turn_for
from backend.sessions.outbox import POLICY, Close
from backend.sessions.registry import Registry
from backend.sessions.session import Session
from backend.settings import Settings
from sim_core.errors import SimError

router = APIRouter()

_FLOOD_PAUSE_S: Final = 0.02  # a flood is read this slowly, and so slows down at its source
_ROLES: Final[dict[str, Role]] = {"driver": "driver", "viewer": "viewer"}


@router.websocket("/api/v1/sessions/{ident}/ws")
async def socket(websocket: WebSocket, ident: str) -> None:
    """Greets, streams, takes commands, until one side has enough."""
    settings: Settings = websocket.app.state.settings
    registry: Registry = websocket.app.state.registry
    try:
        session, role = await _entry(websocket, ident, registry, settings)
    except (Problem, SimError) as error:
        problem = as_problem(error)
        log("refused", session=ident[:64], code=problem.code, detail=str(problem))
        await websocket.send_denial_response(problem_response(problem))
        return
    await websocket.accept()
    try:
        connection = await session.attach(role)
    except Problem as problem:
        await websocket.close(1013, problem.title)
        return
    writer = asyncio.create_task(_write(websocket, connection))
    reader = asyncio.create_task(_read(websocket, session, connection, settings))
    try:
        await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.detach(connection)
        for task in (writer, reader):
            task.cancel()
        await asyncio.gather(writer, reader, return_exceptions=True)


@router.websocket("/{path:path}")
async def nowhere(websocket: WebSocket) -> None:
    """Any other address: a problem, as over HTTP."""
    problem = refusal(websocket.scope, websocket.app.state.settings)
    said = problem or Problem("not_found", "No socket is served at this address.")
    await websocket.send_denial_response(problem_response(said))


async def _entry(
    websocket: WebSocket, ident: str, registry: Registry, settings: Settings
) -> tuple[Session, Role]:
    """The session and role that a socket asks for, if it may have them.

    Raises:
        Problem: it may not.
    """
    problem = refusal(websocket.scope, settings)
    if problem is not None:
        raise problem
    name = websocket.query_params.get("role", "driver")
    if name not in _ROLES:
        raise Problem("invalid", f"role: {name[:40]!r}.", field="role", allowed=", ".join(_ROLES))
    if registry.connections() >= settings.connections_max:
        raise Problem("busy", "Too many viewers are connected.", setting="connections_max")
    return await registry.find(ident), _ROLES[name]


async def _write(websocket: WebSocket, connection: Connection) -> None:
    """Send what the outbox gives, until it says to close or the peer has gone."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            item = await connection.outbox.next()
            if isinstance(item, Close):
                await websocket.close(item.code, item.reason)
                return
            if isinstance(item, str):
                await websocket.send_text(item)
            else:
                await websocket.send_bytes(item)


async def _read(
    websocket: WebSocket, session: Session, connection: Connection, settings: Settings
) -> None:
    """Take messages one at a time; what is wrong with one is told, and the next is taken."""
    while websocket.client_state is WebSocketState.CONNECTED:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        ident: int | None = None
        try:
            text = _text(message, settings)
            ident = _ident(text)
            command = commands.parse(text)
            connection.admit(command, monotonic())
        except Problem as problem:
            _refuse(session, connection, problem, ident, settings)
            if problem.code == "busy":
                await asyncio.sleep(_FLOOD_PAUSE_S)
            continue
        session.submit(turn_for(session, command, _answer(connection, command.id), connection))


def _text(message: Any, settings: Settings) -> str:
    text = message.get("text")
    if text is None:
        raise Problem("invalid", "Commands are text, not binary.", allowed="one JSON object")
    if len(text) > settings.message_bytes_max:
        raise Problem(
            "too_large",
            f"The message is larger than {settings.message_bytes_max} bytes.",
            allowed=f"at most {settings.message_bytes_max} bytes",
            setting="message_bytes_max",
        )
    return str(text)


def _ident(text: str) -> int | None:
    """The id of a message that may be wrong in every other way."""
    try:
        value = pydantic_core.from_json(text)
    except ValueError:
        return None
    ident = value.get("id") if isinstance(value, dict) else None
    return ident if isinstance(ident, int) and not isinstance(ident, bool) else None


def _refuse(
    session: Session,
    connection: Connection,
    problem: Problem,
    ident: int | None,
    settings: Settings,
) -> None:
    connection.outbox.reply(error(problem, ident))
    log(
        "bad_message",
        session=session.ident,
        connection=connection.number,
        code=problem.code,
        op=session.lab.op,
    )
    # What may not be done, or not now, is well said all the same.
    if problem.code in ("forbidden", "busy"):
        return
    connection.bad_messages += 1
    if connection.bad_messages > settings.bad_messages_max:
        connection.outbox.close(POLICY, "too many messages that are not understood")


def _answer(connection: Connection, ident: int | None) -> Any:
    def answer(outcome: Json | Problem) -> None:
        if isinstance(outcome, Problem):
            connection.outbox.reply(error(as_problem(outcome), ident))
        else:
            connection.outbox.reply({"type": "result", "id": ident, **outcome})

    return answer
