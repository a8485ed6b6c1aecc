"""W2 and W5: single pages asked for and given back, at once or all of a zone, where that splits and
merges or not.
"""

from array import array
from functools import partial
from pathlib import Path
from random import Random

from benchmarks import yardstick
from benchmarks.measure import Contender, Figure, cpu_ns, interleave
from benchmarks.trace import FREE, GIB, OPERATIONS, make_trace
from benchmarks.zones import SETTINGS, CoreRun, booted
from sim_core.mm._mm import Node
from sim_core.vocabulary import migratetype_id

PAIRS = 500_000
DEPTH = 64
"""Pages held at a time in the churned zone."""
COUNTED = ("core", "core, pcp off")


def measure(rounds: int, folder: Path | None, scratch: Path) -> list[Figure]:
    """W2p in a zone as it was booted, W2f in one that W1 has churned, W5 on all pages of one.

    Args:
        folder: of the yardstick's sources, or None to go without.
        scratch: where its programs are built.

    Raises:
        YardstickError: the folder is none.
    """
    programs = yardstick.build_all(folder, scratch)
    trace = make_trace(GIB, OPERATIONS)
    churned: dict[str, Node] = {}
    for name in COUNTED:
        run = CoreRun(trace, trace.all_movable(), SETTINGS[name])
        run.run(trace.fill, len(trace))
        churned[name] = run.node

    def pristine(name: str) -> float:
        return spent(booted(GIB, SETTINGS[name]), 1)

    def fragmented(name: str) -> float:
        return spent(churned[name], DEPTH)

    figures = []
    for title, workload, core in (
        ("W2p: a pristine zone of 1 GiB, one page asked for and given back", "w2p", pristine),
        (f"W2f: after W1, {DEPTH} pages asked for, then given back", "w2f", fragmented),
    ):
        contenders: dict[str, Contender] = {name: partial(core, name) for name in COUNTED}
        contenders |= {
            name: partial(yardstick.measure, program, workload, 1)
            for name, program in programs.items()
        }
        figures.append(
            Figure(
                title,
                "ns an operation",
                interleave(contenders, rounds),
                compared=[(name, prototype) for prototype in programs for name in COUNTED],
            )
        )
    contenders = {name: partial(drained, name) for name in COUNTED}
    contenders |= {
        name: partial(yardstick.measure, program, "w5", 1)
        for name, program in yardstick.build_all(folder, scratch, yardstick.DRAIN).items()
    }
    figures.append(
        Figure(
            "W5: every page of 1 GiB asked for, then all given back, shuffled",
            "ns a free",
            interleave(contenders, rounds),
            compared=[(name, prototype) for prototype in programs for name in COUNTED],
        )
    )
    return figures


def drained(name: str) -> float:
    """Time a free, in ns, of all pages of a full zone in a random order."""
    node = booted(GIB, SETTINGS[name])
    movable = array("B", [migratetype_id("MOVABLE")]) * GIB
    pages, sizes = array("I", [0]) * GIB, array("B", [0]) * GIB
    order = list(range(GIB))
    node.replay(array("I", order), array("B", [0]) * GIB, movable, pages, sizes, 0, GIB)
    Random(777).shuffle(order)
    handles, frees = array("I", order), array("B", [FREE]) * GIB
    return cpu_ns(lambda: node.replay(handles, frees, movable, pages, sizes, 0, GIB)) / GIB


def spent(node: Node, depth: int) -> float:
    """Time an operation, in ns, of PAIRS requests and as many frees, `depth` pages held at most."""
    handles = array("I", [*range(depth), *reversed(range(depth))]) * (PAIRS // depth)
    orders = array("B", [0] * depth + [FREE] * depth) * (PAIRS // depth)
    movable = array("B", [migratetype_id("MOVABLE")]) * len(handles)
    pages, sizes = array("I", [0]) * depth, array("B", [0]) * depth
    return cpu_ns(
        lambda: node.replay(handles, orders, movable, pages, sizes, 0, len(handles))
    ) / len(handles)
