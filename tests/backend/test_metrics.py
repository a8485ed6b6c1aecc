"""`/metrics`: what it says is what the lab says, and reading it changes nothing."""

import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.backend.client import connected
from tests.backend.conftest import Place
from tests.backend.service import WAIT_S, Service, running

Page = dict[str, list[tuple[dict[str, str], float]]]


def _page(service: Service) -> Page:
    """Sample name -> (labels, value) of each."""
    answer = service.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    page: Page = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            page.setdefault(sample.name, []).append((sample.labels, sample.value))
    return page


def _of(page: Page, name: str, session: str, **labels: str) -> float:
    """The one sample of a session with these labels."""
    wanted = {"session": session, **labels}
    values = [value for has, value in page[name] if wanted.items() <= has.items()]
    assert len(values) == 1, (name, labels, values)
    return values[0]


def _drifted(place: Place, model: str) -> None:
    """A lab whose books are wrong: pages freed while isolated."""
    place.result(type="model", model=model, again="reset")
    place.result(type="step", n=800)
    place.result(type="isolate", blocks=[[0, 15]])
    place.result(type="free", blocks=[[0, 15]])
    place.result(type="drain")


def test_lists_and_zones_have_node_exporters_names_and_the_labs_numbers(place: Place) -> None:
    _drifted(place, "minchan-v2")
    look, page = place.look(), _page(place.service)
    assert min(look["nr_free"]) < 0
    for order, count in enumerate(look["nr_free"]):
        at = {"node": "0", "zone": "Normal", "size": str(order)}
        assert _of(page, "node_buddyinfo_blocks", place.ident, **at) == count
    counters = look["counters"]
    for name, value in {
        "nr_free_pages": counters["nr_free_pages"],
        "min_pages": counters["watermark_min"],
        "low_pages": counters["watermark_low"],
        "high_pages": counters["watermark_high"],
        "spanned_pages": 2048,
        "present_pages": counters["present"],
        "managed_pages": counters["present"] - counters["reserved"],
    }.items():
        at = {"node": "0", "zone": "Normal"}
        assert _of(page, f"node_zoneinfo_{name}", place.ident, **at) == value


def test_a_node_has_each_zones_numbers_and_those_of_reclaim(place: Place) -> None:
    bare = _page(place.service).get("zonescope_kswapd_awake", [])
    assert all(labels["session"] != place.ident for labels, _ in bare)
    zones = [{"zone": name, "spanned_mib": 16} for name in ("Normal", "Movable")]
    place.result(type="configure", zones=zones, pageblock_order=9, max_order=11, confirm=True)
    place.result(type="alloc", order=0, migratetype="MOVABLE", count=7, anon=True, owner=1)
    place.result(type="oom_kill")
    look, page = place.look(), _page(place.service)
    for name, zone in look["zones"].items():
        free = _of(page, "node_zoneinfo_nr_free_pages", place.ident, zone=name)
        assert free == zone["counters"]["nr_free_pages"]
        assert (
            _of(page, "zonescope_pages", place.ident, zone=name, where="usable")
            == (zone["counters"]["usable"])
        )
        assert _of(page, "zonescope_pages_scanned", place.ident, zone=name) == 0
        assert _of(page, "zonescope_lru_pages", place.ident, zone=name, sort="anon") == 0
    assert _of(page, "zonescope_kswapd_awake", place.ident) == look["node"]["kswapd_awake"] == 0
    assert _of(page, "zonescope_oom_kills_total", place.ident) == look["node"]["oom_kills"] == 1


@pytest.mark.parametrize("model", ["minchan-v1", "minchan-v2"])
def test_drift_lists_and_identities_tell_that_the_books_are_wrong(place: Place, model: str) -> None:
    _drifted(place, model)
    look, page = place.look(), _page(place.service)
    counters = look["counters"]
    for counted, name in (("nr_free", "nr_free_sum"), ("listed", "listed"), ("usable", "usable")):
        drift = _of(page, "zonescope_drift_pages", place.ident, counted=counted)
        assert drift == counters[name] - counters["nr_free_pages"]
    assert _of(page, "zonescope_pages", place.ident, where="isolated") == counters["isolated"] > 0
    assert counters["nr_free_sum"] != counters["listed"] or counters["listed"] != counters["usable"]
    length = place.result(type="list", order=7, migratetype="ISOLATE")["total"]
    at = {"order": "7", "migratetype": "ISOLATE"}
    assert _of(page, "zonescope_free_list_blocks", place.ident, **at) == length > 0
    for verdict in place.result(type="check")["verdicts"]:
        aimed = verdict["verdict"] != "not aimed at"
        at = {"identity": verdict["identity"], "aimed": str(aimed).lower()}
        holds = _of(page, "zonescope_identity_holds", place.ident, **at)
        if aimed:
            assert holds == (verdict["verdict"] == "holds"), verdict
    assert 0 in [
        value for has, value in page["zonescope_identity_holds"] if has["session"] == place.ident
    ]


def test_clients_commands_and_operations_are_counted(place: Place) -> None:
    before = _page(place.service)
    with (
        connected(place.service, place.ident) as driver,
        connected(place.service, place.ident, role="viewer") as viewer,
    ):
        driver.result(type="step", n=70)
        viewer.error(type="drain")
        place.service.command(place.ident, type="free", blocks=[99])
        page = _page(place.service)
    ident = place.ident
    assert _of(page, "zonescope_clients", ident, role="driver") == 1
    assert _of(page, "zonescope_clients", ident, role="viewer") == 1
    assert _of(page, "zonescope_connections_total", ident) == 2
    assert _of(page, "zonescope_commands_total", ident, type="step", outcome="done") == 1
    assert _of(page, "zonescope_commands_total", ident, type="free", outcome="invalid") == 1
    assert _of(page, "zonescope_command_seconds_count", ident, type="step") == 1
    assert _of(page, "zonescope_command_seconds_sum", ident, type="step") > 0
    assert _of(before, "zonescope_operation_seconds_count", ident, by="command") == 0
    assert _of(page, "zonescope_operation_seconds_count", ident, by="command") == 70
    assert _of(page, "zonescope_operation_seconds_sum", ident, by="command") > 0
    assert _of(page, "zonescope_operation", ident) == 70


def test_the_workloads_operations_are_counted_as_they_run(place: Place) -> None:
    place.result(type="run")
    op = 0.0
    while op < 20:
        op = _of(_page(place.service), "zonescope_operation", place.ident)
    place.result(type="pause")
    page = _page(place.service)
    count = _of(page, "zonescope_operation_seconds_count", place.ident, by="workload")
    assert count == _of(page, "zonescope_operation", place.ident) >= op
    assert _of(page, "zonescope_running", place.ident) == 0


def test_reading_changes_nothing_and_a_session_that_goes_takes_its_numbers_along(
    service: Service,
) -> None:
    ident = service.http.post("/api/v1/sessions").json()["id"]
    service.result(ident, type="step", n=300)
    before = service.look(ident)
    for _ in range(5):
        page = _page(service)
    assert service.look(ident) == before
    assert _of(page, "zonescope_session_up", ident) == 1
    assert _of(page, "zonescope_bytes_estimate", ident) > 0
    service.http.delete(f"/api/v1/sessions/{ident}")
    page = _page(service)
    assert ident not in {has.get("session") for rows in page.values() for has, _ in rows}
    assert _of(page, "zonescope_session_up", "default") == 1


def test_whoever_only_counts_does_not_keep_a_session_from_expiring() -> None:
    with running(session_idle_s=1) as up:
        ident = up.http.post("/api/v1/sessions").json()["id"]
        deadline = time.monotonic() + WAIT_S
        while up.http.get("/api/v1/sessions").json()["sessions"][1:]:
            assert time.monotonic() < deadline
            _page(up)
        assert "zonescope_session_up" in _page(up)
        assert up.http.get(f"/api/v1/sessions/{ident}").status_code == 404


def test_strangers_are_told_nothing() -> None:
    with running(token="s3cret", allow_host=("box.example",)) as up:
        assert up.http.get("/metrics").status_code == 403
        foreign = up.http.get("/metrics?token=s3cret", headers={"Host": "evil.example"})
        assert foreign.json()["code"] == "origin"
        assert "node_buddyinfo_blocks" in up.http.get("/metrics?token=s3cret").text


def test_a_session_that_has_no_time_is_left_out_and_the_rest_is_told() -> None:
    with running(inbox_max=1) as up, connected(up) as client:
        other = up.http.post("/api/v1/sessions").json()["id"]
        page: Page = {}
        while not page or _of(page, "zonescope_session_up", "default") == 1:
            # While this goes on the inbox is full.
            asked = client.send(type="alloc", order=0, migratetype="MOVABLE", count=4096)
            page = _page(up)
            client.answer(asked)
        assert {has["session"] for has, _ in page["node_buddyinfo_blocks"]} == {other}
        assert _of(page, "zonescope_session_up", other) == 1
        assert _of(_page(up), "zonescope_session_up", "default") == 1
