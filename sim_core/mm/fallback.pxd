"""What a request does when the lists of its own type are empty: __rmqueue_fallback, and how it changed.

Each way is one function; sim_core/mm/rmqueue.pxd chooses by the model's `fallback`.
"""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport account_freepages, mod_nr_free, mod_stat
from sim_core.mm.buddy cimport (
    __rmqueue_smallest, change_pageblock_range, expand, move_freepages_block, move_to_free_list,
    set_pageblock_migratetype, take_out,
)
from sim_core.mm.freelist cimport unlink_free
from sim_core.mm.log cimport (
    S_RMQUEUE_CLAIM, S_RMQUEUE_FALLBACK, S_RMQUEUE_STEAL, S_STEAL_SUITABLE_FALLBACK,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, FREE, KIND_MASK, NIL, ORDER_MASK, PINNED, page_attr, page_state, pages_of,
)
from sim_core.mm.policy cimport CMA_FALLBACK, FALLBACK_REMAINDER
from sim_core.mm.zone cimport (
    CMA, HIGHATOMIC, MIGRATE_TYPES, MOVABLE, NR_FALLBACK, RECLAIMABLE, UNMOVABLE, block_of,
    pageblock_migratetype, whole_in_zone, zone_t,
)

ctypedef struct suitable_t:
    unsigned order
    unsigned mt     # list with a chunk; MIGRATE_TYPES: none
    bint whole      # may its whole block be taken?


cdef inline unsigned fallbacks(const zone_t *z, unsigned start, unsigned index) noexcept nogil:
    """fallbacks[start][index]; MIGRATE_TYPES ends the row."""
    if start == MOVABLE:
        if z.policy.cma_use != CMA_FALLBACK:
            index += 1
        return (CMA if index == 0 else RECLAIMABLE if index == 1 else UNMOVABLE if index == 2
                else MIGRATE_TYPES)
    if index == 0:
        return RECLAIMABLE if start == UNMOVABLE else UNMOVABLE
    return MOVABLE if index == 1 else MIGRATE_TYPES


cdef inline unsigned fallback_list(const zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """First of the fallback types with a chunk of exactly this order, or MIGRATE_TYPES."""
    cdef unsigned index = 0, mt
    while True:
        mt = fallbacks(z, start, index)
        if mt == MIGRATE_TYPES or z.nonempty[mt] >> order & 1:
            return mt
        index += 1


# ---- 3.5 to 3.19 ----

cdef inline unsigned try_to_steal_freepages(zone_t *z, uint32_t p, unsigned current, unsigned start,
                                            unsigned mt) noexcept nogil:
    """Take the block of a chunk on list `mt` along, as far as that is allowed.

    Returns:
        the list on which the remainder of the chunk goes.
    """
    cdef uint32_t moved
    if mt == CMA:
        return CMA
    if current >= z.block_order:
        change_pageblock_range(z, p, current, start)
        return start
    if current >= z.block_order // 2 or start == RECLAIMABLE:
        moved = move_freepages_block(z, p, pageblock_migratetype(z, p), start, 0)
        if moved >= 1u << (z.block_order - 1):
            set_pageblock_migratetype(z, p, start)
            return start
    return mt if z.policy.fallback == FALLBACK_REMAINDER else start


cdef inline uint32_t fallback_largest(zone_t *z, unsigned order, unsigned start,
                                      unsigned *listed) noexcept nogil:
    """The largest chunk of a fallback type, cut to size, and with it perhaps its block.

    Args:
        listed: OUT, the list that got the remainder.
    """
    cdef int current
    cdef unsigned mt, onto
    cdef uint32_t p
    for current in range(<int> z.max_order - 1, <int> order - 1, -1):
        mt = fallback_list(z, current, start)
        if mt == MIGRATE_TYPES:
            continue
        p = z.lists[mt][current].head
        mod_nr_free(z, current, -1, S_RMQUEUE_FALLBACK)
        onto = try_to_steal_freepages(z, p, current, start, mt)
        unlink_free(z, p, current, S_RMQUEUE_FALLBACK)
        expand(z, p, order, current, onto)
        account_freepages(z, p, -(1 << order), onto)
        mod_stat(z, NR_FALLBACK, 1, S_RMQUEUE_FALLBACK)
        listed[0] = onto
        return p
    return NIL


# ---- 6.x ----

cdef inline bint can_steal_fallback(const zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """May a chunk of this order bring its whole block along?"""
    return order >= z.block_order // 2 or start != MOVABLE


cdef inline void find_suitable_fallback(const zone_t *z, unsigned order, unsigned start,
                                        suitable_t *found) noexcept nogil:
    """The largest chunk of a fallback type; for a small MOVABLE request that may not take a whole block,
    the smallest.

    Args:
        found: OUT.
    """
    cdef int current
    found.mt = MIGRATE_TYPES
    for current in range(<int> z.max_order - 1, <int> order - 1, -1):
        if z.nr_free[current] == 0:
            continue
        found.mt = fallback_list(z, current, start)
        if found.mt != MIGRATE_TYPES:
            break
    if found.mt == MIGRATE_TYPES:
        return
    found.order = current
    found.whole = can_steal_fallback(z, current, start)
    if found.whole or current == <int> order:
        return
    for current in range(<int> order, <int> z.max_order):
        if z.nr_free[current] == 0:
            continue
        found.mt = fallback_list(z, current, start)
        if found.mt != MIGRATE_TYPES:
            break
    found.order = current
    found.whole = can_steal_fallback(z, current, start)


cdef inline void count_block(const zone_t *z, uint32_t p, uint32_t *free,
                             uint32_t *movable) noexcept nogil:
    """Pages of p's block in free chunks that begin in it, and pages in use that can be moved.

    Args:
        free, movable: OUT.
    """
    cdef uint32_t first = max(block_of(z, p) << z.block_order, z.start)
    cdef uint32_t last = min((block_of(z, p) + 1) << z.block_order, z.end)
    cdef uint8_t state, kind
    free[0] = 0
    movable[0] = 0
    while first < last:
        state = page_state(&z.pages, first)
        kind = state & KIND_MASK
        if kind == FREE:
            free[0] += 1u << (state & ORDER_MASK)
        elif (kind == ALLOCATED or kind == PINNED) and page_attr(&z.pages, first) & ATTR_LRU:
            movable[0] += 1u << (state & ORDER_MASK)
        first += pages_of(state)


cdef inline bint half_alike(const zone_t *z, uint32_t p, unsigned start, uint32_t free,
                            uint32_t movable) noexcept nogil:
    """Are at least half of the block's pages free, or in use for what `start` asks for?"""
    cdef uint32_t alike = 0
    if start == MOVABLE:
        alike = movable
    elif pageblock_migratetype(z, p) == MOVABLE:
        alike = (1u << z.block_order) - free - movable
    return free + alike >= 1u << (z.block_order - 1)


cdef inline bint steal_suitable_fallback(zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """6.1: bring a chunk, or all chunks of its block, to the lists of `start`; the caller looks again.

    Returns:
        False if there is no fallback.
    """
    cdef suitable_t found
    cdef uint32_t p, free, movable
    find_suitable_fallback(z, order, start, &found)
    if found.mt == MIGRATE_TYPES:
        return False
    p = z.lists[found.mt][found.order].head
    mod_stat(z, NR_FALLBACK, 1, S_STEAL_SUITABLE_FALLBACK)
    if pageblock_migratetype(z, p) != HIGHATOMIC:
        if found.order >= z.block_order:
            change_pageblock_range(z, p, found.order, start)
        elif found.whole:
            count_block(z, p, &free, &movable)
            free = move_freepages_block(z, p, pageblock_migratetype(z, p), start, 0)
            if free:
                if half_alike(z, p, start, free, movable):
                    set_pageblock_migratetype(z, p, start)
                return True
    move_to_free_list(z, p, found.order, found.mt, start, 0, S_STEAL_SUITABLE_FALLBACK)
    return True


cdef inline uint32_t take_over(zone_t *z, uint32_t p, unsigned current, unsigned order,
                               unsigned start) noexcept nogil:
    """A chunk of at least a block, and its blocks, become `start`'s."""
    cdef unsigned old = pageblock_migratetype(z, p)
    take_out(z, p, current, S_RMQUEUE_CLAIM)
    account_freepages(z, p, -(1 << current), old)
    change_pageblock_range(z, p, current, start)
    expand(z, p, order, current, start)
    if current > order:
        account_freepages(z, p, (1 << current) - (1 << order), start)
    return p


cdef inline uint32_t try_to_claim_block(zone_t *z, uint32_t p, unsigned current, unsigned order,
                                        unsigned start) noexcept nogil:
    """Take the block of a chunk if that is worth it; then the best chunk of the block.

    Returns:
        a chunk of the order asked for, or NIL.
    """
    cdef unsigned old = pageblock_migratetype(z, p)
    cdef uint32_t free, movable
    if old == HIGHATOMIC:
        return NIL
    if current >= z.block_order:
        return take_over(z, p, current, order, start)
    if not whole_in_zone(z, block_of(z, p)):
        return NIL
    count_block(z, p, &free, &movable)
    if not half_alike(z, p, start, free, movable):
        return NIL
    move_freepages_block(z, p, old, start, 0)
    set_pageblock_migratetype(z, p, start)
    return __rmqueue_smallest(z, order, start)


cdef inline uint32_t split_chunk(zone_t *z, uint32_t p, unsigned current, unsigned order,
                                 unsigned mt) noexcept nogil:
    """Cut one chunk to size; the remainder goes to the lists of `mt`."""
    take_out(z, p, current, S_RMQUEUE_STEAL)
    expand(z, p, order, current, mt)
    account_freepages(z, p, -(1 << order), mt)
    return p


cdef inline uint32_t fallback_one_try(zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """6.12: one chunk is chosen; its block is claimed, or that very chunk is split."""
    cdef suitable_t found
    cdef uint32_t p, got = NIL
    find_suitable_fallback(z, order, start, &found)
    if found.mt == MIGRATE_TYPES:
        return NIL
    p = z.lists[found.mt][found.order].head
    mod_stat(z, NR_FALLBACK, 1, S_RMQUEUE_FALLBACK)
    if found.whole:
        got = try_to_claim_block(z, p, found.order, order, start)
    if got == NIL:
        got = split_chunk(z, p, found.order, order, pageblock_migratetype(z, p))
    return got


cdef inline uint32_t __rmqueue_claim(zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """6.12.117: the first block worth claiming, from the largest chunk down."""
    cdef int current
    cdef unsigned mt
    cdef uint32_t p
    for current in range(<int> z.max_order - 1, <int> order - 1, -1):
        mt = fallback_list(z, current, start) if z.nr_free[current] else MIGRATE_TYPES
        if mt == MIGRATE_TYPES:
            continue
        if not can_steal_fallback(z, current, start):
            return NIL
        p = try_to_claim_block(z, z.lists[mt][current].head, current, order, start)
        if p != NIL:
            mod_stat(z, NR_FALLBACK, 1, S_RMQUEUE_CLAIM)
            return p
    return NIL


cdef inline uint32_t __rmqueue_steal(zone_t *z, unsigned order, unsigned start) noexcept nogil:
    """6.12.117: the smallest chunk of a fallback type; the remainder stays on that type's lists."""
    cdef unsigned current, mt
    for current in range(order, z.max_order):
        mt = fallback_list(z, current, start) if z.nr_free[current] else MIGRATE_TYPES
        if mt != MIGRATE_TYPES:
            mod_stat(z, NR_FALLBACK, 1, S_RMQUEUE_STEAL)
            return split_chunk(z, z.lists[mt][current].head, current, order, mt)
    return NIL
