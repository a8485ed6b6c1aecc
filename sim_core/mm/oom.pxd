"""The OOM killer: the process that holds most pages ends, and all of them come back."""

from libc.stdint cimport int64_t, uint32_t, uint8_t
from libc.string cimport memset

from sim_core.mm.free cimport BUG_NO_PROCESS_TO_KILL
from sim_core.mm.inuse cimport free_pages
from sim_core.mm.log cimport S_OUT_OF_MEMORY
from sim_core.mm.memory cimport (
    NOBODY, N_OOM_KILLS, N_OOM_VICTIM, OWNERS_MAX, memory_t, set_node, zone_of,
)
from sim_core.mm.page cimport ALLOCATED, KIND_MASK, MIGRATING, NIL, page_state
from sim_core.mm.zone cimport zone_t


cdef inline bint killed_with(memory_t *m, uint32_t handle) noexcept nogil:
    """Does this chunk come back with its owner's end? A pinned one and one half freed do not."""
    cdef uint32_t p = m.handles.table[handle].page
    cdef uint8_t kind
    if p == NIL or m.handles.table[handle].owner == NOBODY:
        return False
    kind = page_state(&zone_of(m, p).pages, p) & KIND_MASK
    return kind == ALLOCATED or kind == MIGRATING


cdef inline unsigned select_bad_process(memory_t *m) noexcept nogil:
    """The process with most pages, of several the first; NOBODY: there is none."""
    cdef int64_t pages[OWNERS_MAX + 1]
    cdef unsigned worst = NOBODY, i
    cdef uint32_t h
    memset(pages, 0, sizeof(pages))
    for h in range(m.handles.count):
        if killed_with(m, h):
            pages[m.handles.table[h].owner] += <int64_t> 1 << m.handles.table[h].order
    for i in range(1, OWNERS_MAX + 1):
        if pages[i] > pages[worst]:
            worst = i
    return worst


cdef inline int out_of_memory(memory_t *m) noexcept nogil:
    """Kill somebody; 0, or a negative Bug, which is a panic if there is nobody."""
    cdef unsigned victim = select_bad_process(m)
    cdef uint32_t h, p
    cdef int ret
    cdef zone_t *z
    if victim == NOBODY:
        return -BUG_NO_PROCESS_TO_KILL
    set_node(m, N_OOM_KILLS, m.number[N_OOM_KILLS] + 1, S_OUT_OF_MEMORY)
    set_node(m, N_OOM_VICTIM, victim, S_OUT_OF_MEMORY)
    for h in range(m.handles.count):
        if m.handles.table[h].owner == victim and killed_with(m, h):
            p = m.handles.table[h].page
            z = zone_of(m, p)
            ret = free_pages(m, z, p, m.handles.table[h].order)
            if ret:
                return ret
    return 0
