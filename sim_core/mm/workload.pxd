"""The workload that keeps a zone moving: random allocations and frees between two levels of use."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.inuse cimport alloc_pages, free_pages
from sim_core.mm.log cimport R_WORKLOAD, S_HANDLES, log_put
from sim_core.mm.memory cimport draw, memory_t, workload_t
from sim_core.mm.page cimport NIL
from sim_core.mm.zone cimport MOVABLE, NR_ALLOCATED, PRESENT_PAGES, RECLAIMABLE, UNMOVABLE, zone_t

cdef enum:
    RELIEF_SHARE = 64   # a full zone: free a 64th of it before asking again

cdef enum:  # Turn
    TURN_NONE        # over the upper level and nothing to free
    TURN_ALLOC
    TURN_FREE

ctypedef struct turn_t:
    int what
    unsigned order
    unsigned mt
    bint lru
    uint32_t handle


cdef inline void set_relief(memory_t *m, int64_t pages) noexcept nogil:
    log_put(&m.log, R_WORKLOAD, S_HANDLES, 0, 0, 0, <uint64_t> m.workload.relief)
    m.workload.relief = pages


cdef inline void draw_request(memory_t *m, turn_t *turn) noexcept nogil:
    cdef workload_t *w = &m.workload
    cdef uint32_t d = draw(m) % w.order_total
    cdef uint32_t e = draw(m) % w.type_total
    turn.what = TURN_ALLOC
    turn.order = 0
    while d >= w.order_weight[turn.order]:
        d -= w.order_weight[turn.order]
        turn.order += 1
    if e < w.type_weight[0]:
        turn.mt = MOVABLE
    elif e < w.type_weight[0] + w.type_weight[1]:
        turn.mt = UNMOVABLE
    else:
        turn.mt = RECLAIMABLE
    turn.lru = turn.mt == MOVABLE and turn.order == 0


cdef inline void draw_turn(memory_t *m, zone_t *z, turn_t *turn) noexcept nogil:
    """What the workload does next. A coin decides between the levels; after a request that found no
    page it frees until there is some relief."""
    cdef workload_t *w = &m.workload
    cdef int64_t used = z.stat[NR_ALLOCATED] * 100
    cdef bint coin = draw(m) & 1
    cdef bint allocate = (m.handles.nr_live == 0 or used < w.low * z.stat[PRESENT_PAGES]
                          or (used <= w.high * z.stat[PRESENT_PAGES] and coin))
    if w.relief > 0 and m.handles.nr_live:
        allocate = False
    if m.handles.nr_live == 0 and (w.relief > 0 or used > w.high * z.stat[PRESENT_PAGES]):
        turn.what = TURN_NONE
    elif allocate:
        draw_request(m, turn)
    else:
        turn.what = TURN_FREE
        turn.handle = m.handles.live[(<uint64_t> draw(m) * m.handles.nr_live) >> 32]


cdef inline int take_turn(memory_t *m, zone_t *z, const turn_t *turn, uint32_t *page) noexcept nogil:
    """Carry a turn out.

    Args:
        page: OUT, the chunk's head, or NIL if the request found none.

    Returns:
        0 or a negative Bug.
    """
    cdef unsigned order
    cdef int ret
    if turn.what == TURN_ALLOC:
        page[0] = alloc_pages(m, z, turn.order, turn.mt, turn.lru, True)
        if page[0] == NIL:
            set_relief(m, max(z.stat[PRESENT_PAGES] // RELIEF_SHARE, <int64_t> 1 << turn.order))
        return 0
    page[0] = m.handles.table[turn.handle].page
    order = m.handles.table[turn.handle].order
    ret = free_pages(m, z, page[0], order)
    if ret == 0 and m.workload.relief > 0:
        set_relief(m, max(m.workload.relief - (<int64_t> 1 << order), <int64_t> 0))
    return ret
