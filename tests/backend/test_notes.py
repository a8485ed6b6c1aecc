"""Notes at moments: shown on the way that they are of, gone when they are taken away."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backend.client import Client, connected
from tests.backend.conftest import Place


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    with connected(place.service, place.ident) as up:
        yield up


def texts(message: dict[str, Any]) -> list[tuple[int, int | None, str]]:
    return [(note["op"], note["step"], note["text"]) for note in message["notes"]]


def told(client: Client, kind: str, **command: Any) -> dict[str, Any]:
    """The message that a command has everybody sent; it comes before the answer."""
    client.send(**command)
    return client.message(kind)


def test_a_note_is_of_the_present_or_of_a_moment_that_is_named(client: Client) -> None:
    op = client.result(type="step", n=20)["op"]
    assert texts(told(client, "notes", type="note", text="now")) == [(op, None, "now")]
    both = told(client, "notes", type="note", text="before", op=op - 7, step=1)
    assert texts(both) == [(op - 7, 1, "before"), (op, None, "now")]
    client.result(type="back", grain="step")
    step = told(client, "notes", type="note", text="amid")["notes"][-1]["step"]
    assert step is not None
    left = told(client, "notes", type="delete_note", note=both["notes"][1]["note"])
    assert [text for _, _, text in texts(left)] == ["before", "amid"]


def test_notes_are_of_a_branch(client: Client, place: Place) -> None:
    op = client.result(type="step", n=20)["op"]
    client.result(type="note", text="late")
    client.result(type="note", text="early", op=op - 15)
    client.result(type="back", n=10)
    client.result(type="alloc", order=0, migratetype="MOVABLE")
    assert texts(client.message("history")) == [(op - 15, None, "early")]
    client.result(type="note", text="here")
    client.result(type="switch", branch=1)
    with connected(place.service, place.ident) as other:
        both = [(op - 15, None, "early"), (op, None, "late")]
        assert texts(other.result(type="history")) == both


def test_they_go_along_to_another_model_and_come_back_with_undo(client: Client) -> None:
    client.result(type="step", n=20)
    client.result(type="note", text="seen")
    other = told(client, "history", type="model", model="v3.7")
    assert [text for *_, text in texts(other)] == ["seen"]
    assert texts(told(client, "history", type="reset")) == []
    back = told(client, "history", type="undo")
    assert [text for *_, text in texts(back)] == ["seen"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 281}, "text"),
        ({"text": "a\nb"}, "text"),
        ({"text": "a\u200bb"}, "text"),
        ({"text": "x", "op": 10**9}, "op"),
        ({"text": "x", "step": 1}, "step"),
        ({"text": "x", "op": -1}, "op"),
    ],
)
def test_a_wrong_note_changes_nothing(place: Place, fields: dict[str, Any], field: str) -> None:
    refused = place.service.command(place.ident, type="note", **fields)
    assert refused.status_code == 422
    assert refused.json()["field"] == field and refused.json()["allowed"]


def test_there_are_a_hundred_at_most(place: Place) -> None:
    for n in range(100):
        place.result(type="note", text=str(n))
    refused = place.service.command(place.ident, type="note", text="one more")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    refused = place.service.command(place.ident, type="delete_note", note=1000)
    assert (refused.status_code, refused.json()["field"]) == (404, "note")
