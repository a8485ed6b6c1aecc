# The calls that take many operations at once. Each unit that includes this is compiled for a node that
# records all writes, or none (ZS_LOG in setup.py), so that no write asks.

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from sim_core.mm._mm cimport Node
from sim_core.mm.batch cimport replay as replay_trace, run_workload as run_turns, trace_fits, zs_now
from sim_core.mm.turn cimport tally_t
from sim_core.mm.zone cimport PCPTYPES, zone_t

from sim_core.errors import RefusedError


def run_workload(Node node, uint64_t turns, double within_s):
    """Node.run_workload."""
    cdef tally_t tally
    cdef int ret
    cdef uint64_t until = 0
    memset(&tally, 0, sizeof(tally))
    if within_s > 0:
        until = zs_now() + <uint64_t> (within_s * 1e9)
    with nogil:
        ret = run_turns(&node.m, turns, until, &tally)
    return node._tally(ret, &tally)


def replay(Node node, const uint32_t[::1] handles, const uint8_t[::1] orders,
           const uint8_t[::1] mts, uint32_t[::1] pages, uint8_t[::1] sizes, uint64_t first,
           uint64_t last):
    """Node.replay."""
    cdef tally_t tally
    cdef int ret
    cdef bint fits
    cdef zone_t *z = &node.m.zones[0]
    if last > <uint64_t> handles.shape[0] or first > last:
        raise RefusedError("the trace is not that long", field="last",
                           allowed=f"{first} … {handles.shape[0]}")
    if orders.shape[0] != handles.shape[0] or mts.shape[0] != handles.shape[0]:
        raise RefusedError("the trace's arrays differ in length", field="orders",
                           allowed=str(handles.shape[0]))
    if pages.shape[0] != sizes.shape[0]:
        raise RefusedError("pages and sizes differ in length", field="sizes",
                           allowed=str(pages.shape[0]))
    memset(&tally, 0, sizeof(tally))
    if first == last:
        return node._tally(0, &tally)
    with nogil:
        fits = trace_fits(z, &handles[0], &orders[0], &mts[0], first, last,
                          <uint64_t> pages.shape[0])
    if not fits:
        raise RefusedError("an operation names a handle, order, type or block that there is not",
                           field="handles",
                           allowed=f"handles below {pages.shape[0]}, orders below "
                                   f"{z.max_order} or 253 to 255, types below {PCPTYPES}, "
                                   f"blocks below {z.last_block - z.first_block}")
    with nogil:
        ret = replay_trace(&node.m, z, &handles[0], &orders[0], &mts[0], first, last,
                           <uint64_t> pages.shape[0], &pages[0], &sizes[0], &tally)
    return node._tally(ret, &tally)
