"""The library of demonstrations: one TOML file each, checked when it is read."""

import tomllib
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim_core.config import LabConfig, ZoneSpan

Verb = Literal[
    "alloc",
    "boot_free",
    "drain",
    "free",
    "free_block",
    "isolate",
    "kswapd_step",
    "offline",
    "offline_isolated",
    "online_pages",
    "unisolate",
]
"""Methods of a lab that a story may call."""
Call = Annotated[list[bool | int | str], Field(min_length=1)]
"""A verb and its arguments."""

_LOG_BYTES: Final = 16 << 20
"""Of the log of a demonstration: all writes of the longest are kept."""
_LIBRARY: Final = Path(__file__).parent / "library"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Told):
    """One sentence and what happens with it.

    Attributes:
        say: what is done, in a sentence.
        do: calls of the lab, each an operation.
    """

    say: str
    do: Annotated[list[Call], Field(min_length=1)]


class Zone(_Told):
    """The fields of a LabConfig that a geometry decides."""

    spanned_pages: int
    pageblock_order: int
    max_order: int
    pcp_high: int | None = None
    pcp_batch: int | None = None
    booted: bool = False


class ZoneOfNode(_Told):
    """A zone of a node; each begins where the one below ends."""

    zone: str
    spanned_pages: int


class Node(_Told):
    """The fields of a LabConfig that a geometry of several zones decides."""

    zones: list[ZoneOfNode]
    pageblock_order: int
    max_order: int
    min_free_kbytes: int | None = None
    swap_pages: int = 0

    @property
    def spans(self) -> tuple[ZoneSpan, ...]:
        """The zones as they lie."""
        ends = accumulate(zone.spanned_pages for zone in self.zones)
        return tuple(
            ZoneSpan(zone.zone, end - zone.spanned_pages, zone.spanned_pages)
            for zone, end in zip(self.zones, ends, strict=True)
        )


class Geometry(_Told):
    """A story in one size of zone, or on a node.

    Attributes:
        title: the size, in a word or two.
        zone, node: what the lab is built from; one of both.
        blocks: first and last pageblock that the story is about.
        look: where to look, and for what.
        prepare: (times, call): what makes the zone as the story finds it.
        step: the story, or one cycle of it, {n} being the cycle's number.
        cycles: how often it is told.
    """

    title: str
    zone: Zone | None = None
    node: Node | None = None
    blocks: tuple[int, int]
    look: str
    prepare: list[tuple[Annotated[int, Field(ge=1)], Call]] = []
    step: Annotated[list[Step], Field(min_length=1)]
    cycles: Annotated[int, Field(ge=1)] = 1

    @property
    def steps(self) -> list[Step]:
        """Every step, cycles told out."""
        return [
            Step(say=step.say.replace("{n}", str(n)), do=step.do)
            for n in range(1, self.cycles + 1)
            for step in self.step
        ]

    def config(self, like: LabConfig) -> LabConfig:
        """A lab of this size with the model and seed of another, and a log no larger.

        Raises:
            ConfigError: the geometry describes no zone.
        """
        built: dict[str, Any] = {}
        if self.zone is not None:
            built = self.zone.model_dump()
        if self.node is not None:
            built = {**self.node.model_dump(), "zones": self.node.spans}
        return LabConfig(
            **built,
            model=like.model,
            seed=like.seed,
            log_bytes=min(like.log_bytes, _LOG_BYTES),
        ).validated()


class Scenario(_Told):
    """A demonstration in every size it has.

    Attributes:
        place: its place in the menu.
        title: what it is called.
        question: what it asks.
        geometry: by name, the first being the one it begins with.
    """

    place: int
    title: str
    question: str
    geometry: dict[str, Geometry]


def _read(path: Path) -> Scenario:
    return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def _library() -> dict[str, Scenario]:
    read = {path.stem: _read(path) for path in _LIBRARY.glob("*.toml")}
    return dict(sorted(read.items(), key=lambda item: item[1].place))


SCENARIOS: Final = _library()
"""Every demonstration by its name, in the order of the menu."""
