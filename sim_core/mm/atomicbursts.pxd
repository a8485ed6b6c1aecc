"""Atomic bursts: a network card's interrupts ask for buffers, many at once, and cannot wait.

Such a request reclaims nothing. On a whole node it may go below MIN instead, and wakes kswapd, which fills up
again what the burst has taken; if there is nothing even there, the packet is dropped. So that a node is near
its marks when a burst comes, page cache takes what the churn beneath leaves free.

In a bare zone there are no marks to go below and nobody who takes page cache back: the churn is all that
is beneath, and a request fails when no list has a chunk.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.churn cimport churn_turn
from sim_core.mm.log cimport ATOMIC_FLAG
from sim_core.mm.memory cimport (
    Q_BUFFERS, Q_CACHE, V_CURSOR, V_PHASE, W_ATOMIC_BURSTS, draw, memory_t, queue_t, set_var,
    workload_t,
)
from sim_core.mm.turn cimport (
    fill_request, set_of, tally_t, turn_free, turn_kept, turn_queue,
)
from sim_core.mm.zone cimport MOVABLE, UNMOVABLE
from sim_core.mm.zonelist cimport request_t

cdef enum:
    BURSTING = V_PHASE      # 1: a burst goes on
    LEFT = V_CURSOR         # requests of the burst, or turns of the gap

cdef enum:  # Parameter of atomic-bursts; its background is a churn
    BURST_LENGTH            # requests
    BURST_GAP               # turns from when all buffers are given back to the next burst
    BURST_LARGEST           # order


cdef inline bint in_interrupt(const memory_t *m) noexcept nogil:
    """Does a burst go on? Nobody else gets a turn before it is over, kswapd neither."""
    return m.workload.kind == W_ATOMIC_BURSTS and m.workload.var[BURSTING] and m.workload.var[LEFT] > 0


cdef inline int take_buffer(memory_t *m, tally_t *tally) noexcept nogil:
    """Nobody gives anything back for one that fails: who cannot wait does not ask again."""
    cdef uint32_t orders = min(m.workload.param[BURST_LARGEST] + 1, m.zones[0].max_order)
    cdef request_t request
    fill_request(m, draw(m) % orders, UNMOVABLE, &request)
    request.atomic = True
    return turn_kept(m, &request, ATOMIC_FLAG, Q_BUFFERS, 0, tally)


cdef inline int turn_beneath(memory_t *m, tally_t *tally) noexcept nogil:
    if not m.whole:
        return churn_turn(m, set_of(Q_BUFFERS), tally)
    if draw(m) & 1:
        return turn_queue(m, 0, MOVABLE, Q_CACHE, 0, tally)
    return churn_turn(m, set_of(Q_BUFFERS) | set_of(Q_CACHE), tally)


cdef inline int atomic_bursts_turn(memory_t *m, tally_t *tally) noexcept nogil:
    """0 or a negative Bug. The gap counts from the last buffer on, so that they never pile up."""
    cdef workload_t *w = &m.workload
    cdef queue_t *buffers = &m.handles.queues[Q_BUFFERS]
    if w.var[LEFT] <= 0:
        set_var(m, BURSTING, not w.var[BURSTING])
        set_var(m, LEFT, w.param[BURST_LENGTH if w.var[BURSTING] else BURST_GAP])
    if w.var[BURSTING]:
        set_var(m, LEFT, min(w.var[LEFT], <int64_t> w.param[BURST_LENGTH]) - 1)
        return take_buffer(m, tally)
    if buffers.length == 0:
        set_var(m, LEFT, min(w.var[LEFT], <int64_t> w.param[BURST_GAP]) - 1)
    elif draw(m) & 1:
        return turn_free(m, buffers.oldest, tally)
    return turn_beneath(m, tally)
