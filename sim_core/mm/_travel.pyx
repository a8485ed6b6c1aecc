"""Going back in time and on again: by the log, record by record, and by keyframes.

A node's present is a place in its log: the number of the record that comes next. What lies beyond it was
taken back and is done again from there, unless an operation is written in its place.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint64_t, uint8_t

from sim_core.mm._mm cimport Node
from sim_core.mm.keyframe cimport keyframe_bytes, read_keyframe, write_keyframe
from sim_core.mm.handles cimport make_room
from sim_core.mm.log cimport R_KINDS, STEPS, is_step, log_begin, log_end, log_t
from sim_core.mm.memory cimport memory_t
from sim_core.mm.undo cimport go_back, go_on

from sim_core.errors import RefusedError

NO_BOUND = (1 << 64) - 1
STEP_KINDS = tuple([kind for kind in range(R_KINDS) if STEPS >> kind & 1])
"""Kinds of records (enum RecordKind) that are a step of a kernel's; the others are the simulator's own."""


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
    """Set aside what was taken back: the next operation is written in its place.

    Returns:
        what `uncut` wants, to have it there again.
    """
    cdef tuple before = (node.m.log.end, node.m.log.next_op)
    # What lay before, and was overwritten by what is set aside, does not come back.
    node.m.log.begin = log_begin(&node.m.log)
    node.m.log.first_op = max(node.m.log.first_op,
                              node.m.log.next_op - min(node.m.log.next_op, node.m.log.op_mask + 1))
    node.m.log.end = 0
    node.m.log.next_op = node.m.op + 1
    return before


def uncut(Node node, uint64_t end, uint64_t next_op):
    """Nothing was written after all."""
    node.m.log.end = end
    node.m.log.next_op = next_op


def moment(Node node):
    """(operation, writes of it that are done, all of its writes, is it over?). Of an operation of which the
    log does not tell there are no writes."""
    cdef uint64_t start, end
    if not _span(node, node.m.op, &start, &end):
        return node.m.op, 0, 0, True
    return (node.m.op, _steps(node, start, node.m.log.head), _steps(node, start, end),
            node.m.log.head == end)


def record_of(Node node, uint64_t op, uint64_t step):
    """The place in the log after so many writes of an operation; after all of them it is over.

    Raises:
        RefusedError: it has fewer, or the log does not tell of it.
    """
    cdef uint64_t start, end, record, done = 0
    if not _span(node, op, &start, &end):
        raise RefusedError(f"operation {op} is not in the log", field="op")
    if step > _steps(node, start, end):
        raise RefusedError(f"operation {op} has no step {step}", field="step",
                           allowed=f"0 … {_steps(node, start, end)}")
    if step == _steps(node, start, end):
        return end
    record = start
    while done < step:
        done += is_step(&node.m.log, record)
        record += 1
    return record


cdef bint _span(Node node, uint64_t op, uint64_t *start, uint64_t *end):
    """Does the log tell of this operation, and where?"""
    cdef const log_t *log = &node.m.log
    if log.ring == NULL or not log.first_op <= op < log.next_op or op + log.op_mask + 1 < log.next_op:
        return False
    start[0] = log.op_start[op & log.op_mask]
    end[0] = log_end(log) if op + 1 == log.next_op else log.op_start[(op + 1) & log.op_mask]
    return start[0] >= log_begin(log)


cdef uint64_t _steps(Node node, uint64_t start, uint64_t end):
    """Writes of a kernel's among these records."""
    cdef uint64_t record, steps = 0
    for record in range(start, end):
        steps += is_step(&node.m.log, record)
    return steps


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


def restore(Node node, bytes kept):
    """Put a keyframe back. Its moment lies on the way that the log tells of, or beyond its end."""
    cdef const uint8_t *state = <const uint8_t *> PyBytes_AS_STRING(kept)
    cdef uint64_t record = (<const memory_t *> state).log.head
    cdef uint64_t begin = log_begin(&node.m.log), end = log_end(&node.m.log)
    if make_room(&node.m, (<const memory_t *> state).handles.count):
        raise MemoryError("no room for the handles")
    with nogil:
        read_keyframe(&node.m, state)
    node.m.log.head = record
    if begin <= record <= end:
        node.m.log.end = end
        return
    node.m.log.end = 0
    node.m.log.begin = record
    node.m.log.first_op = node.m.op + 1
    node.m.log.next_op = node.m.op + 1
