"""Moments in the log: where an operation begins and ends there, which of its records are a kernel's writes,
and at which records one can stand still."""

from libc.stdint cimport uint64_t

from sim_core.mm.log cimport (
    R_BLOCK_TYPE, R_FILL, R_LINK, R_LOWMEM_RESERVE, R_NODE, R_NR_FREE, R_OP, R_PCP_LINK, R_PCP_SIZE,
    R_PCP_STATE, R_PCP_UNLINK, R_PREP, R_RUN, R_STAT, R_STATE, R_UNLINK, R_UNPREP, R_WATERMARK,
    log_begin, log_end, log_t,
)

cdef enum:  # kinds of records that are a step of a kernel's, a bit each
    STEPS = (1 << R_LINK | 1 << R_UNLINK | 1 << R_PCP_LINK | 1 << R_PCP_UNLINK | 1 << R_NR_FREE
             | 1 << R_STAT | 1 << R_STATE | 1 << R_PREP | 1 << R_UNPREP | 1 << R_RUN | 1 << R_FILL
             | 1 << R_BLOCK_TYPE | 1 << R_WATERMARK | 1 << R_PCP_SIZE | 1 << R_PCP_STATE
             | 1 << R_LOWMEM_RESERVE | 1 << R_NODE)


# ---- operations ----

cdef inline uint64_t op_first(const log_t *log, uint64_t op) noexcept nogil:
    """Number of the first record of an operation of which the log tells."""
    return log.op_start[op & log.op_mask]


cdef inline uint64_t op_past(const log_t *log, uint64_t op) noexcept nogil:
    """Number after its last record."""
    return log_end(log) if op + 1 == log.next_op else op_first(log, op + 1)


cdef inline uint64_t first_told(const log_t *log) noexcept nogil:
    """The first operation all of whose records are kept; the next one, if there is none. The log has a
    ring."""
    cdef uint64_t low = max(log.first_op, log.next_op - min(log.next_op, log.op_mask + 1))
    cdef uint64_t high = log.next_op, middle, begin = log_begin(log)
    while low < high:
        middle = low + (high - low) // 2
        if op_first(log, middle) >= begin:
            high = middle
        else:
            low = middle + 1
    return low


cdef inline bint tells_of(const log_t *log, uint64_t op) noexcept nogil:
    """Are all records of an operation kept?"""
    return log.ring != NULL and first_told(log) <= op < log.next_op


cdef inline uint64_t first_record(const log_t *log) noexcept nogil:
    """The first record of the first operation that is kept whole; the next one, if there is none."""
    cdef uint64_t op = first_told(log)
    return op_first(log, op) if op < log.next_op else log.head


# ---- steps ----

cdef inline unsigned kind_of(const log_t *log, uint64_t record) noexcept nogil:
    return log.ring[record & log.mask].tag & 0xFF


cdef inline bint is_step(const log_t *log, uint64_t record) noexcept nogil:
    """Is the record one of a kernel's writes, and not the simulator's own keeping of books?"""
    return <uint64_t> STEPS >> kind_of(log, record) & 1


cdef inline uint64_t steps_in(const log_t *log, uint64_t start, uint64_t end) noexcept nogil:
    """Writes of a kernel's among these records."""
    cdef uint64_t record, steps = 0
    for record in range(start, end):
        steps += is_step(log, record)
    return steps


cdef inline bint is_moment(const log_t *log, uint64_t record, bint steps) noexcept nogil:
    """Can one stand still before this record: at the end of an operation, or with `steps` after one of its
    writes but the last, with which it is over?"""
    cdef uint64_t end = log_end(log)
    if record == end or kind_of(log, record) == R_OP:
        return True
    if not steps or not is_step(log, record - 1):
        return False
    while record < end and kind_of(log, record) != R_OP:
        if is_step(log, record):
            return True
        record += 1
    return False
