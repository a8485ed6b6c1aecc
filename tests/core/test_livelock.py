"""The story behind the patch: a zone goes offline whose pages have nowhere to go.

One node, Normal and Movable, 4096 pages each, MIN, LOW, HIGH 32, 40, 48 in both, and Normal keeps
128 pages from whoever might have had Movable. Normal has 100 pages free and nothing that could be
reclaimed; Movable has 3000 free and 1096 in use, anonymous, and there is no swap. Then all of
Movable is taken offline. (6.12 has other marks, and what follows is the same.)
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from tests.core.nodes import ISOLATE, MOVABLE, UNMOVABLE
from tests.core.whole_nodes import NodeShape, booted

IN_NORMAL, IN_MOVABLE = 0, 1
"""Slots of the zones, and classes of request."""
FIRST, BLOCK, BLOCKS = 4096, 8, 8
"""Of Movable: its first PFN, its first pageblock, how many it has."""
SHAPE = NodeShape((("Normal", 0, 4096), ("Movable", FIRST, 4096)), 9, 11, min_free_kbytes=256)
READER = 1
"""The process whose memory is in Movable."""
HOG = 2
"""A process with memory in Normal."""
HUNG = -900
PANIC = 1002

LATER = [model for model in ROWS if model not in ("v3.5", "minchan-v1")]
"""Kernels that find the way out."""
V6_12 = ("v6.12", "v6.12.117")


def full(model: str, hog_pages: int = 0) -> Node:
    """As told above; of the pages in use in Normal the first so many belong to the hog."""
    node = booted(SHAPE, model)
    for taken in range(3996):
        owner = HOG if taken < hog_pages else 0
        assert node.alloc(0, UNMOVABLE, False, classzone_idx=IN_NORMAL, owner=owner) is not None
        assert turns(node) == 0
    for _ in range(1096):
        pfn = node.alloc(0, MOVABLE, True, anon=True, owner=READER)
        assert pfn is not None and pfn >= FIRST and turns(node) == 0
    return node


def isolated(model: str, hog_pages: int = 0) -> Node:
    """The same, with every block of Movable isolated and nothing moved yet."""
    node = full(model, hog_pages)
    assert node.isolate_range(BLOCK, BLOCKS) == 0
    return node


def turns(node: Node) -> int:
    return _read.node_numbers(node)["turns"]


def kills(node: Node) -> int:
    return _read.node_numbers(node)["oom_kills"]


def is_awake(node: Node) -> bool:
    return bool(_read.node_numbers(node)["kswapd_awake"])


def both(node: Node, counter: str) -> tuple[int, int]:
    """A counter of Normal and of Movable."""
    return _read.stats(node, IN_NORMAL)[counter], _read.stats(node, IN_MOVABLE)[counter]


def free(node: Node) -> tuple[int, int]:
    return both(node, "NR_FREE_PAGES")


class Ended(NamedTuple):
    """How a request did."""

    verdict: str
    turns: int
    kills: int
    awake: bool
    """kswapd, afterwards."""


def ask(node: Node) -> Ended:
    """What the migration asks for, once."""
    before = kills(node)
    node.alloc(0, MOVABLE, False)
    verdict = _read.VERDICTS[_read.node_numbers(node)["verdict"]]
    return Ended(verdict, turns(node), kills(node) - before, is_awake(node))


def migrated(node: Node) -> int:
    return _read.stats(node, IN_MOVABLE)["migrated"]


# -- what the tests of watermarks see


@pytest.mark.parametrize("model", ROWS)
def test_the_node_as_told(model: str) -> None:
    node = full(model)
    marks = (64, 80, 96), (32, 48, 64)
    if model not in V6_12:
        marks = (32, 40, 48), (32, 40, 48)
    assert (_read.watermarks(node, IN_NORMAL), _read.watermarks(node, IN_MOVABLE)) == marks
    assert _read.lowmem_reserve(node, IN_NORMAL) == [0, 128]
    assert _read.lowmem_reserve(node, IN_MOVABLE) == [0, 0]
    assert free(node) == (100, 3000)
    assert (both(node, "lru_anon"), both(node, "lru_file")) == ((0, 1096), (0, 0))
    assert not is_awake(node)


@pytest.mark.parametrize(
    ("model", "plain", "safe"),
    [
        ("v3.5", 3000, 3000),
        ("minchan-v1", 0, 0),
        ("minchan-v2", 0, 0),
        ("v3.6", 3000, 3000 - 8 * 512),
        ("v3.7", 0, -8 * 512),
        ("v3.8", 0, 0),
        ("v3.19", 0, 0),
        ("v6.1", 0, 0),
        ("v6.12", 0, 0),
        ("v6.12.117", 0, 0),
    ],
)
def test_what_is_seen_of_the_isolated_zone(model: str, plain: int, safe: int) -> None:
    """By requests and by kswapd. 3.6 and 3.7 take every isolated block off for kswapd."""
    node = isolated(model)
    assert free(node) == (100, plain)
    assert _read.free_safe(node, IN_MOVABLE) == safe
    assert _read.free_safe(node, IN_NORMAL) == 100


# -- how the first request ends


@pytest.mark.parametrize(
    ("model", "ended"),
    [
        ("v3.5", Ended("LIVELOCK", 3, 0, False)),
        ("minchan-v1", Ended("GOT", 3, 1, True)),
        ("minchan-v2", Ended("GOT", 3, 1, True)),
        ("v3.6", Ended("GOT", 3, 1, True)),
        ("v3.7", Ended("GOT", 3, 1, True)),
        ("v3.8", Ended("GOT", 3, 1, True)),
        ("v3.19", Ended("GOT", 2, 1, True)),
        ("v6.1", Ended("GOT", 2, 1, True)),
        ("v6.12", Ended("GOT", 2, 1, True)),
        ("v6.12.117", Ended("GOT", 2, 1, True)),
    ],
)
def test_how_the_first_request_ends_with_a_hog_to_kill(model: str, ended: Ended) -> None:
    """Where a flag is needed kswapd sets it at the end of turn 1, and turn 2 kills."""
    node = isolated(model, 3996)
    assert ask(node) == ended
    killed = ended.kills == 1
    assert free(node)[IN_NORMAL] == (4095 if killed else 100)
    assert _read.node_numbers(node)["oom_victim"] == (HOG if killed else 0)
    # What the kill freed in Normal has cleared the flag there; nothing came back in Movable.
    by_flag = killed and ended.turns == 3
    assert both(node, "all_unreclaimable") == (0, int(by_flag))


@pytest.mark.parametrize(
    ("model", "ended", "freed", "flags"),
    [
        ("v3.5", Ended("LIVELOCK", 3, 0, False), 3000, (0, 0)),
        ("minchan-v1", Ended("LIVELOCK", 5, 1, False), 1096, (1, 0)),
        ("minchan-v2", Ended("PANIC", 4, 1, False), 0, (1, 1)),
        ("v3.6", Ended("PANIC", 4, 1, False), 4096, (1, 1)),
        ("v3.7", Ended("PANIC", 4, 1, False), 0, (1, 1)),
        ("v3.8", Ended("PANIC", 4, 1, False), 0, (1, 1)),
        ("v3.19", Ended("PANIC", 2, 1, True), 0, (0, 0)),
        ("v6.1", Ended("PANIC", 2, 1, True), 0, (0, 0)),
        ("v6.12", Ended("PANIC", 2, 1, True), 0, (0, 0)),
        ("v6.12.117", Ended("PANIC", 2, 1, True), 0, (0, 0)),
    ],
)
def test_how_it_ends_with_the_reader_alone(
    model: str, ended: Ended, freed: int, flags: tuple[int, int]
) -> None:
    """The reader's own pages are in isolated blocks: killing it gives nothing that may be used.

    v1 counts them as free, and is where 3.5 was.
    """
    node = isolated(model)
    assert ask(node) == ended
    assert _read.stopped(node) == (PANIC if ended.verdict == "PANIC" else 0)
    assert free(node) == (100, freed)
    assert both(node, "all_unreclaimable") == flags


# -- the zone goes offline, or does not


@pytest.mark.parametrize("hog_pages", [0, 1097, 3996])
def test_3_5_never_gets_the_zone_offline(hog_pages: int) -> None:
    """However much there is to be had for a kill."""
    node = full("v3.5", hog_pages)
    before = _read.handle_state(node)
    assert node.offline(BLOCK, BLOCKS) == HUNG
    assert _read.block_types(node)[BLOCK:] == bytes([ISOLATE]) * BLOCKS
    assert free(node) == (100, 3000)
    # The 256 pages that were off the LRU are back on it.
    assert both(node, "lru_anon") == (0, 1096)
    assert (kills(node), migrated(node), is_awake(node)) == (0, 0, False)
    assert _read.handle_state(node) == before


@pytest.mark.parametrize("model", [model for model in ROWS if model != "v3.5"])
def test_the_others_kill_the_hog_and_get_the_zone_offline(model: str) -> None:
    """4096 - 1096 = 3000 pages of Normal are free in the end.

    What is offlined comes off NR_FREE_PAGES once more in 3.7; in v1 all of it comes off, and the
    1096 that were freed into isolated blocks are all that had come back.
    """
    node = full(model, 3996)
    assert node.offline(BLOCK, BLOCKS) == 0
    assert (kills(node), migrated(node)) == (1, 1096)
    in_movable = {"minchan-v1": 1096 - 4096, "v3.7": -4096}.get(model, 0)
    assert free(node) == (3000, in_movable)
    assert both(node, "lru_anon") == (1096, 0)
    assert both(node, "present_pages") == (4096, 0)
    assert is_awake(node)


@pytest.mark.parametrize("model", LATER)
def test_memory_of_a_smaller_hog_runs_out_and_the_reader_dies_too(model: str) -> None:
    """1197 pages free less the 160 that are closed (in 6.12: 192): so many pages can move.

    Then the reader has most. Its pages in Normal serve the last request, but the page it was for is
    gone.
    """
    node = full(model, 1097)
    assert node.offline(BLOCK, BLOCKS) == 0
    assert (kills(node), migrated(node)) == (2, 1005 if model in V6_12 else 1037)
    assert free(node)[IN_NORMAL] == 1197
    assert both(node, "lru_anon") == (0, 0)


@pytest.mark.parametrize("model", LATER)
def test_they_panic_with_nobody_left_to_kill(model: str) -> None:
    node = full(model)
    assert node.offline(BLOCK, BLOCKS) == -PANIC
    assert _read.stopped(node) == PANIC
    assert (kills(node), migrated(node)) == (1, 0)
    assert free(node) == (100, 4096 if model == "v3.6" else 0)


# -- v1: each page freed into the zone counts there


def test_v1_livelocks_again_once_enough_pages_have_moved() -> None:
    """1037 pages are more than HIGH, so Movable looks well, and nobody is killed a second time."""
    node = full("minchan-v1", 1097)
    assert node.offline(BLOCK, BLOCKS) == HUNG
    assert (kills(node), migrated(node)) == (1, 1037)
    assert free(node) == (160, 1037)
    assert both(node, "lru_anon") == (1037, 59)
    assert not is_awake(node)


@pytest.mark.parametrize(("moved", "killed"), [(48, 1), (49, 0)])
def test_v1_sees_the_zone_above_high_after_49_pages(moved: int, killed: int) -> None:
    """The hog is gone, kswapd awake, Normal full again, and so many pages have been freed.

    With 48 kswapd still gives both zones up, so the reader dies; what that frees counts as well.
    """
    node = isolated("minchan-v1", 3996)
    assert ask(node).kills == 1
    free_readers(node, moved)
    while free(node)[IN_NORMAL] > 100:
        node.alloc(0, UNMOVABLE, False, classzone_idx=IN_NORMAL)
    assert is_awake(node)
    assert free(node) == (100, moved)
    ended = ask(node)
    assert (ended.verdict, ended.kills, ended.awake) == ("LIVELOCK", killed, False)


@pytest.mark.parametrize(("moved", "killed"), [(40, 1), (41, 0)])
def test_v1_does_not_wake_kswapd_once_the_zone_passes_low(moved: int, killed: int) -> None:
    node = isolated("minchan-v1")
    free_readers(node, moved)
    assert ask(node).kills == killed


def free_readers(node: Node, count: int) -> None:
    """So many pages of those in Movable."""
    pages = [page for page, _, owner in _read.handle_state(node)[0] if owner == READER]
    for pfn in sorted(pages)[:count]:
        assert node.free(pfn) == 0


# -- defects of the patch that show here


@pytest.mark.parametrize("model", ["minchan-v1", "minchan-v2", "v3.6", "v3.7", "v3.8"])
def test_a_page_freed_to_isolate_clears_the_flag(model: str) -> None:
    """D7: nothing that could be allocated came back, and yet kswapd's verdict is forgotten."""
    node = isolated(model, 3996)
    ask(node)
    assert both(node, "all_unreclaimable")[IN_MOVABLE] == 1
    usable = _read.counters(node, IN_MOVABLE)["usable"]
    free_readers(node, 1)
    assert both(node, "all_unreclaimable")[IN_MOVABLE] == 0
    assert _read.counters(node, IN_MOVABLE)["usable"] == usable == 0


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        ("v3.5", 512),
        ("minchan-v1", 0),
        ("minchan-v2", 0),
        ("v3.6", 512),
        ("v3.7", 0),
        ("v3.8", 512),
        ("v3.19", 512),
        ("v6.1", 512),
        ("v6.12", 512),
        ("v6.12.117", 512),
    ],
)
def test_an_isolated_chunk_is_split_by_a_count_that_it_is_not_in(model: str, taken: int) -> None:
    """D8: split_free_page wants LOW + 512 of NR_FREE_PAGES; from 3.8 on it does not ask in ISOLATE.

    3.6 asks the plain number, which still has every isolated page in it.
    """
    node = isolated(model)
    (head,) = _read.list_pfns(node, ISOLATE, 9, 0, 1, IN_MOVABLE)
    assert node.split_free_page(head) == taken
