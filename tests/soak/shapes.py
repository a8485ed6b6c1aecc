"""Small zones with every irregularity that a real one has; a walk over one is microseconds."""

from __future__ import annotations

from typing import Any, Final

Shape = dict[str, Any]
"""Keywords of tests.core.nodes.node_of."""

SHAPES: Final[dict[str, Shape]] = {
    # The kernel's usual relation: a largest chunk is two pageblocks.
    "plain": {
        "start_pfn": 0, "spanned_pages": 256, "pageblock_order": 4, "max_order": 6, "pcp": (12, 4),
    },
    # Largest chunk = pageblock: no chunk ever covers two types.
    "one-block-chunks": {
        "start_pfn": 64, "spanned_pages": 128, "pageblock_order": 4, "max_order": 5, "pcp": (6, 2),
    },
    # A largest chunk is eight pageblocks, as with pageblock_order 9 below a large MAX_ORDER.
    "many-block-chunks": {
        "start_pfn": 0, "spanned_pages": 192, "pageblock_order": 2, "max_order": 6, "pcp": (6, 6),
    },
    "unaligned-start": {
        "start_pfn": 37, "spanned_pages": 187, "pageblock_order": 3, "max_order": 6, "pcp": (4, 1),
    },
    "ragged-end": {
        "start_pfn": 128, "spanned_pages": 171, "pageblock_order": 4, "max_order": 6, "pcp": (0, 1),
    },
    # Holes inside a block, across a border, and of a whole block.
    "holes": {
        "start_pfn": 5, "spanned_pages": 205, "pageblock_order": 3, "max_order": 5, "pcp": (1, 1),
        "holes": ((14, 3), (46, 4), (96, 8), (150, 27)),
    },
    # zone_batchsize decides, and hotplug changes what it decides.
    "derived-pcp": {
        "start_pfn": 0, "spanned_pages": 512, "pageblock_order": 5, "max_order": 8, "pcp": None,
    },
    # Less than two pageblocks: every reserve and watermark is at its edge.
    "tiny": {
        "start_pfn": 2, "spanned_pages": 29, "pageblock_order": 4, "max_order": 6, "pcp": (2, 1),
    },
}  # fmt: skip
