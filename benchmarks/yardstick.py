"""A prototype in C, built from a folder that is not part of the project, measured beside the core.

The folder must hold `bench.c`, compiled with -DLAYOUT=0 or 1, that takes a workload, a zone's size
in GiB and a number of repetitions, and prints what one operation took; and `proto.h`, the allocator
itself, which drain.c beside this file drives where bench.c has no such workload.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

LAYOUTS = {"prototype L0": 0, "prototype L1": 1}
"""L0: an array a field; L1: links interleaved, large chunks in dense arrays of their own."""

OPTIMISED = ("-O3", "-march=native", "-w")
PORTABLE = ("-O3", "-w")
"""As the core is compiled; valgrind knows every instruction of it."""

_SPENT = {
    "w1": re.compile(r": ([0-9.]+) ns/op"),
    "w1m": re.compile(r": ([0-9.]+) ns/op"),
    "w2p": re.compile(r"pristine depth 1: ([0-9.]+) ns/op"),
    "w2f": re.compile(r"fragmented depth 64: ([0-9.]+) ns/op"),
    "w4": re.compile(r": isolate\+unisolate ([0-9.]+) ns/pageblock"),
    "w5": re.compile(r", free ([0-9.]+) ns"),
}
"""Where a workload's figure stands in what the program prints."""


class YardstickError(Exception):
    """The folder cannot be built, or its program says what cannot be read."""


DRAIN = Path(__file__).with_name("drain.c")
"""W5, for any folder's allocator."""


def build(
    folder: Path,
    into: Path,
    layout: int,
    flags: tuple[str, ...] = OPTIMISED,
    source: Path | None = None,
) -> Path:
    """The program built from `folder`, written to `into`.

    Args:
        source: instead of the folder's bench.c.

    Raises:
        YardstickError: no compiler, no such source, or it does not compile.
    """
    source = source or folder / "bench.c"
    if not source.is_file():
        raise YardstickError(f"--yardstick: {source} is not there")
    compiler = shutil.which("gcc")
    if compiler is None:
        raise YardstickError("--yardstick: gcc is needed: apt-get install gcc")
    program = into / f"{source.stem}{layout}{''.join(flags)}"
    done = subprocess.run(
        [compiler, *flags, f"-DLAYOUT={layout}", f"-I{folder}", str(source), "-o", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise YardstickError(f"--yardstick: {source} does not compile:\n{done.stderr}")
    return program


def build_all(folder: Path | None, into: Path, source: Path | None = None) -> dict[str, Path]:
    """The programs of both layouts by name; none without a folder.

    Args:
        source: as `build` has it.

    Raises:
        YardstickError: as `build`.
    """
    if folder is None:
        return {}
    return {name: build(folder, into, layout, source=source) for name, layout in LAYOUTS.items()}


def measure(program: Path, workload: str, gib: int, *, ahead: bool = False) -> float:
    """One repetition of a workload of _SPENT: ns of CPU time an operation or a pageblock.

    Args:
        ahead: let it ask memory for what coming operations will touch.

    Raises:
        YardstickError: the program failed, or printed something else.
    """
    done = subprocess.run(
        [str(program), "w2" if workload.startswith("w2") else workload, str(gib), "1"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ({"PF": "1"} if ahead else {}),
    )
    found = _SPENT[workload].search(done.stdout)
    if done.returncode or found is None:
        raise YardstickError(f"{program.name} {workload}: {done.stdout}{done.stderr}")
    return float(found[1])
