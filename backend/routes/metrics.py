"""`/metrics`: every session's zone and the service itself, in Prometheus' text format.

What node_exporter reads from a kernel's /proc (its collectors buddyinfo and zoneinfo) has
node_exporter's names here, so that its dashboards show a lab; the label `session` says which.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from backend.problems import Problem
from backend.protocol.messages import Json
from backend.sessions.meter import Spent
from backend.sessions.registry import Registry
from backend.sessions.session import Session

router = APIRouter()

_WAIT_S: Final = 1.0  # a session at long work is left out; a scrape gives up after ten seconds
_ZONEINFO: Final = {
    "nr_free_pages": "Free pages of the zone, as its counter NR_FREE_PAGES says",
    "min_pages": "Zone watermark pages_min",
    "low_pages": "Zone watermark pages_low",
    "high_pages": "Zone watermark pages_high",
    "spanned_pages": "Pages spanned by the zone, including holes",
    "present_pages": "Physical pages existing within the zone",
    "managed_pages": "Present pages managed by the buddy system",
}
_WHERE: Final = (
    "listed", "usable", "isolated", "stray", "pcp", "allocated", "offline", "reserved", "holes",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One session: what its lab said, or None if it had no time to say it."""

    session: Session
    lab: Json | None

    @property
    def ident(self) -> str:
        """The label `session`."""
        return self.session.ident


@router.get("/metrics", tags=["service"], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Free lists, zones, drift, identities, clients, commands: for Prometheus."""
    registry: Registry = request.app.state.registry
    samples = await asyncio.gather(*(_sample(session) for session in registry))
    # A registry of its own for each answer: one scrape never shows another's numbers.
    page = CollectorRegistry(auto_describe=False)
    page.register(_Page(samples, registry.settings.bytes_budget, registry.settings.sessions_max))
    return Response(generate_latest(page), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


async def _sample(session: Session) -> Sample:
    """Read a session in its turn; whoever only counts pages does not keep it from expiring."""
    try:
        async with asyncio.timeout(_WAIT_S):
            said = await session.call("metrics", lambda _: _read(session), at_once=True, uses=False)
    except (Problem, TimeoutError):
        return Sample(session, None)
    return Sample(session, said)


def _read(session: Session) -> Json:
    lab = session.lab
    return {
        "op": lab.op,
        "node": session.source.node if session.source else 0,
        "zones": [
            {
                "zone": span.zone,
                "counters": lab.counters(slot),
                "nr_free": lab.nr_free(slot),
                "lists": lab.lists(slot),
                "summary": lab.zone_summary(slot),
            }
            for slot, span in enumerate(lab.config.spans)
        ],
        "reclaim": lab.node_numbers() if lab.config.whole else None,
        "identities": lab.judged(),
    }


class _Page(Collector):
    """All samples as metric families."""

    def __init__(self, samples: list[Sample], budget: int, sessions_max: int) -> None:
        self._samples = samples
        self._budget = budget
        self._sessions_max = sessions_max

    def collect(self) -> Iterable[Metric]:
        """Everything, family by family."""
        yield from _zones(self._samples)
        yield from _books(self._samples)
        yield from _reclaim(self._samples)
        yield from _work(self._samples)
        yield from self._service()

    def _service(self) -> Iterator[Metric]:
        counts = {
            "zonescope_sessions": ("Sessions there are", len(self._samples)),
            "zonescope_sessions_max": ("Sessions there may be", self._sessions_max),
            "zonescope_bytes_budget": ("Bytes that all labs may need", self._budget),
        }
        for name, (told, value) in counts.items():
            yield GaugeMetricFamily(name, told, value=value)
        estimate = _gauge("bytes_estimate", "Bytes that a lab and its full log take at worst")
        up = _gauge(
            "session_up", "Whether the session had time to be read; 0: numbers are left out"
        )
        for sample in self._samples:
            estimate.add_metric([sample.ident], sample.session.bytes_estimate)
            up.add_metric([sample.ident], float(sample.lab is not None))
        yield from (estimate, up)


def _gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"zonescope_{name}", told, labels=["session", *labels])


def _zones(samples: list[Sample]) -> Iterator[Metric]:
    """What node_exporter tells of a real kernel."""
    labels = ["session", "node", "zone"]
    blocks = GaugeMetricFamily(
        "node_buddyinfo_blocks",
        "Count of free blocks according to size: nr_free as stored, which may be negative",
        labels=["session", "node", "size", "zone"],
    )
    zoneinfo = {
        name: GaugeMetricFamily(f"node_zoneinfo_{name}", told, labels=labels)
        for name, told in _ZONEINFO.items()
    }
    for ident, lab, one in _read_zones(samples):
        node, zone, counters = str(lab["node"]), one["zone"], one["counters"]
        for order, count in enumerate(one["nr_free"]):
            blocks.add_metric([ident, node, str(order), zone], count)
        values = {
            "nr_free_pages": counters["nr_free_pages"],
            "min_pages": counters["watermark_min"],
            "low_pages": counters["watermark_low"],
            "high_pages": counters["watermark_high"],
            "spanned_pages": counters["spanned"],
            "present_pages": counters["present"],
            "managed_pages": counters["present"] - counters["reserved"],
        }
        for name, family in zoneinfo.items():
            family.add_metric([ident, node, zone], values[name])
    yield from (blocks, *zoneinfo.values())


def _books(samples: list[Sample]) -> Iterator[Metric]:
    """What a kernel cannot tell: true lists, drift and the identities."""
    lists = _gauge("free_list_blocks", "True length of a free list", "zone", "order", "migratetype")
    drift = _gauge(
        "drift_pages",
        "Pages counted another way, less NR_FREE_PAGES: by nr_free, on all lists, on usable ones",
        "zone",
        "counted",
    )
    pages = _gauge("pages", "Pages by where they are", "zone", "where")
    holds = _gauge("identity_holds", "1 if an identity of the books holds", "identity", "aimed")
    for ident, _, one in _read_zones(samples):
        zone, counters = one["zone"], one["counters"]
        for migratetype, lengths in one["lists"].items():
            for order, length in enumerate(lengths):
                lists.add_metric([ident, zone, str(order), migratetype], length)
        for counted, name in (("nr_free", "nr_free_sum"), ("listed",) * 2, ("usable",) * 2):
            drift.add_metric([ident, zone, counted], counters[name] - counters["nr_free_pages"])
        for where in _WHERE:
            pages.add_metric([ident, zone, where], counters[where])
    for ident, lab in _read_ones(samples):
        for identity, (aimed, well) in lab["identities"].items():
            holds.add_metric([ident, identity, str(aimed).lower()], float(well))
    yield from (lists, drift, pages, holds)


def _reclaim(samples: list[Sample]) -> Iterator[Metric]:
    """What a whole node has beside its zones' lists."""
    awake = _gauge("kswapd_awake", "1 while kswapd is awake")
    kills = _counter("oom_kills", "Processes that the OOM killer has ended")
    scanned = _gauge("pages_scanned", "LRU pages looked at since a page came back", "zone")
    given_up = _gauge("zone_given_up", "1 if reclaim passes a zone over", "zone")
    lru = _gauge("lru_pages", "Pages on the LRU", "zone", "sort")
    for ident, lab, one in _read_zones(samples):
        if lab["reclaim"] is not None:
            zone, summary = one["zone"], one["summary"]
            scanned.add_metric([ident, zone], summary["pages_scanned"])
            given_up.add_metric([ident, zone], summary["given_up"])
            for sort in ("file", "anon"):
                lru.add_metric([ident, zone, sort], summary[f"lru_{sort}"])
    for ident, lab in _read_ones(samples):
        if lab["reclaim"] is not None:
            awake.add_metric([ident], lab["reclaim"]["kswapd_awake"])
            kills.add_metric([ident], lab["reclaim"]["oom_kills"])
    yield from (awake, kills, scanned, given_up, lru)


def _work(samples: list[Sample]) -> Iterator[Metric]:
    """What sessions did, and for whom."""
    op = _gauge("operation", "Number of the lab's last operation")
    running = _gauge("running", "1 while the workload runs")
    clients = _gauge("clients", "Sockets open", "role")
    opened = _counter("connections", "Sockets ever opened")
    merged = _counter("frames_merged", "Frames that gave way to newer ones before they were sent")
    answered = _counter("commands", "Commands answered", "type", "outcome")
    spent = {
        "operation": _summary("operation", "Operations, and the seconds spent on them", "by"),
        "command": _summary("command", "Commands, and the seconds spent on them", "type"),
    }
    for ident, lab in _read_ones(samples):
        op.add_metric([ident], lab["op"])
    for sample in samples:
        ident, session, meter = sample.ident, sample.session, sample.session.meter
        connections = tuple(session.connections.values())
        running.add_metric([ident], float(session.running))
        for role in ("driver", "viewer"):
            clients.add_metric([ident, role], sum(c.role == role for c in connections))
        opened.add_metric([ident], meter.connections)
        merged.add_metric([ident], meter.merged + sum(c.outbox.merged for c in connections))
        for (kind, outcome), count in sorted(meter.outcomes.items()):
            answered.add_metric([ident, kind, outcome], count)
        _add_spent(spent["operation"], ident, meter.operations.items())
        _add_spent(spent["command"], ident, sorted(meter.commands.items()))
    yield from (op, running, clients, opened, merged, answered, *spent.values())


def _counter(name: str, told: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"zonescope_{name}", told, labels=["session", *labels])


def _summary(name: str, told: str, label: str) -> SummaryMetricFamily:
    return SummaryMetricFamily(f"zonescope_{name}_seconds", told, labels=["session", label])


def _add_spent(family: SummaryMetricFamily, ident: str, rows: Iterable[tuple[Any, Spent]]) -> None:
    for label, spent in rows:
        family.add_metric([ident, label], spent.count, spent.seconds)


def _read_ones(samples: list[Sample]) -> Iterator[tuple[str, Json]]:
    """Those that said something, by the label `session`."""
    return ((sample.ident, sample.lab) for sample in samples if sample.lab is not None)


def _read_zones(samples: list[Sample]) -> Iterator[tuple[str, Json, Json]]:
    """Each zone of those, with its lab."""
    return ((ident, lab, one) for ident, lab in _read_ones(samples) for one in lab["zones"])
