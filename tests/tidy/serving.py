"""Starts the service as a person would and waits until it answers."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

BIN = Path(sys.executable).parent
START_S = 60


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on.

    It lies below those that the kernel gives to whoever asks for any, so that another test beside
    this one cannot be given it before the service has taken it.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def get(url: str) -> tuple[int, bytes]:
    """Status and body of a GET, 4xx and 5xx included."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, *, cwd: Path, env: Mapping[str, str]
) -> Iterator[str]:
    """The address of the service that `command` runs on `port`, up for as long as the block lasts.

    Raises:
        AssertionError: it ended, or did not answer /healthz in START_S seconds; with its output.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZONESCOPE_")}
    log = cwd / f"serving-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=clean | {"ZONESCOPE_STORE": "off"} | dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, f"{address}/healthz", log)
            yield address
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and those it started, which are its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}:\n{log.read_text()}")
        try:
            if get(url)[0] == 200:
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"{url} does not answer:\n{log.read_text()}") from error
        time.sleep(0.05)
