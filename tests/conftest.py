"""What all tests share: how hypothesis runs, and which worker gets which tests."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# Two cores shared with a browser: a deadline, and a check of how fast examples are made, would
# measure the neighbours. In CI the examples are the same every run, so that a red run can be
# repeated; elsewhere they differ and look further.
settings.register_profile(
    "zonescope", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("zonescope"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "zonescope")


BROWSER = "tests/browser/"
LATE = ("tests/browser/test_models.py", "tests/browser/test_node.py")
"""Files for the browser that wait for the worker that has all the rest, when that is done."""


def _place(nodeid: str) -> int:
    """The browser's tests first, since they take the longest; but for a few, which come last."""
    if nodeid.startswith(LATE):
        return 2
    return 0 if nodeid.startswith(BROWSER) else 1


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests go to one worker, and so do nearly all that need the browser: two of those at
    once on two cores only wait for each other."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if _place(nodeid) == 0 else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order of their places."""
    items.sort(key=lambda item: _place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneBrowser(config, log)
