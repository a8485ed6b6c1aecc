"""Reader of /proc/pagetypeinfo (mm/vmstat.c, pagetypeinfo_show; 3.5 to 6.18).

The kernel prints one part for each node with memory: the pageblock order, the length of every free
list, the number of pageblocks of each type, and, with page_owner, the number of mixed pageblocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sim_core.errors import InputError
from sim_core.importers.counts import Count, read_count, read_plain
from sim_core.importers.source import SourceText, shown
from sim_core.vocabulary import MAX_ORDERS, MIGRATETYPES, PROC_NAMES

TYPE_IDS: dict[str, int] = {PROC_NAMES[name]: i for i, name in enumerate(MIGRATETYPES)}
TYPE_NAMES: tuple[str, ...] = tuple(TYPE_IDS)

_PAGEBLOCK_ORDER = re.compile(r"Page block order:\s*(\S+)\Z")
_PAGEBLOCK_PAGES = re.compile(r"Pages per block:\s*(\S+)\Z")
_FREE = "Free pages count per migrate type at order"
_BLOCKS = "Number of blocks type"
_MIXED = "Number of mixed blocks"
_FREE_ROW = re.compile(r"Node\s+(\d{1,4}), zone\s+(\w{1,16}), type\s+(\w+)(?:\s+(.*))?\Z")
_BLOCK_ROW = re.compile(r"Node\s+(\d{1,4}), zone\s+(\w{1,16})(?:\s+(.*))?\Z")

ZoneKey = tuple[int, str]
"""Node number and zone name."""


@dataclass(frozen=True, slots=True)
class FreeRow:
    """Lengths of one type's free lists, by order; `line` is where the file says so."""

    line: int
    counts: tuple[Count, ...]


@dataclass(slots=True)
class PageTypeZone:
    """One zone of the file. Types are vocabulary ids.

    `blocks` (pageblocks by type) and `mixed` are None where the file has no such row.
    """

    node: int
    name: str
    line: int
    free: dict[int, FreeRow] = field(default_factory=dict)
    blocks: dict[int, int] | None = None
    mixed: dict[int, int] | None = None

    @property
    def key(self) -> ZoneKey:
        """Node number and zone name."""
        return self.node, self.name


@dataclass(frozen=True, slots=True)
class PageTypeInfo:
    """A read /proc/pagetypeinfo.

    Attributes:
        file: its name.
        pageblock_order: order of a pageblock.
        max_order: number of orders (exclusive bound).
        types: vocabulary ids in the order of the file's rows and columns.
        zones: in the order of the file.
        ended: false if the last line has no line end.
    """

    file: str
    pageblock_order: int
    max_order: int
    types: tuple[int, ...]
    zones: tuple[PageTypeZone, ...]
    ended: bool


def read_pagetypeinfo(source: SourceText) -> PageTypeInfo:
    """Read the file's text.

    Raises:
        InputError: the text is not what the kernel prints; the error names the line.
    """
    return _Reader(source).read()


class _Reader:
    """Walks the lines once; `at` is the index of the line to be read next."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.at = 0
        self.pageblock_order: int | None = None
        self.max_order: int | None = None
        self.types: tuple[int, ...] | None = None
        self.zones: dict[ZoneKey, PageTypeZone] = {}

    def read(self) -> PageTypeInfo:
        while self.peek() is not None:
            self.read_geometry()
            zones = self.read_free_rows()
            self.read_block_rows(_BLOCKS, zones)
            self.read_block_rows(_MIXED, zones)
        if self.pageblock_order is None or self.max_order is None or self.types is None:
            raise self.source.refuse_end('"Page block order:"')
        return PageTypeInfo(
            self.source.name,
            self.pageblock_order,
            self.max_order,
            self.types,
            tuple(self.zones.values()),
            self.source.ended,
        )

    # Lines

    def peek(self) -> str | None:
        """Find the next line that is not blank; None at the end of the file."""
        lines = self.source.lines
        while self.at < len(lines) and lines[self.at] == "":
            self.at += 1
        return lines[self.at] if self.at < len(lines) else None

    def take(self, expected: str) -> str:
        line = self.peek()
        if line is None:
            raise self.source.refuse_end(expected)
        self.at += 1
        return line

    def refuse(self, expected: str, got: str | None = None) -> InputError:
        """Make the error for the line taken last."""
        return self.source.refuse(self.at, expected, got)

    # Parts

    def read_geometry(self) -> None:
        expected = '"Page block order: <order>"'
        match = _PAGEBLOCK_ORDER.match(self.take(expected))
        if match is None:
            raise self.refuse(expected)
        order = read_plain(self.source, self.at, match.group(1), "the pageblock order")
        if order >= MAX_ORDERS:
            raise self.refuse(f"a pageblock order from 0 to {MAX_ORDERS - 1}", str(order))
        if self.pageblock_order not in (None, order):
            raise self.refuse(
                f"the pageblock order {self.pageblock_order} of the first node", str(order)
            )
        self.pageblock_order = order

        expected = f'"Pages per block:  {1 << order}", 2 to the power of the order above'
        match = _PAGEBLOCK_PAGES.match(self.take(expected))
        if match is None or match.group(1) != str(1 << order):
            raise self.refuse(expected)

        expected = f'"{_FREE}" and the orders 0, 1, 2, …'
        line = self.take(expected)
        if not line.startswith(_FREE):
            raise self.refuse(expected)
        orders = line.removeprefix(_FREE).split()
        count = len(orders)
        if orders != [str(o) for o in range(count)] or not order < count <= MAX_ORDERS:
            raise self.refuse(
                f"the orders 0, 1, 2, … up to at least the pageblock order {order} "
                f"and at most {MAX_ORDERS - 1}"
            )
        if self.max_order not in (None, count):
            raise self.refuse(f"{self.max_order} orders, as for the first node", str(count))
        self.max_order = count

    def read_free_rows(self) -> dict[ZoneKey, PageTypeZone]:
        """Read the rows of one node's free lists; returns the zones they are of, in order."""
        zones: dict[ZoneKey, PageTypeZone] = {}
        expected = '"Node <n>, zone <name>, type <name>" and the counts'
        while (line := self.peek()) is not None and line.startswith("Node"):
            self.at += 1
            match = _FREE_ROW.match(line)
            if match is None:
                raise self.refuse(expected)
            node, name, type_name, counts = match.groups()
            key = (int(node), name)
            zone = self.zones.get(key)
            if zone is None:
                zone = self.zones[key] = PageTypeZone(int(node), name, self.at)
            zones[key] = zone
            mtype = self.type_id(type_name)
            if mtype in zone.free:
                raise self.refuse(
                    f"each row once, but node {node}, zone {name}, type {type_name} "
                    f"is already on line {zone.free[mtype].line}"
                )
            zone.free[mtype] = FreeRow(self.at, self.free_counts(counts, key, type_name))
        if not zones:
            if line is None:
                raise self.source.refuse_end(expected)
            self.at += 1
            raise self.refuse(expected)
        self.check_types(zones)
        return zones

    def free_counts(self, text: str | None, key: ZoneKey, type_name: str) -> tuple[Count, ...]:
        row = f"node {key[0]}, zone {key[1]}, type {type_name}"
        what = f"the length of a free list ({row})"
        tokens = (text or "").split()
        self.check_columns(tokens, self.max_order or 0, f"counts, one for each order ({row})")
        counts = []
        for token in tokens:
            count = read_count(self.source, self.at, token, what)
            if count.wrapped:
                raise self.refuse(
                    f"{what}: it cannot be below zero, only the counters of buddyinfo can",
                    shown(token),
                )
            counts.append(count)
        return tuple(counts)

    def check_types(self, zones: dict[ZoneKey, PageTypeZone]) -> None:
        """Every zone has a row for each type that the first zone has."""
        if self.types is None:
            self.types = tuple(next(iter(zones.values())).free)
        for zone in zones.values():
            for mtype in self.types:
                if mtype not in zone.free:
                    missing = f"node {zone.node}, zone {zone.name}, type {TYPE_NAMES[mtype]}"
                    last = max(row.line for row in zone.free.values())
                    raise self.source.refuse(
                        last, f"a row for {missing} as well", "no such row in the file"
                    )
            for mtype, row in zone.free.items():
                if mtype not in self.types:
                    raise self.source.refuse(
                        row.line,
                        "the types that the first zone has: "
                        + ", ".join(TYPE_NAMES[t] for t in self.types),
                        TYPE_NAMES[mtype],
                    )

    def read_block_rows(self, title: str, zones: dict[ZoneKey, PageTypeZone]) -> None:
        """Read a table of pageblock numbers, if it comes next; a file may end before it."""
        line = self.peek()
        if line is None or not line.startswith(title):
            if line is not None and not line.startswith((_MIXED, "Page block order")):
                self.at += 1
                raise self.refuse(f'one more row, "{_BLOCKS}", "{_MIXED}" or the next node\'s part')
            return
        self.at += 1
        types = [self.type_id(name) for name in line.removeprefix(title).split()]
        if len(set(types)) != len(types) or set(types) != set(self.types or ()):
            raise self.refuse(
                "a column for each type that has rows above: "
                + ", ".join(TYPE_NAMES[t] for t in self.types or ())
            )
        expected = '"Node <n>, zone <name>" and the numbers of blocks'
        while (line := self.peek()) is not None and line.startswith("Node"):
            self.at += 1
            match = _BLOCK_ROW.match(line)
            if match is None:
                raise self.refuse(expected)
            node, name, text = match.groups()
            zone = zones.get((int(node), name))
            if zone is None:
                raise self.refuse(f"a zone that has rows above, not node {node}, zone {name}")
            tokens = (text or "").split()
            row = f"node {node}, zone {name}"
            self.check_columns(tokens, len(types), f"numbers, one for each type ({row})")
            what = f"a number of blocks ({row})"
            numbers = {
                mtype: read_plain(self.source, self.at, token, what)
                for mtype, token in zip(types, tokens, strict=True)
            }
            if (zone.blocks if title == _BLOCKS else zone.mixed) is not None:
                raise self.refuse(f'each zone once below "{title}", but {row} comes twice')
            if title == _BLOCKS:
                zone.blocks = numbers
            else:
                zone.mixed = numbers

    # Pieces of a line

    def type_id(self, name: str) -> int:
        mtype = TYPE_IDS.get(name)
        if mtype is None:
            raise self.refuse("a migratetype: " + ", ".join(TYPE_NAMES), shown(name))
        return mtype

    def check_columns(self, tokens: list[str], wanted: int, what: str) -> None:
        if len(tokens) == wanted:
            return
        got = str(len(tokens))
        if self.at == len(self.source.lines):
            got += ", and the file ends here: is it cut?"
        raise self.refuse(f"{wanted} {what}", got)
