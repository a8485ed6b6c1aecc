# The calls that take many operations at once. Each unit that includes this is compiled for one thing
# that a node may record (ZS_LOG in setup.py), so that no write asks.

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from sim_core.mm._mm cimport Node
from sim_core.mm.batch cimport replay as replay_trace, run_workload as run_turns, zs_now
from sim_core.mm.turn cimport tally_t


def run_workload(Node node, uint64_t turns, double within_s):
    """Node.run_workload."""
    cdef tally_t tally
    cdef int ret
    cdef uint64_t until = 0
    memset(&tally, 0, sizeof(tally))
    if within_s > 0:
        until = zs_now() + <uint64_t> (within_s * 1e9)
    with nogil:
        ret = run_turns(&node.m, node.z, turns, until, &tally)
    return node._tally(ret, &tally)


def replay(Node node, const uint32_t[::1] handles, const uint8_t[::1] orders,
           const uint8_t[::1] mts, uint32_t[::1] pages, uint8_t[::1] sizes, uint64_t first,
           uint64_t last):
    """Node.replay, which has checked the arguments."""
    cdef tally_t tally
    cdef int ret
    memset(&tally, 0, sizeof(tally))
    with nogil:
        ret = replay_trace(&node.m, node.z, &handles[0], &orders[0], &mts[0], first, last, &pages[0],
                           &sizes[0], &tally)
    return node._tally(ret, &tally)
