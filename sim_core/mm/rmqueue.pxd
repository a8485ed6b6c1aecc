"""Where a request looks for a chunk, and in what order: __rmqueue."""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.account cimport mod_block_free
from sim_core.mm.buddy cimport __rmqueue_smallest
from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.fallback cimport (
    __rmqueue_claim, __rmqueue_steal, fallback_largest, fallback_one_try, steal_suitable_fallback,
)
from sim_core.mm.log cimport S_RMQUEUE_SMALLEST
from sim_core.mm.page cimport NIL
from sim_core.mm.policy cimport (
    CMA_BALANCED, FALLBACK_CLAIM_STEAL, FALLBACK_ONE_TRY, FALLBACK_RETRY, RESERVE_BLOCKS,
)
from sim_core.mm.zone cimport (
    CMA, HIGHATOMIC, MOVABLE, NR_FREE_CMA_PAGES, NR_FREE_PAGES, RESERVE, pageblock_migratetype,
    zone_t,
)

cdef enum:  # Mode
    """Where the last search of a refill succeeded; the next one begins there (6.12.117)."""
    RMQUEUE_NORMAL
    RMQUEUE_CMA
    RMQUEUE_CLAIM
    RMQUEUE_STEAL


cdef inline bint mostly_cma(const zone_t *z) noexcept nogil:
    """Is more than half of what is free CMA?"""
    return (max(z.stat[NR_FREE_CMA_PAGES], <int64_t> 0)
            > max(z.stat[NR_FREE_PAGES], <int64_t> 0) // 2)


cdef inline uint32_t claim_or_steal(zone_t *z, unsigned order, unsigned mt, bint cma,
                                    unsigned *listed, int *mode) noexcept nogil:
    """Own lists, CMA, a claim, a steal, from the mode on."""
    cdef uint32_t p
    listed[0] = mt
    if mode[0] == RMQUEUE_NORMAL:
        p = __rmqueue_smallest(z, order, mt)
        if p != NIL:
            return p
    if mode[0] <= RMQUEUE_CMA and cma:
        p = __rmqueue_smallest(z, order, CMA)
        if p != NIL:
            mode[0] = RMQUEUE_CMA
            listed[0] = CMA
            return p
    if mode[0] <= RMQUEUE_CLAIM:
        p = __rmqueue_claim(z, order, mt)
        if p != NIL:
            mode[0] = RMQUEUE_NORMAL
            return p
    p = __rmqueue_steal(z, order, mt)
    if p != NIL:
        mode[0] = RMQUEUE_STEAL
        listed[0] = pageblock_migratetype(z, p)
    return p


cdef inline uint32_t search_further(zone_t *z, unsigned order, unsigned mt, bint cma,
                                    unsigned *listed) noexcept nogil:
    """The list of the request's own type cannot serve: CMA, the fallback, RESERVE (all but
    FALLBACK_CLAIM_STEAL)."""
    cdef unsigned way = z.policy.fallback
    cdef uint32_t p
    while True:
        if cma:
            p = __rmqueue_smallest(z, order, CMA)
            if p != NIL:
                listed[0] = CMA
                return p
        if way != FALLBACK_RETRY or not steal_suitable_fallback(z, order, mt):
            break
        p = __rmqueue_smallest(z, order, mt)
        if p != NIL:
            return p
    if way == FALLBACK_ONE_TRY:
        p = fallback_one_try(z, order, mt)
        if p != NIL:
            listed[0] = pageblock_migratetype(z, p)
    elif way != FALLBACK_RETRY:
        p = fallback_largest(z, order, mt, listed)
    if p == NIL and z.policy.reserve == RESERVE_BLOCKS:
        listed[0] = RESERVE
        p = __rmqueue_smallest(z, order, RESERVE)
    return p


cdef inline uint32_t search(zone_t *z, unsigned order, unsigned mt, unsigned *listed,
                            int *mode) noexcept nogil:
    cdef bint cma = mt == MOVABLE and z.policy.cma_use == CMA_BALANCED
    cdef uint32_t p
    if zs_rare(cma and z.nonempty[CMA] and mostly_cma(z)):
        p = __rmqueue_smallest(z, order, CMA)
        if p != NIL:
            listed[0] = CMA
            return p
    if z.policy.fallback == FALLBACK_CLAIM_STEAL:
        return claim_or_steal(z, order, mt, cma, listed, mode)
    listed[0] = mt
    p = __rmqueue_smallest(z, order, mt)
    if zs_rare(p == NIL):
        p = search_further(z, order, mt, cma, listed)
    return p


cdef inline uint32_t __rmqueue(zone_t *z, unsigned order, unsigned mt, unsigned *listed,
                               int *mode) noexcept nogil:
    """A chunk of this order for a request of this type, off the lists, or NIL.

    Args:
        listed: OUT, the list it came from, or that got what was left of a larger one.
        mode: IN and OUT, a Mode; a single request starts with RMQUEUE_NORMAL.
    """
    cdef uint32_t p = search(z, order, mt, listed, mode)
    if p != NIL:
        mod_block_free(z, p, order, -1, S_RMQUEUE_SMALLEST)
    return p


cdef inline uint32_t rmqueue_atomic(zone_t *z, unsigned order, unsigned mt,
                                    unsigned *listed) noexcept nogil:
    """As __rmqueue for a request of 6.x that cannot wait: HIGHATOMIC chunks are there for those of higher
    orders, and as a last resort for single pages."""
    cdef int mode = RMQUEUE_NORMAL
    cdef uint32_t p = __rmqueue_smallest(z, order, HIGHATOMIC) if order else NIL
    if p == NIL:
        p = __rmqueue(z, order, mt, listed, &mode)
        if p != NIL:
            return p
        p = __rmqueue_smallest(z, order, HIGHATOMIC)
        if p == NIL:
            return NIL
    listed[0] = HIGHATOMIC
    mod_block_free(z, p, order, -1, S_RMQUEUE_SMALLEST)
    return p
