"""Pages in use: handed out, given back, pinned, migrated; memory offlined and onlined (v3.5)."""

from libc.errno cimport EAGAIN, EBUSY, ENOMEM
from libc.stdint cimport uint32_t, uint8_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.isolate cimport (
    offline_isolated_pages, split_free_page, start_isolate_page_range, test_pages_isolated,
    undo_isolate_page_range,
)
from sim_core.mm.log cimport (
    S_FREE_PAGES_OK, S_MIGRATE_PAGES, S_OFFLINE_PAGES, S_ONLINE_PAGES, S_PREP_NEW_PAGE,
)
from sim_core.mm.memory cimport live_push, memory_t, new_handle, retire_handle, set_handle
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, HOLE, KIND_MASK, MIGRATING, NIL, ORDER_MASK, PINNED, RESERVED, bind,
    bound, page_attr, page_state, set_head, unbind,
)
from sim_core.mm.pcp cimport __free_pages_ok, buffered_rmqueue, drain_all_pages, free_hot_cold_page
from sim_core.mm.watermark cimport init_per_zone_wmark_min, zone_pcp_update
from sim_core.mm.zone cimport (
    MOVABLE, NR_ALLOC, NR_ALLOCATED, NR_ALLOC_FAILED, NR_FREED, NR_MIGRATED, PRESENT_PAGES, zone_t,
)

cdef enum:
    NR_OFFLINE_AT_ONCE_PAGES = 256
    MIGRATE_RETRIES = 5
    MIGRATE_PASSES = 120   # passes beyond those that moving every page once takes


cdef inline uint32_t alloc_pages(memory_t *m, zone_t *z, unsigned order, unsigned mt, bint lru,
                                 bint workload) noexcept nogil:
    """Take a chunk and give it a handle; the caller has made room for one.

    Returns:
        its zone-relative pfn, or NIL: no list could serve.
    """
    cdef uint32_t handle
    cdef uint32_t p = buffered_rmqueue(z, 0, order, mt)
    if p == NIL:
        mod_stat(z, NR_ALLOC_FAILED, 1, S_PREP_NEW_PAGE)
        return NIL
    set_head(&z.pages, p, order, <uint8_t> (ALLOCATED | order),
             <uint8_t> (mt | (ATTR_LRU if lru else 0)), S_PREP_NEW_PAGE)
    mod_stat(z, NR_ALLOCATED, 1 << order, S_PREP_NEW_PAGE)
    mod_stat(z, NR_ALLOC, 1, S_PREP_NEW_PAGE)
    handle = new_handle(m)
    set_handle(m, handle, p, <uint8_t> order, 0)
    bind(&z.pages, p, order, handle)
    if workload:
        live_push(m, handle)
    return p


cdef inline int free_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Drop the last reference of an allocated chunk; 0 or a negative Bug (then it stays as it was)."""
    cdef uint32_t handle = bound(&z.pages, p, order)
    cdef int ret
    unbind(&z.pages, p, order)
    if order == 0:
        ret = free_hot_cold_page(z, 0, p)
    else:
        ret = __free_pages_ok(z, p, order)
    if ret:
        return ret
    retire_handle(m, handle)
    mod_stat(z, NR_ALLOCATED, -(1 << order), S_FREE_PAGES_OK)
    mod_stat(z, NR_FREED, 1, S_FREE_PAGES_OK)
    return 0


cdef inline uint32_t scan_lru_pages(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """First page of [first, last) on the LRU, or NIL."""
    cdef uint32_t p
    cdef uint8_t kind
    for p in range(first, last):
        kind = page_state(&z.pages, p) & KIND_MASK
        if (kind == ALLOCATED or kind == PINNED) and page_attr(&z.pages, p) & ATTR_LRU:
            return p
    return NIL


cdef inline int migrate_page(memory_t *m, zone_t *z, uint32_t p) noexcept nogil:
    """Move what the page at p holds to a fresh MOVABLE page; its handle goes along, p is freed.

    Returns:
        0; -ENOMEM: no target; or a negative Bug.
    """
    cdef uint8_t attr = page_attr(&z.pages, p)
    cdef uint32_t handle = bound(&z.pages, p, 0)
    cdef uint32_t target = buffered_rmqueue(z, 0, 0, MOVABLE)
    cdef int ret
    if target == NIL:
        return -ENOMEM
    set_head(&z.pages, target, 0, ALLOCATED, attr | ATTR_LRU, S_MIGRATE_PAGES)
    bind(&z.pages, target, 0, handle)
    set_handle(m, handle, target, 0, 0)
    unbind(&z.pages, p, 0)
    ret = free_hot_cold_page(z, 0, p)
    if ret == 0:
        mod_stat(z, NR_MIGRATED, 1, S_MIGRATE_PAGES)
    return ret


cdef inline int do_migrate_range(memory_t *m, zone_t *z, uint32_t p, uint32_t last,
                                 uint32_t *moved) noexcept nogil:
    """Take up to 256 pages off the LRU from p on and migrate them.

    A page with a further reference, and a chunk of pages, cannot be moved: the fresh page is given
    back, so nothing is seen of the attempt.

    Args:
        moved: OUT, pages migrated.

    Returns:
        0; a positive number of pages that stayed; -EBUSY: a page in use that is not on the LRU was met
        and nothing was moved; -ENOMEM: no target, what was moved stays moved; or a negative Bug.
    """
    cdef uint32_t taken[NR_OFFLINE_AT_ONCE_PAGES]
    cdef uint32_t count = 0, i
    cdef int stayed = 0, ret = 0
    cdef uint8_t state, kind, attr
    moved[0] = 0
    while p < last and count + <uint32_t> stayed < NR_OFFLINE_AT_ONCE_PAGES:
        state = page_state(&z.pages, p)
        kind = state & KIND_MASK
        if kind == RESERVED:
            ret = -EBUSY
            break
        if kind == ALLOCATED or kind == PINNED:
            attr = page_attr(&z.pages, p)
            if not attr & ATTR_LRU:
                ret = -EBUSY
                break
            if kind == PINNED or state & ORDER_MASK:
                stayed += 1
            else:
                set_head(&z.pages, p, 0, MIGRATING, attr & ~ATTR_LRU, S_MIGRATE_PAGES)
                taken[count] = p
                count += 1
        p += 1
    i = 0
    if ret == 0:
        while i < count:
            ret = migrate_page(m, z, taken[i])
            if ret:
                break
            i += 1
    moved[0] = i
    while i < count:
        attr = page_attr(&z.pages, taken[i])
        set_head(&z.pages, taken[i], 0, ALLOCATED, attr | ATTR_LRU, S_MIGRATE_PAGES)
        i += 1
    return ret if ret else stayed


cdef inline int migrate_away(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """offline_pages' loop: until no page of the range is on the LRU, or a refusal.

    A pass that moves nothing and whose pages only stayed would be repeated until the kernel's 120
    seconds are over: that is -EAGAIN at once. So would one whose targets lie in the range itself: free
    pages that isolation left on other lists are fallen back to, which makes the block MOVABLE and each
    page that leaves the next one's target. A pass that gets nowhere counts as a second.
    """
    cdef int ret, retries = MIGRATE_RETRIES
    cdef uint32_t moved, p, passes = (last - first) // NR_OFFLINE_AT_ONCE_PAGES + MIGRATE_PASSES
    while passes:
        passes -= 1
        p = scan_lru_pages(z, first, last)
        if p == NIL:
            return 0
        ret = do_migrate_range(m, z, p, last, &moved)
        if ret == -EBUSY or ret == -ENOMEM:
            retries -= 1
            if retries == 0:
                return ret
        elif ret < 0:
            return ret
        elif ret > 0 and moved == 0:
            return -EAGAIN
        drain_all_pages(z)
    return -EAGAIN


cdef inline uint32_t pages_of_blocks(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Pages of blocks [first, last) that are in the zone and no holes."""
    cdef uint32_t p, pages = 0
    for p in range(max(first << z.block_order, z.start), min(last << z.block_order, z.end)):
        pages += page_state(&z.pages, p) != HOLE
    return pages


cdef inline int offline_pages(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Take blocks [first, last) out of use: isolate, migrate, drain, test, remove, retype.

    On a refusal after isolation the blocks become MOVABLE, whatever they were; what was migrated stays
    migrated.

    Returns:
        0, -EBUSY, -EAGAIN, -ENOMEM, or a negative Bug.
    """
    cdef uint32_t p = max(first << z.block_order, z.start)
    cdef uint32_t end = min(last << z.block_order, z.end)
    cdef int ret = start_isolate_page_range(z, first, last, MOVABLE)
    if ret:
        return ret
    ret = migrate_away(m, z, p, end)
    if ret < -1000:
        return ret
    if ret == 0:
        drain_all_pages(z)
        if not test_pages_isolated(z, p, end):
            ret = -EBUSY
    if ret:
        undo_isolate_page_range(z, first, last, MOVABLE)
        return ret
    offline_isolated_pages(z, p, end)
    undo_isolate_page_range(z, first, last, MOVABLE)
    mod_stat(z, PRESENT_PAGES, -<long long> pages_of_blocks(z, first, last), S_OFFLINE_PAGES)
    if z.live:
        init_per_zone_wmark_min(z)
    return 0


cdef inline int online_page_range(memory_t *m, zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """Each page of [p, last) is freed as a single one, ascending; holes are passed over."""
    cdef int ret
    while p < last:
        if page_state(&z.pages, p) != HOLE:
            ret = free_hot_cold_page(z, 0, p)
            if ret:
                return ret
        p += 1
    return 0


cdef inline int online_pages(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Bring offline blocks [first, last) back; 0 or a negative Bug."""
    cdef uint32_t pages = pages_of_blocks(z, first, last)
    cdef int ret = online_page_range(m, z, max(first << z.block_order, z.start),
                                     min(last << z.block_order, z.end))
    if ret:
        return ret
    mod_stat(z, PRESENT_PAGES, pages, S_ONLINE_PAGES)
    zone_pcp_update(z)
    if z.live:
        init_per_zone_wmark_min(z)
    return 0


cdef inline bint split_into_pages(memory_t *m, zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """split_free_page, each page getting a handle; the caller has made room for 2^order of them.

    Returns:
        False, with nothing done, if the zone would fall below its low watermark.
    """
    cdef uint32_t page, handle
    if not split_free_page(z, p, order):
        return False
    for page in range(p, p + (1u << order)):
        handle = new_handle(m)
        set_handle(m, handle, page, 0, 0)
        bind(&z.pages, page, 0, handle)
    mod_stat(z, NR_ALLOCATED, 1 << order, S_PREP_NEW_PAGE)
    return True
