"""What can go wrong, by what the caller can do about it.

A kernel's own refusal (-EBUSY, -ENOMEM, …) is no error here: it is the result of an operation that
ran. Everything below was found out before the kernel ran, and nothing was changed.
"""

from unicodedata import combining, east_asian_width

_SHOWN_BEFORE = 60
_SHOWN_AFTER = 60
"""Characters of a line on both sides of the place that is pointed at."""


class SimError(Exception):
    """Base of all errors of the simulator; the text is a sentence for a person.

    Args:
        text: what is wrong and what to do.
        field: the argument at fault, if one is.
        allowed: the values it may have, in words.
    """

    def __init__(self, text: str, *, field: str | None = None, allowed: str | None = None) -> None:
        super().__init__(text)
        self.field = field
        self.allowed = allowed


class ConfigError(SimError):
    """A zone that cannot be built as described."""


class RefusedError(SimError):
    """An operation that does not apply to the present state (a double free, a page not in use)."""


class StoppedError(RefusedError):
    """The node hit a kernel BUG and takes no more operations."""


class BudgetError(SimError):
    """A zone or log that needs more memory than the budget allows.

    Args:
        text: as SimError.
        estimate_bytes: what it would take.
        budget_bytes: what is allowed.
    """

    def __init__(self, text: str, *, estimate_bytes: int, budget_bytes: int) -> None:
        super().__init__(text)
        self.estimate_bytes = estimate_bytes
        self.budget_bytes = budget_bytes


class InputError(SimError):
    """A file that is not what it should be.

    Args:
        file: its name as given.
        line: the line at fault, counted from 1; None if the file as a whole is.
        expected: what should stand there.
        got: what stands there, shortened.
    """

    def __init__(
        self, file: str, line: int | None, expected: str, got: str, *, field: str | None = None
    ) -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: expected {expected}, got {got}", field=field)
        self.file = file
        self.line = line
        self.expected = expected
        self.got = got


class PredicateError(SimError):
    """A predicate that cannot be read, or that reads what there is not.

    Its text has the line at fault and a caret under the place.

    Args:
        problem: what was found, and why it will not do.
        text: the predicate as written.
        position, length: the place in it, in characters; of an end that came too soon one
            after the last.
        allowed: what could stand there.
    """

    def __init__(
        self, problem: str, text: str, position: int, length: int, *, allowed: str | None = None
    ) -> None:
        told = [problem, *_pointed_at(text, position, length)]
        if allowed is not None:
            told.append(f"here can stand: {allowed}")
        super().__init__("\n".join(told), field="predicate", allowed=allowed)
        self.problem = problem
        self.position = position
        self.length = length


def _pointed_at(text: str, position: int, length: int) -> tuple[str, str]:
    """The line of a place, or what surrounds it in a long one, and a line that points at it."""
    first = text.rfind("\n", 0, position) + 1
    last = text.find("\n", position)
    last = len(text) if last < 0 else last
    start = max(first, position - _SHOWN_BEFORE)
    end = min(last, position + _SHOWN_AFTER)
    before = "… " if start > first else ""
    line = "".join(map(_one_wide, text[start:end]))
    marks = "^" * max(1, min(position + length, end) - position)
    return f"  {before}{line}{' …' if end < last else ''}", " " * (
        2 + len(before) + position - start
    ) + marks


def _one_wide(char: str) -> str:
    """The character, or a sign for one that is not shown or is not as wide as the others."""
    plain = char.isprintable() and not combining(char) and east_asian_width(char) not in "WF"
    return char if plain else "\N{REPLACEMENT CHARACTER}"
