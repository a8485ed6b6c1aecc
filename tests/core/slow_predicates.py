"""The meaning of a predicate, told by its tree: slow, without a program or a stack."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from sim_core.predicates import CONSTANTS
from sim_core.predicates.tree import Call, Expression, Name, Number, Series, Unary

Leaves = Mapping[str, int | None]
"""What every name is worth by its text; rows of orders by each order's text."""

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
RECKON: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}


def wrapped(value: int) -> int:
    """As 64 bits with a sign keep it."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def worth(tree: Expression, leaves: Leaves) -> int | None:
    """A number, True or False; None: no value."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return CONSTANTS[tree.text][1] if tree.text in CONSTANTS else leaves[tree.text]
    if isinstance(tree, Unary):
        value = worth(tree.operand, leaves)
        if tree.sign.text == "not":
            return not value
        return None if value is None else wrapped(-value)
    if isinstance(tree, Call):
        return of_function(tree, leaves)
    assert isinstance(tree, Series)
    signs = [sign.text for sign in tree.signs]
    values = [worth(operand, leaves) for operand in tree.operands]
    if signs[0] == "and":
        return all(values)
    if signs[0] == "or":
        return any(values)
    if signs[0] in COMPARE:
        pairs = zip(signs, values, values[1:], strict=False)
        return all(a is not None and b is not None and COMPARE[sign](a, b) for sign, a, b in pairs)
    total = values[0]
    for sign, value in zip(signs, values[1:], strict=True):
        if total is None or value is None or (sign in ("//", "%") and value == 0):
            return None
        total = wrapped(RECKON[sign](total, value))
    return total


def of_function(tree: Call, leaves: Leaves) -> int | None:
    values: list[int | None] = []
    for argument in tree.arguments:
        row = []
        if isinstance(argument, Name):
            row = [text for text in leaves if text.startswith(f"{argument.text}[")]
        if row and isinstance(argument, Name) and argument.text not in leaves:
            values += [leaves[text] for text in row]
        else:
            values.append(worth(argument, leaves))
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if tree.function.text == "abs":
        return wrapped(abs(known[0]))
    functions: dict[str, Callable[[list[int]], int]] = {"min": min, "max": max, "sum": sum}
    return wrapped(functions[tree.function.text](known))
