"""Writers of the kernel's own formats."""

from sim_core.exporters.proc import (
    ExportError,
    LiveZone,
    export_buddyinfo,
    export_pagetypeinfo,
    render_buddyinfo,
    render_pagetypeinfo,
)

__all__ = [
    "ExportError",
    "LiveZone",
    "export_buddyinfo",
    "export_pagetypeinfo",
    "render_buddyinfo",
    "render_pagetypeinfo",
]
