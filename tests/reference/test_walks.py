"""Random walks under every kernel after 3.5: no frame is lost, and the books stay together."""

from __future__ import annotations

import random

import pytest

from tests.reference import KERNELS, KernelBug, MigrateType, ReferenceZone, Refused

ISO = MigrateType.ISOLATE
CMA = MigrateType.CMA

LATER = [name for name in KERNELS if name not in ("v3.5", "minchan-v1", "minchan-v2")]
EXACT = ("v6.12", "v6.12.117")
"""Kernels whose every chunk is on the list of its blocks' type, and whose counters are right."""
STOPS = LATER[:5]
"""Kernels that offline a page in limbo which they know as ISOLATE, and find it on no list."""


def step(zone: ReferenceZone, chance: random.Random) -> None:
    """One random call; half of them make no sense and are refused."""
    pfn = chance.randrange(zone.state.start_pfn, zone.state.end_pfn)
    block = zone.state.block_start(pfn)
    page = zone.page_state(pfn)
    mt = chance.choice((*zone.state.pcp_types, MigrateType.MOVABLE, MigrateType.MOVABLE))
    size = zone.state.block_pages
    nr_pages = size * chance.choice((1, 1, 2, 4))
    chance.choice(
        [
            lambda: zone.alloc(chance.choice((0, 0, 0, 1, 2, 4)), mt),
            lambda: zone.alloc(0, mt),
            lambda: zone.free(page.head, page.order),
            lambda: zone.free(page.head, page.order),
            lambda: zone.free_begin(page.head, page.order),
            lambda: zone.free_finish(page.head),
            lambda: zone.mark_lru(page.head, page.order, chance.random() < 0.8),
            lambda: zone.isolate(pfn),
            lambda: zone.unisolate(pfn, chance.choice((mt, CMA))),
            lambda: zone.split_free_page(page.head),
            lambda: zone.offline_pages(block, nr_pages),
            lambda: zone.online_pages(block, size),
            lambda: zone.pin(page.head),
            lambda: zone.unpin(page.head),
            zone.drain,
        ]
    )()


def check_frames(zone: ReferenceZone) -> None:
    """Lists, pcp lists and frames tell one story, and no frame is lost."""
    listed = {
        pfn: (order, mt)
        for mt, by_order in zone.lists().items()
        for order, pfns in by_order.items()
        for pfn in pfns
    }
    queued = {
        pfn: (pcp_list.order, kept)
        for pcp_list in zone.pcp_lists()
        for pfn, kept in pcp_list.queued
    }
    for pfn in range(zone.state.start_pfn, zone.state.end_pfn):
        page = zone.page_state(pfn)
        assert page.head <= pfn < page.head + (1 << page.order)
        if page.kind == "free":
            assert listed[page.head] == (page.order, page.list_type)
        else:
            assert pfn not in listed
        assert (page.kind == "pcp") == (page.head in queued)
        if page.kind == "pcp":
            assert queued[page.head] == (page.order, page.kept)


def check_books(zone: ReferenceZone, *, exact: bool) -> None:
    pages = {
        mt: sum(len(pfns) << order for order, pfns in by_order.items())
        for mt, by_order in zone.lists().items()
    }
    lengths = [
        sum(len(by_order.get(order, [])) for by_order in zone.lists().values())
        for order in range(zone.state.max_order)
    ]
    assert zone.nr_free == lengths
    if not exact:
        return
    assert zone.nr_free_pages == sum(pages.values()) - pages.get(ISO, 0)
    assert zone.nr_free_cma == pages.get(CMA, 0)
    for mt, by_order in zone.lists().items():
        for order, pfns in by_order.items():
            for pfn in pfns:
                blocks = range(pfn, pfn + (1 << order), zone.state.block_pages)
                assert all(zone.block_type(block) is mt for block in blocks)


SHAPES = {
    "two blocks a chunk": (0, 64, 3, 5),
    "ragged end, begins within a chunk": (8, 76, 3, 5),
    "begins within a block, with a hole": (5, 57, 2, 4),
    "a block a chunk": (0, 64, 4, 5),
    "eight blocks a chunk": (4, 92, 2, 6),
}
"""First PFN, pages, pageblock_order, max_order."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kernel", LATER)
def test_random_walk(kernel: str, shape: str) -> None:
    chance = random.Random(f"{kernel} {shape}")
    start_pfn, spanned_pages, pageblock_order, max_order = SHAPES[shape]
    zone = ReferenceZone(
        KERNELS[kernel],
        start_pfn=start_pfn,
        spanned_pages=spanned_pages,
        pageblock_order=pageblock_order,
        max_order=max_order,
        pcp_high=8,
        pcp_batch=2,
        holes=[(22, 3)] if "hole" in shape else [],
    )
    zone.boot_live()
    # In 6.12 too a chunk of four blocks, or one on a pcp list larger than a block, may mix types.
    no_mixed_chunks = max_order <= pageblock_order + 2 and pageblock_order >= 3
    done = 0
    for _ in range(600):
        try:
            step(zone, chance)
            done += 1
        except Refused:
            pass
        except KernelBug:
            assert kernel in STOPS
            break
        check_frames(zone)
        check_books(zone, exact=kernel in EXACT and no_mixed_chunks)
    assert 100 < done < 600
