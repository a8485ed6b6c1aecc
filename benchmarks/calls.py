"""One operation a call from Python, beside a method of the same class that does next to nothing."""

from collections.abc import Callable

from benchmarks.measure import Figure, cpu_ns, interleave
from benchmarks.trace import GIB
from benchmarks.zones import booted
from sim_core.vocabulary import migratetype_id

CALLS = 200_000
HELD = 64
"""Pages asked for before as many are given back."""


def measure(rounds: int) -> Figure:
    """Time a call, in ns, the loop around it taken off."""
    node = booted(GIB)
    movable = migratetype_id("MOVABLE")
    alloc, free, nothing = node.alloc, node.free, node.set_watch

    def operations() -> None:
        for _ in range(CALLS // (2 * HELD)):
            for pfn in [alloc(0, movable, False) for _ in range(HELD)]:
                free(pfn)  # type: ignore[arg-type]  # a gibibyte has sixty-four free pages

    def empty() -> None:
        for _ in range(CALLS // (2 * HELD)):
            for _ in [nothing(0) for _ in range(HELD)]:
                nothing(0)

    def loop() -> None:
        for _ in range(CALLS // (2 * HELD)):
            for _ in [0 for _ in range(HELD)]:
                pass

    def net(work: Callable[[], None]) -> float:
        return (cpu_ns(work) - cpu_ns(loop)) / CALLS

    return Figure(
        "One operation a call: a single page asked for, or given back",
        "ns a call",
        interleave({"core": lambda: net(operations), "a method": lambda: net(empty)}, rounds),
        compared=[("core", "a method")],
        notes=["a method: Node.set_watch(0), one argument, one store"],
    )
