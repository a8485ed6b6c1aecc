"""Episodes and programs played in a process of their own, since one that breaks may end with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.soak.apart import apart
from tests.soak.episode import OPERATIONS, Setting, Tally, play
from tests.soak.program import Call, words


def episode(setting: Setting, total: Tally) -> str | None:
    """Play one and add it to the total: what went wrong, or None."""
    ended = apart(partial(_drawn, setting))
    if ended.value is not None:
        total.add(ended.value)
    return ended.wrong


def _drawn(setting: Setting) -> Tally:
    node, tally = setting.node(), Tally()
    play(node, setting.calls(node), OPERATIONS, tally)
    return tally


def prefix(setting: Setting) -> list[Call]:
    """The episode's calls up to and with the one at which it breaks."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "calls"
        apart(partial(_told, setting, told))
        return [_parsed(line) for line in told.read_text("utf-8").splitlines()]


def _told(setting: Setting, place: Path) -> None:
    """Play the episode and write each call down before it is made."""
    with place.open("w", encoding="utf-8", buffering=1) as out:

        def calls() -> Iterator[Call]:
            for call in setting.calls(node):
                out.write(words(call) + "\n")
                yield call

        node = setting.node()
        play(node, calls(), OPERATIONS, Tally())


def _parsed(line: str) -> Call:
    name, _, args = line.rstrip(")").partition("(")
    return name, tuple(int(arg) for arg in args.split(", ") if arg)


def breaks(setting: Setting, calls: list[Call]) -> bool:
    """Whether these calls break a zone as the setting makes it."""
    return apart(partial(_replayed, setting, calls)).wrong is not None


def _replayed(setting: Setting, calls: list[Call]) -> None:
    play(setting.node(), calls, OPERATIONS, Tally())
