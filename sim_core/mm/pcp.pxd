"""Per-CPU lists: what both kinds share, and the single-page lists of 3.5 to 3.19."""

from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memset

from sim_core.mm.account cimport (
    clear_unreclaimable, context, count_pages, counted_t, decides, has_isolate_pageblock, mod_block_free,
    mod_counted, mod_stat,
)
from sim_core.mm.buddy cimport __free_one_page
from sim_core.mm.freelist cimport link_pcp, unlink_pcp
from sim_core.mm.log cimport S_FREE_PCPPAGES_BULK, S_RMQUEUE_BULK
from sim_core.mm.page cimport NIL
from sim_core.mm.policy cimport DRAIN_BLOCK, DRAIN_REMEMBERED, REMEMBERS_ASKED, REMEMBERS_LIST
from sim_core.mm.rmqueue cimport RMQUEUE_NORMAL, __rmqueue
from sim_core.mm.zone cimport (
    CMA, ISOLATE, NR_FREE_CMA_PAGES, NR_FREE_PAGES, PCPTYPES, pageblock_migratetype, pcp_index,
    pcp_order, pcp_t, zone_t,
)


cdef inline void give_back(zone_t *z, unsigned cpu, unsigned index,
                           counted_t *counted) noexcept nogil:
    """The chunk at the cold end of a list goes to the buddy lists, under the type the model says."""
    cdef uint32_t p = z.pcp[cpu].lists[index].tail
    cdef unsigned order = pcp_order(index)
    cdef unsigned mt = unlink_pcp(z, cpu, index, p, S_FREE_PCPPAGES_BULK)
    cdef unsigned block = pageblock_migratetype(z, p)
    if z.policy.drain_type == DRAIN_BLOCK or (z.policy.drain_type != DRAIN_REMEMBERED
                                              and has_isolate_pageblock(z)):
        mt = block
    __free_one_page(z, p, order, mt, False)
    mod_block_free(z, p, order, 1, S_FREE_PCPPAGES_BULK)
    if decides(z, &z.policy.drain_nr, context(mt, block, mt), p, S_FREE_PCPPAGES_BULK):
        count_pages(counted, 1 << order, mt)


cdef inline unsigned remembered(const zone_t *z, uint32_t p, unsigned asked,
                                unsigned listed) noexcept nogil:
    """The type that a page taken for a pcp list is marked with."""
    cdef unsigned block
    if z.policy.refill_remembers == REMEMBERS_LIST:
        return listed
    if z.policy.refill_remembers == REMEMBERS_ASKED:
        block = pageblock_migratetype(z, p)
        if block == CMA or block == ISOLATE:
            return block
    return asked


cdef inline void rmqueue_bulk(zone_t *z, unsigned cpu, unsigned order, unsigned mt,
                              uint32_t count) noexcept nogil:
    """Refill an empty list of this CPU with up to `count` chunks, in the order they were taken.

    NR_FREE_PAGES follows once, at the end; NR_FREE_CMA_PAGES with each chunk, and the next one's search
    looks at both.
    """
    cdef unsigned index = pcp_index(z, order, mt), listed, kept
    cdef uint32_t p, last = NIL
    cdef int64_t counted = 0
    cdef int mode = RMQUEUE_NORMAL
    while count:
        p = __rmqueue(z, order, mt, &listed, &mode)
        if p == NIL:
            break
        kept = remembered(z, p, mt, listed)
        link_pcp(z, cpu, index, p, kept, last, S_RMQUEUE_BULK)
        if decides(z, &z.policy.alloc_nr, context(kept, pageblock_migratetype(z, p), listed), p,
                   S_RMQUEUE_BULK):
            counted += 1 << order
            if kept == CMA and z.policy.count_cma:
                mod_stat(z, NR_FREE_CMA_PAGES, -(1 << order), S_RMQUEUE_BULK)
        last = p
        count -= 1
    if counted:
        mod_stat(z, NR_FREE_PAGES, -counted, S_RMQUEUE_BULK)


cdef inline void bulk_round_robin(zone_t *z, unsigned cpu, uint32_t count) noexcept nogil:
    """free_pcppages_bulk, 3.5 to 3.19: `count` pages, round robin over the three lists.

    A list found empty adds to what the next one gives; what a list leaves of its share is carried on.
    """
    cdef pcp_t *pcp = &z.pcp[cpu]
    cdef uint32_t to_free = count, batch_free = 0
    cdef unsigned index = 0
    cdef counted_t counted
    memset(&counted, 0, sizeof(counted_t))
    clear_unreclaimable(z, S_FREE_PCPPAGES_BULK)
    while to_free:
        while True:
            batch_free += 1
            index = index + 1 if index < PCPTYPES - 1 else 0
            if pcp.lists[index].head != NIL:
                break
        if batch_free == PCPTYPES:
            batch_free = to_free
        while True:
            give_back(z, cpu, index, &counted)
            to_free -= 1
            if not to_free:
                break
            batch_free -= 1
            if not batch_free or pcp.lists[index].head == NIL:
                break
    mod_counted(z, &counted, S_FREE_PCPPAGES_BULK)
