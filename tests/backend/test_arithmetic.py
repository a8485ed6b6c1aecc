"""The clocks, the series and the marks, on time that the test makes."""

from itertools import pairwise

from backend.protocol.messages import mark
from backend.sessions.connection import Bucket
from backend.sessions.history import History
from backend.sessions.marks import Marks
from backend.sessions.pacing import RunClock, Ticker
from sim_core import Lab, LabConfig
from sim_core.lab import Break


def test_operations_are_due_at_the_rate_without_drift() -> None:
    clock = RunClock(300)
    clock.start(10.0)
    ran = 0
    now = 10.0
    for _ in range(700):
        now += 1 / 70
        due = clock.due(now)
        clock.ran(due, now)
        ran += due
    assert ran == 3000


def test_a_slow_rate_still_comes_to_its_operation() -> None:
    clock = RunClock(1)
    clock.start(0.0)
    assert clock.due(0.9) == 0
    assert clock.due(1.0) == 1


def test_a_lab_that_was_held_up_does_not_race() -> None:
    clock = RunClock(1000)
    clock.start(0.0)
    clock.ran(10, 60.0)
    assert clock.due(60.0) == 0
    assert clock.due(60.1) == 100


def test_another_rate_takes_over_what_was_owed() -> None:
    clock = RunClock(100)
    clock.start(0.0)
    clock.set_rate(10, 0.5)
    assert clock.due(0.5) == 50
    clock.ran(50, 0.5)
    assert clock.due(1.5) == 10


def test_without_a_rate_nothing_is_due_and_nothing_is_owed_later() -> None:
    clock = RunClock(100)
    clock.start(0.0)
    clock.set_rate(None, 1.0)
    assert clock.due(50.0) == 0
    clock.ran(10**9, 50.0)
    clock.set_rate(10, 60.0)
    assert clock.due(60.0) == 0
    assert clock.due(61.0) == 10


def test_ticks_keep_their_grid_and_skip_what_is_missed() -> None:
    ticker = Ticker(0.1, 0.0)
    assert ticker.lateness(0.03) > 0
    ticker.passed(0.03)
    assert abs(ticker.next - 0.1) < 1e-9
    ticker.passed(5.0)
    assert ticker.next > 5.0


def test_the_bucket_refills_with_time() -> None:
    bucket = Bucket(10, 5, 0.0)
    assert [bucket.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)


def test_history_keeps_its_ends_and_stays_bounded() -> None:
    lab = Lab(LabConfig(spanned_pages=2048, pageblock_order=7, max_order=9, log_bytes=1 << 20))
    start = lab.op
    history = History(lab, rows_max=50, marks_max=3)
    for n in range(1000):
        lab.run_workload(1)
        history.take(lab)
        history.mark(mark(n, "verb", "x"))
    message = history.message()
    ops = [row[0] for row in message["rows"]]
    assert message["columns"][0] == "op"
    assert len(ops) <= 51
    assert ops == sorted(set(ops))
    assert ops[0] == start
    assert lab.op - ops[-1] < 64
    gaps = [b - a for a, b in pairwise(ops)]
    assert max(gaps[:-1]) <= 2 * min(gaps[:-1])
    assert [one["op"] for one in message["marks"]] == [997, 998, 999]


def test_breaks_that_follow_closely_become_one_mark() -> None:
    marks = Marks(1.0)
    told = marks.add([Break("I1", 5, None)], 0.0)
    assert [(m["op"], m["kind"]) for m in told] == [(5, "broken")]
    assert marks.add([Break("I1", n, None) for n in range(6, 20)], 0.5) == []
    assert marks.pending
    assert marks.due(0.9) == []
    (later,) = marks.due(1.1)
    assert later["op"] == 6
    assert "14 times" in later["text"]
    assert not marks.pending


def test_each_identity_is_told_of_by_itself_and_healing_too() -> None:
    marks = Marks(1.0)
    told = marks.add([Break("I1", 5, None), Break("I3", 5, 9)], 0.0)
    assert [(m["kind"], m["op"]) for m in told] == [("broken", 5), ("broken", 5), ("healed", 9)]


def test_a_break_that_heals_later_is_told_of_as_healed_alone() -> None:
    marks = Marks(1.0)
    marks.add([Break("I1", 5, None)], 0.0)
    told = marks.add([Break("I1", 5, 90)], 0.1)
    assert [(m["kind"], m["op"]) for m in told] == [("healed", 90)]
    assert not marks.pending
