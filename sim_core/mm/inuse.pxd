"""Pages in use: handed out, given back, at once or in two halves; each chunk with its handle."""

from libc.stdint cimport uint32_t, uint64_t, uint8_t

from sim_core.mm.account cimport count_alloc, count_freed, mod_lru, mod_stat
from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.free cimport BUG_ISOLATE_IN_FREE_ONE_PAGE
from sim_core.mm.highatomic cimport reserve_highatomic_pageblock
from sim_core.mm.log cimport (
    ANON_FLAG, ATOMIC_FLAG, LRU_FLAG, R_HANDLE, R_PREP, R_REBIND, R_UNPREP, S_FREE_HOT_COLD_PAGE,
    S_FREE_PAGES_OK, S_HANDLES, S_PREP_NEW_PAGE, log_put,
)
from sim_core.mm.handles cimport retire_handle, take_handle
from sim_core.mm.memory cimport NOBODY, memory_t
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_ANON, ATTR_LRU, ATTR_TYPE, FREEING, NIL, ORDER_MASK, bind, bound, head_attr,
    head_state, page_attr, page_state, put_head, set_head,
)
from sim_core.mm.page_alloc cimport (
    free_prepared, is_bug, pcp_allowed_order, rmqueue, way_back,
)
from sim_core.mm.take cimport split_free_page
from sim_core.mm.zone cimport NR_ALLOCATED, NR_ALLOC_FAILED, pageblock_migratetype, this_cpu, zone_t


# ---- taken ----

cdef inline void prep_new_page(memory_t *m, zone_t *z, uint32_t p, unsigned order, uint8_t attr,
                               unsigned owner) noexcept nogil:
    """A chunk that is on no list is in use from now on, by a handle of its own."""
    cdef uint64_t handle = take_handle(m, p, order, owner)
    log_put(&m.log, R_PREP, S_PREP_NEW_PAGE, <uint8_t> order, attr, p, handle)
    put_head(&z.pages, p, order, <uint8_t> (ALLOCATED | order), attr)
    bind(&z.pages, p, order, <uint32_t> handle)
    count_alloc(z, order, attr)


cdef inline uint8_t attr_of(unsigned mt, unsigned flag) noexcept nogil:
    """Args:
        flag: of OpFlag.
    """
    return <uint8_t> (mt | (ATTR_LRU if flag & LRU_FLAG else 0)
                      | (ATTR_ANON if flag & ANON_FLAG else 0))


cdef inline void hand_out(memory_t *m, zone_t *z, uint32_t p, unsigned order, unsigned mt,
                          unsigned flag, unsigned owner) noexcept nogil:
    """The chunk at p, which rmqueue took, is in use; the caller has made room for a handle."""
    prep_new_page(m, z, p, order, attr_of(mt, flag), owner)
    if zs_rare(flag & ATOMIC_FLAG and order):
        reserve_highatomic_pageblock(z, p, order)


cdef inline uint32_t alloc_pages_zone(memory_t *m, zone_t *z, unsigned order, unsigned mt,
                                      unsigned flag) noexcept nogil:
    """Take a chunk straight from a zone's lists and give it a handle; the caller has made room for one.

    Args:
        flag: of OpFlag.

    Returns:
        its node-relative pfn, or NIL: no list could serve.
    """
    cdef uint32_t p = rmqueue(z, this_cpu(z), order, mt, flag & ATOMIC_FLAG)
    if zs_rare(p == NIL):
        mod_stat(z, NR_ALLOC_FAILED, 1, S_PREP_NEW_PAGE)
        return NIL
    hand_out(m, z, p, order, mt, flag, NOBODY)
    return p


cdef inline void give_handle(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """A handle for a chunk that is in use already; the caller has made room."""
    cdef uint64_t handle = take_handle(m, p, order, NOBODY)
    log_put(&m.log, R_HANDLE, S_HANDLES, <uint8_t> order, 0, p, handle)
    bind(&z.pages, p, order, <uint32_t> handle)


cdef inline void pass_handle(memory_t *m, zone_t *z, uint32_t p, uint32_t target) noexcept nogil:
    """What was known as page p is at `target` now."""
    cdef uint32_t handle = bound(&z.pages, p, 0)
    log_put(&m.log, R_REBIND, S_HANDLES, 0, 0, target, handle | <uint64_t> p << 32)
    bind(&z.pages, target, 0, handle)
    m.handles.table[handle].page = target


# ---- given back ----

cdef inline void unprep_page(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """free_pages_prepare for a chunk in use: it is part of nothing, and its handle names nothing."""
    cdef uint32_t handle = bound(&z.pages, p, order)
    cdef uint8_t attr = head_attr(&z.pages, p, order)
    cdef uint64_t owner = m.handles.table[handle].owner
    retire_handle(m, handle)
    log_put(&m.log, R_UNPREP,
            S_FREE_HOT_COLD_PAGE if pcp_allowed_order(z, order) else S_FREE_PAGES_OK,
            head_state(&z.pages, p, order), attr, p,
            handle | owner << 32)
    put_head(&z.pages, p, order, 0, 0)
    count_freed(z, order, attr)


cdef inline int free_as(memory_t *m, zone_t *z, uint32_t p, unsigned order, unsigned mt,
                        bint cold) noexcept nogil:
    """All of a free that follows after the pageblock's type was read as `mt`; 0 or a negative Bug (then
    nothing was done)."""
    cdef unsigned way = way_back(z, order, mt)
    if is_bug(z, p, mt, way):
        return -BUG_ISOLATE_IN_FREE_ONE_PAGE
    unprep_page(m, z, p, order)
    free_prepared(z, this_cpu(z), p, order, mt, way, cold)
    return 0


cdef inline int free_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Drop the last reference of an allocated chunk; 0 or a negative Bug (then it stays as it was)."""
    return free_as(m, z, p, order, pageblock_migratetype(z, p), False)


cdef inline int free_cold_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """As free_pages, for a chunk that nobody has touched of late: what reclaim frees."""
    return free_as(m, z, p, order, pageblock_migratetype(z, p), True)


cdef inline void begin_free(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """The first half of a free: the last reference is dropped and the pageblock's type read.

    Until the second half the chunk is on no list, and the type read may grow old (defect D5).
    """
    cdef uint8_t site = S_FREE_HOT_COLD_PAGE if pcp_allowed_order(z, order) else S_FREE_PAGES_OK
    mod_lru(z, head_attr(&z.pages, p, order), -(1 << order), site)
    set_head(&z.pages, p, order, <uint8_t> (FREEING | order), pageblock_migratetype(z, p), site)


cdef inline int finish_free(memory_t *m, zone_t *z, uint32_t p) noexcept nogil:
    """The second half, under the lock; 0 or a negative Bug."""
    return free_as(m, z, p, page_state(&z.pages, p) & ORDER_MASK,
                   page_attr(&z.pages, p) & ATTR_TYPE, False)


# ---- taken off the lists by name ----

cdef inline bint split_into_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """split_free_page, each page getting a handle; the caller has made room for 2^order of them.

    Returns:
        False, with nothing done, if the zone would fall below its low watermark.
    """
    cdef uint32_t page
    if not split_free_page(z, p, order):
        return False
    for page in range(p, p + (1u << order)):
        give_handle(m, z, page, 0)
    mod_stat(z, NR_ALLOCATED, 1 << order, S_PREP_NEW_PAGE)
    return True
