"""A session as one file: JSON, format "zonescope-session/1", with a hash over what it says.

The lab is kept as what it was made from and all that was asked of it, on all branches; opened, it
is made again to the byte, and its memory is compared with the hash of what it was.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from backend.keeping import BranchRows, Loaded, Rows
from backend.problems import Problem
from backend.protocol.keeping import NOTE_MAX, NOTES_MAX
from backend.protocol.messages import Json, Mark, mark
from backend.sessions.notes import Notes
from backend.sessions.snapshot import BranchShot, Snapshot
from backend.sessions.source import ImportSource, lay_out
from backend.settings import Settings
from sim_core import LabConfig
from sim_core.config import NAME_MAX
from sim_core.errors import ConfigError, InputError, SimError
from sim_core.importers import from_json, to_json
from sim_core.journal import BRANCHES_MAX, Journal
from sim_core.kept import (
    BranchParts,
    Place,
    branch_to,
    config_from,
    config_to,
    entry_to,
    journal_from,
    model_from,
)
from sim_core.models import Custom, to_document

FORMAT: Final = "zonescope-session/1"
_MARKS_MAX: Final = 10_000
_MARK_MAX: Final = 2000
"""Marks of a branch, and characters of one, far beyond what a session has."""
_KINDS: Final = ("broken", "healed", "verb", "bug")
_HASH: Final = 16  # digits of the hash of a lab's memory


@dataclass(frozen=True)
class Stood:
    """A session as a document has it, looked at and not made again yet.

    Attributes:
        name: under which it was kept, or None.
        models: saved ones.
        config, source, journal: of its lab.
        op, step, state: where that stood, and the hash of its memory there.
        marks: (branch, mark), in their order.
        notes: all of them.
    """

    name: str | None
    models: tuple[Custom, ...]
    config: LabConfig
    source: ImportSource | None
    journal: Journal
    op: int
    step: int | None
    state: str | None
    marks: tuple[tuple[int, Mark], ...]
    notes: Notes


# ---- written ----


def to_file(shot: Snapshot, state: int) -> str:
    """The document of a session.

    Args:
        shot: all of it.
        state: the hash of its lab's memory.
    """
    session = {
        "name": shot.name,
        **_lab(shot),
        **_head(shot, state),
        "branches": [
            {**_branch(branch), "entries": [entry_to(entry) for entry in branch.entries]}
            for branch in shot.branches
        ],
    }
    return _file(session)


def rows_to_file(name: str, loaded: Loaded) -> str:
    """The document of a session that the store has."""
    return _file(_assembled(name, loaded))


def to_rows(shot: Snapshot) -> Rows:
    """What the store writes of a session."""
    return Rows(
        about=_text(_about(shot)),
        lab=_text(_lab(shot)) if shot.fresh else None,
        head=_text(_head(shot, shot.state)),
        idents=shot.idents,
        branches=tuple(
            BranchRows(
                branch.about.ident,
                _text(_branch(branch)),
                branch.first,
                tuple(_text(entry_to(entry)) for entry in branch.entries),
            )
            for branch in shot.branches
        ),
    )


def _about(shot: Snapshot) -> Json:
    """What a list of kept sessions says of it."""
    config = shot.config
    return {
        "model": config.model_name,
        "zone": f"{len(config.zones)} zones" if config.whole else config.zone,
        "pages": sum(span.spanned_pages for span in config.spans),
        "op": shot.op,
        "branches": len(shot.idents),
    }


def _lab(shot: Snapshot) -> Json:
    source = shot.source
    return {
        "config": config_to(shot.config),
        "source": None
        if source is None
        else {
            "files": json.loads(to_json(source.capture)),
            "node": source.node,
            "zone": source.zone,
        },
    }


def _head(shot: Snapshot, state: int | None) -> Json:
    return {
        "models": [to_document(model) for model in shot.models],
        "branch": shot.current,
        "made": shot.made,
        "inherited": shot.inherited,
        "op": shot.op,
        "step": shot.step,
        "state": None if state is None else state_words(state),
        "notes": [
            {name: value for name, value in asdict(note).items() if name != "note"}
            for note in shot.notes
        ],
    }


def _branch(shot: BranchShot) -> Json:
    marks = [[mark["op"], mark["kind"], mark["text"]] for mark in shot.marks]
    return {**branch_to(shot.about), "marks": marks}


def state_words(state: int) -> str:
    """The hash of a lab's memory as it is written everywhere."""
    return f"{state & (1 << 64) - 1:0{_HASH}x}"


def _file(session: Json) -> str:
    return _text({"format": FORMAT, "hash": _hash(session), "session": session}) + "\n"


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _hash(session: Json) -> str:
    """Over the canonical text: names in order, nothing but ASCII, no space."""
    canonical = json.dumps(session, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


# ---- read ----


def from_file(name: str, contents: bytes, settings: Settings) -> Stood:
    """The session that a file holds.

    Raises:
        Problem, SimError: it holds none that this version reads, or was changed by hand.
    """
    try:
        return _from_text(name, contents, settings)
    except RecursionError as error:
        raise InputError(name, None, f"JSON, format {FORMAT}", "something deeper") from error


def _from_text(name: str, contents: bytes, settings: Settings) -> Stood:
    try:
        document = json.loads(contents, parse_constant=_no_number, parse_float=_no_number)
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise InputError(name, line, f"JSON, format {FORMAT}", "something else") from error
    place = Place(document, "")
    told = document.get("format") if isinstance(document, dict) else None
    reader = READERS.get(told) if isinstance(told, str) else None
    if reader is None:
        raise ConfigError(
            f"{name} is no session of a format that is read here",
            field="format",
            allowed=", ".join(f'"{known}"' for known in READERS),
        )
    _, hashed, session = place.fields("format", "hash", "session")
    if not isinstance(session.value, dict):
        raise session.wrong("an object")
    if hashed.value != _hash(session.value):
        raise ConfigError(
            f"{name} is not as it was written: its hash is another",
            field="hash",
            allowed="the file as ZoneScope wrote it",
        )
    return reader(session, settings)


def from_rows(name: str, loaded: Loaded, settings: Settings) -> Stood:
    """The session that the store has.

    Raises:
        Problem, SimError: it is none that this version reads.
    """
    return _read_1(Place(_assembled(name, loaded), "session"), settings)


def _assembled(name: str, loaded: Loaded) -> Json:
    branches = [
        {**json.loads(about), "entries": [json.loads(entry) for entry in entries]}
        for about, entries in loaded.branches
    ]
    return {
        "name": name,
        **json.loads(loaded.lab),
        **json.loads(loaded.head),
        "branches": branches,
    }


def is_session(contents: bytes) -> bool:
    """Whether a file means to be a session: its format stands at its beginning."""
    return b'"zonescope-session/' in contents[:200]


def _read_1(place: Place, settings: Settings) -> Stood:
    (name, config, source, models, branch, made, inherited, op, step, state, notes, branches) = (
        place.fields(
            "name",
            "config",
            "source",
            "models",
            "branch",
            "made",
            "inherited",
            "op",
            "step",
            "state",
            "notes",
            "branches",
        )
    )
    lab_config = config_from(config, settings.log_bytes)
    parts, marks = _branches(branches.items(BRANCHES_MAX, least=1))
    journal = journal_from(parts, branch, made, inherited)
    idents = [known.ident for known in journal.branches]
    return Stood(
        name.or_none(lambda place: place.text(40)),
        tuple(map(model_from, models.items(settings.models_max))),
        lab_config,
        source.or_none(lambda place: _source(place, lab_config, settings)),
        journal,
        op.whole(journal.branches[0].fork_op, journal.tip),
        step.or_none(Place.whole),
        state.or_none(lambda place: place.text(_HASH)),
        tuple(
            (ident, _mark(told))
            for ident, own in zip(idents, marks, strict=True)
            for told in own.items(_MARKS_MAX)
        ),
        _notes(notes.items(NOTES_MAX), journal),
    )


READERS: Final[dict[str, Callable[[Place, Settings], Stood]]] = {FORMAT: _read_1}
"""The formats that are read, each by its own; the first is the one that is written."""


def _branches(places: Iterable[Place]) -> tuple[list[BranchParts], list[Place]]:
    """Of each branch what the journal reads, and its marks."""
    parts: list[BranchParts] = []
    marks: list[Place] = []
    for place in places:
        value: Any = place.value
        if not isinstance(value, dict) or not {"entries", "marks"} <= value.keys():
            raise place.wrong("an object with entries and marks")
        about = {name: own for name, own in value.items() if name not in ("entries", "marks")}
        entries = Place(value["entries"], f"{place.path}.entries")
        parts.append(BranchParts(Place(about, place.path), entries))
        marks.append(Place(value["marks"], f"{place.path}.marks"))
    return parts, marks


def _mark(place: Place) -> Mark:
    op, kind, text = place.items(3, least=3)
    kinds: Any = kind.one_of(_KINDS)
    return mark(op.whole(), kinds, text.text(_MARK_MAX))


def _notes(places: Iterable[Place], journal: Journal) -> Notes:
    notes = Notes()
    tips = {branch.ident: branch.tip for branch in journal.branches}
    for place in places:
        branch, op, step, text = place.fields("branch", "op", "step", "text")
        ident = branch.whole()
        if ident not in tips:
            raise branch.wrong(", ".join(map(str, tips)))
        notes.add(ident, op.whole(0, tips[ident]), step.or_none(Place.whole), text.text(NOTE_MAX))
    return notes


def _source(place: Place, config: LabConfig, settings: Settings) -> ImportSource:
    """The files that the lab was laid out from, read and laid out again."""
    files, node, zone = place.fields("files", "node", "zone")
    capture = from_json(
        files.path, json.dumps(files.value).encode(), max_bytes=4 * settings.upload_bytes_max
    )
    laid = lay_out(capture, node.whole(), zone.text(NAME_MAX), config.seed, settings, config.row())
    # The lab is to be as the files say: a configuration of another zone is none of theirs.
    for field in ("start_pfn", "spanned_pages", "pageblock_order", "max_order", "holes"):
        if getattr(config, field) != getattr(laid.laid, field):
            raise ConfigError(
                f"session.config.{field} is another than that of the files",
                field=f"session.config.{field}",
                allowed=str(getattr(laid.laid, field))[:80],
            )
    return laid


def _no_number(text: str) -> object:
    raise ValueError(f"{text[:20]} is no whole number")


def unreadable(name: str, error: Exception) -> Problem:
    """Why a kept session cannot be opened by this version."""
    problem = error if isinstance(error, (Problem, SimError)) else None
    why = str(problem) if problem else type(error).__name__
    extra = getattr(error, "extra", {})
    return Problem("conflict", f"The session kept as {name!r} cannot be opened: {why}", **extra)
