"""The two doors of the allocator: a chunk taken (rmqueue) and a chunk given back (free_unref_page), by
way of the per-CPU lists or past them."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport context, decides, mod_freepage_state, mod_stat, set_pcp_state
from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.freelist cimport link_pcp, unlink_pcp
from sim_core.mm.free cimport (
    BUG_ISOLATE_IN_FREE_ONE_PAGE, free_one_isolated_page, free_one_page, free_pages_prepare,
)
from sim_core.mm.log cimport (
    S_BUFFERED_RMQUEUE, S_FREE_HOT_COLD_PAGE, S_FREE_PAGES_OK,
)
from sim_core.mm.page cimport NIL
from sim_core.mm.pcp cimport bulk_round_robin, rmqueue_bulk
from sim_core.mm.pcporders cimport (
    after_queueing, after_queueing_tuned, before_taking, drain_pages_zone, nr_pcp_alloc,
)
from sim_core.mm.policy cimport (
    HOTPLUG_CHUNKS, PCP_SINGLE_PAGES, PCP_TUNED, REMEMBERS_NOTHING, RESERVE_BLOCKS, when,
)
from sim_core.mm.rmqueue cimport RMQUEUE_NORMAL, __rmqueue, rmqueue_atomic
from sim_core.mm.zone cimport (
    ISOLATE, MOVABLE, NR_PCP_DRAIN, PCPTYPES, PCP_FACTOR, PCP_ORDERS, pageblock_migratetype,
    pcp_index, zone_t,
)


cdef inline bint pcp_allowed_order(const zone_t *z, unsigned order) noexcept nogil:
    """Are chunks of this order kept per CPU?"""
    return order == 0 or (z.policy.pcp_lists != PCP_SINGLE_PAGES and order < PCP_ORDERS)


# ---- given back ----

cdef enum:  # Way
    """How a chunk comes back to the lists."""
    WAY_PCP
    WAY_LOCKED      # free_one_page
    WAY_ISOLATED    # free_one_isolated_page of the seed patch


cdef inline unsigned direct_way(uint8_t isolated, unsigned mt) noexcept nogil:
    """Args:
        isolated: the model's table for this caller of free_one_isolated_page.
        mt: the pageblock's type as read before the lock.
    """
    return WAY_ISOLATED if when(isolated, context(mt, mt, mt)) else WAY_LOCKED


cdef inline unsigned way_back(const zone_t *z, unsigned order, unsigned mt) noexcept nogil:
    """free_hot_cold_page or __free_pages_ok, or what became of them. A chunk of an ISOLATE pageblock
    passes the pcp lists by."""
    if pcp_allowed_order(z, order) and mt != ISOLATE:
        return WAY_PCP
    return direct_way(z.policy.free_pages_ok_isolated if order
                      else z.policy.free_hot_cold_isolated, mt)


cdef inline bint is_bug(const zone_t *z, uint32_t p, unsigned mt, unsigned way) noexcept nogil:
    """VM_BUG_ON in free_one_page. The kernel has taken the page apart by then; here the node stops at a
    state in which every page is somewhere."""
    return (zs_rare(z.policy.free_one_page_bug != 0) and way == WAY_LOCKED
            and when(z.policy.free_one_page_bug, context(mt, pageblock_migratetype(z, p), mt)))


cdef inline void queue_page(zone_t *z, unsigned cpu, uint32_t p, unsigned order, unsigned mt,
                            bint cold) noexcept nogil:
    """Put a chunk at the hot end of this CPU's list; a list that is full then gives some back.

    RESERVE, HIGHATOMIC and CMA queue with MOVABLE and remember what they are.

    Args:
        cold: what reclaim frees goes to the other end (until 6.x, which has no such thing).
    """
    cdef unsigned shown = mt if mt < PCPTYPES else MOVABLE
    cdef unsigned index = pcp_index(z, order, shown)
    cdef uint32_t before, behind = NIL
    if cold and z.policy.pcp_lists == PCP_SINGLE_PAGES:
        behind = z.pcp[cpu].lists[index].tail
    if z.policy.pcp_lists == PCP_TUNED:
        set_pcp_state(z, cpu, PCP_FACTOR, z.pcp[cpu].state[PCP_FACTOR] >> 1, S_FREE_HOT_COLD_PAGE)
    link_pcp(z, cpu, index, p, shown if z.policy.refill_remembers == REMEMBERS_NOTHING else mt, behind,
             S_FREE_HOT_COLD_PAGE)
    before = z.pcp[cpu].count
    if z.policy.pcp_lists == PCP_SINGLE_PAGES:
        if not zs_rare(before >= z.pcp_high):
            return
        bulk_round_robin(z, cpu, z.pcp_batch)
    elif z.policy.pcp_lists == PCP_TUNED:
        after_queueing_tuned(z, cpu, index)
    else:
        after_queueing(z, cpu, index)
    if z.pcp[cpu].count != before:
        mod_stat(z, NR_PCP_DRAIN, 1, S_FREE_HOT_COLD_PAGE)


cdef inline void free_prepared(zone_t *z, unsigned cpu, uint32_t p, unsigned order, unsigned mt,
                               unsigned way, bint cold) noexcept nogil:
    """Give a chunk back that is part of nothing, its type read as `mt`."""
    if way == WAY_PCP:
        queue_page(z, cpu, p, order, mt, cold)
    elif way == WAY_LOCKED:
        free_one_page(z, p, order, mt, False)
    else:
        free_one_isolated_page(z, p, order)


cdef inline int free_unref_page(zone_t *z, unsigned cpu, uint32_t p, unsigned order) noexcept nogil:
    """Give a chunk back that no handle names; 0 or a negative Bug (then nothing was done)."""
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef unsigned way = way_back(z, order, mt)
    if is_bug(z, p, mt, way):
        return -BUG_ISOLATE_IN_FREE_ONE_PAGE
    free_pages_prepare(z, p, order,
                       S_FREE_HOT_COLD_PAGE if pcp_allowed_order(z, order) else S_FREE_PAGES_OK)
    free_prepared(z, cpu, p, order, mt, way, False)
    return 0


cdef inline int __free_pages_ok(zone_t *z, uint32_t p, unsigned order, bint to_tail,
                                uint8_t caller) noexcept nogil:
    """Give a chunk that no handle names back to the buddy lists directly, order 0 too; 0 or a Bug."""
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef unsigned way = direct_way(z.policy.free_pages_ok_isolated, mt)
    if is_bug(z, p, mt, way):
        return -BUG_ISOLATE_IN_FREE_ONE_PAGE
    free_pages_prepare(z, p, order, caller)
    if way == WAY_ISOLATED:
        free_one_isolated_page(z, p, order)
    else:
        free_one_page(z, p, order, mt, to_tail)
    return 0


cdef inline void drain_zone(zone_t *z) noexcept nogil:
    """Every CPU gives all its pages of this zone back."""
    cdef unsigned cpu
    for cpu in range(z.cpus):
        if not z.pcp[cpu].count:
            continue
        if z.policy.pcp_lists == PCP_SINGLE_PAGES:
            bulk_round_robin(z, cpu, z.pcp[cpu].count)
        else:
            drain_pages_zone(z, cpu)


cdef inline void drain_all_pages(zone_t *z) noexcept nogil:
    """Every CPU gives all its pages back, whichever zone of z's node they are of."""
    cdef unsigned i
    for i in range(z.nr_zones):
        drain_zone(z - z.slot + i)


cdef inline void drain_isolated(zone_t *z) noexcept nogil:
    """What offlining and contiguous allocation drain: all zones; from 6.x on the one at hand."""
    if z.policy.hotplug == HOTPLUG_CHUNKS:
        drain_zone(z)
    else:
        drain_all_pages(z)


# ---- taken ----

cdef inline uint32_t rmqueue_pcplist(zone_t *z, unsigned cpu, unsigned order,
                                     unsigned mt) noexcept nogil:
    """From this CPU's list, refilled if it is empty; or NIL."""
    cdef unsigned index = pcp_index(z, order, mt)
    cdef uint32_t p = z.pcp[cpu].lists[index].head
    if z.policy.pcp_lists != PCP_SINGLE_PAGES:
        before_taking(z, cpu)
    if zs_rare(p == NIL):
        if z.policy.pcp_lists == PCP_SINGLE_PAGES:
            rmqueue_bulk(z, cpu, 0, mt, z.pcp_batch)
        else:
            rmqueue_bulk(z, cpu, order, mt, nr_pcp_alloc(z, cpu, order))
        p = z.pcp[cpu].lists[index].head
        if p == NIL:
            return NIL
    unlink_pcp(z, cpu, index, p, S_BUFFERED_RMQUEUE)
    return p


cdef inline uint32_t rmqueue(zone_t *z, unsigned cpu, unsigned order, unsigned mt,
                             bint atomic) noexcept nogil:
    """Take a chunk, of an order that is kept per CPU from there; or NIL: no list can serve.

    Args:
        atomic: who asks cannot wait; before 6.x the lists are the same for all.
    """
    cdef uint32_t p = NIL
    cdef unsigned listed, block
    cdef int mode = RMQUEUE_NORMAL
    if pcp_allowed_order(z, order):
        p = rmqueue_pcplist(z, cpu, order, mt)
        if p != NIL or z.policy.pcp_lists == PCP_SINGLE_PAGES:
            return p
    if zs_rare(atomic and z.policy.reserve != RESERVE_BLOCKS):
        p = rmqueue_atomic(z, order, mt, &listed)
    else:
        p = __rmqueue(z, order, mt, &listed, &mode)
    if p == NIL:
        return NIL
    block = pageblock_migratetype(z, p)
    if decides(z, &z.policy.alloc_nr, context(mt, block, listed), p, S_BUFFERED_RMQUEUE):
        mod_freepage_state(z, -(1 << order), listed if z.policy.cma_by_list else block,
                           S_BUFFERED_RMQUEUE)
    return p
