"""Where a story takes place: a kernel that hands out the lowest pages first fills another block.

A story that frees pages is written for the pageblock that `prepare` fills. Where a model has filled
another one, the story is told of that: its calls and its sentences name what lies there.
"""

import re
from typing import Final

from backend.scenarios.loader import Call, Geometry, Step
from sim_core import Lab

_OF_A_BLOCK: Final = ("free_block", "isolate", "unisolate")
_OF_A_PAGE: Final = ("boot_free", "free", "offline_isolated", "online_pages")
_GAP: Final = "\u202f"
_NAMED: Final = re.compile(rf"\b([Bb]lock|[Pp]ages?(?: from)?) (\d{{1,3}}(?:{_GAP}\d{{3}})*)\b")


class Place:
    """So many pageblocks from where the story is written for.

    Args:
        blocks: how many; below 0: nearer to the zone's start.
        pageblock_order: of the zone.
    """

    def __init__(self, blocks: int, pageblock_order: int) -> None:
        self._blocks = blocks
        self._pages = blocks << pageblock_order

    @classmethod
    def found(cls, size: Geometry, lab: Lab) -> "Place":
        """Where the pages in use begin, if the story frees some and its own block has none."""
        written = size.blocks[0]
        frees = any(call[0] in ("free", "free_block") for step in size.step for call in step.do)
        away = 0
        if frees and not _in_use(lab, written):
            used = (block for block in range(lab.nr_pageblocks) if _in_use(lab, block))
            away = next(used, written) - written
        return cls(away, lab.config.pageblock_order)

    def step(self, step: Step) -> Step:
        """A step of the story there."""
        if not self._blocks:
            return step
        return Step(say=self.told(step.say), do=[self._call(call) for call in step.do])

    def told(self, text: str) -> str:
        """A sentence of the story there."""
        return _NAMED.sub(self._named, text) if self._blocks else text

    def blocks(self, blocks: tuple[int, int]) -> tuple[int, int]:
        """First and last pageblock that it is about."""
        return blocks[0] + self._blocks, blocks[1] + self._blocks

    def _call(self, call: Call) -> Call:
        verb, *arguments = call
        away = self._blocks if verb in _OF_A_BLOCK else self._pages if verb in _OF_A_PAGE else 0
        if away:
            arguments[0] = int(arguments[0]) + away
        return [verb, *arguments]

    def _named(self, match: re.Match[str]) -> str:
        what, number = match.groups()
        away = self._blocks if what.lower() == "block" else self._pages
        there = int(number.replace(_GAP, "")) + away
        return f"{what} {there:,}".replace(",", _GAP)


def _in_use(lab: Lab, block: int) -> bool:
    return bool(lab.preview([block])["info"]["allocated"])
