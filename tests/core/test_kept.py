"""A lab as JSON values: read again it is the same on every branch, and what no lab was asked is
refused by its place."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sim_core.config import LabConfig
from sim_core.errors import SimError
from sim_core.journal import Journal
from sim_core.kept import (
    BranchParts,
    Place,
    branch_to,
    config_from,
    config_to,
    entry_to,
    journal_from,
)
from sim_core.lab import Lab
from sim_core.models import custom
from sim_core.packed import Packed
from tests.core.test_timeline import NODE, SMALL, act, go, switch

Json = dict[str, Any]


def written(lab: Lab) -> Json:
    journal = lab.journal
    document = {
        "config": config_to(lab.config),
        "branch": journal.current.ident,
        "made": journal.made,
        "inherited": journal.inherited,
        "op": lab.op,
        "branches": [
            {**branch_to(branch), "entries": [entry_to(entry) for entry in branch.entries]}
            for branch in journal.branches
        ],
    }
    read: Json = json.loads(json.dumps(document))
    return read


def read(document: Json) -> Packed:
    config = config_from(Place(document["config"], "config"), 1 << 16)
    parts = [
        BranchParts(
            Place({n: v for n, v in branch.items() if n != "entries"}, f"branches[{i}]"),
            Place(branch["entries"], f"branches[{i}].entries"),
        )
        for i, branch in enumerate(document["branches"])
    ]
    heads = (Place(document[name], name) for name in ("branch", "made", "inherited"))
    return Packed(config, None, None, journal_from(parts, *heads), document["op"])


def programmed(config: LabConfig, seed: int, acts: int) -> Lab:
    """A lab with several branches, in the midst of its time."""
    lab, draw = Lab(config), random.Random(seed)
    for _ in range(acts):
        act(lab, draw)
        where = draw.random()
        if where < 0.15:
            go(lab, draw.randrange(lab.timeline.first_op, lab.journal.tip + 1))
        elif where < 0.2:
            lab.fork(None)
        elif where < 0.3:
            switch(lab, draw.choice(lab.journal.branches).ident)
    return lab


@given(st.integers(0, 1 << 32), st.sampled_from((SMALL, NODE)), st.integers(1, 40))
@hypothesis_settings(max_examples=25)
def test_a_lab_read_again_is_the_same_on_every_branch(
    seed: int, config: LabConfig, acts: int
) -> None:
    lab = programmed(config, seed, acts)
    packed = read(written(lab))
    assert packed.config == lab.config
    other, way = packed.opened()
    list(way)
    assert other.hash() == lab.hash()
    assert (other.journal.acts, other.journal.kept) == (lab.journal.acts, lab.journal.kept)
    for branch in lab.journal.branches:
        for one in (lab, other):
            switch(one, branch.ident, branch.tip)
        assert other.hash() == lab.hash()
        assert other.workload == lab.workload
    assert written(other)["branches"] == written(lab)["branches"]


def test_what_was_done_before_can_still_be_undone() -> None:
    lab = Lab(SMALL)
    lab.isolate(3)
    other, way = read(written(lab)).opened()
    list(way)
    found = other.act_before()
    assert found is not None and found[1] == "isolate pageblock 3"


def test_a_custom_model_is_in_the_configuration() -> None:
    config = LabConfig(
        spanned_pages=512,
        pageblock_order=4,
        max_order=6,
        holes=((32, 16),),
        model=custom("mine", "v3.7", {"drain_nr": "never"}),
        log_bytes=1 << 16,
    )
    assert config_from(Place(json.loads(json.dumps(config_to(config))), "c"), 1 << 16) == config


@pytest.fixture(scope="module")
def kept() -> Json:
    lab = Lab(SMALL)
    lab.run_workload(50)
    lab.isolate(3)
    go(lab, lab.op - 20)
    lab.alloc(0, "MOVABLE")
    return written(lab)


def setting(*path: str | int, to: Any) -> Callable[[Json], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


FIRST = ("branches", 0)
ENTRY = (*FIRST, "entries", 1)


WRONG = [
    (setting(*ENTRY, 0, to="__class__"), "branches[0].entries[1][0]"),
    (setting(*ENTRY, 0, to="replayed"), "branches[0].entries[1][0]"),
    (setting(*ENTRY, 0, to="seek"), "branches[0].entries[1][0]"),
    (setting(*ENTRY, 0, to=["isolate"]), "branches[0].entries[1][0]"),
    (setting(*ENTRY, 1, to=[]), "branches[0].entries[1][1]"),
    (setting(*ENTRY, 1, to=[True]), "branches[0].entries[1][1][0]"),
    (setting(*ENTRY, 1, to=["3"]), "branches[0].entries[1][1][0]"),
    (setting(*ENTRY, 1, to=[1 << 70]), "branches[0].entries[1][1][0]"),
    (setting(*ENTRY, 1, to=[-1]), "branches[0].entries[1][1][0]"),
    (setting(*ENTRY, 2, to=5), "branches[0].entries[1][2]"),
    (setting(*ENTRY, 3, to=10**15), "branches[0].entries[1][3]"),
    (setting(*ENTRY, 4, to=0), "branches[0].entries[1][4]"),
    (setting(*ENTRY, 5, to=0), "branches[0].entries[1][5]"),
    (setting(*ENTRY, to="isolate"), "branches[0].entries[1]"),
    (setting(*FIRST, "entries", 0, 1, to=[10**11]), "branches[0].entries[0][1]"),
    (setting(*FIRST, "entries", to={}), "branches[0].entries"),
    (setting(*FIRST, "parent", to=1), "branches[0].parent"),
    (setting(*FIRST, "tip", to=9999), "branches[0].tip"),
    (setting(*FIRST, "name", to="\n"), "branches[0].name"),
    (setting(*FIRST, "left_at", to=10**6), "branches[0].left_at"),
    (setting(*FIRST, "more", to=1), "branches[0].more"),
    (setting("branches", 1, "branch", to=1), "branches[1].branch"),
    (setting("branches", 1, "parent", to=2), "branches[1].parent"),
    (setting("branches", 1, "parent", to=None), "branches[1].parent"),
    (setting("branches", 1, "fork_op", to=10**6), "branches[1].fork_op"),
    (setting("branch", to=9), "branch"),
    (setting("made", to=1), "made"),
    (setting("inherited", to=-1), "inherited"),
    (setting("config", "max_order", to=10**6), "config.max_order"),
    (setting("config", "pageblock_order", to=9), "config.pageblock_order"),
    (setting("config", "spanned_pages", to=1 << 40), "config.spanned_pages"),
    (setting("config", "spanned_pages", to=2048.0), "config.spanned_pages"),
    (setting("config", "model", to="v9"), "config.model"),
    (setting("config", "model", to={"format": "x"}), "config.model.format"),
    (setting("config", "holes", to=[[1]]), "config.holes[0]"),
    (setting("config", "zones", to=[["Odd", 0, 64]]), "config.zones"),
    (setting("config", "log_bytes", to=1), "config.log_bytes"),
    (setting("config", to=[]), "config"),
]


@pytest.mark.parametrize(
    ("change", "field"), WRONG, ids=[f"{i}-{field}" for i, (_, field) in enumerate(WRONG)]
)
def test_what_no_lab_writes_is_refused_by_its_place(
    kept: Json, change: Callable[[Json], None], field: str
) -> None:
    document = copy.deepcopy(kept)
    change(document)
    with pytest.raises(SimError) as refused:
        read(document)
    assert refused.value.field == field
    assert refused.value.allowed


def test_a_field_that_is_not_there_is_named(kept: Json) -> None:
    document = copy.deepcopy(kept)
    del document["branches"][0]["fork_op"]
    with pytest.raises(SimError) as refused:
        read(document)
    assert refused.value.field == "branches[0].fork_op"


CALLS = st.sampled_from(
    [
        ["alloc", [9, "MOVABLE", None, False, None, False, 0]],
        ["alloc", [0, "MOVABLE", None, False, "HighMem", False, 250]],
        ["free_handle", [(1 << 32) - 1]],
        ["free_begin_handle", [0]],
        ["free_finish_handle", [1]],
        ["pin_handle", [2]],
        ["unpin_handle", [7]],
        ["drain", []],
        ["free_block", [(1 << 32) - 1]],
        ["fill_block", [127, 9, "UNMOVABLE", 1 << 16]],
        ["set_block_type", [5, "ISOLATE", True]],
        ["unisolate", [5, "ISOLATE"]],
        ["split_free_page", [2000]],
        ["alloc_contig", [(1 << 52) - 1, 1 << 30, "MOVABLE"]],
        ["alloc_contig", [64, 128, "RESERVE"]],
        ["free_contig", [0, 2048]],
        ["offline", [0, (1 << 32) - 1]],
        ["offline", [4, 4]],
        ["online", [4, 4]],
        ["boot_free", [0, 9]],
        ["mark_lru", [0, 9, True, True]],
        ["offline_isolated", [0, 1 << 30]],
        ["online_pages", [4096, 1]],
        ["run_on", [7]],
        ["kswapd_step", []],
        ["oom_kill", []],
        ["write_min_free_kbytes", [(1 << 31) - 1]],
        ["run_workload", [3]],
    ]
)


@given(st.lists(st.tuples(CALLS, st.integers(0, 3)), min_size=1, max_size=8))
@hypothesis_settings(max_examples=60)
def test_whatever_a_file_has_asked_a_lab_runs_or_is_refused(program: list[Any]) -> None:
    """Its requests are of the right form, and most of them of no sense."""
    lab = Lab(SMALL)
    document = written(lab)
    op = lab.op
    entries = []
    for (call, args), ops in program:
        asked = [ops] if call == "run_workload" else args
        entries.append([call, asked, op + 1, op + ops, op + 1, False])
        op += ops
    document["branches"][0].update(entries=entries, tip=op)
    document["op"] = op
    other, way = read(document).opened()
    try:
        list(way)
    except SimError:
        return
    assert other.op == op
    assert isinstance(other.journal, Journal)
