"""Pages between two places: amid an operation off one list, not yet on the next, in no chunk."""

from libc.stdint cimport uint32_t, uint64_t, uint8_t

from sim_core.mm.log cimport (
    R_FILL, R_LINK, R_PCP_LINK, R_PCP_UNLINK, R_PREP, R_RUN, R_STATE, R_UNLINK, R_UNPREP, log_t,
    record_t,
)
from sim_core.mm.page cimport ORDER_MASK
from sim_core.mm.zone cimport PCPTYPES

cdef enum:
    SPANS_MAX = 256

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


cdef inline void take_step(transit_t *transit, const record_t *r, unsigned block_order) noexcept nogil:
    """What a record does to the pages it names."""
    cdef unsigned kind = r.tag & 0xFF
    cdef uint8_t a = <uint8_t> (r.tag >> 16), b = <uint8_t> (r.tag >> 24)
    if kind == R_UNLINK:
        loosen(transit, r.where, r.where + (1u << a))
    elif kind == R_LINK or kind == R_PREP:
        settle(transit, r.where, r.where + (1u << a))
    elif kind == R_PCP_UNLINK:
        loosen(transit, r.where, r.where + (1u << (b & 0x0F) // PCPTYPES))
    elif kind == R_PCP_LINK:
        settle(transit, r.where, r.where + (1u << (b & 0x0F) // PCPTYPES))
    elif kind == R_UNPREP:
        loosen(transit, r.where, r.where + (1u << (a & ORDER_MASK)))
    elif kind == R_FILL and b:
        settle(transit, r.where << block_order, (r.where + 1) << block_order)
    elif kind == R_FILL and not r.value:
        loosen(transit, r.where << block_order, (r.where + 1) << block_order)
    elif kind == R_RUN and b:
        settle(transit, r.where, r.where + <uint32_t> r.value)
    elif kind == R_RUN:
        loosen(transit, r.where, r.where + <uint32_t> r.value)
    elif kind == R_STATE and b:
        settle(transit, r.where, r.where + (1u << (r.value >> 16)))
    elif kind == R_STATE:
        loosen(transit, r.where, r.where + (1u << (r.value >> 16)))


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
