"""What all tests share: how hypothesis runs, and which worker gets which tests."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

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


class BrowserApart(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests go to one worker; the first has the browser's, the others all else.

    Browsers at once on two cores mostly wait for each other, so there is another only when nothing
    else is left to do: then no core is idle while the last files are gone through.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = node is self.nodes[0]
        for scope in self.workqueue:
            if scope.startswith(BROWSER) is first:
                self.workqueue.move_to_end(scope, last=False)
                break
        super()._assign_work_unit(node)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests first: they take the longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return BrowserApart(config, log)
