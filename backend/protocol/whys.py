"""Commands that ask why: who changed a thing, where a count drifted, where each page is."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from backend.protocol.fields import Command, Order, Pfn, Whole
from backend.settings import Wire
from sim_core.config import NAME_MAX
from sim_core.vocabulary import Migratetype, ZoneKind

Identity = Annotated[str, Field(min_length=1, max_length=16)]


class Changes(Command):
    """Who changed this last? One of a counter, a list, a pageblock, a page, a handle."""

    READ: ClassVar[bool] = True
    type: Literal["changes"]
    counter: Annotated[str, Field(min_length=1, max_length=NAME_MAX)] | None = None
    order: Order | None = None
    migratetype: Migratetype | None = None
    pcp: Annotated[int, Field(ge=0, lt=4096, description="a CPU")] | None = None
    block: Whole | None = None
    pfn: Pfn | None = None
    handle: Annotated[int, Field(ge=0, lt=1 << 32)] | None = None
    zone: ZoneKind | None = None
    before: Whole | None = None
    most: Annotated[int, Field(ge=1, le=Wire.CHANGES_MAX)] = 20


class Drift(Command):
    """Every operation that moved an identity's difference."""

    READ: ClassVar[bool] = True
    type: Literal["drift"]
    identity: Identity
    zone: ZoneKind | None = None


class Ledger(Command):
    """Every page in exactly one account, and the postings of the operation at hand."""

    READ: ClassVar[bool] = True
    type: Literal["ledger"]
    zone: ZoneKind | None = None


class GoToBreak(Command):
    """To the write with which an identity broke first."""

    type: Literal["go_to_break"]
    identity: Identity
    zone: ZoneKind | None = None
