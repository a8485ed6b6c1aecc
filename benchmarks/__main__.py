"""usage: zonescope bench [--only PART …] [--rounds N] [--yardstick FOLDER] [--json FILE]."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import boot, calls, instructions, operations, pairs, scale, seek
from benchmarks.measure import Figure, NotHereError, circumstances
from benchmarks.yardstick import YardstickError

PARTS = (
    *("operations", "pairs", "scale", "calls", "boot", "seek", "instructions"),
    *("page", "travel", "fanout"),
)
ROUNDS_LEAST = 7


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="zonescope bench", description="Ratios measured in one run."
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        metavar="PART",
        help=f"which parts: {', '.join(PARTS)}",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS_LEAST,
        help=f"rounds in turn, at least {ROUNDS_LEAST}",
    )
    parser.add_argument(
        "--yardstick", type=Path, metavar="FOLDER", help="sources of the prototype in C (bench.c)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there too")
    given = parser.parse_args(words)
    if given.rounds < ROUNDS_LEAST:
        parser.error(f"--rounds is {given.rounds}: at least {ROUNDS_LEAST}")
    return given


def measured(part: str, given: argparse.Namespace, scratch: Path) -> list[Figure]:
    if part == "operations":
        return operations.measure(given.rounds, given.yardstick, scratch)
    if part == "pairs":
        return pairs.measure(given.rounds, given.yardstick, scratch)
    if part == "scale":
        return [scale.measure(given.rounds, given.yardstick, scratch)]
    if part == "calls":
        return [calls.measure(given.rounds)]
    if part == "boot":
        return boot.measure(given.rounds)
    if part == "seek":
        return seek.measure(given.rounds)
    if part == "page":
        from benchmarks import page

        return page.measure()
    if part == "travel":
        from benchmarks import travel

        return travel.measure()
    if part == "fanout":
        from benchmarks import fanout

        return fanout.measure()
    return [instructions.measure(given.yardstick, scratch)]


def require(parts: Sequence[str]) -> None:
    """All that the parts need is here; page and fanout need libraries that serving does not.

    Raises:
        NotHereError: something is missing.
    """
    if "instructions" in parts:
        instructions.require()
    try:
        if {"page", "travel"} & {*parts}:
            from benchmarks import page

            page.require()
        if "fanout" in parts:
            from benchmarks import fanout  # noqa: F401
    except ModuleNotFoundError as error:
        raise NotHereError(f"{error.name} is needed: make dev installs it.") from error


def report(given: argparse.Namespace, scratch: Path) -> None:
    require(given.only)
    before = circumstances()
    figures: list[Figure] = []
    for part in given.only:
        print(f"{part} …", file=sys.stderr)
        new = measured(part, given, scratch)
        figures += new
        for figure in new:
            print(figure.table(), end="\n\n", flush=True)
    after = circumstances()
    print(f"{after['date']}, {after['cpus']} × {after['cpu']}, Python {after['python']}")
    print(f"load average {before['load_average']} before, {after['load_average']} after")
    if given.json:
        samples = [figure.as_json() for figure in figures]
        text = json.dumps({"before": before, "after": after, "figures": samples}, indent=1)
        given.json.write_text(text + "\n")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line, the process's own by default; the exit code."""
    given = arguments(words)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            report(given, Path(scratch))
        except (YardstickError, NotHereError) as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
