"""From a tree to the code of its program: each part is written after its operands, if they fit."""

from collections.abc import Iterator, Sequence
from typing import Final

from sim_core.mm._predicate import LEAF_CODES, STEP_CODES
from sim_core.predicates.kinds import CONSTANTS, NUMBER, TRUTH, Kind
from sim_core.predicates.scope import Leaf, Scope, similar
from sim_core.predicates.tree import Call, Expression, Fault, Name, Number, Series, Unary, Word

_FOLDS: Final = {"min": "min", "max": "max", "sum": "+"}
"""Function of several numbers -> the step between each two."""
_FUNCTIONS: Final = ("abs", *_FOLDS)
_ORDERING: Final = ("<", "<=", ">", ">=")
_EQUALITY: Final = ("==", "!=")
_ANSWERS: Final = "a comparison, or a name that is yes or no"


class Code:
    """The code of one predicate.

    Attributes:
        steps: instructions so far (sim_core/mm/_predicate.pyx).
        leaves: what they read.

    Every method that writes raises Fault where something does not fit.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.steps: list[tuple[int, int, int, int]] = []
        self.leaves: list[Leaf] = []

    def write_answer(self, tree: Expression) -> None:
        """Write what has to be yes or no."""
        kind = self._write(tree)
        if kind != TRUTH:
            raise Fault(f"this is {kind.title}, and no yes or no", tree.start, tree.end, _ANSWERS)

    def _write_number(self, tree: Expression, what: str) -> None:
        kind = self._write(tree)
        if kind != NUMBER:
            problem = f"{what} takes numbers, and this is {kind.title}"
            raise Fault(problem, tree.start, tree.end, "a number")

    def _write(self, tree: Expression) -> Kind:
        match tree:
            case Number():
                return self._constant(NUMBER, tree.value)
            case Name():
                if tree.text in CONSTANTS:
                    return self._constant(*CONSTANTS[tree.text])
                return self._leaf(self.scope.leaf(tree))
            case Unary(sign=Word("not")):
                self.write_answer(tree.operand)
                return self._step("not", TRUTH)
            case Unary():
                self._write_number(tree.operand, tree.sign.text)
                return self._step("negate", NUMBER)
            case Call():
                return self._call(tree)
            case Series():
                sign = tree.signs[0].text
                if sign == "and" or sign == "or":
                    return self._joined(tree, "unless" if sign == "and" else "if")
                if sign in _ORDERING or sign in _EQUALITY:
                    return self._compared(tree)
                return self._reckoned(tree)
        raise TypeError(tree)

    # ---- instructions ----

    def _constant(self, kind: Kind, value: int) -> Kind:
        self.steps.append((LEAF_CODES["number"], 0, 0, value))
        return kind

    def _leaf(self, leaf: Leaf) -> Kind:
        self.steps.append(leaf.code)
        self.leaves.append(leaf)
        return leaf.kind

    def _step(self, name: str, kind: Kind) -> Kind:
        self.steps.append((STEP_CODES[name], 0, 0, 0))
        return kind

    def _leap(self, name: str) -> int:
        """A step that goes on elsewhere; where to, _land says."""
        self._step(name, TRUTH)
        return len(self.steps) - 1

    def _land(self, leaps: list[int]) -> Kind:
        """Have these leaps go on with what is written next."""
        for place in leaps:
            self.steps[place] = (self.steps[place][0], 0, 0, len(self.steps))
        return TRUTH

    # ---- series ----

    def _joined(self, tree: Series, leap: str) -> Kind:
        """`and`, `or`: what comes after the operand that decides is not looked at."""
        leaps = []
        for operand in tree.operands[:-1]:
            self.write_answer(operand)
            leaps.append(self._leap(leap))
        self.write_answer(tree.operands[-1])
        return self._land(leaps)

    def _compared(self, tree: Series) -> Kind:
        """Comparisons, of which a chain holds if each of them does."""
        leaps = []
        for place, sign in enumerate(tree.signs):
            if place:
                leaps.append(self._leap("unless"))
            left, right = tree.operands[place : place + 2]
            kind, other = self._write(left), self._write(right)
            if kind != other:
                problem = f"{kind.title} is not compared with {other.title}"
                raise Fault(problem, right.start, right.end, _comparable(kind))
            if kind == TRUTH and len(tree.signs) > 1:
                problem = "yes or no is compared with one other"
                raise Fault(problem, tree.signs[1].start, tree.end, "parentheses around two")
            if kind != NUMBER and sign.text in _ORDERING:
                problem = f"{kind.title} has no order"
                raise Fault(problem, sign.start, sign.end, ", ".join(_EQUALITY))
            self._step(sign.text, TRUTH)
        return self._land(leaps)

    def _reckoned(self, tree: Series) -> Kind:
        """Sums and products, from left to right."""
        for place, operand in enumerate(tree.operands):
            sign = tree.signs[max(place - 1, 0)].text
            if place and sign in ("//", "%") and isinstance(operand, Number) and not operand.value:
                raise Fault("nothing is divided by 0", operand.start, operand.end, "another number")
            self._write_number(operand, sign)
            if place:
                self._step(sign, NUMBER)
        return NUMBER

    # ---- functions ----

    def _call(self, tree: Call) -> Kind:
        function = tree.function
        if function.text not in _FUNCTIONS:
            problem = f"there is no function {function.text}"
            close = similar(function.text, _FUNCTIONS)
            problem += f"; do you mean {close[0]}?" if close else ""
            raise Fault(problem, function.start, function.end, ", ".join(_FUNCTIONS))
        if function.text in _FOLDS:
            return self._fold(function.text, tree.arguments)
        if len(tree.arguments) > 1:
            raise Fault("abs takes one number", tree.arguments[1].start, tree.end - 1, ")")
        self._write_number(tree.arguments[0], "abs")
        return self._step("abs", NUMBER)

    def _fold(self, function: str, arguments: Sequence[Expression]) -> Kind:
        """Numbers, and names that lack an order, which stand for one number an order."""
        count = 0
        for argument in arguments:
            for _ in self._each(argument, function):
                count += 1
                if count > 1:
                    self._step(_FOLDS[function], NUMBER)
        if count == 1:
            only = arguments[0]
            problem = f"{function} takes several numbers"
            raise Fault(problem, only.start, only.end, "more of them, or a name without its order")
        return NUMBER

    def _each(self, argument: Expression, function: str) -> Iterator[None]:
        """Write the numbers that an argument stands for, one after the other."""
        row = None
        if isinstance(argument, Name) and argument.text not in CONSTANTS:
            row = self.scope.row(argument)
        if row is None:
            self._write_number(argument, function)
            yield
            return
        for leaf in row:
            self._leaf(leaf)
            yield


def _comparable(kind: Kind) -> str:
    if kind == TRUTH:
        return "yes or no; a name that is one stands alone, or after not"
    return ", ".join(kind.words) or kind.title
