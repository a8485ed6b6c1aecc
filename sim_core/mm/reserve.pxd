"""RESERVE blocks: a zone keeps some pageblocks back by its MIN watermark (3.5 to 4.3)."""

from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.page cimport HOLE, KIND_MASK, OFFLINE, RESERVED, page_state
from sim_core.mm.zone cimport MOVABLE, RESERVE, WMARK_MIN, zone_t

cdef enum:
    RESERVE_BLOCKS_MAX = 2


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
