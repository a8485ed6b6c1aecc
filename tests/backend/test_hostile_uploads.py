"""Uploads that are too much, half there or something else, and more zones than memory is for."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from sim_core import LabConfig
from tests.backend.client import connected
from tests.backend.raw import dial, resident
from tests.backend.service import QUIET, Service, running
from tests.backend.witness import SMALL, Witness, witness
from tests.fixtures.proc.files import contents, files

MIB = 1 << 20
TYPES = contents("6.1-idle", "pagetypeinfo")


@pytest.fixture(scope="module")
def seen() -> Iterator[Witness]:
    with running() as up, witness(up) as stands:
        yield stands


@pytest.fixture(scope="module")
def hasty() -> Iterator[Witness]:
    """A service that soon gives up on an upload: whole ones may take longer on a busy machine."""
    with running(upload_s=2) as up, witness(up) as stands:
        yield stands


def _send(service: Service, ident: str, *uploads: tuple[str, bytes]) -> httpx.Response:
    parts = [("files", upload) for upload in uploads]
    return service.http.post(f"/api/v1/sessions/{ident}/imports", files=parts)


@pytest.mark.parametrize("declared", [True, False])
def test_a_hundred_megabytes_are_refused_before_they_are_kept(
    seen: Witness, declared: bool
) -> None:
    length = f"Content-Length: {100 * MIB}" if declared else "Transfer-Encoding: chunked"
    piece = b"x" * 65_536
    chunk = piece if declared else b"10000\r\n" + piece + b"\r\n"
    before = resident()
    with dial(seen.service.port) as raw:
        raw.sendall(
            f"POST /api/v1/sessions/{seen.ident}/imports HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n".encode()
        )
        with suppress(ConnectionError):
            for _ in range(100 * MIB // len(piece)):
                raw.sendall(chunk)
        assert resident() - before < 16 * MIB
        answer = raw.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"upload_bytes_max" in answer
    assert seen.unharmed()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("random", os.urandom(300_000)),
        ("nul", bytes(300_000)),
        ("elf", Path("/proc/self/exe").read_bytes()[:MIB]),
        ("utf-16", TYPES.decode().encode("utf-16")),
        ("half", TYPES[: len(TYPES) // 2]),
        ("half a line", TYPES[: TYPES.index(b"\n", 600) - 3]),
        ("one line", b"Page block order: 9" * 50_000),
        ("lines", b"\n" * 500_000),
        ("numbers", TYPES.replace(b" 1 ", b" 99999999999999999999999 ")),
        ("signs", TYPES.replace(b" 0 ", b" -7 ")),
        ("zones", b"".join(TYPES.replace(b"DMA32", b"Z%d" % n) for n in range(40))),
        ("json", b"[" * 200_000),
        ("state", b'{"zones": ' + b"[" * 200_000),
    ],
)
def test_a_file_that_is_none_of_proc_is_told_so(seen: Witness, name: str, data: bytes) -> None:
    answer = _send(seen.service, seen.ident, ("pagetypeinfo", data))
    assert answer.status_code == 422, (name, answer.text)
    problem = answer.json()
    assert problem["code"] == "input"
    assert problem["file"] == "pagetypeinfo"
    assert problem["expected"]
    assert len(answer.content) < 2000
    assert seen.unharmed()


def test_names_of_files_are_shown_and_never_followed(seen: Witness) -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "C:\\boot.ini", "a" * 500, "\u202etxt.exe"):
        problem = _send(seen.service, seen.ident, (name, b"hello")).json()
        assert problem["code"] == "input"
        assert not set(problem["file"]) & set('/\\"\n\u202e')
        assert len(problem["file"]) <= 80
    assert seen.unharmed()


def _half_sent(service: Service, ident: str) -> socket.socket:
    head = (
        f"POST /api/v1/sessions/{ident}/imports HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
    )
    return dial(service.port, head.encode() + b"--b\r\n")


def test_half_an_upload_is_given_up_and_frees_its_place(hasty: Witness) -> None:
    held = [_half_sent(hasty.service, hasty.ident) for _ in range(QUIET.uploads_at_once_max)]
    answer = _send(hasty.service, hasty.ident, ("pagetypeinfo", b"hello"))
    while answer.status_code != 503:
        # The upload that looks has a place too, and may have kept one of these out.
        held.append(_half_sent(hasty.service, hasty.ident))
        answer = _send(hasty.service, hasty.ident, ("pagetypeinfo", b"hello"))
    assert answer.json()["code"] == "busy"
    told = [raw.recv(65_536) for raw in held]
    assert sum(b"upload_s" in one for one in told) >= QUIET.uploads_at_once_max
    assert {one[:12] for one in told} <= {b"HTTP/1.1 422", b"HTTP/1.1 503"}
    for raw in held:
        raw.close()
    assert _send(hasty.service, hasty.ident, ("pagetypeinfo", b"hello")).status_code == 422
    assert hasty.unharmed()


def test_an_upload_whose_sender_leaves_changes_nothing(seen: Witness) -> None:
    for _ in range(20):
        _half_sent(seen.service, seen.ident).close()
    while _send(seen.service, seen.ident, ("pagetypeinfo", b"hello")).status_code == 503:
        pass
    assert seen.unharmed()


def test_a_flood_of_imports_is_bounded_and_each_is_answered(seen: Witness) -> None:
    given = files("6.1-idle")
    with connected(seen.service) as other, ThreadPoolExecutor(16) as pool:
        ident = seen.service.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"]
        answers = list(pool.map(lambda _: _send(seen.service, ident, *given), range(60)))
        assert {answer.status_code for answer in answers} <= {200, 503, 409}
        assert sum(answer.status_code == 200 for answer in answers) >= 1
        assert other.result(type="check")["verdicts"]
        look = seen.service.look(ident)
        assert look["state"]["source"]["zone"]
        seen.service.http.delete(f"/api/v1/sessions/{ident}")
    assert seen.unharmed()


def test_a_thousand_sessions_are_not_made() -> None:
    with running(sessions_max=5) as up, witness(up) as stands:
        made = 0
        for _ in range(1000):
            answer = up.http.post("/api/v1/sessions", json={"config": SMALL})
            made += answer.status_code == 201
            if answer.status_code != 201:
                problem = answer.json()
                assert (answer.status_code, problem["code"]) == (409, "budget")
                assert problem["setting"] == "sessions_max"
        assert made == 3
        assert len(up.http.get("/api/v1/sessions").json()["sessions"]) == 5
        assert stands.unharmed()


def test_sessions_asked_for_all_at_once_keep_to_the_bounds_too() -> None:
    with running(sessions_max=5) as up, witness(up) as stands, ThreadPoolExecutor(16) as pool:
        asked = pool.map(lambda _: up.http.post("/api/v1/sessions").status_code, range(64))
        assert sorted(set(asked)) == [201, 409]
        assert len(up.http.get("/api/v1/sessions").json()["sessions"]) == 5
        assert stands.unharmed()


def _estimate(**fields: Any) -> int:
    return LabConfig(log_bytes=QUIET.log_bytes, **fields).estimate_bytes()


BUDGET = 3 * _estimate(**SMALL) + _estimate()


@pytest.mark.parametrize("pages", [1 << 22, 1 << 30])
def test_a_zone_beyond_the_budget_is_told_the_estimate_and_the_setting(pages: int) -> None:
    with running(bytes_budget=BUDGET) as up, witness(up) as stands:
        wanted = {"spanned_pages": pages}
        refusals = [
            up.http.post("/api/v1/sessions", json={"config": wanted}),
            up.command(stands.ident, type="configure", **wanted),
        ]
        for answer in refusals:
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (409, "budget"), problem
            assert problem["setting"] == "bytes_budget"
            assert problem["budget"] == BUDGET
            assert problem["estimate"] > BUDGET
            assert str(problem["estimate"]) in problem["detail"]
        assert stands.unharmed()


def test_a_log_beyond_the_budget_is_told_so_too() -> None:
    with running(bytes_budget=BUDGET) as up, witness(up) as stands:
        # Zones so small that their logs are what they take.
        answer = up.http.post("/api/v1/sessions", json={"config": SMALL})
        while answer.status_code == 201:
            answer = up.http.post("/api/v1/sessions", json={"config": SMALL})
        problem = answer.json()
        assert (answer.status_code, problem["setting"]) == (409, "bytes_budget")
        assert problem["estimate"] == _estimate(**SMALL) > QUIET.log_bytes
        assert len(up.http.get("/api/v1/sessions").json()["sessions"]) == 4
        assert stands.unharmed()


def test_zones_asked_for_all_at_once_keep_to_the_budget() -> None:
    with running(bytes_budget=BUDGET) as up, witness(up) as stands, ThreadPoolExecutor(8) as pool:
        post = lambda _: up.http.post("/api/v1/sessions", json={"config": SMALL})  # noqa: E731
        answers = [answer.status_code for answer in pool.map(post, range(32))]
        assert sorted(set(answers)) == [201, 409]
        sessions = up.http.get("/api/v1/sessions").json()["sessions"]
        assert sum(session["bytes_estimate"] for session in sessions) <= BUDGET
        assert stands.unharmed()
