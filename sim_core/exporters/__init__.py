"""Writers of the kernel's own formats."""

from sim_core.exporters.proc import (
    ExportError,
    LiveZone,
    TypeRows,
    export_buddyinfo,
    export_pagetypeinfo,
    render_buddyinfo,
    render_pagetypeinfo,
)

__all__ = [
    "ExportError",
    "LiveZone",
    "TypeRows",
    "export_buddyinfo",
    "export_pagetypeinfo",
    "render_buddyinfo",
    "render_pagetypeinfo",
]
