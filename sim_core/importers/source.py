"""From the bytes of one file to its lines, and the telling apart of the three kinds."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Literal

from sim_core.errors import InputError

Kind = Literal["pagetypeinfo", "buddyinfo", "zoneinfo"]

_GZIP_MARK = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT = re.compile(r"[\t\x20-\x7e]*\Z")
_NODE_LINE = re.compile(r"Node\s+\d+, zone\s+\S+(.*)\Z")


_SHOWN_CHARACTERS = 80


def shown(text: str) -> str:
    """`text` quoted for a message: control characters escaped, long text cut short."""
    cut = text[:_SHOWN_CHARACTERS].encode("unicode_escape").decode("ascii")
    return f'"{cut}…"' if len(text) > _SHOWN_CHARACTERS else f'"{cut}"'


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's name and its lines, without line ends and trailing blanks.

    `ended` is false when the last line has no line end: what it holds may be cut.
    """

    name: str
    lines: tuple[str, ...]
    ended: bool

    def refuse(self, line: int, expected: str, got: str | None = None) -> InputError:
        """Make the error for line `line` (from 1); `got` defaults to the line itself."""
        if got is None:
            got = shown(self.lines[line - 1])
        return InputError(self.name, line, expected, got)

    def refuse_end(self, expected: str) -> InputError:
        """Make the error for a file that stops where `expected` should come."""
        return InputError(self.name, max(1, len(self.lines)), expected, "the end of the file")


def _unpacked(name: str, data: bytes, max_bytes: int) -> bytes:
    """A gzip file's content, but never more than one byte beyond `max_bytes` of it."""
    if not data.startswith(_GZIP_MARK):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise InputError(name, None, "a whole gzip file", str(error)) from error
    if len(content) <= max_bytes and not unpacker.eof:
        raise InputError(name, None, "a whole gzip file", "one that is cut")
    return content


def decode(name: str, data: bytes, *, max_bytes: int) -> SourceText:
    """Split a file into lines; gzip, CRLF, a UTF-8 mark and trailing blanks are no obstacle.

    Raises:
        InputError: the file is longer than `max_bytes` bytes, or is no plain text.
    """
    data = _unpacked(name, data, max_bytes)
    if len(data) > max_bytes:
        raise InputError(
            name, 1, f"at most {max_bytes} bytes (setting max_bytes)", f"{len(data)} bytes"
        )
    if data.startswith(_UTF16_MARKS):
        raise InputError(name, 1, "plain ASCII or UTF-8 text", "UTF-16 text")
    data = data.removeprefix(_UTF8_MARK)
    # One character a byte: what is not ASCII is found below, with its line.
    raw_lines = data.decode("latin-1").split("\n")
    ended = raw_lines[-1] == ""
    lines = []
    for number, raw in enumerate(raw_lines, start=1):
        line = raw.rstrip(" \t\r")
        if not _TEXT.match(line):
            kind = "binary data" if "\0" in line else "characters that no /proc file has"
            raise InputError(name, number, "a line of plain text", f"{kind}: {shown(line)}")
        lines.append(line)
    while lines and lines[-1] == "":
        lines.pop()
    return SourceText(name, tuple(lines), ended)


def recognise(source: SourceText) -> Kind:
    """Tell which of the three /proc files this is, by what it says and never by its name.

    Raises:
        InputError: it is none of them.
    """
    for number, line in enumerate(source.lines, start=1):
        if line == "":
            continue
        if line.startswith(("Page block order", "Pages per block", "Free pages count")):
            return "pagetypeinfo"
        node = _NODE_LINE.match(line)
        if node is None:
            raise source.refuse(
                number, "the start of /proc/pagetypeinfo, /proc/buddyinfo or /proc/zoneinfo"
            )
        rest = node.group(1)
        if rest == "":
            return "zoneinfo"
        if ", type" in line:
            return "pagetypeinfo"
        return "buddyinfo"
    raise InputError(
        source.name,
        1,
        "the text of /proc/pagetypeinfo, /proc/buddyinfo or /proc/zoneinfo",
        "an empty file",
    )
