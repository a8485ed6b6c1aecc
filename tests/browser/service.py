"""The real `zonescope serve` as a process of its own, and sessions on it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]

ENDS_WITHIN_S = 20.0
COMMAND = Path(sys.executable).with_name("zonescope")
SMALL: Json = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 9}
"""Sixteen blocks of 128 pages: big cells, and every command is quick."""


class Service:
    """A service on a free port of the loopback; it can be frozen, ended and started again.

    A second start listens on the port of the first, as one who restarts it would.
    """

    def __init__(self, *flags: str, **environment: str) -> None:
        self._flags = flags
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.start()
        self.http = httpx.Client(base_url=self.address, timeout=60)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def default(self) -> Zone:
        """The zone that everybody sees who asks for no other."""
        return Zone(self, "default")

    def start(self) -> None:
        command = [str(COMMAND), "serve", "--no-browser", "--log-level", "error"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), *self._flags],
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "ZONESCOPE_LOG_BYTES": str(16 << 20),
                "ZONESCOPE_STORE": "off",
                **self._environment,
            },
        )
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if link := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(link[1])
                return
        raise AssertionError(f"the service did not start: {''.join(said)}")

    def freeze(self) -> None:
        """Alive, and without a word: as a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Gone without a goodbye."""
        self._signal(signal.SIGKILL)
        self._end()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        self._process.wait(ENDS_WITHIN_S)
        self._process.stderr.close()
        self._process = None

    @contextmanager
    def session(self, **config: Any) -> Iterator[Zone]:
        """A session of its own for one test; `config` as in `configure`."""
        answer = self.http.post("/api/v1/sessions", json={"config": config})
        assert answer.status_code == 201, answer.text
        zone = Zone(self, answer.json()["id"])
        yield zone
        self.http.delete(f"/api/v1/sessions/{zone.ident}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.http.close()
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            self._end()


@dataclass(frozen=True)
class Zone:
    """One session, as seen by HTTP: what the page is compared with."""

    service: Service
    ident: str

    @property
    def path(self) -> str:
        return f"/?session={self.ident}"

    def result(self, kind: str, **fields: Any) -> Json:
        answer = self.service.http.post(
            f"/api/v1/sessions/{self.ident}/commands", json={"type": kind, **fields}
        )
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def look(self) -> Json:
        """Its op, hash, counters, nr_free and state."""
        answer = self.service.http.get(f"/api/v1/sessions/{self.ident}")
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def counters(self) -> dict[str, int]:
        found: dict[str, int] = self.look()["counters"]
        return found

    def lists(self) -> dict[str, list[int]]:
        """How many chunks each list has: by migratetype, as far as the kernel has it, and order."""
        zone = re.escape(self.look()["state"]["config"]["zone"])
        row = rf"(?m)^Node +0, zone +{zone}, type +(\w+) +([\d ]+)$"
        rows = re.findall(row, self.export("pagetypeinfo"))
        return {name.upper(): [int(n) for n in counts.split()] for name, counts in rows}

    def listed(self, order: int, migratetype: str) -> list[int]:
        """The PFNs of a list, head to tail: at most the first 256."""
        pfns: list[int] = self.result("list", order=order, migratetype=migratetype, offset=0)[
            "pfns"
        ]
        return pfns

    def block(self, index: int) -> Json:
        """What a block holds."""
        info: Json = self.result("preview", blocks=[index])["info"]
        return info

    def export(self, form: str) -> str:
        answer = self.service.http.get(f"/api/v1/sessions/{self.ident}/exports/{form}")
        assert answer.status_code == 200, answer.text
        return answer.text
