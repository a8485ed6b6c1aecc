"""W1 in a zone of 64 GiB, where every free misses the caches: what looking ahead is worth."""

from functools import partial
from pathlib import Path

from benchmarks import yardstick
from benchmarks.measure import Contender, Figure, cpu_ns, interleave
from benchmarks.trace import GIB, OPERATIONS, make_trace
from benchmarks.zones import SETTINGS, CoreRun

SCALE_GIB = 64


def measure(rounds: int, folder: Path | None, scratch: Path) -> Figure:
    """The core, which looks ahead in a trace, beside the prototype that does and that does not.

    Args:
        folder: of the yardstick's sources, or None to go without.
        scratch: where its program is built.

    Raises:
        YardstickError: the folder is none.
    """
    trace = make_trace(SCALE_GIB * GIB, OPERATIONS)
    movable = trace.all_movable()

    def core() -> float:
        run = CoreRun(trace, movable, SETTINGS["core"])
        return cpu_ns(lambda: run.run(trace.fill, len(trace))) / OPERATIONS

    contenders: dict[str, Contender] = {"core": core}
    if folder:
        program = yardstick.build(folder, scratch, yardstick.LAYOUTS["prototype L1"])
        contenders["prototype L1"] = partial(yardstick.measure, program, "w1", SCALE_GIB)
        contenders["prototype L1, looking ahead"] = partial(
            yardstick.measure, program, "w1", SCALE_GIB, ahead=True
        )
    return Figure(
        f"W1: {SCALE_GIB} GiB, {OPERATIONS:,} operations, all MOVABLE".replace(",", " ", 1),
        "ns an operation",
        interleave(contenders, rounds),
        compared=[("core", name) for name in contenders if name != "core"],
    )
