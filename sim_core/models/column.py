"""A column of the model table: one question, and what may be answered.

Most answers are truth tables: *when* does this site move this counter? The others are choices: one
of a few ways in which kernels have done the step.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Counter = Literal["NR_FREE_PAGES", "nr_free", "route", "bug", "rule"]


class Choice(NamedTuple):
    """One way of doing a step: in a word or two, and whole."""

    label: str
    words: str


@dataclass(frozen=True)
class Column:
    """One question.

    Attributes:
        name: the field of `policy_t`.
        site: kernel function whose step it is.
        counter: which counter it moves; "route" chooses a function, "bug" an assertion, "rule" is a
            choice.
        words: the question that the value answers.
        choices: of a rule, what 0, 1, 2, … say; a truth table has none.
    """

    name: str
    site: str
    counter: Counter
    words: str
    choices: tuple[Choice, ...] = ()


def ways(*ways_: tuple[str, str]) -> tuple[Choice, ...]:
    """The choices of a column, from 0 up, each as (label, words)."""
    return tuple(Choice(*way) for way in ways_)
