"""Fifty readers of one lab, one of whom never reads: how old the others' frames are, and memory.

A service of its own in each round, real sockets, ten frames a second, each of all 16 384 cells
(64 KiB). A frame's age is the time from its cutting, which it carries, to its last byte here; both
clocks are this machine's, and the readers share one process.
"""

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from struct import unpack_from
from typing import Any, Final, NamedTuple

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.measure import Figure

RUNS: Final = 5
READERS: Final = 50
SECONDS: Final = 10
WARM_S: Final = 4  # the ring of the log has gone round by then
MIB: Final = 1 << 20
KEPT: Final = 60_000  # bytes; a smaller frame is a heartbeat or from before the workload's pace

# Chunks of four pageblocks, so many a frame that every frame tells all cells.
ZONE: Final = {"spanned_pages": 1 << 15, "pageblock_order": 1, "max_order": 4}
COMMANDS: Final[list[dict[str, Any]]] = [
    {"type": "configure", **ZONE},
    {"type": "workload", "mix": {"orders": [0, 0, 0, 1]}, "low": 55, "high": 65},
    {"type": "rate", "ops_per_second": 100_000},
    {"type": "run"},
]
SETTINGS: Final = {
    "ZONESCOPE_FRAMES_PER_SECOND": "10",
    "ZONESCOPE_LOG_BYTES": str(8 * MIB),
    "ZONESCOPE_FILL_PERCENT": "0",
    "ZONESCOPE_STORE": "off",
}


class Served(NamedTuple):
    """A service: its port, and its process."""

    port: int
    pid: int


class Round(NamedTuple):
    """What one round measured: ms, MiB, frames a second of the slowest reader, bytes."""

    p99: float
    before: float
    after: float
    fewest: float
    size: float


def measure(runs: int = RUNS, seconds: int = SECONDS) -> list[Figure]:
    """With one who never reads and without, in turn."""
    rounds: dict[str, list[Round]] = {"all read": [], "one never reads": []}
    for _ in range(runs):
        for name, found in rounds.items():
            with _service() as served:
                found.append(asyncio.run(_round(served, name != "all read", seconds)))
    slow = rounds["one never reads"]
    return [
        Figure(
            f"p99 age of a frame, {READERS} readers",
            "ms",
            {name: [one.p99 for one in found] for name, found in rounds.items()},
            compared=[("one never reads", "all read")],
            notes=[
                f"{median(one.fewest for one in slow):.1f} frames a second for the slowest of the "
                f"others, {median(one.size for one in slow):.0f} bytes each"
            ],
        ),
        Figure(
            f"Resident memory of the service, {READERS} readers, {seconds} s",
            "MiB",
            {
                f"{name}, {when}": [getattr(one, when) for one in found]
                for name, found in rounds.items()
                for when in ("before", "after")
            },
            compared=[(f"{name}, after", f"{name}, before") for name in rounds],
        ),
    ]


@contextmanager
def _service() -> Iterator[Served]:
    command = Path(sys.executable).with_name("zonescope")
    with subprocess.Popen(
        [command, "serve", "--no-browser", "--port", "0", "--log-level", "error"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **SETTINGS},
    ) as process:
        assert process.stderr is not None
        try:
            link = process.stderr.readline().partition("http://")[2].split()[0]
            yield Served(int(link.rstrip("/").rpartition(":")[2]), process.pid)
        finally:
            process.terminate()


def _resident(pid: int) -> float:
    """MiB of a process in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB


async def _round(served: Served, one_is_stuck: bool, seconds: int) -> Round:
    for command in COMMANDS:
        path = f"http://127.0.0.1:{served.port}/api/v1/sessions/default/commands"
        httpx.post(path, json=command, timeout=60).raise_for_status()
    address = f"ws://127.0.0.1:{served.port}/api/v1/sessions/default/ws?role=viewer"
    async with AsyncExitStack() as stack:
        if one_is_stuck:
            stack.enter_context(closing(_stuck(served.port)))
        readers = [
            await stack.enter_async_context(connect(address, max_size=None, compression=None))
            for _ in range(READERS - one_is_stuck)
        ]
        start = time.time() + WARM_S
        tasks = [asyncio.create_task(_read(one, start, start + seconds)) for one in readers]
        await asyncio.sleep(WARM_S)
        before = _resident(served.pid)
        found = await asyncio.gather(*tasks)
        after = _resident(served.pid)
    ages = [age for ages, _ in found for age in ages]
    return Round(
        p99=quantiles(ages, n=100)[98],
        before=before,
        after=after,
        fewest=min(len(ages) for ages, _ in found) / seconds,
        size=median(size for _, sizes in found for size in sizes),
    )


def _stuck(port: int) -> socket.socket:
    """A socket that asked for the stream and takes nothing of it."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    raw.sendall(
        b"GET /api/v1/sessions/default/ws?role=viewer HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    return raw


async def _read(ws: ClientConnection, start: float, end: float) -> tuple[list[float], list[int]]:
    """Ages in ms, and sizes, of the frames that came between two moments."""
    ages: list[float] = []
    sizes: list[int] = []
    while (now := time.time()) < end:
        data = await ws.recv()
        now = time.time()
        if now >= start and isinstance(data, bytes) and len(data) >= KEPT:
            ages.append(now * 1000 - float(unpack_from("<d", data, 32)[0]))
            sizes.append(len(data))
    return ages, sizes
