"""The zone: its free lists, its counters, its pageblocks, its pcp lists.

List lengths (the truth), `nr_free` per order and NR_FREE_PAGES are three numbers, none ever derived from
another: how they part is what the simulator is for.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport log_t
from sim_core.mm.page cimport NIL, pages_t, top_order
from sim_core.mm.policy cimport policy_t

cdef enum:
    ZONES_MAX = 4        # kinds of zone that one kernel is built with
    WATCHED_MAX = 8      # identities that are looked at after each operation
    ORDERS_MAX = 15
    CPUS_MAX = 8
    PCPTYPES = 3         # types that a request may name
    PCP_ORDERS = 4       # orders 0 to 3 (PAGE_ALLOC_COSTLY_ORDER)
    PCP_LISTS = 16       # index: order << 2 | place of the type in the kernel's enum; every 4th stays empty

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
    NR_FREE_CMA_PAGES
    NR_FREE_HIGHATOMIC
    NR_ISOLATED_BLOCKS  # nr_pageblock_isolate (3.6, 3.7), nr_isolate_pageblock (from 3.18)
    NR_RESERVED_HIGHATOMIC
    NR_LRU_FILE         # pages on the LRU that can be dropped
    NR_LRU_ANON         # and those that would have to go to swap
    NR_PAGES_SCANNED    # pages_scanned: LRU pages looked at since a page came back to the buddy lists
    ALL_UNRECLAIMABLE   # zone->all_unreclaimable
    LRU_HAND_FILE       # pfn (not a counter) at which the next scan of the LRU begins
    LRU_HAND_ANON
    STATS

cdef enum:  # ZoneKind, as enum zone_type orders them
    ZONE_DMA
    ZONE_DMA32
    ZONE_NORMAL
    ZONE_HIGHMEM
    ZONE_MOVABLE
    ZONE_KINDS

cdef enum:  # PcpState
    PCP_FACTOR           # free_factor (6.1), alloc_factor (6.12)
    PCP_FREE_COUNT
    PCP_PREV_HIGH_ORDER  # PCPF_PREV_FREE_HIGH_ORDER
    PCP_HIGH             # the current one, between the zone's two limits
    PCP_STATES

cdef enum:  # PcpSize
    PCP_HIGH_MIN
    PCP_HIGH_MAX
    PCP_BATCH

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
    list_t lists[PCP_LISTS]
    uint32_t count            # pages on all of them
    uint32_t state[PCP_STATES]

ctypedef struct zone_t:
    unsigned kind             # a ZoneKind
    uint8_t slot              # place among the node's zones, lowest first
    uint8_t nr_zones          # of the node
    pages_t pages
    uint64_t base             # absolute pfn of the node's pfn 0: all of a zone's pfns count from there
    uint32_t start            # the zone is [start, end)
    uint32_t end
    uint32_t first_block      # block of `start`
    uint32_t last_block       # one past the block of the last page
    unsigned block_order      # pageblock_order
    unsigned max_order        # exclusive, as MAX_ORDER
    list_t lists[MIGRATE_TYPES][ORDERS_MAX]
    uint32_t nonempty[MIGRATE_TYPES]   # bit o: list (type, o) has a head
    int64_t nr_free[ORDERS_MAX]
    bint touched              # a list, an nr_free or NR_FREE_PAGES changed since the watch last looked
    int64_t stat[STATS]
    uint8_t *block_type       # [the node's blocks] migratetype
    uint16_t *block_free      # [the node's blocks] pages of the block that are on free lists
    uint32_t *stamp           # [the node's blocks] epoch at which its picture last changed
    pcp_t pcp[CPUS_MAX]
    unsigned cpus
    const int64_t *cpu        # the one that runs: of the node
    uint32_t pcp_high         # pcp->high, or high_min
    uint32_t pcp_high_max
    uint32_t pcp_batch
    bint pcp_derived          # sizes follow present pages (zone_batchsize)
    int64_t watermark[WMARKS]
    int64_t min_cma_pages     # what a contiguous allocation adds to each mark while it reclaims (3.5)
    int64_t lowmem_reserve[ZONES_MAX]   # kept from requests that zones up to that one could serve
    int64_t stat_threshold    # what a CPU may hold back of a counter (sized once, at boot)
    int64_t percpu_drift_mark  # below it the safe test adds what CPUs hold back; 0: never
    int64_t holes             # pages without a struct page
    bint live                 # runs init_per_zone_wmark_min after hotplug
    uint32_t broken           # watched identities that were broken after the last operation, a bit each
    uint64_t first_broken[WATCHED_MAX]
    uint32_t *epoch           # of the node
    log_t *log
    policy_t policy


cdef inline bint in_zone(const zone_t *z, uint32_t p) noexcept nogil:
    return z.start <= p < z.end


cdef inline uint32_t block_of(const zone_t *z, uint32_t p) noexcept nogil:
    return p >> z.block_order


cdef inline uint8_t pageblock_migratetype(const zone_t *z, uint32_t p) noexcept nogil:
    return z.block_type[p >> z.block_order]


cdef inline unsigned pcp_place(const zone_t *z, unsigned mt) noexcept nogil:
    """Place of a type in the kernel's enum, or the type in a place: two of them change places."""
    cdef unsigned places = (MOVABLE << 2 | RECLAIMABLE << 4 if z.policy.movable_second
                            else RECLAIMABLE << 2 | MOVABLE << 4)
    return places >> 2 * mt & 3


cdef inline unsigned pcp_index(const zone_t *z, unsigned order, unsigned mt) noexcept nogil:
    """List of chunks of this order and type: order_to_pindex."""
    return order << 2 | pcp_place(z, mt)


cdef inline unsigned pcp_order(unsigned index) noexcept nogil:
    """Order of the chunks on a pcp list."""
    return index >> 2


cdef inline unsigned pcp_type(const zone_t *z, unsigned index) noexcept nogil:
    """Type of a pcp list."""
    return pcp_place(z, index & 3)


cdef inline unsigned this_cpu(const zone_t *z) noexcept nogil:
    """The CPU that runs, whose pcp lists are used (smp_processor_id)."""
    return <unsigned> z.cpu[0]


cdef inline int64_t pages_on_lists(const zone_t *z, unsigned mt) noexcept nogil:
    """Pages on the free lists of this type, by their true lengths."""
    cdef int64_t pages = 0
    cdef unsigned o
    for o in range(z.max_order):
        pages += <int64_t> z.lists[mt][o].length << o
    return pages


cdef inline int64_t pages_on_pcp(const zone_t *z) noexcept nogil:
    """Pages that all CPUs keep."""
    cdef int64_t pages = 0
    cdef unsigned cpu
    for cpu in range(z.cpus):
        pages += z.pcp[cpu].count
    return pages


cdef inline int64_t pcp_of_type(const zone_t *z, unsigned cpu, unsigned mt) noexcept nogil:
    """Pages that a CPU keeps of a type, of all orders."""
    cdef int64_t pages = 0
    cdef unsigned o
    for o in range(PCP_ORDERS):
        pages += <int64_t> z.pcp[cpu].lists[pcp_index(z, o, mt)].length << o
    return pages


# ---- blocks ----

cdef inline bint whole_in_zone(const zone_t *z, uint32_t b) noexcept nogil:
    """Do the first and the last page of the block lie in the zone?"""
    return z.start <= b << z.block_order and (b + 1) << z.block_order <= z.end


cdef inline uint32_t head_over(const zone_t *z, uint32_t b) noexcept nogil:
    """Head of the chunk of more than one block that covers block b from outside or inside, or NIL."""
    cdef unsigned order
    cdef uint32_t p, start = b << z.block_order
    for order in range(z.block_order + 1, z.max_order):
        p = start & ~((1u << order) - 1)
        if top_order(&z.pages, p >> z.block_order) == order:
            return p
    return NIL
