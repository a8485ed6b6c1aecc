"""Page cache: single MOVABLE pages on the LRU fill the zone to a level; then a large share is dropped."""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.inuse cimport free_pages
from sim_core.mm.log cimport WORKLOAD_FLAG
from sim_core.mm.memory cimport (
    Q_CACHE, V_RELIEF, memory_t, pages_in_use, queue_t, set_var, workload_t, zone_of,
)
from sim_core.mm.operation cimport OP_DROP_CACHE, end_op, name_op
from sim_core.mm.turn cimport (
    below, draw_victim, give_relief, nothing_to_free, set_of, tally_t, turn_free, turn_idle,
    turn_queue,
)
from sim_core.mm.zone cimport MOVABLE

cdef enum:
    DROP_PAGES = 512    # pages that one operation of a drop gives back at most

cdef enum:  # Parameter of page-cache
    CACHE_LEVEL         # percent of present pages in use at which it drops
    CACHE_DROP          # percent of its pages that a drop gives back


cdef inline int drop_cache(memory_t *m, tally_t *tally) noexcept nogil:
    """Give back what is still to be given back, the oldest pages first; 0 or a negative Bug."""
    cdef queue_t *cache = &m.handles.queues[Q_CACHE]
    cdef int64_t count = min(min(m.workload.var[V_RELIEF], cache.pages), <int64_t> DROP_PAGES)
    cdef int64_t done = 0
    cdef int ret = 0
    cdef uint32_t p
    name_op(m, OP_DROP_CACHE, 0, MOVABLE, WORKLOAD_FLAG, m.handles.table[cache.oldest].page, count)
    while done < count and ret == 0:
        p = m.handles.table[cache.oldest].page
        ret = free_pages(m, zone_of(m, p), p, 0)
        done += ret == 0
    give_relief(m, done)
    end_op(m, False, ret if ret else done)
    tally.freed += done
    tally.effort += done
    return ret


cdef inline int page_cache_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef workload_t *w = &m.workload
    cdef queue_t *cache = &m.handles.queues[Q_CACHE]
    cdef int64_t share = max(cache.pages * w.param[CACHE_DROP] // 100, <int64_t> 1)
    if w.var[V_RELIEF] > 0 and cache.length:
        return drop_cache(m, tally)
    if w.var[V_RELIEF] == 0 and below(m, pages_in_use(m), w.param[CACHE_LEVEL]):
        return turn_queue(m, 0, MOVABLE, Q_CACHE, share, tally)
    if cache.length:
        set_var(m, V_RELIEF, share)
        return drop_cache(m, tally)
    if w.var[V_RELIEF] > 0 and nothing_to_free(m, set_of(Q_CACHE)):
        set_var(m, V_RELIEF, 0)
    if nothing_to_free(m, set_of(Q_CACHE)):
        return turn_idle(m, tally)
    return turn_free(m, draw_victim(m, set_of(Q_CACHE)), tally)
