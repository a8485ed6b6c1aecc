"""How many labs undo can bring back."""

from collections import deque

from backend.sessions.history import History
from backend.sessions.marks import Marks
from backend.sessions.undoing import ENTRIES_MAX, LABS_MAX, PutAway, Undoing
from sim_core import Lab, LabConfig
from sim_core.packed import Packed


def put_away(words: str, entries: int) -> PutAway:
    lab = Lab(LabConfig(spanned_pages=64, pageblock_order=2, max_order=4, log_bytes=0))
    for _ in range(entries):
        lab.journal.add("drain", (), 1, 1)
    return PutAway(Packed.of(lab), None, History(lab, 10, 10), Marks(1), words)


def test_only_the_latest_labs_are_kept() -> None:
    undoing = Undoing()
    names = deque(f"lab {i}" for i in range(LABS_MAX + 3))
    for name in names:
        undoing.replaced(put_away(name, 0))
    found = []
    while (before := undoing.lab_before()) is not None:
        found.append(before.words)
        lab, _ = before.packed.opened()
        undoing.went_before(before, lab)
    assert found == list(names)[:2:-1]


def test_of_long_ones_fewer_are_kept() -> None:
    undoing = Undoing()
    for name in ("first", "second", "third"):
        undoing.replaced(put_away(name, ENTRIES_MAX // 2))
    lab, _ = put_away("", 0).packed.opened()
    undoing.went_before(put_away("present", 0), lab)
    before = undoing.lab_before()
    assert before is not None
    assert before.words == "second"
    undoing.went_before(put_away("present", 0), lab)
    assert undoing.lab_before() is None
