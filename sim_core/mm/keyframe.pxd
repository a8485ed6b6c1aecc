"""A node's whole state as one piece of memory, to be put back later: for moments of which the log no
longer tells.

Of pages only those have a part in it whose block is open and not under one chunk; the records of all
others are zero, so that memory that is whole takes 15 bytes a pageblock.
"""

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy

from sim_core.mm.log cimport log_t
from sim_core.mm.memory cimport age_t, handle_t, handles_t, memory_t
from sim_core.mm.page cimport (
    copy_block_in, copy_block_out, copy_pages_in, copy_pages_out, BLOCK_BYTES, PAGE_BYTES,
    block_fill, clear_pages, top_order,
)
from sim_core.mm.stamp cimport stamp_block
from sim_core.mm.zone cimport ZONES_MAX, zone_t

cdef enum:
    HANDLE_BYTES = sizeof(handle_t) + sizeof(age_t)


cdef inline bint is_open(const zone_t *z, uint32_t b, uint32_t *covered) noexcept nogil:
    """Have the pages of block b records of their own? To be asked of each block, ascending.

    Args:
        covered: IN and OUT, one past the last block under a chunk met so far; 0 before the first.
    """
    cdef unsigned order = top_order(&z.pages, b)
    if order:
        covered[0] = b + (1u << (order - z.block_order))
    return b >= covered[0] and not block_fill(&z.pages, b)


cdef inline uint64_t keyframe_bytes(const memory_t *m) noexcept nogil:
    """Bytes that a keyframe of the node takes now."""
    cdef uint64_t size = sizeof(memory_t)
    cdef const zone_t *z
    cdef unsigned i
    cdef uint32_t b, covered
    size += <uint64_t> m.handles.count * HANDLE_BYTES
    size += <uint64_t> (m.handles.nr_retired + m.handles.nr_live) * 4
    for i in range(m.nr_zones):
        z = &m.zones[i]
        covered = 0
        for b in range(z.first_block, z.last_block):
            size += BLOCK_BYTES + 4
            if is_open(z, b, &covered):
                size += <uint64_t> PAGE_BYTES << z.block_order
    return size


cdef inline uint8_t *put_out(uint8_t *out, const void *what, uint64_t size) noexcept nogil:
    memcpy(out, what, size)
    return out + size


cdef inline const uint8_t *take_in(const uint8_t *kept, void *what, uint64_t size) noexcept nogil:
    memcpy(what, kept, size)
    return kept + size


cdef inline void write_keyframe(const memory_t *m, uint8_t *out) noexcept nogil:
    """Args:
        out: OUT, [keyframe_bytes].
    """
    cdef const handles_t *h = &m.handles
    cdef const zone_t *z
    cdef unsigned i
    cdef uint32_t b, covered
    cdef bint open_
    out = put_out(out, m, sizeof(memory_t))
    out = put_out(out, h.table, h.count * sizeof(handle_t))
    out = put_out(out, h.age, h.count * sizeof(age_t))
    out = put_out(out, h.retired, h.nr_retired * 4)
    out = put_out(out, h.live, h.nr_live * 4)
    for i in range(m.nr_zones):
        z = &m.zones[i]
        covered = 0
        for b in range(z.first_block, z.last_block):
            open_ = is_open(z, b, &covered)
            out[0] = z.block_type[b]
            out[1] = open_
            out = put_out(out + 2, &z.block_free[b], 2)
            out = copy_block_out(&z.pages, b, out)
            if open_:
                out = copy_pages_out(&z.pages, b, out)


cdef inline void read_handles(memory_t *m, const handles_t *now, const uint8_t **kept) noexcept nogil:
    """The handles of a keyframe, into the memory that the node has for them now, which only grows."""
    cdef handles_t *h = &m.handles
    h.table = now.table
    h.age = now.age
    h.retired = now.retired
    h.live = now.live
    h.room = now.room
    kept[0] = take_in(kept[0], h.table, h.count * sizeof(handle_t))
    kept[0] = take_in(kept[0], h.age, h.count * sizeof(age_t))
    kept[0] = take_in(kept[0], h.retired, h.nr_retired * 4)
    kept[0] = take_in(kept[0], h.live, h.nr_live * 4)


cdef inline void keep_places(zone_t *z, const zone_t *now) noexcept nogil:
    """Where a zone's arrays lie, and what it shares with the node, is this node's own affair."""
    z.pages = now.pages
    z.block_type = now.block_type
    z.block_free = now.block_free
    z.stamp = now.stamp
    z.epoch = now.epoch
    z.log = now.log
    z.cpu = now.cpu


cdef inline void read_keyframe(memory_t *m, const uint8_t *kept) noexcept nogil:
    """Put a node's state back. Its log, and who looks at it, are as they were; all blocks are stamped.

    Args:
        kept: [keyframe_bytes] of this node, or of one made from the same configuration.
    """
    cdef log_t log = m.log
    cdef handles_t now = m.handles
    cdef uint32_t epoch = m.epoch
    cdef uint64_t nr_breaks = m.nr_breaks, bound = m.op_bound, travels = m.travels
    cdef zone_t zones[ZONES_MAX]
    cdef zone_t *z
    cdef unsigned i
    cdef uint32_t b, before
    cdef bint was_open, open_
    memcpy(zones, m.zones, sizeof(zones))
    kept = take_in(kept, m, sizeof(memory_t))
    for i in range(m.nr_zones):
        keep_places(&m.zones[i], &zones[i])
    m.log = log
    m.epoch = epoch
    m.nr_breaks = nr_breaks
    m.op_bound = bound
    m.travels = travels + 1
    read_handles(m, &now, &kept)
    for i in range(m.nr_zones):
        z = &m.zones[i]
        before = 0
        for b in range(z.first_block, z.last_block):
            was_open = is_open(z, b, &before)
            z.block_type[b] = kept[0]
            open_ = kept[1]
            kept = take_in(kept + 2, &z.block_free[b], 2)
            kept = copy_block_in(&z.pages, b, kept)
            if open_:
                kept = copy_pages_in(&z.pages, b, kept)
            elif was_open:
                clear_pages(&z.pages, b)
            stamp_block(z, b)
