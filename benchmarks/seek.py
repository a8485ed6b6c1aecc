"""Time travel: 100 000 operations taken back, and done again, beside running them; and one of them.
And questions to the log of all of them: who changed a thing, where a count drifted.

All of it is the CPU time of the calls that the page makes, with every write recorded.
"""

from collections.abc import Callable

from benchmarks.measure import Contender, Figure, cpu_ns, interleave
from benchmarks.trace import GIB
from sim_core import Lab, LabConfig
from sim_core.lab import Subject

SIZES_GIB = (1, 64)
FAR = 100_000
"""Operations."""
BEFORE = 800_000
"""Run first, so that the zone is worn and the log long."""


def measure(rounds: int) -> list[Figure]:
    """For each size, ms for 100 000 operations, and µs for one."""
    return [figure for gib in SIZES_GIB for figure in _size(gib, rounds)]


def _size(gib: int, rounds: int) -> list[Figure]:
    lab = Lab(LabConfig(spanned_pages=gib * GIB, fill_percent=60))
    _turns(lab, BEFORE)
    return [
        Figure(
            f"{FAR} operations of {gib} GiB",
            "ms",
            interleave(_contenders(lab, FAR, 1e6), rounds),
            compared=[("taken back", "run"), ("done again", "run")],
        ),
        Figure(
            f"One operation of {gib} GiB",
            "µs",
            interleave(_contenders(lab, 1, 1e3), rounds),
            compared=[("taken back", "run"), ("done again", "run")],
        ),
        Figure(
            f"A question to the log of {gib} GiB",
            "ms",
            interleave(_questions(lab), rounds),
            notes=[f"over {lab.op - _kept_from(lab)} operations, none of which has the answer"],
        ),
    ]


def _contenders(lab: Lab, count: int, unit: float) -> dict[str, Contender]:
    def spent(deed: Callable[[], None]) -> float:
        return cpu_ns(deed) / unit

    return {
        "run": lambda: spent(lambda: _turns(lab, count)),
        "taken back": lambda: spent(lambda: _go(lab, lab.op - count)),
        "done again": lambda: spent(lambda: _go(lab, lab.op + count)),
    }


def _questions(lab: Lab) -> dict[str, Contender]:
    """Of things that nothing changed: all of the log is gone over."""

    def spent(deed: Callable[[], object]) -> float:
        return cpu_ns(deed) / 1e6

    def changes(subject: Subject) -> Contender:
        return lambda: spent(lambda: lab.changes(subject))

    return {
        "who changed a watermark": changes(Subject(counter="watermark_low")),
        "who changed the isolated pages": changes(Subject(counter="isolated")),
        "who made pages stray": changes(Subject(counter="stray")),
        "who took blocks offline": changes(Subject(counter="blocks_offline")),
        "who changed what is met": changes(Subject(counter="watermark_true")),
        "who changed a list": changes(Subject(order=0, migratetype="ISOLATE")),
        "who changed a page": changes(Subject(pfn=0)),
        "who changed a handle": changes(Subject(handle=(1 << 32) - 2)),
        "where a count drifted": lambda: spent(lambda: lab.drift("I1")),
    }


def _kept_from(lab: Lab) -> int:
    return lab.timeline.kept_from


def _turns(lab: Lab, count: int) -> None:
    for first in range(0, count, FAR):
        lab.run_workload(min(FAR, count - first))


def _go(lab: Lab, op: int) -> None:
    for _ in lab.seek(op):
        pass
