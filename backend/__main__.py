"""`python -m backend` is the `zonescope` command."""

import sys

from backend.cli import main

sys.exit(main())
