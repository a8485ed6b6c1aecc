"""Searching the log for the moment at which a predicate's answer changes."""

from libc.stdint cimport uint64_t

from sim_core.mm._mm cimport Node
from sim_core.mm._predicate cimport Program
from sim_core.mm.search cimport SEARCH_FOUND, SEARCH_MORE, SEARCH_OVER, search_back, search_on

FOUND = SEARCH_FOUND
MORE = SEARCH_MORE
"""There are further records; what else comes back says that the log ends here."""


def search(Node node, Program program, bint steps, bint back, bint wanted, uint64_t most):
    """Go to the nearest other moment at which the predicate's answer is `wanted`.

    Args:
        program: of this node.
        steps: every primitive write of a kernel's is a moment, and not only the end of an operation.
        most: records to go over at most in this call.

    Returns:
        FOUND, MORE, or another number: there is no such moment as far as the log goes.
    """
    cdef int ret
    if program.node is not node:
        raise ValueError("the predicate is of another node")
    if node.m.log.ring == NULL:
        return SEARCH_OVER
    with nogil:
        if back:
            ret = search_back(&node.m, &node.atlas, &program.program, steps, wanted, most)
        else:
            ret = search_on(&node.m, &node.atlas, &program.program, steps, wanted, most)
    return ret
