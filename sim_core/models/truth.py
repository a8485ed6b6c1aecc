"""Words for each of the 256 truth tables, and the way back from words.

The eight with a name have the words of sim_core/models/table.py. For another the shortest sum
of conditions is sought, of the table or of its opposite: "if … and …, or if …", "unless …".
"""

from itertools import combinations, product
from typing import Final

from sim_core.models.table import (
    ALWAYS,
    BLOCK_IS_ISOLATE,
    BLOCK_IS_NOT_ISOLATE,
    LIST_IS_ISOLATE,
    LIST_IS_NOT_ISOLATE,
    NEVER,
    PASSED_IS_ISOLATE,
    PASSED_IS_NOT_ISOLATE,
    When,
)

FACTS: Final = ("the type passed in", "the pageblock", "the list")
"""What is asked of each, in the order of a context's bits: is it ISOLATE?"""

NAMED: Final[dict[When, str]] = {
    ALWAYS: "always",
    NEVER: "never",
    PASSED_IS_ISOLATE: "if passed",
    PASSED_IS_NOT_ISOLATE: "unless passed",
    BLOCK_IS_ISOLATE: "if block",
    BLOCK_IS_NOT_ISOLATE: "unless block",
    LIST_IS_ISOLATE: "if list",
    LIST_IS_NOT_ISOLATE: "unless list",
}
"""Tables with a name: in a word or two."""

_Condition = tuple[bool | None, bool | None, bool | None]
"""Of each fact: it must be so, must not be so, or is not asked."""


def _bits(condition: _Condition) -> int:
    """The contexts in which a condition holds."""
    return sum(
        1 << context
        for context in range(8)
        if all(asked in (None, bool(context >> i & 1)) for i, asked in enumerate(condition))
    )


_ASKED: Final = (None, True, False)
_CONDITIONS: Final[tuple[_Condition, ...]] = tuple(product(_ASKED, _ASKED, _ASKED))
_HOLDS: Final = {condition: _bits(condition) for condition in _CONDITIONS}


def _asked(condition: _Condition) -> int:
    return 3 - condition.count(None)


def _shortest(bits: int) -> tuple[_Condition, ...]:
    """The fewest conditions, asking the fewest facts, that together hold in just these contexts."""
    inside = [condition for condition in _CONDITIONS if _HOLDS[condition] & ~bits == 0]
    for n in range(1, 5):
        found = []
        for some in combinations(inside, n):
            covered = 0
            for condition in some:
                covered |= _HOLDS[condition]
            if covered == bits:
                found.append(some)
        if found:
            return min(found, key=lambda some: sum(map(_asked, some)))
    raise AssertionError("four conditions are enough for three facts")


def _told(condition: _Condition) -> str:
    """A condition in words, such as "the pageblock is ISOLATE and the list is not"."""
    held = [fact for fact, asked in zip(FACTS, condition, strict=True) if asked is True]
    denied = [fact for fact, asked in zip(FACTS, condition, strict=True) if asked is False]
    if len(held) == 3:
        return "all three are ISOLATE"
    if len(denied) == 3:
        return "none of the three is ISOLATE"
    parts = []
    if held:
        parts.append(f"{' and '.join(held)} {'is' if len(held) == 1 else 'are'} ISOLATE")
    if denied:
        whom = f"{denied[0]} is not" if len(denied) == 1 else f"neither {' nor '.join(denied)} is"
        parts.append(f"{whom}{'' if held else ' ISOLATE'}")
    return " and ".join(parts)


def _words(bits: int) -> str:
    for named in NAMED:
        if named.bits == bits:
            return named.words
    acts, rests = _shortest(bits), _shortest(0xFF ^ bits)
    if len(rests) < len(acts):
        return "unless " + ", or ".join(map(_told, rests))
    return "if " + ", or if ".join(map(_told, acts))


WORDS: Final = tuple(_words(bits) for bits in range(256))
"""Each table's words, by its bits."""
CONTEXTS: Final = tuple(_told((bool(c & 1), bool(c & 2), bool(c & 4))) for c in range(8))
"""Each context in words, by its number."""


def when(bits: int) -> When:
    """The table of these bits."""
    return When(bits, WORDS[bits])


def label(bits: int) -> str:
    """A table in a word or two; one without a name is told by how many cases it has."""
    for named, short in NAMED.items():
        if named.bits == bits:
            return short
    return f"{bits.bit_count()} of 8 cases"
