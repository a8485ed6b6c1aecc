"""The server's text messages: their shapes, which AsyncAPI shows, and their one way to the wire."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, NotRequired

from typing_extensions import TypedDict

from backend.problems import Code, Problem

VERSION: Final = 1
"""Of the protocol; a page of another version says so instead of guessing."""

Role = Literal["driver", "viewer"]
NoticeKind = Literal["reset", "undo", "import", "model", "demonstration", "bug", "closing"]
Json = dict[str, Any]


class ModelRow(TypedDict):
    """A row of the model switch."""

    name: str
    title: str
    summary: str
    aims: list[str]
    family: str


class CustomRow(TypedDict):
    """A custom model that somebody saved, or that runs: its parent, and column -> number."""

    name: str
    parent: str
    changes: dict[str, int]
    title: str
    summary: str
    aims: list[str]


class GeometryRow(TypedDict):
    """A size in which a demonstration is told."""

    name: str
    title: str


class ScenarioRow(TypedDict):
    """A row of the menu of demonstrations."""

    name: str
    title: str
    question: str
    geometries: list[GeometryRow]


class ParameterRow(TypedDict):
    """A number of a workload, with its bounds."""

    name: str
    title: str
    least: int
    most: int
    usual: int
    unit: str
    words: str


class WorkloadRow(TypedDict):
    """A row of the picker of workloads."""

    name: str
    title: str
    shows: str
    parameters: list[ParameterRow]


class Hello(TypedDict):
    """The first message of a connection."""

    type: Literal["hello"]
    version: int
    instance: str
    session: str
    connection: int
    role: Role
    limits: dict[str, Json]
    migratetypes: list[str]
    counters: list[str]
    identities: list[str]
    node_numbers: list[str]
    zone_summary: list[str]
    verdicts: list[str]
    models: list[ModelRow]
    scenarios: list[ScenarioRow]
    workloads: list[WorkloadRow]
    heartbeat_ms: int
    frames_per_second: int


class Pcp(TypedDict):
    """Sizes of the pcp lists; `derived` when the zone's size decides them."""

    high: int
    batch: int
    cpus: int
    derived: bool


class ConfigState(TypedDict):
    """What the lab was built from."""

    zone: str
    start_pfn: int
    spanned_pages: int
    pageblock_order: int
    max_order: int
    pcp: Pcp
    holes: list[list[int]]
    cma: list[list[int]]
    whole: bool
    min_free_kbytes: int | None
    swap_pages: int
    model: str
    custom: CustomRow | None
    seed: int


class ZoneRow(TypedDict):
    """A zone of the lab: where it lies among the node's pageblocks, and its pcp sizes."""

    zone: str
    start_pfn: int
    spanned_pages: int
    first_block: int
    nr_pageblocks: int
    pcp_high: int
    pcp_batch: int
    lowmem_reserve: list[int]


class ZoneState(TypedDict):
    """What follows from the configuration."""

    nr_pageblocks: int
    first_block_pfn: int
    grouping_note: str | None


class RunState(TypedDict):
    """Whether and how fast the workload runs; no rate: as fast as it goes."""

    running: bool
    rate: int | None
    stopped: str | None


class WorkloadState(TypedDict):
    """Which workload it is, its numbers by name, and the churn's mix and levels (percent)."""

    name: str
    parameters: dict[str, int]
    mix: Json
    low: int
    high: int


class Clients(TypedDict):
    """Who is connected."""

    drivers: int
    viewers: int


class ZoneName(TypedDict):
    """One zone of imported files."""

    node: int
    zone: str
    runnable: bool
    obstacle: str | None


class Source(TypedDict):
    """The files a lab was imported from."""

    files: list[str]
    zones: list[ZoneName]
    node: int
    zone: str
    notes: list[str]


class DemonstrationState(TypedDict):
    """A demonstration that is being given; `results[k]` are the books after k steps."""

    name: str
    geometry: str
    blocks: list[int]
    look: str
    steps: list[str]
    results: list[Json]
    over: bool
    touched: bool


class BranchRow(TypedDict):
    """A branch of the lab's time: which one it left, after which operation, and its last one."""

    branch: int
    name: str
    parent: int | None
    fork_op: int
    tip: int


class TimelineState(TypedDict):
    """The lab's time, but for what a frame says of the moment; undo and redo in words, or null."""

    branch: int
    branches: list[BranchRow]
    first_op: int
    undo: str | None
    redo: str | None
    keyframes: int
    keyframe_bytes: int
    log_bytes: int


class KeptState(TypedDict):
    """The name under which the session is kept, and in words why it could not be written lately."""

    name: str
    trouble: str | None


class State(TypedDict):
    """Everything that is not in a frame; sent at each change."""

    type: Literal["state"]
    config: ConfigState
    zone: ZoneState
    zones: list[ZoneRow]
    run: RunState
    workload: WorkloadState
    clients: Clients
    models: list[CustomRow]
    timeline: TimelineState
    source: Source | None
    demonstration: DemonstrationState | None
    kept: KeptState | None
    notes: list[str]


class Mark(TypedDict):
    """Something to remember about an operation."""

    type: Literal["mark"]
    op: int
    kind: Literal["broken", "healed", "verb", "bug"]
    text: str


class NoteRow(TypedDict):
    """What somebody wrote down at a moment; without a step at the end of the operation."""

    note: int
    branch: int
    op: int
    step: int | None
    text: str


class NotesMessage(TypedDict):
    """The notes on the way that leads to the present and on, by operation."""

    type: Literal["notes"]
    notes: list[NoteRow]


class MomentMessage(TypedDict):
    """Where somebody went: the operation, how many of its writes are done, and amid an operation
    the pages (first PFN, how many) that are in no chunk.
    """

    type: Literal["moment"]
    op: int
    step: int
    steps: int
    whole: bool
    branch: int
    transit: list[list[int]]


class HistoryMessage(TypedDict):
    """The bounded series of counters by operation: of the lowest zone, and of those above."""

    type: Literal["history"]
    columns: list[str]
    rows: list[list[int]]
    upper_rows: list[list[list[int]]]
    marks: list[Mark]
    notes: list[NoteRow]


class CheckMessage(TypedDict):
    """Every identity's verdict from a walk of all pages."""

    type: Literal["check"]
    op: int
    verdicts: list[Json]


class Result(TypedDict):
    """The answer to a command, with what that command gives."""

    type: Literal["result"]
    id: int | None
    op: int


class Progress(TypedDict):
    """How far a command on many blocks has come."""

    type: Literal["progress"]
    id: int | None
    done: int
    total: int
    counts: dict[str, int]


class Error(TypedDict):
    """The answer to a refused command or message; it changed nothing."""

    type: Literal["error"]
    id: int | None
    code: Code
    status: int
    title: str
    detail: str
    field: NotRequired[str]
    allowed: NotRequired[str]
    errno: NotRequired[str]
    file: NotRequired[str]
    line: NotRequired[int]
    expected: NotRequired[str]
    got: NotRequired[str]
    estimate: NotRequired[int]
    budget: NotRequired[int]
    setting: NotRequired[str]
    others: NotRequired[int]


class Notice(TypedDict):
    """Something that concerns everybody; `by` is a connection's number, 0 for HTTP."""

    type: Literal["notice"]
    kind: NoticeKind
    text: str
    by: int | None


Message = (
    Hello
    | State
    | MomentMessage
    | HistoryMessage
    | Mark
    | NotesMessage
    | CheckMessage
    | Result
    | Progress
    | Error
    | Notice
)


def error(problem: Problem, command: int | None) -> Json:
    """A problem as the answer to a command; `command` is its id, None if it had none."""
    return {"type": "error", "id": command, **problem.body()}


def encode(message: Mapping[str, Any]) -> str:
    """A message as it goes over the wire."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def mark(op: int, kind: Literal["broken", "healed", "verb", "bug"], text: str) -> Mark:
    """A mark at an operation."""
    return {"type": "mark", "op": op, "kind": kind, "text": text}


def notice(kind: NoticeKind, text: str, by: int | None = None) -> Notice:
    """A notice; `by` is the connection that did it."""
    return {"type": "notice", "kind": kind, "text": text, "by": by}
