"""One service and one browser for the folder; each test has a zone of its own, and a window whose
choices, pointer and page are as new.

A test fails on any error in the browser's console, any uncaught error of the page, and any breach
of the Content-Security-Policy, unless it says beforehand that it causes just that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import (
    BrowserContext,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.proxy import Line
from tests.browser.service import SMALL, Service, Zone
from tests.browser.zonepage import NOTE_VIOLATIONS, WAIT_MS, ZonePage

expect.set_options(timeout=WAIT_MS)

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
HOW: dict[str, Any] = {"executable_path": "/usr/bin/chromium", "args": FLAGS}
DESK: ViewportSize = {"width": 1440, "height": 900}


class Windows:
    """A browser, and its windows that are in no test's hands.

    They are kept, and with them what they have compiled of Plotly: to begin with another costs as
    much work again as the page itself.
    """

    def __init__(self, browser: BrowserContext) -> None:
        self._browser = browser
        self._idle: list[Page] = []

    def take(self) -> Page:
        if self._idle:
            page = self._idle.pop()
            page.bring_to_front()
            return page
        page = self._browser.new_page()
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(NOTE_VIOLATIONS)
        return page

    def give_back(self, page: Page) -> None:
        """It leaves its zone, the pointer its place, and nothing of the reader's choices stays."""
        page.evaluate("localStorage.clear()")
        # An empty page that the page itself goes to stays in its process; from one that is
        # asked for by address the way back is to a new process.
        page.evaluate("location.replace('about:blank')")
        page.wait_for_url("about:blank")
        page.mouse.move(0, 0)
        self._idle.append(page)


class Show(Protocol):
    """Opens a window on a zone.

    Nothing moves in it unless the test asks for that: a frame of motion, drawn over all of the
    window without a graphics card, is as much work as a frame of a running zone.

    A second one beside the first is opened `elsewhere`, in a browser of its own: of two tabs in
    one, that in the background is slowed.
    """

    def __call__(
        self,
        zone: Zone,
        *,
        at: str | None = None,
        viewport: ViewportSize = DESK,
        scheme: Literal["light", "dark"] = "light",
        motion: Literal["no-preference", "reduce"] = "reduce",
        phone: bool = False,
        elsewhere: bool = False,
    ) -> ZonePage: ...


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def service() -> Iterator[Service]:
    with Service() as up:
        yield up


@pytest.fixture(scope="package")
def only_line(service: Service) -> Iterator[Line]:
    with Line(service.port) as line:
        yield line


@pytest.fixture
def line(only_line: Line) -> Line:
    """A line to the service, whole at first: always the same, so that browsers know the page."""
    only_line.mend()
    return only_line


@pytest.fixture(scope="package")
def desk(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """One profile for all windows: what it has compiled of Plotly it need not compile again."""
    profile = tmp_path_factory.mktemp("profile")
    with playwright.chromium.launch_persistent_context(profile, **HOW, viewport=DESK) as browser:
        yield Windows(browser)


@pytest.fixture(scope="package")
def beside(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """A second browser for second windows, kept for the same reason."""
    profile = tmp_path_factory.mktemp("beside")
    with playwright.chromium.launch_persistent_context(profile, **HOW, viewport=DESK) as browser:
        yield Windows(browser)


@pytest.fixture(scope="package")
def pocket(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """A browser on glass, kept too: to start one and compile Plotly in it takes seconds."""
    profile = tmp_path_factory.mktemp("pocket")
    with playwright.chromium.launch_persistent_context(
        profile, **HOW, viewport=DESK, has_touch=True, is_mobile=True
    ) as browser:
        yield Windows(browser)


@pytest.fixture
def zone(service: Service) -> Iterator[Zone]:
    """Sixteen blocks of 128 pages, all free, at rest."""
    with service.session(**SMALL) as fresh:
        yield fresh


@pytest.fixture
def show(desk: Windows, request: pytest.FixtureRequest) -> Iterator[Show]:
    """Windows that are given back, and asked for their errors, when the test is over."""
    with ExitStack() as closing:
        shown: list[ZonePage] = []

        def open_one(
            zone: Zone,
            *,
            at: str | None = None,
            viewport: ViewportSize = DESK,
            scheme: Literal["light", "dark"] = "light",
            motion: Literal["no-preference", "reduce"] = "reduce",
            phone: bool = False,
            elsewhere: bool = False,
        ) -> ZonePage:
            browser = desk
            if phone or elsewhere:
                # Asked for by name, so that only a test that needs another browser starts it.
                browser = request.getfixturevalue("pocket" if phone else "beside")
            page = browser.take()
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme, reduced_motion=motion)
            opened = ZonePage(page, zone)
            closing.callback(opened.leave, browser.give_back)
            shown.append(opened)
            opened.go((at or zone.service.address) + zone.path)
            return opened

        yield open_one
        for opened in shown:
            assert opened.faults() == []
