"""Huge-page hunger: chunks of pageblock_order, and of the order below, over a background of small pages.

The background swells and ebbs: what it leaves free is scattered, and a request that finds no chunk whole
is counted and made again. Nobody compacts.
"""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.churn cimport churn_request
from sim_core.mm.memory cimport (
    Q_HUGE, V_CURSOR, V_PHASE, V_RELIEF, draw, memory_t, queue_t, set_var, workload_t,
)
from sim_core.mm.turn cimport (
    below, draw_victim, nothing_to_free, set_of, tally_t, turn_free, turn_idle, turn_queue,
    used_beside,
)
from sim_core.mm.zone cimport MOVABLE

cdef enum:
    EBBING = V_CURSOR   # 1: the background shrinks to its lower level

cdef enum:  # Parameter of huge-pages
    HUGE_SHARE          # percent of present pages: when it has them it gives all back
    HUGE_BELOW          # percent of its requests that are one order below pageblock_order
    HUGE_HUNGER         # percent of turns that are its own


cdef inline int background_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """Three turns in four go with the tide, from one level of the mix to the other and back."""
    cdef workload_t *w = &m.workload
    cdef int64_t used = used_beside(m, set_of(Q_HUGE))
    cdef bint against = draw(m) & 3 == 0, free
    if w.var[EBBING] and below(m, used, w.low):
        set_var(m, EBBING, 0)
    elif not w.var[EBBING] and not below(m, used, w.high):
        set_var(m, EBBING, 1)
    free = w.var[V_RELIEF] > 0 or (w.var[EBBING] != 0) != against
    if free and not nothing_to_free(m, set_of(Q_HUGE)):
        return turn_free(m, draw_victim(m, set_of(Q_HUGE)), tally)
    if w.var[V_RELIEF] > 0:
        # All there is is huge: the request waits until some of that is given back.
        set_var(m, V_RELIEF, 0)
        return turn_idle(m, tally)
    return churn_request(m, tally)


cdef inline int huge_pages_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef workload_t *w = &m.workload
    cdef queue_t *huge = &m.handles.queues[Q_HUGE]
    cdef unsigned order = m.zones[0].block_order
    if draw(m) % 100 >= w.param[HUGE_HUNGER]:
        return background_turn(m, tally)
    if w.var[V_PHASE] and huge.length == 0:
        set_var(m, V_PHASE, 0)
    elif not w.var[V_PHASE] and huge.length and not below(m, huge.pages, w.param[HUGE_SHARE]):
        set_var(m, V_PHASE, 1)
    if w.var[V_PHASE]:
        return turn_free(m, huge.oldest, tally)
    if draw(m) % 100 < w.param[HUGE_BELOW]:
        order -= 1
    return turn_queue(m, order, MOVABLE, Q_HUGE, 0, tally)
