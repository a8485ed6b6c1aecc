"""The store's tables and their version. Who opens an older file brings it up; a newer one is
refused, and so is a file that is something else.
"""

import sqlite3
from typing import Final

VERSION: Final = 1
"""In the file's user_version."""
APPLICATION: Final = 0x5A6F6E53
"""In its application_id, so that another program's file is known for one."""

_TABLES: Final = (
    """CREATE TABLE kept (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        saved_at REAL NOT NULL,
        bytes INTEGER NOT NULL,
        about TEXT NOT NULL,
        lab TEXT NOT NULL,
        head TEXT NOT NULL
    )""",
    """CREATE TABLE branch (
        kept INTEGER NOT NULL REFERENCES kept ON DELETE CASCADE,
        ident INTEGER NOT NULL,
        about TEXT NOT NULL,
        PRIMARY KEY (kept, ident)
    ) WITHOUT ROWID""",
    """CREATE TABLE entry (
        kept INTEGER NOT NULL,
        branch INTEGER NOT NULL,
        place INTEGER NOT NULL,
        entry TEXT NOT NULL,
        PRIMARY KEY (kept, branch, place),
        FOREIGN KEY (kept, branch) REFERENCES branch ON DELETE CASCADE
    ) WITHOUT ROWID""",
)
_PRAGMAS: Final = (
    # Nobody else writes the file meanwhile; the lock goes with the process, however that ends.
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "journal_size_limit = 4194304",
    "trusted_schema = OFF",
)


class SchemaError(Exception):
    """A file that cannot be used; the text is why."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none, and take the file for this process.

    Raises:
        SchemaError: it is of a later version, or of another program.
        sqlite3.Error: it is no database, in use, or cannot be written.
    """
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN EXCLUSIVE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and (application or version or tables):
        raise SchemaError("it is the file of another program")
    if version > VERSION:
        raise SchemaError(
            f"a later ZoneScope wrote it (version {version}; this one reads up to {VERSION})"
        )
    if version == 0:
        for table in _TABLES:
            connection.execute(table)
    # Written each time: so it is known now whether the file can be.
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
