"""The log in words: for every kind and site there is, and as a person would tell the operation."""

import re
from pathlib import Path

import pytest

from sim_core import Lab, LabConfig
from sim_core.deciding import Deciding
from sim_core.lognames import KINDS, OPERATIONS, SITES, STAT_WORDS
from sim_core.models import ROWS
from sim_core.narration import Place, describe, narrate

MM = Path(__file__).parent.parent.parent / "sim_core" / "mm"
PLACE = Place(base=1000, first_block=2, block_order=2)
ROW = Deciding(ROWS["v3.7"])


def enum(file: str, name: str) -> list[str]:
    """Members of a commented enum of a .pxd, in order, without its last (the count)."""
    text = (MM / file).read_text()
    body = text.split(f"cdef enum:  # {name}\n")[1].split("\n\n")[0]
    return [re.match(r"\s+(\w+)", line).group(1) for line in body.splitlines()][:-1]  # type: ignore[union-attr]


def test_every_kind_of_record_has_words() -> None:
    assert [name.removeprefix("R_").lower() for name in enum("log.pxd", "RecordKind")] == [*KINDS]
    for kind in range(len(KINDS)):
        words = describe((kind, 1, 1, 1, 4, 1), PLACE)
        assert len(words) > 3
        assert words[0] != " "


def test_every_site_has_a_name() -> None:
    spelled = {
        "free_one_page_core": "__free_one_page",
        "setup_wmarks": "setup_per_zone_wmarks",
        "setup_reserve": "setup_zone_migrate_reserve",
        "offline_isolated_pages": "__offline_isolated_pages",
        "free_pages_ok": "__free_pages_ok",
        "rmqueue_smallest": "__rmqueue_smallest",
        "rmqueue_fallback": "__rmqueue_fallback",
        "rmqueue_claim": "__rmqueue_claim",
        "rmqueue_steal": "__rmqueue_steal",
        "reserve_highatomic": "reserve_highatomic_pageblock",
        "handles": "the simulator",
        "person": "a person",
        "lowmem_reserve": "setup_per_zone_lowmem_reserve",
        "slowpath": "__alloc_pages_slowpath",
        "none": "",
    }
    members = [member.removeprefix("S_").lower() for member in enum("log.pxd", "Site")]
    assert [spelled.get(member, member) for member in members] == [*SITES]


def test_every_operation_and_stat_has_words() -> None:
    operations = [name.removeprefix("OP_").lower() for name in enum("operation.pxd", "Operation")]
    assert ["idle", *operations[1:]] == [*OPERATIONS]
    assert len(enum("zone.pxd", "Stat")) == len(STAT_WORDS)
    for kind in range(len(OPERATIONS)):
        records = [(0, 0, kind, 0, 0, 7), (1, 0, 0, 0, 4, 1), (2, 0, 0, 0, 0, 0)]
        told = narrate(7, records, 3, PLACE, ROW)
        assert told["kind"] == OPERATIONS[kind]
        assert told["title"]


def toy() -> Lab:
    lab = Lab(
        LabConfig(
            spanned_pages=16,
            pageblock_order=2,
            max_order=4,
            pcp_high=0,
            pcp_batch=1,
            model="minchan-v2",
            log_bytes=1 << 16,
        )
    )
    for _ in range(16):
        lab.alloc(0, "MOVABLE")
    return lab


def test_the_second_isolated_free_is_told_step_by_step() -> None:
    lab = toy()
    lab.isolate(0)
    lab.free(0)
    lab.free(1)
    (told,) = lab.steps(1)["operations"]
    assert told["title"] == "free pfn 1, order 0"
    steps = [(step["site"], step["words"]) for step in told["records"]]
    # Merging takes the uncounted buddy off nr_free[0], and the rollback takes one more: defect D1.
    assert ("__free_one_page", "takes pfn 0, order 0, off ISOLATE") in steps
    assert ("__free_one_page", "nr_free[0]: 0 → -1") in steps
    assert ("__free_one_page", "puts pfn 0, order 1, on ISOLATE as the only one") in steps
    assert ("free_one_isolated_page", "nr_free[0]: -1 → -2") in steps


def test_steps_that_are_no_longer_kept_are_said_to_be_gone() -> None:
    lab = Lab(LabConfig(spanned_pages=8192, fill_percent=60, log_bytes=1 << 15))
    lab.run_workload(5000)
    told = lab.steps(4)
    assert told["gap"] is not None
    assert 1 < told["gap"] <= told["first_op"]
    assert [step["op"] for step in told["operations"]] == list(range(lab.op - 3, lab.op + 1))
    with pytest.raises(Exception, match="not in the log"):
        lab.steps_of(told["gap"] - 1)


def test_every_operation_of_a_long_run_can_be_told() -> None:
    lab = Lab(LabConfig(spanned_pages=8192, fill_percent=60, log_bytes=1 << 24))
    lab.run_workload(3000)
    for block in range(0, 4, 2):
        lab.isolate(block)
        lab.free_block(block)
        lab.offline(block)
        lab.online(block)
    lab.drain()
    sites = set()
    first = lab.steps(1)["gap"] or 1
    for op in range(first, lab.op + 1):
        for told in lab.steps_of(op)["operations"]:
            sites |= {step["site"] for step in told["records"]}
            assert told["words"].startswith(told["title"])
    assert {"__free_one_page", "expand", "rmqueue_bulk", "setup_per_zone_wmarks"} <= sites
