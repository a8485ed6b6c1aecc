"""Single blocks of a zone whose cells are shared: the narrow view beside the whole one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backend.client import CHANGED, Client, Frame, apply, connected
from tests.backend.conftest import Place
from tests.backend.service import Service, running

WINDOW = 9
BLOCKS = 524_288
LAST = {"level": "window", "first_block": BLOCKS - 1028, "nr_blocks": 4, "runs": 2, "stride": 1024}
TEBIBYTE: dict[str, Any] = {"spanned_mib": 1 << 20, "pageblock_order": 9}


@pytest.fixture(scope="module")
def huge() -> Iterator[Service]:
    """A service that holds a zone of 1 TiB, by the setting that README.md names."""
    with running(bytes_budget=12 << 30, fill_percent=0) as up:
        up.result(type="configure", **TEBIBYTE)
        yield up


def _of_view(client: Client, view: int) -> Frame:
    """The next frame of a view."""
    while (frame := client.frame()).view != view:
        pass
    return frame


def test_one_block_at_the_far_end_is_isolated_and_seen_alone(huge: Service) -> None:
    with connected(huge) as client:
        whole = client.frame()
        assert (whole.cells, whole.blocks_per_cell) == (65_536, 8)
        near = client.result(type="subscribe", view=LAST)["view"]
        first = _of_view(client, near)
        assert first.keyframe
        assert (first.cells, first.first_block, first.blocks_per_cell) == (8, BLOCKS - 1028, 1)
        assert [int.from_bytes(first.sections[WINDOW][i : i + 4], "little") for i in (0, 4, 8)] == [
            4, 2, 1024,
        ]  # fmt: skip
        op = client.result(type="isolate", blocks=[BLOCKS - 1])["op"]
        cells = apply(None, first)
        seen: dict[int, Frame] = {}
        while {frame.op for frame in seen.values()} != {op} or len(seen) < 2:
            frame = client.frame()
            seen[frame.view] = frame
            if frame.view == near:
                cells = apply(cells, frame)
    assert cells[7] & 0x7F == 6
    assert all(cell & 0x7F != 6 for cell in cells[:7])
    # Of the whole zone the one cell that they share has changed, and says that one is isolated.
    changed = seen[whole.view].sections[CHANGED]
    assert int.from_bytes(changed[8:12], "little") == 65_535
    assert changed[8 + 4 + 2] & 1


def test_the_whole_zones_view_goes_on_beside_a_window_until_that_ends(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        whole = client.frame().view
        view = {"level": "window", "first_block": 3, "nr_blocks": 2, "runs": 2, "stride": 4}
        near = client.result(type="subscribe", view=view)["view"]
        pages = {"level": "pages", "first_pfn": 256, "nr_pages": 100}
        single = client.result(type="subscribe", view=pages)["view"]
        for number in (whole, near, single):
            _of_view(client, number)
        other = client.result(type="subscribe", view=view | {"first_block": 4})["view"]
        assert other != near
        assert _of_view(client, other).first_block == 4
        ended = client.result(type="subscribe", view={"level": "window", "nr_blocks": 0})
        assert ended["view"] is None
        client.frames.clear()
        op = client.result(type="step")["op"]
        seen: dict[int, int] = {}
        while len(seen) < 2 or min(seen.values()) < op:
            frame = client.frame()
            seen[frame.view] = frame.op
        assert set(seen) == {whole, single}


def test_two_who_see_the_same_blocks_share_the_view(place: Place) -> None:
    view = {"level": "window", "first_block": 8, "nr_blocks": 4}
    with connected(place.service, place.ident) as one, connected(place.service, place.ident) as two:
        numbers = {client.result(type="subscribe", view=view)["view"] for client in (one, two)}
    assert len(numbers) == 1


def test_a_window_stays_over_another_zone_where_it_fits(place: Place) -> None:
    view = {"level": "window", "first_block": 8, "nr_blocks": 4}
    with connected(place.service, place.ident) as client:
        near = client.result(type="subscribe", view=view)["view"]
        _of_view(client, near)
        client.result(type="reset")
        while not (frame := _of_view(client, near)).keyframe or frame.op:
            pass
        # Of half as many blocks it shows none.
        client.result(type="configure", spanned_pages=1024, pageblock_order=7)
        client.frames.clear()
        op = client.result(type="step")["op"]
        while (frame := client.frame()).op < op:
            assert frame.view != near
        assert frame.cells == 8
