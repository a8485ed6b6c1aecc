"""Mixed churn: random allocations and frees between two levels of use. Others have it as background."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.memory cimport V_RELIEF, draw, memory_t, present_pages, set_var, workload_t
from sim_core.mm.turn cimport (
    below, draw_victim, nothing_to_free, relief_of, tally_t, turn_alloc, turn_free, turn_idle,
    used_beside,
)
from sim_core.mm.zone cimport MOVABLE, RECLAIMABLE, UNMOVABLE


cdef inline void draw_request(memory_t *m, unsigned *order, unsigned *mt) noexcept nogil:
    cdef workload_t *w = &m.workload
    cdef uint32_t d = draw(m) % w.order_total
    cdef uint32_t e = draw(m) % w.type_total
    order[0] = 0
    while d >= w.order_weight[order[0]]:
        d -= w.order_weight[order[0]]
        order[0] += 1
    if e < w.type_weight[0]:
        mt[0] = MOVABLE
    elif e < w.type_weight[0] + w.type_weight[1]:
        mt[0] = UNMOVABLE
    else:
        mt[0] = RECLAIMABLE


cdef inline int churn_request(memory_t *m, tally_t *tally) noexcept nogil:
    cdef unsigned order = 0, mt = 0
    draw_request(m, &order, &mt)
    return turn_alloc(m, order, mt, relief_of(m, order), tally)


cdef inline int churn_turn(memory_t *m, uint64_t own, tally_t *tally) noexcept nogil:
    """A coin decides between the levels; after a request that found no page it frees until there is
    some relief.

    Args:
        own: the queues of the workload whose background this is: their pages are not looked at.

    Returns:
        0 or a negative Bug.
    """
    cdef workload_t *w = &m.workload
    cdef int64_t used = used_beside(m, own)
    cdef bint coin = draw(m) & 1
    cdef bint over = used * 100 > w.high * present_pages(m)
    cdef bint relief = w.var[V_RELIEF] > 0
    cdef bint nothing = nothing_to_free(m, own)
    if nothing and relief:
        # Others gave it back, reclaim or a kill: to wait for more would be to wait for ever.
        set_var(m, V_RELIEF, 0)
    if nothing and (relief or over):
        return turn_idle(m, tally)
    if nothing or (not relief and (below(m, used, w.low) or (not over and coin))):
        return churn_request(m, tally)
    return turn_free(m, draw_victim(m, own), tally)
