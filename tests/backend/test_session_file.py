"""A session as a file: out of one, into another, and the same; what is none changes nothing."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.backend.conftest import Place
from tests.backend.service import running
from tests.backend.test_keeping import busy, look, made, stands
from tests.fixtures.proc.files import files

Json = dict[str, Any]


def send(place: Place, contents: bytes, name: str = "s.json", **fields: str) -> httpx.Response:
    return place.service.http.post(
        f"/api/v1/sessions/{place.ident}/imports", files={"files": (name, contents)}, data=fields
    )


def file_of(place: Place) -> bytes:
    return place.service.http.get(f"/api/v1/sessions/{place.ident}/exports/session").content


def signed(document: Json) -> bytes:
    """As a hostile writer would: the hash fits what the session says."""
    text = json.dumps(document["session"], sort_keys=True, separators=(",", ":"))
    document["hash"] = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return json.dumps(document).encode()


def test_a_file_brings_all_of_it_into_another_session(place: Place) -> None:
    up = place.service
    busy(up, place.ident)
    file, before = file_of(place), stands(up, place.ident)
    assert json.loads(file)["format"] == "zonescope-session/1"
    other = Place(up, made(up))
    other.result(type="step", n=11)
    own = other.look()["hash"]
    answer = send(other, file)
    assert answer.status_code == 200, answer.text
    assert answer.json()["models"] == ["mine"] and answer.json()["branches"] == 2
    assert stands(up, other.ident) == before
    assert file_of(other) == file
    # What was done in it can be undone, and then that it was opened.
    assert other.result(type="undo")["words"] == ["undone: allocate order 0, MOVABLE"]
    assert other.result(type="undo")["words"] == ["undone: the lab was opened from s.json"]
    assert other.look()["hash"] == own
    other.result(type="redo")
    up.http.delete(f"/api/v1/sessions/{other.ident}")


def test_amid_an_operation_it_is_opened_amid_it(place: Place) -> None:
    place.result(type="isolate", blocks=[2])
    place.result(type="back", grain="step", n=2)
    file, hash_ = file_of(place), place.look()["hash"]
    assert json.loads(file)["session"]["step"] is not None
    place.result(type="reset")
    assert send(place, file).status_code == 200
    assert place.look()["hash"] == hash_


def test_a_running_one_rests_where_the_file_was_made(place: Place) -> None:
    place.result(type="run")
    assert send(place, file_of(place)).status_code == 200
    assert place.look()["state"]["run"]["running"] is False


def test_imported_files_are_in_it(place: Place) -> None:
    parts = [("files", upload) for upload in files("3.5-two-nodes")]
    address = f"/api/v1/sessions/{place.ident}/imports"
    assert place.service.http.post(address, files=parts).status_code == 200
    place.result(type="step", n=40)
    file, before = file_of(place), place.look()
    place.result(type="configure", spanned_mib=8)
    assert send(place, file).status_code == 200
    after = place.look()
    assert after["hash"] == before["hash"]
    assert after["state"]["source"] == before["state"]["source"]
    document = json.loads(file)
    document["session"]["config"]["spanned_pages"] += 1
    refused = send(place, signed(document))
    assert refused.json()["field"] == "session.config.spanned_pages"


def test_a_model_of_the_same_name_is_replaced_and_too_many_are_refused(place: Place) -> None:
    busy(place.service, place.ident)
    file = file_of(place)
    place.result(type="save_model", name="mine", parent="v3.5", changes={})
    assert send(place, file).status_code == 200
    [model] = place.look()["state"]["models"]
    assert model["parent"] == "v3.7"
    place.result(type="delete_model", name="mine")
    for n in range(16):
        place.result(type="save_model", name=f"m{n}", parent="v3.5", changes={})
    hash_ = place.look()["hash"]
    refused = send(place, file)
    assert (refused.status_code, refused.json()["setting"]) == (409, "models_max")
    assert place.look()["hash"] == hash_


def change(*path: str | int, to: Any) -> Callable[[Json], bytes]:
    def changed(document: Any) -> bytes:
        at = document["session"]
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to
        return signed(document)

    return changed


def instead(call: str, *args: Any) -> Callable[[Json], bytes]:
    """Another request in the place of the second one, said to have become the same operations."""

    def changed(document: Any) -> bytes:
        document["session"]["branches"][0]["entries"][1][:2] = [call, list(args)]
        return signed(document)

    return changed


def otherwise(field: str, value: Any) -> Callable[[Json], bytes]:
    return lambda document: json.dumps({**document, field: value}).encode()


ENTRY = ("branches", 0, "entries", 1)
WRONG: list[tuple[Callable[[Json], bytes], str]] = [
    (otherwise("format", "zonescope-session/2"), "format"),
    (otherwise("format", ["zonescope-session/1"]), "format"),
    (otherwise("hash", "sha256:0"), "hash"),
    (otherwise("session", []), "session"),
    (otherwise("more", 1), "more"),
    (change("op", to=10**12), "session.op"),
    (change("step", to=-1), "session.step"),
    (change("state", to=7), "session.state"),
    (change("name", to="x" * 41), "session.name"),
    (change("notes", to=[{"branch": 9, "op": 1, "step": None, "text": "x"}]), "notes[0].branch"),
    (change("notes", 0, "text", to="x" * 281), "session.notes[0].text"),
    (change("notes", 0, "text", to="\ud800"), "session.notes[0].text"),
    (change("models", to=[{"format": "zonescope-model/1"}]), "session.models[0].name"),
    (change("models", to=[1] * 17), "session.models"),
    (change("source", to={"files": {}, "node": 0, "zone": "Normal"}), ""),
    (change("branches", to=[]), "session.branches"),
    (change("branches", 0, "marks", to=[[1, "odd", "x"]]), "session.branches[0].marks[0][1]"),
    (change("branches", 0, "fork_op", to=7), "session.branches[0].entries[0][2]"),
    (change(*ENTRY, 0, to="seek"), "session.branches[0].entries[1][0]"),
    (change("config", "spanned_pages", to=1 << 30), "session.branches"),
    (change("config", "model", to="v9"), "session.config.model"),
    # These read well; the lab tells that they cannot have been.
    (change(*ENTRY, 1, to=[15]), "session"),
    (instead("oom_kill"), "session"),
    (instead("free_handle", (1 << 32) - 1), "session"),
    (instead("fill_block", 15, 7, "UNMOVABLE", 0), "session"),
    (change("state", to="0" * 16), "session"),
]


@pytest.mark.parametrize(
    ("wrong", "field"), WRONG, ids=[f"{i}-{field}" for i, (_, field) in enumerate(WRONG)]
)
def test_what_is_no_session_is_refused_by_its_place_and_changes_nothing(
    place: Place, wrong: Callable[[Json], bytes], field: str
) -> None:
    place.result(type="step", n=50)
    place.result(type="isolate", blocks=[3])
    place.result(type="note", text="look")
    document = json.loads(file_of(place))
    before = look(place.service, place.ident)
    refused = send(place, wrong(document))
    assert refused.status_code in (409, 422), refused.text
    told = refused.json()
    assert told["detail"]
    if told["code"] == "budget":
        assert told["setting"] == "bytes_budget"
    elif field:
        assert told["field"].endswith(field)
        assert told["allowed"]
    after = look(place.service, place.ident)
    assert {n: v for n, v in after.items() if n != "state"} == {
        n: v for n, v in before.items() if n != "state"
    }
    assert after["state"]["timeline"] == before["state"]["timeline"]


@pytest.mark.parametrize(
    "contents",
    [
        b'{"format": "zonescope-session/1"',
        b'{"format": "zonescope-session/1", "hash": NaN}',
        b'{"format": "zonescope-session/1", "hash": 1e999}',
        b'{"format": "zonescope-session/1", "session": ' + b"[" * 50_000,
        b'{"format": "zonescope-session/1", "hash": ' + b"9" * 6000 + b"}",
        b'{"format": "zonescope-session/1", "session": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'["zonescope-session/1"]',
        b'{"format": "zonescope-session/1"}\xff',
    ],
    ids=range(8),
)
def test_noise_is_no_session(place: Place, contents: bytes) -> None:
    refused = send(place, contents)
    assert refused.status_code == 422 and refused.json()["detail"]


def test_a_file_is_opened_by_itself_and_asks_when_others_drive(place: Place) -> None:
    file = file_of(place)
    two = [("files", ("a", file)), ("files", ("b", file))]
    address = f"/api/v1/sessions/{place.ident}/imports"
    assert place.service.http.post(address, files=two).json()["field"] == "files"


def test_one_that_has_no_room_says_how_much() -> None:
    with running() as up:
        place = Place(up, made(up))
        busy(up, place.ident)
        file = file_of(place)
    with running(bytes_budget=40 << 20, spanned_mib=1) as up:
        document = json.loads(file)
        document["session"]["config"]["spanned_pages"] = 1 << 20
        refused = send(Place(up, "default"), signed(document))
        assert (refused.status_code, refused.json()["setting"]) == (409, "bytes_budget")


def test_one_that_would_run_for_ever_is_refused(place: Place) -> None:
    place.result(type="step", n=50)
    document = json.loads(file_of(place))
    session = document["session"]
    session["op"] = session["branches"][0]["tip"] = 10**12
    session["branches"][0]["entries"] = [["run_workload", [10**12], 1, 10**12, 1, False]]
    refused = send(place, signed(document))
    assert (refused.status_code, refused.json()["setting"]) == (409, "import_ops_max")
