"""What one can ask about (a counter, a list, a pageblock, a page, a handle), and which records of
the log may have changed it.
"""

from dataclasses import dataclass
from typing import Final

from sim_core.config import LabConfig, ZoneSpan
from sim_core.errors import RefusedError
from sim_core.lognames import KINDS
from sim_core.mm import _read, _why
from sim_core.placed import Placed
from sim_core.vocabulary import MIGRATETYPES, PCP_ORDERS, PCPTYPES, migratetype_id

Kinds = tuple[tuple[int, int, int], ...]
"""(kind of record, bits of its a, bits of its b)"""

_ANY: Final = _why.ANY
_ISOLATE: Final = 1 << migratetype_id("ISOLATE")
_LISTS: Final = {
    "listed": _ANY,
    "usable": _ANY ^ _ISOLATE,
    "isolated": _ISOLATE,
    "cma": 1 << migratetype_id("CMA"),
    "reserve": 1 << migratetype_id("RESERVE") | 1 << migratetype_id("HIGHATOMIC"),
}
"""Counters that are a sum over free lists -> the types, a bit each."""
_STATS: Final = {
    "nr_free_pages": "NR_FREE_PAGES",
    "present": "present_pages",
    "reserved": "reserved",
    "offline": "offline",
    "alloc_failed": "alloc_failed",
    "fallbacks": "fallbacks",
    "pcp_drains": "pcp_drains",
    "migrated": "migrated",
}
"""Counters of a frame that are one of the zone's own numbers. The others of those can be asked for
by their own names.
"""
_LRU, _ANON = 8, 63
_OF_ATTR: Final = {
    "allocated": _ANY,
    "lru_file": sum(1 << attr for attr in range(_ANON) if attr & _LRU),
    "lru_anon": 1 << _ANON,
}
"""Numbers that go up and down as chunks with some attributes (sim_core/mm/page.pxd) are handed out
and given back; anonymous ones, all on the LRU, are those from 64 up.
"""
_WATERMARKS: Final = ("watermark_min", "watermark_low", "watermark_high")
_OF_CHUNKS: Final = (
    *("link", "unlink", "pcp_link", "pcp_unlink", "prep", "unprep"),
    *("state", "run", "fill", "rebind"),
)


@dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
        counter: the name of one, of a zone or of the node.
        order: with `migratetype` a free list, alone an nr_free, with `pcp` a list of that CPU.
        block, pfn, handle: one of those.
        zone: slot of the zone that a counter or a list is of.
    """

    counter: str | None = None
    order: int | None = None
    migratetype: str | None = None
    pcp: int | None = None
    block: int | None = None
    pfn: int | None = None
    handle: int | None = None
    zone: int = 0


@dataclass(frozen=True)
class Wanted:
    """As sim_core/mm/_why.pyx takes it; of a derived counter only its name counts."""

    kinds: Kinds = ()
    pages: tuple[int, int] | None = None
    handle: int | None = None
    net: bool = False
    derived: str | None = None


def counters(config: LabConfig) -> tuple[str, ...]:
    """Names of counters whose changes the log tells."""
    own = [name for name in _read.STAT_NAMES if name not in _STATS.values()]
    node = _read.NODE_NAMES if config.whole else ()
    sums = ("nr_free_sum", *_LISTS, "pcp", "blocks_isolated", "holes")
    return (*_STATS, *sums, *_why.DERIVED, *_WATERMARKS, *own, *node)


def wanted(subject: Subject, lab: Placed) -> Wanted:
    """What to look for.

    Raises:
        RefusedError: it names nothing, or what there is not.
    """
    span = lab.config.spans[subject.zone]
    if subject.counter is not None:
        return _of_counter(subject.counter, subject.zone, lab.config, span)
    if subject.pcp is not None:
        return _of_pcp(subject, lab.config, span)
    if subject.order is not None:
        return _of_order(subject, lab.config, span)
    if subject.block is not None:
        return _of_block(subject.block, lab)
    if subject.pfn is not None:
        if not any(span.start_pfn <= subject.pfn < span.end_pfn for span in lab.config.spans):
            raise RefusedError("no zone has that page", field="pfn", allowed=_extents(lab.config))
        return Wanted(_kinds(*_OF_CHUNKS), (subject.pfn, 1))
    if subject.handle is not None:
        return Wanted(_kinds("prep", "unprep", "state", "handle", "rebind"), handle=subject.handle)
    raise RefusedError(
        "nothing is asked about",
        field="counter",
        allowed="counter; order; order and migratetype; pcp, order and migratetype; "
        "block; pfn; handle",
    )


def _extents(config: LabConfig) -> str:
    return ", ".join(f"{span.start_pfn} … {span.end_pfn - 1}" for span in config.spans)


def _of_block(block: int, lab: Placed) -> Wanted:
    if not any(block in blocks for blocks in lab.zone_blocks):
        raise RefusedError(
            "no zone has that pageblock",
            field="block",
            allowed=", ".join(f"{blocks[0]} … {blocks[-1]}" for blocks in lab.zone_blocks),
        )
    order = lab.config.pageblock_order
    first = lab.first_block_pfn + (block << order)
    return Wanted(_kinds(*_OF_CHUNKS, "block_type"), (first, 1 << order))


def _kinds(*names: str, a: int = _ANY, b: int = _ANY) -> Kinds:
    return tuple((KINDS.index(name), a, b) for name in names)


def _pages(span: ZoneSpan) -> tuple[int, int]:
    return span.start_pfn, span.spanned_pages


def _of_counter(name: str, slot: int, config: LabConfig, span: ZoneSpan) -> Wanted:
    if name in _LISTS:
        return Wanted(_kinds("link", "unlink", b=_LISTS[name]), _pages(span), net=True)
    if name == "pcp":
        return Wanted(_kinds("pcp_link", "pcp_unlink"), _pages(span), net=True)
    if name == "blocks_isolated":
        return Wanted(_kinds("block_type"), _pages(span), net=True)
    if name == "holes":
        return Wanted()  # boot alone makes them
    if name in _why.DERIVED:
        return Wanted(derived=name, net=True)
    if name == "nr_free_sum":
        return Wanted(_kinds("nr_free", b=1 << slot), net=True)
    if name in _WATERMARKS:
        return Wanted(_kinds("watermark", a=1 << _WATERMARKS.index(name), b=1 << slot))
    if name in _read.NODE_NAMES and config.whole:
        return Wanted(_kinds("node", a=1 << _read.NODE_NAMES.index(name)))
    stat = _STATS.get(name, name)
    if stat not in _read.STAT_NAMES:
        raise RefusedError(
            f"the log tells of no counter {name[:40]}",
            field="counter",
            allowed=", ".join(counters(config)),
        )
    kinds = _kinds("stat", a=1 << _read.STAT_NAMES.index(stat), b=1 << slot)
    if stat in _OF_ATTR:
        kinds = (*kinds, *_kinds("prep", "unprep", b=_OF_ATTR[stat]))
        return Wanted(kinds, _pages(span), net=True)
    if stat in ("allocs", "frees"):
        kinds = (*kinds, *_kinds("prep" if stat == "allocs" else "unprep"))
        return Wanted(kinds, _pages(span))
    return Wanted(kinds)


def _of_order(subject: Subject, config: LabConfig, span: ZoneSpan) -> Wanted:
    order = subject.order
    assert order is not None
    if not 0 <= order < config.max_order:
        raise RefusedError("no such order", field="order", allowed=f"0 … {config.max_order - 1}")
    if subject.migratetype is None:
        return Wanted(_kinds("nr_free", a=1 << order, b=1 << subject.zone))
    mt = migratetype_id(subject.migratetype)
    return Wanted(_kinds("link", "unlink", a=1 << order, b=1 << mt), _pages(span))


def _of_pcp(subject: Subject, config: LabConfig, span: ZoneSpan) -> Wanted:
    order = subject.order or 0
    assert subject.pcp is not None
    if not 0 <= subject.pcp < config.cpus:
        raise RefusedError("no such CPU", field="pcp", allowed=f"0 … {config.cpus - 1}")
    if not 0 <= order < PCP_ORDERS:
        raise RefusedError("no such list", field="order", allowed=f"0 … {PCP_ORDERS - 1}")
    if subject.migratetype not in PCPTYPES:
        raise RefusedError(
            f"{subject.migratetype} has no pcp list",
            field="migratetype",
            allowed=", ".join(PCPTYPES),
        )
    place = len(PCPTYPES) * order + MIGRATETYPES.index(subject.migratetype)
    kinds = _kinds("pcp_link", "pcp_unlink", a=1 << subject.pcp, b=1 << place)
    return Wanted(kinds, _pages(span))
