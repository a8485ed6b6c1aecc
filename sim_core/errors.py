"""What can go wrong, by what the caller can do about it.

A kernel's own refusal (-EBUSY, -ENOMEM, …) is no error here: it is the result of an operation that
ran. Everything below was found out before the kernel ran, and nothing was changed.
"""


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
