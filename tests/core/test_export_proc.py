"""Writing /proc/pagetypeinfo and buddyinfo: byte for byte, and for a zone that runs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_core import Lab, LabConfig
from sim_core.exporters import (
    ExportError,
    LiveZone,
    TypeRows,
    export_buddyinfo,
    export_pagetypeinfo,
    render_buddyinfo,
    render_pagetypeinfo,
)
from sim_core.importers import ProcCapture, read_capture
from sim_core.mm import _read
from sim_core.models import ROWS
from sim_core.vocabulary import MIGRATETYPES, PROC_NAMES, migratetype_id
from tests.fixtures.proc.files import SNAPSHOTS, contents, files

NAMES = [PROC_NAMES[name] for name in MIGRATETYPES]
MOVABLE, RESERVE = migratetype_id("MOVABLE"), migratetype_id("RESERVE")
HIGHATOMIC, ISOLATE = migratetype_id("HIGHATOMIC"), migratetype_id("ISOLATE")


def as_live(capture: ProcCapture, node: int, name: str) -> LiveZone:
    """The zone's own captured numbers, as a lab that has not moved yet would hand them over."""
    zone = capture.zone(node, name)
    assert zone is not None and zone.blocks is not None and zone.nr_free is not None
    lists = {mtype: [count.value for count in row.counts] for mtype, row in zone.free.items()}
    return LiveZone(node, name, lists, zone.blocks, [count.signed for count in zone.nr_free])


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_import_then_export_is_the_identity(snapshot: str) -> None:
    capture = read_capture(files(snapshot))
    assert export_pagetypeinfo(capture).encode() == contents(snapshot, "pagetypeinfo")
    assert export_buddyinfo(capture).encode() == contents(snapshot, "buddyinfo")


def test_a_file_with_crlf_goes_out_as_the_kernel_prints_it() -> None:
    windows = [(name, data.replace(b"\n", b"\r\n")) for name, data in files("6.1-frag")]
    capture = read_capture(windows)
    assert export_pagetypeinfo(capture).encode() == contents("6.1-frag", "pagetypeinfo")
    assert export_buddyinfo(capture).encode() == contents("6.1-frag", "buddyinfo")


def test_without_buddyinfo_it_is_the_sum_of_the_lists() -> None:
    capture = read_capture(files("6.1-frag", "pagetypeinfo"))
    assert export_buddyinfo(capture).encode() == contents("6.1-frag", "buddyinfo")


def test_a_sum_with_an_uncounted_list_is_refused() -> None:
    capture = read_capture(files("5.15-capped", "pagetypeinfo"))
    with pytest.raises(ExportError, match="zone Normal the free chunks of order 0") as caught:
        export_buddyinfo(capture)
    assert (caught.value.field, caught.value.allowed) == ("format", "pagetypeinfo")


class TestARunningZone:
    # The other two's files were read at different instants, so their sums differ from buddyinfo.
    @pytest.mark.parametrize(
        "snapshot", [name for name in SNAPSHOTS if name not in ("6.12-offlined", "6.1-pinned")]
    )
    def test_a_zone_that_has_not_moved_goes_out_as_it_came(self, snapshot: str) -> None:
        capture = read_capture(files(snapshot))
        for zone in capture.runnable:
            live = as_live(capture, *zone.key)
            assert export_pagetypeinfo(capture, live).encode() == contents(snapshot, "pagetypeinfo")
            assert export_buddyinfo(capture, live).encode() == contents(snapshot, "buddyinfo")

    def test_only_its_own_lines_change(self) -> None:
        capture = read_capture(files("6.1-frag"))
        live = as_live(capture, 0, "DMA32")
        lists = {**live.lists, MOVABLE: [7] * 11}
        moved = LiveZone(0, "DMA32", lists, {MOVABLE: 248}, [-3] + [8] * 10)
        before = export_pagetypeinfo(capture).splitlines()
        after = export_pagetypeinfo(capture, moved).splitlines()
        changed = [new for old, new in zip(before, after, strict=True) if old != new]
        assert changed == [
            "Node    0, zone    DMA32, type      Movable " + "     7 " * 11,
            "Node 0, zone    DMA32 " + "".join(f"{n:12d} " for n in (0, 248, 0, 0, 0)),
        ]
        buddy = export_buddyinfo(capture, moved).splitlines()
        assert buddy[1] == "Node 0, zone    DMA32 18446744073709551613 " + "     8 " * 10
        assert buddy[0] == export_buddyinfo(capture).splitlines()[0]

    @pytest.mark.parametrize(
        ("snapshot", "zone", "model_type", "printed"),
        [
            ("6.1-frag", (0, "DMA32"), RESERVE, "HighAtomic"),
            ("3.5-two-nodes", (1, "Normal"), HIGHATOMIC, "Reserve"),
        ],
    )
    def test_reserve_and_highatomic_go_out_under_the_files_own_name(
        self, snapshot: str, zone: tuple[int, str], model_type: int, printed: str
    ) -> None:
        capture = read_capture(files(snapshot))
        live = LiveZone(*zone, {model_type: [0, 5] + [0] * 9}, {model_type: 3}, [0] * 11)
        again = read_capture([("out", export_pagetypeinfo(capture, live).encode())])
        assert again.pagetypeinfo.types == capture.pagetypeinfo.types
        exported = again.zone(*zone)
        assert exported is not None and exported.blocks is not None
        mtype = NAMES.index(printed)
        assert [count.value for count in exported.free[mtype].counts] == [0, 5] + [0] * 9
        assert exported.blocks[mtype] == 3

    def test_a_type_unknown_to_the_file_appears_only_when_there_is_some(self) -> None:
        text = contents("6.1-idle", "pagetypeinfo").decode()
        lines = [line for line in text.splitlines() if "type      Isolate" not in line]
        cut = [line[:-13] if "Number" in line or line.count(",") == 1 else line for line in lines]
        capture = read_capture([("p", "\n".join([*cut, ""]).encode())])
        assert ISOLATE not in capture.pagetypeinfo.types
        none = LiveZone(0, "DMA32", {ISOLATE: [0] * 11}, {ISOLATE: 0}, [0] * 11)
        assert "Isolate" not in export_pagetypeinfo(capture, none)
        some = LiveZone(0, "DMA32", {ISOLATE: [0] * 10 + [1]}, {ISOLATE: 2}, [0] * 10 + [1])
        again = read_capture([("out", export_pagetypeinfo(capture, some).encode())])
        zone = again.zone(0, "DMA32")
        assert zone is not None and zone.blocks is not None
        assert zone.blocks[ISOLATE] == 2 and zone.free[ISOLATE].counts[10].value == 1

    def test_a_capped_files_running_zone_is_capped_alike(self) -> None:
        capture = read_capture(files("5.15-capped"))
        live = LiveZone(0, "Normal", {MOVABLE: [100_000, 99_999] + [0] * 9}, {}, [0] * 11)
        row = next(
            line
            for line in export_pagetypeinfo(capture, live).splitlines()
            if "zone   Normal, type      Movable" in line
        )
        assert row.split()[6:8] == [">100000", "99999"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, list[str], list[TypeRows], list[list[int]]]:
    max_order = draw(st.integers(1, 15))
    pageblock_order = draw(st.integers(0, max_order - 1))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    keys = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from(["DMA", "DMA32", "Normal", "Movable"])),
            unique=True,
            min_size=1,
            max_size=5,
        )
    )
    parts = draw(st.sampled_from(["free", "blocks", "mixed"]))
    numbers = st.dictionaries(
        st.sampled_from(names), st.integers(0, 10**13), min_size=len(names), max_size=len(names)
    )
    # The counts must fit: as many pages as the blocks have, or no blocks and so no known size.
    limit = draw(st.sampled_from([9, 10**7]))
    zones = []
    for node, name in sorted(keys):
        free = {}
        for type_name in names:
            counts = draw(st.lists(st.integers(0, limit), min_size=max_order, max_size=max_order))
            free[type_name] = [
                ">100000" if count > 100_000 and draw(st.booleans()) else str(count)
                for count in counts
            ]
        blocks = dict.fromkeys(names, 10**18) if parts != "free" else None
        mixed = draw(numbers) if parts == "mixed" else None
        zones.append(TypeRows(node, name, free, blocks, mixed))
    counter = st.integers(-(2**20), 2**40)
    nr_free = [draw(st.lists(counter, min_size=max_order, max_size=max_order)) for _ in zones]
    return pageblock_order, max_order, names, zones, nr_free


@given(tables())
def test_what_is_written_is_read_back_and_written_the_same(
    table: tuple[int, int, list[str], list[TypeRows], list[list[int]]],
) -> None:
    pageblock_order, max_order, names, zones, nr_free = table
    text = render_pagetypeinfo(pageblock_order, max_order, names, zones)
    buddy = render_buddyinfo(
        [(zone.node, zone.name, row) for zone, row in zip(zones, nr_free, strict=True)]
    )
    capture = read_capture([("p", text.encode()), ("b", buddy.encode())])
    assert export_pagetypeinfo(capture) == text
    assert export_buddyinfo(capture) == buddy
    assert [zone.key for zone in capture.zones] == [(zone.node, zone.name) for zone in zones]
    for zone, row in zip(capture.zones, nr_free, strict=True):
        assert zone.nr_free is not None
        assert [count.signed for count in zone.nr_free] == row


@pytest.mark.parametrize("model", ROWS)
def test_a_running_zone_is_printed_with_the_types_of_its_kernel(model: str) -> None:
    """In the order of enum migratetype: 4.4 swapped two and made HIGHATOMIC of RESERVE."""
    lab = Lab(LabConfig(spanned_pages=2048, pageblock_order=7, model=model, log_bytes=0))
    lab.alloc(0, "UNMOVABLE")
    old, new = ("Reclaimable", "Movable", "Reserve"), ("Movable", "Reclaimable", "HighAtomic")
    types = ["Unmovable", *(new if model.startswith("v6") else old), "CMA", "Isolate"]
    text = lab.export("pagetypeinfo")
    rows = re.findall(r"(?m)^Node .* type +(\w+) +([\d ]+)$", text)
    assert [name for name, _ in rows] == types
    [blocks] = re.findall(r"(?m)^Number of blocks type +(.*)$", text)
    assert blocks.split() == types
    lengths = _read.lengths(lab.node)
    for name, counts in rows:
        assert [int(n) for n in counts.split()] == lengths[MIGRATETYPES.index(name.upper())], name
