"""What commands are made of: fields with their bounds, and the kinds of command there are.

Types are strict (7.0 is no 7, "7" neither) and an unknown field is an error, so that a page with a
mistake hears of it. Bounds that depend on the zone (a block that is not there) are checked where
the zone is known, in sessions/.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from backend.settings import Wire
from sim_core.config import OWNERS_MAX, PFN_MAX, SPANNED_MAX
from sim_core.models import COLUMNS
from sim_core.vocabulary import MAX_ORDERS

Whole = Annotated[int, Field(ge=0, le=Wire.NUMBER_MAX)]
Pages = Annotated[int, Field(ge=1, le=SPANNED_MAX)]
Pfn = Annotated[int, Field(ge=0, lt=PFN_MAX)]
Order = Annotated[int, Field(ge=0, lt=MAX_ORDERS)]
Owner = Annotated[
    int, Field(ge=0, le=OWNERS_MAX, description="a process that an OOM kill may end; 0: none")
]
Pair = Annotated[list[Whole], Field(min_length=2, max_length=2)]
Blocks = Annotated[
    list[Whole | Pair],
    Field(
        min_length=1,
        max_length=Wire.BLOCK_ITEMS_MAX,
        description="indices of pageblocks and [first, last] ranges of them",
    ),
]
Pfns = Annotated[list[Pfn], Field(min_length=1, max_length=Wire.PFN_ITEMS_MAX)]
Weight = Annotated[int, Field(ge=0, le=1_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Name = Annotated[str, Field(max_length=64)]
Changes = Annotated[
    dict[Name, Annotated[int | str, Field(union_mode="left_to_right")]],
    Field(
        max_length=len(COLUMNS),
        description="column of the model table -> its value, as a number or in words",
    ),
]
Number = Annotated[
    int,
    Field(ge=0, le=Wire.NUMBER_MAX, description="each workload has bounds of its own: see hello"),
]


class Strict(BaseModel):
    """A JSON object of exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Command(Strict):
    """What every command carries; `READ` marks those that a viewer may send."""

    READ: ClassVar[bool] = False

    id: Whole | None = Field(default=None, description="rises on a connection; optional over HTTP")


class Confirmed(Command):
    """A command that replaces the lab under everybody who drives it."""

    confirm: bool = False


class OnBlocks(Command):
    """A command that goes block by block, ascending."""

    blocks: Blocks


class OnBlocksOrPfns(Command):
    """A command on whole pageblocks or on chunks named by their head; exactly one of both."""

    blocks: Blocks | None = None
    pfns: Pfns | None = None
