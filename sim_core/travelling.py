"""What a lab can do with its time: go to any operation, or any write of one; branches."""

from collections.abc import Iterator

from sim_core.running import Running
from sim_core.timeline import Moment


class Travelling(Running):
    """A lab's way through time. Each of these is to be run to its end, a result at a time; between
    two of them others may look, and whoever acts ends the way.
    """

    @property
    def moment(self) -> Moment:
        """Where it stands."""
        return self.timeline.moment

    def seek(self, op: int, step: int | None = None) -> Iterator[None]:
        """Be after an operation of the current branch, or after so many of its writes.

        Raises:
            RefusedError: there is no such moment.
        """
        yield from self._travelled(self.timeline.seek(op, step))

    def switch(self, ident: int, op: int | None = None) -> Iterator[None]:
        """Be on another branch: where it was left, or at `op`.

        Raises:
            RefusedError: there is no such branch, or no such operation of it.
        """
        yield from self._travelled(self.timeline.switch(ident, op))

    def step_back(self) -> Iterator[None]:
        """Take the last primitive write back.

        Raises:
            RefusedError: there is nothing before.
        """
        op, step = self.moment.op, self.moment.step
        yield from self.seek(op, step - 1) if step > 1 else self.seek(op - 1)

    def step_on(self) -> Iterator[None]:
        """Do the next primitive write again.

        Raises:
            RefusedError: nothing follows.
        """
        moment = self.moment
        if not moment.whole:
            yield from self.seek(moment.op, moment.step + 1)
            return
        yield from self.seek(moment.op + 1, 0)
        if self.moment.steps:
            yield from self.seek(moment.op + 1, 1)
        else:
            yield from self.seek(moment.op + 1)

    def _travelled(self, way: Iterator[None]) -> Iterator[None]:
        try:
            yield from way
        finally:
            # Breaks that were met on the way were told of when they happened.
            self.breaks()
