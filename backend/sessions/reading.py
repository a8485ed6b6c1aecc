"""Handlers that only look."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from backend.problems import Problem
from backend.protocol import reads
from backend.protocol.frames import ViewKey
from backend.protocol.messages import Json
from backend.sessions.jobs import Steps, Turn
from backend.sessions.stating import check_message
from backend.sessions.targets import blocks_of
from backend.settings import Wire
from sim_core.lab import Question

if TYPE_CHECKING:
    from backend.sessions.session import Session


def preview(session: "Session", turn: Turn, command: reads.Preview) -> Steps:
    """What is in the blocks, and what each verb would do."""
    lab = session.lab
    blocks = list(blocks_of(lab, command.blocks))
    answer: Json = yield lambda: lab.preview(blocks)
    return answer


def list_page(session: "Session", turn: Turn, command: reads.List) -> Json:
    """A page of a free list or of a pcp list, head to tail."""
    lab = session.lab
    if (command.order is None) == (command.pcp is None):
        raise Problem(
            "invalid",
            "list needs order or pcp, and not both.",
            field="order",
            allowed="either order or pcp",
        )
    slot = lab.slot_of(command.zone)
    if command.order is not None:
        pfns, total = lab.list_page(
            command.order, command.migratetype, command.offset, Wire.LIST_PAGE, slot
        )
        return {"op": lab.op, "pfns": pfns, "total": total}
    chunks = lab.pcp_lists(command.pcp or 0, command.migratetype, slot)
    shown = chunks[command.offset : command.offset + Wire.LIST_PAGE]
    return {
        "op": lab.op,
        "pfns": [pfn for pfn, _, _ in shown],
        "kept": [kept for _, kept, _ in shown],
        "orders": [order for _, _, order in shown],
        "total": len(chunks),
    }


def would(session: "Session", turn: Turn, command: reads.Would) -> Json:
    """Whether a request would succeed, and what decides."""
    lab = session.lab
    classzone_idx = (
        lab.class_of(command.migratetype) if command.zone is None else lab.slot_of(command.zone)
    )
    return lab.would(Question(command.order, command.migratetype, classzone_idx, command.atomic))


def steps(session: "Session", turn: Turn, command: reads.Steps) -> Json:
    """The last operations, or one, from the log of writes."""
    lab = session.lab
    if command.op is not None and command.last is not None:
        raise Problem(
            "invalid", "steps takes last or op, not both.", field="op", allowed="either last or op"
        )
    told = lab.steps(command.last or 1) if command.op is None else lab.steps_of(command.op)
    return {"op": lab.op, **told}


def history(session: "Session", turn: Turn, command: reads.History) -> Json:
    """The series so far."""
    message: dict[str, Any] = {**session.history.message()}
    del message["type"]
    return {"op": session.lab.op, **message}


def check(session: "Session", turn: Turn, command: reads.Check) -> Steps:
    """Every identity's verdict, walked now."""
    lab = session.lab
    verdicts = yield lab.check
    message: dict[str, Any] = {**check_message(lab.op, [asdict(v) for v in verdicts])}
    del message["type"]
    return message


def subscribe(session: "Session", turn: Turn, command: reads.Subscribe) -> Json:
    """Another view for this connection."""
    connection, lab, view = turn.connection, session.lab, command.view
    if connection is None:
        raise Problem("conflict", "Frames go over a socket; subscribe there.", field="type")
    if isinstance(view, reads.PagesView):
        if view.nr_pages == 0:
            session.stream.unsubscribe(connection, "pages")
            return {"op": lab.op, "view": None}
        key = ViewKey("pages", view.first_pfn, view.nr_pages)
    elif isinstance(view, reads.WindowView):
        if view.nr_blocks == 0:
            session.stream.unsubscribe(connection, "window")
            return {"op": lab.op, "view": None}
        key = _window(view)
    else:
        count = lab.nr_pageblocks - view.first_block if view.nr_blocks is None else view.nr_blocks
        if count < 1:
            raise Problem(
                "invalid",
                f"view.first_block: the zone has {lab.nr_pageblocks} pageblocks.",
                field="view.first_block",
                allowed=f"0 to {lab.nr_pageblocks - 1}",
            )
        key = ViewKey("cells", view.first_block, count)
    return {"op": lab.op, "view": session.stream.subscribe(connection, key, lab)}


def _window(view: reads.WindowView) -> ViewKey:
    """Raises: Problem: too many blocks, or runs that overlap."""
    blocks = view.nr_blocks * view.runs
    if blocks > Wire.CELLS_MAX:
        raise Problem(
            "invalid",
            f"view.runs: {view.runs} runs of {view.nr_blocks} are {blocks} pageblocks.",
            field="view.runs",
            allowed=f"1 to {Wire.CELLS_MAX // view.nr_blocks}",
        )
    stride = view.nr_blocks if view.stride is None else view.stride
    if stride < view.nr_blocks:
        raise Problem(
            "invalid",
            f"view.stride: runs of {view.nr_blocks} pageblocks overlap at {stride}.",
            field="view.stride",
            allowed=f"{view.nr_blocks} or more",
        )
    return ViewKey("window", view.first_block, view.nr_blocks, view.runs, stride)
