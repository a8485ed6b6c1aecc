"""Free chunks taken off their lists for good: split_free_page, __isolate_free_page, offlining."""

from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport (
    account_freepages, context, decides, mod_block_free, mod_freepage_state, mod_nr_free, mod_stat,
)
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.freelist cimport unlink_free
from sim_core.mm.log cimport S_OFFLINE_ISOLATED_PAGES, S_SPLIT_FREE_PAGE
from sim_core.mm.page cimport (
    ALLOCATED, HOLE, OFFLINE, ORDER_MASK, TAIL, page_state, set_fill, set_run,
)
from sim_core.mm.policy cimport (
    SPLIT_ABOVE_LOW, SPLIT_ABOVE_MIN_UNLESS_ISOLATE,
)
from sim_core.mm.watermark cimport ALLOC_CMA, zone_watermark_ok
from sim_core.mm.zone cimport (
    CMA, HIGHATOMIC, ISOLATE, MOVABLE, NR_FREE_PAGES, NR_OFFLINE, WMARK_LOW, WMARK_MIN, block_of,
    pageblock_migratetype, whole_in_zone, zone_t,
)


cdef inline void take_chunk(zone_t *z, uint32_t p, unsigned order, unsigned mt, const uint8_t *nr_table,
                            const uint8_t *nr_free_table, uint8_t site) noexcept nogil:
    """Take a free chunk off its list, with the counters that the model's tables say.

    Args:
        mt: the type it is counted as; offlining says ISOLATE, and so counts no CMA pages.
    """
    cdef unsigned block = pageblock_migratetype(z, p)
    cdef unsigned listed = unlink_free(z, p, order, site)
    cdef unsigned facts = context(block, block, listed)
    if decides(z, nr_free_table, facts, p, site):
        mod_nr_free(z, order, -1, site)
    if decides(z, nr_table, facts, p, site):
        mod_freepage_state(z, -(1 << order), mt, site)
    account_freepages(z, p, -(1 << order), mt)
    mod_block_free(z, p, order, -1, site)


cdef inline void isolate_chunk(zone_t *z, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """__isolate_free_page without its watermark: the chunk leaves its list, its blocks become MOVABLE.

    From 6.12 the other free chunks of such a block move along.
    """
    cdef uint32_t page = p
    cdef unsigned mt
    take_chunk(z, p, order, pageblock_migratetype(z, p), &z.policy.split_nr, &z.policy.split_nr_free,
               site)
    if order + 1 < z.block_order:
        return
    while page < p + (1u << order) - 1:
        mt = pageblock_migratetype(z, page)
        if mt != ISOLATE and mt != CMA and mt != HIGHATOMIC:
            if not z.policy.split_moves:
                set_pageblock_migratetype(z, page, MOVABLE)
            elif whole_in_zone(z, block_of(z, page)):
                move_freepages_block(z, page, mt, MOVABLE, 0)
                set_pageblock_migratetype(z, page, MOVABLE)
        page += 1u << z.block_order


cdef inline bint split_free_page(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Turn the free chunk at p into 2^order single pages in use.

    Returns:
        False, with nothing done, if the zone would fall below its watermark: 6.x lets CMA pages count
        towards MIN.
    """
    cdef unsigned rule = z.policy.split_watermark
    cdef bint above_min = rule == SPLIT_ABOVE_MIN_UNLESS_ISOLATE
    cdef int64_t mark = z.watermark[WMARK_MIN if above_min else WMARK_LOW] + (1 << order)
    if (z.live and (rule == SPLIT_ABOVE_LOW or pageblock_migratetype(z, p) != ISOLATE)
            and not zone_watermark_ok(z, 0, mark, 0, ALLOC_CMA if above_min else 0)):
        return False
    isolate_chunk(z, p, order, S_SPLIT_FREE_PAGE)
    set_run(&z.pages, p, 1u << order, TAIL, ALLOCATED, S_SPLIT_FREE_PAGE)
    return True


cdef inline void offline_isolated_pages(zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """__offline_isolated_pages: take the chunks of [first, last) off the lists, out of use.

    The range must be made of free chunks and holes; one that reaches beyond `last` goes whole.
    """
    cdef uint32_t p = first, b
    cdef unsigned order
    while p < last:
        if page_state(&z.pages, p) == HOLE:
            p += 1
            continue
        order = page_state(&z.pages, p) & ORDER_MASK
        take_chunk(z, p, order, ISOLATE, &z.policy.offline_nr, &z.policy.offline_nr_free,
                   S_OFFLINE_ISOLATED_PAGES)
        if order < z.block_order:
            set_run(&z.pages, p, 1u << order, TAIL, OFFLINE, S_OFFLINE_ISOLATED_PAGES)
        else:
            for b in range(p >> z.block_order, (p + (1u << order)) >> z.block_order):
                set_fill(&z.pages, b, OFFLINE, False, S_OFFLINE_ISOLATED_PAGES)
        mod_stat(z, NR_OFFLINE, 1 << order, S_OFFLINE_ISOLATED_PAGES)
        p += 1u << order
