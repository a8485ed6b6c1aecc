"""The node: its zones under one accounting model, the handles by which operations name chunks, the
random state, and the operation counter.

The zones share one memory map, whose pfns count from the node's first page rounded down to the
largest chunk, so that buddy arithmetic on them is buddy arithmetic on PFNs. No chunk crosses from
one zone into the next, since each begins at a multiple of the largest.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport (
    R_NODE, R_RANDOM, R_SETTING, R_STOP, R_WORKLOAD, S_HANDLES, S_PERSON, log_put, log_t,
)
from sim_core.mm.zone cimport (
    NR_ALLOCATED, ORDERS_MAX, PRESENT_PAGES, ZONES_MAX, in_zone, zone_t,
)

cdef enum:
    NOBODY = 0            # owner of what no OOM kill gives back
    OWNERS_MAX = 250
    RANDOM_SEED = 88172645463325252
    WATERMARK_SCALE_FACTOR = 10      # of 10 000, as kernels are built
    PARAMS_MAX = 5
    AWAY_MAX = 16         # pieces of memory that a workload keeps offline
    PROCESSES_MAX = 50    # that a workload keeps alive, each with a queue of its own
    SETTINGS = ORDERS_MAX + 8 + PARAMS_MAX   # numbers that say which workload runs, and how

cdef enum:  # Queue: what workloads hold in the order they got it; the live list has no order
    Q_CACHE               # pages on the LRU
    Q_SLAB                # small chunks that cannot be moved
    Q_HUGE                # chunks of pageblock_order and of the order below
    Q_CONTIG              # pages of alloc_contig_range
    Q_ANON                # a process's anonymous memory
    Q_BUFFERS             # chunks got by somebody who cannot wait
    Q_PROCESS             # the first of PROCESSES_MAX: all that a process has, its kernel stack first
    QUEUES = Q_PROCESS + PROCESSES_MAX

cdef enum:  # WorkloadKind
    W_CHURN
    W_PAGE_CACHE
    W_SLAB
    W_HUGE_PAGES
    W_HOTPLUG
    W_CMA
    W_RECLAIM_PRESSURE
    W_FORK_STORM
    W_ATOMIC_BURSTS
    WORKLOADS

cdef enum:  # Variable: what a turn leaves to later ones, besides random state and what is held
    V_RELIEF              # pages still to give back, after a full zone or for a drop
    V_KIND                # whose variables these are
    V_PHASE               # 1: giving back until nothing is left
    V_CURSOR              # where to go on
    V_AREA                # 1 + first block of the CMA area; 0: not looked for, -1: there is no room
    V_AREA_BLOCKS         # blocks of it so far
    V_AWAY                # pieces offline, the oldest first in the places from V_AWAY_FIRST on
    V_AWAY_FIRST
    VARIABLES = V_AWAY_FIRST + AWAY_MAX

cdef enum:  # NodeNumber: what a node has beside its zones
    N_MIN_FREE_KBYTES     # as last worked out or written
    N_SWAP_FREE           # pages that anonymous memory may still go to
    N_KSWAPD_AWAKE
    N_KSWAPD_ORDER        # what it was woken for
    N_KSWAPD_CLASS
    N_KSWAPD_PRIORITY     # of the next step
    N_KSWAPD_RECLAIMED    # pages since its balancing began
    N_VERDICT             # of the last request: a Verdict
    N_TURNS               # turns that it took through reclaim
    N_OOM_KILLS           # processes killed so far
    N_OOM_VICTIM          # the last one
    N_CPU                 # that runs: whose pcp lists are used
    NODE_NUMBERS

cdef enum:  # Verdict: how a request ended
    VERDICT_NONE          # there was none yet
    VERDICT_GOT
    VERDICT_NO_PAGE
    VERDICT_LIVELOCK      # it would go round for ever: nothing that it does changes anything
    VERDICT_PANIC         # out of memory, and no process to kill

ctypedef struct handle_t:
    uint32_t page       # the head's pfn, from the node's first on; NIL: the handle is free
    uint32_t place      # position in `live`, or NIL: not the workload's
    uint8_t order
    uint8_t queue       # 1 + the queue it is in, or 0
    uint8_t owner       # process that an OOM kill would end, or NOBODY

ctypedef struct age_t:
    uint32_t older      # neighbours of a handle in its queue, or NIL
    uint32_t younger

ctypedef struct queue_t:
    uint32_t oldest     # if there is any
    uint32_t youngest
    uint32_t length
    int64_t pages

ctypedef struct handles_t:
    handle_t *table
    uint32_t count      # handles ever made
    uint32_t room
    uint32_t *retired   # stack of free handles
    uint32_t nr_retired
    uint32_t *live      # handles that the workload may free
    uint32_t nr_live
    age_t *age          # [room] of those in a queue
    queue_t queues[QUEUES]
    uint32_t nr_queued  # in all queues

ctypedef struct workload_t:
    uint32_t order_weight[ORDERS_MAX]
    uint32_t order_total
    uint32_t type_weight[3]   # MOVABLE, UNMOVABLE, RECLAIMABLE: the order in which they are drawn
    uint32_t type_total
    uint32_t low              # percent of present pages: below, only allocations
    uint32_t high             # percent: above, only frees
    uint32_t kind
    uint32_t param[PARAMS_MAX]   # as the kind's own file names them
    int64_t var[VARIABLES]       # what comes before is its SETTINGS, one number after the other

ctypedef struct break_t:
    uint64_t op
    uint8_t zone              # its slot
    uint8_t identity
    uint8_t broken            # 1 broke, 0 healed

ctypedef struct tunables_t:   # what /proc/sys/vm sizes zones by
    int64_t lowmem_reserve_ratio[ZONES_MAX]
    int64_t watermark_scale_factor   # of 10 000 (6.x)
    int64_t percpu_pagelist_fraction  # 0: not set; percpu_pagelist_high_fraction in 6.x

ctypedef struct memory_t:
    zone_t zones[ZONES_MAX]   # every kind that the kernel is built with, lowest first; some may be empty
    unsigned nr_zones
    uint64_t base             # absolute pfn of the node's pfn 0, a multiple of the largest chunk
    uint32_t first_block      # of the lowest zone
    uint32_t last_block       # one past the last of the highest
    bint whole                # requests go by zonelist, watermark and reclaim; else a bare zone serves all
    bint movable_is_highmem   # ZONE_MOVABLE is cut from ZONE_HIGHMEM
    int64_t number[NODE_NUMBERS]
    tunables_t tunables
    log_t log
    uint32_t epoch
    uint64_t op               # number of the last operation
    uint64_t op_bound         # none begins after this one: of many asked for together, some run again
    uint64_t travels          # times that it came to another moment by something else than an operation
    handles_t handles
    workload_t workload
    uint64_t random
    int stopped               # 0, or the Bug that stopped the node
    uint32_t watch            # identities looked at after each operation, a bit each
    break_t breaks[64]        # ring of changes
    uint64_t nr_breaks


cdef inline zone_t *zone_of(memory_t *m, uint32_t p) noexcept nogil:
    """The zone that a page lies in; the caller knows that it lies in one."""
    cdef zone_t *z = &m.zones[0]
    while p >= z.end:
        z += 1
    return z


cdef inline zone_t *zone_of_block(memory_t *m, uint32_t b) noexcept nogil:
    """The zone that a pageblock lies in; the caller knows that it lies in one, and the border between
    zones lies between blocks."""
    cdef zone_t *z = &m.zones[0]
    while b >= z.last_block:
        z += 1
    return z


cdef inline zone_t *zone_with(memory_t *m, uint32_t p) noexcept nogil:
    """The zone that a page lies in, or NULL."""
    cdef unsigned i
    for i in range(m.nr_zones):
        if in_zone(&m.zones[i], p):
            return &m.zones[i]
    return NULL


cdef inline uint64_t next_random(uint64_t x) noexcept nogil:
    """The state of the generator (xorshift64*) after x."""
    x ^= x >> 12
    x ^= x << 25
    return x ^ x >> 27


cdef inline uint32_t draw(memory_t *m) noexcept nogil:
    """Next 32 random bits."""
    log_put(&m.log, R_RANDOM, S_HANDLES, 0, 0, 0, m.random)
    m.random = next_random(m.random)
    return <uint32_t> ((m.random * <uint64_t> 0x2545F4914F6CDD1D) >> 32)


cdef inline void set_var(memory_t *m, unsigned which, int64_t value) noexcept nogil:
    """Write one of the workload's variables."""
    if m.workload.var[which] == value:
        return
    log_put(&m.log, R_WORKLOAD, S_HANDLES, <uint8_t> which, 0,
            <uint32_t> (value - m.workload.var[which]), <uint64_t> m.workload.var[which])
    m.workload.var[which] = value


cdef inline uint32_t *setting_of(memory_t *m, unsigned which) noexcept nogil:
    """One of the numbers that say which workload runs."""
    return (<uint32_t *> &m.workload) + which


cdef inline void set_setting(memory_t *m, unsigned which, uint32_t value) noexcept nogil:
    cdef uint32_t *setting = setting_of(m, which)
    if setting[0] == value:
        return
    log_put(&m.log, R_SETTING, S_PERSON, <uint8_t> which, 0, value, setting[0])
    setting[0] = value


cdef inline void set_node(memory_t *m, unsigned which, int64_t value, uint8_t site) noexcept nogil:
    """Write one of the numbers of enum NodeNumber."""
    if m.number[which] == value:
        return
    log_put(&m.log, R_NODE, site, <uint8_t> which, 0, <uint32_t> (value - m.number[which]),
            <uint64_t> m.number[which])
    m.number[which] = value


cdef inline int64_t present_pages(const memory_t *m) noexcept nogil:
    """Of all zones."""
    cdef int64_t pages = 0
    cdef unsigned i
    for i in range(m.nr_zones):
        pages += m.zones[i].stat[PRESENT_PAGES]
    return pages


cdef inline int64_t pages_in_use(const memory_t *m) noexcept nogil:
    """Of all zones."""
    cdef int64_t pages = 0
    cdef unsigned i
    for i in range(m.nr_zones):
        pages += m.zones[i].stat[NR_ALLOCATED]
    return pages


cdef inline void stop_node(memory_t *m, int bug) noexcept nogil:
    """A kernel BUG: nothing runs any more."""
    if m.stopped:
        return
    log_put(&m.log, R_STOP, S_HANDLES, 0, 0, <uint32_t> bug, 0)
    m.stopped = bug
