"""Pageblocks set aside for requests of higher orders that cannot wait (6.x): how they come about."""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.buddy cimport (
    change_pageblock_range, migratetype_is_mergeable, move_freepages_block,
    set_pageblock_migratetype,
)
from sim_core.mm.log cimport S_RESERVE_HIGHATOMIC
from sim_core.mm.policy cimport RESERVE_BLOCKS, RESERVE_HIGHATOMIC_BLOCK
from sim_core.mm.zone cimport (
    HIGHATOMIC, NR_RESERVED_HIGHATOMIC, PRESENT_PAGES, block_of, pageblock_migratetype,
    whole_in_zone, zone_t,
)


cdef inline int64_t most_reserved(const zone_t *z) noexcept nogil:
    """A hundredth of the zone in whole pageblocks: 6.1 has one more, 6.12 none below one."""
    cdef int64_t block = <int64_t> 1 << z.block_order
    cdef int64_t share = z.stat[PRESENT_PAGES] // 100
    if z.policy.reserve == RESERVE_HIGHATOMIC_BLOCK:
        return share + block
    if share < block:
        return 0
    return (share + block - 1) >> z.block_order << z.block_order


cdef inline void reserve_highatomic_pageblock(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """After a request that could not wait was served with p: its block is kept for the next such.

    Pages that are in use there go on; what is free moves to the HIGHATOMIC lists.
    """
    cdef unsigned old = pageblock_migratetype(z, p)
    if (z.policy.reserve == RESERVE_BLOCKS or not migratetype_is_mergeable(old)
            or z.stat[NR_RESERVED_HIGHATOMIC] >= most_reserved(z)):
        return
    if z.policy.reserve == RESERVE_HIGHATOMIC_BLOCK:
        mod_stat(z, NR_RESERVED_HIGHATOMIC, 1 << z.block_order, S_RESERVE_HIGHATOMIC)
        set_pageblock_migratetype(z, p, HIGHATOMIC)
        move_freepages_block(z, p, old, HIGHATOMIC, 0)
    elif order >= z.block_order:
        change_pageblock_range(z, p, order, HIGHATOMIC)
        mod_stat(z, NR_RESERVED_HIGHATOMIC, 1 << order, S_RESERVE_HIGHATOMIC)
    elif whole_in_zone(z, block_of(z, p)):
        move_freepages_block(z, p, old, HIGHATOMIC, 0)
        set_pageblock_migratetype(z, p, HIGHATOMIC)
        mod_stat(z, NR_RESERVED_HIGHATOMIC, 1 << z.block_order, S_RESERVE_HIGHATOMIC)
