"""How a golden file went, and how its lines are read."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim_core.errors import InputError
from sim_core.models import ROWS

Line = dict[str, Any]


@dataclass(frozen=True)
class Mismatch:
    """One field that differs: after call, or in line, `operation` (from 1; the header is none)."""

    operation: int
    field: str
    expected: object
    got: object


@dataclass
class FileReport:
    """One file's outcome; `model` is "" where each line has its own."""

    path: str
    model: str
    operations: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


def model_of(path: str, number: int, line: Line) -> str:
    """The model that a line is of.

    Raises:
        InputError: it is not here.
    """
    model = line.get("model")
    if model not in ROWS:
        raise InputError(path, number, f'"model" one of {", ".join(ROWS)}', repr(model))
    return str(model)


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of a file of JSON Lines, plain or gzip-compressed.

    Raises:
        InputError: it cannot be read, or a line is no object.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(str(path), None, "a readable vector file", str(error)) from error
    for number, line in enumerate(text.splitlines(), 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InputError(str(path), number, "a JSON object", line[:60]) from error
        if not isinstance(value, dict):
            raise InputError(str(path), number, "a JSON object", line[:60])
        yield value
