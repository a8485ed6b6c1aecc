"""kswapd: who wakes it, a step of its balancing, when it goes back to sleep."""

from libc.stdint cimport int64_t

from sim_core.mm.account cimport set_stat
from sim_core.mm.log cimport S_BALANCE_PGDAT, S_WAKEUP_KSWAPD
from sim_core.mm.memory cimport (
    N_KSWAPD_AWAKE, N_KSWAPD_CLASS, N_KSWAPD_ORDER, N_KSWAPD_PRIORITY, N_KSWAPD_RECLAIMED, memory_t,
    set_node,
)
from sim_core.mm.policy cimport GIVE_UP_FLAG
from sim_core.mm.reclaim cimport (
    DEF_PRIORITY, SWAP_CLUSTER_MAX, given_up, shrink_zone, zone_reclaimable,
)
from sim_core.mm.watermark cimport zone_watermark_ok_safe
from sim_core.mm.zone cimport (
    ALL_UNRECLAIMABLE, PRESENT_PAGES, WMARK_HIGH, WMARK_LOW, zone_t,
)
from sim_core.mm.zonelist cimport populated_zone

cdef enum:
    BALANCE_GAP_RATIO = 100   # KSWAPD_ZONE_BALANCE_GAP_RATIO: a hundredth of the zone above HIGH at most
    NO_ZONE = -1


cdef inline void wakeup_kswapd(memory_t *m, zone_t *z, unsigned order, unsigned classzone_idx) noexcept nogil:
    """Unless the zone is above LOW for requests of the lowest class: no lowmem_reserve is kept then."""
    if not populated_zone(z):
        return
    if not m.number[N_KSWAPD_AWAKE]:
        if zone_watermark_ok_safe(z, order, z.watermark[WMARK_LOW], 0):
            return
        set_node(m, N_KSWAPD_AWAKE, 1, S_WAKEUP_KSWAPD)
        set_node(m, N_KSWAPD_PRIORITY, DEF_PRIORITY, S_WAKEUP_KSWAPD)
        set_node(m, N_KSWAPD_RECLAIMED, 0, S_WAKEUP_KSWAPD)
    set_node(m, N_KSWAPD_ORDER, max(m.number[N_KSWAPD_ORDER], <int64_t> order), S_WAKEUP_KSWAPD)
    set_node(m, N_KSWAPD_CLASS, max(m.number[N_KSWAPD_CLASS], <int64_t> classzone_idx), S_WAKEUP_KSWAPD)


cdef inline bint passed_over(const memory_t *m, const zone_t *z) noexcept nogil:
    return (not populated_zone(z)
            or (m.number[N_KSWAPD_PRIORITY] < DEF_PRIORITY and given_up(m, z)))


cdef inline int unbalanced_zone(memory_t *m) noexcept nogil:
    """Slot of the highest zone below HIGH, or NO_ZONE."""
    cdef unsigned order = <unsigned> m.number[N_KSWAPD_ORDER]
    cdef int i = <int> m.nr_zones - 1
    cdef zone_t *z
    while i >= 0:
        z = &m.zones[i]
        if not passed_over(m, z) and not zone_watermark_ok_safe(z, order, z.watermark[WMARK_HIGH], 0):
            return i
        i -= 1
    return NO_ZONE


cdef inline bint pgdat_balanced(const memory_t *m, int64_t balanced) noexcept nogil:
    """Is a quarter of what the class may take from in zones that are balanced?"""
    cdef int64_t present = 0
    cdef unsigned i
    for i in range(<unsigned> m.number[N_KSWAPD_CLASS] + 1):
        present += m.zones[i].stat[PRESENT_PAGES]
    return balanced >= present >> 2


cdef inline int balance_zone(memory_t *m, zone_t *z, unsigned classzone_idx) noexcept nogil:
    """Shrink a zone that is not clearly above HIGH, and give it up if that is of no use; 0 or a Bug."""
    cdef int64_t gap = min(z.watermark[WMARK_LOW],
                           (z.stat[PRESENT_PAGES] + BALANCE_GAP_RATIO - 1) // BALANCE_GAP_RATIO)
    cdef int64_t reclaimed = m.number[N_KSWAPD_RECLAIMED]
    cdef int ret
    if zone_watermark_ok_safe(z, <unsigned> m.number[N_KSWAPD_ORDER], z.watermark[WMARK_HIGH] + gap,
                              classzone_idx):
        return 0
    ret = shrink_zone(m, z, <unsigned> m.number[N_KSWAPD_PRIORITY], &reclaimed)
    set_node(m, N_KSWAPD_RECLAIMED, reclaimed, S_BALANCE_PGDAT)
    if z.policy.give_up == GIVE_UP_FLAG and not zone_reclaimable(m, z):
        set_stat(z, ALL_UNRECLAIMABLE, 1, S_BALANCE_PGDAT)
    return ret


cdef inline int balance_zones(memory_t *m, bint *all_ok, int64_t *balanced) noexcept nogil:
    """Every zone up to the highest that is below HIGH; 0 or a negative Bug.

    Args:
        all_ok, balanced: OUT, whether all that are not given up are above HIGH; pages of those that are.
    """
    cdef int end_zone = unbalanced_zone(m), i = 0, ret
    cdef zone_t *z
    all_ok[0] = True
    balanced[0] = 0
    while i <= end_zone:
        z = &m.zones[i]
        if not passed_over(m, z):
            ret = balance_zone(m, z, <unsigned> end_zone)
            if ret:
                return ret
            if given_up(m, z):
                end_zone -= i == end_zone
            elif not zone_watermark_ok_safe(z, <unsigned> m.number[N_KSWAPD_ORDER],
                                            z.watermark[WMARK_HIGH], <unsigned> end_zone):
                all_ok[0] = False
            elif i <= m.number[N_KSWAPD_CLASS]:
                balanced[0] += z.stat[PRESENT_PAGES]
        i += 1
    return 0


cdef inline bint sleeping_prematurely(memory_t *m) noexcept nogil:
    """Would a zone be below HIGH again at once?"""
    cdef unsigned order = <unsigned> m.number[N_KSWAPD_ORDER], i
    cdef int64_t balanced = 0
    cdef bint all_ok = True
    cdef zone_t *z
    for i in range(<unsigned> m.number[N_KSWAPD_CLASS] + 1):
        z = &m.zones[i]
        if not populated_zone(z):
            continue
        if given_up(m, z) or zone_watermark_ok_safe(z, order, z.watermark[WMARK_HIGH], i):
            balanced += z.stat[PRESENT_PAGES]
        else:
            all_ok = False
    return not pgdat_balanced(m, balanced) if order else not all_ok


cdef inline void begin_balancing(memory_t *m) noexcept nogil:
    set_node(m, N_KSWAPD_PRIORITY, DEF_PRIORITY, S_BALANCE_PGDAT)
    set_node(m, N_KSWAPD_RECLAIMED, 0, S_BALANCE_PGDAT)


cdef inline int kswapd_step(memory_t *m) noexcept nogil:
    """One priority of balance_pgdat and, at the end of a balancing, the question of sleep; 0 or a Bug."""
    cdef bint all_ok
    cdef int64_t balanced
    cdef int ret
    if not m.number[N_KSWAPD_AWAKE]:
        return 0
    ret = balance_zones(m, &all_ok, &balanced)
    if ret:
        return ret
    if not all_ok:
        all_ok = m.number[N_KSWAPD_ORDER] > 0 and pgdat_balanced(m, balanced)
    if not all_ok:
        if (m.number[N_KSWAPD_RECLAIMED] < SWAP_CLUSTER_MAX
                and m.number[N_KSWAPD_PRIORITY] > 0):
            set_node(m, N_KSWAPD_PRIORITY, m.number[N_KSWAPD_PRIORITY] - 1, S_BALANCE_PGDAT)
            return 0
        if m.number[N_KSWAPD_RECLAIMED] < SWAP_CLUSTER_MAX:
            set_node(m, N_KSWAPD_ORDER, 0, S_BALANCE_PGDAT)
    elif not sleeping_prematurely(m):
        set_node(m, N_KSWAPD_AWAKE, 0, S_BALANCE_PGDAT)
        set_node(m, N_KSWAPD_ORDER, 0, S_BALANCE_PGDAT)
        set_node(m, N_KSWAPD_CLASS, 0, S_BALANCE_PGDAT)
        return 0
    begin_balancing(m)
    return 0
