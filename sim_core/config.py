"""What a lab is made from, and how far each of its numbers may go."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from sim_core.errors import ConfigError
from sim_core.models import DEFAULT, ROWS, Custom, Row, derived
from sim_core.vocabulary import MAX_ORDERS, PAGES_PER_MIB, ZONE_KINDS

MIB: Final = 1 << 20
SPANNED_MAX: Final = 1 << 30
"""Pages a zone may span (4 TiB): page records are numbered in 32 bits."""
PFN_MAX: Final = 1 << 52
"""One past the largest PFN: far beyond the physical address space of any machine."""
ZONES_MAX: Final = 4
"""Kinds of zone that one kernel is built with."""
MIN_FREE_KBYTES_MAX: Final = (1 << 31) - 1
"""What /proc/sys/vm takes; the kernel itself stays far below."""
CPUS_MAX: Final = 8
"""CPUs with pcp lists."""
OWNERS_MAX: Final = 250
"""Processes that chunks may belong to."""
HOLES_MAX: Final = 1024
NAME_MAX: Final = 30
"""Characters in a zone's name."""
BRANCH_NAME_MAX: Final = 60
SEED_MAX: Final = (1 << 32) - 1
PCP_MAX: Final = 1 << 16
"""Pages on a CPU's lists; the kernel's own largest is 186 (zone_batchsize)."""

_BYTES_PER_PAGE: Final = 10
_BYTES_PER_BLOCK: Final = 24
_BYTES_PER_HANDLE: Final = 28


@dataclass(frozen=True)
class ZoneSpan:
    """A zone of a node.

    Attributes:
        zone: its kind, of sim_core.vocabulary.ZONE_KINDS.
        start_pfn, spanned_pages: what it spans, holes included.
    """

    zone: str
    start_pfn: int
    spanned_pages: int

    @property
    def end_pfn(self) -> int:
        """One past its last page."""
        return self.start_pfn + self.spanned_pages


@dataclass(frozen=True)
class LabConfig:
    """A bare zone or a whole node, its model, and its seed.

    A bare zone answers every request from its lists, and that is all. On a whole node requests go
    by zonelist and watermarks; it has kswapd and reclaim.

    Attributes:
        zone: a bare zone's name, as /proc prints it.
        start_pfn: first PFN; any, aligned or not.
        spanned_pages: pages from there on, holes included.
        pageblock_order: pages in a pageblock are 2^this; below max_order.
        max_order: exclusive bound of orders, as MAX_ORDER in 3.5.
        pcp_high, pcp_batch: pages on a CPU's lists, and how many move at once; both None: derived
            from present pages as zone_batchsize does.
        cpus: CPUs with pcp lists.
        holes: (first pfn, pages) without a struct page.
        cma: (first pfn, pages) of each CMA area made at boot, in multiples of the largest chunk.
        model: a name out of sim_core.models.ROWS, or a row of somebody's own.
        seed: of the workload's random state.
        fill_percent: share of present pages that the workload allocates first.
        zones: of a whole node, lowest first; zone, start_pfn and spanned_pages follow from them.
        min_free_kbytes: of a whole node, as written at boot; None: worked out from its size.
        swap_pages: of a whole node: how much anonymous memory can be reclaimed.
        booted: whether boot frees the pages and sizes watermarks and RESERVE blocks; if not, every
            page is reserved, every block MOVABLE, every watermark 0, and boot_free is the reader's.
        log_bytes: size of the ring of primitive writes; 0: none.
    """

    zone: str = "Normal"
    start_pfn: int = 0
    spanned_pages: int = 256 * PAGES_PER_MIB
    pageblock_order: int = 9
    max_order: int = 11
    pcp_high: int | None = None
    pcp_batch: int | None = None
    cpus: int = 1
    holes: tuple[tuple[int, int], ...] = ()
    cma: tuple[tuple[int, int], ...] = ()
    model: str | Custom = DEFAULT
    seed: int = 1
    fill_percent: int = 0
    zones: tuple[ZoneSpan, ...] = ()
    min_free_kbytes: int | None = None
    swap_pages: int = 0
    booted: bool = True
    log_bytes: int = 256 * MIB

    @property
    def keyframe_bytes(self) -> int:
        """Room for states to go back to where the ring no longer tells of the way."""
        return self.log_bytes // 2

    @property
    def whole(self) -> bool:
        """Is it a whole node, and not a bare zone?"""
        return bool(self.zones)

    @property
    def spans(self) -> tuple[ZoneSpan, ...]:
        """Its zones, lowest first; of a bare zone that one."""
        return self.zones or (ZoneSpan(self.zone, self.start_pfn, self.spanned_pages),)

    @property
    def model_name(self) -> str:
        """What the model is called."""
        return self.model.name if isinstance(self.model, Custom) else self.model

    def row(self) -> Row:
        """The accounting model.

        Raises:
            ConfigError: no such model, or a row that cannot run.
        """
        if isinstance(self.model, Custom):
            return derived(self.model)
        if self.model not in ROWS:
            raise ConfigError(
                f"no such model: {self.model}", field="model", allowed=", ".join(ROWS)
            )
        return ROWS[self.model]

    def validated(self) -> "LabConfig":
        """Self, if every number is one that a zone can have.

        Raises:
            ConfigError: names the field and what it may be.
        """
        if self.whole:
            return self._of_its_zones()._checked()
        for field in ("min_free_kbytes", "swap_pages"):
            if getattr(self, field):
                raise ConfigError(
                    f"a bare zone has no {field}", field=field, allowed="with zones given"
                )
        return self._checked()

    def _of_its_zones(self) -> "LabConfig":
        """Self, with the node's extent by its zones, which are looked at first."""
        kinds = [span.zone for span in self.zones]
        if not set(kinds) <= set(ZONE_KINDS) or len(kinds) > ZONES_MAX:
            raise ConfigError(
                f"no kernel is built with the zones {', '.join(kinds)}",
                field="zones",
                allowed=f"up to {ZONES_MAX} of {', '.join(ZONE_KINDS)}",
            )
        if [kind for kind in ZONE_KINDS if kind in kinds] != kinds:
            raise ConfigError(
                "the zones are out of order",
                field="zones",
                allowed=f"each once, in the order {', '.join(ZONE_KINDS)}",
            )
        _within("max_order", self.max_order, 2, MAX_ORDERS - 1)
        largest = 1 << (self.max_order - 1)
        for lower, upper in pairwise(self.zones):
            if upper.start_pfn < lower.end_pfn or upper.start_pfn % largest:
                raise ConfigError(
                    f"zone {upper.zone} begins at pfn {upper.start_pfn}",
                    field="zones",
                    allowed=f"at {-(-lower.end_pfn // largest) * largest} or a later multiple of "
                    f"{largest}, the largest chunk",
                )
        for span in self.zones:
            _within("zones", span.spanned_pages, 1, SPANNED_MAX)
        first, last = self.zones[0], self.zones[-1]
        return replace(
            self,
            zone=first.zone,
            start_pfn=first.start_pfn,
            spanned_pages=last.end_pfn - first.start_pfn,
        )

    def _checked(self) -> "LabConfig":
        if not self.zone.isprintable() or not 1 <= len(self.zone) <= NAME_MAX:
            raise ConfigError(
                "the zone needs a printable name",
                field="zone",
                allowed=f"1 … {NAME_MAX} characters",
            )
        _within("start_pfn", self.start_pfn, 0, PFN_MAX - 1)
        _within("max_order", self.max_order, 2, MAX_ORDERS - 1)
        _within("pageblock_order", self.pageblock_order, 1, self.max_order - 1)
        _within("spanned_pages", self.spanned_pages, 1, SPANNED_MAX)
        _within("start_pfn", self.start_pfn + self.spanned_pages, 1, PFN_MAX)
        _within("cpus", self.cpus, 1, CPUS_MAX)
        _within("seed", self.seed, 0, SEED_MAX)
        _within("fill_percent", self.fill_percent, 0, 100)
        _within("swap_pages", self.swap_pages, 0, SPANNED_MAX)
        if self.min_free_kbytes is not None:
            _within("min_free_kbytes", self.min_free_kbytes, 0, MIN_FREE_KBYTES_MAX)
        self._check_pcp()
        self._check_holes()
        self._check_cma()
        self.row()
        return self

    def _check_pcp(self) -> None:
        if self.pcp_high is None and self.pcp_batch is None:
            return
        if self.pcp_high is None or self.pcp_batch is None:
            raise ConfigError(
                "pcp_high and pcp_batch come together",
                field="pcp_high" if self.pcp_high is None else "pcp_batch",
                allowed="both, or neither for derived sizes",
            )
        _within("pcp_high", self.pcp_high, 0, PCP_MAX)
        _within("pcp_batch", self.pcp_batch, 1, max(1, self.pcp_high))

    def _check_holes(self) -> None:
        if len(self.holes) > HOLES_MAX:
            raise ConfigError("too many holes", field="holes", allowed=f"at most {HOLES_MAX}")
        end = self.start_pfn
        for first, pages in self.holes:
            inside = any(
                span.start_pfn <= first and first + pages <= span.end_pfn for span in self.spans
            )
            if first < end or pages < 1 or not inside:
                raise ConfigError(
                    f"the hole at pfn {first} is outside the zone, empty, or out of order",
                    field="holes",
                    allowed="[pfn, pages] in the zone, ascending, apart",
                )
            end = first + pages
        for span in self.spans:
            absent = sum(n for first, n in self.holes if span.start_pfn <= first < span.end_pfn)
            if absent == span.spanned_pages:
                raise ConfigError(
                    "a zone that is all hole has no page", field="holes", allowed="fewer pages"
                )

    def _check_cma(self) -> None:
        largest = 1 << (self.max_order - 1)
        if len(self.cma) > HOLES_MAX:
            raise ConfigError("too many CMA areas", field="cma", allowed=f"at most {HOLES_MAX}")
        if self.cma and not self.booted:
            raise ConfigError("nothing was booted here", field="cma", allowed="[]")
        end = self.start_pfn
        for first, pages in self.cma:
            inside = any(
                span.start_pfn <= first and first + pages <= span.end_pfn for span in self.spans
            )
            absent = any(hole < first + pages and first < hole + gone for hole, gone in self.holes)
            if first < end or pages < 1 or first % largest or pages % largest or not inside:
                raise ConfigError(
                    f"the CMA area at pfn {first} is not aligned, outside, or out of order",
                    field="cma",
                    allowed=f"[pfn, pages] in multiples of {largest}, in a zone, ascending, apart",
                )
            if absent:
                raise ConfigError(
                    f"the CMA area at pfn {first} has a hole",
                    field="cma",
                    allowed="pages that are there",
                )
            end = first + pages

    def estimate_bytes(self) -> int:
        """What the lab can come to hold, at worst: page and block records, handles, the log."""
        blocks = (self.spanned_pages >> self.pageblock_order) + 2
        largest = 1 << (self.max_order - 1)
        pages = sum(span.spanned_pages for span in self.spans)
        return (
            (pages + 2 * largest) * _BYTES_PER_PAGE
            + blocks * _BYTES_PER_BLOCK
            + pages * _BYTES_PER_HANDLE
            + self.log_bytes * 3 // 2
            + self.keyframe_bytes
        )


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ConfigError(f"{field} is {value}", field=field, allowed=f"{least} … {most}")
