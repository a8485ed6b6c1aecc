"""Going back in time and on again: by the log, record by record, and by keyframes.

A node's present is a place in its log: the number of the record that comes next. What lies beyond it was
taken back and is done again from there, unless an operation is written in its place.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint64_t, uint8_t

from sim_core.mm._mm cimport Node
from sim_core.mm.keyframe cimport keyframe_bytes, read_keyframe, write_keyframe
from sim_core.mm.log cimport log_begin, log_end
from sim_core.mm.memory cimport memory_t
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
    cdef uint64_t end = log_end(&node.m.log), kept = log_begin(&node.m.log)
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


# ---- keyframes ----

def keyframe(Node node):
    """The node's whole state, to be put back into this node."""
    cdef bytes kept = PyBytes_FromStringAndSize(NULL, keyframe_bytes(&node.m))
    cdef uint8_t *out = <uint8_t *> PyBytes_AS_STRING(kept)
    with nogil:
        write_keyframe(&node.m, out)
    return kept


def keyframe_size(Node node):
    """Bytes that one would take now."""
    return keyframe_bytes(&node.m)


def restore(Node node, bytes kept, bint here):
    """Put a keyframe back.

    Args:
        here: the log tells of the way between this moment and the present one, or would if it were
            longer; False: what it has belongs to another future.
    """
    cdef const uint8_t *state = <const uint8_t *> PyBytes_AS_STRING(kept)
    cdef uint64_t record = (<const memory_t *> state).log.head
    cdef uint64_t begin = log_begin(&node.m.log), end = log_end(&node.m.log)
    with nogil:
        read_keyframe(&node.m, state)
    node.m.log.head = record
    if here and begin <= record <= end:
        node.m.log.end = end
        return
    node.m.log.end = 0
    node.m.log.begin = record
    node.m.log.first_op = node.m.op + 1
    node.m.log.next_op = node.m.op + 1
