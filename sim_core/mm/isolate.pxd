"""Isolation of pageblocks: mm/page_alloc.c and mm/page_isolation.c, v3.5."""

from libc.errno cimport EBUSY
from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport context, mod_block_free, mod_nr_free, mod_stat
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.freelist cimport unlink_free
from sim_core.mm.log cimport (
    S_OFFLINE_ISOLATED_PAGES, S_SET_MIGRATETYPE_ISOLATE, S_SPLIT_FREE_PAGE,
    S_UNSET_MIGRATETYPE_ISOLATE,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, FREE, HOLE, KIND_MASK, MIGRATING, NIL, OFFLINE, ORDER_MASK, PINNED,
    RESERVED, TAIL, page_attr, page_state, set_fill, set_run,
)
from sim_core.mm.pcp cimport drain_all_pages
from sim_core.mm.policy cimport when
from sim_core.mm.watermark cimport zone_watermark_ok
from sim_core.mm.zone cimport (
    CMA, ISOLATE, MOVABLE, NR_FREE_PAGES, NR_OFFLINE, WMARK_LOW, in_zone, pageblock_migratetype,
    zone_t,
)

cdef inline uint32_t first_valid_page(const zone_t *z, uint32_t b) noexcept nogil:
    """First page of a block that is in the zone and no hole; NIL if there is none."""
    cdef uint32_t p
    for p in range(max(b << z.block_order, z.start), min((b + 1) << z.block_order, z.end)):
        if page_state(&z.pages, p) != HOLE:
            return p
    return NIL


cdef inline bint has_unmovable_pages(const zone_t *z, uint32_t p) noexcept nogil:
    """Is one of the pageblock_nr_pages pages from p on (p need not be a block's first) referenced and
    not on the LRU? A MOVABLE or CMA block is not even looked at. Pages beyond the zone are in use."""
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef uint32_t last = p + (1u << z.block_order)
    cdef uint8_t kind, state
    if mt == MOVABLE or mt == CMA:
        return False
    while p < last:
        if not in_zone(z, p):
            return True
        state = page_state(&z.pages, p)
        kind = state & KIND_MASK
        if state == TAIL:
            p += 1
            continue
        if kind == FREE:
            p += 1u << (state & ORDER_MASK)
            continue
        if kind == RESERVED:
            return True
        if kind == ALLOCATED or kind == PINNED or kind == MIGRATING:
            if not page_attr(&z.pages, p) & ATTR_LRU:
                return True
        p += 1
    return False


cdef inline int set_migratetype_isolate(zone_t *z, uint32_t p) noexcept nogil:
    """Type the block of p ISOLATE and move its free chunks there; then drain every pcp.

    Pages that a drain brings back into the block go under the type they remember, not under ISOLATE.

    Returns:
        0, or -EBUSY if the block holds pages that cannot be moved away.
    """
    cdef uint32_t moved
    cdef unsigned facts = context(ISOLATE, pageblock_migratetype(z, p), ISOLATE)
    if has_unmovable_pages(z, p):
        return -EBUSY
    set_pageblock_migratetype(z, p, ISOLATE)
    moved = move_freepages_block(z, p, ISOLATE, -<int> when(z.policy.set_isolate_nr_free, facts))
    if moved and when(z.policy.set_isolate_nr, facts):
        mod_stat(z, NR_FREE_PAGES, -<long long> moved, S_SET_MIGRATETYPE_ISOLATE)
    drain_all_pages(z)
    return 0


cdef inline void unset_migratetype_isolate(zone_t *z, uint32_t p, unsigned mt) noexcept nogil:
    """If the block of p is ISOLATE, give it type `mt` and move its free chunks there."""
    cdef uint32_t moved
    cdef unsigned facts = context(mt, ISOLATE, ISOLATE)
    if pageblock_migratetype(z, p) != ISOLATE:
        return
    set_pageblock_migratetype(z, p, mt)
    moved = move_freepages_block(z, p, mt, when(z.policy.unset_isolate_nr_free, facts))
    if moved and when(z.policy.unset_isolate_nr, facts):
        mod_stat(z, NR_FREE_PAGES, moved, S_UNSET_MIGRATETYPE_ISOLATE)


cdef inline void undo_isolate_page_range(zone_t *z, uint32_t first, uint32_t last,
                                         unsigned mt) noexcept nogil:
    """Blocks [first, last), ascending."""
    cdef uint32_t b, p
    for b in range(first, last):
        p = first_valid_page(z, b)
        if p != NIL:
            unset_migratetype_isolate(z, p, mt)


cdef inline int start_isolate_page_range(zone_t *z, uint32_t first, uint32_t last,
                                         unsigned mt) noexcept nogil:
    """Isolate blocks [first, last), ascending; on a refusal give the earlier ones type `mt` again."""
    cdef uint32_t b, p
    for b in range(first, last):
        p = first_valid_page(z, b)
        if p != NIL and set_migratetype_isolate(z, p):
            undo_isolate_page_range(z, first, b, mt)
            return -EBUSY
    return 0


cdef inline bint test_pages_isolated(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Is every block of pages [first, last) ISOLATE, and made of free chunks (and holes) alone?

    On which list a chunk is, is not asked. One that reaches beyond `last` will do.
    """
    cdef uint32_t b, p = first
    cdef uint8_t state
    for b in range(first >> z.block_order, ((last - 1) >> z.block_order) + 1):
        if z.block_type[b] != ISOLATE and first_valid_page(z, b) != NIL:
            return False
    while p < last:
        state = page_state(&z.pages, p)
        if state & KIND_MASK == FREE:
            p += 1u << (state & ORDER_MASK)
        elif state == HOLE:
            p += 1
        else:
            return False
    return True


cdef inline void take_chunk(zone_t *z, uint32_t p, unsigned order, uint8_t nr_table,
                            uint8_t nr_free_table, uint8_t site) noexcept nogil:
    """Take a free chunk off its list, with the counters that the model's tables say."""
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef unsigned listed = unlink_free(z, p, order, site)
    cdef unsigned facts = context(mt, mt, listed)
    if when(nr_free_table, facts):
        mod_nr_free(z, order, -1, site)
    if when(nr_table, facts):
        mod_stat(z, NR_FREE_PAGES, -(1 << order), site)
    mod_block_free(z, p, order, -1, site)


cdef inline bint split_free_page(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Turn the free chunk at p into 2^order single pages in use.

    Returns:
        False, with nothing done, if the zone would fall below its low watermark.
    """
    cdef int64_t free = max(z.stat[NR_FREE_PAGES], <int64_t> 0)
    cdef uint32_t page
    cdef unsigned mt
    if z.live and not zone_watermark_ok(z.nr_free, 0, z.watermark[WMARK_LOW] + (1 << order), 0, 0,
                                        free, z.policy.watermark_unsigned):
        return False
    take_chunk(z, p, order, z.policy.split_nr, z.policy.split_nr_free, S_SPLIT_FREE_PAGE)
    set_run(&z.pages, p, 1u << order, TAIL, ALLOCATED, S_SPLIT_FREE_PAGE)
    if order + 1 >= z.block_order:
        page = p
        while page < p + (1u << order) - 1:
            mt = pageblock_migratetype(z, page)
            if mt != ISOLATE and mt != CMA:
                set_pageblock_migratetype(z, page, MOVABLE)
            page += 1u << z.block_order
    return True


cdef inline void offline_isolated_pages(zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """__offline_isolated_pages: take the chunks of [first, last) off the lists and reserve their pages.

    The range must be made of free chunks and holes; one that reaches beyond `last` goes whole.
    """
    cdef uint32_t p = first, b
    cdef unsigned order
    while p < last:
        if page_state(&z.pages, p) == HOLE:
            p += 1
            continue
        order = page_state(&z.pages, p) & ORDER_MASK
        take_chunk(z, p, order, z.policy.offline_nr, z.policy.offline_nr_free,
                   S_OFFLINE_ISOLATED_PAGES)
        if order < z.block_order:
            set_run(&z.pages, p, 1u << order, TAIL, OFFLINE, S_OFFLINE_ISOLATED_PAGES)
        else:
            for b in range(p >> z.block_order, (p + (1u << order)) >> z.block_order):
                set_fill(&z.pages, b, OFFLINE, False, S_OFFLINE_ISOLATED_PAGES)
        mod_stat(z, NR_OFFLINE, 1 << order, S_OFFLINE_ISOLATED_PAGES)
        p += 1u << order
