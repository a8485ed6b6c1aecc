"""The verdict on a request that goes round without anything changing."""

from __future__ import annotations

from tests.reference.cells import GiveUp

from .state import NodeState

EQUAL_TURNS_ASLEEP = 2
EQUAL_TURNS_AWAKE = 28
"""Two whole balance_pgdat(), whose priority is not part of the state."""


def fixed_point_state(node: NodeState) -> tuple[object, ...]:
    """What a slow turn can change. Anything freed is in it, by NR or by the pcp lists.

    What was scanned is part of it only where somebody gives up by it: else it grows for ever and
    means nothing.
    """
    zones = tuple(
        (
            zone.nr_free_pages,
            zone.nr_lru_file,
            zone.nr_lru_anon,
            zone.nr_pcp,
            zone.all_unreclaimable,
            zone.pages_scanned if node.cells.give_up is not GiveUp.FLAG else None,
        )
        for zone in node.zones
    )
    return (zones, node.swap_free, node.kswapd.awake)


class Watch:
    """Counts turns that ended as the one before did."""

    def __init__(self) -> None:
        self._before: tuple[object, ...] | None = None
        self._equal = 0

    def somebody_was_killed(self) -> None:
        self._equal = 0

    def is_livelock(self, node: NodeState) -> bool:
        """Asked at the end of a turn. kswapd may yet change things while it is awake."""
        now = fixed_point_state(node)
        self._equal = self._equal + 1 if now == self._before else 0
        self._before = now
        enough = EQUAL_TURNS_AWAKE if node.kswapd.awake else EQUAL_TURNS_ASLEEP
        return self._equal == enough
