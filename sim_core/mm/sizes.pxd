"""What the sizes of a node's zones decide: min_free_kbytes, watermarks, lowmem reserves, thresholds
(init_per_zone_wmark_min and what it calls). Sizes are pages present, from 6.x on pages managed."""

from libc.stdint cimport int64_t, uint64_t

from sim_core.mm.account cimport set_lowmem_reserve, set_watermark
from sim_core.mm.log cimport S_SETUP_WMARKS
from sim_core.mm.memory cimport N_MIN_FREE_KBYTES, memory_t, set_node
from sim_core.mm.pcpsizes cimport setup_pageset
from sim_core.mm.policy cimport (
    LOWMEM_RESERVE_AT_LEAST_ONE, LOWMEM_RESERVE_NOT_TO_EMPTY, RESERVE_BLOCKS, SIZES_PRESENT,
    SIZES_TUNED,
)
from sim_core.mm.reserve cimport setup_zone_migrate_reserve
from sim_core.mm.zone cimport (
    PRESENT_PAGES, WMARK_HIGH, WMARK_LOW, WMARK_MIN, ZONE_HIGHMEM, ZONE_MOVABLE, ZONE_NORMAL,
    zone_t,
)

cdef enum:
    PAGE_KIB_SHIFT = 2
    MIN_FREE_KBYTES_MIN = 128
    MIN_FREE_KBYTES_MAX = 65536        # 3.x
    MIN_FREE_KBYTES_MAX_6 = 262144
    HIGHMEM_SHARE = 1024               # a highmem zone's MIN is that part of it ...
    HIGHMEM_MIN = 32                   # ... and at least SWAP_CLUSTER_MAX
    HIGHMEM_MIN_MAX = 128
    THRESHOLD_MAX = 125
    THRESHOLD_MEM_SHIFT = 15           # 128 MiB
    GIB_SHIFT = 18


cdef inline uint64_t int_sqrt(uint64_t x) noexcept nogil:
    """Largest whole number whose square is not above x."""
    cdef uint64_t root = 0, bit = <uint64_t> 1 << 62
    while bit > x:
        bit >>= 2
    while bit:
        if x >= root + bit:
            x -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    return root


# ---- watermarks ----

cdef inline bint is_highmem(const memory_t *m, const zone_t *z) noexcept nogil:
    """3.5 never takes ZONE_MOVABLE for highmem: the test names an option that does not exist."""
    if z.kind == ZONE_MOVABLE:
        return m.movable_is_highmem and z.policy.zone_sizes != SIZES_PRESENT
    return z.kind == ZONE_HIGHMEM


cdef inline bint has_fixed_min(const memory_t *m, const zone_t *z) noexcept nogil:
    """Is the zone's MIN a fixed part of it, and not a share of min_free_kbytes?"""
    return is_highmem(m, z) or (z.policy.zone_sizes == SIZES_TUNED and z.kind == ZONE_MOVABLE)


cdef inline int64_t nr_free_buffer_pages(const memory_t *m) noexcept nogil:
    """Pages above HIGH, as it stands, in the zones that the kernel's own data may lie in."""
    cdef int64_t pages = 0
    cdef unsigned i
    for i in range(m.nr_zones):
        if m.zones[i].kind <= ZONE_NORMAL:
            pages += max(m.zones[i].stat[PRESENT_PAGES] - m.zones[i].watermark[WMARK_HIGH],
                         <int64_t> 0)
    return pages


cdef inline int64_t pages_sharing_min(const memory_t *m) noexcept nogil:
    """Pages of the zones among which min_free_kbytes is shared out."""
    cdef int64_t pages = 0
    cdef unsigned i
    for i in range(m.nr_zones):
        if not has_fixed_min(m, &m.zones[i]):
            pages += m.zones[i].stat[PRESENT_PAGES]
    return pages


cdef inline void setup_zone_wmarks(memory_t *m, zone_t *z, int64_t min_free_kbytes) noexcept nogil:
    """The three marks of one zone; a zone without pages has them too."""
    cdef int64_t pages = z.stat[PRESENT_PAGES], sharing = pages_sharing_min(m)
    cdef int64_t share = (min_free_kbytes >> PAGE_KIB_SHIFT) * pages // sharing if sharing else 0
    cdef int64_t least = share, low, high
    if has_fixed_min(m, z):
        least = min(max(pages // HIGHMEM_SHARE, <int64_t> HIGHMEM_MIN), <int64_t> HIGHMEM_MIN_MAX)
    if z.policy.zone_sizes == SIZES_PRESENT:
        low = least + (share >> 2)
        high = least + (share >> 1)
    else:
        low = least + max(share >> 2, pages * m.tunables.watermark_scale_factor // 10000)
        high = 2 * low - least
    set_watermark(z, WMARK_MIN, least + z.min_cma_pages, S_SETUP_WMARKS)
    set_watermark(z, WMARK_LOW, low + z.min_cma_pages, S_SETUP_WMARKS)
    set_watermark(z, WMARK_HIGH, high + z.min_cma_pages, S_SETUP_WMARKS)


cdef inline void setup_per_zone_wmarks(memory_t *m, int64_t min_free_kbytes) noexcept nogil:
    """The marks of every zone, and what follows from them: RESERVE blocks by MIN, or pcp sizes by LOW."""
    cdef unsigned i
    cdef zone_t *z
    set_node(m, N_MIN_FREE_KBYTES, min_free_kbytes, S_SETUP_WMARKS)
    for i in range(m.nr_zones):
        z = &m.zones[i]
        setup_zone_wmarks(m, z, min_free_kbytes)
        if z.policy.reserve == RESERVE_BLOCKS:
            setup_zone_migrate_reserve(z)
        if z.policy.zone_sizes != SIZES_PRESENT:
            setup_pageset(m, z)


# ---- reserves against higher zones ----

cdef inline int64_t reserve_against(const zone_t *z, const zone_t *upper, int64_t above,
                                    int64_t ratio) noexcept nogil:
    """What a zone keeps from requests that `upper` and all between could serve.

    Args:
        above: pages of those.
    """
    if z.policy.lowmem_reserve == LOWMEM_RESERVE_AT_LEAST_ONE:
        return above // max(ratio, <int64_t> 1)
    if ratio < 1 or z.stat[PRESENT_PAGES] == 0:
        return 0
    if z.policy.lowmem_reserve == LOWMEM_RESERVE_NOT_TO_EMPTY and upper.stat[PRESENT_PAGES] == 0:
        return 0
    return above // ratio


cdef inline void setup_per_zone_lowmem_reserve(memory_t *m) noexcept nogil:
    cdef int64_t above
    cdef unsigned i, upper
    for i in range(m.nr_zones):
        above = 0
        for upper in range(i + 1, m.nr_zones):
            above += m.zones[upper].stat[PRESENT_PAGES]
            set_lowmem_reserve(&m.zones[i], upper, reserve_against(
                &m.zones[i], &m.zones[upper], above, m.tunables.lowmem_reserve_ratio[i]))


cdef inline int64_t dirty_balance_reserve(const memory_t *m, unsigned zone) noexcept nogil:
    """HIGH and the largest of the reserves, at most the zone: what totalreserve_pages sums up."""
    cdef const zone_t *z = &m.zones[zone]
    cdef int64_t most = 0
    cdef unsigned upper
    for upper in range(zone, m.nr_zones):
        most = max(most, z.lowmem_reserve[upper])
    return min(most + z.watermark[WMARK_HIGH], z.stat[PRESENT_PAGES])


cdef inline int64_t totalreserve_pages(const memory_t *m) noexcept nogil:
    cdef int64_t pages = 0
    cdef unsigned i
    for i in range(m.nr_zones):
        pages += dirty_balance_reserve(m, i)
    return pages


cdef inline int64_t inactive_ratio(int64_t pages) noexcept nogil:
    """Active pages for each inactive one that reclaim leaves: the square root of ten times the GiB."""
    return <int64_t> max(int_sqrt(<uint64_t> (10 * (pages >> GIB_SHIFT))), <uint64_t> 1)


# ---- counters held back by CPUs ----

cdef inline int64_t fls(uint64_t x) noexcept nogil:
    """Number of the highest bit, from 1; 0 of 0."""
    cdef int64_t bits = 0
    while x:
        x >>= 1
        bits += 1
    return bits


cdef inline void refresh_zone_stat_thresholds(memory_t *m) noexcept nogil:
    """At boot alone: a later write of min_free_kbytes leaves both as they are."""
    cdef int64_t drift
    cdef unsigned i
    cdef zone_t *z
    for i in range(m.nr_zones):
        z = &m.zones[i]
        if z.stat[PRESENT_PAGES] == 0:
            continue
        z.stat_threshold = min(2 * fls(z.cpus) * (
            1 + fls(<uint64_t> z.stat[PRESENT_PAGES] >> THRESHOLD_MEM_SHIFT)), <int64_t> THRESHOLD_MAX)
        drift = z.cpus * z.stat_threshold
        z.percpu_drift_mark = (z.watermark[WMARK_HIGH] + drift
                               if drift > z.watermark[WMARK_LOW] - z.watermark[WMARK_MIN] else 0)


# ---- all of it ----

cdef inline int64_t derived_min_free_kbytes(const memory_t *m) noexcept nogil:
    """The square root of 16 times the KiB that are there above the old HIGH, within bounds."""
    cdef uint64_t lowmem = <uint64_t> nr_free_buffer_pages(m) << PAGE_KIB_SHIFT
    cdef int64_t most = (MIN_FREE_KBYTES_MAX if m.zones[0].policy.zone_sizes == SIZES_PRESENT
                         else MIN_FREE_KBYTES_MAX_6)
    return min(max(<int64_t> int_sqrt(lowmem * 16), <int64_t> MIN_FREE_KBYTES_MIN), most)


cdef inline void init_per_zone_wmark_min(memory_t *m) noexcept nogil:
    """At the end of boot, and whenever pages came or went."""
    setup_per_zone_wmarks(m, derived_min_free_kbytes(m))
    setup_per_zone_lowmem_reserve(m)
