"""The zone: its free lists, its counters, its pageblocks, its pcp lists.

List lengths (the truth), `nr_free` per order and NR_FREE_PAGES are three numbers, none ever derived from
another: how they part is what the simulator is for.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport log_t
from sim_core.mm.page cimport pages_t
from sim_core.mm.policy cimport policy_t

cdef enum:
    ORDERS_MAX = 15
    CPUS_MAX = 8
    PCP_LISTS = 3

cdef enum:  # Migratetype
    UNMOVABLE
    RECLAIMABLE
    MOVABLE
    RESERVE
    HIGHATOMIC
    CMA
    ISOLATE
    MIGRATE_TYPES

cdef enum:  # Stat
    NR_FREE_PAGES
    PRESENT_PAGES       # what watermarks and pcp sizes are made from
    NR_RESERVED         # pages reserved since boot (from here on not a kernel's counters)
    NR_OFFLINE          # pages reserved by offlining
    NR_ALLOCATED        # pages handed out and not given back
    NR_ALLOC_FAILED     # requests that found no page
    NR_FALLBACK         # requests served from another type's list (mm_page_alloc_extfrag)
    NR_PCP_DRAIN        # times a pcp gave pages back because it was full
    NR_MIGRATED         # pages moved away by offlining
    NR_ALLOC            # requests served
    NR_FREED            # frees
    STATS

cdef enum:  # Watermark
    WMARK_MIN
    WMARK_LOW
    WMARK_HIGH
    WMARKS

ctypedef struct list_t:
    uint32_t head
    uint32_t tail
    uint32_t length

ctypedef struct pcp_t:
    list_t lists[PCP_LISTS]   # UNMOVABLE, RECLAIMABLE, MOVABLE
    uint32_t count            # pages on all three

ctypedef struct zone_t:
    pages_t pages
    uint64_t base             # absolute pfn of zone-relative pfn 0
    uint32_t start            # the zone is [start, end), zone-relative
    uint32_t end
    uint32_t first_block      # block of `start`
    uint32_t last_block       # one past the block of the last page
    unsigned block_order      # pageblock_order
    unsigned max_order        # exclusive, as MAX_ORDER
    list_t lists[MIGRATE_TYPES][ORDERS_MAX]
    uint32_t nonempty[MIGRATE_TYPES]   # bit o: list (type, o) has a head
    int64_t nr_free[ORDERS_MAX]
    int64_t stat[STATS]
    uint8_t *block_type       # [blocks] migratetype
    uint16_t *block_free      # [blocks] pages of the block that are on free lists
    uint32_t *stamp           # [blocks] epoch at which its picture last changed
    pcp_t pcp[CPUS_MAX]
    unsigned cpus
    uint32_t pcp_high
    uint32_t pcp_batch
    bint pcp_derived          # sizes follow present pages (zone_batchsize)
    int64_t watermark[WMARKS]
    int64_t holes             # pages without a struct page
    bint live                 # runs init_per_zone_wmark_min after hotplug
    uint32_t *epoch           # of the node
    log_t *log
    const policy_t *policy


cdef inline bint in_zone(const zone_t *z, uint32_t p) noexcept nogil:
    return z.start <= p < z.end


cdef inline uint32_t block_of(const zone_t *z, uint32_t p) noexcept nogil:
    return p >> z.block_order


cdef inline uint8_t pageblock_migratetype(const zone_t *z, uint32_t p) noexcept nogil:
    return z.block_type[p >> z.block_order]
