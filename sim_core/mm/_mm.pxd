"""Node, for the units beside the one that operates it."""

from libc.stdint cimport uint32_t

from sim_core.mm._ground cimport Ground
from sim_core.mm.turn cimport tally_t

cdef class Node(Ground):
    cdef uint32_t _range(self, uint32_t block, uint32_t count) except? 0xFFFFFFFF
    cdef dict _tally(self, int ret, tally_t *tally)
