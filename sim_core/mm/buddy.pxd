"""The buddy allocator of mm/page_alloc.c, v3.5: merge, split, take, fall back, move between lists."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport mod_block_free, mod_nr_free, mod_stat
from sim_core.mm.freelist cimport link_head, link_tail, unlink_free
from sim_core.mm.log cimport (
    R_BLOCK_TYPE, S_EXPAND, S_FREE_ONE_PAGE_CORE, S_MOVE_FREEPAGES, S_RMQUEUE_FALLBACK,
    S_RMQUEUE_SMALLEST, S_SET_PAGEBLOCK_MIGRATETYPE, log_put,
)
from sim_core.mm.page cimport (
    ALLOCATED, FREE, HOLE, KIND_MASK, NIL, ORDER_MASK, PINNED, TAIL, block_fill, head_state,
    on_top, page_state, single_state,
)
from sim_core.mm.stamp cimport stamp_block
from sim_core.mm.zone cimport (
    CMA, MOVABLE, NR_FALLBACK, RECLAIMABLE, RESERVE, UNMOVABLE, block_of, in_zone, zone_t,
)

cdef extern from *:
    """
    static inline unsigned zs_lowest_bit(unsigned word) { return (unsigned) __builtin_ctz(word); }
    """
    unsigned zs_lowest_bit(unsigned word) noexcept nogil


cdef inline bint page_is_buddy(const zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Is p the head of a free chunk of exactly this order? Types are never looked at."""
    return head_state(&z.pages, p, order) == (FREE | order)


cdef inline bint lies_in_hole(const zone_t *z, uint32_t p) noexcept nogil:
    """Has p no struct page? Beyond the zone there is one, of some other zone."""
    return z.holes != 0 and in_zone(z, p) and page_state(&z.pages, p) == HOLE


cdef inline void __free_one_page(zone_t *z, uint32_t p, unsigned order, unsigned mt) noexcept nogil:
    """Merge a chunk with its buddies as far as they are free, and list what results under `mt`.

    NR_FREE_PAGES is the caller's business.
    """
    cdef uint32_t buddy, combined, higher
    while order < z.max_order - 1:
        buddy = p ^ (1u << order)
        if not page_is_buddy(z, buddy, order):
            break
        unlink_free(z, buddy, order, S_FREE_ONE_PAGE_CORE)
        mod_nr_free(z, order, -1, S_FREE_ONE_PAGE_CORE)
        p &= buddy
        order += 1
    # If the next merge up is likely (the pair's own buddy is free), the tail keeps this one long.
    buddy = p ^ (1u << order)
    combined = p & buddy
    if (order < z.max_order - 2 and in_zone(z, combined) and not lies_in_hole(z, buddy)
            and not (z.policy.tail_lower_half_only and p != combined)):
        higher = combined ^ (2u << order)
        if page_is_buddy(z, higher, order + 1):
            link_tail(z, p, order, mt, S_FREE_ONE_PAGE_CORE)
            mod_nr_free(z, order, 1, S_FREE_ONE_PAGE_CORE)
            return
    link_head(z, p, order, mt, S_FREE_ONE_PAGE_CORE)
    mod_nr_free(z, order, 1, S_FREE_ONE_PAGE_CORE)


cdef inline void expand(zone_t *z, uint32_t p, unsigned low, unsigned high,
                        unsigned mt) noexcept nogil:
    """Halve a chunk of order `high` down to `low`; the upper halves go to the heads of their lists."""
    while high > low:
        high -= 1
        link_head(z, p + (1u << high), high, mt, S_EXPAND)
        mod_nr_free(z, high, 1, S_EXPAND)


cdef inline uint32_t __rmqueue_smallest(zone_t *z, unsigned order, unsigned mt) noexcept nogil:
    """Head of the smallest chunk of this type that is large enough, cut to size; NIL if none."""
    cdef unsigned fits = z.nonempty[mt] >> order
    cdef unsigned current
    cdef uint32_t p
    if not fits:
        return NIL
    current = order + zs_lowest_bit(fits)
    p = z.lists[mt][current].head
    unlink_free(z, p, current, S_RMQUEUE_SMALLEST)
    mod_nr_free(z, current, -1, S_RMQUEUE_SMALLEST)
    expand(z, p, order, current, mt)
    return p


cdef inline void set_pageblock_migratetype(zone_t *z, uint32_t p, unsigned mt) noexcept nogil:
    cdef uint32_t b = block_of(z, p)
    if z.block_type[b] == mt:
        return
    log_put(z.log, R_BLOCK_TYPE, S_SET_PAGEBLOCK_MIGRATETYPE, z.block_type[b], <uint8_t> mt, b, 0)
    z.block_type[b] = <uint8_t> mt
    stamp_block(z, b)


cdef inline uint32_t move_chunk(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                                int counted) noexcept nogil:
    """Move one free chunk to the head of the list of `mt`; returns its pages."""
    unlink_free(z, p, order, S_MOVE_FREEPAGES)
    link_head(z, p, order, mt, S_MOVE_FREEPAGES)
    if counted:
        mod_nr_free(z, order, counted, S_MOVE_FREEPAGES)
    return 1u << order


cdef inline uint32_t move_freepages_block(zone_t *z, uint32_t p, unsigned mt,
                                          int counted) noexcept nogil:
    """Move every free chunk that begins in p's pageblock to the head of the list of `mt`.

    A block that begins before the zone is looked at from p on; one that ends beyond it is left alone.

    Args:
        counted: what each chunk adds to nr_free of its order (0 in every kernel; the seed patch's
            hotplug_move_freepages: -1 to ISOLATE, +1 from it).

    Returns:
        pages moved; a chunk larger than the block counts whole.
    """
    cdef uint32_t first = p >> z.block_order << z.block_order
    cdef uint32_t last = first + (1u << z.block_order)
    cdef uint32_t moved = 0
    cdef unsigned order
    cdef uint8_t state
    if last > z.end or block_fill(&z.pages, block_of(z, p)):
        return 0
    if first < z.start:
        first = p
    if on_top(&z.pages, first):
        state = page_state(&z.pages, first)
        if state & KIND_MASK == FREE:
            moved = move_chunk(z, first, state & ORDER_MASK, mt, counted)
        last = first
    while first < last:
        state = single_state(&z.pages, first)
        order = state & ORDER_MASK
        if state == TAIL:
            first += 1
        elif state & KIND_MASK == FREE:
            moved += move_chunk(z, first, order, mt, counted)
            first += 1u << order
        elif state & KIND_MASK == ALLOCATED or state & KIND_MASK == PINNED:
            first += 1u << order
        else:
            first += 1
    stamp_block(z, block_of(z, p))
    return moved


cdef inline unsigned fallback(unsigned start, unsigned index) noexcept nogil:
    """fallbacks[start][index] with CONFIG_CMA; RESERVE ends the row."""
    if start == MOVABLE:
        return CMA if index == 0 else RECLAIMABLE if index == 1 else UNMOVABLE if index == 2 else RESERVE
    if index == 0:
        return RECLAIMABLE if start == UNMOVABLE else UNMOVABLE
    return MOVABLE if index == 1 else RESERVE


cdef inline void change_pageblock_range(zone_t *z, uint32_t p, unsigned order,
                                        unsigned mt) noexcept nogil:
    cdef uint32_t last = p + (1u << order)
    while p < last:
        set_pageblock_migratetype(z, p, mt)
        p += 1u << z.block_order


cdef inline uint32_t __rmqueue_fallback(zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """Take from another type, its largest chunk first, and with it the block if half of it is free."""
    cdef int current
    cdef unsigned index, mt
    cdef uint32_t p, moved
    for current in range(<int> z.max_order - 1, <int> order - 1, -1):
        index = 0
        while True:
            mt = fallback(start, index)
            index += 1
            if mt == RESERVE:
                break
            p = z.lists[mt][current].head
            if p == NIL:
                continue
            mod_nr_free(z, current, -1, S_RMQUEUE_FALLBACK)
            if mt != CMA and (current >= <int> (z.block_order // 2) or start == RECLAIMABLE):
                moved = move_freepages_block(z, p, start, 0)
                if moved >= 1u << (z.block_order - 1):
                    set_pageblock_migratetype(z, p, start)
                mt = start
            unlink_free(z, p, current, S_RMQUEUE_FALLBACK)
            if current >= <int> z.block_order and mt != CMA:
                change_pageblock_range(z, p, current, start)
            expand(z, p, order, current, CMA if mt == CMA else start)
            mod_stat(z, NR_FALLBACK, 1, S_RMQUEUE_FALLBACK)
            return p
    return NIL


cdef inline uint32_t __rmqueue(zone_t *z, unsigned order, unsigned mt) noexcept nogil:
    """Own lists, then the fallbacks, then RESERVE. The caller counts NR_FREE_PAGES."""
    cdef uint32_t p = __rmqueue_smallest(z, order, mt)
    if p == NIL:
        p = __rmqueue_fallback(z, order, mt)
        if p == NIL:
            p = __rmqueue_smallest(z, order, RESERVE)
            if p == NIL:
                return NIL
    mod_block_free(z, p, order, -1, S_RMQUEUE_SMALLEST)
    return p
