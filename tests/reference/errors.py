"""The two ways a call ends without a result."""

from __future__ import annotations


class Refused(ValueError):
    """The call makes no sense in this state or has a bad argument. Nothing has changed."""


class KernelBug(Exception):
    """The kernel hit a BUG. Whatever it had done before that line stands."""
