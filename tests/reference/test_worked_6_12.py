"""Short worked stories of 6.12, with literal numbers. REL is 6.12 as released, LATE 6.12.117.

Lists are written as `M2=[4,8]`: type M, order 2, head first.
"""

from __future__ import annotations

import pytest

from tests.reference import KERNELS, MigrateType, ReferenceZone

REL, LATE = "v6.12", "v6.12.117"
both = pytest.mark.parametrize("kernel", [REL, LATE])

U = MigrateType.UNMOVABLE
M = MigrateType.MOVABLE
R = MigrateType.RECLAIMABLE


def bare_zone(
    kernel: str, span: int, pb: int, top: int, *, high: int = 4, batch: int = 1
) -> ReferenceZone:
    """From PFN 0, all reserved."""
    return ReferenceZone(
        KERNELS[kernel],
        spanned_pages=span,
        pageblock_order=pb,
        max_order=top + 1,
        pcp_high=high,
        pcp_batch=batch,
    )


def free_zone(
    kernel: str, span: int, pb: int, top: int, *, high: int = 4, batch: int = 1
) -> ReferenceZone:
    """All of it freed in chunks of the largest order."""
    zone = bare_zone(kernel, span, pb, top, high=high, batch=batch)
    for pfn in range(0, span, 1 << top):
        zone.boot_free(pfn, top)
    return zone


def lists(zone: ReferenceZone) -> str:
    """As in the module's text; by type, then by order."""
    return " ".join(
        f"{mt.letter}{order}={pfns}".replace(" ", "")
        for mt, by_order in zone.lists().items()
        for order, pfns in by_order.items()
    )


def pcp(zone: ReferenceZone) -> str:
    """The pcp lists as `M:0=[..]`, hot end first."""
    return " ".join(
        f"{mt.letter}:{order}={[pfn for pfn, _ in queued]}".replace(" ", "")
        for mt, order, queued in zone.pcp_lists()
    )


def after(zone: ReferenceZone) -> tuple[str, int]:
    return lists(zone), zone.nr_free_pages


def test_w1_boot_and_growing_refills() -> None:
    zone = free_zone(REL, 32, 3, 4, high=8, batch=2)
    story = [
        (0, 0, "M1=[2] M2=[4] M3=[8] M4=[16]", "M:0=[1]", 1, 30),
        (0, 1, "M1=[2] M2=[4] M3=[8] M4=[16]", "", 1, 30),
        (0, 2, "M1=[6] M3=[8] M4=[16]", "M:0=[3,4,5]", 2, 26),
        (0, 3, "M1=[6] M3=[8] M4=[16]", "M:0=[4,5]", 2, 26),
        (1, 6, "M1=[10] M2=[12] M4=[16]", "M:0=[4,5] M:1=[8]", 2, 22),
    ]
    for order, pfn, on_lists, on_pcp, alloc_factor, nr_free_pages in story:
        assert zone.alloc(order, M) == pfn
        assert after(zone) == (on_lists, nr_free_pages)
        assert pcp(zone) == on_pcp
        assert zone.per_cpu.alloc_factor == alloc_factor
    factors = []
    for pfn in (0, 1, 2):
        zone.free(pfn, 0)
        factors.append(zone.per_cpu.alloc_factor)
    assert factors == [1, 0, 0]
    assert zone.per_cpu.free_count == 3
    assert after(zone) == ("M1=[10] M2=[12] M4=[16]", 22)
    assert pcp(zone) == "M:0=[2,1,0,4,5] M:1=[8]"


def zone_of_w2() -> ReferenceZone:
    return free_zone(REL, 64, 4, 6, high=8, batch=2)


def test_w2_bulk_free() -> None:
    zone = zone_of_w2()
    assert [zone.alloc(0, M) for _ in range(8)] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert lists(zone) == "M2=[12] M4=[16] M5=[32]"
    assert pcp(zone) == "M:0=[8,9,10,11]"
    for pfn in (0, 1, 2):
        zone.free(pfn, 0)
    assert zone.per_cpu.count == 7
    zone.free(3, 0)
    assert zone.per_cpu.free_count == 4
    assert lists(zone) == "M3=[8] M4=[16] M5=[32]"
    assert pcp(zone) == "M:0=[3,2,1,0]"
    for pfn in (4, 5, 6):
        zone.free(pfn, 0)
    assert zone.per_cpu.count == 7
    zone.free(7, 0)
    assert zone.per_cpu.free_count == 8
    assert lists(zone) == "M1=[4] M2=[0] M3=[8] M4=[16] M5=[32]"
    assert pcp(zone) == "M:0=[7,6]"


def test_w2b_high_orders_freed_in_a_row() -> None:
    zone = zone_of_w2()
    assert [zone.alloc(1, M) for _ in range(6)] == [0, 2, 4, 6, 8, 10]
    zone.free(0, 1)
    assert pcp(zone) == "M:1=[0]"
    assert zone.per_cpu.free_count == 2
    zone.free(2, 1)
    assert lists(zone) == "M2=[0,12] M4=[16] M5=[32]"
    assert pcp(zone) == ""
    for pfn in (4, 6, 8, 10):
        zone.free(pfn, 1)
        assert pcp(zone) == ""


def both_halves_isolated() -> ReferenceZone:
    zone = free_zone(REL, 8, 2, 3)
    assert zone.isolate(0) == 0
    assert after(zone) == ("M2=[4] I2=[0]", 4)
    assert zone.isolate(4) == 0
    assert after(zone) == ("I2=[0,4]", 0)
    return zone


def test_w3_neighbours_isolated_singly() -> None:
    zone = both_halves_isolated()
    zone.unisolate(0, M)
    assert after(zone) == ("M2=[0] I2=[4]", 4)
    zone.unisolate(4, M)
    assert after(zone) == ("M3=[0]", 8)


def test_w4_offline_and_online() -> None:
    zone = both_halves_isolated()
    zone.offline_isolated(0, 8)
    assert after(zone) == ("", 0)
    zone.online(0, 8)
    assert after(zone) == ("I3=[0]", 0)
    zone.unisolate(0, M)
    assert after(zone) == ("M2=[0] I2=[4]", 4)
    zone.unisolate(4, M)
    assert after(zone) == ("M3=[0]", 8)


def test_w4b_straddling_chunk() -> None:
    zone = free_zone(REL, 16, 2, 4)
    assert lists(zone) == "M4=[0]"
    assert zone.isolate(4) == 0
    assert after(zone) == ("M2=[0] M3=[8] I2=[4]", 12)
    assert zone.blocks == "MIMM"
    zone.unisolate(4, M)
    assert after(zone) == ("M4=[0]", 16)


def test_w5_claim() -> None:
    zone = free_zone(REL, 16, 3, 4)
    assert zone.alloc(3, M) == 0
    assert zone.alloc(2, M) == 8
    assert lists(zone) == "M2=[12]"
    assert zone.alloc(0, U) == 12
    assert zone.blocks == "MU"
    assert lists(zone) == "U0=[13] U1=[14]"
    assert zone.alloc(0, U) == 13
    assert pcp(zone) == "U:0=[14]"
    assert lists(zone) == "U0=[15]"


@pytest.mark.parametrize(("kernel", "blocks"), [(REL, "MUMM"), (LATE, "MMMM")])
def test_w6_absorbing_a_buddy_of_two_blocks(kernel: str, blocks: str) -> None:
    zone = bare_zone(kernel, 32, 2, 5)
    zone.set_block_type(0, U)
    zone.set_block_type(4, U)
    zone.boot_free(0, 3)
    assert lists(zone) == "U3=[0]"
    zone.boot_free(8, 3)
    assert lists(zone) == "M4=[0]"
    assert zone.blocks == blocks + "MMMM"
    assert zone.alloc(3, M) == 0
    assert lists(zone) == "M3=[8]"
    assert zone.blocks == blocks + "MMMM"


@pytest.mark.parametrize(
    ("kernel", "pfn", "on_pcp", "on_lists"),
    [(REL, 10, "M:0=[11]", "R0=[9]"), (LATE, 9, "M:0=[10]", "R0=[11]")],
)
def test_w7_no_claim_possible(kernel: str, pfn: int, on_pcp: str, on_lists: str) -> None:
    zone = bare_zone(kernel, 32, 3, 5)
    zone.set_block_type(0, U)
    zone.set_block_type(8, R)
    zone.boot_free(0, 3)
    zone.boot_free(8, 3)
    assert lists(zone) == "R4=[0]"
    assert zone.blocks == "RRMM"
    assert zone.alloc(3, U) == 0
    assert lists(zone) == "U3=[8]"
    assert zone.blocks == "UUMM"
    assert zone.alloc(0, R) == 8
    assert lists(zone) == "R0=[9] R1=[10] R2=[12]"
    assert zone.blocks == "URMM"
    assert zone.alloc(2, R) == 12
    assert zone.alloc(0, M) == pfn
    assert pcp(zone) == on_pcp
    assert lists(zone) == on_lists


@pytest.mark.parametrize(
    ("kernel", "pfn", "on_pcp", "on_lists"),
    [
        (REL, 20, "U:0=[28]", "M0=[29,21] M1=[30,22,26]"),
        (LATE, 26, "U:0=[27]", "M2=[20,28]"),
    ],
)
def test_w8_claim_refused(kernel: str, pfn: int, on_pcp: str, on_lists: str) -> None:
    zone = bare_zone(kernel, 32, 5, 5, high=8, batch=2)
    zone.boot_free(0, 4)
    assert [zone.alloc(3, M), zone.alloc(3, M)] == [0, 8]
    zone.boot_free(16, 2)
    assert zone.alloc(2, M) == 16
    for head, order in ((0, 3), (8, 3), (16, 2)):
        zone.mark_lru(head, order, True)
    zone.boot_free(26, 1)
    zone.boot_free(20, 2)
    zone.boot_free(28, 2)
    assert lists(zone) == "M1=[26] M2=[20,28]"
    assert zone.alloc(0, U) == pfn
    assert pcp(zone) == on_pcp
    assert lists(zone) == on_lists


@both
def test_w9_pages_counted_twice(kernel: str) -> None:
    """A defect of the kernel: a chunk of several ISOLATE blocks comes back as one."""
    zone = free_zone(kernel, 16, 2, 4)
    assert zone.alloc(3, M) == 0
    zone.mark_lru(0, 3, True)
    assert [zone.isolate(0), zone.isolate(4)] == [0, 0]
    zone.free(0, 3)
    assert after(zone) == ("M3=[8] I3=[0]", 8)
    zone.unisolate(0, M)
    assert after(zone) == ("M4=[0]", 16)
    assert zone.blocks == "MIMM"
    assert zone.alloc(2, M) == 0
    assert after(zone) == ("M2=[4] M3=[8]", 12)
    zone.unisolate(4, M)
    assert after(zone) == ("M2=[4] M3=[8]", 16)


def test_w10_half_a_block_taken() -> None:
    zone = bare_zone(REL, 16, 3, 4)
    zone.set_block_type(0, U)
    zone.boot_free(1, 0)
    zone.boot_free(4, 2)
    assert after(zone) == ("U0=[1] U2=[4]", 5)
    assert zone.split_free_page(4) == 4
    assert zone.blocks == "MM"
    assert after(zone) == ("M0=[1]", 1)


def test_w11_pcp_lists_and_isolation() -> None:
    zone = free_zone(REL, 16, 2, 4, high=8, batch=2)
    assert [zone.alloc(0, M) for _ in range(3)] == [0, 1, 2]
    assert pcp(zone) == "M:0=[3,4,5]"
    assert lists(zone) == "M1=[6] M3=[8]"
    zone.free(0, 0)
    assert pcp(zone) == "M:0=[0,3,4,5]"
    assert zone.isolate(0) == "-EBUSY"
    zone.mark_lru(1, 0, True)
    zone.mark_lru(2, 0, True)
    assert zone.isolate(0) == 0
    assert pcp(zone) == "M:0=[0,3,4,5]"
    assert zone.nr_free_pages == 10
    assert [zone.alloc(0, M), zone.alloc(0, M)] == [0, 3]
    zone.drain()
    assert after(zone) == ("M2=[4] M3=[8]", 12)
