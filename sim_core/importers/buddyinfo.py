"""Reader of /proc/buddyinfo (mm/vmstat.c, frag_show; 3.5 to 6.18): nr_free by order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim_core.importers.counts import Count, read_count
from sim_core.importers.source import SourceText, shown
from sim_core.vocabulary import MAX_ORDERS

_ROW = re.compile(r"Node\s+(\d{1,4}), zone\s+(\w{1,16})(?:\s+(.*))?\Z")


@dataclass(frozen=True, slots=True)
class BuddyZone:
    """One zone's nr_free by order, isolated chunks included; a counter may have wrapped."""

    node: int
    name: str
    line: int
    nr_free: tuple[Count, ...]

    @property
    def key(self) -> tuple[int, str]:
        """Node number and zone name."""
        return self.node, self.name


@dataclass(frozen=True, slots=True)
class BuddyInfo:
    """A read /proc/buddyinfo: its name, number of orders, zones in the file's order."""

    file: str
    max_order: int
    zones: tuple[BuddyZone, ...]


def read_buddyinfo(source: SourceText) -> BuddyInfo:
    """Read the file's text.

    Raises:
        InputError: the text is not what the kernel prints; the error names the line.
    """
    zones: dict[tuple[int, str], BuddyZone] = {}
    max_order = 0
    for number, line in enumerate(source.lines, start=1):
        if line == "":
            continue
        match = _ROW.match(line)
        if match is None:
            raise source.refuse(number, '"Node <n>, zone <name>" and the counts')
        node, name, text = match.groups()
        tokens = (text or "").split()
        if not zones:
            max_order = len(tokens)
            if not 1 <= max_order <= MAX_ORDERS:
                raise source.refuse(
                    number, f"1 to {MAX_ORDERS} counts, one for each order", str(max_order)
                )
        elif len(tokens) != max_order:
            cut = number == len(source.lines)
            raise source.refuse(
                number,
                f"{max_order} counts, one for each order, as on the first line",
                f"{len(tokens)}, and the file ends here: is it cut?" if cut else str(len(tokens)),
            )
        what = f"nr_free of an order (node {node}, zone {name})"
        counts = tuple(read_count(source, number, token, what) for token in tokens)
        for count in counts:
            if count.at_least:
                raise source.refuse(number, f"{what} without a mark", shown(count.text))
        zone = BuddyZone(int(node), name, number, counts)
        if zone.key in zones:
            raise source.refuse(
                number,
                f"each zone once, but node {node}, zone {name} "
                f"is already on line {zones[zone.key].line}",
            )
        zones[zone.key] = zone
    if not zones:
        raise source.refuse_end('"Node <n>, zone <name>" and the counts')
    return BuddyInfo(source.name, max_order, tuple(zones.values()))
