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

# No service that a test starts keeps anything where a person keeps theirs; one that is to keep gets
# a file of its own.
os.environ["ZONESCOPE_STORE"] = "off"

BROWSER = "tests/browser/"


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests go to one worker, and so do all that need the browser: two of those at once on
    two cores only wait for each other."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests first: they take the longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneBrowser(config, log)
