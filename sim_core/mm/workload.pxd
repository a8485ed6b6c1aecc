"""The workloads by kind: whose turn it is, and what a kind begins with."""

from libc.stdint cimport uint32_t

from sim_core.mm.churn cimport churn_turn
from sim_core.mm.cma cimport CMA_PAGES, cma_turn
from sim_core.mm.cycler cimport hotplug_turn
from sim_core.mm.hugepages cimport huge_pages_turn
from sim_core.mm.memory cimport (
    VARIABLES, V_KIND, W_CMA, W_HOTPLUG, W_HUGE_PAGES, W_PAGE_CACHE, W_SLAB, memory_t, set_var,
)
from sim_core.mm.pagecache cimport page_cache_turn
from sim_core.mm.slab cimport slab_turn
from sim_core.mm.turn cimport NO_QUEUE, tally_t
from sim_core.mm.zone cimport zone_t


cdef inline uint32_t handles_of_turn(const memory_t *m) noexcept nogil:
    """Handles that a turn may need at most."""
    return m.workload.param[CMA_PAGES] if m.workload.kind == W_CMA else 1


cdef inline void begin_kind(memory_t *m) noexcept nogil:
    """The first turn of another kind finds no variable of the one before; what that one held stays."""
    cdef unsigned i
    for i in range(VARIABLES):
        if m.workload.var[i] and i != V_KIND:
            set_var(m, i, 0)
    set_var(m, V_KIND, m.workload.kind)


cdef inline int take_turn(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """Carry the operation begun out, whatever the workload makes of it; 0 or a negative Bug."""
    if m.workload.var[V_KIND] != m.workload.kind:
        begin_kind(m)
    if m.workload.kind == W_PAGE_CACHE:
        return page_cache_turn(m, z, tally)
    if m.workload.kind == W_SLAB:
        return slab_turn(m, z, tally)
    if m.workload.kind == W_HUGE_PAGES:
        return huge_pages_turn(m, z, tally)
    if m.workload.kind == W_HOTPLUG:
        return hotplug_turn(m, z, tally)
    if m.workload.kind == W_CMA:
        return cma_turn(m, z, tally)
    return churn_turn(m, z, NO_QUEUE, tally)
