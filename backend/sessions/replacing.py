"""Handlers that put another lab in the place of the running one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from backend.problems import Problem
from backend.protocol import labs
from backend.protocol.messages import notice
from backend.sessions.jobs import Steps, Turn
from backend.sessions.models import wanted
from backend.sessions.source import File, ImportSource, config_for, known_model, lay_out, read
from backend.settings import Settings
from sim_core import Lab, LabConfig
from sim_core.config import ZoneSpan
from sim_core.errors import ConfigError
from sim_core.vocabulary import PAGES_PER_MIB

if TYPE_CHECKING:
    from backend.sessions.session import Session

Kind = Literal["reset", "import", "model"]
_PLAIN: Final = (
    "zone",
    "spanned_pages",
    "start_pfn",
    "pageblock_order",
    "max_order",
    "cpus",
    "seed",
)
"""Fields that a lab's configuration has by the same name, and in which null says nothing."""


def reset(session: "Session", turn: Turn, command: labs.Reset) -> Steps:
    """The same lab from boot."""
    confirmed(session, turn, command.confirm)
    old = session.lab
    return (yield from _build(session, turn, old.config, session.source, "reset", "was reset"))


def configure(session: "Session", turn: Turn, command: labs.Configure) -> Steps:
    """A fresh lab of another shape; what was imported is left behind."""
    own = session.own
    base = base_config(session.settings) if own.source else own.lab.config
    config = configured(base, command)
    confirmed(session, turn, command.confirm)
    return (yield from _build(session, turn, config, None, "reset", "was configured anew"))


def model(session: "Session", turn: Turn, command: labs.Model) -> Steps:
    """The same zone under another model: its journal again, or from boot."""
    old = session.lab
    config = with_model(session, command)
    confirmed(session, turn, command.confirm)
    text = f"runs under {config.model_name}"
    session.admit(config.estimate_bytes())
    source = session.source
    if source is not None and not source.suits(config.row()):
        held = source
        source = yield lambda: held.again(config.row(), config.seed, session.settings)
    if command.again == "reset":
        return (yield from _build(session, turn, config, source, "model", text))
    layout = source.laid if source else None
    lab: Lab = yield lambda: old.replayed(config, layout)
    notes = session.history.notes.on_one_branch(old, lab)
    session.replace(
        turn, lab, source, notice("model", said(turn, text), turn.by), f"the lab {text}", notes
    )
    return {"op": lab.op, "replayed": lab.op}


def import_zone(session: "Session", turn: Turn, command: labs.ImportZone) -> Steps:
    """Another zone of the files that were imported."""
    source = session.own.source
    if source is None:
        raise Problem("conflict", "No files were imported into this session.")
    confirmed(session, turn, command.confirm)
    capture, config = source.capture, session.own.lab.config
    seed = config.seed
    laid: ImportSource = yield lambda: lay_out(
        capture, command.node, command.zone, seed, session.settings, config.row()
    )
    return (yield from _run_source(session, turn, laid, seed))


def import_files(
    session: "Session",
    turn: Turn,
    files: Sequence[File],
    node: int | None,
    zone: str | None,
    seed: int | None,
    confirm: bool,
) -> Steps:
    """A zone laid out from a real kernel's files; nothing changes unless all of it succeeds."""
    confirmed(session, turn, confirm)
    config = session.own.lab.config
    used_seed = config.seed if seed is None else seed
    settings = session.settings
    laid: ImportSource = yield lambda: lay_out(
        read(files, settings), node, zone, used_seed, settings, config.row()
    )
    return (yield from _run_source(session, turn, laid, used_seed))


def configured(base: LabConfig, fields: labs.ZoneFields) -> LabConfig:
    """`base` with the given fields changed.

    Raises:
        Problem, ConfigError: naming the field and what it may be.
    """
    changes: dict[str, Any] = {}
    given = fields.model_fields_set
    if "spanned_mib" in given and "spanned_pages" in given:
        raise Problem(
            "invalid",
            "Give spanned_mib or spanned_pages, not both.",
            field="spanned_mib",
            allowed="one of both",
        )
    if fields.spanned_mib is not None:
        changes["spanned_pages"] = fields.spanned_mib * PAGES_PER_MIB
    for name in _PLAIN:
        if getattr(fields, name) is not None:
            changes[name] = getattr(fields, name)
    # Null is a value here: sizes that the zone's size decides.
    for name in ("pcp_high", "pcp_batch"):
        if name in given:
            changes[name] = getattr(fields, name)
    if fields.holes is not None:
        changes["holes"] = tuple((first, pages) for first, pages in fields.holes)
    if fields.cma is not None:
        changes["cma"] = tuple((first, pages) for first, pages in fields.cma)
    if fields.model is not None:
        changes["model"] = known_model(fields.model)
    changes |= _of_node(base, fields)
    return replace(base, **changes).validated()


def _of_node(base: LabConfig, fields: labs.ZoneFields) -> dict[str, Any]:
    """What the fields of a whole node change. A bare zone's own fields make it a bare one again."""
    changes: dict[str, Any] = {}
    if fields.zones is not None:
        order = base.max_order if fields.max_order is None else fields.max_order
        changes["zones"] = _spans(fields.zones, 1 << max(order - 1, 0))
        if not fields.zones:
            changes |= {"min_free_kbytes": None, "swap_pages": 0}
    elif base.whole and {"zone", "start_pfn", "spanned_mib", "spanned_pages"} & (
        fields.model_fields_set
    ):
        changes |= {"zones": (), "min_free_kbytes": None, "swap_pages": 0}
    if "min_free_kbytes" in fields.model_fields_set:
        changes["min_free_kbytes"] = fields.min_free_kbytes
    if fields.swap_pages is not None:
        changes["swap_pages"] = fields.swap_pages
    return changes


def _spans(zones: Sequence[labs.ZoneOfNode], largest: int) -> tuple[ZoneSpan, ...]:
    """Args:
    largest: pages of the largest chunk, at a multiple of which all but the first begin.
    """
    spans: list[ZoneSpan] = []
    end = 0
    for index, zone in enumerate(zones):
        if (zone.spanned_mib is None) == (zone.spanned_pages is None):
            raise Problem(
                "invalid",
                f"zones[{index}]: give spanned_mib or spanned_pages.",
                field=f"zones[{index}].spanned_mib",
                allowed="one of both",
            )
        pages = zone.spanned_pages or (zone.spanned_mib or 0) * PAGES_PER_MIB
        start = -(-end // largest) * largest if zone.start_pfn is None else zone.start_pfn
        spans.append(ZoneSpan(zone.zone, start, pages))
        end = start + pages
    return tuple(spans)


def base_config(settings: Settings) -> LabConfig:
    """The lab that a session has unless it asks for another."""
    return LabConfig(
        model=known_model(settings.model),
        spanned_pages=settings.spanned_mib * PAGES_PER_MIB,
        seed=settings.seed,
        fill_percent=settings.fill_percent,
        log_bytes=settings.log_bytes,
    )


def with_model(session: "Session", command: labs.Model) -> LabConfig:
    """The configuration on show, under the model that the command names or describes.

    Raises:
        Problem, ConfigError: there is no such model, or it cannot run.
    """
    return replace(session.lab.config, model=wanted(session, command)).validated()


def _run_source(session: "Session", turn: Turn, source: ImportSource, seed: int) -> Steps:
    fresh = config_for(source, session.own.lab.config.model, seed, session.settings)
    text = f"runs zone {source.zone} of node {source.node} of the imported files"
    result = yield from _build(session, turn, fresh, source, "import", text)
    return {**result, "node": source.node, "zone": source.zone, "notes": source.message()["notes"]}


def _build(
    session: "Session",
    turn: Turn,
    config: LabConfig,
    source: ImportSource | None,
    kind: Kind,
    text: str,
) -> Steps:
    session.admit(config.estimate_bytes())
    old = session.own.lab
    lab: Lab = yield lambda: source.lab(config) if source else Lab(config)
    _keep_workload(old, lab)
    session.replace(turn, lab, source, notice(kind, said(turn, text), turn.by), f"the lab {text}")
    return {"op": lab.op}


def _keep_workload(old: Lab, new: Lab) -> None:
    """What a person has set stays set; a zone of too few orders for it has its own."""
    if old.workload != new.workload:
        with suppress(ConfigError):
            new.set_workload(old.workload)


def said(turn: Turn, text: str) -> str:
    """What became of the lab, and who did it."""
    who = f"connection {turn.by}" if turn.by else "an HTTP request"
    return f"The lab {text}, by {who}."


def confirmed(session: "Session", turn: Turn, yes: bool) -> None:
    """Ask once more before something is done to others who drive too.

    Raises:
        Problem: `confirm`.
    """
    others = session.others_driving(turn)
    if others and not yes:
        raise Problem(
            "confirm",
            f"{others} more {'driver is' if others == 1 else 'drivers are'} connected.",
            field="confirm",
            allowed="true, to do it all the same",
            others=others,
        )
