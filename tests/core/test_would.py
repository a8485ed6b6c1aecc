"""Would it succeed? The answer against the request itself, made on the very next operation, and the
sums against the core's own verdict."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from sim_core import Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.errors import RefusedError
from sim_core.lab import Question
from sim_core.models import ROWS

TYPES = ("UNMOVABLE", "RECLAIMABLE", "MOVABLE")
ZONES = (ZoneSpan("DMA32", 0, 256), ZoneSpan("Normal", 256, 512), ZoneSpan("Movable", 1024, 256))


def node(model: str, seed: int = 1) -> Lab:
    return Lab(
        LabConfig(
            zones=ZONES,
            pageblock_order=4,
            max_order=6,
            pcp_high=0,
            pcp_batch=1,
            min_free_kbytes=160,
            model=model,
            seed=seed,
            log_bytes=0,
        )
    )


@pytest.mark.parametrize("model", list(ROWS))
def test_the_next_request_fares_as_it_was_told(model: str) -> None:
    draw = random.Random(7)
    seen: set[str] = set()
    for seed in range(4):
        lab = node(model, seed + 1)
        held: list[int] = []
        while lab.zone_summary(1)["nr_free_pages"] > 80:
            pfn = lab.alloc(0, draw.choice(TYPES), lru=False, owner=2).pfn
            assert pfn is not None
            held.append(pfn)
        for _ in range(160):
            if lab.stopped is not None:
                break
            order, mt = draw.choice((0, 0, 0, 1, 2, 4)), draw.choice(TYPES)
            classzone_idx, atomic = draw.randrange(3), draw.random() < 0.2
            answer = lab.would(Question(order, mt, classzone_idx, atomic))
            for zone in answer["zones"]:
                for mark in zone["marks"].values():
                    assert mark["sum"][-1]["holds"] == mark["ok"], (answer, lab.op)
                    assert all(line["holds"] for line in mark["sum"][:-1])
            outcome = lab.alloc(
                order,
                mt,
                lru=mt == "MOVABLE",
                atomic=atomic,
                zone=ZONES[classzone_idx].zone,
                owner=1,
            )
            turns = lab.node_numbers()["turns"]
            seen.add(answer["answer"])
            if answer["answer"] == "yes":
                assert (outcome.errno, turns) == (None, 0), answer
            elif answer["answer"] == "slow":
                assert (outcome.errno, turns) == (None, 1), answer
            elif answer["answer"] == "no":
                assert outcome.errno == "ENOMEM"
            else:
                assert turns >= 1
            if outcome.pfn is not None:
                named = answer["words"].split(" ")[0]
                if answer["answer"] in ("yes", "slow"):
                    slot = lab.slot_of_block(lab.block_of(outcome.pfn))
                    assert ZONES[slot].zone == named
                held.append(outcome.pfn)
            if draw.random() < 0.1:
                with suppress(RefusedError):
                    lab.isolate(draw.randrange(lab.nr_pageblocks))
            if held and draw.random() < 0.25:
                with suppress(RefusedError):
                    lab.free(held.pop(draw.randrange(len(held))))
    assert seen == {"yes", "slow", "reclaim", "no"}


def test_the_sums_of_the_seeds_scenario_are_written_out() -> None:
    lab = Lab(
        LabConfig(
            zones=(ZoneSpan("Normal", 0, 4096), ZoneSpan("Movable", 4096, 4096)),
            min_free_kbytes=256,
            log_bytes=0,
        )
    )
    for _ in range(3996):
        lab.alloc(0, "UNMOVABLE")
    for _ in range(1096):
        lab.alloc(0, "MOVABLE", anon=True, owner=1)
    lab.offline(8, 8)
    answer = lab.would(Question(0, "MOVABLE", 1))
    movable, normal = answer["zones"]
    assert answer["answer"] == "reclaim"
    assert "Movable passes its watermark and has no chunk to give" in answer["words"]
    assert movable["marks"]["LOW"]["sum"][0]["words"] == (
        "free 3000 − 0 (2^0 − 1) = 3000 > LOW 40 + lowmem_reserve 0 = 40"
    )
    assert movable["list"] is None
    assert normal["marks"]["MIN"]["sum"][0]["words"] == (
        "free 100 − 0 (2^0 − 1) = 100 ≤ MIN 32 + lowmem_reserve 128 = 160"
    )


def test_a_request_that_only_fragmentation_refuses_is_told_so() -> None:
    lab = Lab(
        LabConfig(
            spanned_pages=64, pageblock_order=3, max_order=6, log_bytes=0, pcp_high=0, pcp_batch=1
        )
    )
    for _ in range(64):
        lab.alloc(0, "MOVABLE")
    for pfn in range(0, 64, 2):
        lab.free(pfn)
    answer = lab.would(Question(2, "MOVABLE", 0))
    assert (answer["answer"], answer["zones"][0]["marks"]) == ("no", {})
    fragmentation = answer["zones"][0]["fragmentation"]
    assert fragmentation["words"] == "fails for fragmentation, not for lack of memory"
    assert (fragmentation["unusable_index"], fragmentation["extfrag_index"]) == (1000, 719)


def test_what_nobody_can_ask_is_refused() -> None:
    lab = node("v3.5")
    with pytest.raises(RefusedError) as order:
        lab.would(Question(6, "MOVABLE", 0))
    assert (order.value.field, order.value.allowed) == ("order", "0 … 5")
    with pytest.raises(RefusedError) as migratetype:
        lab.would(Question(0, "CMA", 0))
    assert migratetype.value.field == "migratetype"
