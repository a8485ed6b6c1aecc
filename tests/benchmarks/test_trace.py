"""The benchmark's trace is the published one, and it drives a zone as it says."""

import pytest

from benchmarks.trace import FREE, GIB, Trace, make_trace
from sim_core.vocabulary import MIGRATETYPES

PAGES = GIB // 16
OPERATIONS = 20_000


@pytest.fixture(scope="module")
def trace() -> Trace:
    return make_trace(PAGES, OPERATIONS)


@pytest.mark.parametrize(("gib", "fill"), [(1, 11_983), (4, 51_019)])
def test_the_fill_takes_the_published_number_of_requests(gib: int, fill: int) -> None:
    assert make_trace(gib * GIB, 0).fill == fill


def pages_in_use(trace: Trace) -> list[int]:
    """Pages asked for and not given back, after each operation; a free must name a live chunk."""
    live: dict[int, int] = {}
    used, series = 0, []
    for handle, order in zip(trace.handles, trace.orders, strict=True):
        if order == FREE:
            used -= 1 << live.pop(handle)
        else:
            assert handle not in live
            live[handle] = order
            used += 1 << order
        series.append(used)
    return series


def test_use_stays_about_the_two_levels(trace: Trace) -> None:
    churn = pages_in_use(trace)[trace.fill :]
    largest = 1 << 9
    assert len(churn) == OPERATIONS
    assert min(churn) >= PAGES * 55 // 100 - largest
    assert max(churn) <= PAGES * 65 // 100 + largest


def test_requests_are_drawn_by_their_weights(trace: Trace) -> None:
    requests = [
        (order, MIGRATETYPES[mt])
        for order, mt in zip(trace.orders, trace.migratetypes, strict=True)
        if order != FREE
    ]
    single = sum(order == 0 for order, _ in requests) / len(requests)
    by_type = {
        name: sum(mt == name for _, mt in requests) / len(requests) for name in MIGRATETYPES[:3]
    }
    assert single == pytest.approx(0.70, abs=0.02)
    assert by_type == pytest.approx(
        {"UNMOVABLE": 0.20, "RECLAIMABLE": 0.10, "MOVABLE": 0.70}, abs=0.02
    )


def test_a_handle_given_back_last_is_taken_first(trace: Trace) -> None:
    pairs = [
        i
        for i in range(trace.fill, len(trace) - 1)
        if trace.orders[i] == FREE and trace.orders[i + 1] != FREE
    ]
    assert pairs
    assert all(trace.handles[i] == trace.handles[i + 1] for i in pairs)


def test_the_hash_tells_traces_apart(trace: Trace) -> None:
    other = make_trace(PAGES, OPERATIONS)
    assert other.digest() == trace.digest()
    other.handles[-1], other.handles[-2] = other.handles[-2], other.handles[-1]
    assert other.digest() != trace.digest()
