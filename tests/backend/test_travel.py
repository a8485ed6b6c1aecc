"""Going back and on again over the socket: every panel's numbers come again, a person's acts are
undone and done again, acting in the past begins a branch, and everybody sees the same moment."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.backend.client import Client, Frame, Json, connected
from tests.backend.conftest import Place

MOMENT = 11


@pytest.fixture
def client(place: Place) -> Any:
    with connected(place.service, place.ident) as one:
        one.result(type="pause")
        yield one


def moment(frame: Frame) -> Json:
    """A frame's section 11."""
    names = ("branch", "step", "steps", "whole", "tip", "kept_from", "first_op")
    return dict(zip(names, struct.unpack("<IIIIQQQ", frame.sections[MOMENT]), strict=True))


def seen(client: Client, op: int, step: int | None = None) -> Frame:
    """The frame of that moment: a keyframe cut anew."""
    client.result(type="subscribe", view={"level": "cells", "first_block": 0, "nr_blocks": 16})
    while True:
        frame = client.frame()
        # What was on its way before is of that moment too, and may be no keyframe.
        here = frame.op == op and (step is None or moment(frame)["step"] == step)
        if frame.keyframe and here:
            return frame


def numbers(frame: Frame) -> dict[int, bytes]:
    """All sections but the moment, which knows how far the branch has got."""
    return {kind: data for kind, data in frame.sections.items() if kind != MOMENT}


def test_a_moment_comes_again_in_every_number(client: Client) -> None:
    first = client.result(type="step", n=200)["op"]
    then = seen(client, first)
    client.result(type="isolate", blocks=[2])
    last = client.result(type="step", n=300)["op"]
    end = seen(client, last)
    answer = client.result(type="seek", op=first)
    assert (answer["op"], answer["whole"], answer["transit"]) == (first, True, [])
    again = seen(client, first)
    assert numbers(again) == numbers(then)
    assert moment(again)["tip"] == last
    client.result(type="seek", op=last)
    assert numbers(seen(client, last)) == numbers(end)


def test_steps_stop_between_two_lists(client: Client) -> None:
    """A chunk that has left its list and is on no other is told of as on its way."""
    pfn = client.result(type="alloc", order=0, migratetype="MOVABLE")["pfns"][0]
    op = client.result(type="free", pfns=[pfn])["op"]
    there = client.result(type="seek", op=op)
    assert there["steps"] >= 2
    on_its_way = []
    for step in range(there["steps"] - 1, 0, -1):
        answer = client.result(type="back", grain="step")
        assert (answer["op"], answer["step"], answer["whole"]) == (op, step, False)
        on_its_way.append(answer["transit"])
    assert [pfn, 1] in on_its_way[-1] or [[pfn, 1]] in on_its_way
    assert client.result(type="back", grain="step")["op"] == op - 1
    for step in range(1, there["steps"]):
        answer = client.result(type="forward", grain="step")
        assert (answer["op"], answer["step"]) == (op, step)
    assert client.result(type="forward", grain="step")["whole"]


def test_forward_goes_over_what_was_and_then_on(client: Client) -> None:
    last = client.result(type="step", n=50)["op"]
    client.result(type="back", n=20)
    assert client.result(type="forward", n=5)["op"] == last - 15
    assert client.result(type="step", n=15)["op"] == last
    assert client.result(type="forward", n=5)["op"] == last + 5


def test_acting_in_the_past_begins_a_branch_and_the_old_one_can_be_gone_to(client: Client) -> None:
    last = client.result(type="step", n=100)["op"]
    then = seen(client, last)
    client.result(type="back", n=60)
    client.result(type="isolate", blocks=[3])
    timeline = client.message("state")["timeline"]
    while timeline["branch"] == 1:
        timeline = client.message("state")["timeline"]
    assert [(row["name"], row["parent"], row["fork_op"]) for row in timeline["branches"]] == [
        ("main", None, timeline["first_op"]),
        ("branch 2", 1, last - 60),
    ]
    client.result(type="rename_branch", branch=2, name="block 3 isolated")
    assert client.result(type="switch", branch=1)["op"] == last
    assert numbers(seen(client, last)) == numbers(then)
    assert client.result(type="switch", branch=2)["op"] == last - 59
    client.result(type="switch", branch=1)
    client.result(type="delete_branch", branch=2)
    assert client.error(type="switch", branch=2)["field"] == "branch"


def test_what_a_person_did_is_undone_and_done_again(client: Client) -> None:
    began = client.result(type="step", n=10)["op"]
    before = seen(client, began)
    client.result(type="isolate", blocks=[[2, 4]])
    last = client.result(type="step", n=30)["op"]
    after = seen(client, last)
    answer = client.result(type="undo")
    assert answer["op"] == began
    assert answer["words"] == ["undone: isolate pageblock 2"]
    assert numbers(seen(client, began)) == numbers(before)
    answer = client.result(type="redo")
    assert (answer["op"], answer["words"]) == (last, ["done again: isolate pageblock 2"])
    assert numbers(seen(client, last)) == numbers(after)
    assert client.error(type="redo")["code"] == "conflict"


def test_a_new_act_ends_what_could_be_done_again(client: Client) -> None:
    client.result(type="isolate", blocks=[2])
    client.result(type="undo")
    client.result(type="drain")
    assert client.error(type="redo")["code"] == "conflict"


def test_the_history_is_that_of_the_branch(client: Client) -> None:
    last = client.result(type="step", n=100)["op"]
    client.frame()
    client.result(type="back", n=50)
    client.result(type="drain")
    rows = client.result(type="history")["rows"]
    assert all(row[0] <= last - 49 for row in rows)
    client.result(type="switch", branch=1)
    assert client.result(type="history")["rows"][-1][0] <= last


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"type": "seek", "op": 10**9}, "op"),
        ({"type": "seek", "op": 0, "step": 1}, "op"),
        ({"type": "seek", "op": 1, "branch": 77}, "branch"),
        ({"type": "switch", "branch": 9}, "branch"),
        ({"type": "rename_branch", "branch": 1, "name": " "}, "name"),
        ({"type": "delete_branch", "branch": 1}, "branch"),
        ({"type": "back", "grain": "page"}, "grain"),
    ],
)
def test_a_wrong_place_changes_nothing(client: Client, command: Json, field: str) -> None:
    op = client.result(type="step", n=5)["op"]
    assert client.error(**command)["field"] == field
    assert client.result(type="history")["op"] == op


def test_going_somewhere_is_for_drivers(client: Client, place: Place) -> None:
    with connected(place.service, place.ident, role="viewer") as viewer:
        assert viewer.error(type="back")["code"] == "forbidden"


def test_two_people_see_the_same_moment(client: Client, place: Place) -> None:
    with connected(place.service, place.ident) as other:
        last = client.result(type="step", n=40)["op"]
        client.result(type="seek", op=last - 7, step=1)
        told = other.message("moment")
        while told["op"] != last - 7:
            told = other.message("moment")
        assert told["step"] == 1
        assert moment(seen(other, last - 7, 1)) == moment(seen(client, last - 7, 1))


def test_a_reset_is_undone_and_done_again(client: Client, place: Place) -> None:
    """The lab comes back as it was, branches and all."""
    client.result(type="isolate", blocks=[3])
    last = client.result(type="step", n=60)["op"]
    client.result(type="back", n=20)
    client.result(type="drain")
    client.result(type="switch", branch=1)
    before = place.look()["hash"]
    client.result(type="reset")
    first = client.result(type="step", n=3)["op"]
    after = place.look()["hash"]
    assert after != before
    answer = client.result(type="undo")
    assert (answer["op"], answer["words"]) == (last, ["undone: the lab was reset"])
    assert place.look()["hash"] == before
    assert client.result(type="switch", branch=2)["op"] == last - 19
    client.result(type="switch", branch=1)
    answer = client.result(type="redo")
    assert (answer["op"], answer["words"]) == (first, ["done again: the lab was reset"])
    assert place.look()["hash"] == after
    client.result(type="undo")
    assert place.look()["hash"] == before


def test_another_model_and_another_zone_are_undone_one_after_the_other(
    client: Client, place: Place
) -> None:
    client.result(type="isolate", blocks=[5])
    client.result(type="step", n=30)
    first = place.look()["hash"]
    client.result(type="model", model="v3.7")
    second = place.look()["hash"]
    client.result(type="configure", spanned_pages=1024)
    assert client.result(type="undo")["words"] == ["undone: the lab was configured anew"]
    assert place.look()["hash"] == second
    # What was done before and was done again under this model came with it.
    assert client.result(type="undo")["words"] == ["undone: the lab runs under v3.7"]
    assert place.look()["hash"] == first
    assert client.result(type="undo")["words"] == ["undone: isolate pageblock 5"]
    assert client.error(type="undo")["code"] == "conflict"


def test_a_predicate_is_run_to_on_and_back(client: Client) -> None:
    client.result(type="step", n=50)
    op = client.result(type="isolate", blocks=[4])["op"]
    client.result(type="step", n=200)
    wanted = {"predicate": "pageblock[4].type == ISOLATE"}
    assert client.result(type="predicate", **wanted)["holds"]
    back = client.result(type="run_to", back=True, **wanted)
    assert (back["found"], back["op"], back["whole"]) == (True, op, True)
    assert back["values"] == [{"text": "pageblock[4].type", "value": 6, "word": "ISOLATE"}]
    inside = client.result(type="run_to", back=True, grain="step", **wanted)
    assert (inside["found"], inside["op"], inside["whole"]) == (True, op, False)
    on = client.result(type="run_to", predicate=f"op == {op + 500}")
    assert (on["found"], on["op"]) == (True, op + 500)


def test_a_wrong_predicate_is_told_where(client: Client) -> None:
    problem = client.error(type="run_to", predicate="nr_fre[3] < 0")
    assert problem["field"] == "predicate"
    assert "^" in problem["detail"]
    assert "nr_free" in problem["detail"]
