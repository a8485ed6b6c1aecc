"""The only file that writes a counter."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport R_BLOCK_FREE, R_NR_FREE, R_PCP_SIZE, R_STAT, R_WATERMARK, log_put
from sim_core.mm.policy cimport BLOCK_ISOLATE, LIST_ISOLATE, PASSED_ISOLATE
from sim_core.mm.stamp cimport stamp_block
from sim_core.mm.zone cimport ISOLATE, zone_t

cdef inline unsigned context(unsigned passed, unsigned block, unsigned listed) noexcept nogil:
    """The facts on which a model's truth tables decide.

    Args:
        passed: migratetype that the caller passes on.
        block: migratetype of the page's pageblock.
        listed: migratetype of the list concerned.
    """
    return ((PASSED_ISOLATE if passed == ISOLATE else 0)
            | (BLOCK_ISOLATE if block == ISOLATE else 0)
            | (LIST_ISOLATE if listed == ISOLATE else 0))


cdef inline void mod_nr_free(zone_t *z, unsigned order, int64_t delta, uint8_t site) noexcept nogil:
    """free_area[order].nr_free += delta."""
    log_put(z.log, R_NR_FREE, site, <uint8_t> order, 0, <uint32_t> delta,
            <uint64_t> z.nr_free[order])
    z.nr_free[order] += delta


cdef inline void mod_stat(zone_t *z, unsigned which, int64_t delta, uint8_t site) noexcept nogil:
    """Add to one of the zone's counters of enum Stat (NR_FREE_PAGES: __mod_zone_page_state)."""
    log_put(z.log, R_STAT, site, <uint8_t> which, 0, <uint32_t> delta, <uint64_t> z.stat[which])
    z.stat[which] += delta


cdef inline void mod_block_free(zone_t *z, uint32_t p, unsigned order, int sign,
                                uint8_t site) noexcept nogil:
    """Pages of each pageblock that lie on free lists; once an operation, never in a split or merge."""
    cdef uint32_t b, pages
    if order <= z.block_order:
        b = p >> z.block_order
        z.block_free[b] = <uint16_t> (z.block_free[b] + sign * (1 << order))
        log_put(z.log, R_BLOCK_FREE, site, 0, 0, b, <uint64_t> <int64_t> (sign * (1 << order)))
        stamp_block(z, b)
        return
    pages = 1 << z.block_order
    for b in range(p >> z.block_order, (p + (1 << order)) >> z.block_order):
        z.block_free[b] = <uint16_t> (z.block_free[b] + sign * <int> pages)
        log_put(z.log, R_BLOCK_FREE, site, 0, 0, b, <uint64_t> <int64_t> (sign * <int64_t> pages))
        stamp_block(z, b)


cdef inline void set_watermark(zone_t *z, unsigned which, int64_t pages, uint8_t site) noexcept nogil:
    if z.watermark[which] == pages:
        return
    log_put(z.log, R_WATERMARK, site, <uint8_t> which, 0, <uint32_t> (pages - z.watermark[which]),
            <uint64_t> z.watermark[which])
    z.watermark[which] = pages


cdef inline void set_pcp_size(zone_t *z, uint32_t high, uint32_t batch, uint8_t site) noexcept nogil:
    if z.pcp_high == high and z.pcp_batch == batch:
        return
    log_put(z.log, R_PCP_SIZE, site, 0, 0, z.pcp_high, z.pcp_batch)
    z.pcp_high = high
    z.pcp_batch = batch
