"""A lab that is a whole node: where its zones lie, what its verbs tell, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sim_core import Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.errors import ConfigError, RefusedError
from sim_core.models import ROWS

TWO = (ZoneSpan("Normal", 0, 4096), ZoneSpan("Movable", 4096, 4096))


def node(**config: Any) -> Lab:
    return Lab(LabConfig(**{"zones": TWO, "min_free_kbytes": 256, "log_bytes": 1 << 20, **config}))


def test_pageblocks_are_numbered_over_the_node_and_name_their_zone() -> None:
    lab = node(
        zones=(
            ZoneSpan("DMA", 16, 4080),
            ZoneSpan("DMA32", 8192, 4096),
            ZoneSpan("Movable", 16384, 1500),
        )
    )
    assert [(b.start, b.stop) for b in lab.zone_blocks] == [(0, 8), (16, 24), (32, 35)]
    assert lab.nr_pageblocks == 35
    assert lab.first_pfn_of(0) == 16
    assert lab.first_pfn_of(16) == 8192
    assert lab.isolate(20).errno is None
    assert [lab.zone_summary(zone)["isolated"] for zone in range(3)] == [0, 1024, 0]
    with pytest.raises(RefusedError) as between:
        lab.isolate(10)
    assert between.value.allowed == "0 … 7, 16 … 23, 32 … 34"
    with pytest.raises(RefusedError) as pfn:
        lab.free(5000)
    assert pfn.value.field == "pfn"


def test_every_zone_is_sized_by_all_of_them() -> None:
    lab = node()
    marks = ("watermark_min", "watermark_low", "watermark_high")
    for zone in range(2):
        summary = lab.zone_summary(zone)
        assert [summary[mark] for mark in marks] == [32, 40, 48]
    assert (lab.lowmem_reserve(0), lab.lowmem_reserve(1)) == ([0, 128], [0, 0])
    words = lab.write_min_free_kbytes(512).words
    assert words == ("Normal: MIN 64, LOW 80, HIGH 96", "Movable: MIN 64, LOW 80, HIGH 96")
    assert lab.offline(14, 2).errno is None
    # Worked out anew from Normal's 4096 pages less its HIGH of 96: sqrt(16 × 16 000 KiB).
    assert lab.node_numbers()["min_free_kbytes"] == 505
    assert lab.zone_summary(1)["present"] == 3072


@pytest.mark.parametrize("model", list(ROWS))
def test_a_journal_runs_again_under_every_kernel_and_to_the_same_state(model: str) -> None:
    lab = node(seed=5)
    lab.run_workload(800)
    lab.isolate(12)
    lab.run_workload(300)
    lab.kswapd_step()
    lab.write_min_free_kbytes(900)
    lab.offline(8, 2)
    once = lab.replayed(LabConfig(zones=TWO, min_free_kbytes=256, model=model, seed=5))
    again = lab.replayed(LabConfig(zones=TWO, min_free_kbytes=256, model=model, seed=5))
    assert once.hash() == again.hash()
    if model == lab.config.model_name:
        assert once.hash() == lab.hash()


def test_the_exports_have_a_row_for_each_zone() -> None:
    lab = node()
    buddyinfo = lab.export("buddyinfo").splitlines()
    assert [line.split(",")[1].split()[1] for line in buddyinfo] == ["Normal", "Movable"]
    assert "Node    0, zone  Movable, type      Movable" in lab.export("pagetypeinfo")


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"zones": (ZoneSpan("Movable", 0, 64), ZoneSpan("Normal", 1024, 64))}, "zones"),
        ({"zones": (ZoneSpan("Normal", 0, 2048), ZoneSpan("Movable", 1024, 1024))}, "zones"),
        ({"zones": (ZoneSpan("Normal", 0, 2048), ZoneSpan("Movable", 2560, 1024))}, "zones"),
        ({"zones": (ZoneSpan("Swap", 0, 2048),)}, "zones"),
        ({"zones": (ZoneSpan("Normal", 0, 0),)}, "zones"),
        ({"zones": TWO, "holes": ((4000, 200),)}, "holes"),
        ({"zones": (), "min_free_kbytes": 256}, "min_free_kbytes"),
        ({"cma": ((512, 1024),)}, "cma"),
        ({"cma": ((4096, 1024),), "holes": ((4200, 4),)}, "cma"),
    ],
)
def test_a_node_that_cannot_be_names_the_field(config: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as error:
        node(**config)
    assert error.value.field == field
    assert error.value.allowed


@pytest.mark.parametrize("model", list(ROWS))
def test_a_cma_area_made_at_boot_is_counted_listed_and_taken(model: str) -> None:
    lab = node(cma=((4096, 2048),), model=model)
    counters = lab.counters(1)
    assert (counters["nr_free_pages"], counters["present"], counters["cma"]) == (4096, 4096, 2048)
    assert lab.alloc_contig(4096, 700).errno is None
    assert lab.counters(1)["cma"] == 2048 - 700
    assert all(v.verdict != "broken" for v in lab.check() if v.identity == "I6")
