"""A real kernel's files, dropped on a session: what they become, and what a wrong one leaves."""

from typing import Any

import httpx
import pytest

from backend.sessions.source import lay_out, read
from tests.backend.client import connected
from tests.backend.conftest import Place
from tests.backend.service import QUIET, Service, running
from tests.fixtures.proc.files import contents, files

Upload = list[tuple[str, bytes]]


def _send(service: Service, ident: str, uploads: Upload, **fields: str) -> httpx.Response:
    parts = [("files", upload) for upload in uploads]
    return service.http.post(f"/api/v1/sessions/{ident}/imports", files=parts, data=fields)


def test_an_imported_zone_has_the_files_counts(place: Place) -> None:
    answer = _send(place.service, place.ident, files("3.5-two-nodes"))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    look = place.look()
    source = look["state"]["source"]
    assert source["files"] == ["pagetypeinfo", "buddyinfo", "zoneinfo"]
    assert (source["node"], source["zone"]) == (told["node"], told["zone"])
    assert [zone for zone in source["zones"] if zone["runnable"]]
    row = next(
        line.split()
        for line in contents("3.5-two-nodes", "buddyinfo").decode().splitlines()
        if line.startswith(f"Node {told['node']}, zone") and f" {told['zone']} " in line
    )
    assert look["nr_free"] == [int(count) for count in row[4:]]


@pytest.mark.parametrize("snapshot", ["3.5-two-nodes", "6.1-frag", "6.12-cma-full", "6.18"])
@pytest.mark.parametrize("kind", ["pagetypeinfo", "buddyinfo"])
def test_import_then_export_is_the_identity(place: Place, snapshot: str, kind: str) -> None:
    given = files(snapshot, "pagetypeinfo", "buddyinfo")
    assert _send(place.service, place.ident, given).status_code == 200
    out = place.service.http.get(f"/api/v1/sessions/{place.ident}/exports/{kind}")
    assert out.content == contents(snapshot, kind)
    assert kind in out.headers["content-disposition"]


def test_a_fresh_lab_exports_what_an_import_takes(place: Place) -> None:
    place.result(type="step", n=200)
    base = f"/api/v1/sessions/{place.ident}"
    kinds = ("pagetypeinfo", "buddyinfo")
    out = [(kind, place.service.http.get(f"{base}/exports/{kind}").content) for kind in kinds]
    before = place.look()["nr_free"]
    assert _send(place.service, place.ident, out).status_code == 200
    assert place.look()["nr_free"] == before


def test_another_zone_of_the_files_runs_on_demand(place: Place) -> None:
    told = _send(place.service, place.ident, files("3.5-two-nodes"), node="0").json()
    zones = place.look()["state"]["source"]["zones"]
    other = next(z for z in zones if z["runnable"] and z["zone"] != told["zone"])
    with connected(place.service, place.ident, role="viewer") as viewer:
        place.result(type="import_zone", node=other["node"], zone=other["zone"])
        assert viewer.message("notice")["kind"] == "import"
        source = viewer.message("state")["source"]
    assert (source["node"], source["zone"]) == (other["node"], other["zone"])
    bad = place.service.command(place.ident, type="import_zone", node=7, zone="Highmem").json()
    assert (bad["code"], bad["field"]) == ("invalid", "zone")
    assert other["zone"] in bad["allowed"]


def test_reset_and_model_keep_the_import_and_configure_leaves_it(place: Place) -> None:
    _send(place.service, place.ident, files("6.1-idle"))
    fresh = place.look()
    place.result(type="step", n=100)
    place.result(type="reset")
    assert place.look()["hash"] == fresh["hash"]
    place.result(type="model", model="minchan-v2")
    assert place.look()["state"]["source"] == fresh["state"]["source"]
    place.result(type="configure", spanned_mib=8)
    assert place.look()["state"]["source"] is None


GOOD = contents("6.1-idle", "pagetypeinfo")
LINES = GOOD.splitlines(keepends=True)
WRONG: list[tuple[Upload, int | None, str]] = [
    ([("notes.txt", b"hello\n")], 1, "pagetypeinfo"),
    ([("pagetypeinfo", b"")], 1, "pagetypeinfo"),
    ([("pagetypeinfo", bytes(range(256)))], 1, "plain text"),
    ([("pagetypeinfo", b"".join(LINES[:7])[:-9])], 7, ""),
    ([("pagetypeinfo", GOOD), ("again", GOOD)], None, "once"),
    ([("buddyinfo", contents("6.1-idle", "buddyinfo"))], None, "pagetypeinfo"),
]


@pytest.mark.parametrize(("uploads", "line", "expected"), WRONG)
def test_a_wrong_file_is_told_by_line_and_disturbs_nothing(
    place: Place, uploads: Upload, line: int | None, expected: str
) -> None:
    place.result(type="step", n=50)
    before = place.look()["hash"]
    answer = _send(place.service, place.ident, uploads)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "input"), problem
    assert problem.get("line") == line, problem
    assert uploads[-1][0] in problem["file"]
    assert expected in problem["expected"]
    assert place.look()["hash"] == before


def test_counts_that_cannot_fit_name_the_row(place: Place) -> None:
    before = place.look()["hash"]
    row = next(i for i, line in enumerate(LINES) if b"DMA32" in line and b"Movable" in line)
    cells = LINES[row].split()
    huge = LINES[row].replace(b" " + cells[-1] + b" ", b" 99999 ")
    altered = b"".join([*LINES[:row], huge, *LINES[row + 1 :]])
    problem = _send(place.service, place.ident, [("pagetypeinfo", altered)]).json()
    assert (problem["code"], problem["line"]) == ("input", row + 1)
    assert place.look()["hash"] == before


def test_imports_are_bounded_in_files_and_bytes(place: Place) -> None:
    before = place.look()["hash"]
    four = _send(place.service, place.ident, [("pagetypeinfo", GOOD)] * 4).json()
    assert (four["code"], four["field"]) == ("invalid", "files")
    none = place.service.http.post(
        f"/api/v1/sessions/{place.ident}/imports", files={}, data={"zone": "DMA"}
    ).json()
    assert none["code"] == "invalid"
    large = _send(place.service, place.ident, [("pagetypeinfo", b"x" * (5 << 20))])
    assert (large.status_code, large.json()["setting"]) == (413, "upload_bytes_max")
    assert place.look()["hash"] == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"hello"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nno header\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nbody\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nhalf"),
    ],
)
def test_a_body_that_is_no_form_is_refused(place: Place, kind: str, body: bytes) -> None:
    answer = place.service.http.post(
        f"/api/v1/sessions/{place.ident}/imports", content=body, headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_wrong_fields_of_an_import_are_named(place: Place) -> None:
    uploads = files("6.1-idle", "pagetypeinfo")
    fields: list[dict[str, Any]] = [{"node": "-1"}, {"seed": "x"}, {"confirm": "perhaps"}]
    for wrong in fields:
        problem = _send(place.service, place.ident, uploads, **wrong).json()
        assert problem["field"] == next(iter(wrong))
    assert _send(place.service, place.ident, uploads, zone="Nowhere").json()["field"] == "zone"


def test_an_import_asks_when_others_drive(place: Place) -> None:
    uploads = files("6.1-idle")
    with connected(place.service, place.ident) as driver:
        refused = _send(place.service, place.ident, uploads)
        assert (refused.status_code, refused.json()["code"]) == (409, "confirm")
        assert _send(place.service, place.ident, uploads, confirm="true").status_code == 200
        assert driver.message("notice")["kind"] == "import"


def test_the_same_seed_lays_the_same_zone(place: Place) -> None:
    hashes = []
    for seed in ("5", "5", "6"):
        _send(place.service, place.ident, files("6.1-idle"), seed=seed)
        hashes.append(place.look()["hash"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_zone_beyond_the_page_limit_names_the_setting() -> None:
    with running(import_pages_max=1000) as up:
        problem = _send(up, "default", files("6.1-idle")).json()
    assert problem["code"] in ("invalid", "budget")
    assert "1000" in problem["detail"] + problem.get("allowed", "")


def test_a_service_started_from_files_shows_them_as_they_were() -> None:
    source = lay_out(read(files("6.12-cma-free"), QUIET), None, None, 1, QUIET)
    with running(source, autorun=True) as up:
        look = up.look()
        assert look["state"]["run"]["running"] is False
        assert look["state"]["source"]["zone"] == source.zone
        assert look["op"] == 0
