"""`zonescope serve` as a process of its own, to be ended by signals."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.backend.service import WAIT_S

COMMAND = Path(sys.executable).with_name("zonescope")


@dataclass
class Process:
    """A service that can be sent signals.

    Attributes:
        process: it.
        port: it listens on.
        http: a client of its HTTP routes.
    """

    process: subprocess.Popen[bytes]
    port: int
    http: httpx.Client

    def socket_address(self, session: str = "default", role: str = "driver") -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/sessions/{session}/ws?role={role}"

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)

    def log(self) -> list[dict[str, str]]:
        """The lines that it wrote, once it has ended: key -> value."""
        assert self.process.stderr is not None
        pair = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
        text = self.process.stderr.read().decode()
        return [dict(pair.findall(line)) for line in text.splitlines() if "event=" in line]


@contextmanager
def process(port: int = 0, **settings: object) -> Iterator[Process]:
    """A service with these settings changed, killed at the end if nobody ended it."""
    given = {f"ZONESCOPE_{name.upper()}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        [COMMAND, "serve", "--no-browser", "--port", str(port)],
        stderr=subprocess.PIPE,
        env={**os.environ, "ZONESCOPE_LOG_BYTES": str(8 << 20), "ZONESCOPE_STORE": "off", **given},
    ) as child:
        try:
            assert child.stderr is not None
            link = re.search(rb"http://127\.0\.0\.1:(\d+)/", child.stderr.readline())
            assert link is not None
            found = int(link[1])
            with httpx.Client(base_url=f"http://127.0.0.1:{found}", timeout=WAIT_S) as http:
                yield Process(child, found, http)
        finally:
            if child.poll() is None:
                child.kill()
