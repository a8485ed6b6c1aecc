"""Stamps: for each pageblock the epoch at which its picture last changed.

A viewer remembers the epoch of its last frame and draws what is younger; nobody clears anything.
"""

from libc.stdint cimport uint32_t

from sim_core.mm.zone cimport zone_t

cdef inline void stamp_block(zone_t *z, uint32_t b) noexcept nogil:
    z.stamp[b] = z.epoch[0]


cdef inline void stamp_page(zone_t *z, uint32_t p) noexcept nogil:
    z.stamp[p >> z.block_order] = z.epoch[0]


cdef inline void stamp_chunk(zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """All blocks that a chunk covers."""
    cdef uint32_t b
    if order <= z.block_order:
        stamp_page(z, p)
        return
    for b in range(p >> z.block_order, (p + (1 << order)) >> z.block_order):
        stamp_block(z, b)


cdef inline void stamp_run(zone_t *z, uint32_t p, uint32_t count) noexcept nogil:
    """All blocks that `count` pages from p on lie in."""
    cdef uint32_t b
    for b in range(p >> z.block_order, ((p + count - 1) >> z.block_order) + 1):
        stamp_block(z, b)
