"""Boot: the memory map as it is before the first free, and how its pages are handed over (x86)."""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.builtin cimport zs_lowest_bit
from sim_core.mm.log cimport S_FREE_ALL_BOOTMEM
from sim_core.mm.memory cimport memory_t
from sim_core.mm.page cimport (
    HOLE, RESERVED, block_fill, fill_at_boot, open_block, page_state, set_run,
)
from sim_core.mm.page_alloc cimport __free_pages_ok
from sim_core.mm.pcpsizes cimport setup_pageset
from sim_core.mm.policy cimport BOOT_CHUNKS_TO_TAIL
from sim_core.mm.sizes cimport (
    init_per_zone_wmark_min, refresh_zone_stat_thresholds, setup_per_zone_lowmem_reserve,
    setup_per_zone_wmarks,
)
from sim_core.mm.zone cimport (
    CMA, NR_RESERVED, PRESENT_PAGES, block_of, zone_t,
)

cdef enum:
    BOOT_CHUNK_ORDER = 6   # nobootmem gives back BITS_PER_LONG pages at a time


cdef inline void punch_hole(zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Pages [first, last), reserved so far, have no struct page."""
    cdef uint32_t b, size = 1u << z.block_order, start, end
    for b in range(block_of(z, first), block_of(z, last - 1) + 1):
        start = max(first, b << z.block_order)
        end = min(last, (b + 1) << z.block_order)
        if end - start == size:
            fill_at_boot(&z.pages, b, HOLE)
        else:
            open_block(&z.pages, b, S_FREE_ALL_BOOTMEM)
            set_run(&z.pages, start, end - start, RESERVED, HOLE, S_FREE_ALL_BOOTMEM)
    z.holes += last - first
    mod_stat(z, NR_RESERVED, -<long long> (last - first), S_FREE_ALL_BOOTMEM)


cdef inline int free_now(zone_t *z, uint32_t p, unsigned order, bint to_tail) noexcept nogil:
    """A reserved chunk by the direct path, order 0 too; 0 or a negative Bug."""
    return __free_pages_ok(z, p, order, to_tail, S_FREE_ALL_BOOTMEM)


cdef inline int free_largest_chunks(zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """Free [p, last), ascending, in the largest aligned chunks, to the tails: memblock and onlining, 6.x.

    Returns:
        0 or a negative Bug.
    """
    cdef unsigned order
    cdef int ret
    while p < last:
        order = z.max_order - 1
        if p:
            order = min(order, zs_lowest_bit(p))
        while p + (1u << order) > last:
            order -= 1
        ret = free_now(z, p, order, True)
        if ret:
            return ret
        p += 1u << order
    return 0


cdef inline void free_words(zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """Free [p, last), ascending: 64 pages at a time where they are aligned, single pages at the ends
    (free_all_bootmem, 3.x).

    Where a whole largest chunk is free, its 64-page pieces end up as that chunk at the head of its
    list; it is freed as such, so that booting touches no page record of it.
    """
    cdef unsigned top = z.max_order - 1
    cdef unsigned order = min(<unsigned> BOOT_CHUNK_ORDER, top)
    cdef uint32_t largest = 1u << top
    cdef uint32_t piece = 1u << order
    while p < last:
        if p & (largest - 1) == 0 and p + largest <= last:
            free_now(z, p, top, False)
            p += largest
        elif p & (piece - 1) == 0 and p + piece <= last:
            free_now(z, p, order, False)
            p += piece
        else:
            free_now(z, p, 0, False)
            p += 1


cdef inline bint held_back(const zone_t *z, uint32_t b) noexcept nogil:
    """Is the block no memory, or of a CMA area, which is reserved until its own turn?"""
    return block_fill(&z.pages, b) == HOLE or z.block_type[b] == CMA


cdef inline void free_zone(zone_t *z) noexcept nogil:
    """Free all memory of a zone that is there, but for its CMA areas."""
    cdef uint32_t p = z.start, first, b
    while p < z.end:
        b = block_of(z, p)
        if held_back(z, b):
            p = (b + 1) << z.block_order
            continue
        if page_state(&z.pages, p) == HOLE:
            p += 1
            continue
        first = p
        while p < z.end:
            b = block_of(z, p)
            if held_back(z, b) or page_state(&z.pages, p) == HOLE:
                break
            p = (b + 1) << z.block_order if block_fill(&z.pages, b) else p + 1
        if z.policy.boot == BOOT_CHUNKS_TO_TAIL:
            free_largest_chunks(z, first, min(p, z.end))
        else:
            free_words(z, first, min(p, z.end))
        mod_stat(z, PRESENT_PAGES, min(p, z.end) - first, S_FREE_ALL_BOOTMEM)


cdef inline void init_cma_reserved_pageblocks(zone_t *z) noexcept nogil:
    """Give the CMA areas to their own lists, a pageblock at a time."""
    cdef uint32_t b
    for b in range(z.first_block, z.last_block):
        if z.block_type[b] == CMA:
            free_now(z, b << z.block_order, z.block_order, False)
            mod_stat(z, PRESENT_PAGES, 1 << z.block_order, S_FREE_ALL_BOOTMEM)


cdef inline void boot(memory_t *m, int64_t min_free_kbytes) noexcept nogil:
    """Free all memory of every zone, then size watermarks, pcp lists and RESERVE blocks.

    Args:
        min_free_kbytes: negative: worked out.
    """
    cdef unsigned i
    for i in range(m.nr_zones):
        free_zone(&m.zones[i])
        init_cma_reserved_pageblocks(&m.zones[i])
        setup_pageset(m, &m.zones[i])
        m.zones[i].live = True
    if min_free_kbytes < 0:
        init_per_zone_wmark_min(m)
    else:
        setup_per_zone_wmarks(m, min_free_kbytes)
        setup_per_zone_lowmem_reserve(m)
    refresh_zone_stat_thresholds(m)
