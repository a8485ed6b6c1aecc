"""Slab: small chunks that cannot be moved, sprinkled among movable pages and freed rarely, at random.

They grow to a share of the zone, then shrinkers free most of them, here one and there one; movable pages
fill the gaps, and the next growth has to take other pageblocks. What is left in the end is a zone in
which hardly a pageblock is free of an unmovable page: external fragmentation as a long uptime makes it.
"""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.handles cimport queue_push, queue_remove
from sim_core.mm.memory cimport (
    Q_SLAB, V_PHASE, V_RELIEF, draw, memory_t, pages_in_use, queue_t, set_var, workload_t,
)
from sim_core.mm.turn cimport (
    below, draw_victim, nothing_to_free, relief_of, set_of, tally_t, turn_alloc, turn_free,
    turn_idle, turn_queue,
)
from sim_core.mm.zone cimport MOVABLE, RECLAIMABLE, UNMOVABLE

cdef enum:
    SLAB_ORDER_MAX = 3    # PAGE_ALLOC_COSTLY_ORDER: slub asks for no more

cdef enum:  # Parameter of slab
    SLAB_LEVEL            # percent of present pages in use
    SLAB_SHARE            # percent of present pages at which the shrinkers set in
    SLAB_KEEP             # percent of it that they leave
    SLAB_RECLAIMABLE      # percent of its requests that are RECLAIMABLE


cdef inline int slab_request(memory_t *m, tally_t *tally) noexcept nogil:
    """Orders 0 to 3, each half as often as the one below it."""
    cdef unsigned order = 0
    cdef unsigned largest = min(<unsigned> SLAB_ORDER_MAX, m.zones[0].block_order)
    cdef uint32_t d = draw(m)
    cdef unsigned mt = UNMOVABLE
    if (d >> 8) % 100 < m.workload.param[SLAB_RECLAIMABLE]:
        mt = RECLAIMABLE
    while order < largest and d & 1:
        d >>= 1
        order += 1
    return turn_queue(m, order, mt, Q_SLAB, relief_of(m, order), tally)


cdef inline int free_slab(memory_t *m, tally_t *tally) noexcept nogil:
    """Free the oldest chunk that is not spared; one that is becomes the youngest, so that all are asked."""
    cdef queue_t *slab = &m.handles.queues[Q_SLAB]
    cdef uint32_t handle
    while draw(m) % 100 < m.workload.param[SLAB_KEEP]:
        handle = slab.oldest
        queue_remove(m, handle)
        queue_push(m, Q_SLAB, handle)
    return turn_free(m, slab.oldest, tally)


cdef inline void turn_tide(memory_t *m) noexcept nogil:
    """From growing to shrinking at the share, and back at what is left of it."""
    cdef workload_t *w = &m.workload
    cdef int64_t pages = m.handles.queues[Q_SLAB].pages
    if w.var[V_PHASE] == 0 and pages and not below(m, pages, w.param[SLAB_SHARE]):
        set_var(m, V_PHASE, 1)
    elif w.var[V_PHASE] and below(m, pages * 100, w.param[SLAB_SHARE] * w.param[SLAB_KEEP] + 1):
        set_var(m, V_PHASE, 0)


cdef inline int slab_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef workload_t *w = &m.workload
    cdef queue_t *slab = &m.handles.queues[Q_SLAB]
    cdef uint32_t d = draw(m)
    cdef bint tight = w.var[V_RELIEF] > 0 or not below(m, pages_in_use(m), w.param[SLAB_LEVEL])
    turn_tide(m)
    if slab.length and ((w.var[V_PHASE] and d & 1) or (tight and nothing_to_free(m, set_of(Q_SLAB)))):
        return free_slab(m, tally)
    if tight:
        if nothing_to_free(m, set_of(Q_SLAB)):
            return turn_idle(m, tally)
        return turn_free(m, draw_victim(m, set_of(Q_SLAB)), tally)
    # So often that both come to their shares together, from an empty zone on.
    if w.var[V_PHASE] == 0 and (d >> 1) % w.param[SLAB_LEVEL] < w.param[SLAB_SHARE]:
        return slab_request(m, tally)
    return turn_alloc(m, 0, MOVABLE, relief_of(m, 0), tally)
