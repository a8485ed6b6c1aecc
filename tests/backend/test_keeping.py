"""Named sessions: whatever ends the service, they stand where they stood."""

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.backend.client import connected
from tests.backend.process import Process, process
from tests.backend.service import WAIT_S, Service, running

Json = dict[str, Any]
SMALL = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}
SAVED_WITHIN_S = 1.1


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "sessions.sqlite"


@pytest.fixture
def up(store: Path) -> Iterator[Service]:
    with running(store=str(store)) as service:
        yield service


def slight(store: Path) -> AbstractContextManager[Process]:
    """A process whose default session takes no time."""
    return process(store=store, autorun="no", spanned_mib=1)


def made(up: Service | Process) -> str:
    ident: str = up.http.post("/api/v1/sessions", json={"config": SMALL}).json()["id"]
    return ident


def command(up: Service | Process, ident: str, **fields: Any) -> Json:
    answer = up.http.post(f"/api/v1/sessions/{ident}/commands", json=fields)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def look(up: Service | Process, ident: str) -> Json:
    answer = up.http.get(f"/api/v1/sessions/{ident}")
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def kept(up: Service | Process) -> dict[str, Json]:
    return {row["name"]: row for row in up.http.get("/api/v1/kept").json()["kept"]}


def stands(up: Service | Process, ident: str) -> tuple[Any, ...]:
    """All that is to be the same again."""
    seen = look(up, ident)
    file = up.http.get(f"/api/v1/sessions/{ident}/exports/session").json()["session"]
    state = seen["state"]
    return seen["hash"], seen["op"], state["timeline"]["branches"], state["models"], file


def busy(up: Service | Process, ident: str) -> None:
    """A life with branches, marks, notes, a model."""
    command(up, ident, type="step", n=200)
    command(up, ident, type="isolate", blocks=[3])
    command(up, ident, type="note", text="look at block 3")
    command(up, ident, type="save_model", name="mine", parent="v3.7", changes={})
    command(up, ident, type="back", n=40)
    command(up, ident, type="alloc", order=0, migratetype="MOVABLE", count=3)


def test_a_kill_takes_a_second_at_most(store: Path) -> None:
    with slight(store) as up:
        ident = made(up)
        command(up, ident, type="step", n=50)
        assert command(up, ident, type="keep", name="my run")["name"] == "my run"
        busy(up, ident)
        before = stands(up, "my run")
        time.sleep(SAVED_WITHIN_S)
        up.end(signal.SIGKILL)
    with slight(store) as up:
        assert kept(up)["my run"]["live"] is False
        assert stands(up, "my run") == before
        assert look(up, "my run")["state"]["run"]["running"] is False
        # What was done before can be undone, and what is done now is kept too.
        words = command(up, "my run", type="undo")["words"]
        assert words == ["undone: allocate order 0, MOVABLE"]
        command(up, "my run", type="switch", branch=1)
        command(up, "my run", type="step", n=10)
        after = stands(up, "my run")
        assert up.end(signal.SIGTERM) == 0
    with slight(store) as up:
        assert stands(up, "my run") == after


def test_a_running_one_comes_back_near_where_it_was(store: Path) -> None:
    with slight(store) as up:
        ident = made(up)
        command(up, ident, type="keep", name="runs")
        command(up, ident, type="rate", ops_per_second=1000)
        command(up, ident, type="run")
        time.sleep(SAVED_WITHIN_S)
        op = look(up, ident)["op"]
        time.sleep(SAVED_WITHIN_S)
        up.end(signal.SIGKILL)
    with slight(store) as up:
        assert look(up, "runs")["op"] >= op


def test_opened_once_though_many_ask_at_once(store: Path) -> None:
    with running(store=str(store)) as up:
        ident = made(up)
        busy(up, ident)
        command(up, ident, type="keep", name="shared")
    with running(store=str(store)) as up:
        with ThreadPoolExecutor(6) as many:
            idents = list(many.map(lambda _: look(up, "shared")["id"], range(12)))
        assert set(idents) == {"shared"}
        assert len(up.http.get("/api/v1/sessions").json()["sessions"]) == 2
        with connected(up, "shared") as client:
            assert client.state["kept"] == {"name": "shared", "trouble": None}


def test_nothing_is_written_when_nothing_is_new(up: Service) -> None:
    ident = made(up)
    command(up, ident, type="keep", name="still")
    time.sleep(SAVED_WITHIN_S)
    at = kept(up)["still"]["saved_at"]
    time.sleep(SAVED_WITHIN_S)
    assert kept(up)["still"]["saved_at"] == at


def test_under_another_name_it_goes_on_and_a_copy_stays(up: Service) -> None:
    ident = made(up)
    command(up, ident, type="keep", name="first")
    command(up, ident, type="step", n=20)
    command(up, ident, type="keep", name="second")
    op = look(up, ident)["op"]
    command(up, ident, type="step", n=5)
    assert look(up, "second")["id"] == ident
    first = look(up, "first")
    assert (first["id"], first["op"]) == ("first", op)
    # The same name again: it is kept as it is now.
    assert command(up, ident, type="keep", name="second")["saved_op"] == op + 5


def test_another_lab_is_kept_in_the_place_of_the_one_before(store: Path) -> None:
    with running(store=str(store)) as up:
        ident = made(up)
        busy(up, ident)
        command(up, ident, type="keep", name="changes")
        command(up, ident, type="configure", **{**SMALL, "spanned_pages": 4096})
        command(up, ident, type="step", n=7)
        before = stands(up, ident)
    with running(store=str(store)) as up:
        assert stands(up, "changes") == before


def test_while_a_demonstration_is_given_what_was_set_aside_is_kept(store: Path) -> None:
    with running(store=str(store)) as up:
        ident = made(up)
        busy(up, ident)
        hash_ = look(up, ident)["hash"]
        command(up, ident, type="keep", name="aside")
        command(up, ident, type="demonstrate", scenario="pcp-page")
        command(up, ident, type="step", n=2)
    with running(store=str(store)) as up:
        assert look(up, "aside")["hash"] == hash_


def test_copies_and_deletes(up: Service) -> None:
    ident = made(up)
    command(up, ident, type="keep", name="a")
    command(up, ident, type="step", n=9)
    assert up.http.post("/api/v1/kept/a/copy", json={"to": "b"}).status_code == 201
    assert kept(up)["b"]["op"] == look(up, ident)["op"]
    for to, status in (("a", 409), ("", 422), ("x" * 41, 422), ("../x", 422), (7, 422)):
        assert up.http.post("/api/v1/kept/a/copy", json={"to": to}).status_code == status
    assert up.http.post("/api/v1/kept/none/copy", json={"to": "c"}).status_code == 404
    assert up.http.delete("/api/v1/kept/a").status_code == 204
    assert up.http.delete("/api/v1/kept/a").status_code == 404
    # It goes on, and is not kept.
    assert look(up, ident)["state"]["kept"] is None
    assert up.http.get("/api/v1/sessions/a").status_code == 404
    assert set(kept(up)) == {"b"}
    file = up.http.get("/api/v1/kept/b/export")
    assert file.json()["session"]["name"] == "b"
    assert file.headers["content-disposition"] == 'attachment; filename="b.zonescope.json"'
    assert up.http.delete(f"/api/v1/sessions/{ident}").status_code == 204


@pytest.mark.parametrize("name", ["", " a", "a ", "x" * 41, "default", "a/b", "ä", "a\n", ".a"])
def test_a_wrong_name_is_refused(up: Service, name: str) -> None:
    refused = up.command(type="keep", name=name)
    assert refused.status_code == 422
    assert refused.json()["field"] == "name" and refused.json()["allowed"]


def test_a_name_is_one_sessions(up: Service) -> None:
    one, other = made(up), made(up)
    command(up, one, type="keep", name="mine")
    for name in ("mine", one):
        refused = up.command(other, type="keep", name=name)
        assert (refused.status_code, refused.json()["field"]) == (409, "name")
    assert look(up, other)["state"]["kept"] is None


def test_a_viewer_keeps_nothing(up: Service) -> None:
    with connected(up, role="viewer") as client:
        for fields in ({"type": "keep", "name": "x"}, {"type": "note", "text": "x"}):
            assert client.error(**fields)["code"] == "forbidden"


def test_idle_and_deleted_ones_come_again(store: Path) -> None:
    with running(store=str(store), session_idle_s=1) as up:
        idle, deleted = made(up), made(up)
        command(up, idle, type="keep", name="idle")
        command(up, deleted, type="keep", name="gone")
        command(up, deleted, type="step", n=5)
        op = look(up, deleted)["op"]
        assert up.http.delete("/api/v1/sessions/gone").status_code == 204
        deadline = time.monotonic() + WAIT_S
        while kept(up)["idle"]["live"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert look(up, "gone")["op"] == op
        assert look(up, "idle")["id"] == "idle"


def test_what_has_no_room_to_be_opened_is_told_so(store: Path) -> None:
    with running(store=str(store)) as up:
        command(up, made(up), type="keep", name="large")
    with running(store=str(store), sessions_max=1) as up:
        refused = up.http.get("/api/v1/sessions/large")
        assert (refused.status_code, refused.json()["setting"]) == (409, "sessions_max")


def test_a_kept_one_that_no_longer_reads_is_refused_with_the_reason(store: Path) -> None:
    with running(store=str(store)) as up:
        ident = made(up)
        busy(up, ident)
        command(up, ident, type="keep", name="broken")
    db = sqlite3.connect(store)
    [(head,)] = db.execute("SELECT head FROM kept").fetchall()
    db.execute("UPDATE kept SET head = ?", (json.dumps({**json.loads(head), "state": "0" * 16}),))
    db.commit()
    db.close()
    with running(store=str(store)) as up:
        refused = up.http.get("/api/v1/sessions/broken")
        assert refused.status_code == 409
        assert "allocator did otherwise" in refused.json()["detail"]
        assert set(kept(up)) == {"broken"}
    db = sqlite3.connect(store)
    db.execute("UPDATE entry SET entry = '[1' WHERE place = 0")
    db.commit()
    db.close()
    with running(store=str(store)) as up:
        refused = up.http.get("/api/v1/sessions/broken")
        assert refused.status_code == 409 and "cannot be opened" in refused.json()["detail"]


def test_a_full_store_is_told_and_the_session_goes_on(store: Path) -> None:
    with running(store=str(store), kept_bytes_max=3000) as up:
        ident = made(up)
        command(up, ident, type="keep", name="full")
        for block in range(30):
            command(up, ident, type="isolate", blocks=[block % 16])
            command(up, ident, type="unisolate", blocks=[block % 16])
        deadline = time.monotonic() + WAIT_S
        while look(up, ident)["state"]["kept"]["trouble"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "delete one" in look(up, ident)["state"]["kept"]["trouble"]
        command(up, ident, type="reset")
        while look(up, ident)["state"]["kept"]["trouble"] is not None:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_where_nothing_is_kept_it_is_said() -> None:
    with running() as up:
        assert up.http.get("/api/v1/kept").json()["off"]
        refused = up.command(type="keep", name="x")
        assert (refused.status_code, refused.json()["setting"]) == (409, "store")
        assert up.http.delete("/api/v1/kept/x").status_code == 409
