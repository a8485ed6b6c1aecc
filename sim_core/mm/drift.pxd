"""Where a count parts from what it counts: what each operation added to the difference."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from sim_core.mm.log cimport R_LINK, R_NR_FREE, R_OP, R_STAT, R_UNLINK, log_t, record_t
from sim_core.mm.zone cimport ISOLATE, MIGRATE_TYPES, NR_FREE_PAGES, ORDERS_MAX, zone_t

ctypedef struct moved_t:
    # What an operation, or several, did to a zone's books.
    uint64_t record                              # the last of it
    int64_t nr_free_pages
    int64_t counted[ORDERS_MAX]                  # nr_free
    int64_t listed[MIGRATE_TYPES][ORDERS_MAX]    # chunks that each list gained

ctypedef struct weights_t:
    # An identity as a sum that is to be zero: how pages count in it by each of the books.
    int64_t nr_free_pages
    int64_t nr_free
    int64_t isolated       # on ISOLATE lists
    int64_t usable         # on all others
    bint by_order          # it is to be zero order by order


cdef inline bint take_in(moved_t *moved, const zone_t *z, const record_t *r) noexcept nogil:
    """Add a record up; False: it is about something else."""
    cdef unsigned kind = r.tag & 0xFF, a = r.tag >> 16 & 0xFF, b = r.tag >> 24
    if kind == R_LINK or kind == R_UNLINK:
        if not z.start <= r.where < z.end:
            return False
        moved.listed[b][a] += 1 if kind == R_LINK else -1
    elif kind == R_NR_FREE and b == z.slot:
        moved.counted[a] += <int32_t> r.where
    elif kind == R_STAT and b == z.slot and a == NR_FREE_PAGES:
        moved.nr_free_pages += <int32_t> r.where
    else:
        return False
    return True


cdef inline int64_t gap_at(const moved_t *moved, const weights_t *weights, unsigned order) noexcept nogil:
    """What was added to an identity's difference at an order, in pages, without NR_FREE_PAGES."""
    cdef int64_t chunks = weights.nr_free * moved.counted[order]
    cdef unsigned mt
    for mt in range(MIGRATE_TYPES):
        chunks += (weights.isolated if mt == ISOLATE else weights.usable) * moved.listed[mt][order]
    return chunks * (<int64_t> 1 << order)


cdef inline int64_t gap_of(const moved_t *moved, const weights_t *weights) noexcept nogil:
    """What was added to an identity's difference, in pages."""
    cdef int64_t gap = weights.nr_free_pages * moved.nr_free_pages
    cdef unsigned order
    for order in range(ORDERS_MAX):
        gap += gap_at(moved, weights, order)
    return gap


cdef inline bint drifted(const moved_t *moved, const weights_t *weights) noexcept nogil:
    cdef unsigned order
    if not weights.by_order:
        return gap_of(moved, weights) != 0
    for order in range(ORDERS_MAX):
        if gap_at(moved, weights, order):
            return True
    return False


cdef inline void add_up(moved_t *sum, const moved_t *moved) noexcept nogil:
    cdef unsigned order, mt
    sum.nr_free_pages += moved.nr_free_pages
    for order in range(ORDERS_MAX):
        sum.counted[order] += moved.counted[order]
        for mt in range(MIGRATE_TYPES):
            sum.listed[mt][order] += moved.listed[mt][order]


cdef inline uint64_t find_drift(const log_t *log, const zone_t *z, const weights_t *weights,
                                uint64_t begin, uint64_t end, moved_t *found, unsigned most,
                                moved_t *sum) noexcept nogil:
    """Every operation among these records that moved an identity's difference.

    Args:
        begin, end: records; an operation begins at the first.
        found: OUT, [most], the last ones, newest first.
        sum: OUT, all of them together; its record is the last of the first one.

    Returns:
        how many there are, those beyond `most` too.
    """
    cdef uint64_t record = end, count = 0
    cdef const record_t *r
    cdef moved_t moved
    cdef bint touched = False
    memset(sum, 0, sizeof(moved_t))
    memset(&moved, 0, sizeof(moved_t))
    while record > begin:
        record -= 1
        r = &log.ring[record & log.mask]
        if r.tag & 0xFF == R_OP:
            if touched and drifted(&moved, weights):
                add_up(sum, &moved)
                sum.record = moved.record
                if count < most:
                    found[count] = moved
                count += 1
            if touched:
                memset(&moved, 0, sizeof(moved_t))
                touched = False
        elif take_in(&moved, z, r):
            moved.record = max(moved.record, record)
            touched = True
    return count
