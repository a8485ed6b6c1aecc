"""Fifty readers of 64 KiB frames, one of whom never reads: memory stays, and order is kept.

How old the others' frames get is measured by `benchmarks/fanout.py`; no time is claimed here.
"""

from contextlib import ExitStack, closing
from typing import Any

from websockets.sync.client import connect

from tests.backend.client import CELLS, Client, Frame
from tests.backend.raw import resident, stuck
from tests.backend.service import WAIT_S, Service, running
from tests.backend.witness import witness

READERS = 50
CELLS_OF: dict[str, Any] = {"spanned_pages": 1 << 15, "pageblock_order": 1, "max_order": 4}
TURNS = 25


def _reader(service: Service, stack: ExitStack) -> Client:
    ws = stack.enter_context(
        connect(service.socket_address(role="viewer"), max_size=None, open_timeout=WAIT_S)
    )
    client = Client(ws)
    client.message("history")
    return client


def _up_to(client: Client, op: int) -> list[Frame]:
    """A reader's frames until one tells of this operation."""
    frames = [client.frame()]
    while frames[-1].op < op:
        frames.append(client.frame())
    client.messages.clear()
    return frames


def _unsent(service: Service) -> list[int]:
    """Bytes that each connection has not taken yet, above what the kernel holds."""
    connections = tuple(service.server.server_state.connections)
    return [one.transport.get_write_buffer_size() for one in connections]


def _merged(service: Service) -> float:
    """Frames of the default session that gave way to newer ones."""
    name = 'zonescope_frames_merged_total{session="default"} '
    (line,) = (x for x in service.http.get("/metrics").text.splitlines() if x.startswith(name))
    return float(line.removeprefix(name))


def test_one_of_fifty_never_reads_and_the_rest_get_everything_in_order() -> None:
    with running(frames_per_second=10) as up, witness(up) as stands, ExitStack() as stack:
        up.result(type="configure", **CELLS_OF)
        up.result(type="workload", mix={"orders": [0, 0, 0, 1]}, low=55, high=65)
        stack.enter_context(closing(stuck(up.port)))
        readers = [_reader(up, stack) for _ in range(READERS - 1)]
        seq = [0] * len(readers)
        before = size = 0
        for turn in range(TURNS):
            # So many that each frame tells all 16 384 cells.
            for _ in range(2):
                op = up.result(type="step", n=8000)["op"]
            for number, client in enumerate(readers):
                for frame in _up_to(client, op):
                    assert frame.seq > seq[number]
                    assert frame.keyframe or frame.base_seq == seq[number]
                    seq[number] = frame.seq
                    size = len(frame.data)
                    if CELLS in frame.sections:
                        assert len(frame.sections[CELLS]) == 65_536
            if turn == 5:
                before = resident()
        assert size > 65_536
        # A frame under way and one that waits, however many there were; all of them, kept for each
        # of the fifty, would be more than 64 MiB.
        assert max(_unsent(up)) < 4 * size
        assert resident() - before < 16 << 20
        assert _merged(up) >= TURNS // 2
        assert stands.unharmed()
