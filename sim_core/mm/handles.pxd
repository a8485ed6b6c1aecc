"""Handles: the names by which operations speak of chunks, the workload's list of them, and its queues.

The functions that only write serve those that record what they write, and who goes back in time and
on again (undo.pxd).
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport realloc

from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.log cimport (
    R_LIVE_PUSH, R_LIVE_REMOVE, R_QUEUE_PUSH, R_QUEUE_REMOVE, S_HANDLES, log_put, neighbours,
)
from sim_core.mm.memory cimport NOBODY, age_t, handle_t, handles_t, memory_t, queue_t
from sim_core.mm.page cimport NIL

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


cdef inline void put_name(memory_t *m, uint32_t handle, uint32_t page, unsigned order,
                          unsigned owner) noexcept nogil:
    """A handle stands for this chunk: the one retired last, or a number never used. That is all of
    take_handle that is written, for it and for who does it again."""
    cdef handles_t *h = &m.handles
    if handle == h.count:
        h.count += 1
        h.table[handle].place = NIL
        h.table[handle].queue = 0
    else:
        h.nr_retired -= 1
    h.table[handle].page = page
    h.table[handle].order = <uint8_t> order
    h.table[handle].owner = <uint8_t> owner


cdef inline uint64_t take_handle(memory_t *m, uint32_t page, unsigned order,
                                 unsigned owner) noexcept nogil:
    """A handle for a chunk. The caller has made room.

    Returns:
        the handle, | 1 << 32 if it was used before, | owner << 40: what the caller's record says of it.
    """
    cdef handles_t *h = &m.handles
    cdef uint32_t handle = h.count
    cdef uint64_t again = 0
    if h.nr_retired:
        handle = h.retired[h.nr_retired - 1]
        again = <uint64_t> 1 << 32
    put_name(m, handle, page, order, owner)
    return handle | again | <uint64_t> owner << 40


cdef inline void take_name(memory_t *m, uint32_t handle) noexcept nogil:
    """A handle stands for nothing any more, and is the next one to be taken."""
    cdef handles_t *h = &m.handles
    h.table[handle].page = NIL
    h.table[handle].order = 0
    h.table[handle].owner = NOBODY
    h.retired[h.nr_retired] = handle
    h.nr_retired += 1


cdef inline void unmake_handle(memory_t *m, uint32_t handle, bint again) noexcept nogil:
    """Take take_handle back.

    Args:
        again: the handle was used before.
    """
    if again:
        take_name(m, handle)
    else:
        m.handles.count -= 1


cdef inline void put_live(memory_t *m, uint32_t handle) noexcept nogil:
    """The write of live_push alone, for it and for who puts back what was."""
    cdef handles_t *h = &m.handles
    h.table[handle].place = h.nr_live
    h.live[h.nr_live] = handle
    h.nr_live += 1


cdef inline void live_push(memory_t *m, uint32_t handle) noexcept nogil:
    """The workload may free this one from now on."""
    log_put(&m.log, R_LIVE_PUSH, S_HANDLES, 0, 0, handle, 0)
    put_live(m, handle)


cdef inline void take_live(memory_t *m, uint32_t place) noexcept nogil:
    """The write of live_remove alone: the last one closes the gap."""
    cdef handles_t *h = &m.handles
    cdef uint32_t handle = h.live[place], last
    h.nr_live -= 1
    last = h.live[h.nr_live]
    h.live[place] = last
    h.table[last].place = place
    h.table[handle].place = NIL


cdef inline void put_live_at(memory_t *m, uint32_t place, uint32_t handle) noexcept nogil:
    """What take_live took away."""
    cdef handles_t *h = &m.handles
    cdef uint32_t last = h.live[place] if place < h.nr_live else handle
    h.live[h.nr_live] = last
    h.table[last].place = h.nr_live
    h.live[place] = handle
    h.table[handle].place = place
    h.nr_live += 1


cdef inline void live_remove(memory_t *m, uint32_t handle) noexcept nogil:
    cdef uint32_t place = m.handles.table[handle].place
    log_put(&m.log, R_LIVE_REMOVE, S_HANDLES, 0, 0, place, handle)
    take_live(m, place)


cdef inline void put_queued(memory_t *m, unsigned queue, uint32_t handle, uint32_t older,
                            uint32_t younger) noexcept nogil:
    """Put a handle between two neighbours of a queue (NIL: there is none on that side)."""
    cdef handles_t *h = &m.handles
    cdef queue_t *q = &h.queues[queue]
    h.age[handle].older = older
    h.age[handle].younger = younger
    if older == NIL:
        q.oldest = handle
    else:
        h.age[older].younger = handle
    if younger == NIL:
        q.youngest = handle
    else:
        h.age[younger].older = handle
    q.length += 1
    q.pages += <int64_t> 1 << h.table[handle].order
    h.nr_queued += 1
    h.table[handle].queue = <uint8_t> (queue + 1)


cdef inline uint32_t youngest_of(const memory_t *m, unsigned queue) noexcept nogil:
    """The handle that a queue got last, or NIL."""
    return m.handles.queues[queue].youngest if m.handles.queues[queue].length else NIL


cdef inline void queue_push(memory_t *m, unsigned queue, uint32_t handle) noexcept nogil:
    """The youngest of its queue from now on."""
    log_put(&m.log, R_QUEUE_PUSH, S_HANDLES, <uint8_t> queue, 0, handle, 0)
    put_queued(m, queue, handle, youngest_of(m, queue), NIL)


cdef inline void take_queued(memory_t *m, uint32_t handle) noexcept nogil:
    """The write of queue_remove alone."""
    cdef handles_t *h = &m.handles
    cdef queue_t *q = &h.queues[h.table[handle].queue - 1]
    cdef uint32_t older = h.age[handle].older, younger = h.age[handle].younger
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


cdef inline void queue_remove(memory_t *m, uint32_t handle) noexcept nogil:
    cdef handles_t *h = &m.handles
    log_put(&m.log, R_QUEUE_REMOVE, S_HANDLES, <uint8_t> (h.table[handle].queue - 1), 0, handle,
            neighbours(h.age[handle].older, h.age[handle].younger))
    take_queued(m, handle)


cdef inline void let_go(memory_t *m, uint32_t handle) noexcept nogil:
    """No workload frees this one any more."""
    if m.handles.table[handle].place != NIL:
        live_remove(m, handle)
    if m.handles.table[handle].queue:
        queue_remove(m, handle)


cdef inline void retire_handle(memory_t *m, uint32_t handle) noexcept nogil:
    """It names nothing any more; the caller records that."""
    let_go(m, handle)
    take_name(m, handle)
