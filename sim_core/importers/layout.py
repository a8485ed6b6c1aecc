"""A zone laid out page by page from counts that name no page.

The /proc files tell how many chunks each list has and how many pageblocks each type has, not where
they are. The rule by which they are placed here, the same for the same seed:

1.  Chunks of pageblock order and above are placed first, then pageblocks get their types, then the
    smaller chunks are placed, each size at random places, from the highest order down, one chunk at
    most in each pair of buddies (place.py).
2.  The numbers of chunks by order and type, and of pageblocks by type, are exactly the file's.
3.  A chunk lies in a block of its own list's type while there is room; what has none goes to the
    other types in the order MOVABLE, UNMOVABLE, RECLAIMABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE and
    is counted as stray. An isolated chunk stays in isolated blocks even beside its buddy.
4.  If the counts cannot be placed without two free buddies, some are left unmerged, and counted.
5.  From low to high PFN the blocks of one kind run UNMOVABLE, RECLAIMABLE, RESERVE, HIGHATOMIC,
    CMA, ISOLATE, MOVABLE. Blocks that the zone spans and the file does not count (they are not
    online) are holes at its end.
6.  Each free list is in random order.
7.  Pages spanned and not present are holes, pages present and not managed are reserved, both taken
    from the longest stretches without a free chunk, UNMOVABLE blocks first. All other pages are in
    use: in MOVABLE, CMA and ISOLATE blocks as single MOVABLE pages on the LRU (a block with
    anything else could not have been isolated), in UNMOVABLE and RECLAIMABLE blocks as the largest
    aligned chunks up to order 3 of the block's type, in RESERVE and HIGHATOMIC blocks as single
    UNMOVABLE pages.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from sim_core.errors import ConfigError
from sim_core.importers.capture import ProcCapture
from sim_core.importers.place import Stretch, shuffled, take_longest
from sim_core.importers.placement import (
    CMA,
    HIGHATOMIC,
    ISOLATE,
    MOVABLE,
    RECLAIMABLE,
    RESERVE,
    UNMOVABLE,
    Placement,
)
from sim_core.importers.span import span_of

PAGE_LIMIT = 1 << 24
"""Pages that a zone may span unless the caller says otherwise (64 GiB)."""

_RESERVED_FIRST = (UNMOVABLE, RECLAIMABLE, RESERVE, HIGHATOMIC, MOVABLE, CMA, ISOLATE)
_LARGEST_ALLOCATED = 3
"""Highest order of a chunk in use in UNMOVABLE and RECLAIMABLE blocks (slab's usual largest)."""


@dataclass(frozen=True, slots=True)
class ZoneLayout:
    """Every page of a zone. PFNs are absolute, types are vocabulary ids.

    Attributes:
        node: node number.
        zone: zone name.
        seed: what the places were drawn with.
        start_pfn: first PFN of the zone, not necessarily block-aligned.
        spanned_pages: pages up to its end, holes included.
        pageblock_order: order of a pageblock.
        max_order: number of orders (exclusive bound).
        block_types: one id for each pageblock the zone touches, partial ones included; entry 0 is
            the block of start_pfn.
        free_pfn: heads of the free chunks: by order, then type, then from head to tail of the list.
        free_order: order of each.
        free_type: list that each is on.
        allocated_pfn: heads of the chunks in use, ascending.
        allocated_order: order of each.
        allocated_type: type that each was asked for with.
        allocated_lru: 1 if on the LRU, else 0.
        holes: (pfn, pages) of what is spanned and not present.
        reserved: (pfn, pages) of what is present and not managed.
        pcp: (high, batch) of the first CPU, in pages, if zoneinfo tells.
        watermark: (MIN, LOW, HIGH) in pages, if zoneinfo tells.
        stray_chunks: free chunks whose head lies in a block of another type than their list's.
        unmerged_pairs: pairs of free buddies.
        notes: sentences for the page on the laying out; those on the files are the capture's.
    """

    node: int
    zone: str
    seed: int
    start_pfn: int
    spanned_pages: int
    pageblock_order: int
    max_order: int
    block_types: bytes
    free_pfn: array[int]
    free_order: array[int]
    free_type: array[int]
    allocated_pfn: array[int]
    allocated_order: array[int]
    allocated_type: array[int]
    allocated_lru: array[int]
    holes: tuple[tuple[int, int], ...]
    reserved: tuple[tuple[int, int], ...]
    pcp: tuple[int, int] | None
    watermark: tuple[int, int, int] | None
    stray_chunks: int
    unmerged_pairs: int
    notes: tuple[str, ...]


def layout(
    capture: ProcCapture,
    node: int,
    zone: str,
    *,
    seed: int,
    has_reserve: bool,
    has_highatomic: bool,
    page_limit: int = PAGE_LIMIT,
) -> ZoneLayout:
    """Lay out one zone of a capture by the rule above.

    Args:
        capture: the files.
        node: node number.
        zone: zone name.
        seed: same seed, same layout.
        has_reserve: whether the model that will run it has RESERVE (3.5 to 4.3). If not, RESERVE
            is filed as HIGHATOMIC.
        has_highatomic: whether it has HIGHATOMIC (4.4 on). If not, that is filed as RESERVE.
        page_limit: pages that the zone may span.

    Raises:
        ConfigError: no such zone, one that cannot be run, or one beyond page_limit.
        InputError: the counts cannot be placed in the zone; the error names the row.
    """
    found = capture.zone(node, zone)
    if found is None or found.obstacle is not None:
        allowed = "; ".join(z.where for z in capture.runnable) or "none of these files"
        why = f"the files have no node {node}, zone {zone}." if found is None else found.obstacle
        raise ConfigError(f"{why} Zones that can be run: {allowed}.", field="zone", allowed=allowed)
    span = span_of(
        found.name, found.blocks, found.facts, capture.pageblock_order, capture.max_order
    )
    if span.spanned > page_limit:
        raise ConfigError(
            f"{found.where} spans {span.spanned} pages, and the setting page_limit allows "
            f"{page_limit} pages.",
            field="page_limit",
            allowed=f"{span.spanned} or more for this zone",
        )
    renamed = {}
    if has_reserve and not has_highatomic:
        renamed[HIGHATOMIC] = RESERVE
    elif has_highatomic and not has_reserve:
        renamed[RESERVE] = HIGHATOMIC
    rng = Random(seed)
    placement = Placement(
        found,
        span,
        file=capture.pagetypeinfo.file,
        pageblock_order=capture.pageblock_order,
        max_order=capture.max_order,
        rng=rng,
        renamed=renamed,
    )
    placement.run()
    places = "the numbers are the file's, the places are drawn with seed"
    notes = [f"The files do not say where a chunk is: {places} {seed}."]
    if span.text:
        notes.append(span.text)
    notes += placement.notes
    holes: list[Stretch] = []
    reserved: list[Stretch] = []
    if placement.usable_end < span.end_pfn:
        holes.append((placement.usable_end, span.end_pfn))
    tail = span.end_pfn - placement.usable_end
    if span.present is not None:
        absent = max(0, span.spanned - span.present - tail)
        holes = _take(placement, absent, "absent", notes) + holes
        if span.managed is not None:
            # A block that is not online may be present all the same: then it is in the tail.
            unmanaged = max(0, span.spanned - span.managed - tail - absent)
            reserved = _take(placement, unmanaged, "not managed", notes)
    if placement.stray:
        notes.append(
            f"{placement.stray} free chunks found no room in blocks of their list's type and lie "
            "in blocks of another."
        )
    if placement.unmerged:
        notes.append(
            f"{placement.unmerged} pairs of free buddies lie side by side unmerged: the numbers "
            "leave no other way."
        )
    facts = found.facts
    pcp = facts.pcp if facts else ()
    on_pcp = sum(cpu.count for cpu in pcp)
    if on_pcp:
        notes.append(f"{on_pcp} pages that were on pcp lists are laid out as pages in use.")
    free = _Chunks()
    for (order, mtype), pfns in sorted(placement.placed.items()):
        free.add(shuffled(rng, pfns), order, mtype)
    allocated = _Chunks()
    lru = array("B")
    in_use = sorted(
        (start, end, mtype)
        for mtype, stretches in placement.stretches.items()
        for start, end in stretches
    )
    for start, end, mtype in in_use:
        _allocate(allocated, start, end, mtype, capture.pageblock_order)
        on_lru = mtype in (MOVABLE, CMA, ISOLATE)
        lru.frombytes(bytes([on_lru]) * (len(allocated.pfn) - len(lru)))
    return ZoneLayout(
        node=found.node,
        zone=found.name,
        seed=seed,
        start_pfn=span.start_pfn,
        spanned_pages=span.spanned,
        pageblock_order=capture.pageblock_order,
        max_order=capture.max_order,
        block_types=bytes(placement.block_types),
        free_pfn=free.pfn,
        free_order=free.order,
        free_type=free.mtype,
        allocated_pfn=allocated.pfn,
        allocated_order=allocated.order,
        allocated_type=allocated.mtype,
        allocated_lru=lru,
        holes=tuple((start, end - start) for start, end in holes),
        reserved=tuple((start, end - start) for start, end in reserved),
        pcp=(pcp[0].high, pcp[0].batch) if pcp else None,
        watermark=(facts.watermark_min, facts.watermark_low, facts.watermark_high)
        if facts
        else None,
        stray_chunks=placement.stray,
        unmerged_pairs=placement.unmerged,
        notes=tuple(notes),
    )


def _take(placement: Placement, pages: int, what: str, notes: list[str]) -> list[Stretch]:
    """Take pages that no free chunk covers out of the stretches, for holes or reserved pages."""
    taken: list[Stretch] = []
    for mtype in _RESERVED_FIRST:
        got, placement.stretches[mtype] = take_longest(placement.stretches[mtype], pages)
        taken += got
        pages -= sum(end - start for start, end in got)
    if pages:
        notes.append(
            f"{pages} of the pages that zoneinfo has as {what} are on free lists in "
            f"{placement.file}: read at different instants."
        )
    return sorted(taken)


def _allocate(chunks: _Chunks, start: int, end: int, block_type: int, pageblock_order: int) -> None:
    """Fill a stretch with chunks in use, as its block's type has them."""
    if block_type in (MOVABLE, CMA, ISOLATE):
        chunks.add(range(start, end), 0, MOVABLE)
    elif block_type in (RESERVE, HIGHATOMIC):
        chunks.add(range(start, end), 0, UNMOVABLE)
    else:
        top = min(_LARGEST_ALLOCATED, pageblock_order)
        pfn = start
        while pfn < end:
            order = min(top, (end - pfn).bit_length() - 1)
            if pfn:
                order = min(order, (pfn & -pfn).bit_length() - 1)
            count = (end - pfn) >> order if order == top else 1
            chunks.add(range(pfn, pfn + (count << order), 1 << order), order, block_type)
            pfn += count << order


class _Chunks:
    """Parallel arrays of heads, orders and types."""

    def __init__(self) -> None:
        self.pfn = array("Q")
        self.order = array("B")
        self.mtype = array("B")

    def add(self, pfns: Iterable[int], order: int, mtype: int) -> None:
        before = len(self.pfn)
        self.pfn.extend(pfns)
        count = len(self.pfn) - before
        self.order.frombytes(bytes([order]) * count)
        self.mtype.frombytes(bytes([mtype]) * count)
