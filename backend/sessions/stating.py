"""The messages that tell of a session as it is now."""

from typing import TYPE_CHECKING, Final

from backend.protocol.messages import (
    VERSION,
    CheckMessage,
    ConfigState,
    Hello,
    Json,
    MomentMessage,
    State,
    TimelineState,
    WorkloadRow,
    WorkloadState,
    ZoneRow,
)
from backend.scenarios import SCENARIOS
from backend.sessions.models import custom_row
from sim_core import MIGRATETYPES, Lab
from sim_core.models import ROWS, Custom
from sim_core.workloads import WORKLOADS, Workload, WorkloadKind

if TYPE_CHECKING:
    from backend.sessions.connection import Connection
    from backend.sessions.session import Session

_GROUPING_BLOCKS: Final = 5  # below so many pageblocks a kernel of this era gives up grouping


def hello(session: "Session", connection: "Connection") -> Hello:
    """The first message of a connection."""
    settings = session.settings
    return {
        "type": "hello",
        "version": VERSION,
        "instance": session.instance,
        "session": session.ident,
        "connection": connection.number,
        "role": connection.role,
        "limits": settings.limits(),
        "migratetypes": list(MIGRATETYPES),
        "counters": list(Lab.COUNTERS),
        "identities": list(Lab.IDENTITIES),
        "node_numbers": list(Lab.NODE_NUMBERS),
        "zone_summary": list(Lab.ZONE_SUMMARY),
        "verdicts": list(Lab.VERDICTS),
        "models": [
            {
                "name": row.name,
                "title": row.title,
                "summary": row.summary,
                "aims": list(row.aims),
                "family": row.family,
            }
            for row in ROWS.values()
        ],
        "scenarios": [
            {
                "name": name,
                "title": scenario.title,
                "question": scenario.question,
                "geometries": [
                    {"name": size, "title": geometry.title}
                    for size, geometry in scenario.geometry.items()
                ],
            }
            for name, scenario in SCENARIOS.items()
        ],
        "workloads": [_workload_row(kind) for kind in WORKLOADS.values()],
        "heartbeat_ms": settings.heartbeat_ms,
        "frames_per_second": settings.frames_per_second,
    }


def state(session: "Session") -> State:
    """Everything about the session that is not in a frame."""
    lab, kept = session.lab, session.kept
    roles = [connection.role for connection in session.connections.values()]
    small = lab.config.spanned_pages < _GROUPING_BLOCKS << lab.config.pageblock_order
    return {
        "type": "state",
        "config": _config(lab),
        "zone": {
            "nr_pageblocks": lab.nr_pageblocks,
            "first_block_pfn": lab.first_block_pfn,
            "grouping_note": _grouping_note(lab) if small else None,
        },
        "zones": [_zone_row(lab, slot) for slot in range(len(lab.config.spans))],
        "run": {"running": session.running, "rate": session.rate, "stopped": lab.stopped},
        "workload": _workload(lab.workload),
        "clients": {"drivers": roles.count("driver"), "viewers": roles.count("viewer")},
        "models": session.models.rows(),
        "timeline": _timeline(session),
        "source": session.source.message() if session.source else None,
        "demonstration": session.stage.state(),
        "kept": {"name": kept.name, "trouble": kept.trouble} if kept else None,
        "notes": list(lab.notes),
    }


def moment_message(lab: Lab) -> MomentMessage:
    """Where a lab stands."""
    moment = lab.moment
    return {
        "type": "moment",
        "op": moment.op,
        "step": moment.step,
        "steps": moment.steps,
        "whole": moment.whole,
        "branch": lab.journal.current.ident,
        "transit": [[pfn, pages] for pfn, pages in lab.transit()],
    }


def _timeline(session: "Session") -> TimelineState:
    lab = session.lab
    keyframes, keyframe_bytes = lab.timeline.keyframes
    act = lab.act_before()
    return {
        "branch": lab.journal.current.ident,
        "branches": [
            {
                "branch": branch.ident,
                "name": branch.name,
                "parent": branch.parent.ident if branch.parent else None,
                "fork_op": branch.fork_op,
                "tip": branch.tip,
            }
            for branch in lab.journal.branches
        ],
        "first_op": lab.timeline.first_op,
        "undo": session.undoing.undo_words(act[1] if act else None),
        "redo": session.undoing.redo_words(lab),
        "keyframes": keyframes,
        "keyframe_bytes": keyframe_bytes,
        "log_bytes": lab.config.log_bytes,
    }


def check_message(op: int, verdicts: list[Json]) -> CheckMessage:
    """The verdicts of a walk of all pages."""
    return {"type": "check", "op": op, "verdicts": verdicts}


def _grouping_note(lab: Lab) -> str:
    pages = _GROUPING_BLOCKS << lab.config.pageblock_order
    return (
        f"A kernel gives up grouping by mobility in a system of fewer than {pages} pages; "
        "here it stays on, so that a small zone can be used to teach."
    )


def _zone_row(lab: Lab, slot: int) -> ZoneRow:
    span, blocks, pcp = lab.config.spans[slot], lab.zone_blocks[slot], lab.pcp_sizes(slot)
    return {
        "zone": span.zone,
        "start_pfn": span.start_pfn,
        "spanned_pages": span.spanned_pages,
        "first_block": blocks.start,
        "nr_pageblocks": len(blocks),
        "pcp_high": pcp.high,
        "pcp_batch": pcp.batch,
        "lowmem_reserve": lab.lowmem_reserve(slot),
    }


def _config(lab: Lab) -> ConfigState:
    config = lab.config
    return {
        "zone": config.zone,
        "start_pfn": config.start_pfn,
        "spanned_pages": config.spanned_pages,
        "pageblock_order": config.pageblock_order,
        "max_order": config.max_order,
        "pcp": {
            "high": lab.pcp_sizes().high,
            "batch": lab.pcp_sizes().batch,
            "cpus": config.cpus,
            "derived": config.pcp_high is None,
        },
        "holes": [list(hole) for hole in config.holes],
        "cma": [list(area) for area in config.cma],
        "whole": config.whole,
        "min_free_kbytes": config.min_free_kbytes,
        "swap_pages": config.swap_pages,
        "model": config.model_name,
        "custom": custom_row(config.model) if isinstance(config.model, Custom) else None,
        "seed": config.seed,
    }


def _workload_row(kind: WorkloadKind) -> WorkloadRow:
    return {
        "name": kind.name,
        "title": kind.title,
        "shows": kind.shows,
        "parameters": [
            {
                "name": parameter.name,
                "title": parameter.title,
                "least": parameter.least,
                "most": parameter.most,
                "usual": parameter.usual,
                "unit": parameter.unit,
                "words": parameter.words,
            }
            for parameter in kind.parameters
        ],
    }


def _workload(workload: Workload) -> WorkloadState:
    mix = workload.mix
    return {
        "name": workload.name,
        "parameters": workload.parameters,
        "mix": {"orders": list(mix.orders), "migratetypes": list(mix.migratetypes)},
        "low": mix.low,
        "high": mix.high,
    }
