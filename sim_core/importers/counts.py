"""One number of a /proc table, with what is known about how far it can be trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim_core.importers.source import SourceText, shown

U64 = 1 << 64
_FIRST_NEGATIVE = 1 << 63
_NUMBER = re.compile(r"(>?)([0-9]+)\Z")
_MOST_DIGITS = 20  # of an unsigned 64-bit number


@dataclass(frozen=True, slots=True)
class Count:
    """A count of free chunks of one order.

    Attributes:
        value: the number, never negative; of a wrapped counter its unsigned form.
        at_least: the kernel stopped counting here (`>100000`): there may be more.
        wrapped: a counter below zero, printed as an unsigned 64-bit number.
        text: as the file prints it.
    """

    value: int
    at_least: bool
    wrapped: bool
    text: str

    @property
    def signed(self) -> int:
        """The value as the signed 64-bit number that the counter holds."""
        return self.value - U64 if self.wrapped else self.value


def read_count(source: SourceText, line: int, token: str, what: str) -> Count:
    """Read the count written as `token` on line `line`; `what` names it in an error.

    Raises:
        InputError: not a number, or more digits than 64 bits have.
    """
    match = _NUMBER.match(token)
    if match is None:
        raise source.refuse(line, f"{what} as a whole number", shown(token))
    mark, digits = match.groups()
    if len(digits) > _MOST_DIGITS or int(digits) >= U64:
        raise source.refuse(
            line,
            f"{what} as a number below 2^64",
            f"{shown(token)}: have two numbers run together?",
        )
    value = int(digits)
    return Count(value, mark != "", value >= _FIRST_NEGATIVE, token)


def read_plain(source: SourceText, line: int, token: str, what: str) -> int:
    """Read a number that can be neither cut off at `>100000` nor below zero.

    Raises:
        InputError: it is something else.
    """
    count = read_count(source, line, token, what)
    if count.at_least or count.wrapped:
        raise source.refuse(line, f"{what} as a number from 0 to 2^63 - 1", shown(token))
    return count.value
