"""Laying a zone out from counts: exact numbers, nothing overlapping, no free buddies."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim_core.errors import ConfigError, InputError
from sim_core.exporters import TypeRows, render_pagetypeinfo
from sim_core.importers import ProcCapture, ZoneLayout, layout, read_capture
from sim_core.vocabulary import MIGRATETYPES, PROC_NAMES
from tests.fixtures.proc.files import SNAPSHOTS, files

Numbers = np.ndarray[Any, np.dtype[np.int64]]

UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, HIGHATOMIC, CMA, ISOLATE = range(7)
TYPES = range(len(MIGRATETYPES))
NAMES = [PROC_NAMES[name] for name in MIGRATETYPES]


@dataclass(frozen=True)
class Zone:
    """A zone by its counts; zoneinfo is written if it has a start."""

    pageblock_order: int
    max_order: int
    free: Mapping[tuple[int, int], int]
    """By (order, type)."""
    blocks: Mapping[int, int] | None
    start_pfn: int | None = None
    spanned: int = 0
    present: int | None = None
    managed: int | None = None

    def capture(self) -> ProcCapture:
        rows = {
            NAMES[t]: [str(self.free.get((order, t), 0)) for order in range(self.max_order)]
            for t in TYPES
        }
        blocks = None if self.blocks is None else {NAMES[t]: self.blocks.get(t, 0) for t in TYPES}
        table = TypeRows(0, "Normal", rows, blocks, None)
        text = render_pagetypeinfo(self.pageblock_order, self.max_order, NAMES, [table])
        given_files = [("pagetypeinfo", text.encode())]
        if self.start_pfn is not None:
            present = self.spanned if self.present is None else self.present
            managed = "" if self.managed is None else f"        managed  {self.managed}\n"
            info = (
                "Node 0, zone   Normal\n  pages free     0\n        min      1\n"
                "        low      2\n        high     3\n"
                f"        spanned  {self.spanned}\n        present  {present}\n{managed}"
                "  pagesets\n    cpu: 0\n              count: 5\n              high:  186\n"
                f"              batch: 31\n  start_pfn: {self.start_pfn}\n"
            )
            given_files.append(("zoneinfo", info.encode()))
        return read_capture(given_files)

    def laid_out(self, seed: int = 1) -> ZoneLayout:
        """Under a model that has both types, so that none is renamed."""
        return layout(self.capture(), 0, "Normal", seed=seed, has_reserve=True, has_highatomic=True)


def free_counts(capture: ProcCapture, node: int, name: str) -> Counter[tuple[int, int]]:
    zone = capture.zone(node, name)
    assert zone is not None
    return Counter(
        {
            (order, mtype): count.value
            for mtype, row in zone.free.items()
            for order, count in enumerate(row.counts)
            if count.value
        }
    )


def check(plan: ZoneLayout, wanted: Counter[tuple[int, int]]) -> None:
    """Everything that must hold of any layout."""
    assert Counter(zip(plan.free_order, plan.free_type, strict=True)) == wanted
    assert len(plan.allocated_pfn) == len(plan.allocated_order) == len(plan.allocated_type)
    assert len(plan.allocated_pfn) == len(plan.allocated_lru)
    end = plan.start_pfn + plan.spanned_pages
    first_block = plan.start_pfn >> plan.pageblock_order
    assert len(plan.block_types) == ((end - 1) >> plan.pageblock_order) - first_block + 1

    free_pfn, free_order, free_type = map(numbers, (plan.free_pfn, plan.free_order, plan.free_type))
    pfn, order, mtype, lru = map(
        numbers,
        (plan.allocated_pfn, plan.allocated_order, plan.allocated_type, plan.allocated_lru),
    )
    for pfns, orders in ((free_pfn, free_order), (pfn, order)):
        assert (pfns % (1 << orders) == 0).all()
        assert (orders < plan.max_order).all()
    others = numbers([*plan.holes, *plan.reserved]).reshape(-1, 2)
    starts = np.concatenate((free_pfn, pfn, others[:, 0]))
    pages = np.concatenate((1 << free_order, 1 << order, others[:, 1]))
    ascending = np.argsort(starts)
    ends = plan.start_pfn + np.cumsum(pages[ascending])
    # Each page is covered once.
    assert (starts[ascending] == np.concatenate(([plan.start_pfn], ends[:-1]))).all()
    assert ends[-1] == end

    buddies = 0
    for o in range(plan.max_order - 1):
        heads = free_pfn[free_order == o]
        buddies += np.isin(heads ^ (1 << o), heads).sum()
    assert buddies == 2 * plan.unmerged_pairs
    types = numbers(plan.block_types)
    stray = types[(free_pfn >> plan.pageblock_order) - first_block] != free_type
    assert stray.sum() == plan.stray_chunks
    assert any("unmerged" in note for note in plan.notes) == (plan.unmerged_pairs > 0)
    assert any("no room in blocks" in note for note in plan.notes) == (plan.stray_chunks > 0)

    block = types[(pfn >> plan.pageblock_order) - first_block]
    movable = np.isin(block, (MOVABLE, CMA, ISOLATE))
    kept = np.isin(block, (RESERVE, HIGHATOMIC))
    assert (order[movable | kept] == 0).all()
    assert (order <= min(3, plan.pageblock_order)).all()
    assert (lru == movable).all()
    assert (mtype == np.where(movable, MOVABLE, np.where(kept, UNMOVABLE, block))).all()


def numbers(values: Iterable[int] | Iterable[tuple[int, int]]) -> Numbers:
    return np.array(values if isinstance(values, array) else list(values), dtype=np.int64)


class TestRecordedZones:
    @pytest.mark.parametrize("snapshot", SNAPSHOTS)
    @pytest.mark.parametrize("with_others", [True, False])
    def test_a_real_zone_fits_without_stray_or_unmerged_chunks(
        self, snapshot: str, with_others: bool
    ) -> None:
        capture = read_capture(files(snapshot) if with_others else files(snapshot, "pagetypeinfo"))
        for zone in capture.runnable:
            plan = layout(capture, *zone.key, seed=3, has_reserve=True, has_highatomic=True)
            check(plan, free_counts(capture, *zone.key))
            assert (plan.stray_chunks, plan.unmerged_pairs) == (0, 0)
            assert zone.blocks is not None
            counted = Counter(plan.block_types)
            not_online = len(plan.block_types) - sum(zone.blocks.values())
            counted[MOVABLE] -= not_online
            assert counted == Counter(zone.blocks)

    def test_zoneinfo_places_the_zone_and_sizes_its_lists(self) -> None:
        capture = read_capture(files("6.1-idle"))
        plan = layout(capture, 0, "DMA", seed=1, has_reserve=False, has_highatomic=True)
        assert (plan.start_pfn, plan.spanned_pages) == (1, 4095)
        assert sum(pages for _, pages in plan.holes) == 4095 - 3998
        assert sum(pages for _, pages in plan.reserved) == 3998 - 3840
        assert plan.watermark == (14, 17, 20)
        assert plan.pcp == (17, 1)

    def test_blocks_that_are_not_online_are_holes_at_the_end(self) -> None:
        capture = read_capture(files("6.18"))
        plan = layout(capture, 0, "Normal", seed=1, has_reserve=True, has_highatomic=False)
        assert plan.holes == ((1540096, 5013504),)
        assert plan.reserved == ()
        assert any("9792 of them" in note for note in plan.notes)

    def test_a_capped_list_that_buddyinfo_resolved_is_laid_out_whole(self) -> None:
        capture = read_capture(files("5.15-capped"))
        plan = layout(capture, 0, "Normal", seed=1, has_reserve=True, has_highatomic=False)
        counts = Counter(zip(plan.free_order, plan.free_type, strict=True))
        assert counts[0, MOVABLE] == 143219


class TestEras:
    @pytest.mark.parametrize(
        ("snapshot", "zone", "has_reserve", "was", "becomes"),
        [
            ("5.15-capped", (0, "Normal"), True, HIGHATOMIC, RESERVE),
            ("3.5-two-nodes", (1, "Normal"), False, RESERVE, HIGHATOMIC),
        ],
    )
    def test_a_type_the_model_lacks_is_filed_as_its_like_in_words(
        self, snapshot: str, zone: tuple[int, str], has_reserve: bool, was: int, becomes: int
    ) -> None:
        capture = read_capture(files(snapshot))
        plan = layout(
            capture, *zone, seed=1, has_reserve=has_reserve, has_highatomic=not has_reserve
        )
        file_counts = free_counts(capture, *zone)
        check(
            plan, Counter({(o, becomes if t == was else t): n for (o, t), n in file_counts.items()})
        )
        of_type = sum(n for (_, t), n in file_counts.items() if t == was)
        assert of_type and list(plan.free_type).count(becomes) == of_type
        found = capture.zone(*zone)
        assert found is not None and found.blocks is not None
        assert plan.block_types.count(becomes) == found.blocks[was]
        assert f"{NAMES[was]} is filed as {NAMES[becomes]}" in " ".join(plan.notes)

    def test_a_model_with_the_type_keeps_it(self) -> None:
        capture = read_capture(files("3.5-two-nodes"))
        plan = layout(capture, 1, "Normal", seed=1, has_reserve=True, has_highatomic=False)
        check(plan, free_counts(capture, 1, "Normal"))
        assert not any("filed as" in note for note in plan.notes)


@st.composite
def merged_zones(draw: st.DrawFn) -> Zone:
    """Counts of a zone in which no two free buddies are left, as any allocator leaves it."""
    pageblock_order = draw(st.integers(0, 4))
    max_order = draw(st.integers(pageblock_order + 1, pageblock_order + 4))
    start = draw(st.integers(0, 40))
    spanned = draw(st.integers(1, 160))
    rng = Random(draw(st.integers(0, 2**32)))
    density = draw(st.sampled_from([0.02, 0.2, 0.5, 0.8, 0.98, 1.0]))
    end = start + spanned
    used = {pfn for pfn in range(start, end) if rng.random() >= density}
    first = start >> pageblock_order
    kinds = draw(st.lists(st.sampled_from(TYPES[:6]), min_size=1, max_size=6))
    types = [rng.choice(kinds) for _ in range(first, ((end - 1) >> pageblock_order) + 1)]
    free: Counter[tuple[int, int]] = Counter()
    pfn = start
    while pfn < end:
        order = max_order - 1
        while order >= 0 and (
            pfn % (1 << order)
            or pfn + (1 << order) > end
            or not used.isdisjoint(range(pfn, pfn + (1 << order)))
        ):
            order -= 1
        if order < 0:
            pfn += 1
            continue
        free[order, types[(pfn >> pageblock_order) - first]] += 1
        pfn += 1 << order
    return Zone(pageblock_order, max_order, free, Counter(types), start, spanned)


@st.composite
def any_zones(draw: st.DrawFn) -> Zone:
    """Counts that need not come from any allocator, and may not fit."""
    pageblock_order = draw(st.integers(0, 3))
    max_order = draw(st.integers(pageblock_order + 1, pageblock_order + 3))
    blocks = draw(st.dictionaries(st.sampled_from(TYPES), st.integers(1, 6), min_size=1))
    chunk = st.tuples(st.integers(0, max_order - 1), st.sampled_from(TYPES))
    free = draw(st.dictionaries(chunk, st.integers(1, 6), max_size=8))
    zone = Zone(pageblock_order, max_order, free, blocks)
    if draw(st.booleans()):
        pages = sum(blocks.values()) << pageblock_order
        spanned = draw(st.integers(1, pages + 20))
        present = draw(st.integers(0, spanned))
        managed = draw(st.none() | st.integers(0, present))
        start = draw(st.integers(0, 40))
        zone = replace(zone, start_pfn=start, spanned=spanned, present=present, managed=managed)
        if draw(st.booleans()):
            zone = replace(zone, blocks=None)
    return zone


class TestAnyZone:
    @settings(deadline=None, max_examples=300)
    @given(merged_zones(), st.integers())
    def test_what_an_allocator_left_merged_is_laid_out_merged(self, zone: Zone, seed: int) -> None:
        plan = zone.laid_out(seed)
        check(plan, Counter(zone.free))
        assert plan.unmerged_pairs == 0
        assert Counter(plan.block_types) == zone.blocks
        assert plan.holes == plan.reserved == ()

    @settings(deadline=None, max_examples=300)
    @given(any_zones(), st.integers())
    def test_any_counts_are_laid_out_exactly_or_refused_by_their_row(
        self, zone: Zone, seed: int
    ) -> None:
        wanted = Counter(zone.free)
        pages = sum(count << order for (order, _), count in wanted.items())
        error: InputError | None = None
        try:
            plan = zone.laid_out(seed)
        except InputError as refusal:
            error = refusal
        if error is not None:
            assert error.file == "pagetypeinfo" and error.line is not None
            assert 5 <= error.line <= 11  # the rows of the seven types
            assert "type" in error.got
            return
        assert pages <= plan.spanned_pages
        check(plan, wanted)
        if zone.blocks is not None:
            counted = Counter(plan.block_types)
            assert all(counted[mtype] >= count for mtype, count in zone.blocks.items())

    @settings(deadline=None)
    @given(merged_zones(), st.integers())
    def test_the_same_seed_gives_the_same_layout(self, zone: Zone, seed: int) -> None:
        assert zone.laid_out(seed) == zone.laid_out(seed)

    def test_another_seed_gives_another_layout(self) -> None:
        zone = Zone(4, 6, {(0, MOVABLE): 20, (2, MOVABLE): 9}, {MOVABLE: 16})
        assert zone.laid_out(1).free_pfn != zone.laid_out(2).free_pfn


class TestTightCases:
    def test_a_full_zone_of_largest_chunks(self) -> None:
        plan = Zone(2, 4, {(3, MOVABLE): 4}, {MOVABLE: 8}).laid_out()
        assert sorted(pfn - plan.start_pfn for pfn in plan.free_pfn) == [0, 8, 16, 24]
        assert len(plan.allocated_pfn) == 0

    def test_smaller_chunks_nest_beside_larger_ones(self) -> None:
        free = {(order, MOVABLE): 1 for order in range(4)}
        plan = Zone(4, 5, free, {MOVABLE: 1}).laid_out()
        check(plan, Counter(free))
        assert (plan.unmerged_pairs, len(plan.allocated_pfn)) == (0, 1)

    def test_one_chunk_more_than_pairs_is_left_unmerged_and_said(self) -> None:
        free = {(0, MOVABLE): 3}
        plan = Zone(2, 3, free, {MOVABLE: 1}).laid_out()
        check(plan, Counter(free))
        assert plan.unmerged_pairs == 1

    def test_chunks_without_blocks_of_their_type_go_to_movable_ones(self) -> None:
        free = {(0, UNMOVABLE): 2, (3, RECLAIMABLE): 1}
        plan = Zone(2, 4, free, {MOVABLE: 4}).laid_out()
        check(plan, Counter(free))
        assert plan.stray_chunks == 3

    def test_a_large_chunk_prefers_two_blocks_of_its_type(self) -> None:
        free = {(3, UNMOVABLE): 1, (3, MOVABLE): 2}
        plan = Zone(2, 4, free, {UNMOVABLE: 3, MOVABLE: 5}).laid_out()
        for pfn, mtype in zip(plan.free_pfn, plan.free_type, strict=True):
            at = (pfn - plan.start_pfn) // 4
            assert set(plan.block_types[at : at + 2]) == {mtype}

    def test_a_large_chunk_short_of_a_block_has_its_head_in_its_own(self) -> None:
        free = {(3, UNMOVABLE): 1}
        plan = Zone(2, 4, free, {UNMOVABLE: 1, MOVABLE: 3}).laid_out()
        at = (plan.free_pfn[0] - plan.start_pfn) // 4
        assert tuple(plan.block_types[at : at + 2]) == (UNMOVABLE, MOVABLE)
        assert plan.stray_chunks == 0

    def test_isolated_chunks_stay_in_isolated_blocks(self) -> None:
        free = {(0, ISOLATE): 3, (1, MOVABLE): 1}
        plan = Zone(2, 3, free, {ISOLATE: 1, MOVABLE: 4}).laid_out()
        check(plan, Counter(free))
        assert (plan.stray_chunks, plan.unmerged_pairs) == (0, 1)

    def test_too_many_chunks_for_the_alignment_name_their_row(self) -> None:
        # 17 pages from PFN 1: 8 to 15 hold the only aligned chunk of order 3, and so no order 2.
        zone = Zone(1, 4, {(3, MOVABLE): 1, (2, RECLAIMABLE): 2}, None, start_pfn=1, spanned=17)
        with pytest.raises(
            InputError, match=r"1 too many of order 2 \(type Reclaimable\)"
        ) as caught:
            zone.laid_out()
        assert caught.value.line == 6

    def test_without_zoneinfo_a_zone_lies_where_x86_has_it(self) -> None:
        plan = Zone(9, 11, {}, {MOVABLE: 4}).laid_out()
        assert (plan.start_pfn, plan.spanned_pages) == (1 << 20, 2048)
        assert any("put at pfn 1048576" in note for note in plan.notes)
        assert plan.pcp is None and plan.watermark is None


class TestRefusals:
    def test_a_zone_that_is_not_there_names_those_that_are(self) -> None:
        capture = read_capture(files("6.1-idle"))
        for name in ("Normal", "HighMem"):
            with pytest.raises(ConfigError, match="zone DMA32") as caught:
                layout(capture, 0, name, seed=1, has_reserve=True, has_highatomic=False)
            assert caught.value.field == "zone"

    def test_a_zone_beyond_the_limit_names_the_setting(self) -> None:
        capture = read_capture(files("6.1-idle"))
        with pytest.raises(ConfigError, match="page_limit") as caught:
            layout(
                capture, 0, "DMA32", seed=1, has_reserve=True, has_highatomic=False, page_limit=4096
            )
        assert caught.value.field == "page_limit"


def test_a_fragmented_16_gib_zone_is_laid_out_whole() -> None:
    free = {(order, MOVABLE): 200_000 >> order for order in range(11)}
    zone = Zone(9, 11, free, {MOVABLE: 7800, UNMOVABLE: 392})
    plan = zone.laid_out()
    assert plan.spanned_pages == 4 << 20
    assert (plan.stray_chunks, plan.unmerged_pairs) == (0, 0)
