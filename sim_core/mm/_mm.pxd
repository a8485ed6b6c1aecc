"""Node, for the units beside the one that operates it."""

from libc.stdint cimport uint32_t

from sim_core.mm._ground cimport Ground
from sim_core.mm.turn cimport tally_t
from sim_core.mm.zonelist cimport request_t

cdef class Node(Ground):
    cdef int _fill_request(self, request_t *request, unsigned order, unsigned mt, classzone_idx) except -1
    cdef int _check_whole(self) except -1
    cdef uint32_t _range(self, uint32_t block, uint32_t count) except? 0xFFFFFFFF
    cdef dict _tally(self, int ret, tally_t *tally)
