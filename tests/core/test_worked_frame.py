"""The worked frame of docs/PROTOCOL.md is a frame that the core cuts, byte by byte."""

import re
from pathlib import Path

from sim_core import Lab, LabConfig
from sim_core.mm import _frames

PROTOCOL = Path(__file__).parent.parent.parent / "docs" / "PROTOCOL.md"


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
    _frames.cut(view, lab.node, False, 0, 1, 1, 0, 1e12, 0)
    lab.isolate(0)
    lab.free(0)
    lab.free(1)
    frame = _frames.cut(view, lab.node, False, 0, 1, 2, 1, 1e12, 0)

    text = PROTOCOL.read_text().split(". A worked frame\n")[1]
    rows = re.findall(r"^ *(\d+)  ((?:[0-9a-f]{2} ?)+)", text, re.MULTILINE)
    told = b""
    for offset, digits in rows:
        assert int(offset) == len(told)
        told += bytes.fromhex(digits)
    assert told == frame
