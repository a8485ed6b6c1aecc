"""The fragmentation indices of mm/vmstat.c, from nr_free alone: how much of what is free a request of an
order cannot use, and whether one that fails does so for lack of memory or for fragmentation."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    WHOLE = 1000           # indices are in thousandths
    NO_FAILURE = -1000     # a chunk would do, so no request fails

ctypedef struct contig_page_info_t:
    uint64_t free_pages
    uint64_t free_blocks_total
    uint64_t free_blocks_suitable   # chunks of the order asked for, larger ones cut up


cdef inline void fill_contig_page_info(const int64_t *nr_free, unsigned max_order, unsigned order,
                                       contig_page_info_t *info) noexcept nogil:
    """Args:
        nr_free: [max_order] as stored; the kernel's are unsigned, so a negative one wraps.
        info: OUT.
    """
    cdef unsigned o
    info.free_pages = 0
    info.free_blocks_total = 0
    info.free_blocks_suitable = 0
    for o in range(max_order):
        info.free_blocks_total += <uint64_t> nr_free[o]
        info.free_pages += <uint64_t> nr_free[o] << o
        if o >= order:
            info.free_blocks_suitable += <uint64_t> nr_free[o] << (o - order)


cdef inline uint64_t div_u64(uint64_t dividend, uint64_t divisor) noexcept nogil:
    """The kernel divides by the low 32 bits; where those are 0 it would stop, and the answer is 0 here."""
    cdef uint32_t low = <uint32_t> divisor
    return dividend // low if low else 0


cdef inline int32_t unusable_free_index(const int64_t *nr_free, unsigned max_order,
                                        unsigned order) noexcept nogil:
    """Thousandths of the free pages that lie in chunks too small for the order."""
    cdef contig_page_info_t info
    fill_contig_page_info(nr_free, max_order, order, &info)
    if info.free_pages == 0:
        return WHOLE
    return <int32_t> div_u64(
        (info.free_pages - (info.free_blocks_suitable << order)) * <uint64_t> WHOLE, info.free_pages)


cdef inline int32_t fragmentation_index(const int64_t *nr_free, unsigned max_order,
                                        unsigned order) noexcept nogil:
    """Towards 0 a request fails for lack of memory, towards 1000 for fragmentation."""
    cdef contig_page_info_t info
    cdef uint64_t requested = <uint64_t> 1 << order
    fill_contig_page_info(nr_free, max_order, order, &info)
    if info.free_blocks_total == 0:
        return 0
    if info.free_blocks_suitable:
        return NO_FAILURE
    return <int32_t> (<uint64_t> WHOLE - div_u64(
        <uint64_t> WHOLE + div_u64(info.free_pages * <uint64_t> WHOLE, requested),
        info.free_blocks_total))
