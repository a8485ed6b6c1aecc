"""The only file that writes a link: free lists per order and migratetype, pcp lists per CPU and type.

A list's head is the end that is taken first (`.next` of the kernel's list_head), its tail the other.
"""

from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.log cimport R_LINK, R_PCP_LINK, R_PCP_UNLINK, R_UNLINK, log_put, neighbours
from sim_core.mm.page cimport (
    ATTR_PCP_SHIFT, ATTR_TYPE, FREE, NIL, ON_PCP, TAIL, head_attr, link_t, page_link, pages_t,
    put_head,
)
from sim_core.mm.stamp cimport stamp_chunk
from sim_core.mm.zone cimport PCPTYPES, list_t, pcp_index, pcp_order, pcp_type, zone_t

cdef inline void insert(pages_t *pages, list_t *lst, uint32_t p, unsigned order,
                        uint32_t before) noexcept nogil:
    """Put p behind `before`, or first if that is NIL."""
    cdef link_t *link = page_link(pages, p, order)
    cdef uint32_t after
    if before == NIL:
        after = lst.head
        lst.head = p
    else:
        after = page_link(pages, before, order).next
        page_link(pages, before, order).next = p
    if after == NIL:
        lst.tail = p
    else:
        page_link(pages, after, order).prev = p
    link.next = after
    link.prev = before
    lst.length += 1


cdef inline void remove(pages_t *pages, list_t *lst, uint32_t p, unsigned order) noexcept nogil:
    cdef link_t *link = page_link(pages, p, order)
    if link.next == NIL:
        lst.tail = link.prev
    else:
        page_link(pages, link.next, order).prev = link.prev
    if link.prev == NIL:
        lst.head = link.next
    else:
        page_link(pages, link.prev, order).next = link.next
    lst.length -= 1


cdef inline void put_on_list(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                             uint32_t before) noexcept nogil:
    """The write of link_free alone, for it and for who puts back what stood there."""
    put_head(&z.pages, p, order, <uint8_t> (FREE | order), <uint8_t> mt)
    insert(&z.pages, &z.lists[mt][order], p, order, before)
    z.nonempty[mt] |= 1u << order
    z.touched = True


cdef inline void take_off_list(zone_t *z, uint32_t p, unsigned order, unsigned mt) noexcept nogil:
    """The write of unlink_free alone."""
    cdef list_t *lst = &z.lists[mt][order]
    remove(&z.pages, lst, p, order)
    if lst.head == NIL:
        z.nonempty[mt] &= ~(1u << order)
    put_head(&z.pages, p, order, TAIL, 0)
    z.touched = True


cdef inline void link_free(zone_t *z, uint32_t p, unsigned order, unsigned mt, uint32_t before,
                           uint8_t site) noexcept nogil:
    """Put a chunk on the list of (order, mt) behind `before` (NIL: first) and mark its head free."""
    put_on_list(z, p, order, mt, before)
    log_put(z.log, R_LINK, site, <uint8_t> order, <uint8_t> mt, p,
            neighbours(before, page_link(&z.pages, p, order).next))
    if zs_rare(order >= z.block_order):
        stamp_chunk(z, p, order)


cdef inline void link_head(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                           uint8_t site) noexcept nogil:
    """list_add."""
    link_free(z, p, order, mt, NIL, site)


cdef inline void link_tail(zone_t *z, uint32_t p, unsigned order, unsigned mt,
                           uint8_t site) noexcept nogil:
    """list_add_tail."""
    link_free(z, p, order, mt, z.lists[mt][order].tail, site)


cdef inline unsigned unlink_free(zone_t *z, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """Take a chunk off whatever list it is on; its head is a plain page again.

    Returns:
        the migratetype of that list.
    """
    cdef unsigned mt = head_attr(&z.pages, p, order) & ATTR_TYPE
    cdef link_t *link = page_link(&z.pages, p, order)
    log_put(z.log, R_UNLINK, site, <uint8_t> order, <uint8_t> mt, p,
            neighbours(link.prev, link.next))
    take_off_list(z, p, order, mt)
    if zs_rare(order >= z.block_order):
        stamp_chunk(z, p, order)
    return mt


cdef inline uint8_t pcp_pack(const zone_t *z, unsigned index, unsigned kept) noexcept nogil:
    """A pcp list by its order and type, and what a page on it remembers, in one byte."""
    return <uint8_t> (PCPTYPES * pcp_order(index) + pcp_type(z, index) | kept << 4)


cdef inline unsigned pcp_unpack(const zone_t *z, unsigned packed) noexcept nogil:
    """The list that pcp_pack's byte names."""
    return pcp_index(z, (packed & 0x0F) // PCPTYPES, (packed & 0x0F) % PCPTYPES)


cdef inline void put_on_pcp(zone_t *z, unsigned cpu, unsigned index, uint32_t p, unsigned kept,
                            uint32_t before) noexcept nogil:
    """The write of link_pcp alone."""
    cdef unsigned order = pcp_order(index)
    put_head(&z.pages, p, order, <uint8_t> (ON_PCP | order),
             <uint8_t> (kept | pcp_type(z, index) << ATTR_PCP_SHIFT))
    insert(&z.pages, &z.pcp[cpu].lists[index], p, order, before)
    z.pcp[cpu].count += 1u << order
    stamp_chunk(z, p, order)


cdef inline void take_off_pcp(zone_t *z, unsigned cpu, unsigned index, uint32_t p) noexcept nogil:
    """The write of unlink_pcp alone."""
    cdef unsigned order = pcp_order(index)
    remove(&z.pages, &z.pcp[cpu].lists[index], p, order)
    z.pcp[cpu].count -= 1u << order
    put_head(&z.pages, p, order, TAIL, 0)
    stamp_chunk(z, p, order)


cdef inline void link_pcp(zone_t *z, unsigned cpu, unsigned index, uint32_t p, unsigned kept,
                          uint32_t before, uint8_t site) noexcept nogil:
    """Queue a chunk on a pcp list behind `before` (NIL: at the hot end); it remembers type `kept`."""
    put_on_pcp(z, cpu, index, p, kept, before)
    log_put(z.log, R_PCP_LINK, site, <uint8_t> cpu, pcp_pack(z, index, kept), p,
            neighbours(before, page_link(&z.pages, p, pcp_order(index)).next))


cdef inline unsigned unlink_pcp(zone_t *z, unsigned cpu, unsigned index, uint32_t p,
                                uint8_t site) noexcept nogil:
    """Take a chunk off a pcp list.

    Returns:
        the migratetype it remembered.
    """
    cdef unsigned order = pcp_order(index)
    cdef unsigned kept = head_attr(&z.pages, p, order) & ATTR_TYPE
    cdef link_t *link = page_link(&z.pages, p, order)
    log_put(z.log, R_PCP_UNLINK, site, <uint8_t> cpu, pcp_pack(z, index, kept), p,
            neighbours(link.prev, link.next))
    take_off_pcp(z, cpu, index, p)
    return kept
