"""The library of demonstrations: one TOML file each, checked when it is read."""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim_core.config import LabConfig

Verb = Literal[
    "alloc",
    "boot_free",
    "drain",
    "free",
    "free_block",
    "isolate",
    "offline_isolated",
    "online_pages",
    "unisolate",
]
"""Methods of a lab that a story may call."""
Call = Annotated[list[int | str], Field(min_length=1)]
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


class Geometry(_Told):
    """A story in one size of zone.

    Attributes:
        title: the size, in a word or two.
        zone: what the lab is built from.
        blocks: first and last pageblock that the story is about.
        look: where to look, and for what.
        prepare: (times, call): what makes the zone as the story finds it.
        step: the story, or one cycle of it, {n} being the cycle's number.
        cycles: how often it is told.
    """

    title: str
    zone: Zone
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
        return LabConfig(
            **self.zone.model_dump(),
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
