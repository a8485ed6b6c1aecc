"""What sizes a zone's pcp lists: zone_batchsize, and how far they may fill."""

from libc.stdint cimport int64_t, uint32_t

from sim_core.mm.account cimport set_pcp_size
from sim_core.mm.log cimport S_ZONE_PCP_UPDATE
from sim_core.mm.memory cimport memory_t
from sim_core.mm.page_alloc cimport drain_zone
from sim_core.mm.policy cimport SIZES_PRESENT, SIZES_TUNED
from sim_core.mm.zone cimport PRESENT_PAGES, WMARK_LOW, zone_t

cdef enum:
    BATCH_PAGES_MAX = 128              # 512 KiB, before it is quartered
    BATCH_PAGES_MAX_6 = 256            # 1 MiB
    HIGHMARK_BATCH_MAX = 96            # PAGE_SHIFT * 8: a batch of lists sized by a fraction (3.x)
    HIGH_FRACTION_LEAST = 8            # MIN_PERCPU_PAGELIST_HIGH_FRACTION: an eighth of the zone


cdef inline uint32_t zone_batchsize(int64_t pages, int64_t most) noexcept nogil:
    """Pages a pcp takes or gives at once, before the floor of 1.

    Args:
        most: BATCH_PAGES_MAX of the era.
    """
    cdef int64_t batch = min(pages // 1024, most) // 4
    cdef int64_t power = 1
    if batch < 1:
        batch = 1
    batch += batch // 2
    while power * 2 <= batch:
        power *= 2
    return <uint32_t> (power - 1)


cdef inline void size_by_present(zone_t *z, int64_t pages, int64_t fraction) noexcept nogil:
    """setup_pageset; with a fraction setup_pagelist_highmark (3.5 to 3.19)."""
    cdef uint32_t batch = zone_batchsize(pages, BATCH_PAGES_MAX)
    cdef int64_t high = 6 * batch
    if fraction:
        high = pages // fraction
        batch = <uint32_t> min(high // 4, <int64_t> HIGHMARK_BATCH_MAX)
    set_pcp_size(z, <uint32_t> high, <uint32_t> high, max(1, batch), S_ZONE_PCP_UPDATE)


cdef inline int64_t zone_highsize(const zone_t *z, int64_t pages, int64_t batch,
                                  int64_t fraction) noexcept nogil:
    """Each CPU's share of LOW or, with a fraction, of the zone; four batches at least (6.x)."""
    cdef int64_t total = pages // fraction if fraction else z.watermark[WMARK_LOW]
    return max(total // z.cpus, 4 * batch)


cdef inline void setup_pageset(memory_t *m, zone_t *z) noexcept nogil:
    """Size the pcp lists by the zone's pages, unless a person has sized them."""
    cdef int64_t pages = z.stat[PRESENT_PAGES], fraction = m.tunables.percpu_pagelist_fraction
    cdef int64_t high, high_max
    cdef uint32_t batch
    if not z.pcp_derived:
        return
    if z.policy.zone_sizes == SIZES_PRESENT:
        size_by_present(z, pages, fraction)
        return
    batch = max(1, zone_batchsize(pages, BATCH_PAGES_MAX_6))
    high = zone_highsize(z, pages, batch, fraction)
    high_max = high
    if z.policy.zone_sizes == SIZES_TUNED and not fraction:
        high_max = zone_highsize(z, pages, batch, HIGH_FRACTION_LEAST)
    set_pcp_size(z, <uint32_t> high, <uint32_t> high_max, batch, S_ZONE_PCP_UPDATE)


cdef inline void zone_pcp_update(memory_t *m, zone_t *z) noexcept nogil:
    drain_zone(z)
    setup_pageset(m, z)
