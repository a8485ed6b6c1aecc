"""The workloads by kind: whose turn it is, and what a kind begins with."""

from libc.stdint cimport uint32_t

from sim_core.mm.atomicbursts cimport atomic_bursts_turn, in_interrupt
from sim_core.mm.churn cimport churn_turn
from sim_core.mm.cma cimport CMA_PAGES, cma_turn
from sim_core.mm.cycler cimport hotplug_turn
from sim_core.mm.forkstorm cimport fork_storm_turn
from sim_core.mm.hugepages cimport huge_pages_turn
from sim_core.mm.kswapd cimport kswapd_step
from sim_core.mm.log cimport S_HANDLES, WORKLOAD_FLAG
from sim_core.mm.memory cimport (
    N_CPU, N_KSWAPD_AWAKE, VARIABLES, V_KIND, W_ATOMIC_BURSTS, W_CMA, W_FORK_STORM,
    W_HOTPLUG, W_HUGE_PAGES, W_PAGE_CACHE, W_RECLAIM_PRESSURE, W_SLAB, memory_t, set_node, set_var,
)
from sim_core.mm.operation cimport OP_KSWAPD_STEP, end_op, name_op
from sim_core.mm.page cimport NIL
from sim_core.mm.pagecache cimport page_cache_turn
from sim_core.mm.pressure cimport READ_PAGES, reclaim_pressure_turn
from sim_core.mm.slab cimport slab_turn
from sim_core.mm.turn cimport NO_QUEUE, tally_t
from sim_core.mm.zone cimport zone_t


cdef enum:
    TURNS_ON_A_CPU = 16    # before the next one runs


cdef inline uint32_t handles_of_turn(const memory_t *m) noexcept nogil:
    """Handles that a turn may need at most."""
    if m.workload.kind == W_CMA:
        return m.workload.param[CMA_PAGES]
    return m.workload.param[READ_PAGES] if m.workload.kind == W_RECLAIM_PRESSURE else 1


cdef inline void begin_kind(memory_t *m) noexcept nogil:
    """The first turn of another kind finds no variable of the one before; what that one held stays."""
    cdef unsigned i
    for i in range(VARIABLES):
        if m.workload.var[i] and i != V_KIND:
            set_var(m, i, 0)
    set_var(m, V_KIND, m.workload.kind)


cdef inline bint kswapd_is_on(const memory_t *m) noexcept nogil:
    """While kswapd is awake every other turn is its own."""
    return m.number[N_KSWAPD_AWAKE] and m.op & 1


cdef inline int kswapd_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef int ret
    name_op(m, OP_KSWAPD_STEP, 0, 0, WORKLOAD_FLAG, NIL, 0)
    ret = kswapd_step(m)
    end_op(m, False, ret)
    tally.done += 1
    return ret


cdef inline int take_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """Carry the operation begun out, whatever the workload makes of it; 0 or a negative Bug.

    What works on pageblocks does so in the highest zone.
    """
    cdef zone_t *z = &m.zones[m.nr_zones - 1]
    if m.workload.var[V_KIND] != m.workload.kind:
        begin_kind(m)
    if z.cpus > 1:
        set_node(m, N_CPU, m.op // TURNS_ON_A_CPU % z.cpus, S_HANDLES)
    if not in_interrupt(m) and kswapd_is_on(m):
        return kswapd_turn(m, tally)
    if m.workload.kind == W_PAGE_CACHE:
        return page_cache_turn(m, tally)
    if m.workload.kind == W_SLAB:
        return slab_turn(m, tally)
    if m.workload.kind == W_HUGE_PAGES:
        return huge_pages_turn(m, tally)
    if m.workload.kind == W_HOTPLUG:
        return hotplug_turn(m, z, tally)
    if m.workload.kind == W_CMA:
        return cma_turn(m, z, tally)
    if m.workload.kind == W_RECLAIM_PRESSURE:
        return reclaim_pressure_turn(m, tally)
    if m.workload.kind == W_FORK_STORM:
        return fork_storm_turn(m, tally)
    if m.workload.kind == W_ATOMIC_BURSTS:
        return atomic_bursts_turn(m, tally)
    return churn_turn(m, NO_QUEUE, tally)
