"""The stream: deltas that add up, one cutting for all, and readers who do not keep up."""

import socket
from itertools import pairwise

from websockets.sync.client import ClientConnection, connect

from tests.backend.client import (
    CELLS,
    HEARTBEAT,
    PAGES,
    RUNNING,
    Client,
    Frame,
    apply,
    connected,
)
from tests.backend.conftest import Place
from tests.backend.raw import narrow, resident, stuck
from tests.backend.service import WAIT_S, Service, running


def _until(client: Client, op: int) -> tuple[list[int], list[Frame]]:
    """The cells once frames have reached an operation, and those frames."""
    cells: list[int] | None = None
    frames: list[Frame] = []
    while not frames or frames[-1].op < op:
        frames.append(client.frame())
        cells = apply(cells, frames[-1])
    assert cells is not None
    return cells, frames


def test_deltas_add_up_to_what_a_keyframe_says(place: Place) -> None:
    with connected(place.service, place.ident) as follows:
        for n in (1, 200, 1, 40):
            op = follows.result(type="step", n=n)["op"]
        follows.result(type="isolate", blocks=[[4, 6]])
        op = follows.result(type="offline", blocks=[12])["op"]
        cells, frames = _until(follows, op)
        with connected(place.service, place.ident) as fresh:
            keyframe = fresh.frame()
    assert frames[0].keyframe
    assert any(not frame.keyframe for frame in frames)
    for before, after in pairwise(frames):
        assert after.keyframe or after.base_seq == before.seq
    assert keyframe.op == op
    assert cells == apply(None, keyframe)


def test_the_same_bytes_go_to_everybody_who_sees_the_same(place: Place) -> None:
    with connected(place.service, place.ident) as one, connected(place.service, place.ident) as two:
        op = one.result(type="step", n=5)["op"]
        while (mine := one.frame()).op < op:
            pass
        while (yours := two.frame()).op < op:
            pass
    assert mine.view == yours.view
    assert mine.data == yours.data or mine.keyframe != yours.keyframe


def test_a_part_of_the_zone_and_pages_one_by_one(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        whole = client.frame().view
        part = client.result(type="subscribe", view={"level": "cells", "first_block": 8})["view"]
        assert part != whole
        while (frame := client.frame()).view != part:
            pass
        assert frame.keyframe
        assert (frame.first_block, frame.cells) == (8, 8)
        view = {"level": "pages", "first_pfn": 256, "nr_pages": 100}
        pages = client.result(type="subscribe", view=view)["view"]
        while (frame := client.frame()).view != pages:
            pass
        payload = frame.sections[PAGES]
        assert int.from_bytes(payload[:8], "little") == 256
        assert int.from_bytes(payload[8:12], "little") == 100
        assert len(payload) == 16 + 200
        none = client.result(type="subscribe", view={"level": "pages", "nr_pages": 0})
        assert none["view"] is None
        op = client.result(type="step")["op"]
        while (frame := client.frame()).op < op:
            pass
        assert frame.view == part


def test_subscribing_again_gives_a_keyframe(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.frame()
        client.result(type="step")
        view = client.result(type="subscribe", view={"level": "cells"})["view"]
        while True:
            frame = client.frame()
            if frame.keyframe and frame.view == view:
                break
        assert CELLS in frame.sections


def test_while_paused_a_heartbeat_says_that_the_line_is_open(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        op = client.frame().op
        beat = client.frame()
        while not beat.flags & HEARTBEAT:
            beat = client.frame()
    assert beat.op == op
    assert not beat.flags & RUNNING


def test_a_frame_of_a_running_lab_says_so(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="run")
        while not client.frame().flags & RUNNING:
            pass


def test_frames_are_bounded_whatever_the_zone(place: Place) -> None:
    place.result(type="configure", spanned_pages=1 << 18, pageblock_order=1, max_order=4)
    with connected(place.service, place.ident) as client:
        frame = client.frame()
    assert frame.cells * frame.blocks_per_cell >= 1 << 17
    assert frame.cells <= 65_536


def _slow(service: Service, raw: socket.socket) -> ClientConnection:
    """A client that reads from the network only when the test takes something.

    Such a one may never see the answer to its close, so it does not wait for that.
    """
    return connect(
        service.socket_address(),
        sock=raw,
        max_size=None,
        max_queue=1,
        open_timeout=WAIT_S,
        close_timeout=0.1,
    )


def test_a_reader_who_never_reads_costs_the_others_nothing_and_memory_stays(place: Place) -> None:
    """Frames of 256 KiB: kernel buffers hide a stuck reader of small ones for long."""
    place.result(type="configure", spanned_pages=1 << 17, pageblock_order=1, max_order=4)
    held = [stuck(place.service.port, place.ident) for _ in range(5)]
    try:
        address = place.service.socket_address(place.ident)
        with connect(address, max_size=None, open_timeout=WAIT_S) as ws:
            client = Client(ws)
            client.message("state", clients={"drivers": 6, "viewers": 0})
            view = {"level": "cells"}
            before = 0
            for turn in range(150):
                # Each keyframe is 65 536 cells.
                client.result(type="step", n=20)
                client.result(type="subscribe", view=view)
                frames = [client.frame()]
                while not frames[-1].keyframe:
                    frames.append(client.frame())
                assert len(frames[-1].data) > 65_536 * 4
                client.frames.clear()
                if turn == 50:
                    before = resident()
            grown = resident() - before
    finally:
        for raw in held:
            raw.close()
    # A hundred frames for each of five readers would be 130 MiB.
    assert grown < 32 << 20


def test_a_slow_reader_gets_the_newest_state_by_keyframe() -> None:
    turns = 60
    with (
        running(send_buffer_bytes=32 * 1024) as up,
        connected(up) as fast,
    ):
        fast.result(type="configure", spanned_pages=1 << 17, pageblock_order=1, max_order=4)
        with narrow(up.port) as raw, _slow(up, raw) as ws:
            slow = Client(ws)
            slow.message("history")
            # It reads nothing while the lab goes on, in frames that do not fit the buffers.
            for _ in range(turns):
                op = fast.result(type="step", n=5000)["op"]
                while fast.frame().op < op:
                    pass
            cells, frames = _until(slow, op)
            with connected(up) as fresh:
                assert apply(None, fresh.frame()) == cells
    assert len(frames) < turns / 2
    assert sum(frame.keyframe for frame in frames) >= 2
    for before, after in pairwise(frames):
        assert after.keyframe or after.base_seq == before.seq
        assert after.op >= before.op


def test_replies_unread_for_too_long_close_the_connection() -> None:
    with (
        running(outbox_replies_max=20, commands_burst=5000, send_buffer_bytes=16 * 1024) as up,
        narrow(up.port) as raw,
        _slow(up, raw) as ws,
    ):
        client = Client(ws)
        for _ in range(400):
            client.send(type="check")
        # Turns are taken in order: once these are done, so is all that was sent before them.
        done = 0
        while done < 60:
            done += up.command(type="check").status_code == 200
        code, reason = client.closed()
    assert code == 1013
    assert "unread" in reason
