"""Labs in which every name of a predicate has something to say, and what may happen in one."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

from sim_core import Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.errors import RefusedError
from sim_core.workloads import Workload, changed

SHAPES: dict[str, dict[str, Any]] = {
    "bare": {
        "start_pfn": 37,
        "spanned_pages": 1500,
        "holes": ((200, 9), (640, 64)),
        "cpus": 3,
        "pcp_high": 12,
        "pcp_batch": 4,
    },
    "whole": {
        "zones": (
            ZoneSpan("DMA32", 21, 600),
            ZoneSpan("Normal", 768, 500),
            ZoneSpan("Movable", 1344, 256),
        ),
        "swap_pages": 60,
        "cpus": 2,
    },
}


def lab_of(shape: str, model: str = "v3.5") -> Lab:
    """A small lab with a workload that fills it, a node's of processes and page cache."""
    config = LabConfig(pageblock_order=4, max_order=7, model=model, log_bytes=0, **SHAPES[shape])
    lab = Lab(config)
    if config.whole:
        lab.set_workload(changed(Workload(), "reclaim-pressure", {}))
    return lab


def stir(lab: Lab, draw: random.Random) -> None:
    """Some turns, then something that a person may do; what is refused changes nothing."""
    if lab.stopped:
        return
    lab.run_workload(draw.randrange(30))
    block = draw.randrange(lab.nr_pageblocks)
    pfn = lab.config.start_pfn + draw.randrange(lab.config.spanned_pages)
    acts = (
        lambda: lab.isolate(block),
        lambda: lab.isolate(block),
        lambda: lab.unisolate(block),
        lambda: lab.offline(block & ~3, 4),
        lambda: lab.online(block & ~3, 4),
        lambda: lab.write_min_free_kbytes(draw.randrange(400)),
        lambda: lab.pin_block(block),
        lambda: lab.free_block(block),
        lambda: lab.set_block_type(block, draw.choice(("UNMOVABLE", "CMA", "MOVABLE"))),
        lambda: lab.free_begin(pfn),
        lambda: lab.free_finish(pfn),
        lambda: lab.run_on(draw.randrange(lab.config.cpus)),
        lambda: lab.alloc(draw.randrange(7), "UNMOVABLE", owner=3),
        lambda: lab.kswapd_step(),
        lambda: lab.oom_kill(),
    )
    with suppress(RefusedError):
        draw.choice(acts)()
