"""Running until something comes true: forward, backward, by operation and by write, near and far;
held against asking at every moment one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim_core.breaking import Search, Stop
from sim_core.config import LabConfig
from sim_core.errors import PredicateError, RefusedError
from sim_core.lab import Lab

SMALL = LabConfig(
    spanned_pages=2048, pageblock_order=4, max_order=6, fill_percent=40, log_bytes=1 << 22
)
SHORT = replace(SMALL, log_bytes=1 << 16)
"""Its log tells of some two hundred operations."""


def go(lab: Lab, op: int, step: int | None = None) -> None:
    for _ in lab.seek(op, step):
        pass


def end(search: Search) -> Stop:
    while True:
        try:
            next(search)
        except StopIteration as stop:
            found: Stop = stop.value
            return found


def answers(lab: Lab, text: str, first: int, last: int) -> dict[int, bool]:
    """The answer after each operation, asked one by one."""
    found = {}
    for op in range(first, last + 1):
        go(lab, op)
        found[op] = lab.predicate(text).holds()
    return found


@pytest.mark.parametrize("config", [SMALL, SHORT])
@pytest.mark.parametrize(
    "text", ["nr_free[2] < 2", "usable % 7 == 0", "pcp > 20 and nr_free[0] > 3", "op % 50 == 3"]
)
def test_back_to_where_it_began_to_hold(config: LabConfig, text: str) -> None:
    lab = Lab(config)
    lab.run_workload(600)
    first, last = lab.timeline.first_op, lab.op
    truth = answers(lab, text, first, last)
    for start in (last, last - 123, first + 40):
        go(lab, start)
        stop = end(lab.run_to(text, back=True))
        held = [op for op in range(first, start + 1) if truth[op]]
        began = next((op for op in reversed(held) if not truth.get(op - 1, False)), None)
        assert stop.found == (began is not None)
        assert lab.op == stop.moment.op == (start if began is None else began)
        assert stop.moment.whole


@pytest.mark.parametrize("config", [SMALL, SHORT])
@pytest.mark.parametrize("text", ["nr_free[2] < 2", "usable % 7 == 0", "op % 50 == 3"])
def test_on_to_where_it_begins_to_hold(config: LabConfig, text: str) -> None:
    lab = Lab(config)
    lab.run_workload(600)
    first, last = lab.timeline.first_op, lab.op
    truth = answers(lab, text, first, last)
    for start in (first, first + 77, last - 60):
        go(lab, start)
        begins = [op for op in range(start + 1, last + 1) if truth[op] and not truth[op - 1]]
        if not begins:
            continue
        stop = end(lab.run_to(text))
        assert (stop.found, lab.op) == (True, begins[0])


def test_where_nothing_is_known_yet_the_workload_takes_its_turns() -> None:
    lab = Lab(SMALL)
    lab.run_workload(10)
    wanted = lab.op + 4321
    stop = end(lab.run_to(f"op == {wanted}"))
    assert (stop.found, lab.op) == (True, wanted)
    assert [(value.text, value.value) for value in stop.values] == [("op", wanted)]
    here = lab.op
    stop = end(lab.run_to("op < 0", most=2000))
    assert not stop.found
    assert lab.op >= here + 2000


def test_amid_an_operation_a_count_is_wrong_for_a_while() -> None:
    """The list has the chunk, nr_free counts it, NR_FREE_PAGES not yet."""
    lab = Lab(replace(SMALL, pcp_high=0, pcp_batch=1))
    pfn = lab.alloc(3, "UNMOVABLE").pfn
    assert pfn is not None
    freed = lab.free(pfn).op
    stop = end(lab.run_to("NR_FREE_PAGES != nr_free_sum", back=True, steps=True))
    assert stop.found
    assert stop.moment.op == freed
    assert not stop.moment.whole
    # Whole operations never show it.
    go(lab, freed)
    assert not end(lab.run_to("NR_FREE_PAGES != nr_free_sum", back=True)).found
    assert lab.op == freed


def test_the_seeds_drift_is_found_backward() -> None:
    """v3.6 counts what nobody may have; a long run later the operation is found that began it."""
    lab = Lab(replace(SMALL, model="v3.5"))
    lab.run_workload(500)
    block = next(b for b in range(10, 100) if lab.preview([b])["info"]["free"])
    began = lab.isolate(block).op
    lab.run_workload(3000)
    stop = end(lab.run_to(f"pageblock[{block}].type == ISOLATE", back=True))
    assert (stop.found, lab.op) == (True, began)
    assert stop.values[0].word == "ISOLATE"


def test_a_wrong_predicate_changes_nothing() -> None:
    lab = Lab(SMALL)
    lab.run_workload(10)
    digest = lab.hash()
    with pytest.raises(PredicateError, match=r"\^"):
        end(lab.run_to("nr_fre[0] < 1"))
    with pytest.raises(RefusedError, match="not recorded"):
        end(Lab(replace(SMALL, log_bytes=0)).run_to("op > 1"))
    assert lab.hash() == digest
