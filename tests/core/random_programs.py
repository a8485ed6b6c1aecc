"""Random programs on the core and the slow reference: which zones, and which operations.

A rule is an operation that has been drawn. It picks its page among those that will do, so that
most calls do something; `nonsense` picks none.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sim_core.vocabulary import PCPTYPES
from tests.core.random_zones import models, zones
from tests.core.side_by_side import Model, SideBySide
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE

CALLS = (
    "boot_free",
    "free",
    "isolate",
    "unisolate",
    "split_free_page",
    "offline_isolated",
    "online_pages",
    "alloc",
    "free_begin",
    "free_finish",
)

block_types = st.sampled_from([*PCPTYPES, "of the era", "CMA", "ISOLATE"])

picks = st.integers(0, 10_000)
"""Which of the candidates, counted round."""


class CoreAndReference(RuleBasedStateMachine):
    """Random programs. Which page a call is about is drawn as a number among those that will do."""

    @initialize(
        model=models,
        zone=zones(),
        live=st.booleans(),
        freed=st.none() | st.integers(0, 6),
        used=st.booleans(),
    )
    def build(
        self, model: Model, zone: dict[str, Any], live: bool, freed: int | None, used: bool
    ) -> None:
        """A zone booted live or bare; a bare one freed at some order; perhaps all taken singly."""
        self.both = SideBySide(model, zone, live)
        if not live and freed is not None:
            self.boot_frees_all(freed)
        if used:
            while self.both.alloc(0, "MOVABLE", True) is not None:
                pass

    def pick(self, kind: Kind, number: int, pinned: bool = False) -> int | None:
        """One of the frames of this kind."""
        found = [
            pfn
            for pfn, page in self.both.zone.state.pages.items()
            if page.kind is kind and page.pinned is pinned
        ]
        return found[number % len(found)] if found else None

    # -- rules

    @precondition(lambda self: self.both.stopped)
    @rule()
    def stays_stopped(self) -> None:
        """After a BUG nothing runs; what had happened by then stands."""
        self.both.compare()

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, order=st.integers(0, 6))
    def boot_frees(self, number: int, order: int) -> None:
        """The chunk around some reserved page, as large as will do."""
        pfn = self.pick(Kind.RESERVED if number % 4 else Kind.OFFLINE, number // 4)
        if pfn is None:
            return
        pages = self.both.zone.state.pages
        for smaller in reversed(range(min(order, self.both.max_order - 1) + 1)):
            head = pfn & -(1 << smaller)
            chunk = [pages.get(page) for page in range(head, head + (1 << smaller))]
            if all(page is not None and page.kind is pages[pfn].kind for page in chunk):
                self.both.boot_free(head, smaller)
                return

    def boot_frees_all(self, order: int) -> None:
        """Every reserved chunk of this order."""
        size = 1 << min(order, self.both.max_order - 1)
        pages = self.both.zone.state.pages
        for head in range(self.both.start_pfn & -size, self.both.end_pfn, size):
            chunk = [pages.get(page) for page in range(head, head + size)]
            if not self.both.stopped and all(
                page is not None and page.kind is Kind.RESERVED for page in chunk
            ):
                self.both.boot_free(head, size.bit_length() - 1)

    @precondition(lambda self: not self.both.stopped)
    @rule(
        order=st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6]),
        mt=st.sampled_from([*PCPTYPES, "MOVABLE"]),
        lru=st.booleans(),
        atomic=st.sampled_from([False, False, True]),
        count=st.integers(1, 12),
    )
    def allocs(self, order: int, mt: str, lru: bool, atomic: bool, count: int) -> None:
        for _ in range(count):
            if self.both.alloc(min(order, self.both.max_order - 1), mt, lru, atomic) is None:
                return

    @precondition(lambda self: not self.both.stopped)
    @rule(numbers=st.lists(picks, min_size=1, max_size=12))
    def frees(self, numbers: list[int]) -> None:
        for number in numbers:
            pfn = self.pick(Kind.ALLOCATED, number)
            if pfn is None or self.both.stopped:
                return
            self.both.free(pfn, self.both.zone.state.pages[pfn].order)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def frees_a_block(self, number: int) -> None:
        """Every chunk that begins in the block of some allocated page."""
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is None:
            return
        first = pfn & -self.both.block_pages
        for page in range(
            max(first, self.both.start_pfn), min(first + self.both.block_pages, self.both.end_pfn)
        ):
            found = self.both.zone.state.pages[page]
            if found.kind is Kind.ALLOCATED and not found.pinned and not self.both.stopped:
                self.both.free(page, found.order)

    @precondition(lambda self: not self.both.stopped)
    @rule()
    def drains(self) -> None:
        self.both.drain()

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, mt=block_types, move=st.booleans())
    def sets_block_type(self, number: int, mt: str, move: bool) -> None:
        """6.x moves no chunks uncounted."""
        self.both.set_block_type(
            self.some_pfn(number), self.known(mt), move and not self.both.is_six
        )

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, from_its_start=st.booleans())
    def isolates(self, number: int, from_its_start: bool) -> None:
        pfn = self.some_pfn(number)
        start = max(pfn & -self.both.block_pages, self.both.start_pfn)
        self.both.isolate(start if from_its_start else pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, nr_blocks=st.integers(1, 4), tidy=st.booleans())
    def isolates_a_range(self, number: int, nr_blocks: int, tidy: bool) -> None:
        blocks = self.both.whole_blocks(nr_blocks, lambda kinds: kinds != {Kind.HOLE})
        if not blocks:
            return
        pfn = blocks[number % len(blocks)]
        if tidy:
            self.makes_movable(pfn, nr_blocks)
        if not self.both.stopped:
            self.both.isolate_range(pfn, nr_blocks)

    def makes_movable(self, start_pfn: int, nr_blocks: int) -> None:
        """Single pages on the LRU and nothing else in use in these blocks."""
        pages = self.both.zone.state.pages
        for pfn in range(start_pfn, start_pfn + nr_blocks * self.both.block_pages):
            if pages[pfn].kind is not Kind.ALLOCATED or self.both.stopped:
                continue
            if pages[pfn].pinned:
                self.both.unpin(pfn)
            if pages[pfn].order:
                self.both.free(pfn, pages[pfn].order)
            elif not pages[pfn].lru:
                self.both.mark_lru(pfn, 0, True)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, ends=st.booleans())
    def isolation_meets_a_free(self, number: int, ends: bool) -> None:
        """It begins or ends between the two halves of a free."""
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is None:
            return
        if ends:
            self.both.mark_lru(pfn, self.both.zone.state.pages[pfn].order, True)
            self.both.isolate(pfn)
        self.both.free_begin(pfn, self.both.zone.state.pages[pfn].order)
        if ends:
            self.both.unisolate(pfn, "MOVABLE")
        else:
            self.both.isolate(pfn)
        self.both.free_finish(pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def begins_a_free(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is not None:
            self.both.free_begin(pfn, self.both.zone.state.pages[pfn].order)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def finishes_a_free(self, number: int) -> None:
        pfn = self.pick(Kind.LIMBO, number)
        if pfn is not None:
            self.both.free_finish(pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, mt=block_types | st.just("MOVABLE"))
    def unisolates(self, number: int, mt: str) -> None:
        """A block that is isolated, if there is one."""
        isolated = [
            pfn
            for pfn in self.both.zone.state.pages
            if self.both.zone.state.block_type(pfn).value == "ISOLATE"
        ]
        pfn = isolated[number % len(isolated)] if isolated else self.some_pfn(number)
        self.both.unisolate(pfn, self.known(mt))

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def splits(self, number: int) -> None:
        pfn = self.pick(Kind.FREE, number)
        if pfn is not None:
            self.both.split_free_page(pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, chunks=st.integers(1, 4), less=st.booleans())
    def offlines_free_chunks(self, number: int, chunks: int, less: bool) -> None:
        """Some free chunks one after another; the last perhaps not to its end."""
        pfn = self.pick(Kind.FREE, number)
        if pfn is None:
            return
        end, pages = pfn, self.both.zone.state.pages
        for _ in range(chunks):
            found = pages.get(end)
            if found is None or found.kind is not Kind.FREE:
                break
            end += 1 << found.order
        self.both.offline_isolated(pfn, max(1, end - pfn - less))

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, most=st.integers(1, 40))
    def onlines_pages(self, number: int, most: int) -> None:
        """A run of pages that are offline or reserved."""
        pfn = self.pick(Kind.OFFLINE if number % 3 else Kind.RESERVED, number // 3)
        if pfn is None:
            return
        end, pages = pfn, self.both.zone.state.pages
        while end < self.both.end_pfn and end - pfn < most:
            hole_will_do = pages[end].kind is Kind.HOLE and not self.both.is_six
            if pages[end].kind not in (Kind.OFFLINE, Kind.RESERVED) and not hole_will_do:
                break
            end += 1
        self.both.online_pages(pfn, end - pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks, lru=st.booleans())
    def marks_lru(self, number: int, lru: bool) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is None:
            return
        self.both.mark_lru(pfn, self.both.zone.state.pages[pfn].order, lru)

    @precondition(lambda self: not self.both.stopped)
    @rule(lru=st.booleans(), number=picks)
    def marks_a_block_lru(self, lru: bool, number: int) -> None:
        """What an offlining that succeeds needs."""
        first = self.some_pfn(number) & -self.both.block_pages
        for pfn in range(
            max(first, self.both.start_pfn), min(first + self.both.block_pages, self.both.end_pfn)
        ):
            page = self.both.zone.state.pages[pfn]
            if page.kind is Kind.ALLOCATED and page.order == 0:
                self.both.mark_lru(pfn, 0, lru)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def pins(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is not None:
            self.both.pin(pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def unpins(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number, pinned=True)
        if pfn is not None:
            self.both.unpin(pfn)

    @precondition(lambda self: not self.both.stopped)
    @rule(number=picks)
    def frees_a_pinned_one(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number, pinned=True)
        if pfn is not None:
            self.both.free(pfn, self.both.zone.state.pages[pfn].order)

    @precondition(lambda self: not self.both.stopped and self.both.live)
    @rule(number=picks, nr_blocks=st.integers(1, 3), tidy=st.booleans())
    def offlines(self, number: int, nr_blocks: int, tidy: bool) -> None:
        """Whole blocks with no offline page in them; offlining those again is refused unseen.

        The primitive calls know no present pages; where they have onlined memory that offlining
        took off, there must be enough left to take off once more.
        """
        blocks = self.both.whole_blocks(
            nr_blocks, lambda kinds: Kind.OFFLINE not in kinds and kinds != {Kind.HOLE}
        )
        if not blocks or self.both.zone.present_pages < nr_blocks * self.both.block_pages:
            return
        pfn = blocks[number % len(blocks)]
        if tidy:
            self.makes_movable(pfn, nr_blocks)
        limbo = self.takes_limbo_for_free(pfn, nr_blocks * self.both.block_pages)
        if not limbo and not self.both.stopped:
            self.both.offline(pfn, nr_blocks)

    def takes_limbo_for_free(self, start_pfn: int, nr_pages: int) -> bool:
        """Would 3.x take a page that is being freed to ISOLATE off lists it is not on: a BUG?

        The core refuses it like any other page that is not free.
        """
        pages = self.both.zone.state.pages
        return any(
            pages[pfn].kind is Kind.LIMBO and pages[pfn].kept is ISOLATE
            for pfn in range(start_pfn, start_pfn + nr_pages)
        )

    @precondition(lambda self: not self.both.stopped and self.both.live)
    @rule(number=picks, nr_blocks=st.integers(1, 3))
    def onlines(self, number: int, nr_blocks: int) -> None:
        kinds_wanted = {Kind.OFFLINE} if self.both.is_six else {Kind.OFFLINE, Kind.HOLE}
        blocks = self.both.whole_blocks(
            nr_blocks, lambda kinds: Kind.OFFLINE in kinds and kinds <= kinds_wanted
        )
        if blocks:
            self.both.online(blocks[number % len(blocks)], nr_blocks)

    @precondition(lambda self: not self.both.stopped)
    @rule(
        what=st.sampled_from(CALLS),
        pfn=st.integers(0, 420),
        order=st.integers(0, 8),
        mt=block_types,
    )
    def nonsense(self, what: str, pfn: int, order: int, mt: str) -> None:
        """Calls as they come: most are refused, and then by both.

        Over a hole the core is the more liberal in 6.x, where there are none to speak of.
        """
        mt = self.known(mt)
        if what == "boot_free":
            kinds = {
                page.kind
                for at in range(pfn, pfn + (1 << order))
                if (page := self.both.zone.state.pages.get(at))
            }
            if not {Kind.RESERVED, Kind.OFFLINE} <= kinds:  # the core takes one sort at a time
                self.both.boot_free(pfn, order)
        elif what == "free":
            self.both.free(pfn, order)
        elif what == "isolate":
            self.both.isolate(pfn)
        elif what == "unisolate":
            self.both.unisolate(pfn, mt)
        elif what == "split_free_page":
            self.both.split_free_page(pfn)
        elif what == "free_begin":
            page = self.both.zone.state.pages.get(pfn)
            self.both.free_begin(pfn, page.order if page else 0)
        elif what == "free_finish":
            self.both.free_finish(pfn)
        elif what in ("offline_isolated", "online_pages"):
            if self.both.is_six and self.meets_hole(range(pfn, pfn + order)):
                return
            if what == "offline_isolated":
                self.both.offline_isolated(pfn, order)
            else:
                self.both.online_pages(pfn, order)
        else:
            self.both.alloc(order, mt, False)

    def meets_hole(self, pfns: range) -> bool:
        found = (self.both.zone.state.pages.get(pfn) for pfn in pfns)
        return any(page is not None and page.kind is Kind.HOLE for page in found)

    def known(self, mt: str) -> str:
        """A type of this kernel."""
        if mt != "of the era":
            return mt
        return "HIGHATOMIC" if self.both.is_six else "RESERVE"

    def some_pfn(self, number: int) -> int:
        return self.both.start_pfn + number % (self.both.end_pfn - self.both.start_pfn)
