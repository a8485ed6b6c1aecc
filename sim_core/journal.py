"""The journal: what was asked of a lab, in order. State is derived from it, never the reverse.

The same journal runs under any model: chunks are named by handle where a person named a PFN, and
the workload's turns are one entry however many there are, since its random state is the node's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ENTRIES_MAX: Final = 1_000_000
"""Entries kept; a person makes one a click, so this is years of clicking or one hostile hour."""


@dataclass
class Entry:
    """One request: the Lab method's name, its arguments, and the first operation it became."""

    call: str
    args: tuple[object, ...]
    first_op: int


class Journal:
    """Requests in order, runs of the workload joined."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.complete = True
        """False once an entry found no room: the lab can no longer be run again from boot."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def add(self, call: str, args: tuple[object, ...], first_op: int) -> None:
        """Note a request that is about to run as operation `first_op` and those after it."""
        if not self.complete:
            return
        if len(self._entries) == ENTRIES_MAX:
            self.complete = False
            return
        self._entries.append(Entry(call, args, first_op))

    def add_turns(self, turns: int, first_op: int) -> None:
        """Note turns of the workload; a run that follows another is one entry with it."""
        last = self._entries[-1] if self._entries else None
        if last is not None and last.call == "run_workload" and isinstance(last.args[0], int):
            last.args = (last.args[0] + turns,)
            return
        self.add("run_workload", (turns,), first_op)

    def drop_last(self) -> None:
        """Take back the entry just added: it was refused before the kernel ran."""
        if self.complete:
            self._entries.pop()
