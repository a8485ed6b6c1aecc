"""Breaks of identities as marks: the first at once, those that follow closely as one."""

from dataclasses import dataclass

from backend.protocol.messages import Mark, mark
from sim_core.lab import Break


@dataclass
class _Held:
    """One identity: since when it is quiet, and what happened meanwhile."""

    quiet_until: float
    first_op: int = 0
    last_op: int = 0
    count: int = 0
    healed_op: int | None = None


class Marks:
    """Coalesces what the watch after every operation reports.

    Args:
        hold_s: seconds for which an identity that was told of stays quiet.
    """

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._held: dict[str, _Held] = {}
        self._broken: dict[str, int] = {}

    def add(self, breaks: list[Break], now: float) -> list[Mark]:
        """Take new breaks; the marks to send now."""
        out: list[Mark] = []
        for one in breaks:
            if one.healed_op is not None and self._broken.get(one.name) == one.op:
                # The break itself was told of before.
                del self._broken[one.name]
                out.append(_healed(one.name, one.healed_op))
                continue
            held = self._held.get(one.name)
            if held is None:
                self._held[one.name] = _Held(now + self._hold_s)
                out += self._told(one.name, one.op, one.healed_op, 1, one.op)
                continue
            if held.count == 0:
                held.first_op = one.op
            held.count += 1
            held.last_op = one.op
            held.healed_op = one.healed_op
        return out

    def due(self, now: float) -> list[Mark]:
        """The marks whose time to be quiet is over."""
        out: list[Mark] = []
        for identity, held in list(self._held.items()):
            if now < held.quiet_until:
                continue
            del self._held[identity]
            if held.count == 0:
                continue
            out += self._told(identity, held.first_op, held.healed_op, held.count, held.last_op)
            self._held[identity] = _Held(now + self._hold_s)
        return out

    def _told(
        self, identity: str, op: int, healed_op: int | None, count: int, last_op: int
    ) -> list[Mark]:
        times = "" if count == 1 else f", {count} times up to {last_op}"
        told = [mark(op, "broken", f"{identity} broke at operation {op}{times}.")]
        if healed_op is None:
            self._broken[identity] = last_op
            return told
        return [*told, _healed(identity, healed_op)]

    @property
    def pending(self) -> bool:
        """Whether something waits to be told."""
        return any(held.count for held in self._held.values())


def _healed(identity: str, op: int) -> Mark:
    return mark(op, "healed", f"{identity} holds again since operation {op}.")
