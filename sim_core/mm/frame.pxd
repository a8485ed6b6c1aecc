"""A frame's sections, written into a caller's buffer. docs/PROTOCOL.md, section 5, has the layout."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy, memset

from sim_core.mm.check cimport I5_ISO, IDENTITIES, judge_by_length, verdict_t
from sim_core.mm.memory cimport memory_t, zone_with
from sim_core.mm.page cimport HOLE, NIL, page_attr, page_state
from sim_core.mm.picture cimport CELL_ALL_OFFLINE, CELL_NOTHING, cell_of
from sim_core.mm.policy cimport HOTPLUG_CHUNKS
from sim_core.mm.reclaim cimport given_up
from sim_core.mm.watermark cimport free_pages_safe, stock_t, take_stock, watermark_ok
from sim_core.mm.zone cimport (
    ALL_UNRECLAIMABLE, CMA, HIGHATOMIC, ISOLATE, NR_ALLOC, NR_ALLOCATED,
    NR_ALLOC_FAILED, NR_FALLBACK, NR_FREED, NR_FREE_PAGES, NR_LRU_ANON, NR_LRU_FILE, NR_MIGRATED,
    NR_OFFLINE, NR_PAGES_SCANNED, NR_PCP_DRAIN, NR_RESERVED, PRESENT_PAGES, RESERVE, WMARKS,
    WMARK_HIGH, WMARK_LOW, WMARK_MIN, ZONES_MAX, pages_on_lists, pages_on_pcp, zone_t,
)

cdef enum:
    STAMPS_AT_ONCE = 64

cdef enum:  # Section
    SECTION_COUNTERS = 1
    SECTION_NR_FREE = 2
    SECTION_LISTS = 3
    SECTION_CELLS = 4
    SECTION_CHANGED = 5
    SECTION_IDENTITIES = 6
    SECTION_PAGES = 7
    SECTION_PCP = 8
    SECTION_WINDOW = 9
    SECTION_NODE = 10
    SECTION_MOMENT = 11

cdef enum:  # Counter
    C_NR_FREE_PAGES
    C_NR_FREE_SUM        # sum of nr_free[o] << o, as stored
    C_LISTED             # pages on all free lists
    C_USABLE             # pages on lists other than ISOLATE
    C_ISOLATED           # pages on ISOLATE lists
    C_STRAY
    C_PCP
    C_ALLOCATED
    C_OFFLINE
    C_RESERVED
    C_HOLES
    C_PRESENT
    C_SPANNED
    C_CMA                # pages on CMA lists
    C_RESERVE            # pages on RESERVE and HIGHATOMIC lists
    C_WMARK_MIN
    C_WMARK_LOW
    C_WMARK_HIGH
    C_WATERMARK_OK       # bits 0, 1, 2: MIN, LOW, HIGH met by the counters, order 0
    C_WATERMARK_TRUE     # the same by what can be allocated
    C_ALLOCS
    C_ALLOC_FAILED
    C_FREES
    C_FALLBACKS
    C_PCP_DRAINS
    C_MIGRATED
    C_BLOCKS_ISOLATED
    C_BLOCKS_OFFLINE
    COUNTERS

cdef enum:
    NO_CELL = CELL_NOTHING << 24   # of a block between two zones

cdef enum:  # Summary: what a frame says of each zone of a node
    Z_NR_FREE_PAGES
    Z_FREE_SAFE           # what kswapd, and who would wake it, take for free
    Z_USABLE              # pages on lists other than ISOLATE
    Z_PRESENT
    Z_WMARK_MIN
    Z_WMARK_LOW
    Z_WMARK_HIGH
    Z_LRU_FILE
    Z_LRU_ANON
    Z_PAGES_SCANNED
    Z_ALL_UNRECLAIMABLE
    Z_GIVEN_UP            # reclaim passes it over
    Z_ISOLATED            # pages on ISOLATE lists
    Z_OFFLINE
    SUMMARY_NUMBERS

ctypedef struct sums_t:
    int64_t strays        # pages
    int64_t isolated      # blocks
    int64_t offline       # blocks

ctypedef struct atlas_t:
    # The node as a picture, kept up to date by `refresh`: [blocks] each.
    uint32_t *cell
    uint16_t *stray
    uint32_t seen         # epoch up to which it is up to date
    sums_t sums[ZONES_MAX]


cdef inline bint any_newer(const uint32_t *stamps, uint32_t count, uint32_t seen) noexcept nogil:
    """Was one of these blocks stamped after epoch `seen`? Without a branch, so that the compiler
    compares several at once: in a zone of 1 TiB half a million stamps are read for each frame."""
    cdef uint32_t i
    cdef bint newer = False
    for i in range(count):
        newer |= stamps[i] > seen
    return newer


cdef inline void look_again(const zone_t *z, atlas_t *atlas, uint32_t b) noexcept nogil:
    cdef sums_t *sums = &atlas.sums[z.slot]
    sums.strays -= atlas.stray[b]
    sums.isolated -= atlas.cell[b] >> 16 & 1
    sums.offline -= atlas.cell[b] >> 24 & 1
    atlas.cell[b] = cell_of(z, b, &atlas.stray[b])
    sums.strays += atlas.stray[b]
    sums.isolated += atlas.cell[b] >> 16 & 1
    sums.offline += atlas.cell[b] >> 24 & 1


cdef inline void refresh_zone(const zone_t *z, atlas_t *atlas) noexcept nogil:
    cdef uint32_t b = z.first_block, end, k
    while b < z.last_block:
        end = min(b + STAMPS_AT_ONCE, z.last_block)
        if any_newer(&z.stamp[b], end - b, atlas.seen):
            for k in range(b, end):
                if z.stamp[k] > atlas.seen:
                    look_again(z, atlas, k)
        b = end


cdef inline void refresh(memory_t *m, atlas_t *atlas) noexcept nogil:
    """Look at every block that changed since the last time, and begin a new epoch."""
    cdef unsigned i
    for i in range(m.nr_zones):
        refresh_zone(&m.zones[i], atlas)
    atlas.seen = m.epoch
    m.epoch += 1


cdef inline int64_t watermarks_met(zone_t *z, int64_t free) noexcept nogil:
    """Bits 0, 1, 2: a single page could be had with `free` pages free and MIN, LOW, HIGH kept."""
    cdef int64_t bits = 0
    cdef unsigned w
    cdef stock_t stock
    take_stock(z, free, &stock)
    for w in range(WMARKS):
        if watermark_ok(&stock, z.policy.watermark, 0, z.watermark[w], 0, 0):
            bits |= 1 << w
    return bits


cdef inline int64_t spanned_pages(const zone_t *z, const atlas_t *atlas) noexcept nogil:
    """What the kernel has for the zone's extent: 6.x takes what goes offline at an end off it
    (remove_pfn_range_from_zone), earlier kernels never do."""
    cdef uint32_t first = z.first_block, last = z.last_block
    if z.policy.hotplug != HOTPLUG_CHUNKS:
        return z.end - z.start
    while first < last and atlas.cell[first] >> 24 & CELL_ALL_OFFLINE:
        first += 1
    while first < last and atlas.cell[last - 1] >> 24 & CELL_ALL_OFFLINE:
        last -= 1
    if first == last:
        return 0
    return min(last << z.block_order, z.end) - max(first << z.block_order, z.start)


cdef inline int64_t usable_pages(const zone_t *z) noexcept nogil:
    """Pages that can be allocated: those on lists other than ISOLATE."""
    cdef int64_t pages = 0
    cdef unsigned mt
    for mt in range(ISOLATE):
        pages += pages_on_lists(z, mt)
    return pages


cdef inline int64_t nr_free_sum(const zone_t *z) noexcept nogil:
    """Pages by nr_free of every order, as stored."""
    cdef uint64_t pages = 0
    cdef unsigned o
    for o in range(z.max_order):
        pages += <uint64_t> z.nr_free[o] << o
    return <int64_t> pages


cdef inline void read_counters(zone_t *z, const atlas_t *atlas, int64_t *out) noexcept nogil:
    """Args:
        atlas: refreshed.
        out: OUT, [COUNTERS].
    """
    memset(out, 0, COUNTERS * sizeof(int64_t))
    out[C_NR_FREE_SUM] = nr_free_sum(z)
    out[C_USABLE] = usable_pages(z)
    out[C_ISOLATED] = pages_on_lists(z, ISOLATE)
    out[C_LISTED] = out[C_USABLE] + out[C_ISOLATED]
    out[C_CMA] = pages_on_lists(z, CMA)
    out[C_RESERVE] = pages_on_lists(z, RESERVE) + pages_on_lists(z, HIGHATOMIC)
    out[C_PCP] = pages_on_pcp(z)
    out[C_NR_FREE_PAGES] = z.stat[NR_FREE_PAGES]
    out[C_STRAY] = atlas.sums[z.slot].strays
    out[C_ALLOCATED] = z.stat[NR_ALLOCATED]
    out[C_OFFLINE] = z.stat[NR_OFFLINE]
    out[C_RESERVED] = z.stat[NR_RESERVED]
    out[C_HOLES] = z.holes
    out[C_SPANNED] = spanned_pages(z, atlas)
    out[C_PRESENT] = z.stat[PRESENT_PAGES]
    out[C_WMARK_MIN] = z.watermark[WMARK_MIN]
    out[C_WMARK_LOW] = z.watermark[WMARK_LOW]
    out[C_WMARK_HIGH] = z.watermark[WMARK_HIGH]
    out[C_WATERMARK_OK] = watermarks_met(z, z.stat[NR_FREE_PAGES])
    out[C_WATERMARK_TRUE] = watermarks_met(z, out[C_USABLE])
    out[C_ALLOCS] = z.stat[NR_ALLOC]
    out[C_ALLOC_FAILED] = z.stat[NR_ALLOC_FAILED]
    out[C_FREES] = z.stat[NR_FREED]
    out[C_FALLBACKS] = z.stat[NR_FALLBACK]
    out[C_PCP_DRAINS] = z.stat[NR_PCP_DRAIN]
    out[C_MIGRATED] = z.stat[NR_MIGRATED]
    out[C_BLOCKS_ISOLATED] = atlas.sums[z.slot].isolated
    out[C_BLOCKS_OFFLINE] = atlas.sums[z.slot].offline


cdef inline void summarize(const memory_t *m, const zone_t *z, int64_t *out) noexcept nogil:
    """Args:
        out: OUT, [SUMMARY_NUMBERS].
    """
    out[Z_NR_FREE_PAGES] = z.stat[NR_FREE_PAGES]
    out[Z_FREE_SAFE] = free_pages_safe(z)
    out[Z_USABLE] = usable_pages(z)
    out[Z_PRESENT] = z.stat[PRESENT_PAGES]
    out[Z_WMARK_MIN] = z.watermark[WMARK_MIN]
    out[Z_WMARK_LOW] = z.watermark[WMARK_LOW]
    out[Z_WMARK_HIGH] = z.watermark[WMARK_HIGH]
    out[Z_LRU_FILE] = z.stat[NR_LRU_FILE]
    out[Z_LRU_ANON] = z.stat[NR_LRU_ANON]
    out[Z_PAGES_SCANNED] = z.stat[NR_PAGES_SCANNED]
    out[Z_ALL_UNRECLAIMABLE] = z.stat[ALL_UNRECLAIMABLE]
    out[Z_GIVEN_UP] = given_up(m, z)
    out[Z_ISOLATED] = pages_on_lists(z, ISOLATE)
    out[Z_OFFLINE] = z.stat[NR_OFFLINE]


cdef inline void judge_now(const zone_t *z, const verdict_t *walked, int64_t strays,
                           verdict_t *out) noexcept nogil:
    """Verdicts that need no walk as of now, the others as the last walk found them.

    Args:
        walked: [IDENTITIES] of that walk.
        strays: pages, as counted for a frame.
        out: OUT, [IDENTITIES].
    """
    memcpy(out, walked, IDENTITIES * sizeof(verdict_t))
    judge_by_length(z, out)
    out[I5_ISO].holds = strays == 0
    out[I5_ISO].order = -1
    out[I5_ISO].mt = -1
    out[I5_ISO].expected = 0
    out[I5_ISO].got = strays


cdef inline void write_pages(memory_t *m, uint64_t first_pfn, uint32_t count, uint8_t *states,
                             uint8_t *attrs) noexcept nogil:
    """States and attributes of pages from a PFN on, a byte each; outside all zones they are holes.

    Args:
        states, attrs: OUT, [count].
    """
    cdef const zone_t *z
    cdef uint32_t i, p
    for i in range(count):
        states[i] = HOLE
        attrs[i] = 0
        if not m.base <= first_pfn + i < m.base + NIL:
            continue
        p = <uint32_t> (first_pfn + i - m.base)
        z = zone_with(m, p)
        if z != NULL:
            states[i] = page_state(&z.pages, p)
            attrs[i] = page_attr(&z.pages, p)
