"""The buddy lists of mm/page_alloc.c: merge, split, take the smallest, move between lists."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport account_freepages, has_isolate_pageblock, mod_nr_free
from sim_core.mm.builtin cimport zs_lowest_bit, zs_rare
from sim_core.mm.freelist cimport link_head, link_tail, unlink_free
from sim_core.mm.log cimport (
    R_BLOCK_TYPE, S_EXPAND, S_FREE_ONE_PAGE_CORE, S_MOVE_FREEPAGES, S_RMQUEUE_SMALLEST,
    S_SET_PAGEBLOCK_MIGRATETYPE, log_put,
)
from sim_core.mm.page cimport (
    FREE, HOLE, KIND_MASK, NIL, ORDER_MASK, block_fill, head_state, link_t, on_top, page_link,
    page_state, pages_of, pages_t, prefetch_page, single_state,
)
from sim_core.mm.policy cimport (
    MERGE_FREELY, MERGE_ISOLATE_APART, MERGE_ISOLATE_STOPS, RETYPE_ALL_BLOCKS,
)
from sim_core.mm.stamp cimport stamp_block
from sim_core.mm.zone cimport (
    ISOLATE, MOVABLE, block_of, head_over, in_zone, pageblock_migratetype, whole_in_zone, zone_t,
)

# ---- pageblock types ----

cdef inline void set_pageblock_migratetype(zone_t *z, uint32_t p, unsigned mt) noexcept nogil:
    cdef uint32_t b = block_of(z, p)
    if z.block_type[b] == mt:
        return
    log_put(z.log, R_BLOCK_TYPE, S_SET_PAGEBLOCK_MIGRATETYPE, z.block_type[b], <uint8_t> mt, b, 0)
    z.block_type[b] = <uint8_t> mt
    stamp_block(z, b)


cdef inline void change_pageblock_range(zone_t *z, uint32_t p, unsigned order,
                                        unsigned mt) noexcept nogil:
    """Type every pageblock that a chunk covers."""
    cdef uint32_t last = p + (1u << order)
    while p < last:
        set_pageblock_migratetype(z, p, mt)
        p += 1u << z.block_order


cdef inline bint migratetype_is_mergeable(unsigned mt) noexcept nogil:
    return mt <= MOVABLE


# ---- freeing ----

cdef inline bint page_is_buddy(const zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Is p the head of a free chunk of exactly this order? Types are never looked at."""
    return head_state(&z.pages, p, order) == (FREE | order)


cdef inline void prefetch_merge(const zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Ask memory for what freeing p will touch: its buddy or, if that is free, its buddy's neighbours."""
    cdef uint32_t buddy = p ^ (1u << order)
    cdef const link_t *link
    if page_is_buddy(z, buddy, order):
        link = page_link(&z.pages, buddy, order)
        if link.next != NIL:
            prefetch_page(&z.pages, link.next)
        if link.prev != NIL:
            prefetch_page(&z.pages, link.prev)


cdef inline bint lies_in_hole(const zone_t *z, uint32_t p) noexcept nogil:
    """Has p no struct page? Beyond the zone there is one, of some other zone."""
    return (z.holes != 0 and not z.policy.holes_have_pages and in_zone(z, p)
            and page_state(&z.pages, p) == HOLE)


cdef inline bint merge_refused(const zone_t *z, uint32_t buddy, unsigned mt) noexcept nogil:
    """From a pageblock up: may a chunk freed as `mt` not take this buddy in?"""
    cdef unsigned guard = z.policy.merge_guard, other
    if guard == MERGE_ISOLATE_STOPS:
        return mt == ISOLATE
    other = pageblock_migratetype(z, buddy)
    if mt == other:
        return False
    if guard == MERGE_ISOLATE_APART:
        return has_isolate_pageblock(z) and (mt == ISOLATE or other == ISOLATE)
    return not migratetype_is_mergeable(mt) or not migratetype_is_mergeable(other)


cdef inline void retype_absorbed(zone_t *z, uint32_t buddy, unsigned order,
                                 unsigned mt) noexcept nogil:
    if z.policy.merge_retypes == RETYPE_ALL_BLOCKS:
        change_pageblock_range(z, buddy, order, mt)
    else:
        set_pageblock_migratetype(z, buddy, mt)


cdef inline bint buddy_merge_likely(const zone_t *z, uint32_t p, unsigned order,
                                    bint cut_short) noexcept nogil:
    """Would the pair that p forms with its buddy find a free buddy of its own? Then p is kept for last.

    Args:
        cut_short: the merge ended at MERGE_ISOLATE_STOPS' limit. The kernel then works on with an index
            from the order below: it looks one such pair above the chunk, whichever half the chunk is.
    """
    cdef uint32_t buddy = p ^ (1u << order)
    cdef uint32_t combined = p & buddy, higher
    if cut_short:
        higher = p + (2u << order)
        return higher < z.end and page_is_buddy(z, higher, order + 1)
    if (not in_zone(z, combined) or lies_in_hole(z, buddy)
            or (z.policy.tail_lower_half_only and p != combined)):
        return False
    return page_is_buddy(z, combined ^ (2u << order), order + 1)


cdef inline void __free_one_page(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                                 bint to_tail) noexcept nogil:
    """Merge a chunk with its buddies as far as they are free, and list what results under `mt`.

    Unless account_freepages counts, NR_FREE_PAGES is the caller's business.
    """
    cdef uint32_t buddy
    cdef unsigned freed = order
    cdef bint cut_short
    account_freepages(z, p, 1 << order, mt)
    while order < z.max_order - 1:
        buddy = p ^ (1u << order)
        if not page_is_buddy(z, buddy, order):
            break
        if zs_rare(order >= z.block_order):
            if z.policy.merge_guard != MERGE_FREELY and merge_refused(z, buddy, mt):
                break
            if z.policy.merge_retypes:
                retype_absorbed(z, buddy, order, mt)
        unlink_free(z, buddy, order, S_FREE_ONE_PAGE_CORE)
        mod_nr_free(z, order, -1, S_FREE_ONE_PAGE_CORE)
        p &= buddy
        order += 1
    if not to_tail and order < z.max_order - 2:
        cut_short = (order == z.block_order and freed < order and mt == ISOLATE
                     and z.policy.merge_guard == MERGE_ISOLATE_STOPS)
        to_tail = buddy_merge_likely(z, p, order, cut_short)
    if to_tail:
        link_tail(z, p, order, mt, S_FREE_ONE_PAGE_CORE)
    else:
        link_head(z, p, order, mt, S_FREE_ONE_PAGE_CORE)
    mod_nr_free(z, order, 1, S_FREE_ONE_PAGE_CORE)


# ---- allocating ----

cdef inline void expand(zone_t *z, uint32_t p, unsigned low, unsigned high,
                        unsigned mt) noexcept nogil:
    """Halve a chunk of order `high` down to `low`; the upper halves go to the heads of their lists."""
    while high > low:
        high -= 1
        link_head(z, p + (1u << high), high, mt, S_EXPAND)
        mod_nr_free(z, high, 1, S_EXPAND)


cdef inline void take_out(zone_t *z, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """Unlink a free chunk from whatever list it is on; nr_free follows."""
    unlink_free(z, p, order, site)
    mod_nr_free(z, order, -1, site)


cdef inline uint32_t __rmqueue_smallest(zone_t *z, unsigned order, unsigned mt) noexcept nogil:
    """Head of the smallest chunk of this type that is large enough, cut to size; NIL if none."""
    cdef unsigned fits = z.nonempty[mt] >> order
    cdef unsigned current
    cdef uint32_t p
    if not fits:
        return NIL
    current = order + zs_lowest_bit(fits)
    p = z.lists[mt][current].head
    take_out(z, p, current, S_RMQUEUE_SMALLEST)
    prefetch_page(&z.pages, z.lists[mt][current].head)
    expand(z, p, order, current, mt)
    account_freepages(z, p, -(1 << order), mt)
    return p


# ---- moving ----

cdef inline uint32_t move_to_free_list(zone_t *z, uint32_t p, unsigned order, unsigned old,
                                       unsigned mt, int counted, uint8_t site) noexcept nogil:
    """Move one free chunk to the list of `mt`, head or tail as the model has it; returns its pages.

    Args:
        old: the type that the caller says it had.
        counted: what it adds to nr_free of its order (see move_freepages_block).
    """
    unlink_free(z, p, order, site)
    if z.policy.move_to_tail:
        link_tail(z, p, order, mt, site)
    else:
        link_head(z, p, order, mt, site)
    if counted:
        mod_nr_free(z, order, counted, site)
    account_freepages(z, p, -(1 << order), old)
    account_freepages(z, p, 1 << order, mt)
    return 1u << order


cdef inline uint32_t next_free_head(const pages_t *pages, uint32_t p, uint32_t last) noexcept nogil:
    """First head of a free chunk from p on that is smaller than its block; `last` or beyond: none."""
    cdef uint8_t state
    while p < last:
        state = single_state(pages, p)
        if state & KIND_MASK == FREE:
            break
        p += pages_of(state)
    return p


cdef inline uint32_t move_freepages_block(zone_t *z, uint32_t p, unsigned old, unsigned mt,
                                          int counted) noexcept nogil:
    """Move every free chunk that begins in p's pageblock to the list of `mt`; types no block.

    A block that begins before the zone is looked at from p on; one that ends beyond it is left alone.

    Args:
        old: the block's type before whoever moves them changed it.
        counted: what each chunk adds to nr_free of its order (0 in every kernel; the seed patch's
            hotplug_move_freepages: -1 to ISOLATE, +1 from it).

    Returns:
        pages moved; a chunk larger than the block counts whole.
    """
    cdef uint32_t first = p >> z.block_order << z.block_order
    cdef uint32_t last = first + (1u << z.block_order)
    cdef uint32_t moved = 0
    cdef uint32_t head
    cdef uint8_t state
    if last > z.end or block_fill(&z.pages, block_of(z, p)):
        return 0
    if first < z.start:
        if z.policy.isolate_ragged_refused:
            return 0
        first = p
    head = head_over(z, block_of(z, p))
    if head != NIL and head < first:
        return 0
    if on_top(&z.pages, first):
        state = page_state(&z.pages, first)
        if state & KIND_MASK == FREE:
            moved = move_to_free_list(z, first, state & ORDER_MASK, old, mt, counted,
                                      S_MOVE_FREEPAGES)
        last = first
    first = next_free_head(&z.pages, first, last)
    while first < last:
        state = single_state(&z.pages, first)
        moved += move_to_free_list(z, first, state & ORDER_MASK, old, mt, counted, S_MOVE_FREEPAGES)
        first = next_free_head(&z.pages, first + pages_of(state), last)
    stamp_block(z, block_of(z, p))
    return moved
