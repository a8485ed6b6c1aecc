"""CMA user: some blocks are CMA, movable churn lives in them, and now and then a contiguous run is taken.

The area is made of whole pieces of the largest chunk's size, or the isolation around a run would
give its type to blocks beside the area.
"""

from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.churn cimport churn_turn
from sim_core.mm.contig cimport alloc_contig_range, free_contig_range
from sim_core.mm.log cimport S_SET_PAGEBLOCK_MIGRATETYPE
from sim_core.mm.log cimport WORKLOAD_FLAG
from sim_core.mm.handles cimport queue_push
from sim_core.mm.memory cimport (
    Q_CONTIG, V_AREA, V_AREA_BLOCKS, V_CURSOR, draw, memory_t, queue_t, set_var, workload_t,
)
from sim_core.mm.operation cimport (
    OP_ALLOC_CONTIG, OP_FREE_CONTIG, OP_SET_BLOCK_TYPE, end_op, name_op,
)
from sim_core.mm.page cimport ALLOCATED, NIL, block_fill, bound, page_state
from sim_core.mm.turn cimport set_of, tally_t, turn_done
from sim_core.mm.zone cimport CMA, MOVABLE, NR_FREE_CMA_PAGES, zone_t

cdef enum:
    MOVE_FLAG = 1       # OP_SET_BLOCK_TYPE: the free chunks move along

cdef enum:  # Parameter of cma; its background is a churn
    CMA_AREA            # percent of the zone's blocks
    CMA_PAGES           # pages of a run
    CMA_RUNS            # runs held at a time
    CMA_EVERY           # a run is taken or given back once in so many turns


cdef inline uint32_t blocks_of_piece(const zone_t *z) noexcept nogil:
    return 1u << (max(z.max_order - 1, z.block_order) - z.block_order)


cdef inline bint may_be_cma(const zone_t *z, uint32_t b) noexcept nogil:
    """Is it a whole MOVABLE block with pages in it that come and go?"""
    return (z.start <= b << z.block_order and (b + 1) << z.block_order <= z.end
            and z.block_type[b] == MOVABLE and not block_fill(&z.pages, b))


cdef inline uint32_t area_wanted(const memory_t *m, const zone_t *z) noexcept nogil:
    """Blocks of the area, in whole pieces."""
    cdef uint32_t piece = blocks_of_piece(z)
    cdef uint32_t blocks = <uint32_t> (<int64_t> (z.last_block - z.first_block)
                                       * m.workload.param[CMA_AREA] // 100)
    return max(blocks // piece * piece, piece)


cdef inline void find_area(memory_t *m, zone_t *z) noexcept nogil:
    """The CMA blocks that there are; or else where there is room, from the lowest piece up."""
    cdef uint32_t piece = blocks_of_piece(z), wanted = area_wanted(m, z)
    cdef uint32_t b, first = z.last_block, length = 0, best = NIL, longest = 0
    for b in range(z.first_block, z.last_block):
        if z.block_type[b] == CMA and b & (piece - 1) == 0:
            set_var(m, V_AREA, 1 + <int64_t> b)
            while b < z.last_block and z.block_type[b] == CMA:
                b += 1
            set_var(m, V_AREA_BLOCKS, b + 1 - m.workload.var[V_AREA])
            return
        if not may_be_cma(z, b):
            length = 0
        elif length or b & (piece - 1) == 0:
            first = first if length else b
            length += 1
            if length > longest and longest < wanted:
                best = first
                longest = length
    set_var(m, V_AREA, 1 + <int64_t> best if longest >= piece else -1)


cdef inline bint grow_area(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """Bring the area a block nearer to its size, as an operation; False: there was nothing to do."""
    cdef workload_t *w = &m.workload
    cdef uint32_t wanted, b
    cdef unsigned mt = CMA
    cdef int64_t moved
    if w.var[V_AREA] == 0:
        find_area(m, z)
    if w.var[V_AREA] < 0:
        return False
    wanted = area_wanted(m, z)
    b = <uint32_t> (w.var[V_AREA] - 1 + w.var[V_AREA_BLOCKS])
    if w.var[V_AREA_BLOCKS] > wanted:
        mt = MOVABLE
        b -= 1
    elif w.var[V_AREA_BLOCKS] == wanted or b >= z.last_block or not may_be_cma(z, b):
        return False
    set_var(m, V_AREA_BLOCKS, w.var[V_AREA_BLOCKS] + (1 if mt == CMA else -1))
    name_op(m, OP_SET_BLOCK_TYPE, 0, mt, WORKLOAD_FLAG | MOVE_FLAG, b << z.block_order, 1)
    set_pageblock_migratetype(z, b << z.block_order, mt)
    moved = move_freepages_block(z, b << z.block_order, CMA if mt == MOVABLE else MOVABLE, mt, 0)
    # A kernel makes its area at boot, where pages are counted as CMA when they are freed.
    if z.policy.count_cma and not z.policy.list_nr and moved:
        mod_stat(z, NR_FREE_CMA_PAGES, moved if mt == CMA else -moved, S_SET_PAGEBLOCK_MIGRATETYPE)
    end_op(m, False, moved)
    tally.done += 1
    tally.effort += 1 << z.block_order
    return True


cdef inline bint holds_some(const memory_t *m, zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """Is a page of a run of its own among [p, last)?"""
    while p < last:
        if (page_state(&z.pages, p) == ALLOCATED
                and m.handles.table[bound(&z.pages, p, 0)].queue == Q_CONTIG + 1):
            return True
        p += 1
    return False


cdef inline int take_run(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """The next place of the area at which it holds nothing; a refusal moves on, as cma_alloc does."""
    cdef workload_t *w = &m.workload
    cdef uint32_t piece = blocks_of_piece(z)
    cdef uint32_t start = <uint32_t> (w.var[V_AREA] - 1) << z.block_order
    cdef uint32_t area = <uint32_t> w.var[V_AREA_BLOCKS] // piece * piece << z.block_order
    cdef uint32_t pages = min(w.param[CMA_PAGES], area), stride = 1, places, place, p, i
    cdef int ret
    while stride < pages:
        stride *= 2
    if stride > area:
        stride = area
    places = area // stride
    place = <uint32_t> w.var[V_CURSOR]
    for _ in range(places):
        place = place % places
        p = start + place * stride
        place += 1
        tally.effort += pages
        if not holds_some(m, z, p, p + pages):
            break
    set_var(m, V_CURSOR, place)
    name_op(m, OP_ALLOC_CONTIG, 0, CMA, WORKLOAD_FLAG, p, pages)
    ret = alloc_contig_range(m, z, p, p + pages, CMA)
    if ret == 0:
        for i in range(pages):
            queue_push(m, Q_CONTIG, bound(&z.pages, p + i, 0))
    return turn_done(m, ret, tally)


cdef inline int give_run_back(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """The oldest run: from its first page on, as far as one page follows the other."""
    cdef queue_t *runs = &m.handles.queues[Q_CONTIG]
    cdef uint32_t handle = runs.oldest, p = m.handles.table[runs.oldest].page, count = 1
    while count < m.workload.param[CMA_PAGES] and count < runs.length:
        handle = m.handles.age[handle].younger
        if m.handles.table[handle].page != p + count:
            break
        count += 1
    name_op(m, OP_FREE_CONTIG, 0, 0, WORKLOAD_FLAG, p, count)
    tally.effort += count
    return turn_done(m, free_contig_range(m, z, p, p + count), tally)


cdef inline int cma_turn(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef workload_t *w = &m.workload
    cdef queue_t *runs = &m.handles.queues[Q_CONTIG]
    cdef int64_t most = <int64_t> w.param[CMA_RUNS] * w.param[CMA_PAGES]
    if grow_area(m, z, tally):
        return 0
    if draw(m) % w.param[CMA_EVERY]:
        return churn_turn(m, set_of(Q_CONTIG), tally)
    if runs.length and runs.pages + w.param[CMA_PAGES] > most:
        return give_run_back(m, z, tally)
    if w.var[V_AREA] < 0 or w.var[V_AREA_BLOCKS] < blocks_of_piece(z):
        return churn_turn(m, set_of(Q_CONTIG), tally)
    return take_run(m, z, tally)
