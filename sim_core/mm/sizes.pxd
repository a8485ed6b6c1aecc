"""What a zone's size decides: watermarks, pcp sizes and RESERVE blocks (init_per_zone_wmark_min).

One zone on the node.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.account cimport set_pcp_size, set_watermark
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.log cimport S_SETUP_WMARKS, S_ZONE_PCP_UPDATE
from sim_core.mm.page cimport HOLE, KIND_MASK, OFFLINE, RESERVED, page_state
from sim_core.mm.page_alloc cimport drain_all_pages
from sim_core.mm.policy cimport RESERVE_BLOCKS, SIZES_PRESENT, SIZES_TUNED
from sim_core.mm.zone cimport (
    MOVABLE, PRESENT_PAGES, RESERVE, WMARK_HIGH, WMARK_LOW, WMARK_MIN, zone_t,
)

cdef enum:
    RESERVE_BLOCKS_MAX = 2
    PAGE_KIB_SHIFT = 2
    MIN_FREE_KBYTES_MIN = 128
    MIN_FREE_KBYTES_MAX = 65536        # 3.x
    MIN_FREE_KBYTES_MAX_6 = 262144
    WATERMARK_SCALE_FACTOR = 10        # of 10000
    BATCH_PAGES_MAX = 128              # 512 KiB, before it is quartered
    BATCH_PAGES_MAX_6 = 256            # 1 MiB


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


cdef inline uint32_t zone_batchsize(int64_t pages, int64_t most) noexcept nogil:
    """Pages a pcp takes or gives at once, before the floor of 1.

    Args:
        most: BATCH_PAGES_MAX of the era.
    """
    cdef int64_t batch = min(pages // 1024, most) // 4
    cdef int64_t power = 1
    if batch < 1:
        batch = 1
    batch += batch // 2
    while power * 2 <= batch:
        power *= 2
    return <uint32_t> (power - 1)


cdef inline void setup_pageset(zone_t *z) noexcept nogil:
    """Size the pcp lists by the zone's pages, unless a person has sized them."""
    cdef int64_t pages = z.stat[PRESENT_PAGES], high
    cdef uint32_t batch
    if not z.pcp_derived:
        return
    if z.policy.zone_sizes == SIZES_PRESENT:
        batch = zone_batchsize(pages, BATCH_PAGES_MAX)
        set_pcp_size(z, 6 * batch, 6 * batch, max(1, batch), S_ZONE_PCP_UPDATE)
        return
    batch = max(1, zone_batchsize(pages, BATCH_PAGES_MAX_6))
    high = max(z.watermark[WMARK_LOW] // z.cpus, <int64_t> 4 * batch)
    set_pcp_size(z, <uint32_t> high,
                 <uint32_t> (max(pages // 8 // z.cpus, <int64_t> 4 * batch)
                             if z.policy.zone_sizes == SIZES_TUNED else high),
                 batch, S_ZONE_PCP_UPDATE)


cdef inline void zone_pcp_update(zone_t *z) noexcept nogil:
    drain_all_pages(z)
    setup_pageset(z)


# ---- RESERVE blocks ----

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
            move_freepages_block(z, p, mt, RESERVE, 0)
            reserve -= 1
        elif mt == RESERVE:
            set_pageblock_migratetype(z, p, MOVABLE)
            move_freepages_block(z, p, mt, MOVABLE, 0)
        p += size


# ---- watermarks ----

cdef inline void setup_watermarks(zone_t *z) noexcept nogil:
    """min_free_kbytes from what is there above the old HIGH, and the three marks from it."""
    cdef int64_t pages = z.stat[PRESENT_PAGES]
    cdef int64_t lowmem = max(pages - z.watermark[WMARK_HIGH], <int64_t> 0)
    cdef int64_t kbytes, least, step
    cdef bint old = z.policy.zone_sizes == SIZES_PRESENT
    kbytes = <int64_t> int_sqrt(<uint64_t> (lowmem << PAGE_KIB_SHIFT) * 16)
    kbytes = min(max(kbytes, <int64_t> MIN_FREE_KBYTES_MIN),
                 <int64_t> (MIN_FREE_KBYTES_MAX if old else MIN_FREE_KBYTES_MAX_6))
    least = kbytes >> PAGE_KIB_SHIFT if pages > 0 else 0
    step = least >> 2
    if not old:
        step = max(step, pages * WATERMARK_SCALE_FACTOR // 10000)
    set_watermark(z, WMARK_MIN, least, S_SETUP_WMARKS)
    set_watermark(z, WMARK_LOW, least + step, S_SETUP_WMARKS)
    set_watermark(z, WMARK_HIGH, least + (least >> 1 if old else 2 * step), S_SETUP_WMARKS)


cdef inline void init_per_zone_wmark_min(zone_t *z) noexcept nogil:
    """The three marks, and what follows from them: RESERVE blocks by MIN, or pcp sizes by LOW."""
    setup_watermarks(z)
    if z.policy.reserve == RESERVE_BLOCKS:
        setup_zone_migrate_reserve(z)
    if z.policy.zone_sizes != SIZES_PRESENT:
        setup_pageset(z)
