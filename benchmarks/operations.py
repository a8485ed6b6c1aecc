"""W1, W1m and W4: what an operation costs, beside a yardstick in C and the plain reference."""

from array import array
from functools import partial
from pathlib import Path

from benchmarks import yardstick
from benchmarks.measure import Contender, Figure, cpu_ns, interleave
from benchmarks.trace import GIB, OPERATIONS, Trace, make_trace
from benchmarks.zones import PAGEBLOCK, SETTINGS, CoreRun

try:
    from benchmarks.reference import ReferenceRun

    REFERENCE = True
except ModuleNotFoundError:  # installed without the tests that it is a part of
    REFERENCE = False

W4_GIB = 4
REFERENCE_OPERATIONS = 20_000
"""Operations a round of the reference: it is that much slower."""
REFERENCE_CHURN = 100_000
"""Operations after the fill before the reference's pageblocks are isolated."""


def measure(rounds: int, folder: Path | None, scratch: Path) -> list[Figure]:
    """All figures of this file.

    Args:
        folder: of the yardstick's sources, or None to go without.
        scratch: where its programs are built.

    Raises:
        YardstickError: the folder is none.
        RuntimeError: the trace made here is not the published one.
    """
    programs = yardstick.build_all(folder, scratch)
    trace = make_trace(GIB, OPERATIONS)
    trace.verify()
    movable = trace.all_movable()
    figures = [
        _churn(
            "W1: 1 GiB, 2 000 000 operations, all MOVABLE", "w1", trace, movable, programs, rounds
        ),
        _churn(
            "W1m: 1 GiB, 2 000 000 operations, mixed types",
            "w1m",
            trace,
            trace.migratetypes,
            programs,
            rounds,
        ),
        *([_isolation_beside_reference(trace, rounds)] if REFERENCE else []),
    ]
    larger = make_trace(W4_GIB * GIB, OPERATIONS)
    larger.verify()
    return [*figures, _isolation(larger, programs, rounds)]


def _churn(
    title: str,
    workload: str,
    trace: Trace,
    types: "array[int]",
    programs: dict[str, Path],
    rounds: int,
) -> Figure:
    failed: set[int] = set()

    def core(name: str) -> float:
        run = CoreRun(trace, types, SETTINGS[name])
        operations = len(trace) - trace.fill
        first, last = (trace.fill + operations * at // 100 for at in SETTINGS[name].timed)
        run.run(trace.fill, first)
        spent = cpu_ns(lambda: run.run(first, last))
        failed.add(run.failed)
        return spent / (last - first)

    contenders: dict[str, Contender] = {name: partial(core, name) for name in SETTINGS}
    contenders |= {
        name: partial(yardstick.measure, program, workload, trace.pages // GIB)
        for name, program in programs.items()
    }
    if REFERENCE:
        reference = ReferenceRun(trace, types)
        contenders["reference"] = lambda: (
            cpu_ns(lambda: reference.run(REFERENCE_OPERATIONS)) / REFERENCE_OPERATIONS
        )
    return Figure(
        title,
        "ns an operation",
        interleave(contenders, rounds),
        compared=[
            *((name, prototype) for prototype in programs for name in ("core", "core, pcp off")),
            ("core, log of operations", "core"),
            ("core, log of all writes", "core"),
            ("core, log, first time round", "core"),
            ("core, as in a lab", "core"),
            ("reference", "core"),
        ],
        notes=[f"requests that found no page: {', '.join(map(str, sorted(failed)))}"],
    )


def _isolation(trace: Trace, programs: dict[str, Path], rounds: int) -> Figure:
    blocks = trace.pages // PAGEBLOCK
    refused: dict[bool, int] = {}

    def core(lru: bool) -> float:
        run = CoreRun(trace, trace.migratetypes, SETTINGS["core"])
        run.run(trace.fill, len(trace))
        if lru:
            run.mark_lru()

        isolation = run.isolation()

        def isolate() -> None:
            refused[lru] = isolation()

        return cpu_ns(isolate) / blocks

    contenders: dict[str, Contender] = {
        "core": partial(core, True),
        "core, nothing on the LRU": partial(core, False),
    }
    contenders |= {
        name: partial(yardstick.measure, program, "w4", W4_GIB)
        for name, program in programs.items()
    }
    samples = interleave(contenders, rounds)
    return Figure(
        f"W4: {W4_GIB} GiB after W1m, isolate then un-isolate each of {blocks} pageblocks",
        "ns a pageblock",
        samples,
        compared=[("core", prototype) for prototype in programs],
        notes=[
            f"core: every chunk in use is on the LRU, {refused[True]} pageblocks refused",
            f"core, nothing on the LRU: {refused[False]} pageblocks refused with EBUSY",
        ],
    )


def _isolation_beside_reference(trace: Trace, rounds: int) -> Figure:
    core = CoreRun(trace, trace.migratetypes, SETTINGS["core"])
    core.run(trace.fill, trace.fill + REFERENCE_CHURN)
    reference = ReferenceRun(trace, trace.migratetypes)
    reference.run(REFERENCE_CHURN)
    blocks = trace.pages // PAGEBLOCK
    core.mark_lru()
    reference.mark_lru()
    contenders: dict[str, Contender] = {
        "core": lambda: cpu_ns(core.isolation()) / blocks,
        "reference": lambda: cpu_ns(reference.isolate_each) / blocks,
    }
    return Figure(
        f"W4 beside the reference: 1 GiB after {REFERENCE_CHURN} operations, {blocks} pageblocks",
        "ns a pageblock",
        interleave(contenders, rounds),
        compared=[("reference", "core")],
    )
