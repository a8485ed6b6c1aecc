"""The pages that a record is about."""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.log cimport (
    R_BLOCK_FREE, R_BLOCK_TYPE, R_FILL, R_HANDLE, R_LINK, R_PCP_LINK, R_PCP_UNLINK, R_PREP, R_REBIND,
    R_RUN, R_STATE, R_UNLINK, R_UNPREP, record_t,
)
from sim_core.mm.page cimport ORDER_MASK
from sim_core.mm.zone cimport PCPTYPES

cdef enum:  # kinds of records that are about a chunk, a run of pages or a pageblock, a bit each
    OF_CHUNKS = (1 << R_LINK | 1 << R_UNLINK | 1 << R_PCP_LINK | 1 << R_PCP_UNLINK | 1 << R_PREP
                 | 1 << R_UNPREP | 1 << R_STATE | 1 << R_RUN | 1 << R_HANDLE | 1 << R_REBIND)
    OF_BLOCKS = 1 << R_FILL | 1 << R_BLOCK_TYPE | 1 << R_BLOCK_FREE


cdef inline unsigned order_of(const record_t *r) noexcept nogil:
    """Order of the chunk that a record is about; of a run or of a single page 0."""
    cdef unsigned kind = r.tag & 0xFF, a = r.tag >> 16 & 0xFF, b = r.tag >> 24
    if kind == R_LINK or kind == R_UNLINK or kind == R_PREP or kind == R_HANDLE:
        return a
    if kind == R_PCP_LINK or kind == R_PCP_UNLINK:
        return (b & 0x0F) // PCPTYPES
    if kind == R_UNPREP:
        return a & ORDER_MASK
    if kind == R_STATE:
        return <unsigned> (r.value >> 16)
    return 0


cdef inline uint32_t pages_from(const record_t *r, unsigned block_order, uint32_t *first) noexcept nogil:
    """How many pages a record of the kinds above is about.

    Args:
        first: OUT, the first of them, node-relative.
    """
    cdef uint8_t kind = <uint8_t> r.tag
    if OF_BLOCKS >> kind & 1:
        first[0] = r.where << block_order
        return 1u << block_order
    first[0] = r.where
    return <uint32_t> r.value if kind == R_RUN else 1u << order_of(r)
