"""Contiguous ranges: alloc_contig_range and free_contig_range of mm/page_alloc.c."""

from libc.errno cimport EAGAIN, EBUSY, ENOMEM
from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.hotplug cimport HANGS, migrate_away
from sim_core.mm.inuse cimport free_pages, give_handle
from sim_core.mm.isolate cimport (
    start_isolate_page_range, test_pages_isolated, undo_isolate_page_range,
)
from sim_core.mm.log cimport S_PREP_NEW_PAGE
from sim_core.mm.memory cimport memory_t
from sim_core.mm.page cimport FREE, KIND_MASK, NIL, ORDER_MASK, page_state, pages_of
from sim_core.mm.page_alloc cimport drain_isolated, free_unref_page
from sim_core.mm.policy cimport SPLIT_ABOVE_LOW, STRADDLE_AT_RANGE_EDGES
from sim_core.mm.take cimport split_free_page
from sim_core.mm.watermark cimport zone_watermark_ok
from sim_core.mm.zone cimport NR_ALLOCATED, WMARK_LOW, in_zone, this_cpu, zone_t
from sim_core.mm.zonelist cimport highest_kernel_zone


cdef inline unsigned contig_order(const zone_t *z) noexcept nogil:
    """Ranges are isolated in pieces of max(MAX_ORDER - 1, pageblock_order); in 6.x, which splits the
    chunks that straddle the range's ends, in pageblocks."""
    if z.policy.straddle >= STRADDLE_AT_RANGE_EDGES:
        return z.block_order
    return max(z.max_order - 1, z.block_order)


cdef inline uint32_t pfn_max_align_down(const zone_t *z, uint32_t p) noexcept nogil:
    """Block at which the isolation of a range from p on begins."""
    return max(p >> contig_order(z) << (contig_order(z) - z.block_order), z.first_block)


cdef inline uint32_t pfn_max_align_up(const zone_t *z, uint32_t p) noexcept nogil:
    """Block before which the isolation of a range up to p ends."""
    cdef uint32_t pieces = ((p - 1) >> contig_order(z)) + 1
    return min(pieces << (contig_order(z) - z.block_order), z.last_block)


cdef inline uint32_t find_outer_start(const zone_t *z, uint32_t start) noexcept nogil:
    """Head of the free chunk that start lies in, looked for an order at a time; NIL: there is none.

    As in old kernels, a head that does not reach up to start will do: what lies between is tested.
    """
    cdef uint32_t p = start
    cdef unsigned order = 0
    while not in_zone(z, p) or page_state(&z.pages, p) & KIND_MASK != FREE:
        order += 1
        if order >= z.max_order:
            return NIL
        p = p >> order << order
    return p


cdef inline bint reclaim_suffices(zone_t *z, uint32_t count) noexcept nogil:
    """__reclaim_pages, until 3.7: the marks rise by `count`, and `count` pages are asked for above LOW.

    A kernel reclaims until that holds. Here nothing is reclaimed, so it holds or the range is refused.
    """
    if not z.live or z.policy.split_watermark != SPLIT_ABOVE_LOW:
        return True
    return zone_watermark_ok(z, 0, z.watermark[WMARK_LOW] + 2 * <int64_t> count, 0, 0)


cdef inline int free_single_pages(zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """__free_page on each page of [p, last), which has no handle yet; 0 or a negative Bug."""
    cdef int ret
    while p < last:
        ret = free_unref_page(z, this_cpu(z), p, 0)
        if ret:
            return ret
        p += 1
    return 0


cdef inline int isolate_freepages_range(zone_t *z, uint32_t start, uint32_t end,
                                        uint32_t *outer_end) noexcept nogil:
    """Split every chunk of [start, end) into single pages in use, strictly: all of them or none.

    Args:
        outer_end: OUT, where the last chunk ended.

    Returns:
        0, -EBUSY, or a negative Bug.
    """
    cdef uint32_t p = start
    cdef uint8_t state
    cdef int ret
    while p < end:
        state = page_state(&z.pages, p)
        if state & KIND_MASK != FREE or not split_free_page(z, p, state & ORDER_MASK):
            ret = free_single_pages(z, start, p)
            return ret if ret else -EBUSY
        p += pages_of(state)
    outer_end[0] = p
    return 0


cdef inline void take_range(memory_t *m, zone_t *z, uint32_t start, uint32_t end) noexcept nogil:
    """A handle for each page; the caller has made room."""
    cdef uint32_t p
    for p in range(start, end):
        give_handle(m, z, p, 0)
    mod_stat(z, NR_ALLOCATED, end - start, S_PREP_NEW_PAGE)


cdef inline int grab_range(memory_t *m, zone_t *z, uint32_t start, uint32_t end) noexcept nogil:
    """What alloc_contig_range does while the blocks are isolated: 0, -EBUSY, -ENOMEM or a Bug."""
    cdef uint32_t outer_start, outer_end
    cdef int ret
    # Where isolation did so itself there is nothing left to drain.
    drain_isolated(z)
    ret = migrate_away(m, z, start, end, highest_kernel_zone(m))
    if ret:
        # The kernel tries five times and says EBUSY, whatever it was that stayed.
        return -EBUSY if ret == -EAGAIN else ret
    drain_isolated(z)
    outer_start = find_outer_start(z, start)
    if outer_start == NIL or not test_pages_isolated(z, outer_start, end):
        return -EBUSY
    if not reclaim_suffices(z, end - start):
        return -ENOMEM
    ret = isolate_freepages_range(z, outer_start, end, &outer_end)
    if ret:
        return ret
    take_range(m, z, start, end)
    ret = free_single_pages(z, outer_start, start)
    return ret if ret else free_single_pages(z, end, outer_end)


cdef inline int alloc_contig_range(memory_t *m, zone_t *z, uint32_t start, uint32_t end,
                                   unsigned mt) noexcept nogil:
    """Take pages [start, end), all of them: isolate, migrate, drain, test, split, give the rest back.

    The blocks around have type `mt` afterwards, whatever they had and however it went. The caller
    has made room for end - start handles.

    Returns:
        0; -EBUSY: a page cannot be moved, or is not there to be had; -ENOMEM: no page to migrate to,
        or the low watermark would not hold; -HANGS; or a negative Bug.
    """
    cdef uint32_t first = pfn_max_align_down(z, start), last = pfn_max_align_up(z, end)
    cdef int ret = start_isolate_page_range(z, first, last, mt)
    if ret:
        return ret
    ret = grab_range(m, z, start, end)
    if ret > -HANGS:
        undo_isolate_page_range(z, first, last, mt)
    return ret


cdef inline int free_contig_range(memory_t *m, zone_t *z, uint32_t start, uint32_t end) noexcept nogil:
    """Give pages [start, end) back one by one; 0 or a negative Bug."""
    cdef uint32_t p
    cdef int ret
    for p in range(start, end):
        ret = free_pages(m, z, p, 0)
        if ret:
            return ret
    return 0
