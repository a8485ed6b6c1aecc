"""Well-formed nonsense: every command at the ends of its fields is answered, and never by a 500."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim_core.workloads import WORKLOADS
from tests.backend.conftest import Place

TYPES = ["UNMOVABLE", "RECLAIMABLE", "MOVABLE", "RESERVE", "HIGHATOMIC", "CMA", "ISOLATE"]

edges = [0, 1, 2, 15, 16, 127, 128, 2047, 2048, 2**31, 2**32 - 1, 2**32, 2**52, 2**53 - 1]
number = st.sampled_from(edges)
edge = st.sampled_from(edges[1:])
migratetype = st.sampled_from(TYPES)
order = st.integers(0, 14)
inside = st.integers(0, 16)
ranges = st.tuples(inside, inside).map(list)
blocks = st.lists(st.one_of(inside, ranges), min_size=1, max_size=4)
pfns = st.lists(st.one_of(st.integers(0, 2048), number), min_size=1, max_size=8)


def _command(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


commands = st.one_of(
    _command("step", n=st.sampled_from([1, 50])),
    _command("alloc", order=order, migratetype=migratetype, count=st.integers(1, 3)),
    _command("alloc", order=order, migratetype=migratetype, lru=st.booleans()),
    _command("free", blocks=blocks),
    _command("free", pfns=pfns),
    _command("pin", blocks=blocks),
    _command("pin", pfns=pfns),
    _command("unpin", pfns=pfns),
    _command("unpin", blocks=blocks),
    _command("fill", blocks=blocks, order=order, migratetype=migratetype),
    _command("drain"),
    _command("set_block_type", blocks=blocks, migratetype=migratetype, move=st.booleans()),
    _command("isolate", blocks=blocks),
    _command("unisolate", blocks=blocks, migratetype=migratetype),
    _command("offline", blocks=blocks),
    _command("online", blocks=blocks),
    _command("split_free_page", pfn=st.one_of(st.integers(0, 2048), number)),
    _command("boot_free", pfn=number, order=order),
    _command("mark_lru", pfn=number, order=order, lru=st.booleans()),
    _command("offline_isolated", start_pfn=number, nr_pages=st.sampled_from(edges[1:])),
    _command("online_pages", start_pfn=number, nr_pages=st.sampled_from(edges[1:])),
    _command("preview", blocks=blocks),
    _command("list", order=order, migratetype=migratetype, offset=number),
    _command("list", pcp=st.sampled_from([0, 1, 4095]), migratetype=migratetype, offset=number),
    _command("steps", op=number),
    _command("workload", low=st.integers(0, 100), high=st.integers(0, 100)),
    _command("workload", name=st.sampled_from([*WORKLOADS]), level=number, every=edge),
    _command("workload", name=st.just("cma"), pages=edge, runs=edge, every=st.just(1)),
    _command("workload", name=st.just("hotplug"), away=edge, every=st.just(1)),
    _command("alloc_contig", start_pfn=number, nr_pages=edge),
    _command("free_contig", start_pfn=number, nr_pages=edge),
    _command("step", n=st.integers(1, 300)),
    _command(
        "workload",
        mix=st.fixed_dictionaries({"orders": st.lists(st.integers(0, 9), min_size=1, max_size=15)}),
    ),
    _command("configure", spanned_pages=st.sampled_from([1, 2, 127, 129]), start_pfn=number),
    _command("configure", pageblock_order=order, max_order=st.integers(1, 15)),
    _command("configure", pcp_high=number, pcp_batch=st.sampled_from(edges[1:])),
    _command("configure", holes=st.lists(st.tuples(number, number).map(list), max_size=2)),
    _command("configure", seed=number, zone=st.sampled_from(["x", "y" * 32])),
    _command("model", model=st.sampled_from(["v3.5", "minchan-v1", "minchan-v2"])),
    _command("reset"),
    _command("check"),
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(commands, min_size=5, max_size=25))
def test_nonsense_is_answered_and_the_lab_lives_on(
    place: Place, asked: list[dict[str, Any]]
) -> None:
    for command in asked:
        answer = place.service.command(place.ident, **command)
        assert answer.status_code in (200, 409, 422), (command, answer.text)
        if answer.status_code == 422:
            assert answer.json()["field"], (command, answer.text)
    shape = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8, "start_pfn": 0}
    place.result(type="configure", holes=[], pcp_high=None, pcp_batch=None, **shape)
    assert place.result(type="step")["op"] > 0
