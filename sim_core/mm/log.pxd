"""The log of primitive writes: one fixed record for each, in the order they happened.

Read forward it tells an operation function by function; read one record at a time it is a step
inside an operation; read backward it restores every list position. A record therefore says what
was written, where, by which kernel function, and what stood there before.

The ring overwrites its oldest records. Records are numbered from 0 for good, so a reader that was
overtaken sees the gap. Who goes back in time leaves the records of what was taken back where they
are, to do it again by them, until another operation is written in their place.
"""

from libc.stdint cimport uint32_t, uint64_t, uint8_t

cdef extern from *:
    """
    #ifndef ZS_LOG
    #define ZS_LOG 3
    #endif
    """
    const int ZS_LOG

cdef enum:  # Recording
    """What a node records. A unit compiled for all writes or for none (ZS_LOG) does not ask at each."""
    LOG_NOTHING
    LOG_OPERATIONS   # what each operation was asked, and what came of it
    LOG_WRITES       # every primitive write in between too
    LOG_ASK          # of ZS_LOG alone: whatever the node says

cdef enum:  # RecordKind
    R_OP             # a: kind, where: order | migratetype << 8 | flags << 16, value: its number
    R_ARGS           # where: first argument (node-relative pfn or count), value: second argument
    R_RET            # where: 1 if value is a pfn, value: int64 result (negative: errno)
    R_LINK           # a: order, b: migratetype, where: page, value: neighbour before it | after it << 32
    R_UNLINK         # as R_LINK, neighbours it had
    R_PCP_LINK       # a: cpu, b: 3 * order + type | kept type << 4, where: page, value: neighbours
    R_PCP_UNLINK     # as R_PCP_LINK
    R_NR_FREE        # a: order, b: zone, value: old count, where: delta (two's complement)
    R_STAT           # a: stat index, b: zone, value: old, where: delta (two's complement)
    R_STATE          # where: page, a: old state, b: new state, value: old attr | new attr << 8 | order << 16
    R_PREP           # where: page, a: order, b: attr, value: as R_HANDLE; counters follow
    R_UNPREP         # where: page, a: old state, b: old attr, value: handle | owner << 32; counters too
    R_RUN            # where: first page, a: old state, b: new state, value: pages
    R_FILL           # where: block, a: old fill, value: 1 if its page records were written out
    R_BLOCK_TYPE     # where: block, a: old migratetype, b: new
    R_BLOCK_FREE     # where: block, value: delta (int64)
    R_WATERMARK      # a: which (min, low, high), b: zone, value: old, where: delta
    R_PCP_SIZE       # a: which (PcpSize), b: zone, value: old, where: delta
    R_HANDLE         # where: page, a: order, value: its handle | 1 << 32 if retired before | owner << 40
    R_REBIND         # where: page, value: handle | page that it stood for << 32, both of order 0
    R_LIVE_PUSH      # where: handle
    R_LIVE_REMOVE    # where: position, value: handle
    R_RANDOM         # value: old state of the generator
    R_WORKLOAD       # a: which variable, value: old, where: delta
    R_STOP           # where: the Bug
    R_PCP_STATE      # a: which (PcpState), b: cpu | zone << 4, where: new, value: old
    R_QUEUE_PUSH     # a: queue, where: handle
    R_QUEUE_REMOVE   # a: queue, where: handle, value: the older one beside it | the younger << 32
    R_LOWMEM_RESERVE  # a: class of request, b: zone, value: old, where: delta
    R_NODE           # a: which (NodeNumber), value: old, where: delta
    R_SETTING        # a: which number of the workload's settings, value: old, where: new
    R_WATCH          # a: identity, b: zone, where: 1 it broke, 0 it healed, value: its old first_broken
    R_CELL           # a: column of the model's row, b: the facts it was asked by | 8 if it acts, where: page
    R_KINDS          # more than 32: a bit each of them needs 64

cdef enum:  # OpFlag: those of R_OP, and how a request is made
    LRU_FLAG = 1         # the chunk is on the LRU from the start
    WORKLOAD_FLAG = 2    # the workload asks, or frees
    ATOMIC_FLAG = 4      # who asks cannot wait (GFP_ATOMIC)
    ANON_FLAG = 8        # with LRU_FLAG: the chunk is anonymous memory

cdef enum:  # Site
    S_NONE
    S_FREE_ONE_PAGE_CORE     # __free_one_page
    S_EXPAND
    S_RMQUEUE_SMALLEST       # __rmqueue_smallest
    S_RMQUEUE_FALLBACK       # __rmqueue_fallback
    S_RMQUEUE_BULK
    S_BUFFERED_RMQUEUE
    S_MOVE_FREEPAGES
    S_FREE_PAGES_OK          # __free_pages_ok
    S_FREE_ONE_PAGE
    S_FREE_ONE_ISOLATED_PAGE
    S_FREE_HOT_COLD_PAGE
    S_FREE_PCPPAGES_BULK
    S_PREP_NEW_PAGE
    S_SET_PAGEBLOCK_MIGRATETYPE
    S_SET_MIGRATETYPE_ISOLATE
    S_UNSET_MIGRATETYPE_ISOLATE
    S_SPLIT_FREE_PAGE
    S_OFFLINE_ISOLATED_PAGES  # __offline_isolated_pages
    S_OFFLINE_PAGES
    S_MIGRATE_PAGES
    S_ONLINE_PAGES
    S_SETUP_WMARKS           # setup_per_zone_wmarks
    S_SETUP_RESERVE          # setup_zone_migrate_reserve
    S_ZONE_PCP_UPDATE
    S_FREE_ALL_BOOTMEM
    S_HANDLES                # the simulator's own: handles, live list, random state
    S_PERSON                 # pin, unpin, mark LRU
    S_ACCOUNT_FREEPAGES
    S_STEAL_SUITABLE_FALLBACK
    S_RMQUEUE_CLAIM          # __rmqueue_claim
    S_RMQUEUE_STEAL          # __rmqueue_steal
    S_ISOLATE_SINGLE_PAGEBLOCK
    S_MOVE_FREEPAGES_BLOCK_ISOLATE
    S_ZONE_PCP_DISABLE
    S_RESERVE_HIGHATOMIC     # reserve_highatomic_pageblock
    S_LOWMEM_RESERVE         # setup_per_zone_lowmem_reserve
    S_SHRINK_ZONE            # shrink_zone
    S_BALANCE_PGDAT          # balance_pgdat
    S_WAKEUP_KSWAPD          # wakeup_kswapd
    S_OUT_OF_MEMORY          # out_of_memory
    S_SLOWPATH               # __alloc_pages_slowpath
    S_SITES

ctypedef struct record_t:
    uint32_t tag        # kind | site << 8 | a << 16 | b << 24: one store, not four
    uint32_t where
    uint64_t value

ctypedef struct log_t:
    int recording       # a Recording
    record_t *ring      # NULL: nothing is recorded
    uint64_t mask       # records in the ring - 1 (a power of two)
    uint64_t head       # number of the next record
    uint64_t end        # if beyond head: records up to here were taken back and can be done again
    uint64_t begin      # none before it is kept, though the ring may be large enough
    uint64_t *op_start  # ring of record numbers: where an operation begins
    uint64_t op_mask
    uint64_t first_op   # first operation whose start was recorded
    uint64_t next_op


cdef inline uint32_t tag_of(uint8_t kind, uint8_t site, uint8_t a, uint8_t b) noexcept nogil:
    return kind | <uint32_t> site << 8 | <uint32_t> a << 16 | <uint32_t> b << 24


cdef inline bint records(const log_t *log, int what) noexcept nogil:
    """Is so much recorded?"""
    if ZS_LOG == LOG_ASK or what == LOG_OPERATIONS:
        return log.recording >= what
    return ZS_LOG >= what


cdef inline void append(log_t *log, uint8_t kind, uint8_t site, uint8_t a, uint8_t b,
                        uint32_t where, uint64_t value) noexcept nogil:
    cdef record_t *record
    cdef uint64_t head
    head = log.head
    record = &log.ring[head & log.mask]
    record.tag = tag_of(kind, site, a, b)
    record.where = where
    record.value = value
    log.head = head + 1


cdef inline void log_put(log_t *log, uint8_t kind, uint8_t site, uint8_t a, uint8_t b,
                         uint32_t where, uint64_t value) noexcept nogil:
    """Record a primitive write."""
    if records(log, LOG_WRITES):
        append(log, kind, site, a, b, where, value)


cdef inline void log_op(log_t *log, uint64_t op) noexcept nogil:
    """Remember where operation `op` begins; operations come in order, none left out."""
    log.op_start[op & log.op_mask] = log.head
    log.next_op = op + 1


cdef inline uint64_t log_end(const log_t *log) noexcept nogil:
    """Number of the record after the last, taken back or not."""
    return max(log.head, log.end)


cdef inline uint64_t log_begin(const log_t *log) noexcept nogil:
    """Number of the first record that is still kept."""
    cdef uint64_t end = log_end(log)
    return max(log.begin, end - min(end, log.mask + 1))


cdef inline uint64_t neighbours(uint32_t before, uint32_t after) noexcept nogil:
    return <uint64_t> before | <uint64_t> after << 32
