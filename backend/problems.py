"""The one table of errors: code -> HTTP status and title, and every exception's place in it.

The same object travels as `application/problem+json` and as the socket's `error` message.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import ValidationError

from sim_core.errors import (
    BudgetError,
    ConfigError,
    InputError,
    RefusedError,
    SimError,
    StoppedError,
)

Code = Literal[
    "invalid",
    "not_found",
    "conflict",
    "confirm",
    "stopped",
    "budget",
    "busy",
    "forbidden",
    "origin",
    "too_large",
    "input",
    "cancelled",
    "internal",
]

TABLE: Final[dict[Code, tuple[int, str]]] = {
    "invalid": (422, "The request is not well formed"),
    "not_found": (404, "There is no such thing"),
    "conflict": (409, "That does not apply now"),
    "confirm": (409, "Somebody else is driving too"),
    "stopped": (409, "The node stopped at a kernel BUG"),
    "budget": (409, "That needs more than is allowed"),
    "busy": (503, "Too much at once"),
    "forbidden": (403, "That is not allowed here"),
    "origin": (403, "Not from this address"),
    "too_large": (413, "That is too large"),
    "input": (422, "A file is not what it should be"),
    "cancelled": (409, "Cancelled"),
    "internal": (500, "A mistake in ZoneScope"),
}


_TOLD_MAX: Final = 80  # characters of a name that is not known
_TYPES: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "model_type": "one JSON object",
    "model_attributes_type": "one JSON object",
    "dict_type": "one JSON object",
}


class Problem(Exception):
    """An error for whoever asked: a code of the table, a sentence, and what belongs to it.

    Args:
        code: one of the table.
        detail: what is wrong and what to do, in a sentence.
        extra: `field`, `allowed`, `file`, `line`, `expected`, `estimate`, `setting`, `others`,
            where they apply; None is left out.
    """

    def __init__(self, code: Code, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.code: Code = code
        self.status, self.title = TABLE[code]
        self.extra = {name: value for name, value in extra.items() if value is not None}

    def body(self) -> dict[str, Any]:
        """What both roads carry."""
        return {
            "code": self.code,
            "status": self.status,
            "title": self.title,
            "detail": str(self),
            **self.extra,
        }

    def http(self) -> dict[str, Any]:
        """As `application/problem+json` (RFC 9457)."""
        return {"type": f"urn:zonescope:error:{self.code}", **self.body()}


def as_problem(error: Exception) -> Problem:
    """Any exception as a row of the table; what nobody foresaw is `internal`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return invalid(error.errors(include_url=False, include_input=False))
    if isinstance(error, StoppedError):
        return Problem("stopped", str(error))
    if isinstance(error, BudgetError):
        return Problem(
            "budget",
            str(error),
            estimate=error.estimate_bytes,
            budget=error.budget_bytes,
            setting="bytes_budget",
        )
    if isinstance(error, MemoryError):
        detail = "There is not enough memory for that zone."
        return Problem("budget", detail, setting="bytes_budget")
    if isinstance(error, InputError):
        return Problem(
            "input",
            str(error),
            file=error.file,
            line=error.line,
            expected=error.expected,
            got=error.got,
        )
    if isinstance(error, ConfigError):
        return Problem("invalid", str(error), field=error.field, allowed=error.allowed)
    if isinstance(error, RefusedError):
        code: Code = "conflict" if error.allowed is None else "invalid"
        return Problem(code, str(error), field=error.field, allowed=error.allowed)
    if isinstance(error, SimError):
        return Problem("invalid", str(error), field=error.field, allowed=error.allowed)
    return Problem("internal", "The request failed by a mistake in ZoneScope; the log has it.")


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The first of pydantic's errors, as the field at fault and what it may be."""
    first = errors[0]
    kind: str = first["type"]
    context: dict[str, Any] = first.get("ctx") or {}
    if kind in ("json_invalid", "json_type"):
        return Problem("invalid", f"Not JSON: {first['msg']}.", allowed="one JSON object")
    name = _field([str(part) for part in first["loc"]])
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        name = _field([*map(str, first["loc"]), context["discriminator"].strip("'")])
        given = context.get("tag")
        said = "it is missing" if given is None else f"{_short(given)!r} is none of them"
        tags = context.get("expected_tags")
        return Problem("invalid", f"{name}: {said}.", field=name, allowed=tags)
    if kind == "extra_forbidden":
        return Problem("invalid", f"{name}: there is no such field.", field=name)
    if kind == "missing":
        return Problem("invalid", f"{name} is missing.", field=name)
    detail = f"{name}: {first['msg']}." if name else f"{first['msg']}."
    return Problem("invalid", detail, field=name or None, allowed=_allowed(kind, context))


def _field(path: list[str]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if part.isdecimal() else ("." if text else "") + _short(part)
    return text


def _short(text: str) -> str:
    """What somebody sent, as much of it as is told back."""
    return text if len(text) <= _TOLD_MAX else f"{text[:_TOLD_MAX]}…"


def _allowed(kind: str, context: dict[str, Any]) -> str | None:
    if kind in _TYPES:
        return _TYPES[kind]
    if "expected" in context:
        return str(context["expected"])
    words = {
        "ge": "at least {}",
        "gt": "more than {}",
        "le": "at most {}",
        "lt": "less than {}",
        "min_length": "at least {} of them",
        "max_length": "at most {} of them",
        "pattern": "text like {}",
    }
    said = [text.format(context[key]) for key, text in words.items() if key in context]
    return ", ".join(said) or None
