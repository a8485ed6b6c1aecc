"""A predicate as it was written: what stands in what, and where; not yet what names mean."""

from dataclasses import dataclass


class Fault(Exception):
    """Something in a text that will not do; whoever has the text makes a PredicateError of it.

    Args:
        problem: what was found, and why it will not do.
        start, end: where, in characters; the end is one past the last.
        allowed: what could stand there.
    """

    def __init__(self, problem: str, start: int, end: int, allowed: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.start = start
        self.end = end
        self.allowed = allowed


@dataclass(frozen=True)
class Word:
    """A name, a sign or a number as it stands in the text."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """One past its last character."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Expression:
    """Anything that has a value.

    Attributes:
        start, end: where it stands, in characters, with the parentheses around it.
        depth: how deep others are nested in it; alone it is 1.
    """

    start: int
    end: int
    depth: int


@dataclass(frozen=True)
class Number(Expression):
    """A whole number, 0 … 2^63 - 1."""

    value: int


@dataclass(frozen=True)
class Index(Word):
    """A number in brackets."""

    value: int


@dataclass(frozen=True)
class Name(Expression):
    """Something of the node, or a constant: words joined by dots, and indices."""

    parts: tuple[Word | Index, ...]

    @property
    def text(self) -> str:
        """As written, without spaces."""
        told = (f"[{p.text}]" if isinstance(p, Index) else f".{p.text}" for p in self.parts)
        return "".join(told).removeprefix(".")


@dataclass(frozen=True)
class Unary(Expression):
    """`not` or a minus, and what it stands before."""

    sign: Word
    operand: Expression


@dataclass(frozen=True)
class Series(Expression):
    """Operands with a sign between each two: a sum, a product, comparisons, `and` or `or`."""

    operands: tuple[Expression, ...]
    signs: tuple[Word, ...]


@dataclass(frozen=True)
class Call(Expression):
    """A function of what stands in its parentheses."""

    function: Word
    arguments: tuple[Expression, ...]
