"""kswapd: when it wakes, what it does at one priority, and when it goes to sleep."""

from __future__ import annotations

from tests.reference.cells import GiveUp

from .reclaim import ScanControl, shrink_zone
from .state import DEF_PRIORITY, SWAP_CLUSTER_MAX, NodeState
from .zone import NodeZone

KSWAPD_ZONE_BALANCE_GAP_RATIO = 100


def wakeup_kswapd(node: NodeState, zone: NodeZone, order: int, classzone_idx: int) -> None:
    """Wake kswapd if this zone is low.

    The test is for class 0, so a zone may well look good to it that its lowmem reserve closes to
    the request.
    """
    kswapd = node.kswapd
    if not kswapd.awake:
        if zone.watermark_ok_safe(order, zone.marks.low, 0):
            return
        kswapd.awake = True
        kswapd.priority = DEF_PRIORITY
        kswapd.reclaimed = 0
    kswapd.order = max(kswapd.order, order)
    kswapd.classzone_idx = max(kswapd.classzone_idx, classzone_idx)


def kswapd_step(node: NodeState) -> None:
    """One priority of balance_pgdat(), and the end of it where that is reached."""
    kswapd = node.kswapd
    if not kswapd.awake:
        return
    end_zone = find_end_zone(node)
    if end_zone is None:
        all_ok, enough = True, False
    else:
        all_ok, balanced = balance_zones(node, end_zone)
        enough = kswapd.order > 0 and pgdat_balanced(node, balanced)
        reclaimed_enough = kswapd.reclaimed >= SWAP_CLUSTER_MAX
        if not (all_ok or enough or reclaimed_enough or kswapd.priority == 0):
            kswapd.priority -= 1
            return
    if all_ok or enough:
        if not sleeping_prematurely(node):
            kswapd.awake = False
            kswapd.order = 0
            kswapd.classzone_idx = 0
            return
    elif kswapd.reclaimed < SWAP_CLUSTER_MAX:
        # Memory may be in pieces too small; single pages will have to do.
        kswapd.order = 0
    kswapd.priority = DEF_PRIORITY
    kswapd.reclaimed = 0


def find_end_zone(node: NodeState) -> int | None:
    """The highest zone below HIGH for class 0; one that is given up only at the first priority."""
    kswapd = node.kswapd
    for index, zone in reversed(list(enumerate(node.zones))):
        if not zone.populated or is_skipped(node, zone):
            continue
        if not zone.watermark_ok_safe(kswapd.order, zone.marks.high, 0):
            return index
    return None


def is_skipped(node: NodeState, zone: NodeZone) -> bool:
    return node.kswapd.priority < DEF_PRIORITY and node.is_given_up(zone)


def balance_zones(node: NodeState, end_zone: int) -> tuple[bool, int]:
    """Shrink what is low among the zones up to end_zone: whether all is well, pages balanced.

    A zone that is given up neither spoils the first nor adds to the second.
    """
    kswapd = node.kswapd
    all_ok = True
    balanced = 0
    for index, zone in enumerate(node.zones[: end_zone + 1]):
        if not zone.populated or is_skipped(node, zone):
            continue
        mark = zone.marks.high + balance_gap(zone)
        if not zone.watermark_ok_safe(kswapd.order, mark, end_zone):
            sc = ScanControl(kswapd.priority, kswapd.reclaimed)
            shrink_zone(node, zone, sc)
            kswapd.reclaimed = sc.reclaimed
            if node.cells.give_up is GiveUp.FLAG and not zone.zone_reclaimable(swap=node.swap):
                zone.state.all_unreclaimable = True
        if node.is_given_up(zone):
            continue
        if not zone.watermark_ok_safe(kswapd.order, zone.marks.high, end_zone):
            all_ok = False
        elif index <= kswapd.classzone_idx:
            balanced += zone.present_pages
    return all_ok, balanced


def balance_gap(zone: NodeZone) -> int:
    """How far above HIGH a zone is shrunk, so that zones age alike."""
    return min(zone.marks.low, -(-zone.present_pages // KSWAPD_ZONE_BALANCE_GAP_RATIO))


def pgdat_balanced(node: NodeState, balanced: int) -> bool:
    """Whether a quarter of the memory that was wanted is in balance."""
    present = sum(zone.present_pages for zone in node.zones[: node.kswapd.classzone_idx + 1])
    return balanced >= present // 4


def sleeping_prematurely(node: NodeState) -> bool:
    """Whether kswapd had better stay awake. Asked once: nothing changes while it waits."""
    kswapd = node.kswapd
    all_ok = True
    balanced = 0
    for index, zone in enumerate(node.zones[: kswapd.classzone_idx + 1]):
        if not zone.populated:
            continue
        if node.is_given_up(zone) or zone.watermark_ok_safe(kswapd.order, zone.marks.high, index):
            balanced += zone.present_pages
        else:
            all_ok = False
    return not (pgdat_balanced(node, balanced) if kswapd.order > 0 else all_ok)
