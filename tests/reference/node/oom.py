"""The OOM killer."""

from __future__ import annotations

from collections import Counter

from tests.reference.errors import KernelBug

from .state import NodeState

PANIC = "Out of memory and no killable processes"


def out_of_memory(node: NodeState) -> None:
    """Kill the process that has most, and free what it has, in the order of the handles."""
    victim = select_bad_process(node)
    if victim is None:
        raise KernelBug(PANIC)
    doomed = [
        (page.handle or 0, zone, pfn)
        for zone in node.zones
        for pfn, page in zone.chunks()
        if page.owner == victim and not page.pinned
    ]
    for _, zone, pfn in sorted(doomed, key=lambda chunk: chunk[0]):
        node.retire(zone, pfn)


def select_bad_process(node: NodeState) -> int | None:
    """The owner of most pages that nobody else holds; the lowest number where several have as many.

    Whoever has only pinned pages is spared: it would give nothing.
    """
    pages: Counter[int] = Counter()
    for zone in node.zones:
        for _, page in zone.chunks():
            if page.owner and not page.pinned:
                pages[page.owner] += 1 << page.order
    return min(pages, key=lambda owner: (-pages[owner], owner), default=None)
