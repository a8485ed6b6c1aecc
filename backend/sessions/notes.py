"""What people wrote down at moments of the lab's time, and the handlers of doing so."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend.problems import Problem
from backend.protocol import keeping
from backend.protocol.messages import Json, NoteRow, NotesMessage
from backend.sessions.jobs import Turn
from sim_core import Lab

if TYPE_CHECKING:
    from backend.sessions.session import Session

NOTES_MAX: Final = keeping.NOTES_MAX


@dataclass(frozen=True)
class Note:
    """A note.

    Attributes:
        note: its number.
        branch: whose operation it is about.
        op, step: the moment; of step None it is the end of the operation.
        text: what it says.
    """

    note: int
    branch: int
    op: int
    step: int | None
    text: str


class Notes:
    """Of all branches of a lab, in the order they were written."""

    def __init__(self) -> None:
        self.all: tuple[Note, ...] = ()
        self._made = 0

    def add(self, branch: int, op: int, step: int | None, text: str) -> Note:
        """Write one down.

        Raises:
            Problem: there are too many.
        """
        if len(self.all) >= NOTES_MAX:
            raise Problem(
                "conflict",
                f"There are {NOTES_MAX} notes already.",
                field="note",
                allowed="delete one first",
            )
        self._made += 1
        note = Note(self._made, branch, op, step, text)
        self.all = (*self.all, note)
        return note

    def delete(self, number: int) -> None:
        """Take one away.

        Raises:
            Problem: there is none of that number.
        """
        left = tuple(note for note in self.all if note.note != number)
        if len(left) == len(self.all):
            numbers = ", ".join(str(note.note) for note in self.all[:20])
            raise Problem(
                "not_found",
                f"There is no note {number}.",
                field="note",
                allowed=numbers or "there is none",
            )
        self.all = left

    def keep_of(self, branches: set[int]) -> None:
        """Those of other branches went with them."""
        if any(note.branch not in branches for note in self.all):
            self.all = tuple(note for note in self.all if note.branch in branches)

    def on_one_branch(self, lab: Lab, other: Lab) -> "Notes":
        """Those on the way of a lab that lead up to its present, for another in which that is run
        again on its only branch.
        """
        notes = Notes()
        for row in self.rows(lab):
            if row["op"] <= min(lab.op, other.op):
                notes.add(other.journal.current.ident, row["op"], None, row["text"])
        return notes

    def rows(self, lab: Lab) -> list[NoteRow]:
        """Those on the lab's present way, by operation."""
        way = {branch.ident: last for branch, last in lab.journal.way()}
        here = [note for note in self.all if note.op <= way.get(note.branch, -1)]
        here.sort(key=lambda note: note.op)
        return [
            {"note": n.note, "branch": n.branch, "op": n.op, "step": n.step, "text": n.text}
            for n in here
        ]


def notes_message(session: "Session") -> NotesMessage:
    """All that are on the way, as sent."""
    return {"type": "notes", "notes": session.history.notes.rows(session.lab)}


def note(session: "Session", turn: Turn, command: keeping.Note) -> Json:
    """Write something down at a moment of this way; without one at the present."""
    lab = session.lab
    here = lab.moment
    op, step = command.op, command.step
    if not command.text.isprintable():
        raise Problem(
            "invalid",
            f"text: {command.text[:40]!r} has characters that are not shown.",
            field="text",
            allowed=f"1 … {keeping.NOTE_MAX} printable characters",
        )
    if op is None:
        if step is not None:
            raise Problem(
                "invalid", "A step is of an operation.", field="step", allowed="with op given"
            )
        op, step = here.op, None if here.whole else here.step
    first, last = lab.timeline.first_op, max(lab.journal.tip, here.op)
    if not first <= op <= last:
        raise Problem(
            "invalid",
            f"There is no operation {op} on this branch.",
            field="op",
            allowed=f"{first} … {last}",
        )
    branch = next(branch for branch, end in lab.journal.way() if op <= end)
    made = session.history.notes.add(branch.ident, op, step, command.text)
    session.broadcast(notes_message(session))
    return {"op": lab.op, "note": made.note}


def delete_note(session: "Session", turn: Turn, command: keeping.DeleteNote) -> Json:
    """Take a note away."""
    session.history.notes.delete(command.note)
    session.broadcast(notes_message(session))
    return {"op": session.lab.op}
