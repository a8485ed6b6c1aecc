"""Free chunks that cover more than the pageblock that is isolated: how 6.x takes them apart."""

from libc.stdint cimport uint32_t

from sim_core.mm.account cimport (
    account_freepages, context, decides, mod_block_free, mod_freepage_state,
)
from sim_core.mm.buddy cimport set_pageblock_migratetype, take_out
from sim_core.mm.builtin cimport zs_lowest_bit
from sim_core.mm.free cimport free_by_blocks, list_freed
from sim_core.mm.log cimport S_ISOLATE_SINGLE_PAGEBLOCK, S_MOVE_FREEPAGES_BLOCK_ISOLATE
from sim_core.mm.page cimport FREE, KIND_MASK, NIL, ORDER_MASK, page_state, top_order
from sim_core.mm.policy cimport STRADDLE_AT_RANGE_EDGES
from sim_core.mm.zone cimport (
    block_of, in_zone, pageblock_migratetype, whole_in_zone, zone_t,
)

cdef extern from *:
    """
    static inline unsigned zs_highest_bit(unsigned word) { return 31u - (unsigned) __builtin_clz(word); }
    """
    unsigned zs_highest_bit(unsigned word) noexcept nogil


cdef inline uint32_t find_large_buddy(const zone_t *z, uint32_t start) noexcept nogil:
    """Head of the free chunk of a pageblock or more that covers `start`, a block's first page; or NIL."""
    cdef unsigned order, size
    cdef uint32_t p
    for order in range(z.block_order, z.max_order):
        p = start & ~((1u << order) - 1)
        if not in_zone(z, p):
            return NIL
        size = top_order(&z.pages, block_of(z, p))
        if size and page_state(&z.pages, p) & KIND_MASK == FREE:
            return p if p + (1u << size) > start else NIL
    return NIL


cdef inline bint split_straddling(zone_t *z, uint32_t page, unsigned mt) noexcept nogil:
    """move_freepages_block_isolate where the block of `page` is one of several under a free chunk: type
    this block alone, and free the chunk anew block by block, each under its own type.

    Returns:
        False, with nothing done, if no such chunk is there.
    """
    cdef uint32_t start = page >> z.block_order << z.block_order
    cdef uint32_t p
    cdef unsigned order, old
    if z.block_order >= z.max_order - 1 or not whole_in_zone(z, block_of(z, page)):
        return False
    p = find_large_buddy(z, start)
    if p == NIL:
        return False
    order = page_state(&z.pages, p) & ORDER_MASK
    if order <= z.block_order:
        return False
    old = pageblock_migratetype(z, p)
    take_out(z, p, order, S_MOVE_FREEPAGES_BLOCK_ISOLATE)
    account_freepages(z, p, -(1 << order), old)
    mod_block_free(z, p, order, -1, S_MOVE_FREEPAGES_BLOCK_ISOLATE)
    set_pageblock_migratetype(z, start, mt)
    free_by_blocks(z, p, order, False)
    return True


cdef inline void split_at(zone_t *z, uint32_t p, unsigned order, uint32_t edge) noexcept nogil:
    """split_free_page of 6.1: free a chunk anew in pieces of which none crosses `edge`."""
    cdef unsigned mt = pageblock_migratetype(z, p), size
    cdef uint32_t left = edge - p, at = p, last = p + (1u << order)
    take_out(z, p, order, S_ISOLATE_SINGLE_PAGEBLOCK)
    if decides(z, &z.policy.split_nr, context(mt, mt, mt), p, S_ISOLATE_SINGLE_PAGEBLOCK):
        mod_freepage_state(z, -(1 << order), mt, S_ISOLATE_SINGLE_PAGEBLOCK)
    mod_block_free(z, p, order, -1, S_ISOLATE_SINGLE_PAGEBLOCK)
    while at < last:
        size = zs_highest_bit(left)
        if at and zs_lowest_bit(at) < size:
            size = zs_lowest_bit(at)
        list_freed(z, at, size, pageblock_migratetype(z, at), False)
        at += 1u << size
        left -= 1u << size
        if left == 0:
            left = last - at


cdef inline void isolate_single_pageblock(zone_t *z, uint32_t edge, uint32_t b) noexcept nogil:
    """6.1: after block b was typed, split the free chunks that reach over `edge`, one of its ends."""
    cdef uint32_t largest = 1u << (z.max_order - 1)
    cdef uint32_t p = max((b << z.block_order) & ~(largest - 1), z.start)
    cdef unsigned order
    if z.policy.straddle != STRADDLE_AT_RANGE_EDGES:
        return
    while p < edge and p < z.end:
        if page_state(&z.pages, p) & KIND_MASK != FREE:
            p += 1
            continue
        order = page_state(&z.pages, p) & ORDER_MASK
        if p + (1u << order) > edge:
            split_at(z, p, order, edge)
        p += 1u << order
