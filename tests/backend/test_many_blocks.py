"""Commands that go block by block: order, progress, cancel, and what else flows meanwhile."""

import pytest

from tests.backend.client import connected
from tests.backend.conftest import Place

BLOCKS = 4096


@pytest.fixture
def wide(place: Place) -> Place:
    """A session of 4096 small blocks."""
    place.result(type="configure", spanned_pages=BLOCKS * 16, pageblock_order=4, max_order=6)
    return place


VAST = 65_536


@pytest.fixture
def vast(place: Place) -> Place:
    """A session of so many blocks that a command on all of them is still going on when asked."""
    place.result(type="configure", spanned_pages=VAST * 2, pageblock_order=1, max_order=4)
    return place


def test_each_block_is_reported_by_its_outcome(place: Place) -> None:
    with connected(place.service, place.ident) as client:
        client.result(type="fill", blocks=[3, 9])
        client.result(type="pin", blocks=[3, 9])
        answer = client.result(type="offline", blocks=[[0, 15]])
    refused = {entry["block"] for entry in answer["refused"]}
    assert {3, 9} <= refused
    assert answer["done"] + sum(n for k, n in answer["counts"].items() if k != "done") == 16
    assert all(entry["errno"] for entry in answer["refused"])


def test_only_the_first_refusals_are_told_one_by_one(place: Place) -> None:
    free = list(range(50))
    with connected(place.service, place.ident) as client:
        answer = client.result(type="free", pfns=free)
    assert answer["counts"] == {"done": 0, "refused": 50}
    assert [entry["pfn"] for entry in answer["refused"]] == free[:20]
    assert all(entry["errno"] is None and entry["words"] for entry in answer["refused"])


def test_cancel_stops_between_two_blocks(vast: Place) -> None:
    with connected(vast.service, vast.ident) as client:
        ident = client.send(type="offline", blocks=[[0, VAST - 1]])
        client.message("progress", id=ident)
        cancel = client.send(type="cancel", target=ident)
        assert client.answer(cancel)["type"] == "result"
        error = client.answer(ident)
        assert error["code"] == "cancelled"
        assert f"of {VAST}" in error["detail"]
        info = client.result(type="preview", blocks=[[0, VAST - 1]])["info"]
        assert 0 < info["offline"] < VAST * 2
        gone = client.error(type="cancel", target=ident)
        assert (gone["code"], gone["field"]) == ("not_found", "target")


def test_questions_and_other_peoples_commands_are_answered_meanwhile(vast: Place) -> None:
    with connected(vast.service, vast.ident) as one, connected(vast.service, vast.ident) as two:
        long = one.send(type="offline", blocks=[[0, VAST - 1]])
        one.message("progress", id=long)
        frame = one.frame()
        assert two.result(type="list", order=0, migratetype="MOVABLE")["total"] >= 0
        assert two.result(type="drain")["op"] > 0
        assert one.result(type="history")["op"] > 0
        while one.frame().op <= frame.op:
            pass
        one.send(type="cancel", target=long)
        assert one.answer(long)["code"] == "cancelled"


def test_what_one_connection_orders_is_done_in_its_order(wide: Place) -> None:
    with connected(wide.service, wide.ident) as client:
        isolate = client.send(type="isolate", blocks=[[0, BLOCKS - 1]])
        back = client.send(type="unisolate", blocks=[[0, BLOCKS - 1]])
        assert client.message("result", "error")["id"] == isolate
        answer = client.answer(back)
    assert answer["counts"] == {"done": BLOCKS}


def test_progress_rises_to_the_total(wide: Place) -> None:
    with connected(wide.service, wide.ident) as client:
        ident = client.send(type="fill", blocks=[[0, BLOCKS - 1]])
        seen = []
        while True:
            message = client.message("progress", "result")
            if message["type"] == "result":
                break
            assert message["id"] == ident
            assert message["total"] == BLOCKS
            assert sum(message["counts"].values()) == message["done"]
            seen.append(message["done"])
    assert seen
    assert seen == sorted(seen)
    assert message["done"] == BLOCKS


def test_a_lab_that_is_replaced_ends_what_was_going_on(vast: Place) -> None:
    with connected(vast.service, vast.ident) as one, connected(vast.service, vast.ident) as two:
        long = one.send(type="offline", blocks=[[0, VAST - 1]])
        one.message("progress", id=long)
        two.result(type="reset", confirm=True)
        error = one.answer(long)
        assert error["code"] == "cancelled"
        assert "replaced" in error["detail"]
        assert one.result(type="history")["op"] == 0


def test_a_connection_that_goes_takes_its_command_along(vast: Place) -> None:
    with connected(vast.service, vast.ident) as stays:
        with connected(vast.service, vast.ident) as goes:
            goes.send(type="offline", blocks=[[0, VAST - 1]])
            goes.message("progress")
        stays.message("state", clients={"drivers": 1, "viewers": 0})
        info = stays.result(type="preview", blocks=[[0, VAST - 1]])["info"]
        assert 0 < info["offline"] < VAST * 2
        op = stays.result(type="history")["op"]
        assert stays.result(type="drain")["op"] == op + 1


def test_huge_overlapping_ranges_cost_no_more_than_the_zone(wide: Place) -> None:
    whole = [[0, BLOCKS - 1]] * 2000
    with connected(wide.service, wide.ident) as client:
        info = client.result(type="preview", blocks=whole)
    assert info["blocks"] == BLOCKS
