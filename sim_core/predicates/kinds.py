"""What a value can be: a number, yes or no, one of a few words. Only what is alike is compared."""

from dataclasses import dataclass
from typing import Final

from sim_core.mm._read import VERDICTS
from sim_core.vocabulary import MIGRATETYPES


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes:
        title: with its article.
        words: of its values, from 0 up; none for numbers.
    """

    title: str
    words: tuple[str, ...] = ()


NUMBER: Final = Kind("a number")
TRUTH: Final = Kind("yes or no", ("no", "yes"))
TYPE: Final = Kind("a migratetype", MIGRATETYPES)
STATE: Final = Kind(
    "a page's state",
    (
        "TAIL",
        "FREE",
        "IN_USE",
        "PINNED",
        "PCP",
        "RESERVED",
        "OFFLINE",
        "HOLE",
        "MIGRATING",
        "HALF_FREED",
    ),
)
"""As sim_core/mm/page.pxd numbers them (PageKind >> 4)."""
VERDICT: Final = Kind("a verdict", VERDICTS)

CONSTANTS: Final[dict[str, tuple[Kind, int]]] = {
    word: (kind, value) for kind in (TYPE, STATE, VERDICT) for value, word in enumerate(kind.words)
}
"""Word -> its kind and value; no two kinds share one."""
