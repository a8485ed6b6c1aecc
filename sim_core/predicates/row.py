"""A row of the table of names, and what may have to be put into a spelling."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from sim_core.predicates.kinds import NUMBER, Kind

PARAMETERS: Final[dict[str, str]] = {
    "order": "0 … `max_order` - 1",
    "type": "a migratetype",
    "pcptype": "a migratetype that has pcp lists: UNMOVABLE, RECLAIMABLE or MOVABLE",
    "identity": "I1, I1x, I2, I2x, I3, I4 or I5_iso; the others take a walk over all pages",
    "zone": "a zone of the node, by its name",
    "cpu": "0 … CPUs - 1",
    "block": "a pageblock of any zone, as the node numbers them",
    "pfn": "a page of any zone, by its PFN",
    "handle": "what stands for a chunk from its allocation to its free, and then for another one",
}
"""What stands in angle brackets in a spelling."""

ANY: Final = "any; below 0 where a model makes it so"
UP: Final = "0 …"


@dataclass(frozen=True)
class Name:
    """Something that a predicate can read.

    Attributes:
        spelling: words joined by dots; in angle brackets what has to be put in, of PARAMETERS.
        words: what it says, in one sentence.
        unit: of a number; "" where it has none.
        bounds: of a number; of another kind its words.
        source: the C value, of zone_t *z, memory_t *m, block b, page p, handle h.
        leaf, which: what reads it (sim_core/mm/leaf.pxd).
        of: whether there is one in each zone, and `zone.<zone>.` may stand before it.
        whole: a bare zone has no such thing.
        aliases: other spellings.
    """

    spelling: str
    words: str
    unit: str
    bounds: str
    source: str
    leaf: str
    which: int = 0
    kind: Kind = NUMBER
    of: Literal["zone", "node"] = "zone"
    whole: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        """Every spelling in steps: `word`, `<parameter>` and `[<parameter>]`."""
        return tuple(
            tuple(re.findall(r"\[<\w+>\]|<\w+>|\w+", spelling))
            for spelling in (self.spelling, *self.aliases)
        )
