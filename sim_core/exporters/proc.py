"""Writers of /proc/pagetypeinfo and /proc/buddyinfo, byte for byte as the kernel prints them.

Lines end in LF and keep the trailing blank that the kernel leaves; a file that came with CRLF goes
out with LF, its names, columns and numbers unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sim_core.errors import SimError
from sim_core.importers.capture import CAPPED_AT, ProcCapture
from sim_core.importers.counts import U64
from sim_core.importers.pagetypeinfo import TYPE_IDS, TYPE_NAMES

_RESERVE = TYPE_IDS["Reserve"]
_HIGHATOMIC = TYPE_IDS["HighAtomic"]


class ExportError(SimError):
    """The numbers at hand do not make the file asked for."""


@dataclass(frozen=True, slots=True)
class LiveZone:
    """One zone's numbers at this moment. Types are vocabulary ids.

    Attributes:
        node: node number.
        name: zone name.
        lists: true list lengths by type, then by order; types left out have none.
        blocks: pageblocks by type; types left out have none.
        nr_free: the counters by order, signed as stored.
    """

    node: int
    name: str
    lists: Mapping[int, Sequence[int]]
    blocks: Mapping[int, int]
    nr_free: Sequence[int]


@dataclass(frozen=True, slots=True)
class TypeRows:
    """One zone of a pagetypeinfo, as texts by printed type name; no blocks: no such row."""

    node: int
    name: str
    free: Mapping[str, Sequence[str]]
    blocks: Mapping[str, int] | None
    mixed: Mapping[str, int] | None = field(default=None)


def render_pagetypeinfo(
    pageblock_order: int, max_order: int, type_names: Sequence[str], zones: Sequence[TypeRows]
) -> str:
    """Write /proc/pagetypeinfo: one part for each run of zones of one node."""
    parts = []
    for _, group in groupby(zones, key=lambda zone: zone.node):
        parts += _render_node(pageblock_order, max_order, type_names, list(group))
    return "".join(parts)


def _render_node(
    pageblock_order: int, max_order: int, type_names: Sequence[str], zones: Sequence[TypeRows]
) -> list[str]:
    lines = [
        f"Page block order: {pageblock_order}\n",
        f"Pages per block:  {1 << pageblock_order}\n",
        "\n",
        f"{'Free pages count per migrate type at order':<43} "
        + "".join(f"{order:6d} " for order in range(max_order))
        + "\n",
    ]
    for zone in zones:
        for name in type_names:
            # The kernel pads the number to six and puts the mark of an unfinished count before
            # the padding; such a number has six digits, so the two never part.
            cells = "".join(f"{cell:>6} " for cell in zone.free[name])
            lines.append(f"Node {zone.node:4d}, zone {zone.name:>8}, type {name:>12} {cells}\n")
    for title, tables in (
        ("Number of blocks type ", [(zone, zone.blocks) for zone in zones]),
        ("Number of mixed blocks ", [(zone, zone.mixed) for zone in zones]),
    ):
        if all(table is None for _, table in tables):
            continue
        lines.append("\n" + f"{title:<23}" + "".join(f"{name:>12} " for name in type_names) + "\n")
        for zone, table in tables:
            if table is not None:
                cells = "".join(f"{table[name]:12d} " for name in type_names)
                lines.append(f"Node {zone.node}, zone {zone.name:>8} {cells}\n")
    return lines


def render_buddyinfo(zones: Sequence[tuple[int, str, Sequence[int]]]) -> str:
    """Write /proc/buddyinfo from (node, zone name, nr_free by order, signed) of each zone."""
    return "".join(
        f"Node {node}, zone {name:>8} " + "".join(f"{n % U64:6d} " for n in nr_free) + "\n"
        for node, name, nr_free in zones
    )


def export_pagetypeinfo(capture: ProcCapture, live: LiveZone | None = None) -> str:
    """Write the capture as /proc/pagetypeinfo, in its own names and columns.

    With `live`, that zone's rows are the running lab's and the other zones keep their captured
    numbers. HIGHATOMIC and RESERVE are one thing to the file: the one goes out under the name of
    the other if the file has only that. A type that the file has no row for gets one, last, only
    if the live zone has anything of it. A count that a file of this kind would have stopped at is
    printed so (`>100000`).
    """
    types = capture.pagetypeinfo
    names = [TYPE_NAMES[mtype] for mtype in types.types]
    if live is not None:
        lists = _under_file_types(live.lists, types.types)
        blocks = _under_file_types({t: [n] for t, n in live.blocks.items()}, types.types)
        used = {t for t, counts in (*lists.items(), *blocks.items()) if any(counts)}
        names += [TYPE_NAMES[t] for t in sorted(used.difference(types.types))]
    caps = any(
        count.text.startswith(">")
        for zone in types.zones
        for row in zone.free.values()
        for count in row.counts
    )
    zones = []
    for zone in types.zones:
        if live is not None and zone.key == (live.node, live.name):
            none = [0] * types.max_order
            zones.append(
                TypeRows(
                    zone.node,
                    zone.name,
                    {n: [_cell(c, caps) for c in lists.get(TYPE_IDS[n], none)] for n in names},
                    None
                    if zone.blocks is None
                    else {n: blocks.get(TYPE_IDS[n], [0])[0] for n in names},
                    _by_name(zone.mixed, names),
                )
            )
            continue
        free = {TYPE_NAMES[t]: [c.text for c in row.counts] for t, row in zone.free.items()}
        zones.append(
            TypeRows(
                zone.node,
                zone.name,
                {name: free.get(name, ["0"] * types.max_order) for name in names},
                _by_name(zone.blocks, names),
                _by_name(zone.mixed, names),
            )
        )
    return render_pagetypeinfo(types.pageblock_order, types.max_order, names, zones)


def export_buddyinfo(capture: ProcCapture, live: LiveZone | None = None) -> str:
    """Write the capture as /proc/buddyinfo; `live` as in export_pagetypeinfo.

    Without a captured buddyinfo the numbers are the sums of the lists of pagetypeinfo.

    Raises:
        ExportError: such a sum has a list whose end was not counted.
    """
    rows: dict[tuple[int, str], Sequence[int]] = {}
    if capture.buddyinfo is not None:
        for counters in capture.buddyinfo.zones:
            rows[counters.key] = [count.value for count in counters.nr_free]
    else:
        for zone in capture.zones:
            if not zone.free:
                continue
            sums = []
            for order in range(capture.max_order):
                cells = [row.counts[order] for row in zone.free.values()]
                is_live = live is not None and zone.key == (live.node, live.name)
                if any(cell.at_least for cell in cells) and not is_live:
                    raise ExportError(
                        f"buddyinfo cannot be told: in {zone.where} the free chunks of order "
                        f"{order} were not counted to their end, and no buddyinfo was imported.",
                        field="format",
                        allowed="pagetypeinfo",
                    )
                sums.append(sum(cell.value for cell in cells))
            rows[zone.key] = sums
    if live is not None:
        rows[live.node, live.name] = live.nr_free
    return render_buddyinfo([(node, name, nr_free) for (node, name), nr_free in rows.items()])


def _under_file_types(
    table: Mapping[int, Sequence[int]], types: Sequence[int]
) -> dict[int, list[int]]:
    """`table` with RESERVE and HIGHATOMIC filed under the one of them that the file has."""
    filed: dict[int, list[int]] = {}
    for mtype, counts in table.items():
        for one, other in ((_RESERVE, _HIGHATOMIC), (_HIGHATOMIC, _RESERVE)):
            if mtype == one and one not in types and other in types:
                mtype = other
                break
        into = filed.setdefault(mtype, [0] * len(counts))
        for order, count in enumerate(counts):
            into[order] += count
    return filed


def _cell(count: int, caps: bool) -> str:
    return f">{CAPPED_AT}" if caps and count >= CAPPED_AT else str(count)


def _by_name(table: Mapping[int, int] | None, names: Sequence[str]) -> dict[str, int] | None:
    if table is None:
        return None
    return {name: table.get(TYPE_IDS[name], 0) for name in names}
