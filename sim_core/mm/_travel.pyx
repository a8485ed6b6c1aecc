"""Going back in time and on again: by the log, record by record, and by keyframes.

A node's present is a place in its log: the number of the record that comes next. What lies beyond it was
taken back and is done again from there, unless an operation is written in its place.
"""

from libc.stdint cimport uint64_t

from sim_core.mm._mm cimport Node
from sim_core.mm.log cimport log_end
from sim_core.mm.undo cimport go_back, go_on

from sim_core.errors import RefusedError


def place(Node node):
    """(number of the record that comes next, number after the last one that is known)."""
    return node.m.log.head, log_end(&node.m.log)


def go_to(Node node, uint64_t record):
    """Be where `record` is the next to be written; it and all between are kept.

    Raises:
        RefusedError: it is not kept, or was never written.
    """
    cdef uint64_t end = log_end(&node.m.log)
    cdef uint64_t kept = end - min(end, node.m.log.mask + 1)
    if node.m.log.ring == NULL or not kept <= record <= end:
        raise RefusedError(f"record {record} is not kept", field="record", allowed=f"{kept} … {end}")
    with nogil:
        if record < node.m.log.head:
            go_back(&node.m, record)
        else:
            go_on(&node.m, record)


def cut(Node node):
    """Forget what was taken back: the next operation is written in its place."""
    node.m.log.end = 0
    node.m.log.next_op = node.m.op + 1


def bound(Node node, uint64_t op):
    """No operation of several asked for in one call begins after `op`."""
    node.m.op_bound = op
