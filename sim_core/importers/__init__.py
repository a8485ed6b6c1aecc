"""Readers of a real kernel's own files, and the laying out of a zone from them.

read_capture takes the files, layout places one zone's chunks, to_json and from_json keep a capture.
"""

from sim_core.importers.capture import MAX_BYTES, Note, ProcCapture, ZoneCapture, read_capture
from sim_core.importers.counts import Count
from sim_core.importers.layout import PAGE_LIMIT, ZoneLayout, layout
from sim_core.importers.state import from_json, to_json

__all__ = [
    "MAX_BYTES",
    "PAGE_LIMIT",
    "Count",
    "Note",
    "ProcCapture",
    "ZoneCapture",
    "ZoneLayout",
    "from_json",
    "layout",
    "read_capture",
    "to_json",
]
