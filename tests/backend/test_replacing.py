"""Another lab in place of the running one: who is asked, who is told, and what it may cost."""

from sim_core.models import HUNKS
from tests.backend.client import connected
from tests.backend.conftest import Place
from tests.backend.service import running


def test_alone_a_reset_needs_no_word(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="step", n=100)
        fresh = client.result(type="reset")
        assert fresh["op"] == client.result(type="history")["op"] < 100
        again = place.look()["hash"]
        client.result(type="step", n=100)
        client.result(type="reset")
    assert place.look()["hash"] == again


def test_with_two_drivers_it_asks_first_and_tells_the_other(place: Place) -> None:
    with (
        connected(place.service, place.ident) as one,
        connected(place.service, place.ident) as two,
        connected(place.service, place.ident, role="viewer") as three,
    ):
        one.result(type="step", n=10)
        before = place.look()["hash"]
        for command in (
            {"type": "reset"},
            {"type": "configure", "spanned_pages": 4096},
            {"type": "model", "model": "minchan-v2"},
        ):
            error = one.error(**command)
            assert (error["code"], error["status"], error["others"]) == ("confirm", 409, 1)
        assert place.look()["hash"] == before
        one.result(type="reset", confirm=True)
        for other in (two, three):
            notice = other.message("notice")
            assert (notice["kind"], notice["by"]) == ("reset", 1)
            assert other.message("history")["rows"]


def test_a_viewer_beside_needs_no_word(place: Place) -> None:
    with (
        connected(place.service, place.ident) as driver,
        connected(place.service, place.ident, role="viewer"),
    ):
        assert driver.result(type="reset")["op"] >= 0


def test_configure_gives_the_zone_asked_for(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.frame()
        client.result(
            type="configure",
            zone="DMA32",
            spanned_mib=32,
            start_pfn=4096 + 128,
            pageblock_order=5,
            max_order=8,
            pcp_high=12,
            pcp_batch=3,
            holes=[[8192, 64]],
            seed=7,
        )
        config = place.look()["state"]["config"]
        while (frame := client.frame()).max_order != 8:
            pass
    assert config["zone"] == "DMA32"
    assert config["spanned_pages"] == 8192
    assert config["start_pfn"] == 4224
    assert config["pcp"] == {"high": 12, "batch": 3, "cpus": 1, "derived": False}
    assert config["holes"] == [[8192, 64]]
    assert config["seed"] == 7
    assert frame.keyframe
    assert frame.cells == 256
    place.result(type="configure", pcp_high=None, pcp_batch=None)
    assert place.look()["state"]["config"]["pcp"]["derived"] is True


def test_a_model_switch_replays_the_journal(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="step", n=300)
        client.result(type="isolate", blocks=[8])
        op = client.result(type="history")["op"]
        answer = client.result(type="model", model="minchan-v2")
        assert (answer["op"], answer["replayed"]) == (op, op)
        assert place.look()["state"]["config"]["model"] == "minchan-v2"
        assert client.result(type="list", order=7, migratetype="ISOLATE")["op"] == op
        assert client.result(type="model", model="v3.5", again="reset")["op"] < op


def test_a_bug_that_the_same_operations_meet_under_another_model_is_told(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="fill", blocks=[8])
        client.result(type="isolate", blocks=[8])
        client.result(type="free", blocks=[8])
        client.send(type="model", parent="v3.5", hunks=["vm_bug_on"])
        assert client.message("notice", kind="bug")["text"]
        assert client.result(type="history")["marks"][-1]["kind"] == "bug"
        assert client.error(type="run")["code"] == "stopped"


def test_some_hunks_of_the_patch_are_a_model_too(place: Place) -> None:
    hunks = ["split_free_page", "set_migratetype_isolate"]
    place.result(type="model", parent="v3.5", hunks=hunks)
    config = place.look()["state"]["config"]
    assert config["model"] == "v3.5, 2 hunks"
    assert config["custom"]["changes"].keys() == {
        column for hunk in hunks for column in HUNKS[hunk]
    }


def test_a_lab_beyond_the_budget_is_refused_with_the_estimate_and_the_setting() -> None:
    with running(bytes_budget=32 << 20, log_bytes=4 << 20) as up:
        before = up.look()["hash"]
        answer = up.command(type="configure", spanned_mib=64 * 1024)
        body = answer.json()
        assert answer.status_code == 409
        assert (body["code"], body["setting"]) == ("budget", "bytes_budget")
        assert body["estimate"] > body["budget"] == 32 << 20
        assert up.look()["hash"] == before
        created = [up.http.post("/api/v1/sessions").status_code for _ in range(10)]
        assert created[0] == 201
        assert created[-1] == 409


def test_import_zone_needs_an_import(place: Place) -> None:
    error = place.service.command(place.ident, type="import_zone", node=0, zone="DMA").json()
    assert (error["code"], error["status"]) == ("conflict", 409)
