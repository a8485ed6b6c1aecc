"""Pages between two places: amid an operation off one list, not yet on the next, in no chunk."""

from collections.abc import Iterable

from sim_core.narration import KINDS, Record

Span = tuple[int, int]
"""(first page, one past the last), node-relative."""


def in_transit(records: Iterable[Record], block_order: int) -> list[Span]:
    """Pages that the records of an operation, as far as they are done, have left in no chunk.

    Args:
        records: from the operation's first on.
        block_order: pageblock_order.

    Returns:
        ascending spans that do not touch.
    """
    loose: list[Span] = []
    for kind, _, a, b, where, value in records:
        name = KINDS[kind]
        if name in ("unlink", "prep", "link"):
            pages = 1 << a
        elif name in ("pcp_link", "pcp_unlink"):
            pages = 1 << (b & 0x0F) // 3
        elif name == "unprep":
            pages = 1 << (a & 0x0F)
        elif name == "run":
            pages = value
        elif name == "state":
            pages = 1 << (value >> 16)
        elif name == "fill":
            pages, where = 1 << block_order, where << block_order
        else:
            continue
        span = where, where + pages
        if name in ("unlink", "pcp_unlink", "unprep"):
            loose = _with(loose, span)
        elif name in ("link", "pcp_link", "prep"):
            loose = _without(loose, span)
        elif b == 0 and not (name == "fill" and value):
            loose = _with(loose, span)
        elif a == 0:
            loose = _without(loose, span)
    return loose


def _with(spans: list[Span], span: Span) -> list[Span]:
    first, last = span
    kept = []
    for left, right in spans:
        if right < first or left > last:
            kept.append((left, right))
        else:
            first, last = min(first, left), max(last, right)
    return sorted([*kept, (first, last)])


def _without(spans: list[Span], span: Span) -> list[Span]:
    first, last = span
    kept = []
    for left, right in spans:
        kept += [(left, min(right, first))] if left < first else []
        kept += [(max(left, last), right)] if right > last else []
    return [(left, right) for left, right in kept if left < right]
