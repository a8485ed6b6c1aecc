"""From a text to its tree, in time that grows with the text's length, without recursion."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from sim_core.predicates.tree import (
    Call,
    Expression,
    Fault,
    Index,
    Name,
    Number,
    Series,
    Unary,
    Word,
)

TEXT_MAX: Final = 1000
"""Characters."""
DEPTH_MAX: Final = 32
"""Expressions inside one another, parentheses counted too."""
NUMBER_MAX: Final = (1 << 63) - 1

_WORDS: Final = {
    "NAME": "a name",
    "NUMBER": "a number",
    "LPAR": "(",
    "MINUS": "-",
    "NOT": "not",
    "PLUS": "+",
    "TIMES": "* // %",
    "COMPARE": "< <= > >= == !=",
    "AND": "and",
    "OR": "or",
    "LSQB": "[",
    "DOT": ".",
    "COMMA": "a comma",
    "RPAR": ")",
    "RSQB": "]",
    "$END": "the end",
}
"""Terminals of the grammar as they are told, in this order."""
_MEANT: Final = {
    "=": "==",
    "!": "not, or !=",
    "&": "and",
    "|": "or",
    "/": "//",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "−": "-",
}
"""What is probably meant by a sign that the language does not have."""


def parse(text: str) -> Expression:
    """The tree of a predicate.

    Raises:
        Fault: it is too long, too deep, or no predicate.
    """
    if len(text) > TEXT_MAX:
        raise Fault(
            f"{len(text)} characters are too many", TEXT_MAX, len(text), f"at most {TEXT_MAX}"
        )
    try:
        # The builder makes expressions while the text is read; to lark every result is a tree.
        tree: object = _parser().parse(text)
    except UnexpectedCharacters as error:
        char = error.char
        place: int = error.pos_in_stream  # type: ignore[assignment]
        problem = f"found {char if char.isprintable() else f'U+{ord(char):04X}'}"
        if char in _MEANT:
            problem += f"; write {_MEANT[char]}"
        raise Fault(problem, place, place + 1, _possible_after(text[:place])) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            allowed = _possible_after(text)
            raise Fault("it ends here", len(text), len(text) + 1, allowed) from None
        word = _word(error.token)
        allowed = _possible_after(text[: word.start])
        raise Fault(f"found {word.text}", word.start, word.end, allowed) from None
    assert isinstance(tree, Expression)
    return tree


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


def _possible_after(text: str) -> str:
    """What may follow the beginning of a predicate.

    The state in which the parser found its error tells less: it has taken a name for complete.
    """
    parser = _parser().parse_interactive(text)
    parser.exhaust_lexer()
    terminals = parser.accepts()  # type: ignore[no-untyped-call]
    return ", ".join(words for name, words in _WORDS.items() if name in terminals)


def _word(token: Token) -> Word:
    assert token.start_pos is not None
    return Word(str(token), token.start_pos)


def _number(word: Word) -> int:
    if not re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]+", word.text):
        allowed = "digits, or 0x and hexadecimal digits"
        raise Fault(f"{word.text} is no number", word.start, word.end, allowed)
    value = int(word.text, 16 if word.text[:2] in ("0x", "0X") else 10)
    if value > NUMBER_MAX:
        raise Fault("the number is too large", word.start, word.end, f"0 … {NUMBER_MAX}")
    return value


def _around(children: list[Expression], start: int, end: int) -> int:
    """Depth of what holds these."""
    depth = 1 + max(child.depth for child in children)
    if depth > DEPTH_MAX:
        raise Fault("it is nested too deep", start, end, f"{DEPTH_MAX} levels")
    return depth


class _Builder(Transformer[Token, Expression]):
    """Makes the tree from the ground up, as the parser goes: a method for each rule."""

    def start(self, children: list[Expression]) -> Expression:
        return children[0]

    def number(self, children: list[Token]) -> Expression:
        word = _word(children[0])
        return Number(word.start, word.end, 1, _number(word))

    def name(self, children: list[Token]) -> Expression:
        parts: list[Word] = []
        for token in children:
            word = _word(token)
            if token.type == "NAME":
                parts.append(word)
            elif token.type == "NUMBER":
                parts.append(Index(word.text, word.start, _number(word)))
        return Name(parts[0].start, _word(children[-1]).end, 1, tuple(parts))

    def group(self, children: list[Token | Expression]) -> Expression:
        opening, inner, closing = children
        assert isinstance(opening, Token) and isinstance(inner, Expression)
        assert isinstance(closing, Token)
        start, end = _word(opening).start, _word(closing).end
        return replace(inner, start=start, end=end, depth=_around([inner], start, end))

    def unary(self, children: list[Token | Expression]) -> Expression:
        sign, operand = children
        assert isinstance(sign, Token) and isinstance(operand, Expression)
        word = _word(sign)
        depth = _around([operand], word.start, operand.end)
        return Unary(word.start, operand.end, depth, word, operand)

    def series(self, children: list[Token | Expression]) -> Expression:
        operands = [child for child in children if isinstance(child, Expression)]
        signs = tuple(_word(child) for child in children if isinstance(child, Token))
        start, end = operands[0].start, operands[-1].end
        return Series(start, end, _around(operands, start, end), tuple(operands), signs)

    either = both = comparison = terms = factors = series

    def call(self, children: list[Token | Expression]) -> Expression:
        function, closing = children[0], children[-1]
        assert isinstance(function, Token) and isinstance(closing, Token)
        arguments = [child for child in children if isinstance(child, Expression)]
        word, end = _word(function), _word(closing).end
        depth = _around(arguments, word.start, end)
        return Call(word.start, end, depth, word, tuple(arguments))
