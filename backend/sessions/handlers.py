"""From a command to the lab: one function for each, found by the command's class."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

from backend.problems import Problem
from backend.protocol import fields, keeping, labs, reads, travel, verbs, whys
from backend.protocol.commands import AnyCommand
from backend.protocol.messages import Json, mark
from backend.sessions import (
    demonstrating,
    explaining,
    models,
    notes,
    reading,
    replacing,
    travelling,
)
from backend.sessions.connection import Connection
from backend.sessions.jobs import Answer, Steps, Turn
from backend.sessions.keeping import keep
from backend.sessions.session import Session
from backend.sessions.targets import blocks_of, one_by_one
from backend.settings import Wire
from sim_core.lab import Outcome, RunSummary
from sim_core.workloads import PARAMETERS, changed

_AT_ONCE: Final = (labs.Run, labs.Pause, labs.Rate, reads.Cancel)


def turn_for(session: Session, command: AnyCommand, answer: Answer, connection: Connection) -> Turn:
    """The turn that carries out a connection's command."""
    at_once = command.READ or isinstance(command, _AT_ONCE)
    return Turn(command.type, work_for(session, command), answer, connection, command.id, at_once)


def work_for(session: Session, command: AnyCommand) -> Callable[[Turn], Json | Steps]:
    """What a command does with its turn, whoever asks."""
    handle = _HANDLERS[type(command)]
    return lambda turn: handle(session, turn, command)


def _run(session: Session, turn: Turn, command: labs.Run) -> Json:
    if session.lab.stopped is not None:
        raise Problem("stopped", f"{session.lab.stopped} Reset the lab to go on.")
    performance = session.stage.performance
    if performance is not None and performance.over:
        raise demonstrating.told_to_the_end()
    session.set_running(True)
    return {"op": session.lab.op}


def _pause(session: Session, turn: Turn, command: labs.Pause) -> Json:
    session.set_running(False)
    return {"op": session.lab.op}


def _step(session: Session, turn: Turn, command: labs.Step) -> Steps:
    lab = session.lab
    if lab.stopped is not None:
        raise Problem("stopped", f"{lab.stopped} Reset the lab to go on.")
    if session.stage.performance is not None:
        return (yield from demonstrating.take_steps(session, command.n))
    summary = RunSummary()
    turn.total = command.n
    while summary.ops < command.n and lab.stopped is None:
        part = partial(lab.forward, command.n - summary.ops, session.settings.slice_ms / 1000)
        summary += yield part
        turn.done = summary.ops
        yield None
    return {"op": lab.op, "summary": asdict(summary)}


def _reset(session: Session, turn: Turn, command: labs.Reset) -> Steps:
    if session.stage.performance is not None:
        return (yield from demonstrating.again(session, turn, session.lab.config))
    return (yield from replacing.reset(session, turn, command))


def _model(session: Session, turn: Turn, command: labs.Model) -> Steps:
    if session.stage.performance is not None:
        config = replacing.with_model(session, command)
        replacing.confirmed(session, turn, command.confirm)
        return (yield from demonstrating.again(session, turn, config))
    return (yield from replacing.model(session, turn, command))


def _rate(session: Session, turn: Turn, command: labs.Rate) -> Json:
    session.rate = command.ops_per_second
    return {"op": session.lab.op}


def _workload(session: Session, turn: Turn, command: labs.Workload) -> Json:
    lab = session.lab
    numbers = {name: n for name in PARAMETERS if (n := getattr(command, name)) is not None}
    workload = changed(lab.workload, command.name, numbers)
    if command.mix is not None:
        if workload.name != "churn":
            raise Problem(
                "invalid", f"{workload.name} has no mix.", field="mix", allowed="with churn alone"
            )
        weights: dict[str, Any] = {
            name: tuple(given)
            for name in ("orders", "migratetypes")
            if (given := getattr(command.mix, name)) is not None
        }
        workload = replace(workload, mix=replace(workload.mix, **weights))
    if workload != lab.workload:
        lab.set_workload(workload)
    session.state_changed()
    return {"op": lab.op}


def _alloc(session: Session, turn: Turn, command: verbs.Alloc) -> Steps:
    lab = session.lab
    pfns: list[int] = []
    words: list[str] = []
    failed = 0
    errno = None
    turn.total = command.count
    ask = partial(
        lab.alloc,
        command.order,
        command.migratetype,
        command.lru,
        command.atomic,
        command.zone,
        command.anon,
        command.owner,
    )
    for _ in range(command.count):
        # On a node a request may have to reclaim: that is for a thread.
        outcome = (yield ask) if lab.config.whole else ask()
        if outcome.pfn is None:
            failed += 1
            errno = outcome.errno
        else:
            pfns.append(outcome.pfn)
        words += outcome.words[: Wire.WORDS_SHOWN - len(words)]
        turn.done += 1
        turn.counts = {"done": len(pfns), "failed": failed}
        yield None
    result = {"op": lab.op, "pfns": pfns, "failed": failed, "words": words}
    return result if errno is None else {**result, "errno": errno}


def _on_blocks(
    act: str, *arguments: str, told: str | None = None
) -> Callable[[Session, Turn, Any], Steps]:
    """A handler that calls the lab's method `act` for each block.

    Args:
        act: the method.
        arguments: fields of the command that it takes after the block.
        told: how a mark tells of it, when it changes a block's type by hand.
    """

    def handle(session: Session, turn: Turn, command: Any) -> Steps:
        lab = session.lab
        blocks = blocks_of(lab, command.blocks)
        method = getattr(lab, act)
        values = [getattr(command, name) for name in arguments]
        result = yield from one_by_one(
            turn, lab, "block", blocks, lambda block: method(block, *values)
        )
        if told is not None:
            _mark_verb(session, turn, told, blocks.ranges, result)
        return result

    return handle


def _together(act: str, told: str) -> Callable[[Session, Turn, Any], Steps]:
    """As _on_blocks; or, if the command says so, for each range of blocks at once."""
    singly = _on_blocks(act, told=told)

    def handle(session: Session, turn: Turn, command: Any) -> Steps:
        if not command.together:
            return (yield from singly(session, turn, command))
        lab = session.lab
        blocks = blocks_of(lab, command.blocks)
        pieces = {piece.start: piece for piece in blocks.ranges}
        method = getattr(lab, act)
        result = yield from one_by_one(
            turn, lab, "block", list(pieces), lambda first: method(first, len(pieces[first]))
        )
        _mark_verb(session, turn, told, blocks.ranges, result)
        return result

    return handle


def _mark_verb(
    session: Session, turn: Turn, told: str, ranges: tuple[range, ...], result: Json
) -> None:
    first, last = ranges[0].start, ranges[-1].stop - 1
    which = f"pageblock {first}" if first == last else f"pageblocks {first} to {last}"
    refused = sum(n for name, n in result["counts"].items() if name != "done")
    rest = f" ({result['done']} done, {refused} not)" if refused else ""
    session.mark(mark(result["op"], "verb", f"{which} {told}{rest}."))


def _on_blocks_or_pfns(block_act: str, pfn_act: str) -> Callable[[Session, Turn, Any], Steps]:
    """A handler for commands that name whole blocks or single chunks."""

    def handle(session: Session, turn: Turn, command: fields.OnBlocksOrPfns) -> Steps:
        lab = session.lab
        if (command.blocks is None) == (command.pfns is None):
            raise Problem(
                "invalid",
                f"{turn.kind} needs blocks or pfns, and not both.",
                field="blocks",
                allowed="either blocks or pfns",
            )
        if command.blocks is not None:
            blocks = blocks_of(lab, command.blocks)
            return (yield from one_by_one(turn, lab, "block", blocks, getattr(lab, block_act)))
        pfns = command.pfns or []
        return (yield from one_by_one(turn, lab, "pfn", pfns, getattr(lab, pfn_act)))

    return handle


def _on_pfns(act: str) -> Callable[[Session, Turn, Any], Steps]:
    """A handler for commands that name single chunks."""

    def handle(session: Session, turn: Turn, command: Any) -> Steps:
        lab = session.lab
        return (yield from one_by_one(turn, lab, "pfn", command.pfns, getattr(lab, act)))

    return handle


def _once(act: str, *arguments: str) -> Callable[[Session, Turn, Any], Json]:
    """A handler that calls the lab's method `act` one time."""

    def handle(session: Session, turn: Turn, command: Any) -> Json:
        values = [getattr(command, name) for name in arguments]
        return _result(getattr(session.lab, act)(*values))

    return handle


def _in_a_thread(act: str, *arguments: str) -> Callable[[Session, Turn, Any], Steps]:
    """As _once, for a call that may work on very many pages."""

    def handle(session: Session, turn: Turn, command: Any) -> Steps:
        values = [getattr(command, name) for name in arguments]
        return _result((yield partial(getattr(session.lab, act), *values)))

    return handle


def _result(outcome: Outcome) -> Json:
    result: Json = {"op": outcome.op, "words": list(outcome.words)}
    if outcome.errno is not None:
        result["errno"] = outcome.errno
    elif isinstance(outcome.ret, int):
        result["ret"] = outcome.ret
    return result


def _cancel(session: Session, turn: Turn, command: reads.Cancel) -> Json:
    for other in session.turns_of(turn.connection):
        if other.ident == command.target and other is not turn and turn.connection is not None:
            other.cancel("Cancelled")
            return {"op": session.lab.op}
    raise Problem(
        "not_found",
        f"Command {command.target} is not going on in this connection.",
        field="target",
        allowed="the id of a command without an answer",
    )


_HANDLERS: Final[dict[type[fields.Command], Callable[[Session, Turn, Any], Json | Steps]]] = {
    labs.Run: _run,
    labs.Pause: _pause,
    labs.Step: _step,
    labs.Rate: _rate,
    labs.Workload: _workload,
    labs.Reset: _reset,
    labs.Configure: replacing.configure,
    labs.Model: _model,
    labs.SaveModel: models.save,
    labs.DeleteModel: models.delete,
    labs.Demonstrate: demonstrating.demonstrate,
    labs.EndDemonstration: demonstrating.end,
    labs.ImportZone: replacing.import_zone,
    keeping.Keep: keep,
    keeping.Note: notes.note,
    keeping.DeleteNote: notes.delete_note,
    travel.Seek: travelling.seek,
    travel.Back: travelling.back,
    travel.Forward: travelling.forward,
    travel.RunTo: travelling.run_to,
    travel.Predicate: travelling.predicate,
    travel.Undo: travelling.undo,
    travel.Redo: travelling.redo,
    travel.Fork: travelling.fork,
    travel.Switch: travelling.switch,
    travel.RenameBranch: travelling.rename,
    travel.DeleteBranch: travelling.delete,
    verbs.Alloc: _alloc,
    verbs.RunOn: _once("run_on", "cpu"),
    verbs.KswapdStep: _in_a_thread("kswapd_step"),
    verbs.OomKill: _in_a_thread("oom_kill"),
    verbs.MinFreeKbytes: _in_a_thread("write_min_free_kbytes", "kbytes"),
    verbs.Free: _on_blocks_or_pfns("free_block", "free"),
    verbs.FreeBegin: _on_pfns("free_begin"),
    verbs.FreeFinish: _on_pfns("free_finish"),
    verbs.Fill: _on_blocks("fill_block", "order", "migratetype"),
    verbs.Drain: _once("drain"),
    verbs.SetBlockType: _on_blocks("set_block_type", "migratetype", "move", told="set by hand"),
    verbs.Pin: _on_blocks_or_pfns("pin_block", "pin"),
    verbs.Unpin: _on_blocks_or_pfns("unpin_block", "unpin"),
    verbs.Isolate: _on_blocks("isolate", told="isolated"),
    verbs.Unisolate: _on_blocks("unisolate", "migratetype", told="un-isolated"),
    verbs.SplitFreePage: _once("split_free_page", "pfn"),
    verbs.Offline: _together("offline", "taken offline"),
    verbs.Online: _together("online", "brought online"),
    verbs.AllocContig: _in_a_thread("alloc_contig", "start_pfn", "nr_pages", "migratetype"),
    verbs.FreeContig: _in_a_thread("free_contig", "start_pfn", "nr_pages"),
    verbs.BootFree: _once("boot_free", "pfn", "order"),
    verbs.MarkLru: _once("mark_lru", "pfn", "order", "lru", "anon"),
    verbs.OfflineIsolated: _once("offline_isolated", "start_pfn", "nr_pages"),
    verbs.OnlinePages: _once("online_pages", "start_pfn", "nr_pages"),
    reads.Cancel: _cancel,
    reads.Preview: reading.preview,
    reads.List: reading.list_page,
    reads.Would: reading.would,
    reads.Steps: reading.steps,
    reads.History: reading.history,
    reads.Check: reading.check,
    reads.Subscribe: reading.subscribe,
    whys.Changes: explaining.changes,
    whys.Drift: explaining.drift,
    whys.Ledger: explaining.ledger,
    whys.GoToBreak: explaining.go_to_break,
}
