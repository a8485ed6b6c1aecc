"""Who changed this, and when: the log read backward for the records that concern one thing."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport (
    R_BLOCK_TYPE, R_HANDLE, R_KINDS, R_LINK, R_NR_FREE, R_OP, R_PCP_LINK, R_PCP_UNLINK, R_PREP,
    R_REBIND, R_STAT, R_STATE, R_UNLINK, R_UNPREP, log_t, record_t,
)
from sim_core.mm.page cimport NIL
from sim_core.mm.reach cimport OF_BLOCKS, OF_CHUNKS, order_of, pages_from
from sim_core.mm.zone cimport ISOLATE

ctypedef struct filter_t:
    uint64_t kinds           # a bit each
    uint64_t a[R_KINDS]      # of each kind: which a, a bit each; the last stands for all from 63 up
    uint64_t b[R_KINDS]
    uint32_t first           # where a record is about pages, one of [first, last) must be among them
    uint32_t last
    uint32_t handle          # NIL: no matter which
    uint32_t page            # that the handle stands for at the record at hand; NIL: none
    bint net                 # what an operation changed in sum, and not each record

ctypedef struct found_t:
    uint64_t record          # of what an operation changed in sum its last one
    int64_t net              # by how much; 0 where there is no sum


cdef inline int64_t amount_of(const record_t *r) noexcept nogil:
    """Pages, isolated blocks, or whatever a counter counts, that a record adds."""
    cdef unsigned kind = r.tag & 0xFF
    cdef int64_t pages = <int64_t> 1 << order_of(r)
    if kind == R_STAT:
        return <int32_t> r.where
    if kind == R_NR_FREE:
        return <int64_t> <int32_t> r.where << (r.tag >> 16 & 0xFF)
    if kind == R_LINK or kind == R_PCP_LINK or kind == R_PREP:
        return pages
    if kind == R_UNLINK or kind == R_PCP_UNLINK or kind == R_UNPREP:
        return -pages
    if kind == R_BLOCK_TYPE:
        return <int64_t> (r.tag >> 24 == ISOLATE) - <int64_t> ((r.tag >> 16 & 0xFF) == ISOLATE)
    return 0


cdef inline bint in_bits(uint64_t bits, unsigned number) noexcept nogil:
    return bits >> min(number, 63u) & 1


cdef inline bint concerns_handle(filter_t *f, const record_t *r) noexcept nogil:
    """Follows the handle from page to page, backward."""
    cdef unsigned kind = r.tag & 0xFF
    if kind == R_STATE:
        return r.where == f.page
    if <uint32_t> r.value != f.handle:
        return False
    f.page = r.where if kind == R_UNPREP else <uint32_t> (r.value >> 32) if kind == R_REBIND else NIL
    return True


cdef inline bint passes(filter_t *f, const record_t *r, unsigned block_order) noexcept nogil:
    cdef uint8_t kind = <uint8_t> r.tag
    cdef unsigned b = r.tag >> 24
    cdef uint32_t first, pages
    if kind == R_PCP_LINK or kind == R_PCP_UNLINK:
        b &= 0x0F      # which list; what the page remembers is no matter
    if not in_bits(f.a[kind], r.tag >> 16 & 0xFF) or not in_bits(f.b[kind], b):
        return False
    if f.handle != NIL:
        return concerns_handle(f, r)
    if not (<uint64_t> (OF_CHUNKS | OF_BLOCKS)) >> kind & 1:
        return True
    pages = pages_from(r, block_order, &first)
    if first < f.last and f.first < first + pages:
        return True
    return kind == R_REBIND and f.first <= <uint32_t> (r.value >> 32) < f.last


cdef inline bint is_birth(const filter_t *f, const record_t *r) noexcept nogil:
    """Is this the record with which a handle came to be?"""
    cdef unsigned kind = r.tag & 0xFF
    return f.handle != NIL and (kind == R_PREP or kind == R_HANDLE)


cdef inline uint64_t find_changes(const log_t *log, filter_t *f, unsigned block_order, uint64_t end,
                                  uint64_t before, uint64_t begin, found_t *found, unsigned most,
                                  unsigned *count) noexcept nogil:
    """The last changes before a record, newest first.

    Args:
        end: the record to begin before: `before`, or later on, where a handle's page is known.
        begin: the first record to look at; an operation begins there.
        found: OUT, [most].
        count: OUT, how many.

    Returns:
        the record up to which nothing was overlooked; `begin`: there are no others.
    """
    cdef uint64_t record = end, last = 0
    cdef int64_t net = 0
    cdef const record_t *r
    count[0] = 0
    while record > begin:
        record -= 1
        r = &log.ring[record & log.mask]
        if f.net and r.tag & 0xFF == R_OP:
            if net:
                found[count[0]].record = last
                found[count[0]].net = net
                count[0] += 1
            net = last = 0
            if count[0] == most:
                return record
        if not f.kinds >> (r.tag & 0xFF) & 1 or not passes(f, r, block_order):
            continue
        if record >= before:
            continue
        if f.net:
            last = max(last, record)
            net += amount_of(r)
            continue
        found[count[0]].record = record
        found[count[0]].net = amount_of(r)
        count[0] += 1
        if is_birth(f, r):
            return begin
        if count[0] == most:
            return record
    return begin
