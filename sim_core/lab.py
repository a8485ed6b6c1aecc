"""The lab: one command stream into a node, its journal, and the verbs that a person has.

Every verb validates, notes itself in the journal, runs, and tells in words what came of it. A verb
refused before the kernel ran raises and leaves no trace; a kernel's own refusal is an Outcome.
"""

from collections.abc import Callable
from dataclasses import replace

from sim_core.asking import Question
from sim_core.breaking import MOST, Stop
from sim_core.building import build_node
from sim_core.config import LabConfig
from sim_core.errors import ConfigError, RefusedError
from sim_core.importers import ProcCapture, ZoneLayout
from sim_core.journal import TURNS, Entry
from sim_core.mm import _frames, _read, _travel
from sim_core.narration import errno_name
from sim_core.outcome import (
    BlockOutcome,
    Break,
    Outcome,
    PcpSizes,
    RunSummary,
    Verdict,
)
from sim_core.reclaiming import Reclaiming
from sim_core.running import TURNS_MAX
from sim_core.subjects import Subject
from sim_core.vocabulary import MIGRATETYPES, PCPTYPES, migratetype_id
from sim_core.workloads import Workload, WorkloadMix

__all__ = [
    "MOST",
    "TURNS_MAX",
    "BlockOutcome",
    "Break",
    "Lab",
    "Outcome",
    "PcpSizes",
    "Question",
    "RunSummary",
    "Stop",
    "Subject",
    "Verdict",
    "View",
    "Workload",
    "WorkloadMix",
]

View = _frames.View

FILL_BOUND = 1 << 16
"""Requests that one fill of a pageblock may make."""


class Lab(Reclaiming):
    """A node under one model, with what a person can do to it.

    Args:
        config: the zone, its model and seed.
        layout: an imported zone, placed page by page instead of booted; its extent overrides the
            config's.
        capture: the files that the layout was made from; exports speak in their names.

    Raises:
        ConfigError: a zone that cannot be built.
        MemoryError: one that does not fit into memory.
    """

    def __init__(
        self,
        config: LabConfig | None = None,
        layout: ZoneLayout | None = None,
        capture: ProcCapture | None = None,
    ) -> None:
        config = (config or LabConfig()).validated()
        row = config.row()
        node, config, notes = build_node(config, row, layout)
        super().__init__(node, config, row, notes, layout, capture)

    # ---- life ----

    def replayed(self, config: LabConfig, layout: ZoneLayout | None = None) -> "Lab":
        """The journal up to now run again from boot under another configuration.

        What the other model refuses before the kernel runs (no such chunk) is passed over.

        Args:
            config: the other one.
            layout: this lab's, with the types that the other model knows; None: as it is.

        Raises:
            ConfigError: the configuration is wrong, or the journal was too long to keep.
        """
        if not self.journal.complete:
            raise ConfigError(
                "this lab's journal grew too long to be run again", field="again", allowed="reset"
            )
        other = Lab(config, layout or self.layout, self.capture)
        for entry in self.journal.entries(self.timeline.first_op, self.op):
            other.run_entry(entry)
        return other

    def run_entry(self, entry: Entry) -> None:
        """Run one entry of another lab's journal; what is refused is left out.

        A node that has stopped keeps the entry all the same: the next model may run it again.
        """
        if self.stopped is not None:
            self.journal.add(entry.call, entry.args, self.op + 1, self.op)
            return
        if entry.cut:
            _travel.bound(self.node, self.op + entry.last_op + 1 - entry.first_op)
        try:
            if entry.call == TURNS:
                self._run_turns(entry.args)
            else:
                getattr(self, entry.call)(*entry.args)
        except RefusedError:
            return
        finally:
            _travel.bound(self.node, _travel.NO_BOUND)

    def _run_turns(self, args: tuple[object, ...]) -> None:
        turns = args[0]
        assert isinstance(turns, int)
        for first in range(0, turns, TURNS_MAX):
            some = min(TURNS_MAX, turns - first)
            if self.stopped is None:
                self.run_workload(some)
            else:
                self.journal.add_turns(some, self.op + 1, self.op)

    # ---- chunks ----

    def alloc(
        self,
        order: int,
        migratetype: str,
        lru: bool | None = None,
        atomic: bool = False,
        zone: str | None = None,
        anon: bool = False,
        owner: int = 0,
    ) -> Outcome:
        """Ask the allocator.

        Args:
            lru: on the LRU; None: if MOVABLE and a single page.
            atomic: who asks cannot wait (GFP_ATOMIC): 6.x keeps HIGHATOMIC blocks for such
                requests of higher orders, and makes them when one is served.
            zone: of a whole node, the highest zone that it may come from; None: of what is movable
                any, of all else Normal or what lies below.
            anon: what goes on the LRU is anonymous memory, which can be reclaimed only by swap.
            owner: process that the chunk belongs to and that an OOM kill may end; 0: none.
        """
        on_lru = migratetype == "MOVABLE" and order == 0 if lru is None else lru
        classzone_idx = None if zone is None else self.slot_of(zone)
        with self._journaled("alloc", order, migratetype, lru, atomic, zone, anon, owner):
            pfn = self.node.alloc(
                order, migratetype_id(migratetype), on_lru, atomic, classzone_idx, anon, owner
            )
        how = self._how_it_went()
        if pfn is None:
            return self._no_page(how)
        block = self.block_of(pfn)
        zone_ = self.config.spans[self.slot_of_block(block)].zone
        where = f"{zone_}, pageblock" if self.config.whole else "pageblock"
        words = f"pfn {pfn} in {where} {block} ({MIGRATETYPES[self.block_types()[block]]})"
        return Outcome(self.op, 0, pfn=pfn, pages=1 << order, words=(words, *how))

    def free(self, pfn: int) -> Outcome:
        """Give the chunk at pfn back, at its own order."""
        return self.free_handle(_read.handle_at(self.node, pfn))

    def free_handle(self, handle: int) -> Outcome:
        """As free, naming the chunk by handle, which holds under every model."""
        pfn = self._pfn_of(handle)
        with self._journaled("free_handle", handle):
            ret = self.node.free(pfn)
        return self._outcome(ret)

    def free_begin(self, pfn: int) -> Outcome:
        """The first half of a free: the pageblock's type is read, the lock not taken yet."""
        return self.free_begin_handle(_read.handle_at(self.node, pfn))

    def free_begin_handle(self, handle: int) -> Outcome:
        """As free_begin, by handle."""
        pfn = self._pfn_of(handle)
        read = MIGRATETYPES[self.block_types()[self.block_of(pfn)]]
        with self._journaled("free_begin_handle", handle):
            ret = self.node.free_begin(pfn)
        words = f"the type of pageblock {self.block_of(pfn)} was read as {read}"
        return replace(self._outcome(ret), words=(words,))

    def free_finish(self, pfn: int) -> Outcome:
        """The second half, under the lock, by the type read in the first."""
        return self.free_finish_handle(_read.handle_at(self.node, pfn))

    def free_finish_handle(self, handle: int) -> Outcome:
        """As free_finish, by handle."""
        pfn = self._pfn_of(handle)
        with self._journaled("free_finish_handle", handle):
            ret = self.node.free_finish(pfn)
        return self._outcome(ret)

    def pin(self, pfn: int) -> Outcome:
        """A further reference on the chunk at pfn: it can be neither migrated nor freed."""
        return self.pin_handle(_read.handle_at(self.node, pfn))

    def pin_handle(self, handle: int) -> Outcome:
        """As pin, by handle."""
        pfn = self._pfn_of(handle)
        with self._journaled("pin_handle", handle):
            return self._outcome(self.node.pin(pfn))

    def unpin(self, pfn: int) -> Outcome:
        """Drop the reference that pin took."""
        return self.unpin_handle(_read.handle_at(self.node, pfn))

    def unpin_handle(self, handle: int) -> Outcome:
        """As unpin, by handle."""
        pfn = self._pfn_of(handle)
        with self._journaled("unpin_handle", handle):
            return self._outcome(self.node.unpin(pfn))

    def _pfn_of(self, handle: int) -> int:
        pfn: int | None = _read.pfn_of(self.node, handle)
        if pfn is None:
            raise RefusedError(f"handle {handle} stands for no chunk", field="handle")
        return pfn

    def drain(self) -> Outcome:
        """Every CPU gives its pcp pages back."""
        pages = self._accounts()["pcp"]
        with self._journaled("drain"):
            self.node.drain()
        return Outcome(self.op, 0, pages=pages, words=(f"{pages} pages left the pcp lists",))

    # ---- pageblocks ----

    def free_block(self, block: int) -> BlockOutcome:
        """Free every allocated chunk that begins in the block, ascending, an operation each.

        Pinned chunks stay, chunks that reach in from outside are not touched.
        """
        slot = self.slot_of_block(block)
        before = _read.stats(self.node, slot)
        crossing = _read.block_counts(self.node, block)[2]
        first = self.first_pfn_of(block)
        with self._journaled("free_block", block):
            tally = self.node.free_block(block)
        pages = before["allocated"] - _read.stats(self.node, slot)["allocated"]
        pinned = tuple(p for p, state, _ in _read.heads_in_use(self.node, block) if state >> 4 == 3)
        outside = (crossing[0],) if crossing and crossing[0] < first else ()
        words = [f"{tally['freed']} chunks freed, {pages} pages"]
        if pinned:
            words.append(f"{len(pinned)} pinned chunks stay, the first at pfn {pinned[0]}")
        if self.stopped:
            words.append(self.stopped)
        return BlockOutcome(
            self.op, tally["freed"], pages, pinned, outside, words=tuple(words), bug=self.stopped
        )

    def fill_block(
        self, block: int, order: int = 0, migratetype: str = "MOVABLE", bound: int = FILL_BOUND
    ) -> BlockOutcome:
        """Ask until no page of the block is free, none is to be had, or `bound` requests were made.

        No kernel allocates into a chosen block.
        """
        self._check_request(order, migratetype)
        lru = migratetype == "MOVABLE" and order == 0
        with self._journaled("fill_block", block, order, migratetype, bound):
            tally = self.node.fill_block(block, order, migratetype_id(migratetype), lru, bound)
        left = _read.block_counts(self.node, block)[0]["free"]
        words = [f"{tally['allocated']} chunks allocated"]
        if tally["failed"]:
            words.append("the allocator has no more to give")
        if left:
            words.append(f"{left} pages of pageblock {block} are still free")
        errno = "ENOMEM" if tally["failed"] else None
        return BlockOutcome(self.op, errno=errno, words=tuple(words))

    def _check_request(self, order: int, migratetype: str) -> None:
        if not 0 <= order < self.config.max_order:
            raise RefusedError(
                f"order {order} is beyond the zone's largest",
                field="order",
                allowed=f"0 … {self.config.max_order - 1}",
            )
        if migratetype not in PCPTYPES:
            raise RefusedError(
                f"{migratetype} cannot be asked for",
                field="migratetype",
                allowed=", ".join(PCPTYPES),
            )

    def pin_block(self, block: int) -> Outcome:
        """Pin every chunk in use that begins in the block, each an operation of its own."""
        return self._on_heads(block, 2, self.pin, "pinned")

    def unpin_block(self, block: int) -> Outcome:
        """Unpin every pinned chunk that begins in the block."""
        return self._on_heads(block, 3, self.unpin, "unpinned")

    def _on_heads(self, block: int, kind: int, act: Callable[[int], Outcome], done: str) -> Outcome:
        heads = [
            pfn for pfn, state, _ in _read.heads_in_use(self.node, block) if state >> 4 == kind
        ]
        for pfn in heads:
            act(pfn)
        return Outcome(self.op, len(heads), words=(f"{len(heads)} chunks {done}",))

    def set_block_type(self, block: int, migratetype: str, move: bool = True) -> Outcome:
        """Type a pageblock and, with `move`, move its free chunks to that type's lists."""
        with self._journaled("set_block_type", block, migratetype, move):
            moved = self.node.set_block_type(
                self.first_pfn_of(block), migratetype_id(migratetype), move
            )
        return Outcome(self.op, moved, pages=moved, words=(f"{moved} free pages moved",))

    def isolate(self, block: int) -> Outcome:
        """Isolate a pageblock: 0 or EBUSY."""
        before = self._accounts()
        with self._journaled("isolate", block):
            ret = self.node.isolate_range(block, 1)
        after = self._accounts()
        words = [f"{after['isolated'] - before['isolated']} pages moved to the ISOLATE lists"]
        if ret:
            words = ["a page in use cannot be moved away, so the pageblock keeps its type"]
        elif before["pcp"]:
            words.append(f"then {before['pcp']} pages drained from the pcp lists")
        return replace(self._outcome(ret), words=tuple(words))

    def unisolate(self, block: int, migratetype: str = "MOVABLE") -> Outcome:
        """Give an isolated pageblock a type again; another is left alone."""
        before = self._accounts()
        was = self.block_types()[block] if 0 <= block < self.nr_pageblocks else 0
        with self._journaled("unisolate", block, migratetype):
            ret = self.node.unisolate(self.first_pfn_of(block), migratetype_id(migratetype))
        moved = before["isolated"] - self._accounts()["isolated"]
        words = f"{moved} pages moved from the ISOLATE lists to {migratetype}"
        if MIGRATETYPES[was] != "ISOLATE":
            words = "the pageblock is not isolated: nothing to do"
        return replace(self._outcome(ret), words=(words,))

    def split_free_page(self, pfn: int) -> Outcome:
        """Turn the free chunk at pfn into single pages in use."""
        with self._journaled("split_free_page", pfn):
            pages = self.node.split_free_page(pfn)
        words = f"{pages} single pages in use" if pages else "the low watermark would not hold"
        return Outcome(self.op, pages, pages=pages, words=(words,))

    def alloc_contig(self, start_pfn: int, nr_pages: int, migratetype: str = "CMA") -> Outcome:
        """Take a run of pages, all of them, as alloc_contig_range does: 0, EBUSY or ENOMEM.

        Args:
            migratetype: CMA or MOVABLE: what the blocks around have afterwards, however it went.
        """
        before = self._accounts()
        with self._journaled("alloc_contig", start_pfn, nr_pages, migratetype):
            ret = self.node.alloc_contig(start_pfn, nr_pages, migratetype_id(migratetype))
        migrated = self._accounts()["migrated"] - before["migrated"]
        words = [f"{migrated} pages migrated"] if migrated else []
        if ret == 0:
            words.append(f"{nr_pages} pages from pfn {start_pfn} on are in use, one by one")
        elif errno_name(ret) == "EBUSY":
            words.append(
                "a page of the range, or one beside it in a chunk or a block, is in use and cannot "
                "be moved, or is not there to be had"
            )
        elif errno_name(ret) == "ENOMEM":
            words.append(
                "there is no free page to migrate to, or the zone would fall below its low "
                "watermark: a kernel would reclaim, nothing is reclaimed here"
            )
        if ret and migrated:
            words.append("what was migrated stays migrated")
        return replace(self._outcome(ret), pages=0 if ret else nr_pages, words=tuple(words))

    def free_contig(self, start_pfn: int, nr_pages: int) -> Outcome:
        """Give a run of single pages back, ascending, as free_contig_range does."""
        with self._journaled("free_contig", start_pfn, nr_pages):
            ret = self.node.free_contig(start_pfn, nr_pages)
        words = f"{nr_pages} pages freed one by one"
        return replace(self._outcome(ret), pages=nr_pages, words=(self.stopped or words,))

    def offline(self, first_block: int, nr_blocks: int = 1) -> Outcome:
        """Take pageblocks out of use as offline_pages does.

        0, EBUSY, EAGAIN or ENOMEM; under 6.x 0, EBUSY or EINTR; HANGS. A refusal has side effects;
        they are in the words.
        """
        before, types = self._accounts(), self.block_types()
        with self._journaled("offline", first_block, nr_blocks):
            ret = self.node.offline(first_block, nr_blocks)
        after, now = self._accounts(), self.block_types()
        migrated = after["migrated"] - before["migrated"]
        words = [f"{migrated} pages migrated"] if migrated else []
        if ret == 0:
            taken = after["offline"] - before["offline"]
            words.append(f"{taken} pages offline")
            beyond = taken - self._pages_in(first_block, nr_blocks)
            if beyond > 0:
                words.append(
                    f"{beyond} of them lie beyond what was asked for: a free chunk goes whole, "
                    "and present pages fall by the request alone"
                )
        retyped = [
            f"pageblock {b} was {MIGRATETYPES[types[b]]} and is MOVABLE now"
            for b in range(first_block, first_block + nr_blocks)
            if types[b] != now[b] and MIGRATETYPES[now[b]] == "MOVABLE"
        ]
        words += retyped[:3] if ret else []
        if errno_name(ret) == "HANGS":
            words.append(f"offlining never returns. {self._livelock()}")
        if ret and before["pcp"] > after["pcp"]:
            words.append("the pcp lists were drained")
        words += [self.stopped] if self.stopped else []
        return replace(self._outcome(ret), words=tuple(words))

    def _pages_in(self, first_block: int, nr_blocks: int) -> int:
        blocks = range(first_block, first_block + nr_blocks)
        counts = (_read.block_counts(self.node, block)[0] for block in blocks)
        return sum(count["pages"] - count["holes"] for count in counts)

    def online(self, first_block: int, nr_blocks: int = 1) -> Outcome:
        """Bring offline pageblocks back, page by page."""
        before = self._accounts()
        with self._journaled("online", first_block, nr_blocks):
            ret = self.node.online(first_block, nr_blocks)
        pages = before["offline"] - self._accounts()["offline"]
        return replace(self._outcome(ret), pages=pages, words=(f"{pages} pages freed one by one",))

    # ---- the kernel's single calls ----

    def boot_free(self, pfn: int, order: int) -> Outcome:
        """Give reserved pages to the buddy lists by the direct path."""
        with self._journaled("boot_free", pfn, order):
            return self._outcome(self.node.boot_free(pfn, order))

    def mark_lru(self, pfn: int, order: int, lru: bool, anon: bool = False) -> Outcome:
        """Set or clear the LRU flag of the chunks in use in [pfn, pfn + 2^order)."""
        with self._journaled("mark_lru", pfn, order, lru, anon):
            return self._outcome(self.node.mark_lru(pfn, order, lru, anon))

    def offline_isolated(self, start_pfn: int, nr_pages: int) -> Outcome:
        """__offline_isolated_pages alone, on a range made of free chunks."""
        with self._journaled("offline_isolated", start_pfn, nr_pages):
            return self._outcome(self.node.offline_isolated(start_pfn, nr_pages))

    def online_pages(self, start_pfn: int, nr_pages: int) -> Outcome:
        """Free each reserved or offline page of the range, one by one, and nothing else."""
        with self._journaled("online_pages", start_pfn, nr_pages):
            return self._outcome(self.node.online_pages(start_pfn, nr_pages))
