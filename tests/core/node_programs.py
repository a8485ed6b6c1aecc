"""Random programs on the core and the slow reference as whole nodes.

Memory is full from the start, or most of it, so that requests reclaim, wake kswapd, kill, and go
round. A rule picks its page among those that will do, as in random_programs.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sim_core.vocabulary import PCPTYPES
from tests.core.nodes_side_by_side import Ask, NodesSideBySide
from tests.core.random_nodes import asks, fillings, models, shapes
from tests.core.whole_nodes import NodeShape
from tests.reference.node import NodeZone
from tests.reference.pages import Kind
from tests.reference.vocabulary import ISOLATE

CALLS = ("free", "isolate", "unisolate", "free_begin", "free_finish", "request")

FILL_MOST = 1000

picks = st.integers(0, 10_000)
"""Which of the candidates, counted round."""


class Steps:
    """What a program can do: each a call, or a few of one sort, on pages picked by number."""

    def __init__(self, model: str, shape: NodeShape) -> None:
        self.both = NodesSideBySide(model, shape)

    @property
    def running(self) -> bool:
        return not self.both.stopped

    def pick(self, kind: Kind, number: int, pinned: bool = False) -> int | None:
        """One of the frames of this kind."""
        found = [
            pfn for pfn, page in self.both.pages() if page.kind is kind and page.pinned is pinned
        ]
        return found[number % len(found)] if found else None

    def zone(self, number: int) -> NodeZone:
        return self.both.reference.zones[number % len(self.both.reference.zones)]

    def some_pfn(self, number: int) -> int:
        state = self.zone(number).state
        return state.start_pfn + number % (state.end_pfn - state.start_pfn)

    def fill(self, sorts: list[Ask], spared: int) -> None:
        """Every class in turn, highest first, until nothing more is to be had.

        Then so many chunks in a hundred are given back.
        """
        for classzone_idx in reversed(range(len(self.both.shape.zones))):
            self.both.fill(
                [self.known(ask)._replace(classzone_idx=classzone_idx) for ask in sorts], FILL_MOST
            )
        if spared:
            used = [
                pfn
                for pfn, page in self.both.pages()
                if page.kind is Kind.ALLOCATED and not page.pinned
            ]
            self.both.free_all(used[:: max(1, 100 // spared)])

    def known(self, ask: Ask) -> Ask:
        """A request that this node can be asked."""
        classzone_idx = (
            None if ask.classzone_idx is None else ask.classzone_idx % (self.both.top + 1)
        )
        return ask._replace(
            classzone_idx=classzone_idx, order=min(ask.order, self.both.shape.max_order - 1)
        )

    def ask_often(self, ask: Ask, count: int) -> None:
        for _ in range(count):
            if self.running:
                self.both.request(self.known(ask))

    def free(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is not None:
            self.both.free(pfn)

    def begin_free(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is not None:
            self.both.free_begin(pfn)

    def finish_free(self, number: int) -> None:
        pfn = self.pick(Kind.LIMBO, number)
        if pfn is not None:
            self.both.free_finish(pfn)

    def pin(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number)
        if pfn is not None:
            self.both.pin(pfn)

    def unpin(self, number: int) -> None:
        pfn = self.pick(Kind.ALLOCATED, number, pinned=True)
        if pfn is not None:
            self.both.unpin(pfn)

    def mark_lru(self, number: int, count: int, lru: bool, anon: bool) -> None:
        """Chunks in use from some page on."""
        first = self.some_pfn(number)
        state = self.both.reference.zone_at(first).state
        heads = [
            pfn for pfn in range(first, state.end_pfn) if state.pages[pfn].kind is Kind.ALLOCATED
        ]
        if heads:
            self.both.mark_lru(heads[:count], lru, anon)

    def set_free_memory_apart(self, number: int, nr_blocks: int) -> None:
        """All that begins in some blocks is freed, and the blocks isolated: memory for nobody."""
        zone = self.zone(number)
        blocks = self.both.whole_blocks(zone, nr_blocks, lambda kinds: Kind.LIMBO not in kinds)
        if not blocks:
            return
        pfn = blocks[number % len(blocks)]
        self.both.empty(pfn, nr_blocks)
        if self.running:
            self.both.isolate_range(pfn, nr_blocks)

    def isolate(self, number: int, from_its_start: bool) -> None:
        pfn = self.some_pfn(number)
        start = max(pfn & -self.both.block_pages, self.both.reference.zone_at(pfn).state.start_pfn)
        self.both.isolate(start if from_its_start else pfn)

    def unisolate(self, number: int, mt: str) -> None:
        """A block that is isolated, if there is one."""
        isolated = [
            pfn
            for zone in self.both.reference.zones
            for pfn in zone.state.pages
            if zone.state.block_type(pfn) is ISOLATE
        ]
        pfn = isolated[number % len(isolated)] if isolated else self.some_pfn(number)
        self.both.unisolate(pfn, mt)

    def isolate_range(self, number: int, nr_blocks: int, tidy: bool) -> None:
        blocks = self.both.whole_blocks(self.zone(number), nr_blocks, lambda kinds: True)
        if not blocks:
            return
        pfn = blocks[number % len(blocks)]
        if tidy:
            self.both.make_movable(pfn, nr_blocks)
        if self.running:
            self.both.isolate_range(pfn, nr_blocks)

    def offline(self, number: int, nr_blocks: int, tidy: bool) -> None:
        """Whole blocks with no offline page in them; nr_blocks 0: all that the zone has."""
        zone = self.zone(number)
        size = nr_blocks or len(self.both.whole_blocks(zone, 1, lambda kinds: True))
        blocks = self.both.whole_blocks(zone, size, lambda kinds: Kind.OFFLINE not in kinds)
        if not size or not blocks:
            return
        pfn = blocks[number % len(blocks)]
        if self.holds_limbo(zone, pfn, size):
            return
        if tidy:
            self.both.make_movable(pfn, size)
        if self.running:
            self.both.offline(pfn, size)

    def holds_limbo(self, zone: NodeZone, pfn: int, nr_blocks: int) -> bool:
        """Is a page there half freed? 3.x may take it off lists that it is not on: a BUG."""
        pages = range(pfn, pfn + nr_blocks * self.both.block_pages)
        return any(zone.state.pages[page].kind is Kind.LIMBO for page in pages)

    def online(self, number: int, nr_blocks: int) -> None:
        zones = self.both.reference.zones
        blocks = [
            pfn
            for zone in zones
            for pfn in self.both.whole_blocks(
                zone, nr_blocks, lambda kinds: kinds == {Kind.OFFLINE}
            )
        ]
        if blocks:
            self.both.online(blocks[number % len(blocks)], nr_blocks)

    def kill(self) -> None:
        """If there is a process with memory to give back."""
        if any(
            page.kind is Kind.ALLOCATED and page.owner and not page.pinned
            for _, page in self.both.pages()
        ):
            self.both.oom_kill()

    def let_kswapd(self, steps: int) -> None:
        for _ in range(steps):
            if self.running:
                self.both.kswapd_step()


def random_ask(draw: random.Random) -> Ask:
    lru = draw.random() < 0.7
    return Ask(
        draw.choice((0, 0, 0, 0, 1, 2, 3, 4)),
        draw.choice((*PCPTYPES, "MOVABLE", "MOVABLE")),
        draw.choice((None, None, 0, 1, 2, 3)),
        draw.random() < 0.2,
        lru,
        lru and draw.random() < 0.6,
        draw.choice((0, 1, 1, 2, 3)),
    )


def take_random_step(steps: Steps, draw: random.Random) -> None:
    """One of those of the rules below, with what makes memory short more often."""
    number = draw.randrange(10_000)
    ask = random_ask(draw)
    person = Ask(lru=True, anon=ask.anon, owner=ask.owner)
    draw.choice(
        (
            *[lambda: steps.ask_often(ask, draw.randrange(1, 6))] * 4,
            *[lambda: steps.ask_often(person, draw.randrange(1, 6))] * 4,
            lambda: steps.fill([random_ask(draw), random_ask(draw)], draw.choice((0, 0, 3))),
            lambda: steps.free(number),
            lambda: steps.begin_free(number),
            lambda: steps.finish_free(number),
            lambda: steps.pin(number),
            lambda: steps.unpin(number),
            lambda: steps.mark_lru(number, draw.randrange(1, 30), ask.lru, ask.anon),
            *[lambda: steps.set_free_memory_apart(number, draw.randrange(1, 8))] * 2,
            lambda: steps.isolate(number, ask.lru),
            lambda: steps.unisolate(
                number, draw.choice(("MOVABLE", "MOVABLE", "UNMOVABLE", "CMA"))
            ),
            lambda: steps.isolate_range(number, draw.randrange(1, 5), ask.lru),
            *[lambda: steps.offline(number, draw.choice((0, 0, 1, 2, 5)), ask.lru)] * 2,
            lambda: steps.online(number, draw.randrange(1, 4)),
            *[lambda: steps.let_kswapd(draw.randrange(1, 20))] * 2,
            lambda: steps.both.write_min_free_kbytes(draw.choice((0, 8, 30, 90, 200))),
            steps.both.drain,
            steps.kill,
        )
    )()


class NodesBesideReference(RuleBasedStateMachine):
    """Random programs. Which page a call is about is drawn as a number among those that will do."""

    @initialize(
        model=models,
        shape=shapes(),
        sorts=fillings() | fillings() | st.none(),
        spared=st.sampled_from([0, 0, 2, 10]),
    )
    def build(self, model: str, shape: NodeShape, sorts: list[Ask] | None, spared: int) -> None:
        self.steps = Steps(model, shape)
        if sorts is not None:
            self.steps.fill(sorts, spared)

    @precondition(lambda self: not self.steps.running)
    @rule()
    def stays_stopped(self) -> None:
        """After a BUG nothing runs; what had happened by then stands."""
        self.steps.both.compare()

    @precondition(lambda self: self.steps.running)
    @rule(ask=asks(), count=st.integers(1, 8))
    def requests(self, ask: Ask, count: int) -> None:
        self.steps.ask_often(ask, count)

    @precondition(lambda self: self.steps.running)
    @rule(ask=asks(), count=st.integers(1, 8))
    def asks_for_the_highest_zone(self, ask: Ask, count: int) -> None:
        """What a person's memory is."""
        self.steps.ask_often(
            ask._replace(order=0, mt="MOVABLE", classzone_idx=None, atomic=False), count
        )

    @precondition(lambda self: self.steps.running)
    @rule(sorts=fillings(), spared=st.sampled_from([0, 0, 0, 5]))
    def fills(self, sorts: list[Ask], spared: int) -> None:
        self.steps.fill(sorts, spared)

    @precondition(lambda self: self.steps.running)
    @rule(numbers=st.lists(picks, min_size=1, max_size=4))
    def frees(self, numbers: list[int]) -> None:
        for number in numbers:
            if self.steps.running:
                self.steps.free(number)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, begin=st.booleans())
    def frees_by_halves(self, number: int, begin: bool) -> None:
        (self.steps.begin_free if begin else self.steps.finish_free)(number)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, pin=st.booleans())
    def pins_or_unpins(self, number: int, pin: bool) -> None:
        (self.steps.pin if pin else self.steps.unpin)(number)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, count=st.integers(1, 30), lru=st.booleans(), anon=st.booleans())
    def marks_lru(self, number: int, count: int, lru: bool, anon: bool) -> None:
        self.steps.mark_lru(number, count, lru, anon)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, nr_blocks=st.integers(1, 6))
    def sets_free_memory_apart(self, number: int, nr_blocks: int) -> None:
        self.steps.set_free_memory_apart(number, nr_blocks)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, from_its_start=st.booleans())
    def isolates(self, number: int, from_its_start: bool) -> None:
        self.steps.isolate(number, from_its_start)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, mt=st.sampled_from(["MOVABLE", "MOVABLE", "UNMOVABLE", "CMA"]))
    def unisolates(self, number: int, mt: str) -> None:
        self.steps.unisolate(number, mt)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, nr_blocks=st.integers(1, 4), tidy=st.booleans())
    def isolates_a_range(self, number: int, nr_blocks: int, tidy: bool) -> None:
        self.steps.isolate_range(number, nr_blocks, tidy)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, nr_blocks=st.sampled_from([0, 0, 1, 2, 5]), tidy=st.booleans())
    def offlines(self, number: int, nr_blocks: int, tidy: bool) -> None:
        self.steps.offline(number, nr_blocks, tidy)

    @precondition(lambda self: self.steps.running)
    @rule(number=picks, nr_blocks=st.integers(1, 3))
    def onlines(self, number: int, nr_blocks: int) -> None:
        self.steps.online(number, nr_blocks)

    @precondition(lambda self: self.steps.running)
    @rule(steps=st.integers(1, 16))
    def lets_kswapd_run(self, steps: int) -> None:
        self.steps.let_kswapd(steps)

    @precondition(lambda self: self.steps.running)
    @rule(kbytes=st.integers(0, 300))
    def writes_min_free_kbytes(self, kbytes: int) -> None:
        self.steps.both.write_min_free_kbytes(kbytes)

    @precondition(lambda self: self.steps.running)
    @rule()
    def drains(self) -> None:
        self.steps.both.drain()

    @precondition(lambda self: self.steps.running)
    @rule()
    def kills(self) -> None:
        self.steps.kill()

    @precondition(lambda self: self.steps.running)
    @rule(what=st.sampled_from(CALLS), pfn=st.integers(0, 500), ask=asks())
    def nonsense(self, what: str, pfn: int, ask: Ask) -> None:
        """Calls as they come: most are refused, and then by both."""
        both = self.steps.both
        if what == "request":
            both.request(ask)
        elif what == "unisolate":
            both.unisolate(pfn, ask.mt)
        else:
            getattr(both, what)(pfn)
