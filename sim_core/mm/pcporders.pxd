"""Per-CPU lists of orders 0 to 3, as 6.x has them: how much is taken and given back at once.

Twelve lists, order by order. They are emptied list after list, from the one just used.
"""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memset

from sim_core.mm.account cimport clear_unreclaimable, counted_t, mod_counted, set_pcp_state
from sim_core.mm.log cimport S_FREE_HOT_COLD_PAGE, S_FREE_PCPPAGES_BULK, S_RMQUEUE_BULK
from sim_core.mm.page cimport NIL
from sim_core.mm.pcp cimport give_back
from sim_core.mm.policy cimport PCP_TUNED
from sim_core.mm.zone cimport (
    PCP_FACTOR, PCP_FREE_COUNT, PCP_HIGH, PCP_LISTS, PCP_PREV_HIGH_ORDER, pcp_order, pcp_t, zone_t,
)

cdef enum:
    BATCH_SCALE_MAX = 5     # CONFIG_PCP_BATCH_SCALE_MAX


cdef inline void bulk_list_after_list(zone_t *z, unsigned cpu, int64_t count,
                                      unsigned index) noexcept nogil:
    """free_pcppages_bulk, 6.x: at least `count` pages, whole chunks, from list `index` on."""
    cdef pcp_t *pcp = &z.pcp[cpu]
    cdef counted_t counted
    memset(&counted, 0, sizeof(counted_t))
    count = min(count, <int64_t> pcp.count)
    if count > 0:
        clear_unreclaimable(z, S_FREE_PCPPAGES_BULK)
    while count > 0:
        while pcp.lists[index].head == NIL:
            index = index + 1 if index < PCP_LISTS - 1 else 0
        while count > 0 and pcp.lists[index].head != NIL:
            count -= 1 << pcp_order(index)
            give_back(z, cpu, index, &counted)
        index = index + 1 if index < PCP_LISTS - 1 else 0
    mod_counted(z, &counted, S_FREE_PCPPAGES_BULK)


cdef inline void drain_pages_zone(zone_t *z, unsigned cpu) noexcept nogil:
    """All of a CPU's pages, some batches at a time, each round from list 0 on."""
    cdef int64_t round = <int64_t> z.pcp_batch << BATCH_SCALE_MAX
    while z.pcp[cpu].count:
        bulk_list_after_list(z, cpu, min(<int64_t> z.pcp[cpu].count, round), 0)


# ---- giving back: nr_pcp_high and nr_pcp_free ----

cdef inline int64_t clamped_high(const zone_t *z, unsigned cpu) noexcept nogil:
    """The current high of a tuned list, within the zone's limits."""
    return min(max(<int64_t> z.pcp[cpu].state[PCP_HIGH], <int64_t> z.pcp_high),
               <int64_t> z.pcp_high_max)


cdef inline int64_t nr_pcp_free(const zone_t *z, int64_t wanted, int64_t limit) noexcept nogil:
    """At least a batch, and a batch is left; with `limit` below a batch one page."""
    if limit < z.pcp_batch:
        return 1
    return min(max(wanted, <int64_t> z.pcp_batch), limit - z.pcp_batch)


cdef inline void after_queueing(zone_t *z, unsigned cpu, unsigned index) noexcept nogil:
    """6.1: a pcp that is full gives back twice as much as the time before, if nothing was taken."""
    cdef unsigned order = pcp_order(index)
    cdef uint32_t factor = z.pcp[cpu].state[PCP_FACTOR]
    cdef int64_t high = z.pcp_high, count = z.pcp[cpu].count, wanted
    if order and factor:
        bulk_list_after_list(z, cpu, count, index)
        return
    if count < high:
        return
    wanted = <int64_t> z.pcp_batch << factor
    if high >= z.pcp_batch and wanted < high - z.pcp_batch and factor < BATCH_SCALE_MAX:
        set_pcp_state(z, cpu, PCP_FACTOR, factor + 1, S_FREE_HOT_COLD_PAGE)
    bulk_list_after_list(z, cpu, nr_pcp_free(z, wanted, high), index)


cdef inline void after_queueing_tuned(zone_t *z, unsigned cpu, unsigned index) noexcept nogil:
    """6.12: what is given back follows what was freed of late; frees of higher orders in a row all go."""
    cdef unsigned order = pcp_order(index)
    cdef pcp_t *pcp = &z.pcp[cpu]
    cdef int64_t batch = z.pcp_batch, high, limit, need
    cdef uint32_t free_count = pcp.state[PCP_FREE_COUNT]
    cdef bint all_goes = order and free_count >= batch and pcp.state[PCP_PREV_HIGH_ORDER]
    set_pcp_state(z, cpu, PCP_PREV_HIGH_ORDER, order > 0, S_FREE_HOT_COLD_PAGE)
    if free_count < batch << BATCH_SCALE_MAX:
        set_pcp_state(z, cpu, PCP_FREE_COUNT, free_count + (1u << order), S_FREE_HOT_COLD_PAGE)
    free_count = pcp.state[PCP_FREE_COUNT]
    high = clamped_high(z, cpu)
    limit = high
    if high and all_goes:
        high = max(high - (batch << BATCH_SCALE_MAX), <int64_t> z.pcp_high)
        limit = 0
    elif high and z.pcp_high != z.pcp_high_max and pcp.count >= high:
        need = free_count + batch
        if high < need:
            high = min(max(need, <int64_t> z.pcp_high), <int64_t> z.pcp_high_max)
    set_pcp_state(z, cpu, PCP_HIGH, <uint32_t> high, S_FREE_HOT_COLD_PAGE)
    if pcp.count < limit:
        return
    if all_goes:
        bulk_list_after_list(z, cpu, min(<int64_t> pcp.count, batch << BATCH_SCALE_MAX), index)
    else:
        bulk_list_after_list(z, cpu, nr_pcp_free(z, free_count, limit), index)


# ---- taking: nr_pcp_alloc ----

cdef inline void before_taking(zone_t *z, unsigned cpu) noexcept nogil:
    """A pcp that is taken from gives less back."""
    cdef unsigned which = PCP_FREE_COUNT if z.policy.pcp_lists == PCP_TUNED else PCP_FACTOR
    set_pcp_state(z, cpu, which, z.pcp[cpu].state[which] >> 1, S_RMQUEUE_BULK)


cdef inline uint32_t nr_pcp_alloc(zone_t *z, unsigned cpu, unsigned order) noexcept nogil:
    """Chunks of a refill; while single pages are only taken, each refill doubles (6.12)."""
    cdef int64_t batch = z.pcp_batch, high, wanted = batch, room
    cdef uint32_t factor = z.pcp[cpu].state[PCP_FACTOR]
    if z.policy.pcp_lists == PCP_TUNED:
        high = clamped_high(z, cpu)
        if high < batch:
            set_pcp_state(z, cpu, PCP_HIGH, <uint32_t> high, S_RMQUEUE_BULK)
            return 1
        if order == 0:
            wanted = batch << factor
        if z.pcp_high != z.pcp_high_max:
            high = min(high + wanted, <int64_t> z.pcp_high_max)
        set_pcp_state(z, cpu, PCP_HIGH, <uint32_t> high, S_RMQUEUE_BULK)
        if order == 0:
            room = max(high - <int64_t> z.pcp[cpu].count - batch, batch)
            if wanted <= room and factor < BATCH_SCALE_MAX:
                set_pcp_state(z, cpu, PCP_FACTOR, factor + 1, S_RMQUEUE_BULK)
            wanted = min(wanted, room)
    if wanted > 1:
        wanted = max(wanted >> order, <int64_t> 2)
    return <uint32_t> wanted
