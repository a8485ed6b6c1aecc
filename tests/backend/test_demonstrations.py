"""A demonstration over the socket: the lab set aside, the story told, the lab given back."""

from __future__ import annotations

from typing import Any

from tests.backend.client import Client, connected
from tests.backend.conftest import Place
from tests.backend.service import running

PCP = "pcp-page"


def on_stage(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = place.look()["state"]["demonstration"]
    return found


def begin(client: Client, scenario: str = PCP, **more: Any) -> None:
    """Begin, and take the steps by hand."""
    client.result(type="demonstrate", scenario=scenario, **more)
    client.result(type="pause")


def test_the_lab_comes_back_as_it_was(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="step", n=200)
        client.result(type="isolate", blocks=[3])
        client.result(type="rate", ops_per_second=1)
        before = place.look()
        # The newest row is taken with the next frame.
        while (rows := client.result(type="history")["rows"])[-1][0] < before["op"]:
            client.frame()
        begin(client)
        assert place.look()["hash"] != before["hash"]
        assert place.look()["state"]["config"]["spanned_pages"] == 8
        client.result(type="step", n=4)
        back = client.result(type="end_demonstration")
        after = place.look()
        assert back["op"] == before["op"]
        for name in ("hash", "op", "counters", "nr_free"):
            assert after[name] == before[name]
        assert after["state"]["config"] == before["state"]["config"]
        assert after["state"]["demonstration"] is None
        assert client.result(type="history")["rows"] == rows


def test_a_lab_that_met_a_bug_comes_back_without_telling_it_twice(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="model", parent="v3.5", hunks=["vm_bug_on"])
        client.result(type="fill", blocks=[8])
        client.result(type="isolate", blocks=[8])
        client.ask(type="free", blocks=[8])
        stopped = client.message("notice", kind="bug")["text"]
        begin(client)
        client.result(type="step", n=2)
        client.result(type="end_demonstration")
        assert place.look()["state"]["run"]["stopped"] == stopped
        marks = client.result(type="history")["marks"]
        assert [mark["kind"] for mark in marks].count("bug") == 1


def test_a_running_lab_stands_still_meanwhile_and_runs_on_afterwards(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="rate", ops_per_second=100)
        client.result(type="run")
        begin(client)
        aside_op = client.result(type="end_demonstration")["op"]
        assert place.look()["state"]["run"]["running"] is True
        while client.frame().op <= aside_op:
            pass


def test_it_plays_by_itself_step_after_step_and_stops_at_the_end() -> None:
    with running(demonstration_step_ms=20) as up, connected(up) as client:
        client.result(type="pause")
        client.send(type="demonstrate", scenario=PCP)
        seen: list[dict[str, Any]] = []
        while not seen or not seen[-1]["demonstration"]["over"]:
            state = client.message("state")
            if state["demonstration"] is not None:
                seen.append(state)
        taken = [len(state["demonstration"]["results"]) - 1 for state in seen]
        assert taken == sorted(taken)
        assert set(taken) == {0, 1, 2, 3, 4}
        assert [state["run"]["running"] for state in seen] == [n < 4 for n in taken]
        error = client.error(type="run")
        assert (error["code"], error["status"]) == ("conflict", 409)
        assert client.error(type="step")["code"] == "conflict"


def test_another_model_has_the_story_told_again(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        begin(client)
        client.result(type="step", n=4)
        assert on_stage(place)["results"][-1]["nr_free_pages"] == 2
        client.result(type="model", model="minchan-v1")
        client.result(type="pause")
        assert len(on_stage(place)["results"]) <= 2
        client.result(type="step", n=4)
        told = on_stage(place)
        assert told["results"][-1]["nr_free_pages"] == 3
        assert [one["identity"] for one in told["results"][3]["broke"]] == ["I2x", "I3"]
        client.result(type="end_demonstration")
        assert place.look()["state"]["config"]["model"] == "v3.5"


def test_a_reset_begins_it_again_and_another_zone_ends_it(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        begin(client, geometry="vector")
        client.result(type="step", n=2)
        client.result(type="reset")
        client.result(type="pause")
        told = on_stage(place)
        assert (told["name"], told["geometry"], told["touched"]) == (PCP, "vector", False)
        assert len(told["results"]) <= 2
        client.result(type="configure", spanned_pages=4096)
        assert on_stage(place) is None
        # What is left unsaid is as in the zone before the story, not as in the story's.
        zone = place.look()
        assert zone["state"]["config"]["pageblock_order"] == 7
        assert zone["state"]["config"]["pcp"]["derived"] is True
        assert zone["counters"]["watermark_min"] > 0
        assert client.error(type="end_demonstration")["code"] == "conflict"


def test_one_demonstration_after_another_still_gives_the_first_lab_back(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="step", n=50)
        before = place.look()["hash"]
        begin(client)
        begin(client, "offline-online", geometry="vector")
        begin(client, "offline-online", geometry="zone")
        assert place.look()["state"]["config"]["spanned_pages"] == 65_536
        client.result(type="end_demonstration")
        assert place.look()["hash"] == before


def test_who_acts_in_between_is_told_that_the_numbers_are_their_own(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        begin(client)
        client.result(type="step")
        client.result(type="free", pfns=[7])
        client.result(type="step")
        assert on_stage(place)["touched"] is True


def test_a_step_that_finds_its_page_gone_says_so_and_the_story_goes_on(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        begin(client)
        client.result(type="free", pfns=[1])
        client.result(type="step", n=4)
        told = on_stage(place)
        assert "pfn 1" in told["results"][1]["refused"]
        assert told["results"][2]["refused"] is None
        assert told["over"] is True


def test_others_are_asked_for_and_told(place: Place) -> None:
    with (
        connected(place.service, place.ident) as one,
        connected(place.service, place.ident) as two,
    ):
        error = one.error(type="demonstrate", scenario=PCP)
        assert (error["code"], error["others"]) == ("confirm", 1)
        assert on_stage(place) is None
        one.result(type="demonstrate", scenario=PCP, confirm=True)
        assert two.message("notice")["kind"] == "demonstration"


def test_what_is_not_there_is_named(place: Place) -> None:
    before = place.look()["hash"]
    with connected(place.service, place.ident) as client:
        error = client.error(type="demonstrate", scenario="nothing")
        assert (error["code"], error["field"]) == ("invalid", "scenario")
        assert PCP in error["allowed"]
        error = client.error(type="demonstrate", scenario=PCP, geometry="huge")
        assert (error["field"], error["allowed"]) == ("geometry", "toy, vector, zone")
    assert place.look()["hash"] == before


def test_both_labs_count_against_the_budget() -> None:
    with running(bytes_budget=20 << 20, log_bytes=8 << 20) as up:
        before = up.look()
        answer = up.command(type="demonstrate", scenario=PCP)
        body = answer.json()
        assert (answer.status_code, body["code"]) == (409, "budget")
        assert body["setting"] == "bytes_budget"
        assert up.look()["hash"] == before["hash"]
