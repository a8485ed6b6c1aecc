"""Line coverage of .pxd files that hold inline functions; `make trace` loads this.

Cython's own plugin looks for a source's C file by the source's name. Here the C file of _mm.pyx is
made from all the .pxd files beside it.
"""

from pathlib import Path

from coverage.plugin_support import Plugins
from Cython.Coverage import Plugin


class PxdPlugin(Plugin):
    """Finds the C file of the unit that a .pxd was compiled into."""

    def _find_source_files(self, filename: str) -> tuple[str | None, str | None]:
        path = Path(filename)
        if path.suffix == ".pxd":
            path = path.with_name("_mm.pyx")
        found: tuple[str | None, str | None]
        found = super()._find_source_files(str(path))  # type: ignore[no-untyped-call]
        return found


def coverage_init(registry: Plugins, options: dict[str, str]) -> None:
    """Coverage calls this when it loads the plugin."""
    registry.add_file_tracer(PxdPlugin())
