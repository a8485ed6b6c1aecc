"""Per-CPU page lists and the ways in and out of the buddy lists: mm/page_alloc.c, v3.5."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport context, mod_block_free, mod_nr_free, mod_stat
from sim_core.mm.buddy cimport __free_one_page, __rmqueue
from sim_core.mm.freelist cimport link_pcp, unlink_pcp
from sim_core.mm.log cimport (
    S_BUFFERED_RMQUEUE, S_FREE_HOT_COLD_PAGE, S_FREE_ONE_ISOLATED_PAGE, S_FREE_ONE_PAGE,
    S_FREE_PAGES_OK, S_FREE_PCPPAGES_BULK, S_RMQUEUE_BULK,
)
from sim_core.mm.page cimport KIND_MASK, NIL, OFFLINE, RESERVED, open_whole, page_state, set_head
from sim_core.mm.policy cimport when
from sim_core.mm.zone cimport (
    CMA, ISOLATE, MOVABLE, NR_FREE_PAGES, NR_OFFLINE, NR_PCP_DRAIN, NR_RESERVED, PCP_LISTS,
    pageblock_migratetype, pcp_t, zone_t,
)

cdef enum:  # Bug
    """Returned where the kernel stops in VM_BUG_ON or BUG_ON; beyond any errno."""
    BUG_ISOLATE_IN_FREE_ONE_PAGE = 1001


cdef inline void free_pages_prepare(zone_t *z, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """The pages stop being what they were (in use, or reserved) and are part of no chunk yet."""
    cdef uint8_t kind = page_state(&z.pages, p) & KIND_MASK
    if kind == RESERVED or kind == OFFLINE:
        open_whole(&z.pages, p, order, site)
        mod_stat(z, NR_RESERVED if kind == RESERVED else NR_OFFLINE, -(1 << order), site)
    else:
        set_head(&z.pages, p, order, 0, 0, site)


cdef inline int free_one_page(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                              uint8_t caller) noexcept nogil:
    cdef unsigned facts = context(mt, pageblock_migratetype(z, p), mt)
    if when(z.policy.free_one_page_bug, facts):
        return -BUG_ISOLATE_IN_FREE_ONE_PAGE
    free_pages_prepare(z, p, order, caller)
    __free_one_page(z, p, order, mt)
    mod_block_free(z, p, order, 1, S_FREE_ONE_PAGE)
    if when(z.policy.free_one_page_nr, facts):
        mod_stat(z, NR_FREE_PAGES, 1 << order, S_FREE_ONE_PAGE)
    return 0


cdef inline int free_one_isolated_page(zone_t *z, uint32_t p, unsigned order,
                                       uint8_t caller) noexcept nogil:
    """The seed patch's way in: list the chunk, count nothing, and roll nr_free back at the order freed.

    The chunk may by then have another order: that is defect D1 of the patch.
    """
    free_pages_prepare(z, p, order, caller)
    __free_one_page(z, p, order, ISOLATE)
    mod_block_free(z, p, order, 1, S_FREE_ONE_ISOLATED_PAGE)
    mod_nr_free(z, order, -1, S_FREE_ONE_ISOLATED_PAGE)
    return 0


cdef inline int __free_pages_ok(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Give a chunk back to the buddy lists under its pageblock's type; 0 or a negative Bug."""
    cdef unsigned mt = pageblock_migratetype(z, p)
    if when(z.policy.free_pages_ok_isolated, context(mt, mt, mt)):
        return free_one_isolated_page(z, p, order, S_FREE_PAGES_OK)
    return free_one_page(z, p, order, mt, S_FREE_PAGES_OK)


cdef inline void free_pcppages_bulk(zone_t *z, unsigned cpu, uint32_t count) noexcept nogil:
    """Give `count` pages back, round robin over the three lists, each under the type it remembers.

    A list found empty adds to what the next one gives; what a list leaves of its share is carried on.
    """
    cdef pcp_t *pcp = &z.pcp[cpu]
    cdef uint32_t to_free = count, batch_free = 0, p
    cdef unsigned index = 0, kept
    while to_free:
        while True:
            batch_free += 1
            index = index + 1 if index < PCP_LISTS - 1 else 0
            if pcp.lists[index].head != NIL:
                break
        if batch_free == PCP_LISTS:
            batch_free = to_free
        while True:
            p = pcp.lists[index].tail
            kept = unlink_pcp(z, cpu, index, p, S_FREE_PCPPAGES_BULK)
            __free_one_page(z, p, 0, kept)
            mod_block_free(z, p, 0, 1, S_FREE_PCPPAGES_BULK)
            to_free -= 1
            if not to_free:
                break
            batch_free -= 1
            if not batch_free or pcp.lists[index].head == NIL:
                break
    mod_stat(z, NR_FREE_PAGES, count, S_FREE_PCPPAGES_BULK)


cdef inline int free_hot_cold_page(zone_t *z, unsigned cpu, uint32_t p) noexcept nogil:
    """Give one page back, at the hot end of this CPU's list of its type; 0 or a negative Bug.

    A page of an ISOLATE pageblock goes straight to the buddy lists; RESERVE and CMA queue with MOVABLE
    and remember what they are.
    """
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef unsigned index = mt
    if mt == ISOLATE:
        if when(z.policy.free_hot_cold_isolated, context(mt, mt, mt)):
            return free_one_isolated_page(z, p, 0, S_FREE_HOT_COLD_PAGE)
        return free_one_page(z, p, 0, mt, S_FREE_HOT_COLD_PAGE)
    if index >= PCP_LISTS:
        index = MOVABLE
    free_pages_prepare(z, p, 0, S_FREE_HOT_COLD_PAGE)
    link_pcp(z, cpu, index, p, mt, NIL, S_FREE_HOT_COLD_PAGE)
    if z.pcp[cpu].count >= z.pcp_high:
        mod_stat(z, NR_PCP_DRAIN, 1, S_FREE_HOT_COLD_PAGE)
        free_pcppages_bulk(z, cpu, z.pcp_batch)
    return 0


cdef inline void rmqueue_bulk(zone_t *z, unsigned cpu, unsigned mt) noexcept nogil:
    """Refill this CPU's list of `mt` with up to `batch` pages, in the order they were taken."""
    cdef uint32_t got = 0, p, last = NIL
    cdef unsigned kept
    while got < z.pcp_batch:
        p = __rmqueue(z, 0, mt)
        if p == NIL:
            break
        kept = pageblock_migratetype(z, p)
        if kept != CMA and kept != ISOLATE:
            kept = mt
        link_pcp(z, cpu, mt, p, kept, last, S_RMQUEUE_BULK)
        last = p
        got += 1
    if got:
        mod_stat(z, NR_FREE_PAGES, -<long long> got, S_RMQUEUE_BULK)


cdef inline uint32_t buffered_rmqueue(zone_t *z, unsigned cpu, unsigned order,
                                      unsigned mt) noexcept nogil:
    """Take a chunk: a single page from this CPU's list, a larger one from the buddy lists; or NIL."""
    cdef uint32_t p
    if order == 0:
        if z.pcp[cpu].lists[mt].head == NIL:
            rmqueue_bulk(z, cpu, mt)
        p = z.pcp[cpu].lists[mt].head
        if p != NIL:
            unlink_pcp(z, cpu, mt, p, S_BUFFERED_RMQUEUE)
        return p
    p = __rmqueue(z, order, mt)
    if p != NIL:
        mod_stat(z, NR_FREE_PAGES, -(1 << order), S_BUFFERED_RMQUEUE)
    return p


cdef inline void drain_all_pages(zone_t *z) noexcept nogil:
    """Every CPU gives all its pages back."""
    cdef unsigned cpu
    for cpu in range(z.cpus):
        if z.pcp[cpu].count:
            free_pcppages_bulk(z, cpu, z.pcp[cpu].count)
