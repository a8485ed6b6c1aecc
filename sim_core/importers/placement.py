"""The placing of one zone's free chunks and the typing of its pageblocks (the rule: layout.py)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from sim_core.errors import InputError
from sim_core.importers.capture import ZoneCapture
from sim_core.importers.pagetypeinfo import TYPE_NAMES, FreeRow
from sim_core.importers.place import Stretch, place, places, shuffled
from sim_core.importers.span import Span
from sim_core.vocabulary import MIGRATETYPES

UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE = ALL = range(len(MIGRATETYPES))
_ROOM_FOR_STRAYS = (MOVABLE, UNMOVABLE, RECLAIMABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE)
_BY_ADDRESS = (UNMOVABLE, RECLAIMABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE, MOVABLE)


class Placement:
    """One zone while its free chunks are placed.

    Attributes:
        block_types: one vocabulary id for each pageblock the zone touches.
        usable_end: first PFN after the last block that can hold anything.
        placed: heads by (order, type of the list).
        stretches: by block type, what no free chunk covers.
        stray: chunks placed in a block of another type than their list's.
        unmerged: pairs of free buddies.
        notes: sentences on what had to be decided.
    """

    def __init__(
        self,
        zone: ZoneCapture,
        span: Span,
        *,
        file: str,
        pageblock_order: int,
        max_order: int,
        rng: Random,
        renamed: Mapping[int, int],
    ) -> None:
        self.zone = zone
        self.span = span
        self.file = file
        self.pb = pageblock_order
        self.max_order = max_order
        self.rng = rng
        self.stray = 0
        self.unmerged = 0
        self.placed: dict[tuple[int, int], list[int]] = {}
        self.stretches: dict[int, list[Stretch]] = {mtype: [] for mtype in ALL}
        self.notes: list[str] = []
        self.need = {mtype: [0] * self.max_order for mtype in ALL}
        self.rows: dict[int, FreeRow] = {}
        for mtype, row in zone.free.items():
            filed = renamed.get(mtype, mtype)
            if filed not in self.rows or any(count.value for count in row.counts):
                self.rows[filed] = row
            for order, count in enumerate(row.counts):
                self.need[filed][order] += count.value
        for old, new in renamed.items():
            if old in zone.free:
                self.notes.append(
                    f"{TYPE_NAMES[old]} is filed as {TYPE_NAMES[new]}: "
                    f"the model has no {TYPE_NAMES[old]}."
                )
        self.first_block = span.start_pfn >> self.pb
        self.block_count = ((span.end_pfn - 1) >> self.pb) - self.first_block + 1
        self.block_types = bytearray([MOVABLE]) * self.block_count
        self.usable_end = span.end_pfn
        self.tally = dict.fromkeys(ALL, 0)
        if zone.blocks is None:
            self.guess_tally()
        else:
            for mtype, blocks in zone.blocks.items():
                self.tally[renamed.get(mtype, mtype)] += blocks
            self.account_uncounted()

    def run(self) -> None:
        """Place every chunk and type every block.

        Raises:
            InputError: there is no room for a row's chunks.
        """
        self.type_blocks(self.place_large())
        self.place_small()

    # Pageblocks

    def guess_tally(self) -> None:
        """Where the file has no numbers: as few blocks as a type's chunks need, else MOVABLE."""
        room = self.block_count
        for mtype in _BY_ADDRESS:
            chunks = self.need[mtype]
            whole = sum(
                n << (order - self.pb) for order, n in enumerate(chunks) if order >= self.pb
            )
            part = 0
            pages = 0
            for order in range(self.pb - 1, -1, -1):
                # Each chunk of this order needs a pair with nothing of the higher orders in it.
                pages_with_pairs = pages + (chunks[order] << (order + 1))
                part = max(part, -(-pages_with_pairs >> self.pb))
                pages += chunks[order] << order
            self.tally[mtype] = min(room, whole + part)
            room -= self.tally[mtype]
        self.tally[MOVABLE] += room
        self.notes.append(
            "The file does not give the numbers of blocks: each type has as many as its free "
            "chunks need, the rest are Movable."
        )

    def account_uncounted(self) -> None:
        """Set apart the blocks that the zone spans and the file does not count.

        The kernel looks at one page in each block's length from the zone's start, and counts the
        block if that page is online. So in a zone that starts inside a block one block more may be
        touched than looked at, which says nothing about it; any other is not online.
        """
        uncounted = self.block_count - sum(self.tally.values())
        looked_at = -(-self.span.spanned >> self.pb)
        if uncounted and looked_at < self.block_count:
            self.tally[MOVABLE] += 1
            uncounted -= 1
            self.notes.append(
                "The zone starts inside a pageblock, so the file counts one block fewer than the "
                "zone touches: that one is taken as Movable."
            )
        if uncounted:
            block = self.first_block + self.block_count - uncounted
            self.usable_end = max(self.span.start_pfn, block << self.pb)
            self.notes.append(
                f"The zone touches {self.block_count} pageblocks and the file does not count "
                f"{uncounted} of them: these are taken as holes at its end."
            )

    # Free chunks

    def place_large(self) -> list[Stretch]:
        """Place the chunks of pageblock order and above; types do not matter to where they fit.

        Sets `large`, the PFNs by order, and returns the stretches that are left.
        """
        left: list[Stretch] = []
        if self.span.start_pfn < self.usable_end:
            left = [(self.span.start_pfn, self.usable_end)]
        self.large: dict[int, list[int]] = {}
        top = self.max_order - 1
        for order in range(top, self.pb - 1, -1):
            wanted = sum(chunks[order] for chunks in self.need.values())
            pfns, left = place(left, order, wanted, self.rng, paired=order < top)
            if len(pfns) < wanted and order < top:
                more, left = place(left, order, wanted - len(pfns), self.rng, paired=False)
                self.unmerged += len(more)
                pfns = sorted(pfns + more)
            if len(pfns) < wanted:
                mtype = max(ALL, key=lambda t: self.need[t][order])
                raise self.refuse(mtype, order, wanted - len(pfns))
            self.large[order] = pfns
        return left

    def type_blocks(self, left: list[Stretch]) -> None:
        """Give the large chunks their lists, and every block its type."""
        spare = dict(self.tally)
        covers: dict[int, list[tuple[int, list[int]]]] = {order: [] for order in self.large}
        short: list[tuple[int, int]] = []
        for order in self.large:  # highest first
            size = 1 << (order - self.pb)
            for mtype in ALL:
                wanted = self.need[mtype][order]
                own = min(wanted, spare[mtype] // size)
                spare[mtype] -= own * size
                covers[order] += [(mtype, [mtype] * size)] * own
                short += [(order, mtype)] * (wanted - own)
        for order, mtype in short:
            cover: list[int] = []
            while len(cover) < 1 << (order - self.pb):
                donor = mtype if spare[mtype] else max(_ROOM_FOR_STRAYS, key=lambda t: spare[t])
                spare[donor] -= 1
                cover.append(donor)
            self.stray += cover[0] != mtype
            covers[order].append((mtype, cover))
        for order, pfns in self.large.items():
            covers[order].sort(key=lambda item: _BY_ADDRESS.index(item[0]))
            for pfn, (mtype, cover) in zip(pfns, covers[order], strict=True):
                self.placed.setdefault((order, mtype), []).append(pfn)
                at = (pfn >> self.pb) - self.first_block
                self.block_types[at : at + len(cover)] = bytes(cover)
        rest = iter([mtype for mtype in _BY_ADDRESS for _ in range(spare[mtype])])
        for start, end in left:
            for block in range(start >> self.pb, ((end - 1) >> self.pb) + 1):
                mtype = next(rest)
                self.block_types[block - self.first_block] = mtype
                low = max(start, block << self.pb)
                high = min(end, (block + 1) << self.pb)
                own_stretches = self.stretches[mtype]
                if own_stretches and own_stretches[-1][1] == low:
                    low = own_stretches.pop()[0]
                own_stretches.append((low, high))

    def place_small(self) -> None:
        """Place the smaller chunks, in blocks of their own type while there is room."""
        for order in range(self.pb - 1, -1, -1):
            beside = self.place_paired(order)
            for mtype, count in beside.items():
                for block_type in (mtype, *_ROOM_FOR_STRAYS):
                    pfns, self.stretches[block_type] = place(
                        self.stretches[block_type], order, count, self.rng, paired=False
                    )
                    self.file_chunks(pfns, order, mtype, block_type)
                    self.unmerged += len(pfns)
                    count -= len(pfns)
                if count:
                    raise self.refuse(mtype, order, count)

    def place_paired(self, order: int) -> dict[int, int]:
        """Place what finds a pair of its own; returns what does not, by type.

        All chunks that go to blocks of one type are drawn at once: a pair that has got its chunk
        looks like free room to the next drawing.
        """
        room = {mtype: self.room(mtype, order, paired=True) for mtype in ALL}
        other_halves = self.room(ISOLATE, order, paired=False) - room[ISOLATE]
        shares: dict[int, list[tuple[int, int]]] = {mtype: [] for mtype in ALL}
        missing = {mtype: self.need[mtype][order] for mtype in ALL}

        def share(mtype: int, block_type: int) -> None:
            count = min(missing[mtype], room[block_type])
            missing[mtype] -= count
            room[block_type] -= count
            shares[block_type].append((mtype, count))

        for mtype in ALL:
            share(mtype, mtype)
        beside = dict.fromkeys(ALL, 0)
        beside[ISOLATE] = min(missing[ISOLATE], other_halves)
        missing[ISOLATE] -= beside[ISOLATE]
        for mtype in ALL:
            for block_type in _ROOM_FOR_STRAYS:
                share(mtype, block_type)
            beside[mtype] += missing[mtype]
        for block_type, parts in shares.items():
            total = sum(count for _, count in parts)
            pfns, self.stretches[block_type] = place(
                self.stretches[block_type], order, total, self.rng, paired=True
            )
            if any(mtype != block_type and count for mtype, count in parts):
                pfns = shuffled(self.rng, pfns)
            for mtype, count in parts:
                self.file_chunks(pfns[:count], order, mtype, block_type)
                pfns = pfns[count:]
        return beside

    def room(self, block_type: int, order: int, *, paired: bool) -> int:
        """Chunks of `order` that blocks of that type can take."""
        return sum(places(stretch, order, paired=paired) for stretch in self.stretches[block_type])

    def file_chunks(self, pfns: list[int], order: int, mtype: int, block_type: int) -> None:
        """Put chunks that lie in `block_type` blocks on the list of `mtype`."""
        self.placed.setdefault((order, mtype), []).extend(pfns)
        if block_type != mtype:
            self.stray += len(pfns)

    def refuse(self, mtype: int, order: int, missing: int) -> InputError:
        """Make the error for chunks that find no room, naming their row."""
        return InputError(
            self.file,
            self.rows[mtype].line,
            f"free chunks that find room in the {self.span.spanned} pages of {self.zone.where}",
            f"{missing} too many of order {order} (type {TYPE_NAMES[mtype]})",
        )
