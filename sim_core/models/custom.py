"""A model of somebody's own: a kernel's row with some columns changed by hand.

It aims at what its parent aims at, and runs only if no rule reads what another does not keep
(sim_core/models/rules.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from sim_core.errors import ConfigError
from sim_core.models.columns import BY_NAME, COLUMNS
from sim_core.models.registry import ROWS
from sim_core.models.rules import broken
from sim_core.models.table import Cell, Row, When
from sim_core.models.truth import WORDS, when

NAME_MAX: Final = 30
"""Characters in the name of a custom model."""
FAMILY: Final = "Your own"
_TOLD_MAX: Final = 60  # characters of a value that is no answer


@dataclass(frozen=True)
class Custom:
    """What a custom model is made from; `custom` checks it.

    Attributes:
        name: how commands, files and the page call it.
        parent: the kernel whose row it changes.
        changes: (column, value), in the order of COLUMNS, none of them as the parent has it.
    """

    name: str
    parent: str
    changes: tuple[tuple[str, int], ...] = ()


class Difference(NamedTuple):
    """A column in which two rows part."""

    column: str
    value: int
    other: int


def diff(row: Row, other: Row) -> tuple[Difference, ...]:
    """The columns in which two rows differ, in their order, with both values."""
    values, others = row.columns(), other.columns()
    return tuple(
        Difference(name, value, others[name])
        for name, value in values.items()
        if value != others[name]
    )


def words_of(column: str, value: int) -> str:
    """A column's value in words."""
    choices = BY_NAME[column].choices
    return choices[value].words if choices else WORDS[value]


def custom(name: str, parent: str, changes: Mapping[str, int | str]) -> Custom:
    """A custom model, every part of it checked.

    Args:
        name: 1 to 30 printable characters; no kernel's.
        parent: a kernel.
        changes: column -> a number, or what the number says in words.

    Raises:
        ConfigError: naming the field and what it may be.
    """
    values = _parent(parent).columns()
    chosen = {column: _number(column, value) for column, value in changes.items()}
    made = Custom(
        name,
        parent,
        tuple(
            (column, chosen[column])
            for column in values
            if chosen.get(column, values[column]) != values[column]
        ),
    )
    derived(made)
    return made


def derived(made: Custom) -> Row:
    """The row of a custom model.

    Raises:
        ConfigError: a name, parent, column or value that cannot be, or cells that cannot stand
            together.
    """
    _check_name(made.name)
    parent = _parent(made.parent)
    changes = {column: _number(column, value) for column, value in made.changes}
    values = {**parent.columns(), **changes}
    for rule in broken(values):
        raise ConfigError(
            rule.reason,
            field=f"changes.{next(iter(rule.columns))}",
            allowed=f"another value of {' or '.join(rule.columns)}",
        )
    cells = {
        name: _changed(parent, name, {c: values[c] for c in cell.values})
        for name, cell in parent.cells.items()
        if cell.values.keys() & changes.keys()
    }
    row = parent.with_cells(
        cells,
        name=made.name,
        title=f"{made.name}, from {parent.title}",
        summary=_summary(parent, changes),
        aims=parent.aims,
        because={},
        family=FAMILY,
    )
    return replace(row, parent=parent.name)


def _changed(parent: Row, name: str, values: dict[str, int]) -> Cell:
    """A cell whose columns were changed by hand."""
    was = parent.cells[name].values
    told = [
        f"{column} was: {words_of(column, _value(was[column]))}"
        for column, value in values.items()
        if value != _value(was[column])
    ]
    return Cell(
        {c: value if BY_NAME[c].choices else when(value) for c, value in values.items()},
        f"changed by hand; {parent.name} has it from {parent.cells[name].source}",
        f"{'; '.join(told)}.",
    )


def _value(value: When | int) -> int:
    return value.bits if isinstance(value, When) else value


def _summary(parent: Row, changes: dict[str, int]) -> str:
    if not changes:
        return f"{parent.title}, as it is."
    return f"{parent.title} with {len(changes)} changed by hand: {', '.join(changes)}."


def _parent(name: str) -> Row:
    if name not in ROWS:
        raise ConfigError(
            f"no kernel is called {name[:_TOLD_MAX]!r}", field="parent", allowed=", ".join(ROWS)
        )
    return ROWS[name]


def _check_name(name: str) -> None:
    if not name.isprintable() or not 1 <= len(name) <= NAME_MAX or name != name.strip():
        raise ConfigError(
            f"a model cannot be called {name[:_TOLD_MAX]!r}",
            field="name",
            allowed=f"1 … {NAME_MAX} printable characters, none of them a space at an end",
        )
    if name in ROWS:
        raise ConfigError(
            f"{name} is a kernel's name", field="name", allowed="a name that no kernel has"
        )


def _number(column: str, value: int | str) -> int:
    """The value of a column, given as a number or in words."""
    if column not in BY_NAME:
        raise ConfigError(
            f"the model table has no column {column[:_TOLD_MAX]!r}",
            field="changes",
            allowed=", ".join(one.name for one in COLUMNS),
        )
    choices = BY_NAME[column].choices
    known = tuple(choice.words for choice in choices) or WORDS
    if isinstance(value, str) and value in known:
        return known.index(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(known):
        return value
    raise ConfigError(
        f"{column} cannot be {str(value)[:_TOLD_MAX]!r}",
        field=f"changes.{column}",
        allowed="; ".join(f"{n}: {words}" for n, words in enumerate(known))
        if choices
        else "0 … 255, a bit for each of eight cases, or a table in its own words",
    )
