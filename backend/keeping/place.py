"""Which file sessions are kept in, and whether it can be."""

import logging
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from backend.keeping.schema import SchemaError, prepare
from backend.keeping.store import Store
from backend.logs import log
from backend.settings import STORE_AUTO, STORE_OFF, Settings

_WAIT_S: Final = 0.5
"""For one that lets go of the file just now."""


class StoreError(Exception):
    """A file that sessions cannot be kept in; the text names it, and why."""


def open_store(
    settings: Settings, environ: Mapping[str, str] = os.environ
) -> tuple[Store | None, str]:
    """The store that the settings ask for, or None and why there is none.

    Raises:
        StoreError: a file was asked for by name, and cannot be used.
    """
    if settings.store in STORE_OFF:
        return None, "keeping is turned off (setting store)"
    if settings.store != STORE_AUTO:
        return _opened(Path(settings.store), settings), ""
    try:
        return _opened(_usual(environ), settings), ""
    except StoreError as error:
        log("store_off", level=logging.WARNING, reason=str(error))
        return None, str(error)


def _usual(environ: Mapping[str, str]) -> Path:
    home = environ.get("XDG_DATA_HOME", "")
    # As the XDG specification has it: a path that is not absolute is passed over.
    base = Path(home) if home.startswith("/") else Path("~/.local/share").expanduser()
    return base / "zonescope" / "sessions.sqlite"


def _opened(path: Path, settings: Settings) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(
            path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
    except (OSError, RuntimeError, ValueError, sqlite3.Error) as error:
        raise StoreError(f"Sessions cannot be kept in {path}: {error}.") from error
    try:
        prepare(connection)
    except (SchemaError, sqlite3.Error) as error:
        connection.close()
        busy = "locked" in str(error)
        why = "another service keeps its sessions there" if busy else str(error)
        raise StoreError(f"Sessions cannot be kept in {path}: {why}.") from error
    return Store(connection, settings)
