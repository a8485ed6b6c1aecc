"""Reading `multipart/form-data` (RFC 7578) whose size the guard has bounded: files and fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from typing import Final

from backend.problems import Problem

_PARTS_MAX: Final = 16
_HEADER_BYTES_MAX: Final = 4096


@dataclass
class Form:
    """Files as (name, contents) in the order sent, fields by name."""

    files: list[tuple[str, bytes]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


def parse(headers: Mapping[str, str], body: bytes) -> Form:
    """The form that a body is.

    Args:
        headers: of the request; only Content-Type counts.
        body: all of it.

    Raises:
        Problem: `invalid`, it is no such form or not all of one.
    """
    kind = Message()
    kind["Content-Type"] = headers.get("content-type", "")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Problem(
            "invalid",
            "Send the files as multipart/form-data.",
            field="Content-Type",
            allowed="multipart/form-data with a boundary",
        )
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    chunks = (b"\r\n" + body).split(delimiter)
    if len(chunks) < 3 or not chunks[-1].startswith(b"--"):
        raise Problem("invalid", "The form is cut: its last boundary is missing.", field="body")
    if len(chunks) - 2 > _PARTS_MAX:
        raise Problem(
            "invalid",
            "The form has too many parts.",
            field="body",
            allowed=f"at most {_PARTS_MAX} parts",
        )
    form = Form()
    for chunk in chunks[1:-1]:
        _take(form, chunk)
    return form


def _take(form: Form, chunk: bytes) -> None:
    head, gap, contents = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not gap or len(head) > _HEADER_BYTES_MAX:
        raise Problem("invalid", "A part of the form has no headers.", field="body")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise Problem("invalid", "A part of the form has no name.", field="body")
    file = headers.get_filename()
    if file is None:
        form.fields[name] = contents.decode("utf-8", "replace")
    else:
        # Only the last part of a path, and only what can be shown.
        shown = file.replace("\\", "/").rpartition("/")[2]
        form.files.append(("".join(c for c in shown if c.isprintable())[:80] or name, contents))
