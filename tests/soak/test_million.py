"""A million operations of a lab that keeps its time: any moment comes again, to the byte, and the
memory stays within what was said beforehand."""

from __future__ import annotations

import os
import random
from functools import partial

from sim_core import Lab, LabConfig
from tests.soak.apart import apart

OPERATIONS = 1_000_000
EVERY = 50_000
LOG_BYTES = 16 << 20
ABOUT = 24 << 20
"""What Python and its libraries take meanwhile, labs apart."""


def resident() -> int:
    """Bytes of this process that lie in memory."""
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def go(lab: Lab, op: int) -> None:
    for _ in lab.seek(op):
        pass


def million(model: str) -> dict[str, int]:
    """Run, travel, act in the past, travel again; what it came to."""
    config = LabConfig(spanned_pages=65_536, model=model, log_bytes=LOG_BYTES)
    before = resident()
    lab = Lab(config)
    draw = random.Random(model)
    seen = {lab.op: lab.hash()}
    most = 0
    while lab.op < OPERATIONS:
        lab.run_workload(min(EVERY, OPERATIONS - lab.op))
        lab.isolate(draw.randrange(lab.nr_pageblocks))
        lab.unisolate(draw.randrange(lab.nr_pageblocks))
        lab.timeline.keep()
        seen[lab.op] = lab.hash()
        most = max(most, resident() - before)
    tip = lab.op
    for op in draw.sample(sorted(seen), 8):
        go(lab, op)
        assert lab.hash() == seen[op], op
        most = max(most, resident() - before)
    lab.run_workload(1)
    lab.isolate(0)
    branch = lab.journal.current.ident
    at, there = lab.op, lab.hash()
    for _ in lab.switch(1, tip):
        pass
    assert lab.hash() == seen[tip]
    for _ in lab.switch(branch):
        pass
    assert (lab.op, lab.hash()) == (at, there)
    most = max(most, resident() - before)
    count, kept = lab.timeline.keyframes
    return {
        "bytes": most,
        "said": config.estimate_bytes(),
        "keyframes": count,
        "keyframe_bytes": kept,
        "kept_from": lab.timeline.kept_from,
        "operations": tip,
    }


def test_a_million_operations_fit_what_was_said_and_come_again() -> None:
    for model in ("v3.7", "v6.12"):
        ended = apart(partial(million, model))
        assert ended.wrong is None, ended.wrong
        found = ended.value
        assert found is not None
        assert found["operations"] >= OPERATIONS
        assert found["bytes"] <= found["said"] + ABOUT, found
        assert found["keyframe_bytes"] <= LOG_BYTES // 2, found
        # It was more than the log has room for: keyframes and the journal made up for it.
        assert found["keyframes"] > 2
