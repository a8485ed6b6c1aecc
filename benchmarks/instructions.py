"""Instructions an operation, counted by callgrind: a figure that no load can move.

Each count is the difference of two runs that differ in nothing but the number of operations, so
that the interpreter's start, the fill and the trace's loading cancel out.
"""

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import yardstick
from benchmarks.measure import Figure, NotHereError
from benchmarks.trace import GIB, make_trace

PAGES = GIB // 16
FEWER, MORE = 50_000, 250_000
"""Operations of the two runs."""
COUNTED = ("core", "core, pcp off", "core, log of all writes")

_TOTAL = re.compile(r"Collected\s*:\s*([0-9]+)")


def require() -> None:
    """See to it that there is something to count with.

    Raises:
        NotHereError: valgrind is not installed.
    """
    if shutil.which("valgrind") is None:
        raise NotHereError("instructions: valgrind is needed: apt-get install valgrind")


def measure(folder: Path | None, scratch: Path) -> Figure:
    """W1 on a 64 MiB zone.

    Args:
        folder: of the yardstick's sources, or None to go without.
        scratch: for the trace, the programs and callgrind's output.

    Raises:
        NotHereError: a program fails under valgrind.
        YardstickError: the folder is none.
    """
    saved = scratch / "trace"
    saved.write_bytes(pickle.dumps(make_trace(PAGES, MORE)))
    samples = {name: [_core(saved, name)] for name in COUNTED}
    if folder:
        for name, layout in yardstick.LAYOUTS.items():
            program = yardstick.build(folder, scratch, layout, yardstick.PORTABLE)
            samples[name] = [_prototype(program)]
    return Figure(
        "W1: 64 MiB, instructions counted by callgrind",
        "instructions an operation",
        samples,
        compared=[
            *((name, prototype) for prototype in yardstick.LAYOUTS for name in COUNTED[:2]),
            ("core, log of all writes", "core"),
        ],
        notes=["each with its driver: the loop over the trace and the tables of handles"],
    )


def _core(saved: Path, name: str) -> float:
    command = [sys.executable, "-m", "benchmarks.replay_driver", str(saved), name]
    fewer = _instructions([*command, str(FEWER)], saved.parent)
    more = _instructions([*command, str(MORE)], saved.parent)
    return (more - fewer) / (MORE - FEWER)


def _prototype(program: Path) -> float:
    gib = str(PAGES / GIB)
    # Its program makes the trace too: only the function that runs it is counted.
    fewer, more = (
        _instructions([str(program), "w1", gib, "1", str(n)], program.parent, only="replay")
        for n in (FEWER, MORE)
    )
    return (more - fewer) / (MORE - FEWER)


def _instructions(command: Sequence[str], scratch: Path, only: str | None = None) -> int:
    """Instructions that a command takes, or that one of its functions takes."""
    done = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            f"--callgrind-out-file={scratch / 'callgrind.out'}",
            *([f"--toggle-collect={only}"] if only else []),
            *command,
        ],
        capture_output=True,
        text=True,
        check=False,
        # Hashing by a random seed would make two runs of the interpreter differ.
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    found = _TOTAL.search(done.stderr)
    if done.returncode or found is None:
        raise NotHereError(f"{' '.join(command)} failed under valgrind:\n{done.stderr}")
    return int(found[1])
