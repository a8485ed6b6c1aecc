"""Random walks over whole nodes: every kind of call, and the books of the node after each."""

from __future__ import annotations

import random

import pytest

from tests.reference import KERNELS, KernelBug, MigrateType, Refused
from tests.reference.node import ReferenceNode, Sort
from tests.reference.test_walks import check_frames

ISO = MigrateType.ISOLATE


def step(node: ReferenceNode, chance: random.Random) -> None:
    """One random call; many make no sense and are refused."""
    zone = chance.choice(node.zones)
    pfn = chance.randrange(zone.state.start_pfn, zone.state.end_pfn)
    head = zone.page_state(pfn).head
    block = zone.state.block_start(pfn)
    size = zone.state.block_pages
    chance.choice(
        [
            *[lambda: ask(node, chance)] * 10,
            *[lambda: node.free(head)] * 3,
            lambda: node.mark_lru(head, chance.random() < 0.8, anon=chance.random() < 0.5),
            lambda: node.pin(head),
            lambda: node.unpin(head),
            lambda: node.isolate(pfn),
            lambda: node.unisolate(pfn, MigrateType.MOVABLE),
            lambda: node.offline_pages(block, size * chance.choice((1, 2, 4))),
            lambda: node.online_pages(block, size),
            lambda: node.write_min_free_kbytes(chance.choice((0, 32, 64, 128))),
            node.kswapd_step,
            node.drain,
        ]
    )()


def ask(node: ReferenceNode, chance: random.Random) -> None:
    lru = chance.random() < 0.6
    node.request(
        chance.choice((0, 0, 0, 1, 2, 4)),
        chance.choice(node.zones[0].state.pcp_types),
        chance.randrange(len(node.zones)),
        atomic=chance.random() < 0.2,
        lru=lru,
        anon=lru and chance.random() < 0.5,
        owner=chance.choice((0, 1, 2, 3)),
    )


def check_books(node: ReferenceNode) -> None:
    handles = node.handles()
    labelled = [
        page.handle for zone in node.zones for _, page in zone.chunks() if page.handle is not None
    ]
    assert sorted(labelled) == sorted(handles)
    assert node.swap_free >= 0
    for zone in node.zones:
        check_frames(zone)
        assert all(zone.state.start_pfn <= zone.hands[sort] <= zone.state.end_pfn for sort in Sort)
    assert node.kswapd.awake or (node.kswapd.order, node.kswapd.classzone_idx) == (0, 0)


@pytest.mark.parametrize("swap_pages", [0, 40])
@pytest.mark.parametrize("kernel", KERNELS)
def test_random_walk(kernel: str, swap_pages: int) -> None:
    chance = random.Random(f"{kernel} {swap_pages}")
    node = ReferenceNode(
        KERNELS[kernel],
        [("DMA", 4, 28), ("Normal", 32, 70), ("Movable", 128, 64)],
        pageblock_order=2,
        max_order=5,
        pcp=(6, 2),
        swap_pages=swap_pages,
        min_free_kbytes=64,
    )
    node.boot_live()
    done = 0
    for _ in range(500):
        try:
            step(node, chance)
            done += 1
        except Refused:
            pass
        except KernelBug:
            break
        check_books(node)
    assert done > 20
