"""The worked frames of docs/PROTOCOL.md are frames that the core cuts, byte by byte."""

import re
from pathlib import Path

from sim_core import Lab, LabConfig
from sim_core.mm import _frames

PROTOCOL = Path(__file__).parent.parent.parent / "docs" / "PROTOCOL.md"


def worked(title: str) -> bytes:
    """The bytes that a section writes out, offset by offset."""
    text = PROTOCOL.read_text().split(f". {title}\n")[1].split("\n## ")[0]
    told = b""
    for offset, digits in re.findall(r"^ *(\d+)  ((?:[0-9a-f]{2} ?)+)", text, re.MULTILINE):
        assert int(offset) == len(told)
        told += bytes.fromhex(digits)
    return told


def test_the_worked_frame_is_the_cores_own() -> None:
    lab = Lab(
        LabConfig(
            spanned_pages=8,
            pageblock_order=2,
            max_order=4,
            pcp_high=0,
            pcp_batch=1,
            model="minchan-v2",
            log_bytes=0,
        )
    )
    for _ in range(8):
        lab.alloc(0, "MOVABLE")
    view = lab.make_view_cells()
    _frames.cut(view, lab.node, False, 0, 1, 1, 0, 1e12, 0, lab.moment_row())
    lab.isolate(0)
    lab.free(0)
    lab.free(1)
    frame = _frames.cut(view, lab.node, False, 0, 1, 2, 1, 1e12, 0, lab.moment_row())
    assert worked("A worked frame") == frame


def test_the_worked_window_is_the_cores_own() -> None:
    lab = Lab(
        LabConfig(
            spanned_pages=64,
            pageblock_order=2,
            max_order=4,
            pcp_high=0,
            pcp_batch=1,
            model="v3.7",
            log_bytes=0,
        )
    )
    view = lab.make_view_window(5, 6, 2, 8)
    _frames.cut(view, lab.node, False, 0, 2, 1, 0, 1e12, 0, lab.moment_row())
    for _ in range(3):
        lab.alloc(0, "MOVABLE")
    lab.isolate(13)
    frame = _frames.cut(view, lab.node, False, 0, 2, 2, 1, 1e12, 0, lab.moment_row())
    assert worked("A worked window") == frame
