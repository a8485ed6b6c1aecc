"""The only file that writes a counter."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.log cimport (
    R_BLOCK_FREE, R_CELL, R_LOWMEM_RESERVE, R_NR_FREE, R_PCP_SIZE, R_PCP_STATE, R_STAT, R_WATERMARK,
    S_ACCOUNT_FREEPAGES, S_LOWMEM_RESERVE, log_put,
)
from sim_core.mm.page cimport ATTR_ANON_SHIFT, ATTR_LRU
from sim_core.mm.policy cimport BLOCK_ISOLATE, LIST_ISOLATE, PASSED_ISOLATE, when
from sim_core.mm.stamp cimport stamp_block
from sim_core.mm.zone cimport (
    ALL_UNRECLAIMABLE, CMA, HIGHATOMIC, ISOLATE, NR_ALLOC, NR_ALLOCATED, NR_FREED,
    NR_FREE_CMA_PAGES, NR_FREE_HIGHATOMIC, NR_FREE_PAGES, NR_ISOLATED_BLOCKS, NR_LRU_FILE,
    NR_PAGES_SCANNED, PCP_BATCH, PCP_HIGH_MAX, PCP_HIGH_MIN, pageblock_migratetype, zone_t,
)

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


cdef inline bint decides(const zone_t *z, const uint8_t *table, unsigned facts, uint32_t p,
                         uint8_t site) noexcept nogil:
    """Does this site act, by a truth table of the model's row? Where a fact is ISOLATE the answer is
    recorded: a counter that is left alone leaves no other trace.

    Args:
        table: in the zone's policy.
        p: the page in question.
    """
    cdef bint acts = when(table[0], facts)
    if zs_rare(facts != 0):
        log_put(z.log, R_CELL, site, <uint8_t> (table - <const uint8_t *> &z.policy),
                <uint8_t> (facts | acts << 3), p, 0)
    return acts


cdef inline void mod_nr_free(zone_t *z, unsigned order, int64_t delta, uint8_t site) noexcept nogil:
    """free_area[order].nr_free += delta."""
    log_put(z.log, R_NR_FREE, site, <uint8_t> order, z.slot, <uint32_t> delta,
            <uint64_t> z.nr_free[order])
    z.nr_free[order] += delta
    z.touched = True


cdef inline void mod_stat(zone_t *z, unsigned which, int64_t delta, uint8_t site) noexcept nogil:
    """Add to one of the zone's counters of enum Stat (NR_FREE_PAGES: __mod_zone_page_state)."""
    log_put(z.log, R_STAT, site, <uint8_t> which, z.slot, <uint32_t> delta, <uint64_t> z.stat[which])
    z.stat[which] += delta
    if which == NR_FREE_PAGES:
        z.touched = True


cdef inline unsigned lru_of(uint8_t attr) noexcept nogil:
    """The counter of the LRU that pages with this attr are on."""
    return NR_LRU_FILE + (attr >> ATTR_ANON_SHIFT & 1)


cdef inline void set_stat(zone_t *z, unsigned which, int64_t value, uint8_t site) noexcept nogil:
    """As mod_stat, for what is a state or a position more than a count."""
    if z.stat[which] != value:
        mod_stat(z, which, value - z.stat[which], site)


cdef inline void count_alloc(zone_t *z, unsigned order, uint8_t attr) noexcept nogil:
    """A request was served; R_PREP says so."""
    z.stat[NR_ALLOCATED] += 1 << order
    z.stat[NR_ALLOC] += 1
    if attr & ATTR_LRU:
        z.stat[lru_of(attr)] += 1 << order


cdef inline void count_freed(zone_t *z, unsigned order, uint8_t attr) noexcept nogil:
    """A chunk was given back; R_UNPREP says so."""
    z.stat[NR_ALLOCATED] -= 1 << order
    z.stat[NR_FREED] += 1
    if attr & ATTR_LRU:
        z.stat[lru_of(attr)] -= 1 << order


cdef inline void mod_lru(zone_t *z, uint8_t attr, int64_t pages, uint8_t site) noexcept nogil:
    """Pages with this attr came to the LRU or left it, if it says that they are on one."""
    if attr & ATTR_LRU:
        mod_stat(z, lru_of(attr), pages, site)


cdef inline void clear_unreclaimable(zone_t *z, uint8_t site) noexcept nogil:
    """A page comes back to the buddy lists, to ISOLATE too (defect D7): reclaim is hoped for again."""
    if zs_rare((z.stat[NR_PAGES_SCANNED] | z.stat[ALL_UNRECLAIMABLE]) != 0):
        set_stat(z, NR_PAGES_SCANNED, 0, site)
        set_stat(z, ALL_UNRECLAIMABLE, 0, site)


cdef inline void mod_freepage_state(zone_t *z, int64_t pages, unsigned mt, uint8_t site) noexcept nogil:
    """__mod_zone_freepage_state: NR_FREE_PAGES, and the part of it that is of this type."""
    mod_stat(z, NR_FREE_PAGES, pages, site)
    if mt == CMA:
        if z.policy.count_cma:
            mod_stat(z, NR_FREE_CMA_PAGES, pages, site)
    elif mt == HIGHATOMIC:
        mod_stat(z, NR_FREE_HIGHATOMIC, pages, site)


ctypedef struct counted_t:
    int64_t pages        # in all
    int64_t cma          # of them
    int64_t highatomic


cdef inline void count_pages(counted_t *counted, int64_t pages, unsigned mt) noexcept nogil:
    """Gather what is counted once, at the end of a batch."""
    counted.pages += pages
    if mt == CMA:
        counted.cma += pages
    elif mt == HIGHATOMIC:
        counted.highatomic += pages


cdef inline void mod_counted(zone_t *z, const counted_t *counted, uint8_t site) noexcept nogil:
    if counted.pages:
        mod_stat(z, NR_FREE_PAGES, counted.pages, site)
    if counted.cma and z.policy.count_cma:
        mod_stat(z, NR_FREE_CMA_PAGES, counted.cma, site)
    if counted.highatomic:
        mod_stat(z, NR_FREE_HIGHATOMIC, counted.highatomic, site)


cdef inline void account_freepages(zone_t *z, uint32_t p, int64_t pages, unsigned mt) noexcept nogil:
    """Count pages where they enter or leave a list, under the type that the caller says they have."""
    if z.policy.list_nr and decides(z, &z.policy.list_nr, context(mt, pageblock_migratetype(z, p), mt), p,
                                    S_ACCOUNT_FREEPAGES):
        mod_freepage_state(z, pages, mt, S_ACCOUNT_FREEPAGES)


cdef inline bint has_isolate_pageblock(const zone_t *z) noexcept nogil:
    """By the zone's own count of them: an unsigned number, so below zero it is not 0 either."""
    return z.stat[NR_ISOLATED_BLOCKS] != 0


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
    log_put(z.log, R_WATERMARK, site, <uint8_t> which, z.slot, <uint32_t> (pages - z.watermark[which]),
            <uint64_t> z.watermark[which])
    z.watermark[which] = pages


cdef inline void set_lowmem_reserve(zone_t *z, unsigned upper, int64_t pages) noexcept nogil:
    if z.lowmem_reserve[upper] == pages:
        return
    log_put(z.log, R_LOWMEM_RESERVE, S_LOWMEM_RESERVE, <uint8_t> upper, z.slot,
            <uint32_t> (pages - z.lowmem_reserve[upper]), <uint64_t> z.lowmem_reserve[upper])
    z.lowmem_reserve[upper] = pages


cdef inline uint32_t *pcp_size_of(zone_t *z, unsigned which) noexcept nogil:
    """One of the numbers of enum PcpSize."""
    return &z.pcp_batch if which == PCP_BATCH else &z.pcp_high_max if which == PCP_HIGH_MAX else &z.pcp_high


cdef inline void set_one_pcp_size(zone_t *z, unsigned which, uint32_t pages, uint8_t site) noexcept nogil:
    cdef uint32_t *size = pcp_size_of(z, which)
    if size[0] == pages:
        return
    log_put(z.log, R_PCP_SIZE, site, <uint8_t> which, z.slot, pages - size[0], size[0])
    size[0] = pages


cdef inline void set_pcp_size(zone_t *z, uint32_t high, uint32_t high_max, uint32_t batch,
                              uint8_t site) noexcept nogil:
    """Args:
        high_max: upper limit of a tuned list; others do not look at it.
    """
    set_one_pcp_size(z, PCP_HIGH_MIN, high, site)
    set_one_pcp_size(z, PCP_HIGH_MAX, high_max, site)
    set_one_pcp_size(z, PCP_BATCH, batch, site)


cdef inline void set_pcp_state(zone_t *z, unsigned cpu, unsigned which, uint32_t value,
                               uint8_t site) noexcept nogil:
    """One of a CPU's numbers of enum PcpState."""
    if z.pcp[cpu].state[which] == value:
        return
    log_put(z.log, R_PCP_STATE, site, <uint8_t> which, <uint8_t> (cpu | z.slot << 4), value,
            z.pcp[cpu].state[which])
    z.pcp[cpu].state[which] = value


# ---- put back: what the log says stood there, or was written; nothing is recorded ----

cdef inline void put_nr_free(zone_t *z, unsigned order, int64_t value) noexcept nogil:
    z.nr_free[order] = value


cdef inline void put_stat(zone_t *z, unsigned which, int64_t value) noexcept nogil:
    z.stat[which] = value


cdef inline void put_block_free(zone_t *z, uint32_t b, int64_t delta) noexcept nogil:
    """Args:
        delta: to be added.
    """
    z.block_free[b] = <uint16_t> (z.block_free[b] + delta)
    stamp_block(z, b)


cdef inline void put_watermark(zone_t *z, unsigned which, int64_t value) noexcept nogil:
    z.watermark[which] = value


cdef inline void put_in_use(zone_t *z, unsigned order, uint8_t attr, int sign) noexcept nogil:
    """What count_alloc and count_freed count of the pages, without the requests and frees."""
    z.stat[NR_ALLOCATED] += sign * (1 << order)
    if attr & ATTR_LRU:
        z.stat[lru_of(attr)] += sign * (1 << order)


cdef inline void put_requests(zone_t *z, unsigned which, int sign) noexcept nogil:
    """NR_ALLOC or NR_FREED, one more or one fewer."""
    z.stat[which] += sign
