"""Where things are in a lab: its zones, their pageblocks, and the pages of these."""

from functools import cached_property

from sim_core.config import LabConfig
from sim_core.errors import RefusedError
from sim_core.vocabulary import NORMAL, ZONE_KINDS


class Placed:
    """Zones by slot (lowest first) and name, pageblocks by their number over the node.

    Args:
        config: as it turned out.
    """

    def __init__(self, config: LabConfig) -> None:
        self.config = config

    @property
    def _block_size(self) -> int:
        return 1 << self.config.pageblock_order

    @property
    def first_block_pfn(self) -> int:
        """PFN at which block 0 begins, which may lie before the zone."""
        return self.config.start_pfn & ~(self._block_size - 1)

    @property
    def nr_pageblocks(self) -> int:
        """Pageblocks from the lowest zone's first to the highest one's last."""
        end = self.config.start_pfn + self.config.spanned_pages
        return (end - 1 - self.first_block_pfn) // self._block_size + 1

    def block_of(self, pfn: int) -> int:
        """Index of the pageblock of a PFN."""
        return (pfn - self.first_block_pfn) // self._block_size

    def slot_of_block(self, block: int) -> int:
        """Slot of the zone that a pageblock lies in.

        Raises:
            RefusedError: it lies in none.
        """
        for slot, blocks in enumerate(self.zone_blocks):
            if block in blocks:
                return slot
        raise RefusedError(
            f"pageblock {block} is not in {'a' if self.config.whole else 'the'} zone",
            field="blocks",
            allowed=", ".join(f"{blocks[0]} … {blocks[-1]}" for blocks in self.zone_blocks),
        )

    def slot_of(self, zone: str | None) -> int:
        """Slot of a zone by its name; None: of the only one, or the lowest.

        Raises:
            RefusedError: there is no such zone.
        """
        names = [span.zone for span in self.config.spans]
        if zone is None:
            return 0
        if zone not in names:
            raise RefusedError(
                f"the node has no zone {zone}", field="zone", allowed=", ".join(names)
            )
        return names.index(zone)

    def class_of(self, migratetype: str) -> int:
        """Slot of the highest zone that a request of this type comes from, unless it says one."""
        names = [span.zone for span in self.config.spans]
        if migratetype == "MOVABLE" or not self.config.whole:
            return len(names) - 1
        kinds = [ZONE_KINDS.index(name) for name in names]
        return max([slot for slot, kind in enumerate(kinds) if kind <= NORMAL], default=0)

    @cached_property
    def zone_blocks(self) -> tuple[range, ...]:
        """The pageblocks of each zone, numbered over the node from its lowest zone's first on."""
        base, size = self.first_block_pfn, self._block_size
        return tuple(
            range((span.start_pfn - base) // size, (span.end_pfn - 1 - base) // size + 1)
            for span in self.config.spans
        )

    def first_pfn_of(self, block: int) -> int:
        """First page of a block that is in a zone and no hole.

        Raises:
            RefusedError: no such block, or it is all hole.
        """
        span = self.config.spans[self.slot_of_block(block)]
        first = max(self.first_block_pfn + block * self._block_size, span.start_pfn)
        end = self.first_block_pfn + (block + 1) * self._block_size
        for start, pages in self.config.holes:
            if start <= first < start + pages:
                first = start + pages
        if first >= end:
            raise RefusedError(f"pageblock {block} is all hole", field="blocks")
        return first
