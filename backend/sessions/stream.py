"""Who sees which view, and the cutting of frames for all of them."""

from collections.abc import Iterable

from backend.problems import Problem
from backend.protocol.frames import HEARTBEAT, SharedView, ViewKey
from backend.sessions.connection import Connection, Subscription
from backend.settings import Wire
from sim_core import Lab


class Stream:
    """The distinct views of a session's lab.

    Args:
        heartbeat_s: seconds after which a frame goes out though nothing changed.
    """

    def __init__(self, heartbeat_s: float) -> None:
        self._heartbeat_s = heartbeat_s
        self._views: dict[ViewKey, SharedView] = {}
        self._numbers = 0
        self.heartbeat_at = 0.0

    def subscribe_default(self, connection: Connection, lab: Lab) -> None:
        """The whole zone at level cells."""
        self.subscribe(connection, whole_zone(lab), lab)

    def subscribe(self, connection: Connection, key: ViewKey, lab: Lab) -> int:
        """Stream this view to the connection, instead of its other of that level.

        Returns:
            The view's number.

        Raises:
            Problem: the view reaches outside the zone.
        """
        _check_inside(key, lab)
        view = self._views.get(key)
        if view is None:
            self._numbers += 1
            view = SharedView(self._numbers, key, lab, Wire.CELLS_MAX)
            self._views[key] = view
        self.unsubscribe(connection, key.level, but=view)
        connection.outbox.drop_frame(view.number)
        connection.subscriptions[key.level] = Subscription(view)
        return view.number

    def unsubscribe(
        self, connection: Connection, level: str, but: SharedView | None = None
    ) -> None:
        """End the connection's view of this level."""
        old = connection.subscriptions.pop(level, None)
        if old is not None and old.view is not but:
            connection.outbox.drop_frame(old.view.number)

    def forget(self, connection: Connection) -> None:
        """A connection is gone; views that nobody sees go with the next cutting."""
        connection.subscriptions.clear()

    def new_lab(self, lab: Lab, old: Lab, connections: Iterable[Connection]) -> None:
        """Cut every view from another lab from now on, if it fits; each begins with a keyframe."""
        self._views = {}
        for connection in connections:
            for level, subscription in list(connection.subscriptions.items()):
                connection.outbox.drop_frame(subscription.view.number)
                key = _refitted(subscription.view.key, lab, old)
                if key is None:
                    del connection.subscriptions[level]
                    continue
                if key not in self._views:
                    # The number stays, so whoever sees the view need not ask for it anew.
                    number = subscription.view.number
                    self._views[key] = SharedView(number, key, lab, Wire.CELLS_MAX)
                connection.subscriptions[level] = Subscription(self._views[key])
        self.heartbeat_at = 0.0

    def wants(self, lab: Lab, connections: Iterable[Connection], now: float) -> bool:
        """Whether a cutting now would send something to somebody."""
        if now >= self.heartbeat_at:
            return True
        if any(view.changed(lab) for view in self._views.values()):
            return True
        return any(
            sub.held != sub.view.seq and (not sub.missed or connection.outbox.idle)
            for connection in connections
            for sub in connection.subscriptions.values()
        )

    def cut(
        self, lab: Lab, connections: Iterable[Connection], flags: int, now: float, late_s: float
    ) -> None:
        """Give every reader what brings it up to date, each distinct frame cut once.

        A reader whose last frame still waits loses it, and gets the newest state when it is ready.
        """
        seen: dict[SharedView, list[tuple[Connection, Subscription]]] = {}
        for connection in connections:
            for subscription in connection.subscriptions.values():
                seen.setdefault(subscription.view, []).append((connection, subscription))
        self._views = {view.key: view for view in self._views.values() if view in seen}
        heartbeat = HEARTBEAT if now >= self.heartbeat_at else 0
        for view, readers in seen.items():
            fresh = bool(heartbeat) or view.changed(lab)
            if fresh:
                quiet = heartbeat if not view.changed(lab) else 0
                view.advance(lab, flags | quiet, int(late_s * 1e6))
                self.heartbeat_at = now + self._heartbeat_s
            for connection, subscription in readers:
                _give(connection, subscription, lab, flags, fresh)


def _give(
    connection: Connection, subscription: Subscription, lab: Lab, flags: int, fresh: bool
) -> None:
    view, outbox = subscription.view, connection.outbox
    if subscription.held == view.seq:
        return
    if outbox.has_frame(view.number):
        outbox.drop_frame(view.number)
        subscription.held = None
        subscription.missed = True
        return
    if subscription.missed and not outbox.idle:
        outbox.merged += fresh
        return
    subscription.missed = False
    outbox.put_frame(view.number, view.frame_after(subscription.held, lab, flags))
    subscription.held = view.seq


def whole_zone(lab: Lab) -> ViewKey:
    """The view that streams unasked: of the lowest zone."""
    blocks = lab.zone_blocks[0]
    return ViewKey("cells", blocks.start, len(blocks))


def _check_inside(key: ViewKey, lab: Lab) -> None:
    if key.level == "cells":
        if key.first + key.count > lab.nr_pageblocks:
            raise Problem(
                "invalid",
                f"view: the zone has {lab.nr_pageblocks} pageblocks.",
                field="view",
                allowed=f"blocks 0 to {lab.nr_pageblocks - 1}",
            )
        return
    if key.level == "window":
        if key.first + (key.runs - 1) * key.stride >= lab.nr_pageblocks:
            raise Problem(
                "invalid",
                f"view: the zone has {lab.nr_pageblocks} pageblocks, and each run begins in it.",
                field="view",
                allowed=f"runs that begin at blocks 0 to {lab.nr_pageblocks - 1}",
            )
        return
    first = lab.config.start_pfn
    end = first + lab.config.spanned_pages
    if key.first < first or key.first + key.count > end:
        raise Problem(
            "invalid",
            f"view: the zone has the PFNs {first} to {end - 1}.",
            field="view",
            allowed=f"PFNs {first} to {end - 1}",
        )


def _refitted(key: ViewKey, lab: Lab, old: Lab) -> ViewKey | None:
    """The same view of another lab: pages and a window only if inside, cells else of all of it."""
    whole = whole_zone(lab)
    if key == whole_zone(old):
        return whole
    try:
        _check_inside(key, lab)
    except Problem:
        return whole if key.level == "cells" else None
    return key
