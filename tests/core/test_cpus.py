"""Several CPUs: each has pcp lists of its own; a drain empties all of them."""

from __future__ import annotations

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import RefusedError
from sim_core.models import ROWS
from sim_core.workloads import Workload


def lab_of(cpus: int, model: str = "v3.5") -> Lab:
    return Lab(
        LabConfig(
            spanned_pages=256,
            pageblock_order=4,
            max_order=6,
            pcp_high=8,
            pcp_batch=4,
            cpus=cpus,
            model=model,
        )
    )


def queued(lab: Lab, cpu: int) -> list[int]:
    return [pfn for pfn, _, _ in lab.pcp_lists(cpu, "MOVABLE")]


@pytest.mark.parametrize("model", list(ROWS))
def test_a_page_waits_on_the_cpu_that_freed_it(model: str) -> None:
    lab = lab_of(2, model)
    page = lab.alloc(0, "MOVABLE").pfn
    assert page is not None
    kept = queued(lab, 0)
    assert queued(lab, 1) == []
    lab.run_on(1)
    lab.free(page)
    assert (queued(lab, 0), queued(lab, 1)) == (kept, [page])
    assert lab.alloc(0, "MOVABLE").pfn == page
    lab.run_on(0)
    if kept:
        assert lab.alloc(0, "MOVABLE").pfn == kept[0]


def test_isolation_drains_every_cpu() -> None:
    lab = lab_of(3)
    pages = [lab.alloc(0, "MOVABLE").pfn for _ in range(3)]
    lab.drain()
    for cpu, page in enumerate(pages):
        assert page is not None
        lab.run_on(cpu)
        lab.free(page)
    assert [queued(lab, cpu) for cpu in range(3)] == [[page] for page in pages]
    lab.isolate(0)
    assert [queued(lab, cpu) for cpu in range(3)] == [[], [], []]
    assert all(verdict.verdict != "broken" for verdict in lab.check())


def test_a_workload_goes_round_all_cpus_and_does_so_again() -> None:
    runs = []
    for _ in range(2):
        lab = lab_of(4)
        lab.set_workload(Workload())
        lab.run_workload(400)
        lab.run_workload(600)
        assert all(
            any(lab.pcp_lists(cpu, mt) for mt in ("MOVABLE", "UNMOVABLE")) for cpu in range(4)
        )
        runs.append(lab.hash())
    once = lab_of(4)
    once.set_workload(Workload())
    once.run_workload(1000)
    assert runs == [once.hash()] * 2
    # Sized by the zone, 6.x gives each CPU its share of LOW.
    few, many = (
        Lab(LabConfig(cpus=cpus, model="v6.1", log_bytes=0)).pcp_sizes() for cpus in (1, 8)
    )
    assert (few.batch, few.high > many.high) == (many.batch, True)


def test_a_cpu_that_is_not_there_is_refused() -> None:
    lab = lab_of(2)
    with pytest.raises(RefusedError) as error:
        lab.run_on(2)
    assert (error.value.field, error.value.allowed) == ("cpu", "0 … 1")
