"""The two documents that describe the protocol to machines, both made from the command union."""

from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from backend.problems import TABLE
from backend.protocol.commands import ADAPTER, TYPES, Create
from backend.protocol.keeping import Copy
from backend.protocol.messages import VERSION, Message
from backend.settings import Settings

_REFS: Final = "#/components/schemas/{model}"


@lru_cache(maxsize=1)
def _command_schemas() -> dict[str, Any]:
    """JSON schemas by name: `Command`, `Create`, `Copy`, and all that they refer to."""
    schemas: dict[str, Any] = {}
    bodies = (("Command", ADAPTER), ("Create", TypeAdapter(Create)), ("Copy", TypeAdapter(Copy)))
    for name, adapter in bodies:
        schema = adapter.json_schema(ref_template=_REFS)
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    return schemas


def _problem_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "code", "status", "title", "detail"],
        "properties": {
            "type": {"type": "string", "pattern": "^urn:zonescope:error:"},
            "code": {"type": "string", "enum": list(TABLE)},
            "status": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "field": {"type": "string"},
            "allowed": {"type": "string"},
        },
    }


def openapi_with_commands(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's document with the bodies' schemas and the one form of error."""
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(_command_schemas(), Problem=_problem_schema())
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    answer = {
        "description": "A problem, see the table of codes",
        "content": {
            "application/problem+json": {"schema": {"$ref": _REFS.format(model="Problem")}}
        },
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["4XX"] = answer
            operation["responses"]["5XX"] = answer
    return document


def asyncapi(settings: Settings) -> dict[str, Any]:
    """The socket as an AsyncAPI 3.0 document."""
    schemas = dict(_command_schemas())
    messages: dict[str, Any] = {}
    sent: list[str] = []
    for kind in get_args(Message):
        schema = TypeAdapter(kind).json_schema(ref_template=_REFS)
        schemas.update(schema.pop("$defs", {}))
        name = f"{kind.__name__.removesuffix('Message')}Message"
        schemas[name] = schema
        messages[name] = _message(name, kind.__doc__ or "")
        sent.append(name)
    schemas["Frame"] = {"type": "string", "format": "binary"}
    messages["Frame"] = {
        "name": "Frame",
        "summary": "A binary frame: header of 64 bytes, then sections (docs/PROTOCOL.md).",
        "contentType": "application/octet-stream",
        "payload": {"$ref": "#/components/schemas/Frame"},
    }
    sent.append("Frame")
    received = []
    for kind in TYPES.values():
        name = f"{kind.__name__}Command"
        messages[name] = _message(kind.__name__, kind.__doc__ or "", name)
        received.append(name)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "ZoneScope", "version": str(VERSION)},
        "defaultContentType": "application/json",
        "channels": {
            "session": {
                "address": f"{settings.root_path}/api/v1/sessions/{{id}}/ws",
                "parameters": {"id": {"description": "a session; `default` is always there"}},
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": {
                            "type": "object",
                            "properties": {
                                "role": {"type": "string", "enum": ["driver", "viewer"]}
                            },
                        },
                        "bindingVersion": "0.1.0",
                    }
                },
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "send": _operation("send", sent),
            "receive": _operation("receive", received),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _message(schema: str, summary: str, name: str | None = None) -> dict[str, Any]:
    return {
        "name": name or schema,
        "summary": summary.splitlines()[0] if summary else "",
        "contentType": "application/json",
        "payload": {"$ref": _REFS.format(model=schema)},
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/session"},
        "messages": [{"$ref": f"#/channels/session/messages/{name}"} for name in names],
    }
