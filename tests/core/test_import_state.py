"""A capture kept as one JSON file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_core.errors import InputError
from sim_core.importers import from_json, read_capture, to_json
from tests.fixtures.proc.files import SNAPSHOTS, files


def state() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(to_json(read_capture(files("3.5-wrapped"))))
    return kept


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_what_was_kept_comes_back_whole(snapshot: str) -> None:
    capture = read_capture(files(snapshot))
    again = from_json("state.json", to_json(capture).encode())
    assert again == capture


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "zonescope-capture/2"}, "zonescope-capture/1"),
        ({"files": None}, '"files" as a list'),
        ({"files": [1]}, '"files" as a list'),
        ({"files": [{"name": "p", "lines": "x", "ended": True}]}, "files[0]"),
        ({"files": [{"name": "p", "lines": ["a\nb"], "ended": True}]}, "files[0]"),
        ({"files": [{"name": 3, "lines": [], "ended": True}]}, "files[0]"),
        ({"files": []}, "/proc/pagetypeinfo among the files"),
    ],
)
def test_a_state_of_another_shape_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json("state.json", json.dumps(state() | change).encode())
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "\xff", '{"format": ' + "1" * 5000 + "}", "[" * 100_000]
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json("state.json", text.encode("latin-1"))
    assert caught.value.file == "state.json"


def test_a_wrong_line_inside_is_named_by_its_own_file_and_number() -> None:
    kept = state()
    kept["files"][0]["lines"][5] += " 7"
    with pytest.raises(InputError, match=r"^pagetypeinfo:6: expected 11 counts"):
        from_json("state.json", json.dumps(kept).encode())


def test_the_size_is_bounded() -> None:
    data = to_json(read_capture(files("6.1-idle"))).encode()
    with pytest.raises(InputError, match="max_bytes"):
        from_json("state.json", data, max_bytes=len(data) - 1)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(_JSON, _JSON, _JSON)
def test_any_other_json_is_refused(name: Any, lines: Any, ended: Any) -> None:
    entry = {"name": name, "lines": lines, "ended": ended}
    for text in (entry, {"format": "zonescope-capture/1", "files": [entry]}):
        with pytest.raises(InputError):
            from_json("state.json", json.dumps(text).encode())
