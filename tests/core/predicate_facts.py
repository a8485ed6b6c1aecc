"""What every name of a predicate is worth, by the readings that a lab has beside predicates."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from sim_core import MIGRATETYPES, Lab
from sim_core.mm import _read
from sim_core.predicates import NAMES, Name
from sim_core.vocabulary import PCPTYPES
from tests.core.nodes import FREE, FREEING, MIGRATING, ON_PCP, PINNED

CHUNKS = (FREE, 2, PINNED, ON_PCP, MIGRATING, FREEING)
"""Kinds of a page at which a chunk begins."""

IDENTITIES = {name.replace("-", "_"): i for i, name in enumerate(_read.IDENTITY_NAMES[:7])}

Fact = Callable[..., int | None]
"""(lab, slot of the zone, what was put in, as written) -> its value; None: there is none."""


class Told(NamedTuple):
    """A name with everything put in, and what came of the row for it."""

    text: str
    row: Name
    put: tuple[str | int, ...]


def counter(name: str) -> Fact:
    return lambda lab, slot: lab.counters(slot)[name]


def stat(name: str) -> Fact:
    return lambda lab, slot: _read.stats(lab.node, slot)[name]


def summary(name: str) -> Fact:
    return lambda lab, slot: lab.zone_summary(slot)[name]


def number(name: str) -> Fact:
    return lambda lab, slot: lab.node_numbers()[name]


def block(name: str) -> Fact:
    return lambda lab, slot, b: _read.block_counts(lab.node, b)[0][name]


def on_pcp(lab: Lab, slot: int, cpu: int, *types: str) -> int:
    return sum(
        1 << order for mt in types or PCPTYPES for _, _, order in lab.pcp_lists(cpu, mt, slot)
    )


def pages_of(lab: Lab, slot: int, mt: str) -> int:
    return sum(length << order for order, length in enumerate(lab.lists(slot)[mt]))


def of_chunk(lab: Lab, pfn: int, of_state: bool) -> int | None:
    state, attr = _read.page_record(lab.node, pfn)
    if state >> 4 not in CHUNKS:
        return None
    return state & 15 if of_state else attr & 7


def handle(lab: Lab, h: int, field: str) -> int | None:
    pfn = _read.pfn_of(lab.node, h)
    if field == "in_use":
        return pfn is not None
    if pfn is None:
        return None
    table = _read.handle_state(lab.node)[0]
    return {"pfn": pfn, "order": table[h][1], "owner": table[h][2]}[field]


SAME = (
    *("nr_free_pages", "nr_free_sum", "listed", "usable", "isolated", "stray", "pcp", "allocated"),
    *("offline", "reserved", "holes", "present", "spanned", "cma", "reserve", "allocs"),
    *("alloc_failed", "frees", "fallbacks", "pcp_drains", "migrated", "blocks_isolated"),
    *("blocks_offline", "watermark_ok", "watermark_true"),
)
"""Counters of a frame that predicates call the same."""

FACTS: dict[str, Fact] = {
    **{name: counter(name) for name in SAME},
    "nr_free_cma_pages": stat("NR_FREE_CMA_PAGES"),
    "nr_free_highatomic": stat("NR_FREE_HIGHATOMIC"),
    "nr_isolated_blocks": stat("nr_isolated_blocks"),
    "nr_reserved_highatomic": stat("nr_reserved_highatomic"),
    "nr_free[<order>]": lambda lab, slot, order: lab.nr_free(slot)[order],
    "list.<type>[<order>]": lambda lab, slot, mt, order: lab.lists(slot)[mt][order],
    "pages.<type>": pages_of,
    "pcp[<cpu>]": on_pcp,
    "pcp[<cpu>].<pcptype>": on_pcp,
    **{f"watermark.{mark}": counter(f"watermark_{mark}") for mark in ("min", "low", "high")},
    "free_safe": summary("free_safe"),
    "lowmem_reserve.<zone>": lambda lab, slot, zone: lab.lowmem_reserve(slot)[lab.slot_of(zone)],
    "lru_file": summary("lru_file"),
    "lru_anon": summary("lru_anon"),
    "pages_scanned": summary("pages_scanned"),
    "all_unreclaimable": summary("all_unreclaimable"),
    "given_up": summary("given_up"),
    "<identity>.broken": lambda lab, slot, name: (
        not _read.check(lab.node, slot)[IDENTITIES[name]][0]
    ),
    "op": lambda lab, slot: lab.op,
    "min_free_kbytes": number("min_free_kbytes"),
    "cpu": number("cpu"),
    "swap_free": number("swap_free"),
    **{
        f"kswapd.{name}": number(f"kswapd_{name}")
        for name in ("awake", "order", "class", "priority", "reclaimed")
    },
    "verdict": number("verdict"),
    "turns": number("turns"),
    "oom_kills": number("oom_kills"),
    "oom_victim": number("oom_victim"),
    "pageblock[<block>].type": lambda lab, slot, b: lab.block_types()[b],
    "pageblock[<block>].isolated": lambda lab, slot, b: lab.block_types()[b] == 6,
    "pageblock[<block>].in_use": block("allocated"),
    **{
        f"pageblock[<block>].{name}": block(name)
        for name in _read.BLOCK_FIELDS
        if name != "allocated"
    },
    "page[<pfn>].state": lambda lab, slot, pfn: _read.page_record(lab.node, pfn)[0] >> 4,
    "page[<pfn>].order": lambda lab, slot, pfn: of_chunk(lab, pfn, True),
    "page[<pfn>].type": lambda lab, slot, pfn: of_chunk(lab, pfn, False),
    **{
        f"handle[<handle>].{field}": lambda lab, slot, h, field=field: handle(lab, h, field)
        for field in ("in_use", "pfn", "order", "owner")
    },
}


def told_names(lab: Lab, draw: random.Random) -> Iterator[Told]:
    """Every spelling of every name, with everything that can be put in, or some of what is many."""
    zones = [span.zone for span in lab.config.spans]
    blocks = [b for some in lab.zone_blocks for b in some]
    pages = [pfn for span in lab.config.spans for pfn in range(span.start_pfn, span.end_pfn)]
    choices: dict[str, Sequence[str | int]] = {
        "<type>": list(MIGRATETYPES),
        "<pcptype>": list(PCPTYPES),
        "<identity>": list(IDENTITIES),
        "<zone>": zones,
        "[<order>]": list(range(lab.config.max_order)),
        "[<cpu>]": list(range(lab.config.cpus)),
        "[<block>]": draw.sample(blocks, 12),
        "[<pfn>]": draw.sample(pages, 40),
        "[<handle>]": [*range(20), 1 << 20, (1 << 32) - 2],
    }
    for row in NAMES:
        if row.whole and not lab.config.whole:
            continue
        for spelling, steps in zip((row.spelling, *row.aliases), row.spellings, strict=True):
            put_in = [step for step in steps if step in choices]
            for put in product(*(choices[step] for step in put_in)):
                text = spelling
                for step, value in zip(put_in, put, strict=True):
                    text = text.replace(step.strip("[]"), str(value), 1)
                yield Told(text, row, put)
