"""Another kernel is one file and one line: the file is tests/core/kernels/v3_19_d9dddbf5.py."""

from __future__ import annotations

import pytest

from sim_core import Lab, LabConfig
from sim_core.models import ROWS, broken, diff, to_json
from tests.core.kernels.v3_19_d9dddbf5 import V3_19_D9DDDBF5

TOY = LabConfig(
    spanned_pages=8,
    pageblock_order=2,
    max_order=4,
    pcp_high=0,
    pcp_batch=1,
    booted=False,
    model=V3_19_D9DDDBF5.name,
    log_bytes=1 << 20,
)
A, B = 0, 1


@pytest.fixture(autouse=True)
def _one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, V3_19_D9DDDBF5.name, V3_19_D9DDDBF5)


def all_in_use(config: LabConfig) -> Lab:
    lab = Lab(config)
    for pfn in (0, 4):
        lab.boot_free(pfn, 2)
    for _ in range(8):
        lab.alloc(0, "MOVABLE")
    return lab


def books(lab: Lab) -> tuple[int, list[int]]:
    return lab.counters()["nr_free_pages"], lab.nr_free()


def test_it_parts_from_3_19_in_one_cell_and_is_told_like_any_other() -> None:
    assert [part.column for part in diff(V3_19_D9DDDBF5, ROWS["v3.19"])] == ["merge_guard"]
    assert broken(V3_19_D9DDDBF5.columns()) == ()
    told = to_json(V3_19_D9DDDBF5)
    assert (told["family"], told["parent"]) == ("Linux 3.x", "v3.19")
    assert told["cells"]["merge_guard"]["words"] == {
        "merge_guard": "ISOLATE with another type, either way"
    }


def test_q7_a_chunk_freed_next_door_leaves_the_isolated_one_alone() -> None:
    lab = all_in_use(TOY)
    lab.free_block(A)
    lab.isolate(A)
    lab.free_block(B)
    assert books(lab) == (4, [0, 0, 2, 0])
    assert lab.lists()["ISOLATE"] == [0, 0, 1, 0]
    assert lab.counters()["usable"] == 4
    lab.unisolate(A)
    assert books(lab) == (8, [0, 0, 0, 1])
    assert [v.verdict for v in lab.check() if v.identity in lab.row.aims] == ["holds"] * 6


def test_q7_is_what_3_19_gets_wrong() -> None:
    lab = all_in_use(LabConfig(**{**vars(TOY), "model": "v3.19"}))
    lab.free_block(A)
    lab.isolate(A)
    lab.free_block(B)
    assert books(lab) == (4, [0, 0, 0, 1])
    lab.unisolate(A)
    assert books(lab)[0] == 12


def test_q1_freed_into_isolation_and_given_back() -> None:
    lab = all_in_use(TOY)
    lab.isolate(A)
    seen = []
    for pfn in range(4):
        lab.free(pfn)
        seen.append(books(lab))
    lab.unisolate(A)
    assert seen[1] == (0, [0, 1, 0, 0])
    assert seen[3] == (0, [0, 0, 1, 0])
    assert books(lab) == (4, [0, 0, 1, 0])
