"""When operations and frames are due. Pure arithmetic on a clock that is passed in (seconds)."""

from typing import Final

_BACKLOG_S: Final = 0.25  # more than this is let go: a lab that was held up does not race


class RunClock:
    """Operations due at a rate, without drift: the n-th is due n / rate after the start.

    Without a rate none is ever due: whoever asks runs as many as there is time for.
    """

    def __init__(self, rate: int | None) -> None:
        self.rate = rate
        self._start = 0.0
        self._done = 0

    def start(self, now: float) -> None:
        """Begin to count from now."""
        self._start = now
        self._done = 0

    def set_rate(self, rate: int | None, now: float) -> None:
        """Another rate from now on; what was due before stays due."""
        owed = self.due(now)
        self.rate = rate
        self._start = now - owed / rate if rate else now
        self._done = 0

    def due(self, now: float) -> int:
        """Operations that should have run by now and have not."""
        if self.rate is None:
            return 0
        return max(0, int((now - self._start) * self.rate) - self._done)

    def ran(self, n: int, now: float) -> None:
        """Count n operations as run; a backlog beyond a quarter second is forgotten."""
        self._done += n
        if self.rate is not None and self.due(now) > self.rate * _BACKLOG_S:
            self.start(now)


class Ticker:
    """Moments a fixed time apart that do not slip; late ones are skipped, never made up for."""

    def __init__(self, period: float, now: float) -> None:
        self.period = period
        self.next = now

    def lateness(self, now: float) -> float:
        """Seconds since the moment that is due; negative if it is still to come."""
        return now - self.next

    def passed(self, now: float) -> None:
        """The due moment is dealt with; the next is the first of the grid that lies ahead."""
        self.next += self.period
        if self.next <= now:
            self.next = now + self.period
