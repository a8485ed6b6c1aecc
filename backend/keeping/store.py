"""Kept sessions in one SQLite file. What a session is, the store does not know: it has texts, and
of what grows only the new ones are written.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from backend.problems import Problem
from backend.settings import Settings

_SIZE: Final = "bytes + length(about) + length(lab) + length(head)"
"""Of a kept session; `bytes` are those of its branches."""


@dataclass(frozen=True)
class BranchRows:
    """A branch of which something is new.

    Attributes:
        ident: its number.
        about: all of it but its entries.
        first: place of the first entry that is new; those after it are too.
        entries: these.
    """

    ident: int
    about: str
    first: int
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """What is new of a session.

    Attributes:
        about: what a list of sessions says of it.
        lab: what its lab is made from; None: as before. With another lab all branches are new.
        head: where it stands.
        idents: its branches; others are gone.
        branches: those of which something is new.
    """

    about: str
    lab: str | None
    head: str
    idents: tuple[int, ...]
    branches: tuple[BranchRows, ...]


@dataclass(frozen=True)
class KeptRow:
    """A kept session in a list: its name, seconds since 1970, bytes of its texts, and `about`."""

    name: str
    saved_at: float
    bytes: int
    about: str


@dataclass(frozen=True)
class Loaded:
    """A kept session, whole: of each branch its `about` and its entries."""

    key: int
    lab: str
    head: str
    branches: list[tuple[str, list[str]]]


class Store:
    """To be used by one thread at a time.

    Args:
        connection: to a file that schema.prepare has looked at.
        settings: how much may be kept.
    """

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._db = connection
        self._settings = settings

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def list(self) -> list[KeptRow]:
        """All of them, by name."""
        rows = self._db.execute(f"SELECT name, saved_at, {_SIZE}, about FROM kept ORDER BY name")
        return [KeptRow(*row) for row in rows]

    def create(self, name: str, rows: Rows) -> int:
        """Keep a session; the key to save it by from now on.

        Raises:
            Problem: the name is taken, or there is no room.
        """
        with self._transaction():
            self._check_free(name)
            made = self._db.execute(
                "INSERT INTO kept (name, saved_at, bytes, about, lab, head)"
                " VALUES (?, 0, 0, '', '', '')",
                (name,),
            )
            key = int(made.lastrowid or 0)
            self._write(key, rows)
        return key

    def save(self, key: int, rows: Rows) -> bool:
        """Write what is new; False: it was deleted.

        Raises:
            Problem: there is no room.
        """
        with self._transaction():
            return self._write(key, rows)

    def load(self, name: str) -> Loaded:
        """One of them.

        Raises:
            Problem: there is none of that name.
        """
        with self._transaction():
            key = self._key(name)
            lab, head = self._db.execute(
                "SELECT lab, head FROM kept WHERE id = ?", (key,)
            ).fetchone()
            branches: dict[int, tuple[str, list[str]]] = {
                ident: (about, [])
                for ident, about in self._db.execute(
                    "SELECT ident, about FROM branch WHERE kept = ? ORDER BY ident", (key,)
                )
            }
            for ident, entry in self._db.execute(
                "SELECT branch, entry FROM entry WHERE kept = ? ORDER BY branch, place", (key,)
            ):
                branches[ident][1].append(entry)
        return Loaded(key, lab, head, list(branches.values()))

    def copy(self, name: str, to: str) -> None:
        """The same again under another name.

        Raises:
            Problem: there is none of that name, the other is taken, or there is no room.
        """
        with self._transaction():
            key = self._key(name)
            self._check_free(to)
            made = self._db.execute(
                "INSERT INTO kept (name, saved_at, bytes, about, lab, head)"
                " SELECT ?, saved_at, bytes, about, lab, head FROM kept WHERE id = ?",
                (to, key),
            )
            other = int(made.lastrowid or 0)
            self._db.execute(
                "INSERT INTO branch SELECT ?, ident, about FROM branch WHERE kept = ?", (other, key)
            )
            self._db.execute(
                "INSERT INTO entry SELECT ?, branch, place, entry FROM entry WHERE kept = ?",
                (other, key),
            )
            self._check_room()

    def delete(self, name: str) -> None:
        """Keep it no longer.

        Raises:
            Problem: there is none of that name.
        """
        with self._transaction():
            self._db.execute("DELETE FROM kept WHERE id = ?", (self._key(name),))

    # ---- inside a transaction ----

    def _write(self, key: int, rows: Rows) -> bool:
        before = self._size(key)
        if before is None:
            return False
        if rows.lab is not None:
            self._db.execute("DELETE FROM branch WHERE kept = ?", (key,))
            self._db.execute("UPDATE kept SET lab = ?, bytes = 0 WHERE id = ?", (rows.lab, key))
        known = [i for (i,) in self._db.execute("SELECT ident FROM branch WHERE kept = ?", (key,))]
        added = 0
        for ident in set(known) - set(rows.idents):
            added -= self._branch_bytes(key, ident, 0)
            self._db.execute("DELETE FROM branch WHERE kept = ? AND ident = ?", (key, ident))
        for branch in rows.branches:
            added += self._write_branch(key, branch)
        self._db.execute(
            "UPDATE kept SET saved_at = ?, bytes = bytes + ?, about = ?, head = ? WHERE id = ?",
            (time.time(), added, rows.about, rows.head, key),
        )
        if (self._size(key) or 0) > before:
            self._check_room()
        return True

    def _size(self, key: int) -> int | None:
        """Bytes of one of them; None: there is none."""
        found = self._db.execute(f"SELECT {_SIZE} FROM kept WHERE id = ?", (key,)).fetchone()
        return None if found is None else int(found[0])

    def _write_branch(self, key: int, branch: BranchRows) -> int:
        """Its rows; bytes more than before."""
        gone = self._branch_bytes(key, branch.ident, branch.first)
        self._db.execute(
            "INSERT INTO branch VALUES (?, ?, ?)"
            " ON CONFLICT (kept, ident) DO UPDATE SET about = excluded.about",
            (key, branch.ident, branch.about),
        )
        self._db.execute(
            "DELETE FROM entry WHERE kept = ? AND branch = ? AND place >= ?",
            (key, branch.ident, branch.first),
        )
        self._db.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?)",
            (
                (key, branch.ident, place, entry)
                for place, entry in enumerate(branch.entries, branch.first)
            ),
        )
        return len(branch.about) + sum(map(len, branch.entries)) - gone

    def _branch_bytes(self, key: int, branch: int, first: int) -> int:
        """Of what is said of a branch, and of its entries from one on."""
        (total,) = self._db.execute(
            "SELECT (SELECT coalesce(sum(length(about)), 0) FROM branch"
            "        WHERE kept = :kept AND ident = :branch)"
            "     + (SELECT coalesce(sum(length(entry)), 0) FROM entry"
            "        WHERE kept = :kept AND branch = :branch AND place >= :first)",
            {"kept": key, "branch": branch, "first": first},
        ).fetchone()
        return int(total)

    def _key(self, name: str) -> int:
        found = self._db.execute("SELECT id FROM kept WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise Problem("not_found", f"No session is kept as {name[:40]!r}.", field="name")
        return int(found[0])

    def _check_free(self, name: str) -> None:
        if self._db.execute("SELECT 1 FROM kept WHERE name = ?", (name,)).fetchone():
            raise Problem(
                "conflict",
                f"Another session is kept as {name!r} already: delete that, or take another name.",
                field="name",
                allowed="a name that no other has",
            )
        (count,) = self._db.execute("SELECT count(*) FROM kept").fetchone()
        if count >= self._settings.kept_max:
            raise Problem(
                "budget",
                f"{count} sessions are kept already; delete one.",
                estimate=count + 1,
                budget=self._settings.kept_max,
                setting="kept_max",
            )

    def _check_room(self) -> None:
        (total,) = self._db.execute(f"SELECT sum({_SIZE}) FROM kept").fetchone()
        if total > self._settings.kept_bytes_max:
            raise Problem(
                "budget",
                f"The kept sessions would come to {total} bytes; delete one.",
                estimate=total,
                budget=self._settings.kept_bytes_max,
                setting="kept_bytes_max",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing.

        Raises:
            Problem: the file cannot be read or written.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise Problem(
                "conflict", f"The file of kept sessions failed: {error}.", setting="store"
            ) from error
