"""Replays a part of a pickled trace on a fresh zone: what callgrind counts the instructions of.

usage: python -m benchmarks.replay_driver TRACE SETTING OPERATIONS
"""

import pickle
import sys
from pathlib import Path

from benchmarks.trace import Trace
from benchmarks.zones import SETTINGS, CoreRun


def main() -> None:
    saved, setting, operations = sys.argv[1:]
    trace: Trace = pickle.loads(Path(saved).read_bytes())
    run = CoreRun(trace, trace.all_movable(), SETTINGS[setting])
    run.run(trace.fill, trace.fill + int(operations))


if __name__ == "__main__":
    main()
