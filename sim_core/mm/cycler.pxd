"""Hotplug cycler: memory goes offline and comes online again, piece by piece, while light churn goes on.

A piece is as large as the largest chunk, or a free chunk that reaches beyond it would go along whole and
present pages would fall by the piece alone.
"""

from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.churn cimport churn_turn
from sim_core.mm.hotplug cimport offline_pages, online_pages
from sim_core.mm.log cimport WORKLOAD_FLAG
from sim_core.mm.memory cimport (
    V_AWAY, V_AWAY_FIRST, V_CURSOR, draw, memory_t, set_var, workload_t,
)
from sim_core.mm.operation cimport OP_OFFLINE, OP_ONLINE, name_op
from sim_core.mm.page cimport HOLE, KIND_MASK, OFFLINE, page_state
from sim_core.mm.turn cimport NO_QUEUE, tally_t, turn_done, turn_idle
from sim_core.mm.zone cimport zone_t

cdef enum:  # Parameter of hotplug; its background is a churn
    HOTPLUG_AWAY        # pieces that are offline at a time
    HOTPLUG_EVERY       # a step once in so many turns


cdef inline uint32_t first_piece(const zone_t *z) noexcept nogil:
    return z.start >> (z.max_order - 1)


cdef inline uint32_t nr_pieces(const zone_t *z) noexcept nogil:
    return ((z.end - 1) >> (z.max_order - 1)) + 1 - first_piece(z)


cdef inline uint32_t piece_start(const zone_t *z, uint32_t piece) noexcept nogil:
    """First block of a piece."""
    return max((first_piece(z) + piece) << (z.max_order - 1 - z.block_order), z.first_block)


cdef inline uint32_t piece_end(const zone_t *z, uint32_t piece) noexcept nogil:
    return min((first_piece(z) + piece + 1) << (z.max_order - 1 - z.block_order), z.last_block)


cdef inline uint32_t pages_offline(const zone_t *z, uint32_t piece, uint32_t *there) noexcept nogil:
    """Pages of a piece that are offline; `there`: OUT, all that are no holes."""
    cdef uint32_t p, offline = 0
    cdef uint8_t kind
    there[0] = 0
    for p in range(max(piece_start(z, piece) << z.block_order, z.start),
                   min(piece_end(z, piece) << z.block_order, z.end)):
        kind = page_state(&z.pages, p) & KIND_MASK
        offline += kind == OFFLINE
        there[0] += kind != HOLE
    return offline


cdef inline int take_away(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """The next piece, if it has pages and none is offline; a refusal, too, moves on to the one after."""
    cdef workload_t *w = &m.workload
    cdef uint32_t piece = <uint32_t> (w.var[V_CURSOR] % nr_pieces(z)), there
    cdef uint32_t first = piece_start(z, piece), last = piece_end(z, piece)
    cdef int ret
    set_var(m, V_CURSOR, piece + 1)
    tally.effort += (last - first) << z.block_order
    if pages_offline(z, piece, &there) or there == 0:
        return turn_idle(m, tally)
    name_op(m, OP_OFFLINE, 0, 0, WORKLOAD_FLAG, first << z.block_order, last - first)
    ret = offline_pages(m, z, first, last)
    if ret == 0:
        set_var(m, V_AWAY_FIRST + <unsigned> w.var[V_AWAY], piece)
        set_var(m, V_AWAY, w.var[V_AWAY] + 1)
    return turn_done(m, ret, tally)


cdef inline int bring_back(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """The piece that is away longest, unless somebody has brought some of it back already."""
    cdef workload_t *w = &m.workload
    cdef uint32_t piece = <uint32_t> w.var[V_AWAY_FIRST], there, offline
    cdef uint32_t first = piece_start(z, piece), last = piece_end(z, piece)
    cdef unsigned i
    for i in range(1, <unsigned> w.var[V_AWAY]):
        set_var(m, V_AWAY_FIRST + i - 1, w.var[V_AWAY_FIRST + i])
    set_var(m, V_AWAY, w.var[V_AWAY] - 1)
    tally.effort += (last - first) << z.block_order
    offline = pages_offline(z, piece, &there)
    if offline < there:
        return turn_idle(m, tally)
    name_op(m, OP_ONLINE, 0, 0, WORKLOAD_FLAG, first << z.block_order, last - first)
    return turn_done(m, online_pages(m, z, first, last), tally)


cdef inline int hotplug_turn(memory_t *m, zone_t *z, tally_t *tally) noexcept nogil:
    """0 or a negative Bug. Never is more than half of the zone away."""
    cdef workload_t *w = &m.workload
    cdef int64_t most = min(w.param[HOTPLUG_AWAY], nr_pieces(z) // 2)
    if draw(m) % w.param[HOTPLUG_EVERY]:
        return churn_turn(m, NO_QUEUE, tally)
    if w.var[V_AWAY] and w.var[V_AWAY] >= most:
        return bring_back(m, z, tally)
    if most == 0:
        return churn_turn(m, NO_QUEUE, tally)
    return take_away(m, z, tally)
