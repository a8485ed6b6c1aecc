"""Reader of /proc/zoneinfo (mm/vmstat.c, zoneinfo_show; 3.5 to 6.18).

Only what places a zone and sizes its lists is kept: extent, watermarks, reserves, pcp lists. Other
lines (statistics, which every release adds to) are passed over as long as they are indented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sim_core.errors import InputError
from sim_core.importers.counts import read_plain
from sim_core.importers.source import SourceText

_NODE = re.compile(r"Node\s+(\d{1,4}), zone\s+(\w{1,16})\Z")
_FREE = re.compile(r"\s+pages free\s+(\S+)\Z")
_WORD = re.compile(r"\s+(boost|min|low|high|promo|spanned|present|managed|cma)\s+(\S+)\Z")
_START = re.compile(r"\s+start_pfn:\s*(\S+)\Z")
_PROTECTION = re.compile(r"\s+protection: \((.*)\)\Z")
_CPU = re.compile(r"\s+cpu: (\S+)\Z")
_PCP = re.compile(r"\s+(count|high|batch):\s*(\S+)\Z")
_PFN_BITS = 52  # of a 64-bit physical address


@dataclass(frozen=True, slots=True)
class PcpSize:
    """One CPU's pcp lists: pages on them now, and the sizes they are kept to (pages)."""

    cpu: int
    count: int
    high: int
    batch: int


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """One zone of the file; numbers are pages. None: this release does not print it.

    `free` is NR_FREE_PAGES as shown (never below 0). `start_pfn` is None in a zone without pages.
    """

    node: int
    name: str
    line: int
    free: int
    watermark_min: int
    watermark_low: int
    watermark_high: int
    spanned: int
    present: int
    managed: int | None
    cma: int | None
    protection: tuple[int, ...]
    start_pfn: int | None
    pcp: tuple[PcpSize, ...]

    @property
    def key(self) -> tuple[int, str]:
        """Node number and zone name."""
        return self.node, self.name


@dataclass(frozen=True, slots=True)
class ZoneInfo:
    """A read /proc/zoneinfo: its name, and its zones in the file's order, empty ones too."""

    file: str
    zones: tuple[ZoneFacts, ...]


def read_zoneinfo(source: SourceText) -> ZoneInfo:
    """Read the file's text.

    Raises:
        InputError: the text is not what the kernel prints; the error names the line.
    """
    zones: dict[tuple[int, str], ZoneFacts] = {}
    draft: _Draft | None = None

    def finish(last_line: int) -> None:
        if draft is not None:
            facts = draft.finish(source, last_line)
            zones[facts.key] = facts

    for number, line in enumerate(source.lines, start=1):
        if line == "":
            continue
        if line.startswith((" ", "\t")):
            if draft is None:
                raise source.refuse(number, '"Node <n>, zone <name>"')
            draft.take(source, number, line)
            continue
        match = _NODE.match(line)
        if match is None:
            raise source.refuse(number, '"Node <n>, zone <name>" or an indented line')
        finish(number - 1)
        draft = _Draft(int(match.group(1)), match.group(2), number)
        if (draft.node, draft.name) in zones:
            raise source.refuse(
                number, f"each zone once, but node {draft.node}, zone {draft.name} comes twice"
            )
    if draft is None:
        raise source.refuse_end('"Node <n>, zone <name>"')
    finish(len(source.lines))
    return ZoneInfo(source.name, tuple(zones.values()))


@dataclass(slots=True)
class _Draft:
    """A zone while its lines are read."""

    node: int
    name: str
    line: int
    numbers: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    protection: tuple[int, ...] = ()
    cpus: list[dict[str, int]] = field(default_factory=list)

    def take(self, source: SourceText, number: int, line: str) -> None:
        """Read one indented line of the zone."""
        if match := _WORD.match(line):
            self.put(source, number, match.group(1), match.group(2))
        elif match := _PCP.match(line):
            if not self.cpus:
                raise source.refuse(number, '"cpu: <n>" before its count, high and batch')
            name, text = match.groups()
            self.cpus[-1][name] = read_plain(source, number, text, self.what(f"pcp {name}"))
        elif match := _FREE.match(line):
            self.put(source, number, "free", match.group(1))
        elif match := _START.match(line):
            self.put(source, number, "start_pfn", match.group(1))
        elif match := _PROTECTION.match(line):
            what = self.what("protection")
            self.protection = tuple(
                read_plain(source, number, text.strip(), what) for text in match.group(1).split(",")
            )
        elif match := _CPU.match(line):
            cpu = read_plain(source, number, match.group(1), self.what("cpu"))
            self.cpus.append({"cpu": cpu})

    def put(self, source: SourceText, number: int, name: str, text: str) -> None:
        """Keep one number; each comes once in a zone."""
        if name in self.numbers:
            raise source.refuse(number, f"{self.what(name)} once; line {self.lines[name]} has it")
        self.numbers[name] = read_plain(source, number, text, self.what(name))
        self.lines[name] = number

    def finish(self, source: SourceText, last_line: int) -> ZoneFacts:
        """Make the zone, if it is whole and its extent makes sense."""
        number = self.numbers
        for name in ("free", "min", "low", "high", "spanned", "present"):
            if name not in number:
                raise self.cut(source, last_line, name)
        spanned, present, managed = number["spanned"], number["present"], number.get("managed")
        start = number.get("start_pfn")
        if spanned and start is None:
            raise self.cut(source, last_line, "start_pfn")
        if (start or 0) + spanned >= 1 << _PFN_BITS:
            raise source.refuse(
                self.lines["spanned"],
                f"{self.what('spanned')} that ends below pfn 2^{_PFN_BITS}",
                str(spanned),
            )
        if present > spanned:
            raise source.refuse(
                self.lines["present"],
                f"{self.what('present')} of at most the {spanned} pages spanned",
                str(present),
            )
        if managed is not None and managed > present:
            raise source.refuse(
                self.lines["managed"],
                f"{self.what('managed')} of at most the {present} pages present",
                str(managed),
            )
        for cpu in self.cpus:
            for name in ("count", "high", "batch"):
                if name not in cpu:
                    raise self.cut(source, last_line, f"{name} of cpu {cpu['cpu']}")
        return ZoneFacts(
            self.node,
            self.name,
            self.line,
            number["free"],
            number["min"],
            number["low"],
            number["high"],
            spanned,
            present,
            managed,
            number.get("cma"),
            self.protection,
            start if spanned else None,
            tuple(PcpSize(c["cpu"], c["count"], c["high"], c["batch"]) for c in self.cpus),
        )

    def what(self, name: str) -> str:
        return f"{name} of node {self.node}, zone {self.name}"

    def cut(self, source: SourceText, last_line: int, name: str) -> InputError:
        """Make the error for a zone whose lines end too early."""
        ends = "the file ends here" if last_line == len(source.lines) else "the zone ends here"
        return source.refuse(last_line, self.what(name), ends)
