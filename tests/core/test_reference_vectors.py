"""The reference zone against recordings of the kernel's own functions, and against known stories.

The stories are the shortest sequences that break the books of 3.5 (a), of minchan-v1 (b) and of
minchan-v2 (c), in a zone of four-page blocks with orders 0 to 3. Block A is PFN 0..3, B is 4..7.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.reference import (
    KERNELS,
    MINCHAN_V1,
    MINCHAN_V2,
    V3_5,
    MigrateType,
    ReferenceZone,
    Watermarks,
)
from tests.reference.replay import (
    MODELS,
    Line,
    first_mismatch,
    read_lines,
    reserve_outcome,
    reserve_zone_of,
)
from tests.reference.six.watermark import pcp_limits, unusable_free
from tests.reference.six.watermark import watermark_ok as watermark_ok_v6
from tests.reference.six.watermark import zone_watermarks as zone_watermarks_v6
from tests.reference.watermark import (
    min_free_kbytes,
    watermark_ok,
    zone_batchsize,
    zone_watermarks,
)

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = sorted(path for path in VECTORS.glob("*/*.jsonl.gz") if path.parent.name != "watermark")


def later_rows(kind: str) -> list[Line]:
    """Of kernels after 3.5."""
    return read_lines(VECTORS / "watermark" / f"{kind}_later.jsonl.gz")[1:]


M = MigrateType.MOVABLE
ISO = MigrateType.ISOLATE

A, B = 0, 4

CELLS = {"a": V3_5, "b": MINCHAN_V1, "c": MINCHAN_V2}
every_model = pytest.mark.parametrize("model", ["a", "b", "c"])


# -- recordings


def test_every_recording_is_here() -> None:
    assert Counter(path.parent.name for path in FILES) == {
        "v3.5": 33,
        "minchan-v1": 33,
        "minchan-v2": 33,
        "v3.6": 34,
        "v3.7": 34,
        "v3.8": 34,
        "v3.19": 34,
        "v6.1": 32,
        "v6.12": 32,
        "v6.12.117": 4,
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name[:-9]}")
def test_zone_follows_recording(path: Path) -> None:
    assert first_mismatch(path) is None


def test_recording_of_another_model_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: 3.5 does not do what minchan-v2 did."""
    monkeypatch.setitem(MODELS, "minchan-v2", V3_5)
    mismatch = first_mismatch(VECTORS / "minchan-v2" / "hand_nr_free_isolated_merge.jsonl.gz")
    assert mismatch is not None
    assert mismatch.field in ("nr_free", "nr_free_pages")


@pytest.mark.parametrize(
    ("model", "other", "vector"),
    [
        ("v3.6", "v3.5", "hand_tail_placement_upper_page"),
        ("v3.7", "v3.8", "hand_offline_online_x5"),
        ("v3.8", "v3.7", "hand_offline_online_x5"),
        ("v3.19", "v3.8", "hand_merge_across_border_inside_last"),
        ("v3.19", "v3.19+d9dddbf5", "hand_merge_across_border_outside_last"),
        ("v6.1", "v6.12", "rand_05"),
        ("v6.12.117", "v6.12", "rand_10"),
    ],
)
def test_neighbouring_kernels_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, model: str, other: str, vector: str
) -> None:
    monkeypatch.setitem(MODELS, model, MODELS[other])
    assert first_mismatch(VECTORS / model / f"{vector}.jsonl.gz") is not None


def test_reserve_blocks_follow_min_watermark() -> None:
    _, *rows = read_lines(VECTORS / "watermark" / "migrate_reserve.jsonl.gz")
    assert len(rows) == 150
    for row in rows:
        zone = reserve_zone_of(row)
        for min_wmark, after in zip(row["min_wmark"], row["after"], strict=True):
            zone.setup_zone_migrate_reserve(min_wmark)
            assert reserve_outcome(zone) == after


def test_watermark_verdicts() -> None:
    _, *rows = read_lines(VECTORS / "watermark" / "wmark_ok.jsonl.gz")
    assert len(rows) == 60
    for row in rows:
        reserve = row["lowmem_reserve"][row["classzone_idx"]]
        for free, verdict in (
            (max(0, row["nr_free_pages"]), row["ok"]),
            (row["nr_free_pages"], row["ok_raw"]),
        ):
            got = watermark_ok(
                row["order"], row["mark"], reserve, row["alloc_flags"], free, row["nr_free"]
            )
            assert got == verdict, row


def test_watermark_verdicts_of_later_3x() -> None:
    rows = [row for row in later_rows("wmark_ok") if row["model"].startswith("v3")]
    assert len(rows) == 4 * 60
    for row in rows:
        reserve = row["lowmem_reserve"][row["classzone_idx"]]
        for free, verdict in (
            (max(0, row["nr_free_pages"]), row["ok"]),
            (row["nr_free_pages"], row["ok_raw"]),
        ):
            got = watermark_ok(
                row["order"],
                row["mark"],
                reserve,
                row["alloc_flags"],
                free,
                row["nr_free"],
                cells=KERNELS[row["model"]],
                free_cma=row.get("nr_free_cma", 0),
            )
            assert got == verdict, row


def is_listed(row: Line, order: int, mt: MigrateType) -> bool:
    return mt.letter in row["listed"][order]


def test_watermark_verdicts_of_6x() -> None:
    rows = [row for row in later_rows("wmark_ok") if row["model"].startswith("v6")]
    assert len(rows) == 2 * 60
    for row in rows:
        reserve = row["lowmem_reserve"][row["classzone_idx"]]
        flags = row["alloc_flags"]
        for free, verdict in (
            (max(0, row["nr_free_pages"]), row["ok"]),
            (row["nr_free_pages"], row["ok_raw"]),
        ):
            got = watermark_ok_v6(
                row["order"],
                row["mark"],
                reserve,
                flags,
                free,
                row["nr_free"],
                unusable=unusable_free(flags, row["highatomic"], row["nr_free_cma"]),
                listed=partial(is_listed, row),
            )
            assert got == verdict, row


def test_watermark_of_a_zone_with_a_negative_count() -> None:
    """3.5 takes the negative number for a huge one; from order 1 on the next step catches it."""
    assert watermark_ok(0, 32, 0, (), -1, [0] * 11)
    assert not watermark_ok(0, 32, 0, (), 0, [0] * 11)
    assert not watermark_ok(1, 32, 0, (), -1, [0] * 11)


@pytest.mark.parametrize("of_512", [-212, 2**64 - 212])
def test_watermark_passes_on_a_wrapped_chunk_counter(of_512: int) -> None:
    """300 single pages and a block filled page by page while isolated: no order-1 chunk exists."""
    assert watermark_ok(1, 32, 0, (), 300, [of_512] + [0] * 10)
    assert not watermark_ok(1, 32, 0, (), 300, [300] + [0] * 10)


def test_sizes_of_a_node_with_one_zone() -> None:
    _, *rows = read_lines(VECTORS / "watermark" / "node.jsonl.gz")
    alone = [
        (row, zone)
        for row in rows
        for zone, pages in enumerate(row["pages"])
        if pages and sum(row["pages"]) == pages and not any(row["min_cma_pages"])
    ]
    assert len(alone) == 14
    for row, zone in alone:
        pages = row["pages"][zone]
        assert min_free_kbytes(pages, old_high=0) == row["min_free_kbytes_boot"]
        kbytes = row["min_free_kbytes_set"] or row["min_free_kbytes_boot"]
        assert zone_watermarks(kbytes, pages) == Watermarks(*row["watermark"][zone])


def test_pcp_sizes_of_zones() -> None:
    _, *rows = read_lines(VECTORS / "watermark" / "node.jsonl.gz")
    zones = [
        (pages, high, batch)
        for row in rows
        if row["pcp_fraction"] == 0
        for pages, high, batch in zip(row["pages"], row["high"], row["batch"], strict=True)
        if pages
    ]
    assert len(zones) == 106
    for pages, high, batch in zones:
        assert zone_batchsize(pages) == (high, batch)


def test_watermarks_of_a_6x_node_with_one_zone() -> None:
    alone = [
        (row, zone)
        for row in later_rows("node")
        for zone, pages in enumerate(row["pages"])
        if pages == sum(row["pages"])
        and row["zones"][zone] not in ("HighMem", "Movable")
        and row["watermark_scale_factor"] == 10
        and row["min_free_kbytes_set"] is None
    ]
    assert len(alone) == 8
    for row, zone in alone:
        pages = row["pages"][zone]
        assert min_free_kbytes(pages, 0, 262144) == row["min_free_kbytes_boot"]
        assert list(zone_watermarks_v6(pages, old_high=0)) == row["watermark"][zone][:3]


def test_pcp_limits_of_6x_zones() -> None:
    zones = [
        (row, zone, pages)
        for row in later_rows("node")
        for zone, pages in enumerate(row["pages"])
        if pages and row["pcp_fraction"] == 0 and row["nr_cpus"] == 1
    ]
    assert len(zones) == 58
    for row, zone, pages in zones:
        low = row["watermark"][zone][1]
        high = [row[name][zone] for name in ("high", "high_min", "high_max") if name in row]
        limits = pcp_limits(KERNELS[row["model"]].era, pages, low)
        assert (limits.high_min, limits.high_max) == (high[0], high[-1])
        assert limits.batch == row["batch"][zone]


# -- stories


def used_zone(
    model: str,
    *,
    spanned_pages: int = 16,
    pcp_high: int = 0,
    block_types: dict[int, MigrateType] | None = None,
) -> ReferenceZone:
    """All pages in use, one by one, not LRU; the pcp lists empty. Free pages go where they will."""
    zone = ReferenceZone(
        CELLS[model],
        spanned_pages=spanned_pages,
        pageblock_order=2,
        max_order=4,
        pcp_high=pcp_high,
        pcp_batch=1,
    )
    for pfn in range(spanned_pages):
        zone.boot_free(pfn, 0)
    assert [zone.alloc(0, M) is not None for _ in range(spanned_pages)] == [True] * spanned_pages
    assert zone.nr_free_pages == 0
    assert zone.lists() == {}
    for pfn, mt in (block_types or {}).items():
        zone.set_block_type(pfn, mt)
    return zone


def free(zone: ReferenceZone, *pfns: int) -> None:
    for pfn in pfns:
        zone.free(pfn, 0)


def books(zone: ReferenceZone) -> tuple[int, list[int]]:
    return zone.nr_free_pages, zone.nr_free


@pytest.mark.parametrize(
    ("model", "after_two", "after_four", "at_the_end"),
    [
        ("a", (2, [0, 1, 0, 0]), (4, [0, 0, 1, 0]), (4, [0, 0, 1, 0])),
        ("b", (2, [0, 1, 0, 0]), (4, [0, 0, 1, 0]), (8, [0, 0, 1, 0])),
        ("c", (0, [-2, 1, 0, 0]), (0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])),
    ],
)
def test_q1_free_into_isolated_block(
    model: str,
    after_two: tuple[int, list[int]],
    after_four: tuple[int, list[int]],
    at_the_end: tuple[int, list[int]],
) -> None:
    zone = used_zone(model)
    assert zone.isolate(A) == 0
    free(zone, 0, 1)
    assert books(zone) == after_two
    free(zone, 2, 3)
    assert books(zone) == after_four
    assert zone.lists() == {ISO: {2: [0]}}
    zone.unisolate(A, M)
    assert books(zone) == at_the_end
    assert zone.lists() == {M: {2: [0]}}


@pytest.mark.parametrize(
    ("model", "story"),
    [
        ("a", [4, 0, 4, 0, 4, 0, 4]),
        ("b", [4, -4, 0, -8, -4, -12, -8]),
        ("c", [4, 0, 4, 0, 4, 0, 4]),
    ],
)
def test_q2_offline_and_online_again(model: str, story: list[int]) -> None:
    zone = used_zone(model)
    free(zone, 0, 1, 2, 3)
    seen = [zone.nr_free_pages]
    for _ in range(3):
        assert zone.isolate(A) == 0
        zone.offline_isolated(A, 4)
        zone.unisolate(A, M)
        seen.append(zone.nr_free_pages)
        zone.online(A, 4)
        seen.append(zone.nr_free_pages)
    assert seen == story
    assert zone.lists() == {M: {2: [0]}}


@every_model
def test_q2_offline_of_pages_freed_after_isolation_is_right(model: str) -> None:
    zone = used_zone(model)
    assert zone.isolate(A) == 0
    free(zone, 0, 1, 2, 3)
    zone.offline_isolated(A, 4)
    assert zone.nr_free_pages == 0


@pytest.mark.parametrize(
    ("model", "at_the_end"),
    [("a", (4, [0, 0, 1, 0])), ("b", (6, [0, 0, 1, 0])), ("c", (4, [-2, -1, 2, 0]))],
)
def test_q3_half_free_before_half_after(model: str, at_the_end: tuple[int, list[int]]) -> None:
    zone = used_zone(model)
    free(zone, 0, 1)
    assert zone.isolate(A) == 0
    free(zone, 2, 3)
    zone.unisolate(A, M)
    assert books(zone) == at_the_end
    assert zone.lists() == {M: {2: [0]}}


@pytest.mark.parametrize(
    ("model", "offline", "online"),
    [
        ("a", (0, [0, 0, 0, 0]), (4, [0, 0, 1, 0])),
        ("b", (0, [0, 0, 0, 0]), (4, [0, 0, 1, 0])),
        ("c", (0, [-4, 0, 1, 0]), (4, [-4, 0, 2, 0])),
    ],
)
def test_q4_offline_leaves_phantoms(
    model: str, offline: tuple[int, list[int]], online: tuple[int, list[int]]
) -> None:
    zone = used_zone(model)
    assert zone.isolate(A) == 0
    free(zone, 0, 1, 2, 3)
    zone.offline_isolated(A, 4)
    assert books(zone) == offline
    assert zone.lists() == {}
    zone.unisolate(A, M)
    zone.online(A, 4)
    assert books(zone) == online
    assert zone.lists() == {M: {2: [0]}}


def zone_with_queued_page(model: str, **block_types: MigrateType) -> ReferenceZone:
    """PFN 1 free in the buddy, PFN 0 on the pcp list."""
    zone = used_zone(model, pcp_high=6, block_types={B: block_types.get("b", M)})
    free(zone, 1)
    zone.drain()
    free(zone, 0)
    assert zone.pcp() == {M: [(0, M)]}
    assert books(zone) == (1, [1, 0, 0, 0])
    return zone


@pytest.mark.parametrize(
    ("model", "isolated", "restored"),
    [
        ("a", (2, [0, 1, 0, 0]), (2, [0, 1, 0, 0])),
        ("b", (1, [0, 1, 0, 0]), (3, [0, 1, 0, 0])),
        ("c", (1, [-1, 1, 0, 0]), (3, [-1, 2, 0, 0])),
    ],
)
def test_q5_queued_page_drained_into_isolated_block(
    model: str, isolated: tuple[int, list[int]], restored: tuple[int, list[int]]
) -> None:
    zone = zone_with_queued_page(model)
    assert zone.isolate(A) == 0
    assert zone.pcp() == {}
    assert zone.lists() == {M: {1: [0]}}
    assert books(zone) == isolated
    zone.unisolate(A, M)
    assert books(zone) == restored


@every_model
def test_q5b_page_of_isolated_block_is_handed_out(model: str) -> None:
    zone = used_zone(model, pcp_high=6)
    free(zone, 0)
    assert zone.isolate(A) == 0
    assert zone.alloc(0, M) == 0


@pytest.mark.parametrize(
    ("model", "at_the_end"),
    [("a", (0, [0, 0, 0, 0])), ("b", (0, [0, 0, 0, 0])), ("c", (1, [-3, 0, 1, 0]))],
)
def test_q5c_offline_with_a_queued_page(model: str, at_the_end: tuple[int, list[int]]) -> None:
    zone = used_zone(model, pcp_high=6)
    free(zone, 0)
    assert zone.isolate(A) == 0
    free(zone, 1, 2, 3)
    zone.offline_isolated(A, 4)
    assert books(zone) == at_the_end
    assert zone.lists() == {}


@pytest.mark.parametrize(
    ("model", "hidden", "restored"),
    [
        ("a", 8, (8, [0, 0, 0, 1])),
        ("b", 8, (16, [0, 0, 0, 1])),
        ("c", 4, (12, [-4, 0, 0, 2])),
    ],
)
def test_q6_border_merge_lower_block_isolated(
    model: str, hidden: int, restored: tuple[int, list[int]]
) -> None:
    zone = used_zone(model)
    free(zone, 4, 5, 6, 7)
    assert zone.isolate(A) == 0
    free(zone, 0, 1, 2, 3)
    assert zone.lists() == {ISO: {3: [0]}}
    assert zone.nr_free_pages == hidden
    zone.unisolate(A, M)
    assert books(zone) == restored
    assert zone.lists() == {M: {3: [0]}}


@pytest.mark.parametrize(("model", "nr_free_pages"), [("a", 8), ("b", 8), ("c", 4)])
def test_q6u_border_merge_upper_block_isolated(model: str, nr_free_pages: int) -> None:
    zone = used_zone(model)
    free(zone, 0, 1, 2, 3)
    assert zone.isolate(B) == 0
    free(zone, 4, 5, 6, 7)
    zone.unisolate(B, M)
    assert zone.lists() == {ISO: {3: [0]}}
    assert zone.nr_free_pages == nr_free_pages


@pytest.mark.parametrize(
    ("model", "merged", "restored"),
    [("a", (8, [0, 0, 0, 1]), 8), ("b", (4, [0, 0, 0, 1]), 12), ("c", (4, [0, 0, -1, 1]), 12)],
)
def test_q7_border_merge_from_outside(
    model: str, merged: tuple[int, list[int]], restored: int
) -> None:
    zone = used_zone(model)
    free(zone, 0, 1, 2, 3)
    assert zone.isolate(A) == 0
    free(zone, 4, 5, 6, 7)
    assert zone.lists() == {M: {3: [0]}}
    assert books(zone) == merged
    zone.unisolate(A, M)
    assert zone.nr_free_pages == restored


@pytest.mark.parametrize(
    ("model", "twice", "once"),
    [
        ("a", 4, (4, [0, 0, 1, 0])),
        ("b", -4, (0, [0, 0, 1, 0])),
        ("c", -4, (0, [0, 0, 0, 0])),
    ],
)
def test_q8_isolated_twice_restored_once(
    model: str, twice: int, once: tuple[int, list[int]]
) -> None:
    zone = used_zone(model)
    free(zone, 0, 1, 2, 3)
    assert [zone.isolate(A), zone.isolate(A)] == [0, 0]
    assert zone.nr_free_pages == twice
    zone.unisolate(A, M)
    assert books(zone) == once
    assert zone.lists() == {M: {2: [0]}}


@pytest.mark.parametrize(
    ("model", "at_the_end"),
    [("a", (0, [0, 0, 0, 0])), ("b", (-2, [0, 0, 0, 0])), ("c", (0, [-2, -1, 1, 0]))],
)
def test_q10_contiguous_allocation(model: str, at_the_end: tuple[int, list[int]]) -> None:
    zone = used_zone(model, block_types={A: MigrateType.CMA})
    free(zone, 0, 1)
    assert zone.isolate(A) == 0
    free(zone, 2, 3)
    assert zone.split_free_page(0) == 4
    zone.unisolate(A, MigrateType.CMA)
    assert books(zone) == at_the_end
    assert zone.blocks == "CMMM"


@every_model
def test_q14_failed_isolation_of_two_blocks(model: str) -> None:
    """B cannot be isolated, so A is restored, and with it what isolating it had changed."""
    zone = used_zone(model, block_types={B: MigrateType.UNMOVABLE})
    free(zone, 0, 1)
    before = (books(zone), zone.lists(), zone.blocks)
    assert zone.offline_pages(A, 8).ret == "-EBUSY"
    assert (books(zone), zone.lists(), zone.blocks) == before


@pytest.mark.parametrize(
    ("model", "at_the_end"),
    [("a", (2, [0, 1, 0, 0])), ("b", (3, [0, 1, 0, 0])), ("c", (3, [-1, 2, 0, 0]))],
)
def test_q14_failed_isolation_with_a_queued_page(
    model: str, at_the_end: tuple[int, list[int]]
) -> None:
    zone = zone_with_queued_page(model, b=MigrateType.UNMOVABLE)
    assert zone.offline_pages(A, 8).ret == "-EBUSY"
    assert books(zone) == at_the_end
    assert zone.blocks == "MUMM"


@every_model
def test_q15_reserve_block_comes_back_movable(model: str) -> None:
    zone = used_zone(model, block_types={A: MigrateType.RESERVE})
    free(zone, 0, 1, 2, 3)
    assert zone.lists() == {MigrateType.RESERVE: {2: [0]}}
    before = books(zone)
    assert zone.isolate(A) == 0
    zone.unisolate(A, M)
    assert zone.blocks == "MMMM"
    assert books(zone) == before
    zone.setup_zone_migrate_reserve(min_wmark=4)
    assert zone.blocks == "VMMM"
    assert zone.lists() == {MigrateType.RESERVE: {2: [0]}}


@pytest.mark.parametrize(("model", "nr_free_pages"), [("a", 3), ("b", 3), ("c", 2)])
def test_q16_partial_last_block(model: str, nr_free_pages: int) -> None:
    """PFN 12..14 of a block of four: what is free already stays allocatable, later frees do not."""
    zone = used_zone(model, spanned_pages=15)
    free(zone, 12, 13)
    assert zone.isolate(12) == 0
    assert zone.blocks == "MMMI"
    assert zone.lists() == {M: {1: [12]}}
    assert zone.nr_free_pages == 2
    free(zone, 14)
    assert zone.lists() == {M: {1: [12]}, ISO: {0: [14]}}
    assert zone.nr_free_pages == nr_free_pages
    assert zone.alloc(1, M) == 12
