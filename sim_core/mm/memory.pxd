"""The node: its zones under one accounting model, the handles by which operations name chunks, the
random state, and the operation counter.

The zones share one memory map, whose pfns count from the node's first page rounded down to the
largest chunk, so that buddy arithmetic on them is buddy arithmetic on PFNs. No chunk crosses from
one zone into the next, since each begins at a multiple of the largest.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport realloc

from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.log cimport (
    R_LIVE_PUSH, R_LIVE_REMOVE, R_NODE, R_QUEUE_PUSH, R_QUEUE_REMOVE, R_RANDOM, R_STOP, R_WORKLOAD,
    S_HANDLES, log_put, log_t, neighbours,
)
from sim_core.mm.page cimport NIL
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
    int64_t var[VARIABLES]

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


cdef inline zone_t *zone_with(memory_t *m, uint32_t p) noexcept nogil:
    """The zone that a page lies in, or NULL."""
    cdef unsigned i
    for i in range(m.nr_zones):
        if in_zone(&m.zones[i], p):
            return &m.zones[i]
    return NULL


cdef inline uint32_t draw(memory_t *m) noexcept nogil:
    """Next 32 random bits (xorshift64*)."""
    cdef uint64_t x = m.random
    log_put(&m.log, R_RANDOM, S_HANDLES, 0, 0, 0, x)
    x ^= x >> 12
    x ^= x << 25
    x ^= x >> 27
    m.random = x
    return <uint32_t> ((x * <uint64_t> 0x2545F4914F6CDD1D) >> 32)


cdef inline int make_room(memory_t *m, uint32_t more) noexcept nogil:
    """Room for `more` further handles; 0, or -1 if memory ran out (nothing changed)."""
    cdef handles_t *h = &m.handles
    cdef uint64_t room = h.room
    cdef void *grown
    if not zs_rare(<uint64_t> h.count + more > room):
        return 0
    while <uint64_t> h.count + more > room:
        room = room * 2 if room else 1024
    grown = realloc(h.table, room * sizeof(handle_t))
    if grown == NULL:
        return -1
    h.table = <handle_t *> grown
    grown = realloc(h.retired, room * sizeof(uint32_t))
    if grown == NULL:
        return -1
    h.retired = <uint32_t *> grown
    grown = realloc(h.live, room * sizeof(uint32_t))
    if grown == NULL:
        return -1
    h.live = <uint32_t *> grown
    grown = realloc(h.age, room * sizeof(age_t))
    if grown == NULL:
        return -1
    h.age = <age_t *> grown
    h.room = <uint32_t> room
    return 0


cdef inline uint64_t take_handle(memory_t *m, uint32_t page, unsigned order,
                                 unsigned owner) noexcept nogil:
    """A handle for a chunk: the one retired last, or a number never used. The caller has made room.

    Returns:
        the handle, | 1 << 32 if it was used before, | owner << 40: what the caller's record says of it.
    """
    cdef handles_t *h = &m.handles
    cdef uint32_t handle
    cdef uint64_t again = 0
    if h.nr_retired:
        h.nr_retired -= 1
        handle = h.retired[h.nr_retired]
        again = <uint64_t> 1 << 32
    else:
        handle = h.count
        h.count += 1
        h.table[handle].place = NIL
        h.table[handle].queue = 0
    h.table[handle].page = page
    h.table[handle].order = <uint8_t> order
    h.table[handle].owner = <uint8_t> owner
    return handle | again | <uint64_t> owner << 40


cdef inline void live_push(memory_t *m, uint32_t handle) noexcept nogil:
    """The workload may free this one from now on."""
    cdef handles_t *h = &m.handles
    log_put(&m.log, R_LIVE_PUSH, S_HANDLES, 0, 0, handle, 0)
    h.table[handle].place = h.nr_live
    h.live[h.nr_live] = handle
    h.nr_live += 1


cdef inline void live_remove(memory_t *m, uint32_t handle) noexcept nogil:
    """Close the gap with the last one."""
    cdef handles_t *h = &m.handles
    cdef uint32_t place = h.table[handle].place
    cdef uint32_t last
    log_put(&m.log, R_LIVE_REMOVE, S_HANDLES, 0, 0, place, handle)
    h.nr_live -= 1
    last = h.live[h.nr_live]
    h.live[place] = last
    h.table[last].place = place
    h.table[handle].place = NIL


cdef inline void queue_push(memory_t *m, unsigned queue, uint32_t handle) noexcept nogil:
    """The youngest of its queue from now on."""
    cdef handles_t *h = &m.handles
    cdef queue_t *q = &h.queues[queue]
    log_put(&m.log, R_QUEUE_PUSH, S_HANDLES, <uint8_t> queue, 0, handle, 0)
    h.age[handle].older = q.youngest if q.length else NIL
    h.age[handle].younger = NIL
    if q.length:
        h.age[q.youngest].younger = handle
    else:
        q.oldest = handle
    q.youngest = handle
    q.length += 1
    q.pages += <int64_t> 1 << h.table[handle].order
    h.nr_queued += 1
    h.table[handle].queue = <uint8_t> (queue + 1)


cdef inline void queue_remove(memory_t *m, uint32_t handle) noexcept nogil:
    cdef handles_t *h = &m.handles
    cdef unsigned queue = h.table[handle].queue - 1
    cdef uint32_t older, younger
    cdef queue_t *q = &h.queues[queue]
    older = h.age[handle].older
    younger = h.age[handle].younger
    log_put(&m.log, R_QUEUE_REMOVE, S_HANDLES, <uint8_t> queue, 0, handle,
            neighbours(older, younger))
    if older == NIL:
        q.oldest = younger
    else:
        h.age[older].younger = younger
    if younger == NIL:
        q.youngest = older
    else:
        h.age[younger].older = older
    q.length -= 1
    q.pages -= <int64_t> 1 << h.table[handle].order
    h.nr_queued -= 1
    h.table[handle].queue = 0


cdef inline void let_go(memory_t *m, uint32_t handle) noexcept nogil:
    """No workload frees this one any more."""
    if m.handles.table[handle].place != NIL:
        live_remove(m, handle)
    if m.handles.table[handle].queue:
        queue_remove(m, handle)


cdef inline void set_var(memory_t *m, unsigned which, int64_t value) noexcept nogil:
    """Write one of the workload's variables."""
    log_put(&m.log, R_WORKLOAD, S_HANDLES, <uint8_t> which, 0, 0,
            <uint64_t> m.workload.var[which])
    m.workload.var[which] = value


cdef inline void retire_handle(memory_t *m, uint32_t handle) noexcept nogil:
    """It names nothing any more; the caller records that."""
    cdef handles_t *h = &m.handles
    let_go(m, handle)
    h.table[handle].page = NIL
    h.table[handle].order = 0
    h.table[handle].owner = NOBODY
    h.retired[h.nr_retired] = handle
    h.nr_retired += 1


cdef inline void set_node(memory_t *m, unsigned which, int64_t value, uint8_t site) noexcept nogil:
    """Write one of the numbers of enum NodeNumber."""
    if m.number[which] == value:
        return
    log_put(&m.log, R_NODE, site, <uint8_t> which, 0, 0, <uint64_t> m.number[which])
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
    log_put(&m.log, R_STOP, S_HANDLES, 0, 0, 0, 0)
    m.stopped = bug
