"""A capture as one JSON file, to be kept and read again.

The state holds the lines of the /proc files themselves. They are what was measured; everything else
is derived from them, and reading a state checks it exactly as reading the files does.
"""

from __future__ import annotations

import json
from typing import Any

from sim_core.errors import InputError
from sim_core.importers.capture import MAX_BYTES, ProcCapture, read_capture

FORMAT = "zonescope-capture/1"


def to_json(capture: ProcCapture) -> str:
    """Write the state: an object with `format` and `files` (name, lines, ended)."""
    files = [
        {
            "name": source.name,
            "lines": list(source.lines),
            "ended": source.ended,
        }
        for source in capture.sources.values()
    ]
    return json.dumps({"format": FORMAT, "files": files}, indent=1, ensure_ascii=True) + "\n"


def from_json(file: str, data: bytes, *, max_bytes: int = 4 * MAX_BYTES) -> ProcCapture:
    """Read a state that to_json wrote.

    Args:
        file: its name, for errors.
        data: its contents.
        max_bytes: bytes that it may have.

    Raises:
        InputError: not a state of this version; or one of the files in it is wrong, in which case
            the error names that file and its line.
    """
    if len(data) > max_bytes:
        raise InputError(
            file, None, f"at most {max_bytes} bytes (setting max_bytes)", f"{len(data)} bytes"
        )
    try:
        state: Any = json.loads(data)
    except json.JSONDecodeError as error:
        raise InputError(file, error.lineno, "a JSON text", error.msg) from error
    except (ValueError, RecursionError) as error:  # bad UTF-8, a monstrous number, deep nesting
        raise InputError(file, None, "a JSON text", str(error)) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        got = state.get("format") if isinstance(state, dict) else state
        raise InputError(file, None, f'an object whose "format" is "{FORMAT}"', repr(got)[:80])
    entries = state.get("files")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(file, None, '"files" as a list of objects', repr(entries)[:80])
    files = []
    for index, entry in enumerate(entries):
        name, lines, ended = entry.get("name"), entry.get("lines"), entry.get("ended")
        if (
            not isinstance(name, str)
            or not isinstance(lines, list)
            or not all(isinstance(line, str) and "\n" not in line for line in lines)
            or not isinstance(ended, bool)
        ):
            raise InputError(
                file,
                None,
                f'files[{index}] with "name" (text), "lines" (list of lines) and "ended" (boolean)',
                repr(entry)[:80],
            )
        text = "\n".join(lines) + ("\n" if ended else "")
        files.append((name, text.encode("utf-8", "surrogatepass")))
    return read_capture(files, max_bytes=max_bytes)
