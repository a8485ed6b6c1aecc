"""Many operations in one call without the GIL: the workload, a block's frees, a block's fill, a trace."""

from libc.stdint cimport uint32_t, uint64_t, uint8_t

from sim_core.mm.buddy cimport prefetch_merge
from sim_core.mm.builtin cimport zs_prefetch, zs_rare
from sim_core.mm.churn cimport churn_request
from sim_core.mm.inuse cimport alloc_pages_zone, free_pages
from sim_core.mm.isolate cimport (
    restored_type, set_migratetype_isolate, unset_migratetype_isolate,
)
from sim_core.mm.log cimport LRU_FLAG, WORKLOAD_FLAG
from sim_core.mm.handles cimport make_room
from sim_core.mm.memory cimport memory_t, pages_in_use
from sim_core.mm.operation cimport (
    OP_ALLOC, OP_FREE, OP_ISOLATE, OP_NONE, OP_UNISOLATE, begin_op, end_op,
)
from sim_core.mm.page cimport (
    ALLOCATED, HOLE, KIND_MASK, NIL, ORDER_MASK, bound, head_state, page_state, pages_of,
    prefetch_page,
)
from sim_core.mm.request cimport alloc_pages
from sim_core.mm.turn cimport below, tally_t
from sim_core.mm.workload cimport handles_of_turn, take_turn
from sim_core.mm.zone cimport (
    ISOLATE, PCPTYPES, zone_t,
)
from sim_core.mm.zonelist cimport request_t

cdef extern from *:
    """
    #include <time.h>
    static inline unsigned long long zs_now(void) {
        struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
        return (unsigned long long) t.tv_sec * 1000000000ull + (unsigned long long) t.tv_nsec;
    }
    """
    uint64_t zs_now() noexcept nogil

cdef enum:
    AHEAD_FAR = 24     # operations ahead of which what a trace's handle stands for is asked for
    AHEAD_MID = 16     # ... and the page's records
    AHEAD_NEAR = 8     # ... and what these lead to
    AHEAD_HANDLES = 1 << 16   # chunks of a trace, of more than which no cache holds the records
    TRACE_UNISOLATE = 253
    TRACE_ISOLATE = 254
    TRACE_FREE = 255
    CLOCK_EFFORT = 256   # turns, pages and chunks between two looks at the clock: some 50 us


cdef inline uint32_t allocate(memory_t *m, const request_t *request, unsigned flag,
                              tally_t *tally) noexcept nogil:
    """One allocation as an operation of its own: the chunk's head, or NIL. Flags are of OpFlag."""
    cdef uint32_t p
    begin_op(m, OP_ALLOC, request.order, request.mt, flag, NIL, 1)
    p = alloc_pages(m, request, flag)
    end_op(m, True, p)
    tally.operations += 1
    if p == NIL:
        tally.failed += 1
    else:
        tally.allocated += 1
    return p


cdef inline int release(memory_t *m, zone_t *z, uint32_t p, unsigned order,
                        tally_t *tally) noexcept nogil:
    """One free as an operation of its own; 0 or a negative Bug."""
    cdef int ret
    begin_op(m, OP_FREE, order, 0, 0, p, 1)
    ret = free_pages(m, z, p, order)
    end_op(m, False, ret)
    tally.operations += 1
    if ret == 0:
        tally.freed += 1
    return ret


cdef inline int run_workload(memory_t *m, uint64_t turns, uint64_t until,
                             tally_t *tally) noexcept nogil:
    """Up to `turns` operations of the workload, its draws being part of them; stops early at a BUG.

    Args:
        until: the time (zs_now) after which no further turn begins; 0: never. How many turns a call
            takes is all that hangs on it.

    Returns:
        0, -1 if memory for handles ran out, or a negative Bug.
    """
    cdef uint64_t look = CLOCK_EFFORT
    cdef int ret
    for _ in range(turns):
        if make_room(m, handles_of_turn(m)):
            return -1
        begin_op(m, OP_NONE, 0, 0, WORKLOAD_FLAG, NIL, 1)
        tally.operations += 1
        tally.effort += 1
        ret = take_turn(m, tally)
        if ret:
            return ret
        if until and tally.effort >= look:
            if zs_now() >= until:
                break
            look = tally.effort + CLOCK_EFFORT
    return 0


cdef inline int fill_workload(memory_t *m, unsigned percent, tally_t *tally) noexcept nogil:
    """The churn's allocations alone, until `percent` of present pages are in use or one fails.

    Returns:
        0, or -1 if memory for handles ran out.
    """
    while below(m, pages_in_use(m), percent) and not tally.failed:
        if make_room(m, 1):
            return -1
        begin_op(m, OP_NONE, 0, 0, WORKLOAD_FLAG, NIL, 1)
        churn_request(m, tally)
        tally.operations += 1
    return 0


cdef inline int free_block(memory_t *m, zone_t *z, uint32_t b, tally_t *tally) noexcept nogil:
    """Free every allocated chunk that begins in block b, ascending; pinned ones stay. 0 or a Bug."""
    cdef uint32_t p = max(b << z.block_order, z.start)
    cdef uint32_t last = min((b + 1) << z.block_order, z.end)
    cdef uint8_t state
    cdef int ret
    while p < last and m.op < m.op_bound:
        state = page_state(&z.pages, p)
        if state & KIND_MASK == ALLOCATED:
            ret = release(m, z, p, state & ORDER_MASK, tally)
            if ret:
                return ret
        p += pages_of(state)
    return 0


cdef inline int fill_block(memory_t *m, zone_t *z, uint32_t b, const request_t *request, bint lru,
                           uint64_t most, tally_t *tally) noexcept nogil:
    """Ask the allocator again and again until block b has no free page on a list, a request fails, or
    `most` requests were made. No kernel allocates into a chosen block.

    Returns:
        0, or -1 if memory for handles ran out.
    """
    while z.block_free[b] and tally.operations < most and not tally.failed and m.op < m.op_bound:
        if make_room(m, 1):
            return -1
        allocate(m, request, LRU_FLAG if lru else 0, tally)
    return 0


cdef inline void look_ahead(memory_t *m, zone_t *z, const uint32_t *handle, const uint8_t *order,
                            uint64_t i, const uint32_t *page, const uint8_t *size) noexcept nogil:
    """Ask memory for what operations after i will touch: in a large zone each free is a miss or five,
    and several at once cost little more than one."""
    cdef uint32_t p
    zs_prefetch(&page[handle[i + AHEAD_FAR]])
    zs_prefetch(&size[handle[i + AHEAD_FAR]])
    if order[i + AHEAD_MID] == TRACE_FREE:
        prefetch_page(&z.pages, page[handle[i + AHEAD_MID]])
    if order[i + AHEAD_NEAR] == TRACE_FREE:
        p = page[handle[i + AHEAD_NEAR]]
        if p < z.end:
            zs_prefetch(&m.handles.table[bound(&z.pages, p, size[handle[i + AHEAD_NEAR]])])
            prefetch_merge(z, p, size[handle[i + AHEAD_NEAR]])


cdef inline bint operations_fit(const zone_t *z, const uint8_t *order, const uint8_t *mt,
                                uint64_t first, uint64_t last, bint *on_blocks) noexcept nogil:
    """Does every operation have an order and a type that there is? No branch: sixteen at a time.

    Args:
        on_blocks: OUT, whether any of them is on a block.
    """
    cdef uint8_t wrong = 0, blocks = 0, orders = <uint8_t> z.max_order, alloc, isolation
    cdef uint64_t i
    for i in range(first, last):
        alloc = order[i] < TRACE_UNISOLATE
        isolation = (order[i] == TRACE_UNISOLATE) | (order[i] == TRACE_ISOLATE)
        wrong |= alloc & ((order[i] >= orders) | (mt[i] >= PCPTYPES))
        wrong |= isolation & (mt[i] >= ISOLATE)
        blocks |= isolation
    on_blocks[0] = blocks
    return not wrong


cdef inline bint handles_fit(const uint32_t *handle, uint64_t first, uint64_t last,
                             uint32_t most) noexcept nogil:
    """Is every number at most `most`, which has 31 bits? One above it, or its distance, has the 32nd."""
    cdef uint32_t beyond = 0
    cdef uint64_t i
    for i in range(first, last):
        beyond |= handle[i] | (most - handle[i])
    return not beyond >> 31


cdef inline bint trace_fits(const zone_t *z, const uint32_t *handle, const uint8_t *order,
                            const uint8_t *mt, uint64_t first, uint64_t last,
                            uint64_t handles) noexcept nogil:
    """Does every operation name a handle or block, an order and a type that there is?"""
    cdef uint32_t blocks = z.last_block - z.first_block
    cdef bint on_blocks
    cdef uint64_t i
    if not operations_fit(z, order, mt, first, last, &on_blocks):
        return False
    if not on_blocks:
        return (handles > 0 and handles <= <uint64_t> 1 << 31
                and handles_fit(handle, first, last, <uint32_t> (handles - 1)))
    for i in range(first, last):
        if handle[i] >= (blocks if order[i] >= TRACE_UNISOLATE and order[i] != TRACE_FREE else handles):
            return False
    return True


cdef inline int replay_alloc(memory_t *m, zone_t *z, uint32_t h, unsigned order, unsigned mt,
                             uint32_t *page, uint8_t *size, tally_t *tally) noexcept nogil:
    cdef uint32_t p
    if make_room(m, 1):
        return -1
    begin_op(m, OP_ALLOC, order, mt, 0, NIL, 1)
    p = alloc_pages_zone(m, z, order, mt, 0)
    end_op(m, True, p)
    page[h] = p
    size[h] = <uint8_t> order
    tally.failed += p == NIL
    return 0


cdef inline int replay_free(memory_t *m, zone_t *z, uint32_t p, unsigned order,
                            tally_t *tally) noexcept nogil:
    cdef int ret
    if zs_rare(p >= z.end or head_state(&z.pages, p, order) != (ALLOCATED | order)):
        tally.refused += p != NIL
        return 0
    begin_op(m, OP_FREE, order, 0, 0, p, 1)
    ret = free_pages(m, z, p, order)
    end_op(m, False, ret)
    return ret


cdef inline int replay_on_block(memory_t *m, zone_t *z, uint32_t b, unsigned order, unsigned mt,
                                tally_t *tally) noexcept nogil:
    cdef uint32_t p = max(b << z.block_order, z.start)
    cdef int ret = 0
    if page_state(&z.pages, p) == HOLE:
        tally.refused += 1
        return 0
    if order == TRACE_ISOLATE:
        begin_op(m, OP_ISOLATE, 0, 0, 0, p, 1)
        ret = set_migratetype_isolate(z, p, restored_type(z, p))
    else:
        begin_op(m, OP_UNISOLATE, 0, mt, 0, p, 1)
        unset_migratetype_isolate(z, p, mt)
    end_op(m, False, ret)
    tally.refused += ret < 0
    tally.done += ret == 0
    return 0


cdef inline int replay(memory_t *m, zone_t *z, const uint32_t *handle, const uint8_t *order,
                       const uint8_t *mt, uint64_t first, uint64_t last, uint64_t handles,
                       uint32_t *page, uint8_t *size, tally_t *tally) noexcept nogil:
    """Operations [first, last) of a trace that names its chunks by numbers of its own.

    Args:
        handle, order, mt: [operations]. Order TRACE_FREE: a free; one of what was never got does
            nothing, one of what is no chunk in use or of another size is refused. TRACE_ISOLATE and
            TRACE_UNISOLATE: the handle is a block of the zone, which gets type mt back.
        page, size: IN and OUT, [handles] head and order of what each handle of the trace stands for.

    Returns:
        0, -1 if memory for handles ran out, or a negative Bug.
    """
    cdef uint64_t i, ahead = first
    cdef uint32_t h
    cdef int ret
    if handles >= AHEAD_HANDLES and last - first > AHEAD_FAR:
        ahead = last - AHEAD_FAR
    for i in range(first, last):
        if i < ahead:
            look_ahead(m, z, handle, order, i, page, size)
        h = handle[i]
        if order[i] < TRACE_UNISOLATE:
            ret = replay_alloc(m, z, h, order[i], mt[i], page, size, tally)
        elif order[i] == TRACE_FREE:
            ret = replay_free(m, z, page[h], size[h], tally)
        else:
            ret = replay_on_block(m, z, z.first_block + h, order[i], mt[i], tally)
        if zs_rare(ret != 0):
            return ret
    tally.operations += last - first
    return 0
