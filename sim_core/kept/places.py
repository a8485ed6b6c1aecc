"""A value out of a file of somebody's, and where in it that stands: read strictly or refused."""

import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from sim_core.errors import ConfigError

_TOLD: Final = 80
"""Characters of the name of a field that is not known."""
NUMBER_MAX: Final = (1 << 53) - 1
"""Whole numbers up to here are the same to everybody who reads JSON."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A JSON value.

    Attributes:
        value: it.
        path: where it stands, as an error names it: `journal.branches[2].tip`.
    """

    value: object
    path: str

    def wrong(self, allowed: str, because: str | None = None) -> ConfigError:
        """The error for it.

        Args:
            allowed: what could stand there.
            because: a sentence, if it is not enough to show what stands there.
        """
        # Whatever it is, a little of it is looked at: it may be deep and long.
        told = because or f"{self.path} is {reprlib.repr(self.value)}"
        return ConfigError(told, field=self.path, allowed=allowed)

    def fields(self, *names: str) -> "list[Place]":
        """The values of an object that has just these fields, in the order asked for."""
        value = self.value
        if not isinstance(value, dict):
            raise self.wrong(f"an object of {', '.join(names)}")
        for name in value:
            if name not in names:
                path = self._at(str(name)[:_TOLD])
                raise ConfigError(
                    f"{path}: there is no such field", field=path, allowed=", ".join(names)
                )
        for name in names:
            if name not in value:
                path = self._at(name)
                raise ConfigError(f"{path} is missing", field=path, allowed=", ".join(names))
        return [Place(value[name], self._at(name)) for name in names]

    def items(self, most: int, least: int = 0) -> "list[Place]":
        """The values of a list."""
        value = self.value
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise self.wrong(f"a list of {least} … {most}")
        return [Place(item, f"{self.path}[{index}]") for index, item in enumerate(value)]

    def whole(self, least: int = 0, most: int = NUMBER_MAX) -> int:
        """A whole number."""
        value = self.value
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(f"{least} … {most}")
        return value

    def truth(self) -> bool:
        """True or false."""
        value = self.value
        if not isinstance(value, bool):
            raise self.wrong("true or false")
        return value

    def text(self, most: int) -> str:
        """A line of printable characters, not empty."""
        value = self.value
        if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
            raise self.wrong(f"1 … {most} printable characters")
        return value

    def one_of(self, words: Sequence[str]) -> str:
        """One of these words."""
        value = self.value
        if not isinstance(value, str) or value not in words:
            raise self.wrong(", ".join(words))
        return value

    def or_none(self, read: "Callable[[Place], T]") -> T | None:
        """What `read` makes of it, or None where it is null."""
        return None if self.value is None else read(self)

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
