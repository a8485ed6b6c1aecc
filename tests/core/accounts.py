"""In which account each page of a zone is: slow, from what can be seen of the pages one by one."""

from __future__ import annotations

from collections import Counter

from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.vocabulary import MIGRATETYPES
from tests.core.nodes import states_of

ISOLATE = MIGRATETYPES.index("ISOLATE")
SORTS = {2: "in use", 3: "in use", 4: "pcp", 5: "reserved", 6: "offline", 7: "hole"}
SORTS |= {8: "in use", 9: "in use"}
Account = tuple[str, int, int]


def accounts_of(node: Node, zone: int, pageblock_order: int) -> Counter[Account]:
    """(sort, order, migratetype) -> pages; order and type are 0 where the sort knows none."""
    zones = _read.zones(node)
    _, start, pages, _, _ = zones[zone]
    first_block = zones[0][1] >> pageblock_order
    types = _read.block_types(node)
    states, attrs = states_of(node, start, pages)
    found: Counter[Account] = Counter()
    head: tuple[int, int, int] | None = None
    end = 0
    for i, (state, attr) in enumerate(zip(states, attrs, strict=True)):
        if state >> 4:
            head, end = (state >> 4, state & 15, attr), i + (1 << (state & 15))
        if head is None or i >= end:
            found["in transit", 0, 0] += 1
            continue
        kind, order, of_head = head
        if kind == 1:
            block_type = types[((start + i) >> pageblock_order) - first_block]
            listed = of_head & 7
            stray = (listed == ISOLATE) != (block_type == ISOLATE)
            sort = "stray" if stray else "isolated" if listed == ISOLATE else "free"
            found[sort, order, listed] += 1
        elif SORTS[kind] == "in use":
            found["in use", order, of_head & 7] += 1
        elif SORTS[kind] == "pcp":
            found["pcp", order, of_head >> 4 & 3] += 1
        else:
            found[SORTS[kind], 0, 0] += 1
    return found
