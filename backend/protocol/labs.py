"""Commands about the lab as a whole: whether it runs, how fast, what it is, under which model."""

from typing import Annotated, Literal

from pydantic import Field

from backend.protocol.fields import (
    Changes,
    Command,
    Confirmed,
    Name,
    Number,
    Order,
    Pages,
    Pair,
    Percent,
    Pfn,
    Strict,
    Weight,
    Whole,
)
from backend.settings import Wire
from sim_core.config import CPUS_MAX, MIN_FREE_KBYTES_MAX, NAME_MAX, SPANNED_MAX, ZONES_MAX
from sim_core.vocabulary import MAX_ORDERS, ZoneKind
from sim_core.workloads import WorkloadName


class Run(Command):
    """Let the workload run."""

    type: Literal["run"]


class Pause(Command):
    """Stop the workload after the operation at hand."""

    type: Literal["pause"]


class Step(Command):
    """Run so many operations of the workload now."""

    type: Literal["step"]
    n: Annotated[int, Field(ge=1, le=Wire.STEP_MAX)] = 1


class Rate(Command):
    """Operations a second while running; null: as fast as it goes."""

    type: Literal["rate"]
    ops_per_second: Annotated[int, Field(ge=1, le=Wire.RATE_MAX)] | None


class Mix(Strict):
    """Weights of what the churn asks for; what is left out stays as it is."""

    orders: Annotated[list[Weight], Field(min_length=1, max_length=MAX_ORDERS)] | None = None
    migratetypes: (
        Annotated[
            list[Weight],
            Field(min_length=3, max_length=3, description="UNMOVABLE, RECLAIMABLE, MOVABLE"),
        ]
        | None
    ) = None


class Workload(Command):
    """Which workload runs from now on, and with which numbers; what is left out stays as it is.

    Another one than before begins with its usual numbers. Which of them a workload has, and how far
    each may go, is in sim_core/workloads.py and in `hello`.
    """

    type: Literal["workload"]
    name: WorkloadName | None = None
    mix: Mix | None = None
    low: Percent | None = None
    high: Percent | None = None
    level: Number | None = None
    drop: Number | None = None
    share: Number | None = None
    keep: Number | None = None
    reclaimable: Number | None = None
    background: Number | None = None
    below: Number | None = None
    hunger: Number | None = None
    unmovable: Number | None = None
    away: Number | None = None
    every: Number | None = None
    area: Number | None = None
    pages: Number | None = None
    runs: Number | None = None
    reader: Number | None = None
    read: Number | None = None
    anon: Number | None = None
    ebb: Number | None = None
    processes: Number | None = None
    demand: Number | None = None
    churn: Number | None = None
    burst: Number | None = None
    gap: Number | None = None
    largest: Number | None = None


class Reset(Confirmed):
    """The same lab again, from boot."""

    type: Literal["reset"]


class ZoneOfNode(Strict):
    """A zone of a whole node; without start_pfn it begins where the one below ends, aligned."""

    zone: ZoneKind
    spanned_mib: Pages | None = None
    spanned_pages: Pages | None = None
    start_pfn: Pfn | None = None


class ZoneFields(Strict):
    """What a zone is made from; what is left out stays as it is."""

    zone: (
        Annotated[str, Field(min_length=1, max_length=NAME_MAX, pattern=r"^[A-Za-z0-9_-]+$")] | None
    ) = None
    spanned_mib: Pages | None = None
    spanned_pages: Pages | None = None
    start_pfn: Pfn | None = None
    pageblock_order: Order | None = None
    max_order: Annotated[int, Field(ge=1, le=MAX_ORDERS)] | None = None
    pcp_high: Whole | None = None
    pcp_batch: Pages | None = None
    cpus: Annotated[int, Field(ge=1, le=CPUS_MAX)] | None = None
    holes: Annotated[list[Pair], Field(max_length=1024)] | None = None
    cma: Annotated[list[Pair], Field(max_length=1024)] | None = None
    zones: (
        Annotated[
            list[ZoneOfNode],
            Field(
                max_length=ZONES_MAX,
                description="of a whole node, lowest first; [] for a bare zone",
            ),
        ]
        | None
    ) = None
    min_free_kbytes: Annotated[int, Field(ge=0, le=MIN_FREE_KBYTES_MAX)] | None = None
    swap_pages: Annotated[int, Field(ge=0, le=SPANNED_MAX)] | None = None
    model: Name | None = None
    seed: Whole | None = None


class Configure(ZoneFields, Confirmed):
    """A fresh lab instead of this one."""

    type: Literal["configure"]


class Model(Confirmed):
    """Another accounting model: by name, or a kernel with some columns or hunks changed."""

    type: Literal["model"]
    model: Name | None = None
    parent: Name | None = None
    name: Name | None = None
    changes: Changes | None = None
    hunks: Annotated[list[Name], Field(max_length=64)] | None = None
    again: Literal["replay", "reset"] = "replay"


class SaveModel(Command):
    """Keep a custom model in the session, under its name."""

    type: Literal["save_model"]
    name: Name
    parent: Name
    changes: Changes


class DeleteModel(Command):
    """Forget a saved model."""

    type: Literal["delete_model"]
    name: Name


class Demonstrate(Confirmed):
    """Tell a story on a zone made for it; the lab is set aside until it is over."""

    type: Literal["demonstrate"]
    scenario: Name
    geometry: Name | None = None


class EndDemonstration(Command):
    """Show again what was set aside, as it was."""

    type: Literal["end_demonstration"]


class ImportZone(Confirmed):
    """Run another zone of the imported files."""

    type: Literal["import_zone"]
    node: Whole
    zone: Annotated[str, Field(min_length=1, max_length=64)]
