"""What can be read of a lab: numbers, lists, verdicts, the last operations, frames, files."""

import time
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Final

from sim_core.asking import Question, would
from sim_core.config import LabConfig
from sim_core.deciding import Deciding
from sim_core.errors import RefusedError
from sim_core.exporters import LiveZone, export_buddyinfo, export_pagetypeinfo
from sim_core.exporters.live import render_live
from sim_core.importers import ProcCapture, ZoneLayout
from sim_core.mm import _frames, _read
from sim_core.mm._mm import Node
from sim_core.models import Row
from sim_core.narration import Place, narrate
from sim_core.outcome import Break, PcpSizes, Verdict
from sim_core.placed import Placed
from sim_core.predicates import Predicate, compile_predicate
from sim_core.preview import preview
from sim_core.vocabulary import (
    MIGRATETYPES,
    PCP_ORDERS,
    PCPTYPES,
    migratetype_id,
)

_RECORDS_TOLD: Final = 512
"""Records of one operation that are looked at for its telling; a drain of a big pcp has more."""


class Reading(Placed, ABC):
    """The reading half of a lab.

    Attributes:
        node: the core's node.
        config: as it turned out.
        row: the accounting model.
        notes: sentences that the page must show.
        layout, capture: the imported zone, and the files it came from; or None.
    """

    COUNTERS: Final[tuple[str, ...]] = _read.COUNTER_NAMES
    IDENTITIES: Final[tuple[str, ...]] = _read.IDENTITY_NAMES
    NODE_NUMBERS: Final[tuple[str, ...]] = _read.NODE_NAMES
    ZONE_SUMMARY: Final[tuple[str, ...]] = _read.SUMMARY_NAMES
    VERDICTS: Final[tuple[str, ...]] = _read.VERDICTS
    HISTORY_COLUMNS: Final[tuple[str, ...]] = (
        "op",
        "nr_free_pages",
        "nr_free_sum",
        "usable",
        "isolated",
        "stray",
        "pcp",
        "allocated",
        "offline",
        "watermark_min",
        "watermark_low",
        "watermark_high",
    )

    def __init__(
        self,
        node: Node,
        config: LabConfig,
        row: Row,
        notes: list[str],
        layout: ZoneLayout | None,
        capture: ProcCapture | None,
    ) -> None:
        super().__init__(config)
        self.node = node
        self.row = row
        self.notes = notes
        self.layout = layout
        self.capture = capture
        self._breaks_seen = 0
        self._broke_at: dict[tuple[str, str], int] = {}

    @property
    def op(self) -> int:
        """Number of the last operation."""
        return int(_read.op_of(self.node))

    # ---- numbers ----

    def pcp_sizes(self, zone: int = 0) -> PcpSizes:
        """Sizes of a zone's pcp lists as they are now."""
        return PcpSizes(*_read.pcp_size(self.node, zone))

    def counters(self, zone: int = 0) -> dict[str, int]:
        """The counters of a frame by name."""
        counters: dict[str, int] = _read.counters(self.node, zone)
        return counters

    def nr_free(self, zone: int = 0) -> list[int]:
        """free_area[o].nr_free as stored, [max_order]."""
        counts: list[int] = _read.nr_free(self.node, zone)
        return counts

    def lists(self, zone: int = 0) -> dict[str, list[int]]:
        """True list lengths: migratetype -> [max_order]."""
        return dict(zip(MIGRATETYPES, _read.lengths(self.node, zone), strict=True))

    def node_numbers(self) -> dict[str, int]:
        """What the node has beside its zones: kswapd, swap, how the last request ended."""
        return _read.node_numbers(self.node)

    def zone_summary(self, zone: int) -> dict[str, int]:
        """What decides whether a zone serves, wakes kswapd, is given up."""
        return _read.summary(self.node, zone)

    def lowmem_reserve(self, zone: int) -> list[int]:
        """What the zone keeps from requests that may take from each zone, lowest first."""
        return _read.lowmem_reserve(self.node, zone)

    def _stats(self) -> dict[str, int]:
        """The counters by name, summed over all zones."""
        sums: dict[str, int]
        sums, *others = (_read.stats(self.node, slot) for slot in range(len(self.config.spans)))
        for zone in others:
            for name, count in zone.items():
                sums[name] += count
        return sums

    def _accounts(self) -> dict[str, int]:
        """Pages isolated, on pcp lists, offline, migrated: over all zones."""
        sums: dict[str, int] = {}
        for zone in range(len(self.config.spans)):
            for name, pages in _read.accounts(self.node, zone).items():
                sums[name] = sums.get(name, 0) + pages
        return sums

    def block_types(self) -> bytes:
        """One migratetype a pageblock of the node."""
        types: bytes = _read.block_types(self.node)
        return types

    def hash(self) -> int:
        """Order-sensitive digest of the whole state."""
        return int(_read.digest(self.node))

    def history_row(self, zone: int = 0) -> tuple[int, ...]:
        """The present moment of a zone as a row of HISTORY_COLUMNS."""
        counters = self.counters(zone)
        return (self.op, *(counters[name] for name in self.HISTORY_COLUMNS[1:]))

    # ---- lists and blocks ----

    def list_page(
        self, order: int, migratetype: str, offset: int = 0, limit: int = 256, zone: int = 0
    ) -> tuple[list[int], int]:
        """PFNs of a free list, head to tail, from `offset` on; and how many the list has.

        Raises:
            RefusedError: no such list.
        """
        mt = migratetype_id(migratetype)
        pfns: list[int] = _read.list_pfns(self.node, mt, order, offset, limit, zone)
        return pfns, _read.lengths(self.node, zone)[mt][order]

    def pcp_lists(self, cpu: int, migratetype: str, zone: int = 0) -> list[tuple[int, str, int]]:
        """(PFN, remembered migratetype, order) of a CPU's chunks of a type, hot end first, order by
        order: 6.x has lists above order 0.

        Raises:
            RefusedError: no such CPU, or a type without a pcp list.
        """
        if migratetype not in PCPTYPES:
            raise RefusedError(
                f"{migratetype} has no pcp list", field="migratetype", allowed=", ".join(PCPTYPES)
            )
        mt = migratetype_id(migratetype)
        return [
            (pfn, MIGRATETYPES[kept], order)
            for order in range(PCP_ORDERS)
            for pfn, kept in _read.pcp_pfns(self.node, cpu, order, mt, zone)
        ]

    def preview(self, blocks: list[int]) -> dict[str, Any]:
        """What each verb would do to these blocks now (docs/PROTOCOL.md, section 3)."""
        return preview(self.node, blocks)

    # ---- identities ----

    def would(self, question: Question) -> dict[str, Any]:
        """Would this request succeed now? With the sums (docs/PROTOCOL.md, section 3).

        Raises:
            RefusedError: nobody can ask that.
        """
        return would(self.node, self.row.columns(), self.config, question)

    def check(self) -> list[Verdict]:
        """Walk every page and list of every zone, and judge every identity."""
        return [
            self._verdict(span.zone, name, *found)
            for slot, span in enumerate(self.config.spans)
            for name, found in zip(self.IDENTITIES, _read.check(self.node, slot), strict=True)
        ]

    def _verdict(
        self,
        zone: str,
        name: str,
        holds: bool,
        order: int,
        mt: int,
        expected: int,
        got: int,
        first_op: int,
    ) -> Verdict:
        aimed = name in self.row.aims
        return Verdict(
            zone=zone,
            identity=name,
            verdict=("holds" if holds else "broken") if aimed else "not aimed at",
            because="" if aimed else self.row.because[name],
            order=None if order < 0 else order,
            migratetype=None if mt < 0 else MIGRATETYPES[mt],
            expected=expected,
            got=got,
            first_op=first_op,
        )

    def judged(self) -> dict[str, tuple[bool, bool]]:
        """Identity -> (aimed at, holds in every zone), without a walk of all pages."""
        zones = [_read.judged(self.node, slot) for slot in range(len(self.config.spans))]
        return {
            name: (name in self.row.aims, all(holds))
            for name, holds in zip(self.IDENTITIES, zip(*zones, strict=True), strict=True)
        }

    def breaks(self) -> list[Break]:
        """What the watch after every operation saw since the last call: identities that broke, and
        those that healed, with the operation at which they had broken.
        """
        self._breaks_seen, notes = _read.breaks_since(self.node, self._breaks_seen)
        found: dict[tuple[str, str, int], Break] = {}
        for op, identity, broken, slot in notes:
            name = self.IDENTITIES[identity]
            zone = self.config.spans[slot].zone if self.config.whole else ""
            if broken:
                self._broke_at[zone, name] = op
            # One that is known from another branch may lie beyond this.
            since = min(self._broke_at.get((zone, name), op), op)
            found[zone, name, since] = Break(name, since, None if broken else op, zone)
        return list(found.values())

    def predicate(self, text: str, zone: int = 0) -> Predicate:
        """A question about this node (docs/PREDICATES.md); `zone` is meant where a name has none.

        Raises:
            PredicateError: the text is none.
        """
        return compile_predicate(text, self.config, self.node, zone)

    # ---- the last operations ----

    def steps(self, last: int) -> dict[str, Any]:
        """The last operations in words (docs/PROTOCOL.md, section 4), oldest first."""
        first_kept, _, _ = _read.log_bounds(self.node)
        return self._told(max(first_kept, self.op - last + 1), self.op, first_kept)

    def steps_of(self, op: int) -> dict[str, Any]:
        """One operation in words.

        Raises:
            RefusedError: its records are not kept, or it has not happened.
        """
        first_kept, last_op, _ = _read.log_bounds(self.node)
        if not first_kept <= op <= last_op:
            raise RefusedError(
                f"operation {op} is not in the log", field="op", allowed=f"{first_kept} … {last_op}"
            )
        return self._told(op, op, first_kept)

    @cached_property
    def place(self) -> Place:
        """What turns the log's numbers into a person's."""
        largest = 1 << (self.config.max_order - 1)
        return Place(
            self.config.start_pfn & ~(largest - 1),
            (self.config.start_pfn & (largest - 1)) >> self.config.pageblock_order,
            self.config.pageblock_order,
        )

    @cached_property
    def deciding(self) -> Deciding:
        """Which cells of the model decide."""
        return Deciding(self.row)

    def _told(self, first: int, last: int, first_kept: int) -> dict[str, Any]:
        operations = []
        for op in range(max(first, 1), last + 1):
            records, total = _read.op_records(self.node, op, _RECORDS_TOLD)
            operations.append(narrate(op, records, total, self.place, self.deciding))
        return {
            "first_op": first,
            "last_op": last,
            "gap": first_kept if first_kept > 1 else None,
            "operations": operations,
        }

    # ---- where it stands ----

    @abstractmethod
    def moment_row(self) -> tuple[int, int, int, bool, int, int, int]:
        """The present moment as a frame tells it (sim_core/mm/_frames.pyx)."""

    # ---- frames ----

    def make_view_cells(
        self, first_block: int = 0, nr_blocks: int | None = None, max_cells: int = 65536
    ) -> _frames.View:
        """A view of pageblocks, of at most max_cells cells: so many that 2^k blocks share one."""
        count = self.nr_pageblocks - first_block if nr_blocks is None else nr_blocks
        per_cell = 1
        while (count + per_cell - 1) // per_cell > max_cells:
            per_cell *= 2
        return _frames.View(False, first_block, count, per_cell)

    def make_view_window(
        self, first_block: int, nr_blocks: int, runs: int, stride: int
    ) -> _frames.View:
        """A view of single pageblocks in `runs` runs of nr_blocks, `stride` blocks apart.

        The last run begins inside the zone and ends with it at the latest.
        """
        last = min(nr_blocks, self.nr_pageblocks - first_block - (runs - 1) * stride)
        return _frames.View(False, first_block, (runs - 1) * nr_blocks + last, 1, nr_blocks, stride)

    def make_view_pages(self, first_pfn: int, nr_pages: int) -> _frames.View:
        """A view of single pages, at most 4096 of them."""
        return _frames.View(True, first_pfn, nr_pages, 1)

    def changed(self, view: _frames.View) -> bool:
        """Has there been an operation since the view's last delta, or was there none yet?"""
        return view.changed(self.node)

    def cut(
        self,
        view: _frames.View,
        keyframe: bool,
        flags: int,
        number: int,
        seq: int,
        base_seq: int,
        lateness_us: int,
    ) -> bytes:
        """One frame of a view; see sim_core/mm/_read.pyx."""
        now_ms = time.time() * 1000
        frame: bytes = _frames.cut(
            view,
            self.node,
            keyframe,
            flags,
            number,
            seq,
            base_seq,
            now_ms,
            lateness_us,
            self.moment_row(),
        )
        return frame

    # ---- files ----

    def _live_zone(self, node: int, slot: int = 0) -> LiveZone:
        """A zone's numbers for an export; blocks that are all hole are not there."""
        blocks: dict[int, int] = {}
        types = self.block_types()
        for block in self.zone_blocks[slot]:
            if not self._all_hole(block):
                blocks[types[block]] = blocks.get(types[block], 0) + 1
        return LiveZone(
            node,
            self.config.spans[slot].zone,
            dict(enumerate(_read.lengths(self.node, slot))),
            blocks,
            self.nr_free(slot),
        )

    def _all_hole(self, block: int) -> bool:
        try:
            self.first_pfn_of(block)
        except RefusedError:
            return True
        return False

    def export(self, form: str) -> str:
        """The zone as /proc shows it now; if it was imported, in its file's names and columns and
        with the file's other zones as they were read.

        Args:
            form: "pagetypeinfo" or "buddyinfo".

        Raises:
            RefusedError: another format.
            ExportError: a file whose lists were cut off at 100000 cannot be summed.
        """
        if form not in ("pagetypeinfo", "buddyinfo"):
            raise RefusedError(
                f"no such format: {form}", field="format", allowed="pagetypeinfo, buddyinfo"
            )
        if self.capture is None or self.layout is None:
            live = [self._live_zone(0, slot) for slot in range(len(self.config.spans))]
            orders = self.config.pageblock_order, self.config.max_order
            return render_live(form, live, *orders, self.row.migratetypes)
        write = export_pagetypeinfo if form == "pagetypeinfo" else export_buddyinfo
        return write(self.capture, self._live_zone(self.layout.node))
