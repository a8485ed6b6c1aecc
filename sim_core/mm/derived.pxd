"""Counters that no record tells by itself: what they follow from goes back with the log, and they with it.

The zone's pages stay as they are in the present. What each pageblock gained since the record at hand is
kept beside them, so that a block is looked at only where its type or its state changed.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from sim_core.mm.account cimport put_stat, put_watermark
from sim_core.mm.changes cimport found_t
from sim_core.mm.frame cimport usable_pages, watermarks_met
from sim_core.mm.ledger cimport clipped
from sim_core.mm.log cimport (
    R_BLOCK_TYPE, R_FILL, R_LINK, R_OP, R_RUN, R_STAT, R_STATE, R_UNLINK, R_WATERMARK, log_t, record_t,
)
from sim_core.mm.page cimport KIND_MASK, OFFLINE
from sim_core.mm.picture cimport block_t, look_at_block
from sim_core.mm.policy cimport HOTPLUG_CHUNKS
from sim_core.mm.reach cimport pages_from
from sim_core.mm.zone cimport ISOLATE, NR_FREE_PAGES, block_of, zone_t

cdef enum:  # Derived
    DERIVED_STRAY            # pages on a list on the other side of ISOLATE
    DERIVED_BLOCKS_OFFLINE
    DERIVED_SPANNED          # pages
    DERIVED_WATERMARK_OK     # bits, as watermarks_met has them
    DERIVED_WATERMARK_TRUE

ctypedef struct gained_t:
    # Pages that a block gained since the record at hand.
    int64_t listed[2]        # on lists of other types, on ISOLATE lists
    int64_t offline

ctypedef struct derived_t:
    unsigned which           # a Derived
    const zone_t *now
    zone_t then              # its numbers and its blocks' types at the record at hand
    gained_t *gained         # [blocks up to the zone's last]
    int64_t usable           # pages on lists other than ISOLATE
    int64_t value            # at the record at hand; of pages and blocks less what it was in the present


cdef inline bint all_offline(const derived_t *d, uint32_t b) noexcept nogil:
    """Was no page of a block online? One without pages is not offline (sim_core/mm/picture.pxd)."""
    cdef block_t block
    memset(&block, 0, sizeof(block_t))
    look_at_block(d.now, b, &block)
    return block.pages != block.holes and block.offline - d.gained[b].offline == block.pages - block.holes


cdef inline int64_t spanned_then(const derived_t *d) noexcept nogil:
    """As spanned_pages (sim_core/mm/frame.pxd)."""
    cdef uint32_t first = d.now.first_block, last = d.now.last_block
    if d.now.policy.hotplug != HOTPLUG_CHUNKS:
        return d.now.end - d.now.start
    while first < last and all_offline(d, first):
        first += 1
    while first < last and all_offline(d, last - 1):
        last -= 1
    if first == last:
        return 0
    return min(last << d.now.block_order, d.now.end) - max(first << d.now.block_order, d.now.start)


# ---- one record taken back ----

cdef inline void listed(derived_t *d, uint32_t p, unsigned order, unsigned mt, int64_t sign) noexcept nogil:
    """A chunk was put on a free list (-1: that is taken back) or taken off it (1)."""
    cdef uint32_t b
    cdef int64_t pages = sign * (<int64_t> 1 << min(order, d.now.block_order))
    cdef bint isolated = mt == ISOLATE
    for b in range(block_of(d.now, p), block_of(d.now, p + (1u << order) - 1) + 1):
        d.gained[b].listed[isolated] -= pages
        if (d.then.block_type[b] == ISOLATE) != isolated:
            d.value += pages


cdef inline void retyped(derived_t *d, uint32_t b, uint8_t old) noexcept nogil:
    """A block's type was another one: what lay on the wrong side lies on the right one."""
    cdef block_t block
    cdef int64_t pages[2]
    cdef bint was = old == ISOLATE, became = d.then.block_type[b] == ISOLATE, stands
    d.then.block_type[b] = old
    if was == became:
        return
    memset(&block, 0, sizeof(block_t))
    look_at_block(d.now, b, &block)
    stands = d.now.block_type[b] == ISOLATE
    pages[stands] = block.free - block.stray - d.gained[b].listed[stands]
    pages[not stands] = block.stray - d.gained[b].listed[not stands]
    d.value += pages[not was] - pages[was]


cdef inline void took_offline(derived_t *d, uint32_t first, uint32_t pages, int64_t sign) noexcept nogil:
    """Pages became offline (1) or ceased to be (-1): that is taken back."""
    cdef uint32_t end = first + pages, b, last
    while first < end:
        b = block_of(d.now, first)
        last = min(end, (b + 1) << d.now.block_order)
        d.value -= all_offline(d, b)
        d.gained[b].offline += sign * <int64_t> (last - first)
        d.value += all_offline(d, b)
        first = last


cdef inline void strays_back(derived_t *d, const record_t *r) noexcept nogil:
    cdef unsigned kind = r.tag & 0xFF
    if kind == R_BLOCK_TYPE:
        if not d.now.first_block <= r.where < d.now.last_block:
            return
        retyped(d, r.where, <uint8_t> (r.tag >> 16))
    elif (kind == R_LINK or kind == R_UNLINK) and d.now.start <= r.where < d.now.end:
        listed(d, r.where, r.tag >> 16 & 0xFF, r.tag >> 24, -1 if kind == R_LINK else 1)


cdef inline void offline_back(derived_t *d, const record_t *r) noexcept nogil:
    cdef unsigned kind = r.tag & 0xFF
    cdef bint was = (r.tag >> 16 & KIND_MASK) == OFFLINE, became = (r.tag >> 24 & KIND_MASK) == OFFLINE
    cdef uint32_t first, pages
    # A fill with a value says only that its pages have records of their own from now on.
    if was == became or not (kind == R_STATE or kind == R_RUN or (kind == R_FILL and not r.value)):
        return
    pages = pages_from(r, d.now.block_order, &first)
    took_offline(d, first, clipped(d.now, &first, pages), 1 if became else -1)
    if d.which == DERIVED_SPANNED:
        d.value = spanned_then(d)


cdef inline int64_t marks_met(derived_t *d) noexcept nogil:
    return watermarks_met(
        &d.then, d.usable if d.which == DERIVED_WATERMARK_TRUE else d.then.stat[NR_FREE_PAGES])


cdef inline void marks_back(derived_t *d, const record_t *r) noexcept nogil:
    cdef unsigned kind = r.tag & 0xFF, a = r.tag >> 16 & 0xFF, b = r.tag >> 24
    if kind == R_LINK or kind == R_UNLINK:
        if d.which != DERIVED_WATERMARK_TRUE or b == ISOLATE or not d.now.start <= r.where < d.now.end:
            return
        d.usable += (-1 if kind == R_LINK else 1) * (<int64_t> 1 << a)
    elif kind == R_STAT and b == d.now.slot:
        put_stat(&d.then, a, <int64_t> r.value)
    elif kind == R_WATERMARK and b == d.now.slot:
        put_watermark(&d.then, a, <int64_t> r.value)
    else:
        return
    d.value = marks_met(d)


cdef inline void take_back(derived_t *d, const record_t *r) noexcept nogil:
    if d.which == DERIVED_STRAY:
        strays_back(d, r)
    elif d.which == DERIVED_WATERMARK_OK or d.which == DERIVED_WATERMARK_TRUE:
        marks_back(d, r)
    else:
        offline_back(d, r)


# ---- all of them ----

cdef inline void derived_free(derived_t *d) noexcept nogil:
    free(d.gained)
    free(d.then.block_type)
    free(d)


cdef inline derived_t *derive(const zone_t *z, unsigned which) noexcept nogil:
    """A counter as it is in the present; NULL: no room. To be given to `derived_free`."""
    cdef derived_t *d = <derived_t *> calloc(1, sizeof(derived_t))
    if d == NULL:
        return NULL
    d.which = which
    d.now = z
    memcpy(&d.then, z, sizeof(zone_t))
    d.gained = <gained_t *> calloc(z.last_block, sizeof(gained_t))
    d.then.block_type = <uint8_t *> calloc(z.last_block, 1)
    if d.gained == NULL or d.then.block_type == NULL:
        derived_free(d)
        return NULL
    memcpy(d.then.block_type, z.block_type, z.last_block)
    d.usable = usable_pages(z)
    if which == DERIVED_SPANNED:
        d.value = spanned_then(d)
    elif which == DERIVED_WATERMARK_OK or which == DERIVED_WATERMARK_TRUE:
        d.value = marks_met(d)
    return d


cdef inline uint64_t find_derived(const log_t *log, derived_t *d, uint64_t before, uint64_t begin,
                                  found_t *found, unsigned most, unsigned *count) noexcept nogil:
    """What operations before a record changed the counter by in sum, newest first.

    Args:
        begin: the first record to look at; an operation begins there.
        found: OUT, [most]; its record is the last that changed the counter.
        count: OUT, how many.

    Returns:
        the record up to which nothing was overlooked; `begin`: there are no others.
    """
    cdef uint64_t record = log.head, last = 0
    cdef int64_t after = d.value, was
    count[0] = 0
    while record > begin:
        record -= 1
        was = d.value
        take_back(d, &log.ring[record & log.mask])
        if d.value != was and not last:
            last = record
        if log.ring[record & log.mask].tag & 0xFF != R_OP:
            continue
        if record < before and after != d.value:
            found[count[0]].record = last
            found[count[0]].net = after - d.value
            count[0] += 1
        after = d.value
        last = 0
        if count[0] == most:
            return record
    return begin
