"""The ways back to the buddy lists: free_one_page and what the seed patch puts beside it."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport (
    clear_unreclaimable, context, decides, has_isolate_pageblock, mod_block_free, mod_freepage_state,
    mod_nr_free, mod_stat,
)
from sim_core.mm.buddy cimport __free_one_page
from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.log cimport S_FREE_ONE_ISOLATED_PAGE, S_FREE_ONE_PAGE
from sim_core.mm.page cimport KIND_MASK, OFFLINE, RESERVED, open_whole, page_state, set_head
from sim_core.mm.policy cimport TYPE_BEFORE_LOCK, TYPE_RECHECKED
from sim_core.mm.zone cimport (
    ISOLATE, NR_OFFLINE, NR_RESERVED, pageblock_migratetype, zone_t,
)

cdef enum:  # Bug
    """Returned where the kernel stops in VM_BUG_ON or BUG_ON; beyond any errno."""
    BUG_ISOLATE_IN_FREE_ONE_PAGE = 1001
    BUG_NO_PROCESS_TO_KILL           # "Out of memory and no killable processes..."


cdef inline void free_pages_prepare(zone_t *z, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """Pages that no handle names stop being what they were (reserved, say) and are part of no chunk yet."""
    cdef uint8_t kind = page_state(&z.pages, p) & KIND_MASK
    if kind == RESERVED or kind == OFFLINE:
        open_whole(&z.pages, p, order, site)
        mod_stat(z, NR_RESERVED if kind == RESERVED else NR_OFFLINE, -(1 << order), site)
    else:
        set_head(&z.pages, p, order, 0, 0, site)


cdef inline void list_freed(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                            bint to_tail) noexcept nogil:
    """Merge, list and count a chunk that is part of nothing."""
    cdef unsigned facts = context(mt, pageblock_migratetype(z, p), mt)
    __free_one_page(z, p, order, mt, to_tail)
    mod_block_free(z, p, order, 1, S_FREE_ONE_PAGE)
    if decides(z, &z.policy.free_one_page_nr, facts, p, S_FREE_ONE_PAGE):
        mod_freepage_state(z, 1 << order, mt, S_FREE_ONE_PAGE)


cdef inline void free_by_blocks(zone_t *z, uint32_t p, unsigned order, bint to_tail) noexcept nogil:
    """split_large_buddy: list a chunk block by block, ascending, each under its own type."""
    cdef uint32_t last = p + (1u << order)
    while p < last:
        list_freed(z, p, z.block_order, pageblock_migratetype(z, p), to_tail)
        p += 1u << z.block_order


cdef inline unsigned locked_type(const zone_t *z, uint32_t p, unsigned mt) noexcept nogil:
    """The type to free p under, once the lock is taken.

    Args:
        mt: what was read before.
    """
    if z.policy.free_type_read == TYPE_BEFORE_LOCK:
        return mt
    if (z.policy.free_type_read == TYPE_RECHECKED and mt != ISOLATE
            and not has_isolate_pageblock(z)):
        return mt
    return pageblock_migratetype(z, p)


cdef inline void free_one_page(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                               bint to_tail) noexcept nogil:
    """Free a chunk that is part of nothing and whose type was read as `mt`."""
    clear_unreclaimable(z, S_FREE_ONE_PAGE)
    if zs_rare(order > z.block_order and z.policy.free_splits_blocks):
        free_by_blocks(z, p, order, to_tail)
    else:
        list_freed(z, p, order, locked_type(z, p, mt), to_tail)


cdef inline void free_one_isolated_page(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """The seed patch's way in: list the chunk, count nothing, and roll nr_free back at the order freed.

    The chunk may by then have another order: that is defect D1 of the patch.
    """
    clear_unreclaimable(z, S_FREE_ONE_ISOLATED_PAGE)
    __free_one_page(z, p, order, ISOLATE, False)
    mod_block_free(z, p, order, 1, S_FREE_ONE_ISOLATED_PAGE)
    mod_nr_free(z, order, -1, S_FREE_ONE_ISOLATED_PAGE)
