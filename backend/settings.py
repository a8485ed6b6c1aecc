"""Every limit of the service in one frozen object, with its unit and the reason for its size.

A setting is taken from the command line's flag, else from the environment (`ZONESCOPE_` and the
name in capitals), else from the file that `--config` names (TOML), else from here.
Bounds that are part of the protocol, and so the same for everybody, are in `Wire`.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Final

from sim_core.config import SEED_MAX, SPANNED_MAX
from sim_core.models import DEFAULT
from sim_core.vocabulary import PAGES_PER_MIB

MIB: Final = 1 << 20
STORE_AUTO: Final = "auto"
STORE_OFF: Final = ("", "off")


def _setting(default: Any, unit: str, why: str) -> Any:
    return field(default=default, metadata={"unit": unit, "why": why})


class SettingsError(Exception):
    """A setting that cannot be read; the text names it, where it stood, and what it may be."""


class Wire:
    """Bounds of the protocol: what one message may ask for. Documented in docs/PROTOCOL.md."""

    STEP_MAX: ClassVar[int] = 10_000  # operations: well under a second of work
    RATE_MAX: ClassVar[int] = 100_000  # operations a second: beyond it nothing can be followed
    COUNT_MAX: ClassVar[int] = 4096  # allocations: their PFNs still fit a message
    LIST_PAGE: ClassVar[int] = 256  # PFNs of one list in one answer
    CHANGES_MAX: ClassVar[int] = 64  # of one thing in one answer
    STEPS_MAX: ClassVar[int] = 32  # operations told in one answer
    BLOCK_ITEMS_MAX: ClassVar[int] = 4096  # indices or ranges in one command
    PFN_ITEMS_MAX: ClassVar[int] = 4096  # as many as one `alloc` gives
    PAGES_VIEW_MAX: ClassVar[int] = 4096  # pages drawn one by one
    CELLS_MAX: ClassVar[int] = 65_536  # cells of a frame, whatever the zone's size
    REFUSED_SHOWN: ClassVar[int] = 20  # refusals of one command told one by one
    WORDS_SHOWN: ClassVar[int] = 20  # sentences in one result
    NUMBER_MAX: ClassVar[int] = (1 << 53) - 1  # whole numbers that JSON carries exactly


@dataclass(frozen=True)
class Settings:
    """What can be set. Each field's metadata has its `unit` and `why` it has this size."""

    host: str = _setting("127.0.0.1", "address", "loopback: nobody else can reach it")
    port: int = _setting(8000, "TCP port", "where the documentation says the page is")
    root_path: str = _setting("", "path", "no proxy in front")
    allow_host: tuple[str, ...] = _setting((), "host names", "beyond loopback nothing by default")
    token: str = _setting("", "text", "drawn anew at each start beyond loopback")
    log_level: str = _setting("info", "level", "one line for each thing that happened")
    browser: bool = _setting(True, "yes or no", "the page is what people come for")
    autorun: bool = _setting(True, "yes or no", "the first visitor finds a zone that moves")
    spanned_mib: int = _setting(256, "MiB", "a zone whose every block can be seen at once")
    fill_percent: int = _setting(60, "percent", "where the default workload keeps the zone")
    seed: int = _setting(1, "number", "the same lab for everybody")
    model: str = _setting(DEFAULT, "model", "the kernel as shipped")

    sessions_max: int = _setting(32, "sessions", "each has its own task and a place in the list")
    models_max: int = _setting(16, "models", "of somebody's own: more than a menu shows at once")
    session_idle_s: int = _setting(3600, "seconds", "a break for coffee keeps its session")
    bytes_budget: int = _setting(
        2048 * MIB, "bytes", "all labs with full logs fit a small laptop's memory"
    )
    log_bytes: int = _setting(256 * MIB, "bytes", "minutes of all writes at the default rate")
    connections_max: int = _setting(500, "connections", "what one process feeds at 30 frames/s")
    inbox_max: int = _setting(256, "commands", "more wait for longer than a person does")

    store: str = _setting(STORE_AUTO, "path", "the user's own data folder; off: nothing is kept")
    keep_ms: int = _setting(750, "milliseconds", "a kill loses a second at most, writing included")
    kept_max: int = _setting(100, "sessions", "a list that a person still looks through")
    kept_bytes_max: int = _setting(256 * MIB, "bytes", "millions of requests, and imported files")

    head_s: int = _setting(15, "seconds", "a head is one packet; an idle browser asks again")
    head_bytes_max: int = _setting(64 * 1024, "bytes", "cookies and a long path, with room")
    waiting_max: int = _setting(
        256, "connections", "beyond it the one that has said nothing for longest makes room"
    )
    requests_max: int = _setting(512, "requests", "bounds the memory that unfinished bodies hold")
    unread_s: int = _setting(30, "seconds", "who takes no byte of an answer for so long has gone")

    message_bytes_max: int = _setting(64 * 1024, "bytes", "4096 block ranges of a huge zone fit")
    body_bytes_max: int = _setting(128 * 1024, "bytes", "a command over HTTP, with room")
    upload_bytes_max: int = _setting(4 * MIB, "bytes", "/proc files of the largest machines: 1 MiB")
    upload_files_max: int = _setting(3, "files", "pagetypeinfo, buddyinfo, zoneinfo")
    uploads_at_once_max: int = _setting(4, "uploads", "bounds the memory that uploads can hold")
    upload_s: int = _setting(30, "seconds", "a slow line still sends a few hundred kilobytes")
    import_pages_max: int = _setting(
        1 << 24, "pages", "64 GiB: laid out in seconds, a few hundred MiB meanwhile"
    )
    import_ops_max: int = _setting(
        100_000_000, "operations", "a session's file: run again in about a minute"
    )
    commands_per_s: int = _setting(100, "commands/s", "a page asks for previews and steps 4 times")
    commands_burst: int = _setting(400, "commands", "a script may send a batch at once")
    bad_messages_max: int = _setting(
        32, "messages", "a page with a mistake may still be told of it"
    )

    outbox_replies_max: int = _setting(512, "messages", "a reader who is so far behind starts anew")
    outbox_bytes_max: int = _setting(4 * MIB, "bytes", "the same, for long messages")
    send_buffer_bytes: int = _setting(
        256 * 1024,
        "bytes",
        "little lies in the kernel: a slow reader gets new frames, not old ones",
    )

    frames_per_second: int = _setting(30, "frames/s", "smooth to the eye, cheap to cut")
    heartbeat_ms: int = _setting(1000, "milliseconds", "a cut line shows within two")
    check_ms: int = _setting(1000, "milliseconds", "a walk of all pages while something changes")
    progress_ms: int = _setting(200, "milliseconds", "a progress bar needs no more")
    marks_ms: int = _setting(
        500, "milliseconds", "an identity that flickers is told of twice a second"
    )
    slice_ms: int = _setting(5, "milliseconds", "how long one command may hold up the others")
    demonstration_step_ms: int = _setting(
        2500, "milliseconds", "a sentence is read and the books looked at before the next"
    )
    rate: int = _setting(200, "operations/s", "fast enough to live, slow enough to follow")
    history_rows_max: int = _setting(600, "rows", "twice what the page draws")
    marks_max: int = _setting(256, "marks", "what fits a line of time")
    closing_s: float = _setting(1.0, "seconds", "sockets are closed within two")

    def limits(self) -> dict[str, dict[str, Any]]:
        """The limits that a page may want to know: name -> {value, unit}."""
        return {
            f.name: {"value": getattr(self, f.name), "unit": f.metadata["unit"]}
            for f in fields(self)
            if f.name not in _PRIVATE
        }


_PRIVATE: Final = {
    "host",
    "port",
    "root_path",
    "allow_host",
    "token",
    "store",
    "log_level",
    "browser",
    "autorun",
}
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_BOUNDS: Final = {
    "port": (0, 65_535),
    "seed": (0, SEED_MAX),
    "spanned_mib": (1, SPANNED_MAX // PAGES_PER_MIB),
    "fill_percent": (0, 100),
    "rate": (1, Wire.RATE_MAX),
}
_MAY_BE_ZERO: Final = {"log_bytes"}


def load(
    flags: Mapping[str, Any],
    environ: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """The settings in force: flag, then environment, then file, then the default.

    Args:
        flags: setting name -> value from the command line; None means "not given".
        environ: the environment; only names that begin with ZONESCOPE_ are read.
        file: a TOML file of settings, or None.

    Raises:
        SettingsError: a setting that is unknown, of the wrong type or out of bounds.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values.update(_from_file(file))
    for f in fields(Settings):
        name = f"ZONESCOPE_{f.name.upper()}"
        if name in environ:
            values[f.name] = _from_text(f.name, environ[name], name)
    values.update({name: value for name, value in flags.items() if value is not None})
    for name, value in values.items():
        _check(name, value)
    return Settings(**values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"--config {path}: {error}") from error
    known = {f.name for f in fields(Settings)}
    unknown = sorted(table.keys() - known)
    if unknown:
        raise SettingsError(
            f"{path}: no setting {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _from_text(name: str, text: str, where: str) -> Any:
    kind = type(getattr(Settings, name))
    if kind is bool:
        if text.lower() not in ("0", "1", "yes", "no", "true", "false"):
            raise SettingsError(f"{where}={text!r}: expected yes or no")
        return text.lower() in ("1", "yes", "true")
    if kind is tuple:
        return tuple(part for part in text.replace(",", " ").split() if part)
    try:
        return kind(text)
    except ValueError as error:
        raise SettingsError(f"{where}={text!r}: expected a number") from error


def _check(name: str, value: Any) -> None:
    default = getattr(Settings, name)
    kind = (int, float) if isinstance(default, float) else type(default)
    if not isinstance(value, kind) or (isinstance(value, bool) and default is not True):
        raise SettingsError(f"setting {name}={value!r}: expected {type(default).__name__}")
    if name == "log_level" and value not in LOG_LEVELS:
        raise SettingsError(f"setting log_level={value!r}: one of {', '.join(LOG_LEVELS)}")
    if isinstance(default, float) and not 0 < value <= 3600:
        raise SettingsError(f"setting {name}={value}: more than 0, at most 3600")
    if isinstance(default, int) and not isinstance(default, bool):
        low, high = _BOUNDS.get(name, (0 if name in _MAY_BE_ZERO else 1, Wire.NUMBER_MAX))
        if not low <= value <= high:
            raise SettingsError(f"setting {name}={value}: {low} to {high}")
