"""Boot: CPU time and memory that a live zone costs before its first operation, beside a memset.

The memset writes as many bytes as the zone's records take of the address space: what a boot would
cost that touches the record of every page. Each round is a process of its own, so that no memory
is warm.

usage: python -m benchmarks.boot (zone PAGES | memset BYTES)
"""

import ctypes
import json
import mmap
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from benchmarks.measure import Contender, Figure, cpu_ns, interleave
from benchmarks.trace import GIB
from benchmarks.zones import booted

SIZES_GIB = (1, 64, 1024)
MIB = 1 << 20


class Cost(TypedDict):
    """What a child measured: ns of CPU time, bytes of address space and of resident memory."""

    spent: int
    address_space: int
    resident: int


def measure(rounds: int) -> list[Figure]:
    """For each size, the time of a boot as a share of the memset's, and the memory it took."""
    # Where the records are large, what else the process maps does not show.
    largest = SIZES_GIB[-1] * GIB
    bytes_a_page = _child("zone", largest)["address_space"] / largest
    return [figure for gib in SIZES_GIB for figure in _size(gib, bytes_a_page, rounds)]


def _size(gib: int, bytes_a_page: float, rounds: int) -> list[Figure]:
    costs: list[Cost] = []
    records = round(gib * GIB * bytes_a_page)

    def boot() -> float:
        costs.append(_child("zone", gib * GIB))
        return costs[-1]["spent"] / 1e6

    def fill() -> float:
        return _child("memset", records)["spent"] / 1e6

    contenders: dict[str, Contender] = {"boot": boot, "memset of its records": fill}
    name = f"{gib // 1024} TiB" if gib >= 1024 else f"{gib} GiB"
    return [
        Figure(
            f"Boot of {name}, time",
            "ms",
            interleave(contenders, rounds),
            compared=[("boot", "memset of its records")],
            notes=[f"records: {bytes_a_page:.3f} bytes of address space a page"],
        ),
        Figure(
            f"Boot of {name}, memory",
            "MiB",
            {
                "resident": [cost["resident"] / MIB for cost in costs],
                "its records": [records / MIB],
            },
            compared=[("resident", "its records")],
        ),
    ]


def _child(what: str, amount: int) -> Cost:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.boot", what, str(amount)],
        capture_output=True,
        text=True,
        check=True,
    )
    cost: Cost = json.loads(done.stdout)
    return cost


def _memory() -> tuple[int, int]:
    """Address space and resident memory of this process, in bytes."""
    size, resident = Path("/proc/self/statm").read_text().split()[:2]
    return int(size) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _zone(pages: int) -> Callable[[], object]:
    return lambda: booted(pages)


def _memset(count: int) -> Callable[[], object]:
    memory = mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    records = (ctypes.c_char * count).from_buffer(memory)
    return lambda: ctypes.memset(records, 1, count)


def main() -> None:
    work = {"zone": _zone, "memset": _memset}[sys.argv[1]](int(sys.argv[2]))
    kept: list[object] = []
    before = _memory()
    spent = cpu_ns(lambda: kept.append(work()))
    after = _memory()
    cost = Cost(spent=spent, address_space=after[0] - before[0], resident=after[1] - before[1])
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
