"""Fingers on the glass, by the browser's own protocol: what Playwright's `tap` cannot do."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from playwright.sync_api import CDPSession

from tests.browser.zonepage import ZonePage

Point = tuple[float, float]


class Fingers:
    """Fingers that are put down, moved and lifted, as many as there are points."""

    def __init__(self, page: ZonePage) -> None:
        self._page = page.page
        self._session: CDPSession = page.page.context.new_cdp_session(page.page)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._session.detach()

    def _send(self, kind: str, points: list[Point]) -> None:
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, *points: Point) -> None:
        for n in range(len(points)):
            self._send("touchStart", list(points[: n + 1]))

    def move(self, starts: list[Point], ends: list[Point], steps: int = 8) -> None:
        """Straight on, in steps, each of which a frame has seen."""
        for step in range(1, steps + 1):
            share = step / steps
            self._send(
                "touchMove",
                [
                    (x + (to_x - x) * share, y + (to_y - y) * share)
                    for (x, y), (to_x, to_y) in zip(starts, ends, strict=True)
                ],
            )
            self._page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")

    def up(self) -> None:
        self._send("touchEnd", [])

    def drag(self, start: Point, end: Point) -> None:
        self.down(start)
        self.move([start], [end])
        self.up()
