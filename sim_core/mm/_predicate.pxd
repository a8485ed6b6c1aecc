"""Program, for the units that run one at every operation."""

from sim_core.mm._mm cimport Node
from sim_core.mm.leaf cimport instruction_t
from sim_core.mm.predicate cimport program_t

cdef class Program:
    cdef Node node
    cdef program_t program

    cdef int _check_leaf(self, instruction_t *i) except -1
    cdef int _check_stack(self) except -1
