"""The HTTP side: sessions, documents, the page's files, and what is refused."""

import os
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from websockets.sync.client import connect

from backend.protocol.commands import TYPES
from backend.routes.assets import edition
from tests.backend.client import Client, connected
from tests.backend.conftest import Place
from tests.backend.service import WAIT_S, Service, running


def test_a_session_is_made_listed_read_and_ended(service: Service) -> None:
    body = {"config": {"spanned_mib": 4, "zone": "DMA", "model": "minchan-v1", "seed": 3}}
    made = service.http.post("/api/v1/sessions", json=body)
    assert made.status_code == 201
    ident = made.json()["id"]
    assert made.headers["location"] == f"/api/v1/sessions/{ident}"
    listed = service.http.get("/api/v1/sessions").json()["sessions"]
    mine = next(session for session in listed if session["id"] == ident)
    assert (mine["zone"], mine["spanned_pages"], mine["model"]) == ("DMA", 1024, "minchan-v1")
    read = service.look(ident)
    assert read["state"]["config"]["seed"] == 3
    assert len(read["hash"]) == 16
    assert service.http.delete(f"/api/v1/sessions/{ident}").status_code == 204
    gone = service.http.get(f"/api/v1/sessions/{ident}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_two_sessions_are_two_labs(service: Service, place: Place) -> None:
    other = service.http.post("/api/v1/sessions").json()["id"]
    before = service.look(other)["hash"]
    place.result(type="step", n=500)
    assert service.look(other)["hash"] == before
    service.http.delete(f"/api/v1/sessions/{other}")


def test_the_default_session_cannot_be_ended(service: Service) -> None:
    answer = service.http.delete("/api/v1/sessions/default")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert service.look()["id"] == "default"


def test_who_watches_a_session_that_ends_is_told(service: Service) -> None:
    ident = service.http.post("/api/v1/sessions").json()["id"]
    with connected(service, ident) as client:
        service.http.delete(f"/api/v1/sessions/{ident}")
        assert "deleted" in client.message("notice", kind="closing")["text"]
        assert client.closed()[0] == 1001


def test_an_unused_session_expires_and_a_watched_one_stays() -> None:
    with running(session_idle_s=1) as up:
        watched, unused = (up.http.post("/api/v1/sessions").json()["id"] for _ in range(2))
        with connected(up, watched):
            deadline = time.monotonic() + WAIT_S
            idents: set[str] = set()
            while time.monotonic() < deadline:
                listed = up.http.get("/api/v1/sessions").json()["sessions"]
                idents = {session["id"] for session in listed}
                if unused not in idents:
                    break
        assert idents == {"default", watched}


def test_sessions_are_bounded() -> None:
    with running(sessions_max=2) as up:
        assert up.http.post("/api/v1/sessions").status_code == 201
        body = up.http.post("/api/v1/sessions").json()
    assert (body["code"], body["setting"]) == ("budget", "sessions_max")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"config": {"spanned_pages": -1}}', "config.spanned_pages"),
        ('{"config": {"colour": "red"}}', "config.colour"),
        ('{"config": {"model": "v9"}}', "model"),
        ('{"config": {"pageblock_order": 9, "max_order": 5}}', "pageblock_order"),
        ('{"config": {"pcp_high": 6}}', "pcp_batch"),
        ('{"config": {"seed": 4294967296}}', "seed"),
        ('{"zone": 1}', "zone"),
        ('{"config"', None),
        ("[" * 100_000, None),
        ("\x00", None),
    ],
)
def test_a_session_that_cannot_be_is_refused_by_field(
    service: Service, body: str, field: str | None
) -> None:
    before = len(service.http.get("/api/v1/sessions").json()["sessions"])
    answer = service.http.post("/api/v1/sessions", content=body)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:zonescope:error:invalid"
    assert problem.get("field") == field
    assert len(service.http.get("/api/v1/sessions").json()["sessions"]) == before


def test_commands_over_http_are_those_of_the_socket(place: Place) -> None:
    with connected(place.service, place.ident, role="viewer") as watcher:
        result = place.result(type="alloc", order=2, migratetype="UNMOVABLE", id=12)
        assert (result["type"], result["id"], len(result["pfns"])) == ("result", 12, 1)
        while watcher.frame().op < result["op"]:
            pass
    assert place.result(type="pause")["id"] is None


def test_an_http_request_asks_before_it_replaces_what_others_drive(place: Place) -> None:
    with connected(place.service, place.ident) as driver:
        answer = place.service.command(place.ident, type="reset")
        assert (answer.status_code, answer.json()["code"]) == (409, "confirm")
        place.result(type="reset", confirm=True)
        assert driver.message("notice", kind="reset")["by"] == 0


def test_bodies_are_bounded_declared_or_not(place: Place) -> None:
    path = f"/api/v1/sessions/{place.ident}/commands"
    http = place.service.http
    large = b'{"type": "pause", "id": 1, "pad": "' + b"x" * 200_000 + b'"}'
    declared = http.post(path, content=large)
    streamed = http.post(path, content=iter([large[:100_000], large[100_000:]]))
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.json()["setting"] == "body_bytes_max"


def test_a_body_that_never_ends_is_given_up() -> None:
    with running(upload_s=1) as up, socket.create_connection(("127.0.0.1", up.port)) as raw:
        raw.settimeout(WAIT_S)
        raw.sendall(
            b"POST /api/v1/sessions/default/commands HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        answer = raw.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"upload_s" in answer


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PATCH", "/api/v1/sessions", 405, "invalid"),
        ("GET", "/api/v1/sessions/default/exports/xml", 404, "not_found"),
        ("GET", "/no/such/file.js", 404, "not_found"),
        ("GET", "/.git/config", 404, "not_found"),
        ("POST", "/api/v1/sessions/nowhere/commands", 404, "not_found"),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    service: Service, method: str, path: str, status: int, code: str
) -> None:
    answer = service.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/css/../../pyproject.toml",
        "/css/%2e%2e/%2e%2e/pyproject.toml",
        "/css/..%2f..%2fpyproject.toml",
        "//etc/passwd",
        "/%00index.html",
        "/README.md",
    ],
)
def test_only_the_pages_own_files_are_served(service: Service, path: str) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as raw:
        raw.settimeout(WAIT_S)
        raw.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while chunk := raw.recv(65_536):
            answer += chunk
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"zonescope" not in answer.split(b"\r\n\r\n", 1)[1].replace(b"urn:zonescope", b"")


def test_the_page_finds_plotly_where_it_is_kept_for_good(service: Service) -> None:
    page = service.http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    path = page.text.split('src="assets/plotly')[1].split('"')[0]
    assert path != ".min.js"
    address = f"/assets/plotly{path}"
    packed = service.http.get(address)
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert b"plotly.js v" in packed.content[:500]
    plain = service.http.get("/assets/plotly.min.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    assert plain.headers["cache-control"] == "no-cache"
    known = service.http.get(address, headers={"If-None-Match": packed.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_behind_a_proxys_path_everything_answers() -> None:
    """The proxy takes its path off; the documents name it."""
    with running(root_path="/lab") as up:
        assert 'src="assets/plotly-' in up.http.get("/").text
        assert up.result(type="pause")["op"] == 0
        with connected(up) as client:
            assert client.result(type="pause")["op"] == 0
        channel = up.http.get("/asyncapi.json").json()["channels"]["session"]
        assert channel["address"].startswith("/lab/api/")
        assert up.http.get("/openapi.json").json()["servers"] == [{"url": "/lab"}]


def test_the_pages_files_carry_the_headers_and_are_asked_for_anew(service: Service) -> None:
    answer = service.http.get("/js/main.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    etag = {"If-None-Match": answer.headers["etag"]}
    assert service.http.get("/js/main.js", headers=etag).status_code == 304


def test_the_page_finds_its_files_where_they_are_kept_for_good(service: Service) -> None:
    page = service.http.get("/")
    assert page.headers["cache-control"] == "no-cache"
    own = re.findall(r'(?:href|src)="(?!assets/)([^"#][^"]*)"', page.text)
    assert len(own) > 2
    for path in own:
        assert re.match(r"page-[0-9a-f]{16}/(css|js)/", path)
        kept = service.http.get(f"/{path}")
        assert kept.status_code == 200
        assert "immutable" in kept.headers["cache-control"]
        etag = {"If-None-Match": kept.headers["etag"]}
        again = service.http.get(f"/{path}", headers=etag)
        assert (again.status_code, again.content) == (304, b"")
        assert "immutable" in again.headers["cache-control"]
        asked = service.http.head(f"/{path}")
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-length"] == str(len(kept.content))
        assert kept.content == service.http.get("/" + path.split("/", 1)[1]).content
    folder = own[0].split("/")[0]
    for nowhere in ("index.html", "js/none.js", "js/../index.html", "assets/plotly.min.js", ""):
        assert service.http.get(f"/{folder}/{nowhere}").status_code == 404
    assert service.http.post(f"/{own[0]}").status_code == 405


def test_a_file_under_the_name_of_another_edition_is_that_of_now_and_not_kept(
    service: Service,
) -> None:
    answer = service.http.get(f"/page-{'0' * 16}/js/main.js")
    assert answer.status_code == 200
    assert answer.content == service.http.get("/js/main.js").content
    assert answer.headers["cache-control"] == "no-cache"


def test_a_changed_file_of_the_page_is_found_elsewhere(tmp_path: Path) -> None:
    script = tmp_path / "js" / "views" / "map.js"
    script.parent.mkdir(parents=True)
    script.write_text("1;")
    seen = [edition(tmp_path)]
    assert edition(tmp_path) == seen[0]
    script.write_text("2;")
    seen.append(edition(tmp_path))
    os.utime(script, ns=(1, 1))
    seen.append(edition(tmp_path))
    (tmp_path / "js" / "more.js").write_text("")
    seen.append(edition(tmp_path))
    assert len(set(seen)) == 4


def test_models_tell_every_cell_with_source_and_reason(service: Service) -> None:
    rows = service.http.get("/api/v1/models").json()["models"]
    assert len(rows) >= 3
    for row in rows:
        assert all(cell["source"] and cell["why"] for cell in row["cells"].values())


def _refs(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_refs(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_refs(item) for item in value))
    return set()


def _resolves(document: Any, ref: str) -> bool:
    for part in ref.removeprefix("#/").split("/"):
        if part not in document:
            return False
        document = document[part]
    return True


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
def test_the_protocols_documents_hold_together(service: Service, path: str) -> None:
    document = service.http.get(path).json()
    broken = [ref for ref in _refs(document) if not _resolves(document, ref)]
    assert broken == []
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_documents_know_every_command(service: Service) -> None:
    openapi = service.http.get("/openapi.json").json()
    assert openapi["openapi"].startswith("3.1")
    operation = openapi["paths"]["/api/v1/sessions/{ident}/commands"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Command"}
    assert set(openapi["components"]["schemas"]["Command"]["discriminator"]["mapping"]) == set(
        TYPES
    )
    asyncapi = service.http.get("/asyncapi.json").json()
    assert asyncapi["asyncapi"] == "3.0.0"
    received = asyncapi["operations"]["receive"]["messages"]
    assert len(received) == len(TYPES)


def test_messages_are_what_asyncapi_says(service: Service, place: Place) -> None:
    schemas = service.http.get("/asyncapi.json").json()["components"]["schemas"]
    names = {
        "hello": "Hello",
        "state": "State",
        "history": "History",
        "mark": "Mark",
        "result": "Result",
        "error": "Error",
        "check": "Check",
    }
    seen: set[str] = set()
    with connect(service.socket_address(place.ident), open_timeout=WAIT_S) as ws:
        client = Client(ws)
        client.send(type="offline", blocks=[1])
        client.send(type="isolate", blocks=[99])
        while seen != names.keys():
            text = client.next_message()
            seen.add(text["type"])
            schema = {
                **schemas[f"{names[text['type']]}Message"],
                "components": {"schemas": schemas},
            }
            Draft202012Validator(schema).validate(text)
