"""What a turn of a workload may come to: a request, a free, nothing. Each ends the operation begun."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.inuse cimport free_pages
from sim_core.mm.log cimport ANON_FLAG, LRU_FLAG, WORKLOAD_FLAG
from sim_core.mm.handles cimport live_push, queue_push
from sim_core.mm.memory cimport (
    NOBODY, QUEUES, V_RELIEF, draw, memory_t, pages_in_use, present_pages, set_var, zone_of,
)
from sim_core.mm.operation cimport OP_ALLOC, OP_FREE, end_op, name_op
from sim_core.mm.page cimport NIL, bound
from sim_core.mm.request cimport alloc_pages
from sim_core.mm.zone cimport MOVABLE
from sim_core.mm.zonelist cimport highest_kernel_zone, request_t

cdef enum:
    RELIEF_SHARE = 64   # a full zone: free a 64th of it before asking again
    WORKLOAD_OWNER = 1  # the process that churn's memory belongs to
    NO_QUEUE = 0        # the set of queues of a workload that has all its chunks on the live list

ctypedef struct tally_t:
    uint64_t operations
    uint64_t allocated   # allocations that got a chunk
    uint64_t failed      # allocations that found none
    uint64_t freed       # frees
    uint64_t idle        # turns in which nothing could be done
    uint64_t refused     # other operations that the kernel refused, and
    uint64_t done        # those that it did
    uint64_t effort      # chunks and pages gone through: what time goes by


cdef inline bint below(const memory_t *m, int64_t pages, uint32_t percent) noexcept nogil:
    """Are so many pages less than this share of the present ones?"""
    return pages * 100 < percent * present_pages(m)


cdef inline int64_t relief_of(const memory_t *m, unsigned order) noexcept nogil:
    """What to free after a request of this order found nothing."""
    return max(present_pages(m) // RELIEF_SHARE, <int64_t> 1 << order)


cdef inline uint64_t set_of(unsigned queue) noexcept nogil:
    """A set of queues that has this one alone."""
    return <uint64_t> 1 << queue


cdef inline int64_t used_beside(const memory_t *m, uint64_t own) noexcept nogil:
    """Pages in use, but for those of these queues."""
    cdef int64_t pages = pages_in_use(m)
    cdef unsigned i = 0
    while own >> i:
        if own >> i & 1:
            pages -= m.handles.queues[i].pages
        i += 1
    return pages


cdef inline bint leftovers(const memory_t *m, uint64_t own) noexcept nogil:
    """Is there something in the queues of other workloads, which ran before?"""
    cdef uint32_t theirs = m.handles.nr_queued
    cdef unsigned i = 0
    while own >> i and theirs:
        if own >> i & 1:
            theirs -= m.handles.queues[i].length
        i += 1
    return theirs != 0


cdef inline bint nothing_to_free(const memory_t *m, uint64_t own) noexcept nogil:
    return m.handles.nr_live == 0 and not leftovers(m, own)


cdef inline bint gives_back(memory_t *m, uint64_t own) noexcept nogil:
    """Of a workload that has all its chunks in queues: every other turn it frees one that it has not got
    itself, as long as there is any."""
    return not nothing_to_free(m, own) and draw(m) & 1


cdef inline uint32_t draw_victim(memory_t *m, uint64_t own) noexcept nogil:
    """What to free next, if there is anything: what another workload left, then a random chunk."""
    cdef unsigned i
    if leftovers(m, own):
        for i in range(QUEUES):
            if not own >> i & 1 and m.handles.queues[i].length:
                return m.handles.queues[i].oldest
    return m.handles.live[(<uint64_t> draw(m) * m.handles.nr_live) >> 32]


cdef inline int turn_idle(memory_t *m, tally_t *tally) noexcept nogil:
    tally.idle += 1
    end_op(m, False, 0)
    return 0


cdef inline int turn_done(memory_t *m, int ret, tally_t *tally) noexcept nogil:
    """The end of an operation that is neither a request nor a free; its Bug, or 0."""
    end_op(m, False, ret)
    if ret < -1000:
        return ret
    tally.refused += ret < 0
    tally.done += ret >= 0
    return 0


cdef inline void fill_request(const memory_t *m, unsigned order, unsigned mt,
                              request_t *request) noexcept nogil:
    """What is movable may lie in any zone, the kernel's own data not above Normal."""
    request.order = order
    request.mt = mt
    request.classzone_idx = m.nr_zones - 1 if mt == MOVABLE else highest_kernel_zone(m)
    request.atomic = False
    request.owner = NOBODY


cdef inline uint32_t ask(memory_t *m, const request_t *request, unsigned flag, bint live,
                         int64_t relief, tally_t *tally) noexcept nogil:
    """Ask for a chunk; its page, or NIL.

    Args:
        flag: of OpFlag.
        live: it goes to the live list.
        relief: pages to give back before the next request if this one finds nothing.
    """
    cdef uint32_t p
    name_op(m, OP_ALLOC, request.order, request.mt, flag, NIL, 1)
    p = alloc_pages(m, request, flag)
    if live and p != NIL:
        live_push(m, bound(&m.zones[0].pages, p, request.order))
    if p == NIL and relief:
        set_var(m, V_RELIEF, relief)
    tally.failed += p == NIL
    tally.allocated += p != NIL
    return p


cdef inline int turn_alloc(memory_t *m, unsigned order, unsigned mt, int64_t relief,
                           tally_t *tally) noexcept nogil:
    """A request for a chunk that will be freed at random. On a whole node its single movable pages are
    a process's memory."""
    cdef request_t request
    cdef unsigned flag = WORKLOAD_FLAG
    cdef uint32_t p
    fill_request(m, order, mt, &request)
    if mt == MOVABLE and order == 0:
        flag |= LRU_FLAG
        if m.whole:
            flag |= ANON_FLAG
            request.owner = WORKLOAD_OWNER
    p = ask(m, &request, flag, True, relief, tally)
    end_op(m, True, p)
    return -m.stopped


cdef inline int turn_kept(memory_t *m, const request_t *request, unsigned flag, unsigned queue,
                          int64_t relief, tally_t *tally) noexcept nogil:
    """A request, in whatever way it is made, for a chunk that is kept in a queue.

    Args:
        flag: of OpFlag, beside WORKLOAD_FLAG.
    """
    cdef uint32_t p = ask(m, request, WORKLOAD_FLAG | flag, False, relief, tally)
    if p != NIL:
        queue_push(m, queue, bound(&m.zones[0].pages, p, request.order))
    end_op(m, True, p)
    return -m.stopped


cdef inline int turn_queue(memory_t *m, unsigned order, unsigned mt, unsigned queue, int64_t relief,
                           tally_t *tally) noexcept nogil:
    """A request for a chunk that is kept in a queue."""
    cdef request_t request
    fill_request(m, order, mt, &request)
    return turn_kept(m, &request, LRU_FLAG if mt == MOVABLE and order == 0 else 0, queue, relief,
                     tally)


cdef inline int turn_process(memory_t *m, unsigned order, unsigned mt, unsigned owner, unsigned queue,
                             int64_t relief, tally_t *tally) noexcept nogil:
    """A request of a process, kept in a queue; what is movable is its anonymous memory. In a bare zone
    nobody is killed, so that nothing has an owner there, and nothing is reclaimed by its sort."""
    cdef request_t request
    cdef unsigned flag = LRU_FLAG if mt == MOVABLE else 0
    fill_request(m, order, mt, &request)
    if m.whole:
        request.owner = owner
        flag |= ANON_FLAG if mt == MOVABLE else 0
    return turn_kept(m, &request, flag, queue, relief, tally)


cdef inline void give_relief(memory_t *m, int64_t pages) noexcept nogil:
    """So many pages came back: of what is still to give back they are no more."""
    if m.workload.var[V_RELIEF] > 0:
        set_var(m, V_RELIEF, max(m.workload.var[V_RELIEF] - pages, <int64_t> 0))


cdef inline int turn_free(memory_t *m, uint32_t handle, tally_t *tally) noexcept nogil:
    """Free a chunk, which takes it off what is still to give back; 0 or a negative Bug."""
    cdef uint32_t p = m.handles.table[handle].page
    cdef unsigned order = m.handles.table[handle].order
    cdef int ret
    name_op(m, OP_FREE, order, 0, WORKLOAD_FLAG, p, 1)
    ret = free_pages(m, zone_of(m, p), p, order)
    if ret == 0:
        give_relief(m, <int64_t> 1 << order)
        tally.freed += 1
    end_op(m, False, ret)
    return ret
