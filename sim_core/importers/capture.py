"""A set of /proc files read together: every node and zone of them, and what is doubtful.

The files are read one after the other while the machine runs, so they need not agree. Where they
do not, a Note says that they were read at different instants; nothing is called broken for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sim_core.errors import InputError
from sim_core.importers.buddyinfo import BuddyInfo, BuddyZone, read_buddyinfo
from sim_core.importers.counts import Count
from sim_core.importers.pagetypeinfo import (
    TYPE_NAMES,
    FreeRow,
    PageTypeInfo,
    PageTypeZone,
    ZoneKey,
    read_pagetypeinfo,
)
from sim_core.importers.source import Kind, SourceText, decode, recognise
from sim_core.importers.span import span_of
from sim_core.importers.zoneinfo import ZoneFacts, ZoneInfo, read_zoneinfo

MAX_BYTES = 4 << 20
"""Bytes that one file may have unless the caller says otherwise."""

CAPPED_AT = 100_000
"""Where kernels from 5.4 on stop counting a free list and print `>100000`."""

NoteKind = Literal["different-instants", "at-least", "resolved", "wrapped", "cut", "unpopulated"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about the files: a sentence, and what it is about."""

    kind: NoteKind
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class ZoneCapture:
    """One zone, as far as the files tell. Types are vocabulary ids.

    Attributes:
        node: node number.
        name: zone name.
        free: list lengths by type, then by order; empty if pagetypeinfo does not have the zone.
        blocks: pageblocks by type, or None.
        nr_free: buddyinfo's counters by order, or None.
        facts: zoneinfo's part, or None.
        populated: whether it has any memory.
        obstacle: why it cannot be run, as a sentence; None if it can.
    """

    node: int
    name: str
    free: Mapping[int, FreeRow]
    blocks: Mapping[int, int] | None
    nr_free: tuple[Count, ...] | None
    facts: ZoneFacts | None
    populated: bool
    obstacle: str | None

    @property
    def key(self) -> ZoneKey:
        """Node number and zone name."""
        return self.node, self.name

    @property
    def where(self) -> str:
        """The zone in words."""
        return f"node {self.node}, zone {self.name}"

    @property
    def free_pages(self) -> int:
        """Pages on the free lists (at least, if a list is not counted to its end)."""
        return sum(
            count.value << order
            for row in self.free.values()
            for order, count in enumerate(row.counts)
        )


@dataclass(frozen=True, slots=True)
class ProcCapture:
    """The files as read, and the zones put together from them.

    Attributes:
        pagetypeinfo: always there.
        buddyinfo: None if not given.
        zoneinfo: None if not given.
        zones: pagetypeinfo's, in its order, then those that only the other files have.
        notes: what a person should know.
        sources: the text of each file.
    """

    pagetypeinfo: PageTypeInfo
    buddyinfo: BuddyInfo | None
    zoneinfo: ZoneInfo | None
    zones: tuple[ZoneCapture, ...]
    notes: tuple[Note, ...]
    sources: Mapping[Kind, SourceText]

    @property
    def pageblock_order(self) -> int:
        """Order of a pageblock."""
        return self.pagetypeinfo.pageblock_order

    @property
    def max_order(self) -> int:
        """Number of orders (exclusive bound)."""
        return self.pagetypeinfo.max_order

    @property
    def runnable(self) -> tuple[ZoneCapture, ...]:
        """The zones that a lab can run."""
        return tuple(zone for zone in self.zones if zone.obstacle is None)

    def zone(self, node: int, name: str) -> ZoneCapture | None:
        """Find the zone of that node and name, if the files have it."""
        return next((zone for zone in self.zones if zone.key == (node, name)), None)


def read_capture(files: Iterable[tuple[str, bytes]], *, max_bytes: int = MAX_BYTES) -> ProcCapture:
    """Read /proc/pagetypeinfo, and buddyinfo and zoneinfo if they are among `files`.

    Args:
        files: name and contents of each; the kind is told by the contents.
        max_bytes: bytes that one file may have.

    Raises:
        InputError: a file is not what it should be, comes twice, or pagetypeinfo is missing.
    """
    return from_sources((decode(name, data, max_bytes=max_bytes) for name, data in files))


def from_sources(texts: Iterable[SourceText]) -> ProcCapture:
    """As read_capture, from files already split into lines."""
    sources: dict[Kind, SourceText] = {}
    for source in texts:
        kind = recognise(source)
        if kind in sources:
            raise InputError(
                source.name,
                None,
                "each kind of file once",
                f"a second {kind} (the first is {sources[kind].name})",
            )
        sources[kind] = source
    if "pagetypeinfo" not in sources:
        names = ", ".join(source.name for source in sources.values()) or "no files"
        raise InputError(
            names,
            None,
            "/proc/pagetypeinfo among the files (buddyinfo and zoneinfo only add to it)",
            "files without it" if sources else "none",
        )
    types = read_pagetypeinfo(sources["pagetypeinfo"])
    buddy = read_buddyinfo(sources["buddyinfo"]) if "buddyinfo" in sources else None
    info = read_zoneinfo(sources["zoneinfo"]) if "zoneinfo" in sources else None
    if buddy is not None and buddy.max_order != types.max_order:
        raise sources["buddyinfo"].refuse(
            buddy.zones[0].line,
            f"{types.max_order} counts, one for each order of {types.file}",
            str(buddy.max_order),
        )
    notes: list[Note] = []
    if not types.ended:
        notes.append(
            Note(
                "cut",
                f"{types.file} has no line end after its last number: it may be cut short.",
                types.file,
            )
        )
    zones = _assemble(types, buddy, info, notes)
    return ProcCapture(types, buddy, info, zones, tuple(notes), sources)


def _assemble(
    types: PageTypeInfo, buddy: BuddyInfo | None, info: ZoneInfo | None, notes: list[Note]
) -> tuple[ZoneCapture, ...]:
    listed = {zone.key: zone for zone in types.zones}
    counters = {zone.key: zone for zone in buddy.zones} if buddy else {}
    facts = {zone.key: zone for zone in info.zones} if info else {}
    zones = []
    for key in dict.fromkeys([*listed, *counters, *facts]):
        zone = _zone(key, types, listed.get(key), counters.get(key), facts.get(key), notes)
        zones.append(zone)
        if zone.populated:
            given: list[tuple[str, Mapping[ZoneKey, object]]] = [(types.file, listed)]
            if buddy:
                given.append((buddy.file, counters))
            if info:
                given.append((info.file, facts))
            missing = [file for file, having in given if key not in having]
            if missing:
                notes.append(
                    Note(
                        "different-instants",
                        f"{zone.where} is not in {' nor '.join(missing)}: "
                        "read at different instants.",
                        zone.where,
                    )
                )
    return tuple(zones)


def _zone(
    key: ZoneKey,
    types: PageTypeInfo,
    listed: PageTypeZone | None,
    counters: BuddyZone | None,
    facts: ZoneFacts | None,
    notes: list[Note],
) -> ZoneCapture:
    node, name = key
    where = f"node {node}, zone {name}"
    nr_free = counters.nr_free if counters else None
    free: Mapping[int, FreeRow] = listed.free if listed else {}
    blocks = listed.blocks if listed else None
    if free:
        free = _resolve_capped(free, nr_free, where, notes)
    populated = bool(
        (facts and facts.spanned)
        or any(count.value for row in free.values() for count in row.counts)
        or (blocks and any(blocks.values()))
        or (nr_free and any(count.value for count in nr_free))
    )
    obstacle = None
    if not populated:
        obstacle = f"{where} has no memory."
    elif not free:
        obstacle = f"{where} has no free lists in {types.file}."
    elif blocks is None and not (facts and facts.spanned):
        obstacle = (
            f"{where} has no known size: {types.file} has no numbers of blocks for it, "
            "and no zoneinfo tells its span."
        )
    zone = ZoneCapture(node, name, free, blocks, nr_free, facts, populated, obstacle)
    if not populated:
        notes.append(Note("unpopulated", f"{obstacle} It is kept and cannot be run.", where))
    elif listed is not None and blocks is None:
        notes.append(
            Note("cut", f"{types.file} does not give the numbers of blocks of {where}.", where)
        )
    _note_differences(zone, types, notes)
    if obstacle is None:
        _check_fit(zone, types)
    return zone


def _resolve_capped(
    free: Mapping[int, FreeRow],
    nr_free: Sequence[Count] | None,
    where: str,
    notes: list[Note],
) -> dict[int, FreeRow]:
    """Replace `>100000` by buddyinfo's number less the other types' where that decides it."""
    rows = {mtype: list(row.counts) for mtype, row in free.items()}
    for order in range(len(next(iter(rows.values())))):
        capped = [mtype for mtype, counts in rows.items() if counts[order].at_least]
        if not capped:
            continue
        names = " and ".join(TYPE_NAMES[mtype] for mtype in capped)
        count = rows[capped[0]][order]
        if len(capped) == 1 and nr_free is not None and not nr_free[order].wrapped:
            others = sum(c[order].value for mtype, c in rows.items() if mtype != capped[0])
            rest = nr_free[order].value - others
            if rest >= count.value:
                rows[capped[0]][order] = replace(count, value=rest, at_least=False)
                notes.append(
                    Note(
                        "resolved",
                        f"{where}, type {names}, order {order}: {count.text} is taken as {rest}, "
                        "which is buddyinfo's number less the other types'.",
                        where,
                    )
                )
                continue
        notes.append(
            Note(
                "at-least",
                f"{where}, type {names}, order {order}: the kernel stopped counting at "
                f"{count.value}, and nothing tells how many more there are; "
                "the number is a lower bound.",
                where,
            )
        )
    return {mtype: FreeRow(free[mtype].line, tuple(counts)) for mtype, counts in rows.items()}


def _note_differences(zone: ZoneCapture, types: PageTypeInfo, notes: list[Note]) -> None:
    """Compare the files with one another, order by order and as a whole."""
    if zone.nr_free is not None:
        for order, count in enumerate(zone.nr_free):
            if count.wrapped:
                notes.append(
                    Note(
                        "wrapped",
                        f"{zone.where}, order {order}: buddyinfo's counter is below zero "
                        f"({count.text} is {count.signed}).",
                        zone.where,
                    )
                )
    if not zone.free:
        return
    if zone.nr_free is not None:
        differing = []
        for order, count in enumerate(zone.nr_free):
            cells = [row.counts[order] for row in zone.free.values()]
            total = sum(cell.value for cell in cells)
            uncounted = any(cell.at_least for cell in cells)
            if (
                not count.wrapped
                and total != count.value
                and not (uncounted and total < count.value)
            ):
                differing.append(f"order {order}: {total} and {count.value}")
        if differing:
            notes.append(
                Note(
                    "different-instants",
                    f"{zone.where}: the lists of {types.file} and buddyinfo were read at "
                    f"different instants ({'; '.join(differing)}).",
                    zone.where,
                )
            )
    capped = any(count.at_least for row in zone.free.values() for count in row.counts)
    if zone.facts is not None and not capped and zone.facts.free != zone.free_pages:
        notes.append(
            Note(
                "different-instants",
                f"{zone.where}: {types.file} has {zone.free_pages} free pages and zoneinfo "
                f"{zone.facts.free}: read at different instants.",
                zone.where,
            )
        )


def _check_fit(zone: ZoneCapture, types: PageTypeInfo) -> None:
    """Refuse counts of more pages than the zone spans, naming the row that is too much."""
    span = span_of(zone.name, zone.blocks, zone.facts, types.pageblock_order, types.max_order)
    total = 0
    for mtype, row in zone.free.items():
        pages = sum(count.value << order for order, count in enumerate(row.counts))
        total += pages
        if total > span.spanned:
            before = total - pages
            raise InputError(
                types.file,
                row.line,
                f"free chunks that fit the {span.spanned} pages of {zone.where}",
                f"{pages} pages on the lists of type {TYPE_NAMES[mtype]}"
                + (f" after {before} on those above" if before else ""),
            )
