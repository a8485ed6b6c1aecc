"""Placing a zone page by page, instead of booting it: what an import has laid out becomes a node."""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm._mm cimport Node
from sim_core.mm.account cimport (
    mod_block_free, mod_lru, mod_nr_free, mod_stat, set_pcp_size, set_watermark,
)
from sim_core.mm.freelist cimport link_tail
from sim_core.mm.inuse cimport give_handle
from sim_core.mm.log cimport S_FREE_ALL_BOOTMEM, S_PREP_NEW_PAGE
from sim_core.mm.handles cimport live_push, make_room
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, KIND_MASK, RESERVED, bound, open_whole, page_state, set_head,
)
from sim_core.mm.pcpsizes cimport setup_pageset
from sim_core.mm.sizes cimport derived_min_free_kbytes, setup_zone_wmarks
from sim_core.mm.zone cimport (
    NR_ALLOCATED, NR_FREE_PAGES, NR_RESERVED, PRESENT_PAGES, WMARKS, zone_t,
)

from sim_core.errors import RefusedError

cdef int _clear_reserved(Node node, uint32_t p, unsigned order) except -1:
    cdef zone_t *z = node._zone_of(p)
    cdef uint32_t page
    for page in range(p, p + (1u << order)):
        if page_state(&z.pages, page) & KIND_MASK != RESERVED:
            raise RefusedError(f"pfn {z.base + page} is taken already", field="pfn")
    open_whole(&z.pages, p, order, S_FREE_ALL_BOOTMEM)
    mod_stat(z, NR_RESERVED, -(1 << order), S_FREE_ALL_BOOTMEM)
    return 0


def place_type(Node node, uint32_t block, unsigned mt):
    """Give a block its type, before any page is placed."""
    node.block_type[node._block(block)] = <uint8_t> mt


def place_free(Node node, const uint64_t[:] pfns, const uint8_t[:] orders, const uint8_t[:] mts):
    """Put free chunks at the tails of their lists, in the order given, counted and not merged.

    Raises:
        RefusedError: a chunk that is not aligned, not in the zone, or not reserved any more.
    """
    cdef Py_ssize_t i
    cdef uint32_t p
    cdef zone_t *z
    for i in range(pfns.shape[0]):
        p = node._chunk(pfns[i], orders[i])
        z = node._zone_of(p)
        _clear_reserved(node, p, orders[i])
        link_tail(z, p, orders[i], mts[i], S_FREE_ALL_BOOTMEM)
        mod_nr_free(z, orders[i], 1, S_FREE_ALL_BOOTMEM)
        mod_stat(z, NR_FREE_PAGES, 1 << orders[i], S_FREE_ALL_BOOTMEM)
        mod_block_free(z, p, orders[i], 1, S_FREE_ALL_BOOTMEM)


def place_allocated(Node node, const uint64_t[:] pfns, const uint8_t[:] orders,
                    const uint8_t[:] mts, const uint8_t[:] lrus):
    """Put chunks in use; the workload may free them. Errors as place_free."""
    cdef Py_ssize_t i
    cdef uint32_t p
    cdef zone_t *z
    if make_room(&node.m, <uint32_t> pfns.shape[0]):
        raise MemoryError("no room for the handles of the chunks in use")
    for i in range(pfns.shape[0]):
        p = node._chunk(pfns[i], orders[i])
        z = node._zone_of(p)
        _clear_reserved(node, p, orders[i])
        set_head(&z.pages, p, orders[i], <uint8_t> (ALLOCATED | orders[i]),
                 <uint8_t> (mts[i] | (ATTR_LRU if lrus[i] else 0)), S_PREP_NEW_PAGE)
        mod_stat(z, NR_ALLOCATED, 1 << orders[i], S_PREP_NEW_PAGE)
        mod_lru(z, ATTR_LRU if lrus[i] else 0, 1 << orders[i], S_PREP_NEW_PAGE)
        give_handle(&node.m, z, p, orders[i])
        live_push(&node.m, bound(&z.pages, p, orders[i]))


def place_done(Node node, int64_t present, watermarks, pcp):
    """Close a placed zone, the only one of its node: it is live from here on.

    Args:
        present: present pages.
        watermarks: (min, low, high) in pages as read, or None: worked out. RESERVE blocks stay as
            they were read until the next hotplug.
        pcp: (high, batch) as read, or None: derived.
    """
    cdef zone_t *z = &node.m.zones[0]
    mod_stat(z, PRESENT_PAGES, present, S_FREE_ALL_BOOTMEM)
    if pcp is None:
        setup_pageset(&node.m, z)
    else:
        set_pcp_size(z, pcp[0], pcp[0], pcp[1], S_FREE_ALL_BOOTMEM)
    z.live = True
    if watermarks is None:
        setup_zone_wmarks(&node.m, z, derived_min_free_kbytes(&node.m))
    else:
        for which in range(WMARKS):
            set_watermark(z, which, watermarks[which], S_FREE_ALL_BOOTMEM)
