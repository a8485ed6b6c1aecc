"""Every command there is, as one discriminated union: the only list.

The socket, the HTTP route, OpenAPI and AsyncAPI all read it; docs/PROTOCOL.md tells what each
answers. Types are strict (7.0 is no 7, "7" neither) and an unknown field is an error, so that a
page with a mistake hears of it. Bounds that depend on the zone (a block that is not there) are
checked where the zone is known, in sessions/.
"""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from backend.problems import Problem, invalid
from backend.settings import Wire
from sim_core.config import NAME_MAX, PFN_MAX, SPANNED_MAX
from sim_core.models import COLUMNS
from sim_core.vocabulary import MAX_ORDERS, Migratetype
from sim_core.workloads import WorkloadName

Whole = Annotated[int, Field(ge=0, le=Wire.NUMBER_MAX)]
Pages = Annotated[int, Field(ge=1, le=SPANNED_MAX)]
Pfn = Annotated[int, Field(ge=0, lt=PFN_MAX)]
Order = Annotated[int, Field(ge=0, lt=MAX_ORDERS)]
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


class Reset(Confirmed):
    """The same lab again, from boot."""

    type: Literal["reset"]


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
    holes: Annotated[list[Pair], Field(max_length=1024)] | None = None
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


class Alloc(Command):
    """Ask the allocator; it decides where."""

    type: Literal["alloc"]
    order: Order
    migratetype: Migratetype
    count: Annotated[int, Field(ge=1, le=Wire.COUNT_MAX)] = 1
    lru: bool | None = None


class Free(OnBlocksOrPfns):
    """Free every allocated chunk that starts in these blocks, or these chunks."""

    type: Literal["free"]


class FreeBegin(Command):
    """The first half of a free of these chunks: the type of their pageblock is read, no more."""

    type: Literal["free_begin"]
    pfns: Pfns


class FreeFinish(Command):
    """The second half, by the type that was read in the first, however old that is by now."""

    type: Literal["free_finish"]
    pfns: Pfns


class Fill(OnBlocks):
    """Allocate until these blocks are full, within a bound."""

    type: Literal["fill"]
    order: Order = 0
    migratetype: Migratetype = "MOVABLE"


class Drain(Command):
    """Give the pcp lists back to the buddy lists."""

    type: Literal["drain"]


class SetBlockType(OnBlocks):
    """Set the migratetype of these blocks, with or without moving their free chunks."""

    type: Literal["set_block_type"]
    migratetype: Migratetype
    move: bool = True


class Pin(OnBlocksOrPfns):
    """Make allocated pages unmovable."""

    type: Literal["pin"]


class Unpin(OnBlocksOrPfns):
    """Let pinned pages move again."""

    type: Literal["unpin"]


class Isolate(OnBlocks):
    """Take these blocks away from the allocator."""

    type: Literal["isolate"]


class Unisolate(OnBlocks):
    """Give isolated blocks back, as this type."""

    type: Literal["unisolate"]
    migratetype: Migratetype = "MOVABLE"


class SplitFreePage(Command):
    """Take a free chunk off its list and hand it out as single pages."""

    type: Literal["split_free_page"]
    pfn: Pfn


class Offline(OnBlocks):
    """Isolate, migrate, remove."""

    type: Literal["offline"]


class Online(OnBlocks):
    """Give offlined blocks back to the zone."""

    type: Literal["online"]


class AllocContig(Command):
    """Take a run of pages, all of them; the blocks around have this type afterwards."""

    type: Literal["alloc_contig"]
    start_pfn: Pfn
    nr_pages: Pages
    migratetype: Literal["CMA", "MOVABLE"] = "CMA"


class FreeContig(Command):
    """Give a run of single pages back."""

    type: Literal["free_contig"]
    start_pfn: Pfn
    nr_pages: Pages


class BootFree(Command):
    """Primitive: free a reserved chunk, as boot does."""

    type: Literal["boot_free"]
    pfn: Pfn
    order: Order


class MarkLru(Command):
    """Primitive: put an allocated chunk on the LRU, or take it off."""

    type: Literal["mark_lru"]
    pfn: Pfn
    order: Order
    lru: bool


class OfflineIsolated(Command):
    """Primitive: remove the free chunks of an isolated range."""

    type: Literal["offline_isolated"]
    start_pfn: Pfn
    nr_pages: Pages


class OnlinePages(Command):
    """Primitive: free the pages of an offlined range."""

    type: Literal["online_pages"]
    start_pfn: Pfn
    nr_pages: Pages


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


AnyCommand = Annotated[
    Run
    | Pause
    | Step
    | Rate
    | Workload
    | Reset
    | Configure
    | Model
    | SaveModel
    | DeleteModel
    | Demonstrate
    | EndDemonstration
    | ImportZone
    | Alloc
    | Free
    | FreeBegin
    | FreeFinish
    | Fill
    | Drain
    | SetBlockType
    | Pin
    | Unpin
    | Isolate
    | Unisolate
    | SplitFreePage
    | Offline
    | Online
    | AllocContig
    | FreeContig
    | BootFree
    | MarkLru
    | OfflineIsolated
    | OnlinePages
    | Cancel
    | Preview
    | List
    | Steps
    | History
    | Check
    | Subscribe,
    Field(discriminator="type"),
]

ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyCommand)
TYPES: dict[str, type[Command]] = {
    get_args(cls.model_fields["type"].annotation)[0]: cls
    for cls in get_args(get_args(AnyCommand)[0])
}


class Create(Strict):
    """The body of `POST /api/v1/sessions`: the zone of the new session's lab."""

    config: ZoneFields = Field(default_factory=ZoneFields)


def parse(text: str | bytes) -> AnyCommand:
    """A command out of its JSON.

    Raises:
        Problem: `invalid`, naming the field at fault and what it may be.
    """
    try:
        command: AnyCommand = ADAPTER.validate_json(text)
        return command
    except ValidationError as error:
        raise _refusal(error) from error


def parse_create(text: bytes) -> Create:
    """The body of a request for a new session; an empty one asks for the default zone.

    Raises:
        Problem: as `parse`.
    """
    try:
        return Create.model_validate_json(text or b"{}")
    except ValidationError as error:
        raise _known_fields(invalid(error.errors(include_url=False)), ZoneFields) from error


def _refusal(error: ValidationError) -> Problem:
    """The problem, its path free of the names of commands and types that pydantic puts there."""
    errors: list[Any] = error.errors(include_url=False)
    first = errors[0]
    loc = list(first["loc"])
    if not loc:
        problem = invalid(errors)
        if problem.extra.get("field") == "type":
            problem.extra["allowed"] = ", ".join(TYPES)
        return problem
    tag = str(loc.pop(0))
    if loc[:1] == ["view"] and len(loc) > 2:
        del loc[1]
    # An item of `blocks` or `changes` is tried as one thing and as another; the last part says as
    # which.
    if loc[:1] in (["blocks"], ["changes"]):
        loc = loc[:2]
    return _known_fields(invalid([{**first, "loc": loc}]), TYPES[tag])


def _known_fields(problem: Problem, model: type[BaseModel]) -> Problem:
    if str(problem).endswith("there is no such field.") and "." not in str(problem.extra["field"]):
        problem.extra["allowed"] = ", ".join(model.model_fields)
    return problem
