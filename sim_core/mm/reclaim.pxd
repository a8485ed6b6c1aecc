"""Page reclaim as far as accounting sees it: LRU pages are looked at, and freed unless somebody holds them.

Every page on the LRU is clean and old here. File pages can be dropped, anonymous ones only while there is
swap. The order of the LRU is that of the pfns: a hand for each sort goes round the zone.
"""

from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport mod_stat, set_stat
from sim_core.mm.inuse cimport free_cold_pages
from sim_core.mm.log cimport S_SHRINK_ZONE
from sim_core.mm.memory cimport N_SWAP_FREE, memory_t, set_node
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_ANON_SHIFT, ATTR_LRU, KIND_MASK, NIL, ORDER_MASK, PINNED, page_attr, page_state,
    pages_of,
)
from sim_core.mm.policy cimport GIVE_UP_FLAG
from sim_core.mm.zone cimport (
    ALL_UNRECLAIMABLE, LRU_HAND_FILE, NR_LRU_ANON, NR_LRU_FILE, NR_PAGES_SCANNED, zone_t,
)
from sim_core.mm.zonelist cimport populated_zone

cdef enum:
    DEF_PRIORITY = 12        # a scan looks at the LRU >> priority
    SWAP_CLUSTER_MAX = 32    # pages that reclaim aims at
    SCANS_OF_LRU = 6         # of a zone that is not given up yet

cdef enum:  # LruSort, as it follows NR_LRU_FILE and LRU_HAND_FILE
    SORT_FILE
    SORT_ANON


cdef inline int64_t zone_reclaimable_pages(const memory_t *m, const zone_t *z) noexcept nogil:
    if m.number[N_SWAP_FREE] > 0:
        return z.stat[NR_LRU_FILE] + z.stat[NR_LRU_ANON]
    return z.stat[NR_LRU_FILE]


cdef inline bint zone_reclaimable(const memory_t *m, const zone_t *z) noexcept nogil:
    return z.stat[NR_PAGES_SCANNED] < SCANS_OF_LRU * zone_reclaimable_pages(m, z)


cdef inline bint given_up(const memory_t *m, const zone_t *z) noexcept nogil:
    """Does reclaim pass this zone over? Until kswapd says so, or from its own scans."""
    if z.policy.give_up == GIVE_UP_FLAG:
        return z.stat[ALL_UNRECLAIMABLE] != 0
    return not zone_reclaimable(m, z)


cdef inline bint on_lru(const zone_t *z, uint32_t p, unsigned sort) noexcept nogil:
    """Does a chunk in use begin at p that is on this LRU?"""
    cdef uint8_t kind = page_state(&z.pages, p) & KIND_MASK, attr
    if kind != ALLOCATED and kind != PINNED:
        return False
    attr = page_attr(&z.pages, p)
    return attr & ATTR_LRU and (attr >> ATTR_ANON_SHIFT & 1) == sort


cdef inline uint32_t next_on_lru(const zone_t *z, uint32_t hand, unsigned sort) noexcept nogil:
    """The first chunk of this LRU from the hand on, once round the zone; or NIL."""
    cdef uint32_t p
    if not z.start <= hand < z.end:
        hand = z.start
    p = hand
    while p < z.end:
        if on_lru(z, p, sort):
            return p
        p += pages_of(page_state(&z.pages, p))
    p = z.start
    while p < hand:
        if on_lru(z, p, sort):
            return p
        p += pages_of(page_state(&z.pages, p))
    return NIL


cdef inline int shrink_lru(memory_t *m, zone_t *z, unsigned sort, unsigned priority,
                           int64_t *reclaimed) noexcept nogil:
    """Look at the LRU's size >> priority pages and free those that nobody holds; 0 or a negative Bug.

    Args:
        reclaimed: IN and OUT, pages that the whole undertaking has freed: with SWAP_CLUSTER_MAX of them
            a scan below the first priority goes no further.
    """
    cdef int64_t scan = z.stat[NR_LRU_FILE + sort] >> priority, pages
    cdef uint32_t p
    cdef uint8_t state
    cdef int ret
    while scan > 0:
        if priority < DEF_PRIORITY and reclaimed[0] >= SWAP_CLUSTER_MAX:
            break
        if sort == SORT_ANON and m.number[N_SWAP_FREE] <= 0:
            break
        p = next_on_lru(z, <uint32_t> z.stat[LRU_HAND_FILE + sort], sort)
        if p == NIL:
            break
        state = page_state(&z.pages, p)
        pages = pages_of(state)
        scan -= pages
        mod_stat(z, NR_PAGES_SCANNED, pages, S_SHRINK_ZONE)
        set_stat(z, LRU_HAND_FILE + sort, p + pages, S_SHRINK_ZONE)
        if state & KIND_MASK == PINNED:
            continue
        ret = free_cold_pages(m, z, p, state & ORDER_MASK)
        if ret:
            return ret
        reclaimed[0] += pages
        if sort == SORT_ANON:
            set_node(m, N_SWAP_FREE, max(m.number[N_SWAP_FREE] - pages, <int64_t> 0), S_SHRINK_ZONE)
    return 0


cdef inline int shrink_zone(memory_t *m, zone_t *z, unsigned priority,
                            int64_t *reclaimed) noexcept nogil:
    """File pages first, then what may go to swap; 0 or a negative Bug. Arguments as shrink_lru."""
    cdef int ret = shrink_lru(m, z, SORT_FILE, priority, reclaimed)
    if ret == 0:
        ret = shrink_lru(m, z, SORT_ANON, priority, reclaimed)
    return ret


cdef inline int do_try_to_free_pages(memory_t *m, unsigned classzone_idx, int64_t *progress) noexcept nogil:
    """Direct reclaim over the zonelist; 0 or a negative Bug.

    Args:
        progress: OUT, pages freed; or 1 if none was, but a zone is not given up; or 0.
    """
    cdef int64_t reclaimed = 0
    cdef int priority = DEF_PRIORITY, ret
    cdef unsigned i
    while priority >= 0 and reclaimed < SWAP_CLUSTER_MAX:
        i = classzone_idx + 1
        while i:
            i -= 1
            if not populated_zone(&m.zones[i]) or (priority < DEF_PRIORITY
                                                   and given_up(m, &m.zones[i])):
                continue
            ret = shrink_zone(m, &m.zones[i], <unsigned> priority, &reclaimed)
            if ret:
                return ret
        priority -= 1
    progress[0] = reclaimed
    if reclaimed == 0:
        for i in range(classzone_idx + 1):
            if populated_zone(&m.zones[i]) and not given_up(m, &m.zones[i]):
                progress[0] = 1
    return 0
