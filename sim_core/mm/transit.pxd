"""Pages between two places: amid an operation off one list, not yet on the next, in no chunk."""

from libc.stdint cimport uint32_t, uint64_t

from sim_core.mm.log cimport (
    R_FILL, R_LINK, R_PCP_LINK, R_PCP_UNLINK, R_PREP, R_RUN, R_STATE, R_UNLINK, R_UNPREP, log_t,
    record_t,
)
from sim_core.mm.reach cimport pages_from

cdef enum:
    SPANS_MAX = 256
    # Kinds of records that move pages, a bit each.
    MOVES = (1 << R_LINK | 1 << R_UNLINK | 1 << R_PCP_LINK | 1 << R_PCP_UNLINK | 1 << R_PREP
             | 1 << R_UNPREP | 1 << R_STATE | 1 << R_RUN | 1 << R_FILL)

ctypedef struct span_t:
    uint32_t first
    uint32_t last        # one past the last page

ctypedef struct transit_t:
    span_t span[SPANS_MAX]   # they do not touch; of more, further ones are not told of
    unsigned count


cdef inline void loosen(transit_t *transit, uint32_t first, uint32_t last) noexcept nogil:
    """These pages are in no chunk from now on."""
    cdef unsigned i = 0
    while i < transit.count:
        if transit.span[i].last < first or transit.span[i].first > last:
            i += 1
            continue
        first = min(first, transit.span[i].first)
        last = max(last, transit.span[i].last)
        transit.count -= 1
        transit.span[i] = transit.span[transit.count]
        i = 0
    if transit.count < SPANS_MAX:
        transit.span[transit.count].first = first
        transit.span[transit.count].last = last
        transit.count += 1


cdef inline void settle(transit_t *transit, uint32_t first, uint32_t last) noexcept nogil:
    """These pages are in a chunk, or are reserved, offline, a hole."""
    cdef unsigned i = 0
    cdef span_t was
    while i < transit.count:
        was = transit.span[i]
        if was.last <= first or was.first >= last:
            i += 1
            continue
        transit.count -= 1
        transit.span[i] = transit.span[transit.count]
        if was.first < first:
            loosen(transit, was.first, first)
        if was.last > last:
            loosen(transit, last, was.last)
        i = 0


cdef inline bint ends_in_a_chunk(const record_t *r) noexcept nogil:
    """Are the pages of a record that moves some in a chunk after it, or reserved, offline, a hole?"""
    cdef unsigned kind = r.tag & 0xFF
    if kind == R_LINK or kind == R_PCP_LINK or kind == R_PREP:
        return True
    return kind != R_UNLINK and kind != R_PCP_UNLINK and kind != R_UNPREP and r.tag >> 24 != 0


cdef inline void take_step(transit_t *transit, const record_t *r, unsigned block_order) noexcept nogil:
    """What a record does to the pages it names."""
    cdef uint32_t first, pages
    if not <uint64_t> MOVES >> (r.tag & 0xFF) & 1:
        return
    pages = pages_from(r, block_order, &first)
    if ends_in_a_chunk(r):
        settle(transit, first, first + pages)
    elif r.tag & 0xFF != R_FILL or not r.value:
        loosen(transit, first, first + pages)


cdef inline void find_transit(const log_t *log, uint64_t start, uint64_t end, unsigned block_order,
                              transit_t *transit) noexcept nogil:
    """Args:
        start, end: records of an operation, from its first to the last one that is done.
        transit: OUT, node-relative spans in no order.
    """
    cdef uint64_t record
    transit.count = 0
    for record in range(start, end):
        take_step(transit, &log.ring[record & log.mask], block_order)
