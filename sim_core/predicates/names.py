"""The table of names, to compile by, for completion, and for docs/PREDICATES.md."""

from typing import Final

from sim_core.predicates.nodenames import BLOCKS, HANDLES, NODE, PAGES
from sim_core.predicates.row import Name
from sim_core.predicates.zonenames import COUNTED, IDENTITIES, LISTS, MARKS, RECLAIM

SECTIONS: Final[dict[str, tuple[Name, ...]]] = {
    "Counters of a zone": COUNTED,
    "Its lists": LISTS,
    "Its marks": MARKS,
    "Its reclaim": RECLAIM,
    "Its identities": IDENTITIES,
    "The node": NODE,
    "Pageblocks": BLOCKS,
    "Pages": PAGES,
    "Handles": HANDLES,
}

NAMES: Final = tuple(name for rows in SECTIONS.values() for name in rows)
