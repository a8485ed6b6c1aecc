"""A program that breaks a zone, made short enough to be read."""

from __future__ import annotations

from collections.abc import Callable

from tests.soak.program import Call


def shortest(calls: list[Call], breaks: Callable[[list[Call]], bool]) -> list[Call]:
    """Leave out what the breach does without: halves first, then ever smaller pieces."""
    size = len(calls) // 2
    while size:
        at = 0
        while at < len(calls):
            fewer = calls[:at] + calls[at + size :]
            if breaks(fewer):
                calls = fewer
            else:
                at += size
        size //= 2
    return calls
