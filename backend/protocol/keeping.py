"""Commands about what is kept: a session under a name, and notes on its moments."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from backend.problems import Problem, invalid
from backend.protocol.fields import Command, Strict, Whole

NOTES_MAX: Final = 100
NOTE_MAX: Final = 280
NAME_PATTERN: Final = r"^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,38}[A-Za-z0-9._-])?$"
RESERVED: Final = "default"
"""The session that is there without anybody's asking."""
_NAME_WORDS: Final = "1 … 40 letters, digits, spaces, . _ -, the first a letter or digit"

SessionName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=NAME_PATTERN),
    Field(description=_NAME_WORDS),
]
NoteText = Annotated[
    str, Field(min_length=1, max_length=NOTE_MAX, description="printable characters")
]


class Keep(Command):
    """Keep the session under a name, from now on and up to the last second."""

    type: Literal["keep"]
    name: SessionName


class Note(Command):
    """Write something down at a moment of this way; without one at the present."""

    type: Literal["note"]
    text: NoteText
    op: Whole | None = None
    step: Whole | None = None


class DeleteNote(Command):
    """Take a note away."""

    type: Literal["delete_note"]
    note: Whole


class Copy(Strict):
    """The body of `POST /api/v1/kept/{name}/copy`: what the copy is called."""

    to: SessionName


_NAME: Final[TypeAdapter[str]] = TypeAdapter(SessionName)


def checked_name(name: str, field: str = "name") -> str:
    """The name, if a session may be kept under it.

    Raises:
        Problem: `invalid`, saying what a name is.
    """
    try:
        _NAME.validate_python(name, strict=True)
    except ValidationError as error:
        raise Problem(
            "invalid", f"{field}: {name[:60]!r} is no name.", field=field, allowed=_NAME_WORDS
        ) from error
    if name.lower() == RESERVED:
        raise Problem(
            "invalid",
            f"{field}: {name!r} is the session that is always there.",
            field=field,
            allowed="another name",
        )
    return name


def parse_copy(text: bytes) -> str:
    """The name that a copy is to have.

    Raises:
        Problem: `invalid`, naming the field at fault.
    """
    try:
        return checked_name(Copy.model_validate_json(text).to, "to")
    except ValidationError as error:
        raise invalid(error.errors(include_url=False)) from error
