"""One service and one browser for the folder; each test has a zone and a window of its own.

A test fails on any error in the browser's console, any uncaught error of the page, and any breach
of the Content-Security-Policy, unless it says beforehand that it causes just that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.service import SMALL, Service, Zone
from tests.browser.zonepage import WAIT_MS, ZonePage

expect.set_options(timeout=WAIT_MS)

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
]
DESK = {"width": 1440, "height": 900}


class Show(Protocol):
    """Opens a window on a zone; further arguments are those of a browser context."""

    def __call__(self, zone: Zone, *, at: str | None = None, **context: Any) -> ZonePage: ...


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS + as_root
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def service() -> Iterator[Service]:
    with Service() as up:
        yield up


@pytest.fixture
def zone(service: Service) -> Iterator[Zone]:
    """Sixteen blocks of 128 pages, all free, at rest."""
    with service.session(**SMALL) as fresh:
        yield fresh


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """Windows that are closed, and asked for their errors, when the test is over."""
    with ExitStack() as closing:
        shown: list[ZonePage] = []

        def open_one(zone: Zone, *, at: str | None = None, **options: Any) -> ZonePage:
            context = browser.new_context(**{"viewport": DESK, "accept_downloads": True, **options})
            closing.callback(context.close)
            context.set_default_timeout(WAIT_MS)
            opened = ZonePage(context.new_page(), zone)
            shown.append(opened)
            opened.go((at or zone.service.address) + zone.path)
            return opened

        yield open_one
        for opened in shown:
            assert opened.faults() == []
