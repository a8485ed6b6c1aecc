"""A whole node's memory comes and goes: migration between zones, draining, sizes.

The nodes are those of small_nodes.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, Watermarks
from tests.reference.node import ReferenceNode
from tests.reference.small_nodes import (
    MOVABLE,
    NORMAL,
    SIX,
    THREE_X,
    leave,
    node_of,
    owners,
    request,
)

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE

every_kernel = pytest.mark.parametrize("kernel", KERNELS)


# -- migration


@every_kernel
def test_migration_keeps_handle_owner_and_sort(kernel: str) -> None:
    node = node_of(kernel)
    got = node.request(0, M, lru=True, anon=True, owner=9)
    assert got.pfn is not None and got.pfn >= 64
    ended_with = node.offline_pages(64, 64)
    assert (ended_with.ret, len(ended_with.migrated)) == (0, 1)
    ((old, new),) = ended_with.migrated
    assert old == got.pfn and new < 64
    page = node.zones[NORMAL].chunk_at(new)
    assert (page.handle, page.owner, page.anon, page.lru) == (0, 9, True, True)
    assert (node.zones[NORMAL].nr_lru_anon, node.handles()) == (1, {0: new})
    assert request(node).pfn is not None
    assert sorted(node.handles()) == [0, 1]


@every_kernel
def test_pages_on_their_way_are_not_reclaimed(kernel: str) -> None:
    """Six file pages are to move and Normal is full: all are off the LRU, so somebody must die."""
    node = node_of(kernel)
    pfns = [node.request(0, M, lru=True).pfn or 0 for _ in range(6)]
    for _ in range(30):
        node.request(0, U, NORMAL, owner=1)
    leave(node, NORMAL, 0)
    if kernel == "v3.5":
        assert node.offline_pages(64, 64).ret == "HUNG"
        assert node.zones[MOVABLE].nr_lru_file == 6
        return
    ended_with = node.offline_pages(64, 64)
    assert ended_with.ret == 0
    assert [old for old, _ in ended_with.migrated] == sorted(pfns)
    assert owners(node) == {}


@pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel != "v3.5"])
def test_a_page_whose_process_dies_on_the_way_is_gone(kernel: str) -> None:
    """The process has memory in both zones. What it had in Normal is free again, all of it."""
    node = node_of(kernel)
    for _ in range(6):
        node.request(0, M, lru=True, anon=True, owner=1)
    for _ in range(30):
        node.request(0, U, NORMAL, owner=1)
    leave(node, NORMAL, 0)
    assert node.offline_pages(64, 64) == (0, [])
    assert node.zones[NORMAL].nr_free_pages == 30
    assert node.handles() == {}
    # The highest number was retired last. (30 pages would be below MIN as it is now.)
    node.write_min_free_kbytes(64)
    request(node, NORMAL)
    assert sorted(node.handles()) == [35]


def test_a_class_without_a_target_is_out_of_memory_for_migration() -> None:
    """A node of DMA memory: no process is killed, and the offline fails after five tries."""
    node = node_of("v3.19", "DMA")
    pfns = [node.request(0, M, lru=True).pfn or 0 for _ in range(4)]
    block = min(pfns) & ~3
    leave(node, 0, 0)
    assert node.offline_pages(block, 4) == ("-ENOMEM", [])
    assert node.zones[0].nr_lru_file == 4


@pytest.mark.parametrize("kernel", THREE_X)
def test_zone_movable_is_believed_in_3x(kernel: str) -> None:
    """An unmovable page in an UNMOVABLE block: only the zone says that it can move."""
    node = node_of(kernel)
    for zone, start_pfn in zip(node.zones, (0, 64), strict=True):
        pfn = zone.alloc(0, U)
        assert pfn is not None and zone.block_type(pfn) is U
        assert zone.isolate(pfn) == ("-EBUSY" if start_pfn == 0 else 0)


@pytest.mark.parametrize("kernel", SIX)
def test_in_6x_only_a_reserved_page_refuses_in_zone_movable(kernel: str) -> None:
    node = node_of(kernel, reserved=[(8, 1), (72, 1)])
    assert (node.isolate(8), node.isolate(72)) == ("-EBUSY", "-EBUSY")
    for zone, result in zip(node.zones, ("-EBUSY", 0), strict=True):
        pfn = zone.alloc(3, M)
        assert pfn is not None
        assert node.isolate(pfn) == result


# -- draining


@every_kernel
def test_isolating_drains_all_zones_in_3x_and_none_in_6x(kernel: str) -> None:
    node = node_of(kernel, pcp=(8, 2))
    for classzone_idx in (NORMAL, MOVABLE):
        node.free(request(node, classzone_idx).pfn or 0)
    assert [zone.nr_pcp > 0 for zone in node.zones] == [True, True]
    assert node.isolate(64) == 0
    assert [zone.nr_pcp > 0 for zone in node.zones] == [kernel in SIX] * 2


@pytest.mark.parametrize("kernel", SIX)
def test_offline_drains_one_zone_in_6x(kernel: str) -> None:
    node = node_of(kernel, pcp=(8, 2))
    for classzone_idx in (NORMAL, MOVABLE):
        node.free(request(node, classzone_idx).pfn or 0)
    assert node.offline_pages(64, 64).ret == 0
    assert [zone.nr_pcp > 0 for zone in node.zones] == [True, False]


# -- sizes


def test_boot_sizes_by_all_zones() -> None:
    """The root of 16 * 4 * 32768 is 1448 KiB, 362 pages: half for each; Movable is no lowmem."""
    node = ReferenceNode(
        KERNELS["v3.5"],
        [("Normal", 0, 32768), ("Movable", 32768, 32768)],
        pageblock_order=9,
        max_order=11,
    )
    node.boot_live()
    assert node.min_free_kbytes == 1448
    assert [zone.watermarks for zone in node.zones] == [Watermarks(181, 226, 271)] * 2
    assert [zone.lowmem_reserve for zone in node.zones] == [[0, 1024], [0, 0]]
    assert [zone.blocks for zone in node.zones] == ["V" + "M" * 63] * 2
    node.write_min_free_kbytes(8192)
    assert [zone.watermarks for zone in node.zones] == [Watermarks(1024, 1280, 1536)] * 2
    assert [zone.blocks for zone in node.zones] == ["VV" + "M" * 62] * 2
    node.write_min_free_kbytes(0)
    assert [zone.watermarks for zone in node.zones] == [Watermarks(0, 0, 0)] * 2
    assert [zone.blocks for zone in node.zones] == ["M" * 64] * 2
    assert [zone.lowmem_reserve for zone in node.zones] == [[0, 1024], [0, 0]]


@every_kernel
def test_hotplug_works_the_sizes_out_anew(kernel: str) -> None:
    """128 KiB is the least there is, in place of what was given or written."""
    node = node_of(kernel)
    node.write_min_free_kbytes(96)
    assert node.min_free_kbytes == 96
    assert node.offline_pages(64, 32).ret == 0
    assert node.min_free_kbytes == 128
    assert node.zones[NORMAL].lowmem_reserve == [0, 1]
    # 32 pages: two thirds and one; in 6.12 Movable has its own.
    v6_12 = kernel.startswith("v6.12")
    assert [zone.marks.min for zone in node.zones] == ([32, 32] if v6_12 else [21, 10])
    node.online_pages(64, 32)
    assert node.zones[NORMAL].lowmem_reserve == [0, 2]
    assert [zone.marks.min for zone in node.zones] == ([32, 32] if v6_12 else [16, 16])


@pytest.mark.parametrize("kernel", SIX)
def test_pcp_limits_of_6x_follow_a_write(kernel: str) -> None:
    node = node_of(kernel, pcp=None)
    for kbytes in (64, 256):
        node.write_min_free_kbytes(kbytes)
        zone = node.zones[NORMAL]
        assert zone.per_cpu.high_min == zone.marks.low
