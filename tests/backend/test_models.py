"""Custom models: described in a command, kept in the session, out as a file and in again."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sim_core.models import COLUMNS, FORMAT, ROWS
from tests.backend.client import connected
from tests.backend.conftest import Place
from tests.backend.service import running
from tests.fixtures.proc.files import files

BAD_COLUMN = json.dumps(
    {"format": FORMAT, "name": "x", "parent": "v3.5", "changes": {"new": 1}}
).encode()
OWN: dict[str, Any] = {
    "name": "3.7, drains mended",
    "parent": "v3.7",
    "changes": {"drain_nr": "never"},
}


def _upload(place: Place, *uploads: tuple[str, bytes], **fields: str) -> httpx.Response:
    parts = [("files", upload) for upload in uploads]
    address = f"/api/v1/sessions/{place.ident}/imports"
    return place.service.http.post(address, files=parts, data=fields)


def _export(place: Place, **query: str) -> httpx.Response:
    address = f"/api/v1/sessions/{place.ident}/exports/model"
    return place.service.http.get(address, params=query)


def _config(place: Place) -> dict[str, Any]:
    config: dict[str, Any] = place.look()["state"]["config"]
    return config


def _saved(place: Place) -> list[str]:
    return [model["name"] for model in place.look()["state"]["models"]]


def test_a_changed_kernel_runs_the_same_operations_again(place: Place) -> None:
    place.result(type="model", model="v3.7")
    place.result(type="step", n=200)
    before = place.look()
    answer = place.result(type="model", **OWN)
    after = place.look()
    assert answer["replayed"] == after["op"] == before["op"]
    config = after["state"]["config"]
    assert config["model"] == OWN["name"]
    assert config["custom"]["changes"] == {"drain_nr": 0}
    assert config["custom"]["parent"] == "v3.7"
    assert config["custom"]["aims"] == list(ROWS["v3.7"].aims)
    place.result(type="model", model="v3.7")
    assert place.look()["hash"] == before["hash"]
    assert _config(place)["custom"] is None


def test_columns_are_given_as_numbers_or_in_words(place: Place) -> None:
    place.result(
        type="model",
        parent="v3.8",
        changes={"drain_type": 2, "boot": "in the largest chunks, to the tails"},
    )
    assert _config(place)["custom"]["changes"] == {"drain_type": 2, "boot": 1}
    assert _config(place)["model"] == "v3.8, changed"


def test_cells_that_cannot_stand_together_are_refused_with_the_reason(place: Place) -> None:
    before = place.look()
    for kind in ("model", "save_model"):
        wanted = {"type": kind, "name": "own", "parent": "v3.8", "changes": {"drain_type": 1}}
        answer = place.service.command(place.ident, **wanted)
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, problem["code"]) == (422, "invalid")
        assert problem["field"] == "changes.drain_type"
        assert "count_isolated" in problem["detail"]
        assert "drain_type or count_isolated" in problem["allowed"]
    assert place.look() == before


def test_saved_models_outlive_the_lab_and_are_told_to_everybody(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="save_model", **OWN)
        [row] = place.look()["state"]["models"]
        assert row.keys() == {"name", "parent", "changes", "title", "summary", "aims"}
        client.result(type="reset")
        client.result(type="configure", spanned_mib=8)
        client.result(type="demonstrate", scenario="pcp-page")
        client.result(type="model", model=OWN["name"])
        assert _config(place)["model"] == OWN["name"]
        client.result(type="end_demonstration")
        assert _config(place)["model"] == "v3.5"
        client.result(type="model", model=OWN["name"], again="reset")
        assert _saved(place) == [OWN["name"]]
        client.result(type="delete_model", name=OWN["name"])
        assert _saved(place) == []
        assert _config(place)["model"] == OWN["name"]
        assert client.error(type="model", model=OWN["name"])["code"] == "invalid"
    answer = place.service.command(place.ident, type="delete_model", name="x")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_viewer_may_not_save(place: Place) -> None:
    with connected(place.service, place.ident, role="viewer") as client:
        assert client.error(type="save_model", **OWN)["code"] == "forbidden"
    assert _saved(place) == []


def test_so_many_are_kept_and_one_of_the_same_name_takes_its_place() -> None:
    with running(models_max=2) as up:
        for name in ("one", "two", "two"):
            up.result(type="save_model", name=name, parent="v3.5", changes={})
        answer = up.command(type="save_model", name="three", parent="v3.5", changes={})
        problem = answer.json()
        assert (answer.status_code, problem["setting"]) == (409, "models_max")
        assert problem["allowed"] == "one, two"
        assert [model["name"] for model in up.look()["state"]["models"]] == ["one", "two"]


def test_export_and_import_are_a_round_trip(place: Place) -> None:
    place.result(type="save_model", **OWN)
    out = _export(place, name=str(OWN["name"]))
    assert out.headers["content-type"] == "application/json"
    assert out.headers["content-disposition"] == 'attachment; filename="3.7-drains-mended.json"'
    assert out.json() == {"format": FORMAT, **OWN}
    place.result(type="delete_model", name=OWN["name"])
    before = place.look()["hash"]
    answer = _upload(place, ("own.json", out.content))
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == out.json()
    assert _saved(place) == [OWN["name"]]
    assert place.look()["hash"] == before


def test_the_model_on_show_is_exported_a_kernel_as_one_made_from_it(place: Place) -> None:
    assert _export(place).json() == {
        "format": FORMAT,
        "name": "like v3.5",
        "parent": "v3.5",
        "changes": {},
    }
    place.result(type="model", **OWN)
    assert _export(place).json()["changes"] == OWN["changes"]
    assert _export(place, name="no such").status_code == 422


@pytest.mark.parametrize(
    ("contents", "code", "told"),
    [
        (b'{"format": "zonescope-model/1",\n oops}', "input", "own.json:2"),
        (b'{"format": "zonescope-model/2"}', "invalid", "known format"),
        (b"[" * 100_000, "input", None),
        (b"{" * 100_000, "input", "own.json"),
        (b'{"a": ' * 100_000, "input", "own.json"),
        (BAD_COLUMN, "invalid", "no column 'new'"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_model_changes_nothing(
    place: Place, contents: bytes, code: str, told: str | None
) -> None:
    before = place.look()
    answer = _upload(place, ("own.json", contents))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert told is None or told in answer.json()["detail"]
    assert place.look() == before


def test_a_model_comes_alone(place: Place) -> None:
    document = json.dumps({"format": FORMAT, **OWN}).encode()
    answer = _upload(place, ("own.json", document), *files("6.1-idle")[:1])
    assert (answer.status_code, answer.json()["field"]) == (422, "files")


def test_an_imported_zone_has_the_types_that_its_model_knows(place: Place) -> None:
    assert _upload(place, *files("3.5-two-nodes")).status_code == 200
    blocks = {}
    for model in ("v3.5", "v6.1"):
        place.result(type="model", model=model)
        last = place.look()["state"]["zone"]["nr_pageblocks"] - 1
        info = place.result(type="preview", blocks=[[0, last]])["info"]
        blocks[model] = info["migratetypes"]
        exported = place.service.http.get(f"/api/v1/sessions/{place.ident}/exports/pagetypeinfo")
        assert exported.content == dict(files("3.5-two-nodes"))["pagetypeinfo"]
    reserved = blocks["v3.5"].pop("RESERVE")
    assert blocks["v6.1"].pop("HIGHATOMIC") == reserved > 0
    assert blocks["v3.5"] == blocks["v6.1"]


def test_the_table_has_questions_answers_rules_hunks_and_ten_kernels(place: Place) -> None:
    told = place.service.http.get("/api/v1/models").json()
    columns = [column for section in told["sections"] for column in section["columns"]]
    assert [column["name"] for column in columns] == [column.name for column in COLUMNS]
    assert [row["name"] for row in told["models"]] == list(ROWS)
    assert len(told["tables"]["words"]) == len(told["tables"]["labels"]) == 256
    assert told["hunks"]["vm_bug_on"]["changes"] == {"free_one_page_bug": 0xAA}
    assert told["hunks"]["vm_bug_on"]["without"] == {"free_one_page_bug": 0}
    values = {name for rule in told["rules"] for name in rule["columns"]}
    assert values <= {column.name for column in COLUMNS}
