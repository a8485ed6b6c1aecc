"""Breaks of identities as marks: the first at once, those that follow closely as one."""

from dataclasses import dataclass

from sim_core.lab import Break

from backend.protocol.messages import Mark, mark


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

    def add(self, breaks: list[Break], now: float) -> list[Mark]:
        """Take new breaks; the marks to send now."""
        out: list[Mark] = []
        for one in breaks:
            held = self._held.get(one.identity)
            if held is None:
                self._held[one.identity] = _Held(now + self._hold_s)
                out.append(mark(one.op, "broken", f"{one.identity} broke at operation {one.op}."))
                if one.healed_op is not None:
                    out.append(_healed(one.identity, one.healed_op))
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
            times = "" if held.count == 1 else f", {held.count} times up to {held.last_op}"
            text = f"{identity} broke at operation {held.first_op}{times}."
            out.append(mark(held.first_op, "broken", text))
            if held.healed_op is not None:
                out.append(_healed(identity, held.healed_op))
            self._held[identity] = _Held(now + self._hold_s)
        return out

    @property
    def pending(self) -> bool:
        """Whether something waits to be told."""
        return any(held.count for held in self._held.values())


def _healed(identity: str, op: int) -> Mark:
    return mark(op, "healed", f"{identity} holds again since operation {op}.")
