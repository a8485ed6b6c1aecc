"""Where in its time a node stands, and how it comes to another moment.

Near moments are reached by the log of primitive writes, read backward or forward. Those of which
the log no longer tells are reached from a keyframe, or boot, by running the journal again. That
leads to the same state to the byte and writes the same records.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sim_core.errors import RefusedError
from sim_core.journal import Branch, Entry, Journal
from sim_core.mm import _read, _travel
from sim_core.mm._mm import Node

_SLICE_RECORDS: Final = 1 << 20
"""Records taken back or done again in one go: some 5 ms of a small zone, 20 of a large one."""
_SPACING: Final = 1 << 16
"""Operations from one keyframe to the next, to begin with."""

Run = Callable[[Entry], None]


@dataclass(frozen=True)
class Moment:
    """A moment of a node's time.

    Attributes:
        op: the operation at hand, or the last one.
        step, steps: writes of it that are done, and all that it has. Where the log no longer tells
            of it they are 0.
        whole: the operation is over.
    """

    op: int
    step: int
    steps: int
    whole: bool


@dataclass(frozen=True)
class Keyframe:
    """A node's state after an operation."""

    branch: Branch
    op: int
    state: bytes


class Timeline:
    """Args:
    node: its log has begun, and it stands at its first moment.
    journal: of the same node.
    run: runs an entry again, or as many of a long run's turns as one call may take.
    rebuild: makes the node's first moment anew, in another node.
    room: bytes for keyframes.
    """

    def __init__(
        self, node: Node, journal: Journal, run: Run, rebuild: Callable[[], Node], room: int
    ) -> None:
        self.journal = journal
        self.again = False
        """Whether an entry is being run again, so that it must not be noted."""
        self._node = node
        self._run = run
        self._rebuild = rebuild
        self._room = room
        self._spacing = _SPACING
        self._keyframes: list[Keyframe] = []
        self._kept_at: int
        """Operation at which a keyframe was last made, put back, or tried."""
        self._known_moment: tuple[object, Moment] | None = None
        self.first_op = self._kept_at = int(_read.op_of(node))

    # ---- where it stands ----

    @property
    def op(self) -> int:
        """The operation at hand, or the last one."""
        return int(_travel.at(self._node)[0])

    @property
    def whole(self) -> bool:
        """Is it over?"""
        return bool(_travel.at(self._node)[1])

    @property
    def moment(self) -> Moment:
        """The present one."""
        at = _travel.at(self._node)
        # An operation may have millions of writes: they are counted once a moment.
        if self._known_moment is None or self._known_moment[0] != at:
            op, whole, _, _ = at
            self._known_moment = at, Moment(op, *_travel.steps(self._node), whole)
        return self._known_moment[1]

    @property
    def past(self) -> bool:
        """Is there something that follows on this branch?"""
        return self.op < self.journal.tip or not self.whole

    @property
    def kept_from(self) -> int:
        """First operation of which the log tells."""
        return int(_read.log_bounds(self._node)[0])

    @property
    def keyframes(self) -> tuple[int, int]:
        """How many there are, and their bytes."""
        return len(self._keyframes), sum(len(frame.state) for frame in self._keyframes)

    # ---- to another moment ----

    def seek(self, op: int, step: int | None = None) -> Iterator[None]:
        """Be after an operation of the current branch, or after so many of its writes.

        Between two results bounded work is done. Whoever lets others act meanwhile finds that the
        way ends there.

        Raises:
            RefusedError: there is no such operation, or somebody else went elsewhere meanwhile.
        """
        if not self.first_op <= op <= self.journal.tip:
            raise RefusedError(
                f"there is no operation {op} on this branch",
                field="op",
                allowed=f"{self.first_op} … {self.journal.tip}",
            )
        if step is not None and not self.kept_from:
            raise RefusedError("the writes of operations are not recorded here", field="step")
        if step is not None and op == self.first_op:
            raise RefusedError("boot has no steps", field="op", allowed=f"from {op + 1} on")
        for _ in self._legs(op, step):
            here = self._signature()
            yield
            if self._signature() != here:
                raise RefusedError("somebody acted meanwhile", field="op")

    def _signature(self) -> tuple[object, ...]:
        return self.journal.current, self.journal.tip, *_travel.at(self._node)

    def _legs(self, op: int, step: int | None) -> Iterator[None]:
        if not self._told(op, step):
            yield from self._run_again(op, step)
        yield from self._walk(self._record(op, step))

    def _told(self, op: int, step: int | None) -> bool:
        """Does the log lead there?"""
        first, last, _ = _read.log_bounds(self._node)
        if step is None and self.op == op and self.whole:
            return True
        return 1 <= first <= last and first - (step is None) <= op <= last

    def _record(self, op: int, step: int | None) -> int:
        if step is not None:
            return int(_travel.record_of(self._node, op, step))
        if self.op == op and self.whole:
            return int(_travel.place(self._node)[0])
        first = self.kept_from
        if op < first:
            return _travel.span(self._node, first)[0]
        return _travel.span(self._node, op)[1]

    def _walk(self, record: int) -> Iterator[None]:
        while (here := _travel.place(self._node)[0]) != record:
            leg = max(min(record, here + _SLICE_RECORDS), here - _SLICE_RECORDS)
            _travel.go_to(self._node, leg)
            yield

    def _run_again(self, op: int, step: int | None) -> Iterator[None]:
        """From the last keyframe before it, or from here if that is nearer."""
        if not self.journal.complete:
            raise RefusedError(
                f"operation {op} is no longer kept", field="op", allowed=f"from {self.kept_from} on"
            )
        last = op if step is None else op - 1
        frame = self._last_keyframe(last)
        if self.op > last or (frame is not None and frame.op > self._known()):
            if frame is None:
                frame = Keyframe(
                    self.journal.way()[0][0], self.first_op, _travel.keyframe(self._rebuild())
                )
                self._add(frame)
            _travel.restore(self._node, frame.state)
            self._kept_at = frame.op
        if self._told(op, step):
            return
        yield from self._walk(_travel.place(self._node)[1])
        for entry in self.journal.entries(self.op, op):
            while self.op < entry.last_op:
                self._run_part(entry)
                yield

    def _known(self) -> int:
        """Last operation that the log or the present tells of."""
        return max(int(_read.log_bounds(self._node)[1]), self.op)

    def _run_part(self, entry: Entry) -> None:
        before = self.op
        self.again = True
        _travel.bound(self._node, entry.last_op)
        try:
            self._run(entry)
        finally:
            self.again = False
            _travel.bound(self._node, _travel.NO_BOUND)
        if self.op == before:
            raise RefusedError(
                f"{entry.call} came to nothing after operation {before}", field="journal"
            )
        self.keep()

    # ---- acting ----

    def before_act(self) -> tuple[int, int, int]:
        """The operation at hand is carried out, and what follows it set aside; to be handed back to
        `after_act`.
        """
        here = int(_travel.place(self._node)[0])
        if self.past:
            self.journal.check_room()
        if not self.whole:
            _travel.go_to(self._node, _travel.span(self._node, self.op)[1])
        return (here, *_travel.cut(self._node))

    def after_act(self, before: tuple[int, int, int], first_op: int) -> bool:
        """Was anything done? Then it is on a branch of its own, if something else had followed; if
        not, all is as it was before.
        """
        here, end, next_op = before
        if self.op < first_op:
            _travel.uncut(self._node, end, next_op)
            if here != _travel.place(self._node)[0]:
                _travel.go_to(self._node, here)
            return False
        if self.journal.tip >= first_op:
            self._fork(first_op - 1)
        return True

    def fork(self, name: str | None) -> None:
        """Begin a branch here, at the end of the operation at hand.

        Raises:
            RefusedError: there are too many, or this is no name.
        """
        self.journal.check_room(name)
        self.before_act()
        self._fork(self.op, name)

    def _fork(self, op: int, name: str | None = None) -> None:
        self.journal.fork(op, name)
        self._kept_at = min(self._kept_at, op)

    def drop(self, ident: int) -> None:
        """Forget a branch, and its keyframes.

        Raises:
            RefusedError: it leads to where the lab is, or another goes out from it.
        """
        self.journal.drop(ident)
        self._keyframes = [f for f in self._keyframes if f.branch in self.journal.branches]

    def switch(self, ident: int, op: int | None = None) -> Iterator[None]:
        """Be on another branch: where it was left, or at its tip, or at `op`.

        Raises:
            RefusedError: there is no such branch or operation.
        """
        branch = self.journal.find(ident)
        wanted = op if op is not None else branch.tip if branch.left_at is None else branch.left_at
        if not self.first_op <= wanted <= branch.tip:
            raise RefusedError(
                f"there is no operation {wanted} on {branch.name}",
                field="op",
                allowed=f"{self.first_op} … {branch.tip}",
            )
        common = self.journal.common(branch)
        here = self.op
        yield from self.seek(common if self._known() > common else here)
        _travel.cut(self._node)
        self.journal.current.left_at = here
        self.journal.current = branch
        yield from self.seek(wanted)

    # ---- keyframes ----

    def keep(self) -> None:
        """Make a keyframe of the present, if it is time for one and there is room."""
        op = self.op
        if op - self._kept_at < self._spacing:
            return
        self._kept_at = op
        if _travel.keyframe_size(self._node) <= self._room // 4:
            self._add(Keyframe(self._branch_of(op), op, _travel.keyframe(self._node)))

    def _add(self, frame: Keyframe) -> None:
        self._keyframes.append(frame)
        self._keyframes.sort(key=lambda kept: (kept.branch.ident, kept.op))
        while self.keyframes[1] > self._room and len(self._keyframes) > 1:
            self._spacing *= 2
            self._keyframes = self._keyframes[::2]

    def _branch_of(self, op: int) -> Branch:
        return next((at for at, last in self.journal.way() if op <= last), self.journal.current)

    def _last_keyframe(self, op: int) -> Keyframe | None:
        found = [
            frame
            for frame in self._keyframes
            if frame.op <= op and self.journal.on_way(frame.branch, frame.op)
        ]
        return max(found, key=lambda frame: frame.op, default=None)
