"""Commands that only look, and the one that ends another."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from backend.protocol.fields import (
    Command,
    OnBlocks,
    Order,
    Pages,
    Pfn,
    Strict,
    Whole,
)
from backend.settings import Wire
from sim_core.config import SPANNED_MAX
from sim_core.vocabulary import Migratetype, ZoneKind


class Cancel(Command):
    """Stop a command of this connection that is still going on."""

    type: Literal["cancel"]
    target: Whole


class Preview(OnBlocks):
    """What is in these blocks, and what each verb would do to them."""

    READ: ClassVar[bool] = True
    type: Literal["preview"]


class List(Command):
    """A page of one free list, or of a pcp list, head to tail."""

    READ: ClassVar[bool] = True
    type: Literal["list"]
    migratetype: Migratetype
    order: Order | None = None
    pcp: Annotated[int, Field(ge=0, lt=4096, description="a CPU")] | None = None
    offset: Annotated[int, Field(ge=0, le=SPANNED_MAX)] = 0
    zone: ZoneKind | None = None


class Would(Command):
    """Would a request succeed now? Nothing is allocated."""

    READ: ClassVar[bool] = True
    type: Literal["would"]
    order: Order
    migratetype: Migratetype
    zone: ZoneKind | None = None
    atomic: bool = False


class Steps(Command):
    """The last operations, or one, as the kernel ran them."""

    READ: ClassVar[bool] = True
    type: Literal["steps"]
    last: Annotated[int, Field(ge=1, le=Wire.STEPS_MAX)] | None = None
    op: Whole | None = None


class History(Command):
    """The counters over the operations so far."""

    READ: ClassVar[bool] = True
    type: Literal["history"]


class Check(Command):
    """Every identity's verdict, from a walk of all pages now."""

    READ: ClassVar[bool] = True
    type: Literal["check"]


class CellsView(Strict):
    """A range of pageblocks, so many to a cell that the frame stays bounded."""

    level: Literal["cells"]
    first_block: Whole = 0
    nr_blocks: Pages | None = None


class PagesView(Strict):
    """A range of pages, one by one; 0 pages ends the view."""

    level: Literal["pages"]
    first_pfn: Pfn = 0
    nr_pages: Annotated[int, Field(ge=0, le=Wire.PAGES_VIEW_MAX)]


class WindowView(Strict):
    """Single pageblocks as a map of `stride` columns has them in sight: `runs` rows of `nr_blocks`.

    0 blocks end the view. How many it may have altogether only the pair of numbers says, so that is
    asked where the view is made.
    """

    level: Literal["window"]
    first_block: Whole = 0
    nr_blocks: Annotated[int, Field(ge=0, le=Wire.CELLS_MAX)]
    runs: Annotated[int, Field(ge=1, le=Wire.CELLS_MAX)] = 1
    stride: Annotated[int, Field(ge=1, le=SPANNED_MAX)] | None = None


class Subscribe(Command):
    """What to stream to this connection from now on."""

    READ: ClassVar[bool] = True
    type: Literal["subscribe"]
    view: Annotated[CellsView | PagesView | WindowView, Field(discriminator="level")]
