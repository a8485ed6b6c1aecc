"""Pages in use: handed out, given back, at once or in two halves; each chunk with its handle."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.log cimport S_FREE_PAGES_OK, S_PREP_NEW_PAGE
from sim_core.mm.memory cimport live_push, memory_t, new_handle, retire_handle, set_handle
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, ATTR_TYPE, FREEING, NIL, ORDER_MASK, bind, bound, page_attr, page_state,
    set_head, unbind,
)
from sim_core.mm.page_alloc cimport free_read_as, rmqueue
from sim_core.mm.take cimport split_free_page
from sim_core.mm.zone cimport (
    NR_ALLOC, NR_ALLOCATED, NR_ALLOC_FAILED, NR_FREED, pageblock_migratetype, zone_t,
)


cdef inline uint32_t alloc_pages(memory_t *m, zone_t *z, unsigned order, unsigned mt, bint lru,
                                 bint workload) noexcept nogil:
    """Take a chunk and give it a handle; the caller has made room for one.

    Returns:
        its zone-relative pfn, or NIL: no list could serve.
    """
    cdef uint32_t handle
    cdef uint32_t p = rmqueue(z, 0, order, mt)
    if p == NIL:
        mod_stat(z, NR_ALLOC_FAILED, 1, S_PREP_NEW_PAGE)
        return NIL
    set_head(&z.pages, p, order, <uint8_t> (ALLOCATED | order),
             <uint8_t> (mt | (ATTR_LRU if lru else 0)), S_PREP_NEW_PAGE)
    mod_stat(z, NR_ALLOCATED, 1 << order, S_PREP_NEW_PAGE)
    mod_stat(z, NR_ALLOC, 1, S_PREP_NEW_PAGE)
    handle = new_handle(m)
    set_handle(m, handle, p, <uint8_t> order, 0)
    bind(&z.pages, p, order, handle)
    if workload:
        live_push(m, handle)
    return p


cdef inline int free_as(memory_t *m, zone_t *z, uint32_t p, unsigned order,
                        unsigned mt) noexcept nogil:
    """All of a free that follows after the pageblock's type was read as `mt`; 0 or a negative Bug."""
    cdef uint32_t handle = bound(&z.pages, p, order)
    cdef int ret
    unbind(&z.pages, p, order)
    ret = free_read_as(z, 0, p, order, mt)
    if ret:
        return ret
    retire_handle(m, handle)
    mod_stat(z, NR_ALLOCATED, -(1 << order), S_FREE_PAGES_OK)
    mod_stat(z, NR_FREED, 1, S_FREE_PAGES_OK)
    return 0


cdef inline int free_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Drop the last reference of an allocated chunk; 0 or a negative Bug (then it stays as it was)."""
    return free_as(m, z, p, order, pageblock_migratetype(z, p))


cdef inline void begin_free(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """The first half of a free: the last reference is dropped and the pageblock's type read.

    Until the second half the chunk is on no list, and the type read may grow old (defect D5).
    """
    set_head(&z.pages, p, order, <uint8_t> (FREEING | order), pageblock_migratetype(z, p),
             S_FREE_PAGES_OK)


cdef inline int finish_free(memory_t *m, zone_t *z, uint32_t p) noexcept nogil:
    """The second half, under the lock; 0 or a negative Bug."""
    return free_as(m, z, p, page_state(&z.pages, p) & ORDER_MASK,
                   page_attr(&z.pages, p) & ATTR_TYPE)


cdef inline bint split_into_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """split_free_page, each page getting a handle; the caller has made room for 2^order of them.

    Returns:
        False, with nothing done, if the zone would fall below its low watermark.
    """
    cdef uint32_t page, handle
    if not split_free_page(z, p, order):
        return False
    for page in range(p, p + (1u << order)):
        handle = new_handle(m)
        set_handle(m, handle, page, 0, 0)
        bind(&z.pages, page, 0, handle)
    mod_stat(z, NR_ALLOCATED, 1 << order, S_PREP_NEW_PAGE)
    return True
