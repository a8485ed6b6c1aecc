"""The file of kept sessions: who may use it, how much goes in, and what a kill leaves of it."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.keeping import BranchRows, Rows, Store, StoreError, open_store
from backend.problems import Problem
from backend.settings import Settings

ROUNDS = 4


def opened(path: Path, **changes: Any) -> Store:
    store, _ = open_store(replace(Settings(store=str(path)), **changes))
    assert store is not None
    return store


def rows(first: int, *entries: str, lab: str | None = None, head: str = "{}") -> Rows:
    return Rows("{}", lab, head, (1,), (BranchRows(1, "{}", first, entries),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "sessions.sqlite"


def test_only_what_is_new_is_written_and_all_of_it_is_read(path: Path) -> None:
    store = opened(path)
    key = store.create("one", rows(0, "a", "b", lab="lab"))
    assert store.save(key, rows(1, "B", "c", head="head"))
    store.copy("one", "two")
    assert store.save(key, rows(0, "z", lab="another lab"))
    store.close()
    store = opened(path)
    one, two = store.load("one"), store.load("two")
    assert (one.lab, one.branches) == ("another lab", [("{}", ["z"])])
    assert (two.lab, two.head, two.branches) == ("lab", "head", [("{}", ["a", "B", "c"])])
    assert [(row.name, row.bytes) for row in store.list()] == [
        ("one", 18),
        ("two", 14),
    ]
    store.delete("one")
    assert not store.save(key, rows(0, "y"))
    assert [row.name for row in store.list()] == ["two"]
    store.close()


def test_a_branch_that_is_gone_goes_with_its_entries(path: Path) -> None:
    store = opened(path)
    both = (BranchRows(1, "{}", 0, ("a",)), BranchRows(2, "{}", 0, ("b", "c")))
    key = store.create("one", Rows("{}", "lab", "{}", (1, 2), both))
    assert store.save(key, Rows("{}", None, "{}", (1,), ()))
    assert store.load("one").branches == [("{}", ["a"])]
    assert store.list()[0].bytes == len("{}lab{}{}a")
    store.close()


def test_what_has_no_room_changes_nothing(path: Path) -> None:
    store = opened(path, kept_max=2, kept_bytes_max=100)
    key = store.create("one", rows(0, "a" * 50, lab="lab"))
    with pytest.raises(Problem) as full:
        store.save(key, rows(1, "b" * 60))
    assert full.value.extra["setting"] == "kept_bytes_max"
    with pytest.raises(Problem):
        store.copy("one", "two")
    assert store.load("one").branches == [("{}", ["a" * 50])]
    with pytest.raises(Problem) as taken:
        store.create("one", rows(0, "c", lab="lab"))
    assert (taken.value.code, taken.value.extra["field"]) == ("conflict", "name")
    store.create("two", rows(0, "c", lab="lab"))
    with pytest.raises(Problem) as many:
        store.create("three", rows(0, "d", lab="lab"))
    assert many.value.extra["setting"] == "kept_max"
    store.close()


def test_one_service_at_a_time_has_the_file(path: Path) -> None:
    store = opened(path)
    with pytest.raises(StoreError, match="another service"):
        opened(path)
    store.close()
    opened(path).close()


def test_a_later_version_and_anothers_file_are_refused_with_the_reason(path: Path) -> None:
    opened(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(StoreError, match="a later ZoneScope"):
        opened(path)
    other = path.with_name("other.sqlite")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(StoreError, match="another program"):
        opened(other)
    with sqlite3.connect(other) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    db.close()
    noise = path.with_name("noise.sqlite")
    noise.write_bytes(os.urandom(5000))
    with pytest.raises(StoreError, match="not a database"):
        opened(noise)


def test_the_usual_place_that_cannot_be_used_turns_keeping_off(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    store, why = open_store(Settings(), {"XDG_DATA_HOME": str(file)})
    assert store is None and str(file) in why
    store, why = open_store(Settings(), {"XDG_DATA_HOME": str(tmp_path)})
    assert store is not None and why == ""
    store.close()
    assert (tmp_path / "zonescope" / "sessions.sqlite").exists()
    assert open_store(Settings(store="off"), {"XDG_DATA_HOME": str(tmp_path)})[0] is None


WRITER = """
import sys
from pathlib import Path
from tests.backend.test_store import opened, rows
store = opened(Path(sys.argv[1]))
known = {row.name for row in store.list()}
key = store.create(f"k{len(known)}", rows(0, lab="lab"))
print("writing", flush=True)
n = 0
while True:
    store.save(key, rows(n, *(f"{i:08}" for i in range(n, n + 50)), head=str(n + 50)))
    n += 50
"""


def test_a_kill_amid_writing_leaves_what_was_there(path: Path) -> None:
    draw = random.Random(1)
    for round_ in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
            time.sleep(draw.random() * 0.06)
            writer.send_signal(signal.SIGKILL)
        store = opened(path)
        for row in store.list():
            loaded = store.load(row.name)
            [(_, entries)] = loaded.branches
            assert entries == [f"{i:08}" for i in range(int(loaded.head) if entries else 0)]
        assert len(store.list()) == round_ + 1
        store.close()
