"""Watermarks, pcp sizes and RESERVE blocks: what init_per_zone_wmark_min and its callees work out.

The first three functions are pure. Linux 3.5, one zone on the node.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.account cimport set_pcp_size, set_watermark
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.log cimport S_SETUP_WMARKS, S_ZONE_PCP_UPDATE
from sim_core.mm.page cimport HOLE, KIND_MASK, OFFLINE, RESERVED, page_state
from sim_core.mm.pcp cimport drain_all_pages
from sim_core.mm.zone cimport (
    MOVABLE, PRESENT_PAGES, RESERVE, WMARK_HIGH, WMARK_LOW, WMARK_MIN, zone_t,
)

cdef enum:
    ALLOC_HARDER = 0x10
    ALLOC_HIGH = 0x20
    RESERVE_BLOCKS_MAX = 2
    PAGE_KIB_SHIFT = 2


cdef inline bint zone_watermark_ok(const int64_t *nr_free, unsigned order, int64_t mark,
                                   uint64_t lowmem_reserve, unsigned flags, int64_t free,
                                   bint unsigned_sum) noexcept nogil:
    """__zone_watermark_ok: would a request of this order leave the zone above `mark`?

    Args:
        nr_free: per-order counts as stored; a negative one wraps, as in the kernel.
        lowmem_reserve: of the class of request.
        free: NR_FREE_PAGES as the caller reads it (zone_page_state clamps at 0).
        unsigned_sum: 3.5's quirk: the sum of mark and reserve is unsigned, so a negative `free` passes.
    """
    cdef unsigned o
    cdef int64_t least = mark
    free -= (1 << order) - 1
    if flags & ALLOC_HIGH:
        least -= least // 2
    if flags & ALLOC_HARDER:
        least -= least // 4
    if unsigned_sum:
        if <uint64_t> free <= <uint64_t> least + lowmem_reserve:
            return False
    elif free <= least + <int64_t> lowmem_reserve:
        return False
    for o in range(order):
        free = <int64_t> (<uint64_t> free - (<uint64_t> nr_free[o] << o))
        least >>= 1
        if free <= least:
            return False
    return True


cdef inline uint64_t int_sqrt(uint64_t x) noexcept nogil:
    """Largest whole number whose square is not above x."""
    cdef uint64_t root = 0, bit = <uint64_t> 1 << 62
    while bit > x:
        bit >>= 2
    while bit:
        if x >= root + bit:
            x -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    return root


cdef inline uint32_t zone_batchsize(int64_t present) noexcept nogil:
    """Pages a pcp takes or gives at once, before the floor of 1; `high` is six times this."""
    cdef int64_t batch = present // 1024
    cdef int64_t power = 1
    if batch > 128:
        batch = 128
    batch //= 4
    if batch < 1:
        batch = 1
    batch += batch // 2
    while power * 2 <= batch:
        power *= 2
    return <uint32_t> (power - 1)


cdef inline void setup_pageset(zone_t *z) noexcept nogil:
    """Size the pcp lists by present pages, unless a person has sized them."""
    cdef uint32_t batch
    if not z.pcp_derived:
        return
    batch = zone_batchsize(z.stat[PRESENT_PAGES])
    set_pcp_size(z, 6 * batch, max(1, batch), S_ZONE_PCP_UPDATE)


cdef inline void zone_pcp_update(zone_t *z) noexcept nogil:
    drain_all_pages(z)
    setup_pageset(z)


cdef inline bint pageblock_is_reserved(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Does a block hold a page that is reserved, offline, or not there?"""
    cdef uint32_t p
    cdef uint8_t kind
    for p in range(first, last):
        kind = page_state(&z.pages, p) & KIND_MASK
        if kind == RESERVED or kind == OFFLINE or kind == HOLE:
            return True
    return False


cdef inline void setup_zone_migrate_reserve(zone_t *z) noexcept nogil:
    """Keep up to two MOVABLE blocks, from the zone's start up, as RESERVE; turn further ones back."""
    cdef uint32_t size = 1u << z.block_order
    cdef int64_t reserve = (z.watermark[WMARK_MIN] + size - 1) >> z.block_order
    cdef uint32_t p = (z.start + size - 1) & ~(size - 1)
    cdef unsigned mt
    if reserve > RESERVE_BLOCKS_MAX:
        reserve = RESERVE_BLOCKS_MAX
    while p < z.end:
        mt = z.block_type[p >> z.block_order]
        if reserve > 0 and pageblock_is_reserved(z, p, min(p + size, z.end)):
            pass
        elif reserve > 0 and mt == RESERVE:
            reserve -= 1
        elif reserve > 0 and mt == MOVABLE:
            set_pageblock_migratetype(z, p, RESERVE)
            move_freepages_block(z, p, RESERVE, 0)
            reserve -= 1
        elif mt == RESERVE:
            set_pageblock_migratetype(z, p, MOVABLE)
            move_freepages_block(z, p, MOVABLE, 0)
        p += size


cdef inline void setup_watermarks(zone_t *z) noexcept nogil:
    """min_free_kbytes from what is present above the old HIGH, and the three marks from it."""
    cdef int64_t present = z.stat[PRESENT_PAGES]
    cdef int64_t lowmem = present - z.watermark[WMARK_HIGH]
    cdef int64_t kbytes, least
    if lowmem < 0:
        lowmem = 0
    kbytes = <int64_t> int_sqrt(<uint64_t> (lowmem << PAGE_KIB_SHIFT) * 16)
    kbytes = min(max(kbytes, 128), 65536)
    least = kbytes >> PAGE_KIB_SHIFT if present > 0 else 0
    set_watermark(z, WMARK_MIN, least, S_SETUP_WMARKS)
    set_watermark(z, WMARK_LOW, least + (least >> 2), S_SETUP_WMARKS)
    set_watermark(z, WMARK_HIGH, least + (least >> 1), S_SETUP_WMARKS)


cdef inline void init_per_zone_wmark_min(zone_t *z) noexcept nogil:
    """The three marks, and then RESERVE blocks by MIN."""
    setup_watermarks(z)
    setup_zone_migrate_reserve(z)
