"""What all tests share: how hypothesis runs."""

import os

from hypothesis import settings

# Two cores shared with a browser: a deadline would measure the neighbours. In CI the examples are
# the same every run, so that a red run can be repeated; elsewhere they differ and look further.
settings.register_profile("zonescope", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("zonescope"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "zonescope")
