"""Builds the compiled units, sim_core/mm/*.pyx, each with the .pxd files beside it.

ZONESCOPE_DEBUG=1 compiles the checks in (C macro ZS_DEBUG): every operation is followed by a walk
of all invariants. ZONESCOPE_SANITIZE=1 does so too, and stops at a stray read or write and at what
C leaves undefined. ZONESCOPE_TRACE=1 compiles line events in, for coverage of the .pxd files.
Each kind of build has its own folder under build/, so that none is mistaken for another.
ZONESCOPE_CORE=0 leaves the core out: make installs the command first and compiles in a step of its
own, which it repeats when a source has changed.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("ZONESCOPE_DEBUG") == "1"
SANITIZE = os.environ.get("ZONESCOPE_SANITIZE") == "1"
TRACE = os.environ.get("ZONESCOPE_TRACE") == "1"
CORE = os.environ.get("ZONESCOPE_CORE") != "0"
KIND = "trace" if TRACE else "sanitize" if SANITIZE else "debug" if DEBUG else "release"

# The kernel functions index only what they have checked and return codes, so C's own rules hold.
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "nonecheck": False,
    "embedsignature": True,
    "linetrace": TRACE,
}

MACROS = [("ZS_DEBUG", "1")] if KIND in ("debug", "sanitize") else []
if TRACE:
    MACROS += [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")]

# Cython compares C's int with unsigned in every loop that it writes: no use in being told.
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
FLAGS = [
    "-Wno-sign-compare",
    *{
        "release": ["-O2", "-g0"],
        "debug": ["-O2"],
        "sanitize": ["-O1", "-g", "-fno-omit-frame-pointer", *SANITIZERS],
        "trace": ["-O1"],
    }[KIND],
]

# The batch calls, where the time goes; elsewhere this only makes the build take longer. What an
# operation goes through is many small functions, more than gcc puts into one by itself.
HOT = ["-O3", "--param=max-inline-insns-single=300", "--param=inline-unit-growth=120"]
HOT += ["--param=large-function-insns=8000"]

FOLDER = Path("sim_core/mm")

# Units of batch calls, compiled for one of log.pxd's Recordings; the others ask at every write.
RECORDING = {"_unlogged": [("ZS_LOG", "0")], "_logged": [("ZS_LOG", "2")]}


def hot(source: Path) -> bool:
    """Is it a unit of batch calls, in a build that is to be fast?"""
    return source.stem in RECORDING and KIND == "release"


def extensions() -> list[Extension]:
    """One for each .pyx, rebuilt when any .pxd beside it changes; those that take longest first."""
    headers = [str(path) for path in sorted(FOLDER.glob("*.px[di]"))]
    return [
        Extension(
            ".".join(source.with_suffix("").parts),
            [str(source)],
            depends=headers,
            define_macros=MACROS + RECORDING.get(source.stem, []),
            extra_compile_args=FLAGS + (HOT if hot(source) else []),
            extra_link_args=SANITIZERS if KIND == "sanitize" else [],
        )
        for source in sorted(FOLDER.glob("*.pyx"), key=lambda source: (not hot(source), source))
    ]


CPUS = os.cpu_count() or 1

setup(
    options={
        "build": {"build_lib": f"build/{KIND}/lib", "build_temp": f"build/{KIND}/temp"},
        "build_ext": {"parallel": CPUS},
    },
    ext_modules=cythonize(  # type: ignore[no-untyped-call]
        extensions() if CORE else [],
        build_dir=f"build/{KIND}/cython",
        compiler_directives=DIRECTIVES,
        nthreads=CPUS,
    ),
)
