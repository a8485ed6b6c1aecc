"""Going back in time and on again: by the log, record by record, and by keyframes.

A node's present is a place in its log: the number of the record that comes next. What lies beyond it was
taken back and is done again from there, unless an operation is written in its place.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint64_t, uint8_t

from sim_core.mm._mm cimport Node
from sim_core.mm.handles cimport make_room
from sim_core.mm.keyframe cimport keyframe_bytes, read_keyframe, write_keyframe
from sim_core.mm.log cimport R_KINDS, log_begin, log_end, log_t
from sim_core.mm.memory cimport memory_t
from sim_core.mm.moment cimport STEPS, is_step, op_first, op_past, steps_in, tells_of
from sim_core.mm.transit cimport find_transit, transit_t
from sim_core.mm.undo cimport go_back, go_on, step_back, step_on

from sim_core.errors import RefusedError

NO_BOUND = (1 << 64) - 1
STEP_KINDS = tuple([kind for kind in range(R_KINDS) if <uint64_t> STEPS >> kind & 1])
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


def at(Node node):
    """(operation at hand or last one, is it over?, number of the record that comes next, travels so far):
    two moments with the same numbers are one."""
    cdef const log_t *log = &node.m.log
    cdef bint whole = not tells_of(log, node.m.op) or log.head == op_past(log, node.m.op)
    return node.m.op, whole, log.head, node.m.travels


def steps(Node node):
    """(writes of the operation at hand that are done, all of its writes). Of an operation of which the log
    does not tell there are none."""
    cdef const log_t *log = &node.m.log
    cdef uint64_t start, done
    if not tells_of(log, node.m.op):
        return 0, 0
    start = op_first(log, node.m.op)
    done = steps_in(log, start, log.head)
    return done, done + steps_in(log, log.head, op_past(log, node.m.op))


def span(Node node, uint64_t op):
    """(number of an operation's first record, number after its last).

    Raises:
        RefusedError: the log does not tell of it.
    """
    cdef const log_t *log = &node.m.log
    if not tells_of(log, op):
        raise RefusedError(f"operation {op} is not in the log", field="op")
    return op_first(log, op), op_past(log, op)


def record_of(Node node, uint64_t op, uint64_t step):
    """The place in the log after so many writes of an operation; after all of them it is over.

    Raises:
        RefusedError: it has fewer, or the log does not tell of it.
    """
    cdef uint64_t record, end, done = 0
    record, end = span(node, op)
    while done < step and record < end:
        done += is_step(&node.m.log, record)
        record += 1
    if done < step:
        raise RefusedError(f"operation {op} has no step {step}", field="step", allowed=f"0 … {done}")
    return record if steps_in(&node.m.log, record, end) or not step else end


def step_all(Node node, bint back, uint64_t count):
    """Take so many writes back, or do them again, over the ends of operations.

    Returns:
        how many are left where the log begins, or ends.
    """
    cdef uint64_t left
    if node.m.log.ring == NULL:
        return count
    with nogil:
        left = step_back(&node.m, count) if back else step_on(&node.m, count)
    return left


def transit(Node node):
    """(first PFN, pages) of pages that are in no chunk amid the operation at hand, ascending; at most 256
    pieces."""
    cdef const log_t *log = &node.m.log
    cdef transit_t found
    if not tells_of(log, node.m.op) or log.head == op_past(log, node.m.op):
        return []
    with nogil:
        find_transit(log, op_first(log, node.m.op), log.head, node.m.zones[0].block_order, &found)
    return sorted([(node.m.base + found.span[i].first, found.span[i].last - found.span[i].first)
                   for i in range(found.count)])


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
