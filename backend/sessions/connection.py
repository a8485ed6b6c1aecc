"""One connection of a session: its role, its outbox, its views, and how much it has said."""

from dataclasses import dataclass

from backend.problems import Problem
from backend.protocol.fields import Command
from backend.protocol.frames import SharedView
from backend.protocol.messages import Role
from backend.sessions.outbox import Outbox
from backend.settings import Settings


@dataclass
class Subscription:
    """A view that a connection receives.

    Attributes:
        view: shared with everybody who sees the same.
        held: number of the last frame given; None when the next must be a keyframe.
        missed: a frame was dropped because the reader is slow; the next waits until it is ready.
    """

    view: SharedView
    held: int | None = None
    missed: bool = False


class Bucket:
    """Fair use: so many commands a second, with a burst."""

    def __init__(self, per_s: int, burst: int, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more is fair now."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Connection:
    """Args:
    number: unique in the session, from 1.
    role: viewers may only read.
    outbox: what waits to be sent.
    settings: how much it may ask.
    now: the clock, in seconds.
    """

    def __init__(
        self, number: int, role: Role, outbox: Outbox, settings: Settings, now: float
    ) -> None:
        self.number = number
        self.role = role
        self.outbox = outbox
        self.subscriptions: dict[str, Subscription] = {}
        self.bad_messages = 0
        self._bucket = Bucket(settings.commands_per_s, settings.commands_burst, now)
        self._last_id = -1

    def admit(self, command: Command, now: float) -> None:
        """Check what this connection may ask now.

        Raises:
            Problem: `invalid` (no id, or not a rising one), `busy` or `forbidden`.
        """
        if command.id is None:
            raise Problem("invalid", "id is missing.", field="id", allowed="a whole number")
        if command.id <= self._last_id:
            raise Problem(
                "invalid",
                f"id: {command.id} does not rise.",
                field="id",
                allowed=f"more than {self._last_id}",
            )
        self._last_id = command.id
        if not self._bucket.take(now):
            raise Problem("busy", "More commands than are fair; wait a moment.")
        if self.role == "viewer" and not command.READ:
            raise Problem("forbidden", "A viewer only looks; connect as a driver to act.")
