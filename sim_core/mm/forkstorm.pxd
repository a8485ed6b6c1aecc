"""Fork storm: processes are born, ask for what the kernel keeps of them and then for memory, live for a while
and end; the chunks of several that grow at once lie between each other.

All that is known of a process stands in its queue: first its kernel stack, then page tables, then anonymous
memory. An OOM kill empties the queue, reclaim thins it (the process then faults again), and so the next turn
finds what is. A process that is killed while it asks gets its page all the same; a queue without a stack is
what such a one has left, and is given back.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.inuse cimport free_pages
from sim_core.mm.log cimport WORKLOAD_FLAG
from sim_core.mm.memory cimport (
    PROCESSES_MAX, Q_PROCESS, V_CURSOR, V_RELIEF, draw, memory_t, present_pages, queue_t, set_var,
    zone_of,
)
from sim_core.mm.operation cimport OP_EXIT, end_op, name_op
from sim_core.mm.turn cimport (
    draw_victim, give_relief, gives_back, nothing_to_free, relief_of, set_of, tally_t, turn_free,
    turn_idle, turn_process,
)
from sim_core.mm.zone cimport MOVABLE, UNMOVABLE

cdef enum:
    STACK_ORDER = 2         # THREAD_SIZE_ORDER: 16 KiB
    TABLES_UPPER = 3        # page tables that every process has: pgd, pud, pmd
    TABLE_ENTRIES = 512     # pages that a lowest one maps
    FIRST_PROCESS = 2       # owner of the first; WORKLOAD_OWNER is the one below
    EXIT_CHUNKS = 512       # that one operation of an end gives back at most
    ENDING = V_CURSOR       # 1 + the process that ends; 0: none
    NONE = -1

cdef enum:  # Parameter of fork-storm
    FORK_PROCESSES          # at a time
    FORK_DEMAND             # percent of present pages that all of them together want
    FORK_CHURN              # percent of turns in which one grows, when they come and go evenly


# ---- a process ----

cdef inline uint32_t size_of_process(const memory_t *m) noexcept nogil:
    """Pages that each wants to have in all."""
    cdef int64_t all_pages = present_pages(m) * m.workload.param[FORK_DEMAND] // 100
    return <uint32_t> min(max(all_pages // m.workload.param[FORK_PROCESSES], <int64_t> 1),
                          <int64_t> 1 << 31)


cdef inline uint32_t page_tables(uint32_t size) noexcept nogil:
    return TABLES_UPPER + (size + TABLE_ENTRIES - 1) // TABLE_ENTRIES


cdef inline bint has_stack(const memory_t *m, const queue_t *process) noexcept nogil:
    """Nothing else of a process is larger than a page."""
    return process.length > 0 and m.handles.table[process.oldest].order > 0


cdef inline bint is_grown(const memory_t *m, const queue_t *process, uint32_t size) noexcept nogil:
    return (has_stack(m, process) and process.length > page_tables(size) and process.pages >= size)


cdef inline int find_process(memory_t *m, bint grown) noexcept nogil:
    """From a random one on, the first that has its size, or the first that has not; or NONE."""
    cdef uint32_t processes = m.workload.param[FORK_PROCESSES], size = size_of_process(m), i
    cdef uint32_t first = draw(m) % processes
    for i in range(processes):
        if is_grown(m, &m.handles.queues[Q_PROCESS + (first + i) % processes], size) == grown:
            return <int> ((first + i) % processes)
    return NONE


cdef inline int find_alive(memory_t *m) noexcept nogil:
    """From a random one on, the first that has anything; or NONE."""
    cdef uint32_t first = draw(m) % PROCESSES_MAX, i
    for i in range(PROCESSES_MAX):
        if m.handles.queues[Q_PROCESS + (first + i) % PROCESSES_MAX].length:
            return <int> ((first + i) % PROCESSES_MAX)
    return NONE


cdef inline int find_surplus(const memory_t *m) noexcept nogil:
    """A process more than there may be now; or NONE."""
    cdef unsigned i
    for i in range(m.workload.param[FORK_PROCESSES], PROCESSES_MAX):
        if m.handles.queues[Q_PROCESS + i].length:
            return <int> i
    return NONE


# ---- its turns ----

cdef inline int grow(memory_t *m, unsigned i, tally_t *tally) noexcept nogil:
    """The process's next request; 0 or a negative Bug."""
    cdef queue_t *process = &m.handles.queues[Q_PROCESS + i]
    cdef unsigned order = 0, mt = UNMOVABLE
    if process.length == 0:
        order = min(<unsigned> STACK_ORDER, m.zones[0].max_order - 1)
    elif not has_stack(m, process):
        return turn_free(m, process.oldest, tally)
    elif process.length > page_tables(size_of_process(m)):
        mt = MOVABLE
    return turn_process(m, order, mt, FIRST_PROCESS + i, Q_PROCESS + i, relief_of(m, order), tally)


cdef inline int exit_process(memory_t *m, unsigned i, tally_t *tally) noexcept nogil:
    """Give the youngest of its chunks back: memory, then page tables, and the stack last; 0 or a Bug."""
    cdef queue_t *process = &m.handles.queues[Q_PROCESS + i]
    cdef uint32_t count = min(process.length, <uint32_t> EXIT_CHUNKS), done = 0, handle, p
    cdef int64_t pages = process.pages
    cdef int ret = 0
    set_var(m, ENDING, 1 + <int64_t> i)
    name_op(m, OP_EXIT, FIRST_PROCESS + i, 0, WORKLOAD_FLAG,
            m.handles.table[process.youngest].page, count)
    while done < count and ret == 0:
        handle = process.youngest
        p = m.handles.table[handle].page
        ret = free_pages(m, zone_of(m, p), p, m.handles.table[handle].order)
        done += ret == 0
    give_relief(m, pages - process.pages)
    end_op(m, False, ret if ret else <int64_t> done)
    tally.freed += done
    tally.effort += done
    return ret


cdef inline int relieve_storm(memory_t *m, uint64_t own, tally_t *tally) noexcept nogil:
    """After a request found nothing: what others left goes first, then somebody ends."""
    cdef int i
    if not nothing_to_free(m, own):
        return turn_free(m, draw_victim(m, own), tally)
    i = find_alive(m)
    if i != NONE:
        return exit_process(m, <unsigned> i, tally)
    set_var(m, V_RELIEF, 0)
    return turn_idle(m, tally)


cdef inline int choose_end(memory_t *m) noexcept nogil:
    """Who ends now, or NONE: a process's size in turns of growth lies between two ends, on average."""
    cdef int i = find_surplus(m)
    if i != NONE or draw(m) % size_of_process(m) or draw(m) % 100 >= m.workload.param[FORK_CHURN]:
        return i
    return find_process(m, True)


cdef inline int fork_storm_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug."""
    cdef uint64_t own = (set_of(PROCESSES_MAX) - 1) << Q_PROCESS
    cdef int64_t ending = m.workload.var[ENDING]
    cdef int i
    if ending and m.handles.queues[Q_PROCESS + ending - 1].length:
        return exit_process(m, <unsigned> (ending - 1), tally)
    if ending:
        set_var(m, ENDING, 0)
    if m.workload.var[V_RELIEF] > 0:
        return relieve_storm(m, own, tally)
    if gives_back(m, own):
        return turn_free(m, draw_victim(m, own), tally)
    i = choose_end(m)
    if i != NONE:
        return exit_process(m, <unsigned> i, tally)
    i = find_process(m, False)
    if i == NONE:
        return turn_idle(m, tally)
    return grow(m, <unsigned> i, tally)
