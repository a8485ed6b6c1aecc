"""The watermark test, in each way in which kernels have made it. Pure: it reads numbers and lists."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.policy cimport (
    WATERMARK_CMA_FIRST, WATERMARK_CMA_OFF, WATERMARK_LISTS, WATERMARK_LISTS_FREE,
    WATERMARK_UNSIGNED,
)
from sim_core.mm.zone cimport (
    CMA, HIGHATOMIC, MOVABLE, NR_FREE_CMA_PAGES, NR_FREE_HIGHATOMIC, NR_FREE_PAGES,
    NR_ISOLATED_BLOCKS, NR_RESERVED_HIGHATOMIC, RECLAIMABLE, UNMOVABLE, zone_t,
)

cdef enum:  # AllocFlag
    ALLOC_OOM = 0x08
    ALLOC_HARDER = 0x10        # ALLOC_NON_BLOCK from 6.4 on
    ALLOC_HIGH = 0x20          # ALLOC_MIN_RESERVE from 6.4 on
    ALLOC_CMA = 0x80
    ALLOC_HIGHATOMIC = 0x200

ctypedef struct stock_t:
    int64_t *nr_free             # per order as stored; a negative one wraps, as in the kernel
    unsigned max_order
    int64_t free                 # NR_FREE_PAGES as the caller reads it (zone_page_state clamps at 0)
    int64_t cma                  # NR_FREE_CMA_PAGES, likewise
    int64_t highatomic           # pages that only reserves may use
    uint32_t *nonempty           # [migratetypes] bit o: that list has a chunk


cdef inline int64_t mark_of_3(int64_t mark, unsigned flags) noexcept nogil:
    if flags & ALLOC_HIGH:
        mark -= mark // 2
    if flags & ALLOC_HARDER:
        mark -= mark // 4
    return mark


cdef inline bint marks_halved(const stock_t *s, unsigned rule, unsigned order, int64_t mark,
                              uint64_t lowmem_reserve, unsigned flags) noexcept nogil:
    """__zone_watermark_ok, 3.5 to 3.19: what lower orders hold is of no use, of the mark half remains
    with each order."""
    cdef int64_t least = mark_of_3(mark, flags)
    cdef int64_t free = s.free - ((1 << order) - 1), first
    cdef unsigned o
    if rule == WATERMARK_CMA_OFF and not flags & ALLOC_CMA:
        free -= s.cma
    first = free
    if rule == WATERMARK_CMA_FIRST and not flags & ALLOC_CMA:
        first -= s.cma
    if rule == WATERMARK_UNSIGNED:
        if <uint64_t> first <= <uint64_t> least + lowmem_reserve:
            return False
    elif first <= least + <int64_t> lowmem_reserve:
        return False
    for o in range(order):
        free = <int64_t> (<uint64_t> free - (<uint64_t> s.nr_free[o] << o))
        least >>= 1
        if free <= least:
            return False
    return True


cdef inline bint chunk_listed(const stock_t *s, unsigned order, unsigned flags) noexcept nogil:
    """Is a chunk of this order or more on a list that the request may use?"""
    cdef uint32_t usable = s.nonempty[UNMOVABLE] | s.nonempty[MOVABLE] | s.nonempty[RECLAIMABLE]
    cdef unsigned o
    if flags & ALLOC_CMA:
        usable |= s.nonempty[CMA]
    if flags & (ALLOC_HIGHATOMIC | ALLOC_OOM):
        usable |= s.nonempty[HIGHATOMIC]
    for o in range(order, s.max_order):
        if s.nr_free[o] and usable >> o & 1:
            return True
    return False


cdef inline bint lists_asked(const stock_t *s, unsigned order, int64_t mark, uint64_t lowmem_reserve,
                             unsigned flags) noexcept nogil:
    """__zone_watermark_ok, 6.x: pages that are of no use are off, and a list must have a chunk."""
    cdef int64_t least = mark, unusable = (1 << order) - 1
    if not flags & (ALLOC_HIGH | ALLOC_HARDER | ALLOC_HIGHATOMIC | ALLOC_OOM):
        unusable += s.highatomic
    if not flags & ALLOC_CMA:
        unusable += s.cma
    if flags & ALLOC_HIGH:
        least -= least // 2
        if flags & ALLOC_HARDER:
            least -= least // 4
    if flags & ALLOC_OOM:
        least -= least // 2
    if s.free - unusable <= least + <int64_t> lowmem_reserve:
        return False
    return order == 0 or chunk_listed(s, order, flags)


cdef inline bint watermark_ok(const stock_t *s, unsigned rule, unsigned order, int64_t mark,
                              uint64_t lowmem_reserve, unsigned flags) noexcept nogil:
    """Would a request of this order leave the zone above `mark`?

    Args:
        rule: a choice of the model's `watermark`.
        lowmem_reserve: of the class of request.
        flags: AllocFlag bits.
    """
    if rule == WATERMARK_LISTS or rule == WATERMARK_LISTS_FREE:
        return lists_asked(s, order, mark, lowmem_reserve, flags)
    return marks_halved(s, rule, order, mark, lowmem_reserve, flags)


cdef inline void take_stock(zone_t *z, int64_t free, stock_t *s) noexcept nogil:
    """The zone's numbers for a test, with `free` in place of NR_FREE_PAGES."""
    s.nr_free = z.nr_free
    s.max_order = z.max_order
    s.free = max(free, <int64_t> 0)
    s.cma = max(z.stat[NR_FREE_CMA_PAGES], <int64_t> 0)
    s.highatomic = z.stat[NR_FREE_HIGHATOMIC if z.policy.watermark == WATERMARK_LISTS_FREE
                          else NR_RESERVED_HIGHATOMIC]
    s.nonempty = z.nonempty


cdef inline bint zone_watermark_ok(zone_t *z, unsigned order, int64_t mark, unsigned classzone_idx,
                                   unsigned flags) noexcept nogil:
    """The test by NR_FREE_PAGES as the zone has it.

    Args:
        classzone_idx: the highest zone that the request may take from: lowmem_reserve of it is kept.
    """
    cdef stock_t s
    take_stock(z, z.stat[NR_FREE_PAGES], &s)
    return watermark_ok(&s, z.policy.watermark, order, mark,
                        <uint64_t> z.lowmem_reserve[classzone_idx], flags)


cdef inline int64_t free_pages_safe(const zone_t *z) noexcept nogil:
    """What zone_watermark_ok_safe takes for free: 3.6 and 3.7 subtract each isolated block whole."""
    cdef int64_t free = z.stat[NR_FREE_PAGES]
    if z.policy.watermark_less_isolated:
        free -= z.stat[NR_ISOLATED_BLOCKS] << z.block_order
    return free


cdef inline bint zone_watermark_ok_safe(zone_t *z, unsigned order, int64_t mark,
                                        unsigned classzone_idx) noexcept nogil:
    """The test that kswapd makes, and who would wake it."""
    cdef stock_t s
    take_stock(z, free_pages_safe(z), &s)
    return watermark_ok(&s, z.policy.watermark, order, mark,
                        <uint64_t> z.lowmem_reserve[classzone_idx], 0)
