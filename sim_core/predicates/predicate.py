"""A predicate of a lab: from its text to what can be asked of the node (docs/PREDICATES.md)."""

from dataclasses import dataclass
from typing import NamedTuple

from sim_core.config import LabConfig
from sim_core.errors import PredicateError
from sim_core.mm._mm import Node
from sim_core.mm._predicate import CODE_ROOM, Program
from sim_core.predicates.code import Code
from sim_core.predicates.grammar import parse
from sim_core.predicates.scope import Leaf, Scope
from sim_core.predicates.tree import Fault


class Value(NamedTuple):
    """What a part of a predicate is worth.

    Attributes:
        text: the part as written.
        value: a number; None: it has no value now.
        word: what the number stands for (ISOLATE, yes); "" if it is nothing but a number.
    """

    text: str
    value: int | None
    word: str


@dataclass(frozen=True)
class Predicate:
    """A question to a node that is answered by yes or no.

    Attributes:
        text: as written.
        program: what the core runs.
        leaves: what it reads, in its order.
    """

    text: str
    program: Program
    leaves: tuple[Leaf, ...]

    def holds(self) -> bool:
        """Is it true of the node as it is now?"""
        return self.program.holds()

    def values(self) -> list[Value]:
        """What its parts are worth now, each part once."""
        values = {}
        for leaf, value in zip(self.leaves, self.program.values(), strict=True):
            words = leaf.kind.words
            word = "no value" if value is None else words[value] if words else ""
            values[leaf.text] = Value(leaf.text, value, word)
        return list(values.values())


def compile_predicate(text: str, config: LabConfig, node: Node, zone: int = 0) -> Predicate:
    """A predicate for a lab's node.

    Args:
        config: the lab's, as it turned out.
        zone: slot of the zone that names without one are of.

    Raises:
        PredicateError: the text is no predicate of this lab.
    """
    code = Code(Scope(config, zone))
    try:
        tree = parse(text)
        code.write_answer(tree)
        if len(code.steps) > CODE_ROOM:
            raise Fault(f"it makes {len(code.steps)} steps", 0, len(text), f"at most {CODE_ROOM}")
    except Fault as fault:
        length = fault.end - fault.start
        raise PredicateError(
            fault.problem, text, fault.start, length, allowed=fault.allowed
        ) from None
    return Predicate(text, Program(node, code.steps), tuple(code.leaves))
