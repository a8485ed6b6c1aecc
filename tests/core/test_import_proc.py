"""Reading /proc/pagetypeinfo, buddyinfo and zoneinfo: what is understood and what is refused."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim_core.errors import InputError
from sim_core.importers import Note, ProcCapture, read_capture
from sim_core.vocabulary import MIGRATETYPES, migratetype_id
from tests.fixtures.proc.files import KINDS, SNAPSHOTS, contents, files

UNMOVABLE, MOVABLE = migratetype_id("UNMOVABLE"), migratetype_id("MOVABLE")
RESERVE, ISOLATE = migratetype_id("RESERVE"), migratetype_id("ISOLATE")

SMALL = """\
Page block order: 2
Pages per block:  4

Free pages count per migrate type at order      0      1      2      3
Node    0, zone   Normal, type    Unmovable      1      0      0      0
Node    0, zone   Normal, type      Movable      3      1      0      2
Node    0, zone   Normal, type      Isolate      0      0      1      0

Number of blocks type     Unmovable      Movable      Isolate
Node 0, zone   Normal            2            8            1
"""
SMALL_BUDDY = "Node 0, zone   Normal      4      1      1      2\n"
SMALL_ZONEINFO = """\
Node 0, zone   Normal
  pages free     26
        min      2
        low      3
        high     4
        spanned  44
        present  44
        managed  42
        protection: (0, 0)
  pagesets
    cpu: 0
              count: 1
              high:  6
              batch: 1
  start_pfn:           4
"""


def read(*texts: str) -> ProcCapture:
    return read_capture([(f"file{i}", text.encode()) for i, text in enumerate(texts)])


def kinds(capture: ProcCapture, where: str) -> list[str]:
    return [note.kind for note in capture.notes if note.where == where]


def values(capture: ProcCapture, node: int, name: str, mtype: int) -> list[int]:
    zone = capture.zone(node, name)
    assert zone is not None
    return [count.value for count in zone.free[mtype].counts]


class TestWhatIsRead:
    def test_the_files_are_told_apart_by_contents_in_any_order(self) -> None:
        capture = read(SMALL_ZONEINFO, SMALL_BUDDY, SMALL)
        zone = capture.zone(0, "Normal")
        assert zone is not None and zone.facts is not None and zone.nr_free is not None
        assert (capture.pageblock_order, capture.max_order) == (2, 4)
        assert values(capture, 0, "Normal", MOVABLE) == [3, 1, 0, 2]
        assert zone.blocks == {UNMOVABLE: 2, MOVABLE: 8, ISOLATE: 1}
        assert [count.value for count in zone.nr_free] == [4, 1, 1, 2]
        assert (zone.facts.start_pfn, zone.facts.spanned, zone.facts.managed) == (4, 44, 42)
        assert (zone.facts.watermark_min, zone.facts.watermark_high) == (2, 4)
        assert [(cpu.count, cpu.high, cpu.batch) for cpu in zone.facts.pcp] == [(1, 6, 1)]
        assert zone.free_pages == 26
        assert capture.notes == ()

    @pytest.mark.parametrize("snapshot", SNAPSHOTS)
    def test_every_snapshot_is_read_whole(self, snapshot: str) -> None:
        capture = read_capture(files(snapshot))
        text = contents(snapshot, "pagetypeinfo").decode()
        rows = sum(len(zone.free) for zone in capture.zones)
        assert rows == text.count(", type")
        assert capture.runnable

    def test_a_3_5_file_has_two_nodes_and_reserve(self) -> None:
        capture = read_capture(files("3.5-two-nodes"))
        assert [zone.key for zone in capture.zones] == [(0, "DMA"), (0, "DMA32"), (1, "Normal")]
        assert values(capture, 0, "DMA", RESERVE)[10] == 1
        zone = capture.zone(1, "Normal")
        assert zone is not None and zone.blocks is not None and zone.facts is not None
        assert zone.blocks[ISOLATE] == 2
        assert zone.facts.managed is None
        assert [cpu.high for cpu in zone.facts.pcp] == [186, 186]

    def test_types_are_taken_by_name_whatever_the_column(self) -> None:
        header = "Number of blocks type     Unmovable      Movable      Isolate"
        swapped = SMALL.replace(header, "Number of blocks type  Isolate Unmovable Movable")
        swapped = swapped.replace("            2            8            1", " 1 2 8")
        assert read(swapped).zones[0].blocks == read(SMALL).zones[0].blocks

    def test_line_ends_marks_and_trailing_blanks_do_not_matter(self) -> None:
        plain = read(SMALL, SMALL_BUDDY, SMALL_ZONEINFO)
        for before, end, after in (
            ("", "\r\n", ""),
            ("\ufeff", "\n", ""),
            ("", "   \n", ""),
            ("\n", "\n", "\n\n"),
        ):
            texts = (SMALL, SMALL_BUDDY, SMALL_ZONEINFO)
            changed = read(*(before + text.replace("\n", end) + after for text in texts))
            for zone, same in zip(changed.zones, plain.zones, strict=True):
                assert zone.blocks == same.blocks and zone.nr_free == same.nr_free
                assert [r.counts for r in zone.free.values()] == [
                    r.counts for r in same.free.values()
                ]
            assert changed.notes == ()

    def test_mixed_blocks_are_kept(self) -> None:
        more = (
            "\nNumber of mixed blocks    Unmovable      Movable      Isolate\n"
            "Node 0, zone   Normal            1            3            0\n"
        )
        zone = read(SMALL + more).pagetypeinfo.zones[0]
        assert zone.mixed == {UNMOVABLE: 1, MOVABLE: 3, ISOLATE: 0}

    def test_a_zone_without_memory_is_kept_and_cannot_be_run(self) -> None:
        capture = read_capture(files("6.1-idle"))
        empty = capture.zone(0, "Normal")
        assert empty is not None and not empty.populated and empty.obstacle is not None
        assert "no memory" in empty.obstacle
        assert kinds(capture, "node 0, zone Normal") == ["unpopulated"]
        assert [zone.name for zone in capture.runnable] == ["DMA", "DMA32", "Movable"]

    def test_block_counts_may_be_missing_when_zoneinfo_gives_the_span(self) -> None:
        cut = SMALL[: SMALL.index("Number of blocks")]
        assert "no known size" in str(read(cut).zones[0].obstacle)
        capture = read(cut, SMALL_ZONEINFO)
        assert capture.runnable and kinds(capture, "node 0, zone Normal") == ["cut"]

    def test_a_last_line_without_end_is_called_doubtful(self) -> None:
        assert [note.kind for note in read(SMALL.rstrip("\n")).notes] == ["cut"]


class TestCountsThatAreNotPlain:
    def test_a_capped_count_is_what_buddyinfo_has_beyond_the_other_types(self) -> None:
        capture = read_capture(files("5.15-capped"))
        zone = capture.zone(0, "Normal")
        assert zone is not None
        count = zone.free[MOVABLE].counts[0]
        assert (count.value, count.at_least, count.text) == (143219, False, ">100000")
        assert kinds(capture, "node 0, zone Normal") == ["resolved"]

    def test_two_capped_types_of_an_order_stay_lower_bounds(self) -> None:
        capture = read_capture(files("5.15-capped"))
        zone = capture.zone(0, "Movable")
        assert zone is not None
        for mtype in (UNMOVABLE, MOVABLE):
            count = zone.free[mtype].counts[0]
            assert (count.value, count.at_least) == (100000, True)
        # Order 1 has one capped type: buddyinfo decides it.
        assert zone.free[MOVABLE].counts[1].value == 131072
        assert kinds(capture, "node 0, zone Movable") == ["at-least", "resolved"]

    def test_without_buddyinfo_a_capped_count_stays_a_lower_bound(self) -> None:
        capture = read_capture(files("5.15-capped", "pagetypeinfo"))
        zone = capture.zone(0, "Normal")
        assert zone is not None and zone.free[MOVABLE].counts[0].at_least
        assert kinds(capture, "node 0, zone Normal") == ["at-least"]

    def test_buddyinfo_below_the_cap_does_not_resolve_it(self) -> None:
        buddy = contents("5.15-capped", "buddyinfo").decode().replace("145944", "100000")
        capture = read(contents("5.15-capped", "pagetypeinfo").decode(), buddy)
        assert kinds(capture, "node 0, zone Normal") == ["at-least", "different-instants"]

    def test_a_counter_below_zero_is_read_as_such(self) -> None:
        capture = read_capture(files("3.5-wrapped"))
        zone = capture.zone(0, "Normal")
        assert zone is not None and zone.nr_free is not None
        assert (zone.nr_free[0].wrapped, zone.nr_free[0].signed) == (True, -508)
        assert zone.nr_free[0].text == "18446744073709551108"
        assert kinds(capture, "node 0, zone Normal") == ["wrapped"]

    def test_a_list_length_below_zero_is_refused(self) -> None:
        with pytest.raises(InputError, match="cannot be below zero") as caught:
            read(SMALL.replace("Movable      3 ", "Movable 18446744073709551615 "))
        assert (caught.value.file, caught.value.line) == ("file0", 6)
        assert "type Movable" in caught.value.expected


class TestFilesOfDifferentInstants:
    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("      4      1", "      5      1", "order 0: 4 and 5"),
            ("Normal", "DMA32", "is not in"),
        ],
    )
    def test_buddyinfo_that_differs_is_noted(self, old: str, new: str, says: str) -> None:
        capture = read(SMALL, SMALL_BUDDY.replace(old, new))
        notes = [note for note in capture.notes if note.kind == "different-instants"]
        assert notes and all("different instants" in note.text for note in notes)
        assert says in notes[0].text

    def test_zoneinfo_that_differs_is_noted(self) -> None:
        capture = read(SMALL, SMALL_ZONEINFO.replace("free     26", "free     25"))
        assert capture.notes == (
            Note(
                "different-instants",
                "node 0, zone Normal: file0 has 26 free pages and zoneinfo 25: "
                "read at different instants.",
                "node 0, zone Normal",
            ),
        )

    def test_a_recording_of_two_cpus_shows_it(self) -> None:
        capture = read_capture(files("6.1-pinned"))
        assert kinds(capture, "node 0, zone Movable") == ["different-instants"] * 2
        assert kinds(capture, "node 0, zone DMA32") == []


def spoilt(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "line", "expected", "got"),
        [
            ("", 1, "the text of /proc/pagetypeinfo", "an empty file"),
            ("\n \n", 1, "the text of /proc/pagetypeinfo", "an empty file"),
            ("\x7fELF\0\1\n", 1, "a line of plain text", "binary data"),
            (spoilt("Number", "N\0mber"), 9, "a line of plain text", "binary data"),
            (spoilt("Normal", "Nörmal"), 5, "a line of plain text", "no /proc file"),
            ("MemTotal: 12 kB\n", 1, "the start of /proc/pagetypeinfo", "MemTotal"),
            (spoilt("order: 2", "order: 15"), 1, "a pageblock order from 0 to 14", "15"),
            (spoilt("order: 2", "order: x"), 1, "the pageblock order", '"x"'),
            (spoilt("block:  4", "block:  8"), 2, '"Pages per block:  4"', '"Pages per block:'),
            (spoilt("   1      2      3", "   1      3      2"), 4, "the orders 0, 1, 2", "order"),
            (spoilt("      2      3\n", "\n"), 4, "up to at least the pageblock order 2", "1"),
            (spoilt("type    Unmov", "typ    Unmov"), 5, "type <name>", "typ "),
            (spoilt("      Movable ", "      Mowable "), 6, "a migratetype: Unmovable", "Mowable"),
            (spoilt("      0      2\nNode", "    2\nNode"), 6, "4 counts", "3"),
            (spoilt("     3      1", "     3      1 7"), 6, "4 counts", "5"),
            (spoilt("     3      1", "     3     -1"), 6, "a whole number", '"-1"'),
            (spoilt("     3 ", "     3" + "0" * 20 + " "), 6, "below 2^64", "run together"),
            (spoilt("     3 ", " 18446744073709551616 "), 6, "below 2^64", "run together"),
            (spoilt("type      Isolate", "type      Movable"), 7, "each row once", "Movable"),
            (spoilt(SMALL.split("\n")[5] + "\n", ""), 8, "a column for each type", "Number"),
            (
                spoilt("blocks type     Unmov", "blocks type     Unm"),
                9,
                "a migratetype",
                '"Unmable"',
            ),
            (spoilt("            8 ", "  "), 10, "3 numbers, one for each type", "is it cut"),
            (spoilt("            8 ", "  >8 "), 10, "from 0 to 2^63", ">8"),
            (spoilt("Node 0, zone   Normal   ", "Node 1, zone   Normal   "), 10, "rows above", "1"),
            (SMALL + "Node 0, zone Normal 1 1 1\n", 11, "each zone once", "Normal"),
            (SMALL + "Total: 3\n", 11, "one more row", "Total"),
            (SMALL[: SMALL.index("Node")], 4, "type <name>", "the end of the file"),
            (SMALL[: SMALL.index("      0      2\nNode")], 6, "4 counts", "is it cut"),
            (SMALL[: SMALL.index("Free")], 2, "Free pages count", "the end of the file"),
        ],
    )
    def test_pagetypeinfo(self, text: str, line: int, expected: str, got: str) -> None:
        with pytest.raises(InputError) as caught:
            read(text)
        error = caught.value
        assert (error.file, error.line) == ("file0", line)
        assert expected in error.expected
        assert got in error.got

    def test_a_missing_row_names_the_zone_and_type(self) -> None:
        text = contents("6.1-idle", "pagetypeinfo").decode()
        lines = text.splitlines(keepends=True)
        row = next(i for i, line in enumerate(lines) if "DMA32, type  Reclaimable" in line)
        del lines[row]
        with pytest.raises(InputError, match="zone DMA32, type Reclaimable") as caught:
            read("".join(lines))
        assert caught.value.line == 13  # the zone's last row

    @pytest.mark.parametrize(
        ("text", "line", "expected", "got"),
        [
            (SMALL_BUDDY + "Node 0, zone DMA 1 2 3\n", 2, "4 counts", "is it cut"),
            (SMALL_BUDDY + "Node 0, zone DMA 1 2 3\nNode 0, zone M 1 2 3 4\n", 2, "4 counts", "3"),
            (SMALL_BUDDY + SMALL_BUDDY, 2, "each zone once", "Normal"),
            (SMALL_BUDDY.replace(" 4 ", " >4 "), 1, "without a mark", ">4"),
            (SMALL_BUDDY.replace(" 4 ", " 4x "), 1, "a whole number", "4x"),
            (SMALL_BUDDY.replace("\n", " 1\n"), 1, "4 counts, one for each order of", "5"),
            (SMALL_BUDDY + "free memory\n", 2, '"Node <n>, zone', "free memory"),
        ],
    )
    def test_buddyinfo(self, text: str, line: int, expected: str, got: str) -> None:
        with pytest.raises(InputError) as caught:
            read(SMALL, text)
        error = caught.value
        assert (error.file, error.line) == ("file1", line)
        assert expected in error.expected
        assert got in error.got

    @pytest.mark.parametrize(
        ("old", "new", "line", "expected", "got"),
        [
            ("spanned  44", "spanned  x", 6, "spanned of node 0, zone Normal", '"x"'),
            ("        spanned  44\n", "", 14, "spanned of node 0", "the file ends here"),
            ("  start_pfn:           4\n", "", 14, "start_pfn", "the file ends here"),
            ("              batch: 1\n", "", 14, "batch of cpu 0", "the file ends here"),
            ("    cpu: 0\n", "", 11, '"cpu: <n>" before', "count"),
            ("present  44", "present  45", 7, "at most the 44 pages spanned", "45"),
            ("managed  42", "managed  45", 8, "at most the 44 pages present", "45"),
            ("managed  42", "present  42", 8, "once; line 7", "42"),
            ("  pagesets", "pagesets", 10, "an indented line", "pagesets"),
            ("start_pfn:           4", "start_pfn: 4503599627370496", 6, "below pfn 2^52", "44"),
        ],
    )
    def test_zoneinfo(self, old: str, new: str, line: int, expected: str, got: str) -> None:
        assert old in SMALL_ZONEINFO
        with pytest.raises(InputError) as caught:
            read(SMALL, SMALL_ZONEINFO.replace(old, new, 1))
        error = caught.value
        assert (error.file, error.line) == ("file1", line)
        assert expected in error.expected
        assert got in error.got

    def test_counts_beyond_the_span_name_the_row(self) -> None:
        with pytest.raises(InputError, match="free chunks that fit the 44 pages") as caught:
            read(SMALL.replace("      0      2\nNode", "      0      6\nNode"))
        assert caught.value.line == 6
        assert "53 pages on the lists of type Movable after 1" in caught.value.got

    def test_utf16_is_named(self) -> None:
        with pytest.raises(InputError, match="UTF-16"):
            read_capture([("saved.txt", SMALL.encode("utf-16"))])

    def test_a_file_beyond_the_limit_is_refused_by_the_settings_name(self) -> None:
        size = len(SMALL)
        assert read_capture([("p", SMALL.encode())], max_bytes=size).runnable
        with pytest.raises(InputError, match="max_bytes"):
            read_capture([("p", SMALL.encode())], max_bytes=size - 1)

    def test_a_gzip_file_is_unpacked_up_to_the_limit(self) -> None:
        packed = gzip.compress(SMALL.encode())
        size = len(SMALL.encode())
        assert read_capture([("p.gz", packed)], max_bytes=size) == read_capture(
            [("p.gz", SMALL.encode())]
        )
        with pytest.raises(InputError, match="max_bytes"):
            read_capture([("p.gz", packed)], max_bytes=size - 1)
        with pytest.raises(InputError, match="max_bytes"):
            read_capture([("p.gz", gzip.compress(bytes(1 << 24)))], max_bytes=1 << 16)
        for damaged in (packed[:-9], packed[:12], b"\x1f\x8b" + bytes(20)):
            with pytest.raises(InputError, match="a whole gzip file"):
                read_capture([("p.gz", damaged)])

    def test_pagetypeinfo_must_be_there_and_once(self) -> None:
        with pytest.raises(InputError, match="/proc/pagetypeinfo among the files"):
            read(SMALL_BUDDY)
        with pytest.raises(InputError, match="/proc/pagetypeinfo among the files"):
            read_capture([])
        with pytest.raises(InputError, match="a second buddyinfo"):
            read(SMALL_BUDDY, SMALL_BUDDY)


class TestAnythingElse:
    @given(st.lists(st.binary(max_size=200), min_size=1, max_size=3))
    def test_junk_is_refused_and_nothing_else_happens(self, data: list[bytes]) -> None:
        with pytest.raises(InputError) as caught:
            read_capture([("junk", item) for item in data])
        assert str(caught.value).startswith("junk")

    @settings(deadline=None)
    @given(
        st.sampled_from(SNAPSHOTS),
        st.sampled_from(KINDS),
        st.data(),
        st.sampled_from(["cut", "flip", "drop line", "double line", "insert"]),
    )
    def test_a_damaged_file_is_read_or_refused_with_its_line(
        self, snapshot: str, kind: str, data: st.DataObject, damage: str
    ) -> None:
        given_files = files(snapshot)
        index = next((i for i, (name, _) in enumerate(given_files) if name == kind), 0)
        text = given_files[index][1]
        at = data.draw(st.integers(0, len(text) - 1))
        lines = text.splitlines(keepends=True)
        row = at % len(lines)
        if damage == "cut":
            text = text[:at]
        elif damage == "flip":
            text = text[:at] + data.draw(st.binary(min_size=1, max_size=1)) + text[at + 1 :]
        elif damage == "insert":
            text = text[:at] + data.draw(st.binary(max_size=9)) + text[at:]
        elif damage == "drop line":
            text = b"".join(lines[:row] + lines[row + 1 :])
        else:
            text = b"".join(lines[: row + 1] + lines[row:])
        given_files[index] = (given_files[index][0], text)
        error: InputError | None = None
        try:
            capture = read_capture(given_files)
        except InputError as refusal:
            error = refusal
        if error is not None:
            assert error.line is None or 1 <= error.line <= text.count(b"\n") + 1
            return
        for zone in capture.zones:
            assert set(zone.free) <= set(range(len(MIGRATETYPES)))
            assert all(len(row.counts) == capture.max_order for row in zone.free.values())
