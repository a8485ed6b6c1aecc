"""The core against the slow reference as whole nodes: the same random operations, all compared.

ZONESCOPE_SOAK=N runs N times as many programs, other ones each time.
"""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, settings

from sim_core.models import ROWS
from tests.core.node_programs import (
    NodesBesideReference,
    Steps,
    random_ask,
    take_random_step,
)
from tests.core.whole_nodes import NodeShape

SOAK = int(os.environ.get("ZONESCOPE_SOAK", "0"))


NodesBesideReference.TestCase.settings = settings(
    max_examples=(SOAK or 1) * 120,
    stateful_step_count=20,
    derandomize=not SOAK,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

TestNodesBesideReference = NodesBesideReference.TestCase

NORMAL_AND_MOVABLE = (("Normal", 0, 96), ("Movable", 96, 96))

SHAPES = (
    NodeShape((("Normal", 3, 150),), swap_pages=20, min_free_kbytes=32),
    NodeShape(NORMAL_AND_MOVABLE, min_free_kbytes=8),
    NodeShape(NORMAL_AND_MOVABLE, pcp=None, swap_pages=50, min_free_kbytes=64),
    NodeShape((("DMA", 5, 40), ("Normal", 48, 70), ("HighMem", 144, 45)), 2, 5, (6, 2), 10, 64),
    NodeShape(
        (("DMA", 0, 16), ("DMA32", 32, 61), ("Normal", 96, 64), ("Movable", 176, 83)), 3, 5, (4, 3)
    ),
    NodeShape((("DMA", 0, 64), ("DMA32", 64, 64)), min_free_kbytes=20),
)

STEPS = 40

ENDINGS = {"v3.5": {"LIVELOCK", "offline HUNG"}, "minchan-v1": {"offline HUNG"}}
"""Those that not every model knows. (It hangs for a livelock.)"""


def run(model: str, shape: NodeShape, seed: int) -> set[str]:
    """A program that begins with full memory; what was met."""
    draw = random.Random(f"{model} {shape} {seed}")
    steps = Steps(model, shape)
    steps.fill([random_ask(draw)._replace(order=0) for _ in range(3)], draw.choice((0, 0, 3, 10)))
    for _ in range(STEPS):
        if steps.running:
            take_random_step(steps, draw)
    return steps.both.met


@pytest.mark.parametrize("model", ROWS)
def test_short_memory(model: str) -> None:
    seeds = random.SystemRandom().sample(range(1 << 32), 3 * SOAK) if SOAK else range(3)
    met: set[str] = set()
    for shape in SHAPES:
        for seed in seeds:
            met |= run(model, shape, seed)
    known_to_all = {"GOT", "NO_PAGE", "PANIC", "OOM kill", "kswapd falls asleep", "offline 0"}
    assert met >= known_to_all | ENDINGS.get(model, set())
