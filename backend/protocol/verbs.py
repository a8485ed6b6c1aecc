"""Commands that change the zone: what a person does to pages and pageblocks."""

from typing import Annotated, Literal

from pydantic import Field

from backend.protocol.fields import (
    Command,
    OnBlocks,
    OnBlocksOrPfns,
    Order,
    Owner,
    Pages,
    Pfn,
    Pfns,
)
from backend.settings import Wire
from sim_core.config import CPUS_MAX, MIN_FREE_KBYTES_MAX
from sim_core.vocabulary import Migratetype, ZoneKind


class Alloc(Command):
    """Ask the allocator; it decides where."""

    type: Literal["alloc"]
    order: Order
    migratetype: Migratetype
    count: Annotated[int, Field(ge=1, le=Wire.COUNT_MAX)] = 1
    lru: bool | None = None
    atomic: bool = False
    zone: ZoneKind | None = None
    anon: bool = False
    owner: Owner = 0


class RunOn(Command):
    """Have what follows run on this CPU, whose pcp lists it uses."""

    type: Literal["run_on"]
    cpu: Annotated[int, Field(ge=0, lt=CPUS_MAX)]


class KswapdStep(Command):
    """Let kswapd take one step of its balancing, if it is awake."""

    type: Literal["kswapd_step"]


class OomKill(Command):
    """End the process that holds most pages."""

    type: Literal["oom_kill"]


class MinFreeKbytes(Command):
    """Write /proc/sys/vm/min_free_kbytes."""

    type: Literal["min_free_kbytes"]
    kbytes: Annotated[int, Field(ge=0, le=MIN_FREE_KBYTES_MAX)]


class Free(OnBlocksOrPfns):
    """Free every allocated chunk that starts in these blocks, or these chunks."""

    type: Literal["free"]


class FreeBegin(Command):
    """The first half of a free of these chunks: the type of their pageblock is read, no more."""

    type: Literal["free_begin"]
    pfns: Pfns


class FreeFinish(Command):
    """The second half, by the type that was read in the first, however old that is by now."""

    type: Literal["free_finish"]
    pfns: Pfns


class Fill(OnBlocks):
    """Allocate until these blocks are full, within a bound."""

    type: Literal["fill"]
    order: Order = 0
    migratetype: Migratetype = "MOVABLE"


class Drain(Command):
    """Give the pcp lists back to the buddy lists."""

    type: Literal["drain"]


class SetBlockType(OnBlocks):
    """Set the migratetype of these blocks, with or without moving their free chunks."""

    type: Literal["set_block_type"]
    migratetype: Migratetype
    move: bool = True


class Pin(OnBlocksOrPfns):
    """Make allocated pages unmovable."""

    type: Literal["pin"]


class Unpin(OnBlocksOrPfns):
    """Let pinned pages move again."""

    type: Literal["unpin"]


class Isolate(OnBlocks):
    """Take these blocks away from the allocator."""

    type: Literal["isolate"]


class Unisolate(OnBlocks):
    """Give isolated blocks back, as this type."""

    type: Literal["unisolate"]
    migratetype: Migratetype = "MOVABLE"


class SplitFreePage(Command):
    """Take a free chunk off its list and hand it out as single pages."""

    type: Literal["split_free_page"]
    pfn: Pfn


class Offline(OnBlocks):
    """Isolate, migrate, remove: block by block, or each range as one piece of memory."""

    type: Literal["offline"]
    together: bool = False


class Online(OnBlocks):
    """Give offlined blocks back to the zone: block by block, or each range as one piece."""

    type: Literal["online"]
    together: bool = False


class AllocContig(Command):
    """Take a run of pages, all of them; the blocks around have this type afterwards."""

    type: Literal["alloc_contig"]
    start_pfn: Pfn
    nr_pages: Pages
    migratetype: Literal["CMA", "MOVABLE"] = "CMA"


class FreeContig(Command):
    """Give a run of single pages back."""

    type: Literal["free_contig"]
    start_pfn: Pfn
    nr_pages: Pages


class BootFree(Command):
    """Primitive: free a reserved chunk, as boot does."""

    type: Literal["boot_free"]
    pfn: Pfn
    order: Order


class MarkLru(Command):
    """Primitive: put an allocated chunk on the LRU, or take it off."""

    type: Literal["mark_lru"]
    pfn: Pfn
    order: Order
    lru: bool
    anon: bool = False


class OfflineIsolated(Command):
    """Primitive: remove the free chunks of an isolated range."""

    type: Literal["offline_isolated"]
    start_pfn: Pfn
    nr_pages: Pages


class OnlinePages(Command):
    """Primitive: free the pages of an offlined range."""

    type: Literal["online_pages"]
    start_pfn: Pfn
    nr_pages: Pages
