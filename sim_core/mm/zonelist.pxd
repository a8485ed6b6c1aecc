"""The zonelist: from the highest zone that a request may take from down to the lowest, each asked by its
watermark before its lists are looked at (get_page_from_freelist)."""

from libc.stdint cimport uint32_t

from sim_core.mm.memory cimport memory_t
from sim_core.mm.page cimport NIL
from sim_core.mm.page_alloc cimport rmqueue
from sim_core.mm.policy cimport WATERMARK_LISTS
from sim_core.mm.watermark cimport (
    ALLOC_CMA, ALLOC_HARDER, ALLOC_HIGH, ALLOC_HIGHATOMIC, zone_watermark_ok,
)
from sim_core.mm.zone cimport MOVABLE, PRESENT_PAGES, ZONE_NORMAL, this_cpu, zone_t

ctypedef struct request_t:
    unsigned order
    unsigned mt
    unsigned classzone_idx   # slot of the highest zone it may take from; high_zoneidx where kernels say so
    bint atomic          # who asks cannot wait
    unsigned owner


cdef inline bint populated_zone(const zone_t *z) noexcept nogil:
    return z.stat[PRESENT_PAGES] > 0


cdef inline unsigned alloc_flags(const request_t *request) noexcept nogil:
    """Flags of the fast path: CMA pages are for MOVABLE requests."""
    return ALLOC_CMA if request.mt == MOVABLE else 0


cdef inline unsigned gfp_to_alloc_flags(const memory_t *m, const request_t *request) noexcept nogil:
    """Flags of the slow path: who cannot wait may go below the mark."""
    cdef unsigned flags = alloc_flags(request)
    if request.atomic:
        flags |= ALLOC_HIGH | ALLOC_HARDER
        if request.order and m.zones[0].policy.watermark >= WATERMARK_LISTS:
            flags |= ALLOC_HIGHATOMIC
    return flags


cdef inline unsigned highest_kernel_zone(const memory_t *m) noexcept nogil:
    """Slot of the highest zone for the kernel's own data (GFP_KERNEL, GFP_USER)."""
    cdef unsigned i = m.nr_zones - 1
    while i and m.zones[i].kind > ZONE_NORMAL:
        i -= 1
    return i


cdef inline uint32_t get_page_from_freelist(memory_t *m, const request_t *request, unsigned mark,
                                            unsigned flags) noexcept nogil:
    """The first chunk that a zone above its mark has on a list, or NIL.

    Args:
        mark: a Watermark.
        flags: AllocFlag bits.
    """
    cdef unsigned i = request.classzone_idx + 1
    cdef uint32_t p
    cdef zone_t *z
    while i:
        i -= 1
        z = &m.zones[i]
        if not populated_zone(z):
            continue
        if zone_watermark_ok(z, request.order, z.watermark[mark], request.classzone_idx, flags):
            p = rmqueue(z, this_cpu(z), request.order, request.mt, flags & ALLOC_HARDER)
            if p != NIL:
                return p
    return NIL
