"""Reclaim pressure: a reader whose page cache nobody drops, beside a process that grows and shrinks again.

The cache takes whatever is free, so that a whole node stays between its marks: kswapd is woken at LOW and
sleeps again above HIGH. A read asks for several pages at once; it may be faster than kswapd, and then reads
and faults reclaim for themselves. What is reclaimed leaves its queue by itself: its handle is retired.

In a bare zone nobody reclaims. There a request that finds nothing makes the reader drop its oldest pages.
"""

from libc.stdint cimport uint32_t, uint64_t

from sim_core.mm.log cimport LRU_FLAG, WORKLOAD_FLAG
from sim_core.mm.handles cimport queue_push
from sim_core.mm.memory cimport (
    Q_ANON, Q_CACHE, V_PHASE, V_RELIEF, draw, memory_t, queue_t, set_var, workload_t,
)
from sim_core.mm.operation cimport OP_READ_CACHE, end_op, name_op
from sim_core.mm.page cimport NIL, bound
from sim_core.mm.pagecache cimport drop_cache
from sim_core.mm.request cimport alloc_pages
from sim_core.mm.turn cimport (
    WORKLOAD_OWNER, below, draw_victim, fill_request, gives_back, nothing_to_free, relief_of,
    set_of, tally_t, turn_free, turn_idle, turn_process,
)
from sim_core.mm.zone cimport MOVABLE
from sim_core.mm.zonelist cimport request_t

cdef enum:  # Parameter of reclaim-pressure
    READ_SHARE          # percent of turns that are the reader's
    READ_PAGES          # pages that a read asks for at most
    ANON_LEVEL          # percent of present pages to which the process grows
    ANON_EBB            # percent of it that it then gives back


cdef inline int read_cache(memory_t *m, tally_t *tally) noexcept nogil:
    """Read on in a file: single pages, each a request of its own, until one finds nothing; 0 or a Bug."""
    cdef uint32_t count = 1 + draw(m) % m.workload.param[READ_PAGES], done = 0, p
    cdef request_t request
    fill_request(m, 0, MOVABLE, &request)
    name_op(m, OP_READ_CACHE, 0, MOVABLE, WORKLOAD_FLAG | LRU_FLAG, NIL, count)
    while done < count:
        p = alloc_pages(m, &request, LRU_FLAG)
        if p == NIL:
            tally.failed += 1
            set_var(m, V_RELIEF, relief_of(m, 0))
            break
        queue_push(m, Q_CACHE, bound(&m.zones[0].pages, p, 0))
        done += 1
    end_op(m, False, done)
    tally.allocated += done
    tally.effort += done
    return -m.stopped


cdef inline void turn_process_tide(memory_t *m) noexcept nogil:
    """From growing to shrinking at the level, and back when the ebb is over. Reclaim and a kill, too, take
    of the process's memory."""
    cdef workload_t *w = &m.workload
    cdef queue_t *anon = &m.handles.queues[Q_ANON]
    cdef uint32_t kept = w.param[ANON_LEVEL] * (100 - w.param[ANON_EBB])
    if w.var[V_PHASE] == 0 and anon.length and not below(m, anon.pages, w.param[ANON_LEVEL]):
        set_var(m, V_PHASE, 1)
    elif w.var[V_PHASE] and (anon.length == 0 or below(m, anon.pages * 100, kept + 1)):
        set_var(m, V_PHASE, 0)


cdef inline int relieve(memory_t *m, uint64_t own, tally_t *tally) noexcept nogil:
    """After a request found nothing. On a whole node reclaim has had all of the cache that it can get,
    and what is left to be given back is the process's."""
    cdef queue_t *anon = &m.handles.queues[Q_ANON]
    if not nothing_to_free(m, own):
        return turn_free(m, draw_victim(m, own), tally)
    if not m.whole and m.handles.queues[Q_CACHE].length:
        return drop_cache(m, tally)
    if anon.length:
        return turn_free(m, anon.oldest, tally)
    set_var(m, V_RELIEF, 0)
    return turn_idle(m, tally)


cdef inline int reclaim_pressure_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef workload_t *w = &m.workload
    cdef uint64_t own = set_of(Q_CACHE) | set_of(Q_ANON)
    if w.var[V_RELIEF] > 0:
        return relieve(m, own, tally)
    if gives_back(m, own):
        return turn_free(m, draw_victim(m, own), tally)
    if draw(m) % 100 < w.param[READ_SHARE]:
        return read_cache(m, tally)
    turn_process_tide(m)
    if w.var[V_PHASE]:
        return turn_free(m, m.handles.queues[Q_ANON].oldest, tally)
    return turn_process(m, 0, MOVABLE, WORKLOAD_OWNER, Q_ANON, relief_of(m, 0), tally)
