"""Memory offlined and onlined: pages migrated away, blocks taken out of use and brought back."""

from libc.errno cimport EAGAIN, EBUSY, EINTR, ENOMEM
from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport mod_lru, mod_stat, set_pcp_size
from sim_core.mm.boot cimport free_largest_chunks
from sim_core.mm.buddy cimport set_pageblock_migratetype
from sim_core.mm.inuse cimport pass_handle
from sim_core.mm.isolate cimport (
    first_valid_page, start_isolate_page_range, test_pages_isolated, undo_isolate_page_range,
)
from sim_core.mm.log cimport (
    S_MIGRATE_PAGES, S_OFFLINE_PAGES, S_ONLINE_PAGES, S_ZONE_PCP_DISABLE,
)
from sim_core.mm.memory cimport (
    N_VERDICT, NOBODY, VERDICT_LIVELOCK, memory_t, zone_of,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, ATTR_OFF_LRU, HOLE, KIND_MASK, MIGRATING, NIL, ORDER_MASK, PINNED,
    RESERVED, page_attr, page_state, pages_of, set_head,
)
from sim_core.mm.page_alloc cimport drain_isolated, free_unref_page, rmqueue
from sim_core.mm.pcpsizes cimport zone_pcp_update
from sim_core.mm.policy cimport HOTPLUG_CHUNKS
from sim_core.mm.request cimport take_pages
from sim_core.mm.sizes cimport init_per_zone_wmark_min
from sim_core.mm.take cimport offline_isolated_pages
from sim_core.mm.zone cimport (
    ISOLATE, MOVABLE, NR_ALLOCATED, NR_ISOLATED_BLOCKS, NR_MIGRATED, PRESENT_PAGES, this_cpu,
    zone_t,
)
from sim_core.mm.zonelist cimport request_t

cdef enum:
    NR_OFFLINE_AT_ONCE_PAGES = 256
    MIGRATE_RETRIES = 5
    MIGRATE_PASSES = 120   # passes beyond those that moving every page once takes
    HANGS = 900            # no errno and no Bug: the kernel would never return


cdef inline uint32_t scan_lru_pages(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """First page of [first, last) on the LRU, or NIL."""
    cdef uint32_t p
    cdef uint8_t kind
    for p in range(first, last):
        kind = page_state(&z.pages, p) & KIND_MASK
        if (kind == ALLOCATED or kind == PINNED) and page_attr(&z.pages, p) & ATTR_LRU:
            return p
    return NIL


cdef inline uint32_t migration_target(memory_t *m, zone_t *z, unsigned classzone_idx) noexcept nogil:
    """A page off the lists, of any zone up to `classzone_idx` and of a bare zone from itself; or NIL."""
    cdef request_t request
    if not m.whole:
        return rmqueue(z, this_cpu(z), 0, MOVABLE, False)
    request.order = 0
    request.mt = MOVABLE
    request.classzone_idx = classzone_idx
    request.atomic = False
    request.owner = NOBODY
    return take_pages(m, &request)


cdef inline int why_no_target(const memory_t *m) noexcept nogil:
    if m.stopped:
        return -m.stopped
    return -HANGS if m.whole and m.number[N_VERDICT] == VERDICT_LIVELOCK else -ENOMEM


cdef inline int migrate_page(memory_t *m, zone_t *z, uint32_t p, unsigned classzone_idx) noexcept nogil:
    """Move what the page at p holds to a fresh MOVABLE page; its handle goes along, p is freed.

    Returns:
        0; -ENOMEM: no target; -HANGS: the request for one goes round for ever; or a negative Bug.
    """
    cdef uint8_t attr = page_attr(&z.pages, p)
    cdef uint32_t target = migration_target(m, z, classzone_idx)
    cdef zone_t *to
    cdef int ret
    if target == NIL:
        return why_no_target(m)
    to = zone_of(m, target)
    if page_state(&z.pages, p) != MIGRATING:
        # Its owner was killed for the target's sake, which nobody needs now.
        set_head(&to.pages, target, 0, ALLOCATED, MOVABLE, S_MIGRATE_PAGES)
        return free_unref_page(to, this_cpu(to), target, 0)
    attr = (attr & ~<uint8_t> ATTR_OFF_LRU) | ATTR_LRU
    set_head(&to.pages, target, 0, ALLOCATED, attr, S_MIGRATE_PAGES)
    mod_lru(to, attr, 1, S_MIGRATE_PAGES)
    pass_handle(m, z, p, target)
    if to != z:
        mod_stat(to, NR_ALLOCATED, 1, S_MIGRATE_PAGES)
        mod_stat(z, NR_ALLOCATED, -1, S_MIGRATE_PAGES)
    ret = free_unref_page(z, this_cpu(z), p, 0)
    if ret == 0:
        mod_stat(z, NR_MIGRATED, 1, S_MIGRATE_PAGES)
    return ret


cdef inline void isolate_lru_page(zone_t *z, uint32_t p) noexcept nogil:
    """Off the LRU; a single page that nobody else holds is on its way from here on."""
    cdef uint8_t state = page_state(&z.pages, p), attr = page_attr(&z.pages, p)
    mod_lru(z, attr, -<int64_t> pages_of(state), S_MIGRATE_PAGES)
    set_head(&z.pages, p, state & ORDER_MASK, MIGRATING if state == ALLOCATED else state,
             (attr & ~<uint8_t> ATTR_LRU) | ATTR_OFF_LRU, S_MIGRATE_PAGES)


cdef inline uint32_t isolate_lru_pages(zone_t *z, uint32_t first, uint32_t last,
                                       uint32_t *end) noexcept nogil:
    """Take the chunks of [first, last) off the LRU: until 6.x 256 of them at most, and none beyond one
    that is not on it.

    Args:
        end: OUT, where that ended: before `last` with less than 256 taken is at such a chunk.

    Returns:
        chunks taken.
    """
    cdef bint all_at_once = z.policy.hotplug == HOTPLUG_CHUNKS
    cdef uint32_t p = first, taken = 0
    cdef uint8_t state, kind
    while p < last and (all_at_once or taken < NR_OFFLINE_AT_ONCE_PAGES):
        state = page_state(&z.pages, p)
        kind = state & KIND_MASK
        if kind == ALLOCATED or kind == PINNED:
            if page_attr(&z.pages, p) & ATTR_LRU:
                isolate_lru_page(z, p)
                taken += 1
            elif not all_at_once:
                break
        elif kind == RESERVED and not all_at_once:
            break
        p += pages_of(state)
    end[0] = p
    return taken


cdef inline uint32_t putback_lru_pages(zone_t *z, uint32_t p, uint32_t end) noexcept nogil:
    """What was taken off the LRU and is still there goes back to it; how many chunks."""
    cdef uint32_t back = 0
    cdef uint8_t state, attr
    while p < end:
        state = page_state(&z.pages, p)
        attr = page_attr(&z.pages, p)
        if attr & ATTR_OFF_LRU and state & KIND_MASK in (ALLOCATED, PINNED, MIGRATING):
            attr = (attr & ~<uint8_t> ATTR_OFF_LRU) | ATTR_LRU
            mod_lru(z, attr, pages_of(state), S_MIGRATE_PAGES)
            set_head(&z.pages, p, state & ORDER_MASK, ALLOCATED if state == MIGRATING else state, attr,
                     S_MIGRATE_PAGES)
            back += 1
        p += pages_of(state)
    return back


cdef inline int do_migrate_range(memory_t *m, zone_t *z, uint32_t first, uint32_t last,
                                 unsigned classzone_idx, uint32_t *left) noexcept nogil:
    """Take pages off the LRU from `first` on, ascending, and migrate them.

    A page with a further reference, and a chunk of pages, cannot be moved: the fresh page is given
    back, so nothing is seen of the attempt. One whose owner is killed meanwhile needs no move.

    Args:
        left: OUT, chunks that are not there any more.

    Returns:
        0; a positive number of chunks that stayed; -EBUSY: until 6.x, a page in use that is not on the
        LRU was met and nothing was moved; -ENOMEM: no target, what was moved stays moved; -HANGS; or a
        negative Bug.
    """
    cdef uint32_t end, p = first, back
    cdef uint32_t taken = isolate_lru_pages(z, first, last, &end)
    cdef int ret = 0
    if end < last and taken < NR_OFFLINE_AT_ONCE_PAGES:
        ret = -EBUSY
    while p < end and ret == 0:
        if page_state(&z.pages, p) == MIGRATING:
            ret = migrate_page(m, z, p, classzone_idx)
        p += pages_of(page_state(&z.pages, p))
    if ret < -HANGS:
        return ret    # a Bug: what is off the LRU stays off it
    back = putback_lru_pages(z, first, end)
    left[0] = taken - back
    return ret if ret else <int> back


cdef inline int migrate_away(memory_t *m, zone_t *z, uint32_t first, uint32_t last,
                             unsigned classzone_idx) noexcept nogil:
    """offline_pages' loop: until no page of the range is on the LRU, or a refusal.

    A pass after which every page is still there would be repeated until the kernel's 120
    seconds are over: that is -EAGAIN at once. So would one whose targets lie in the range itself: free
    pages that isolation left on other lists are fallen back to, which makes the block MOVABLE and each
    page that leaves the next one's target. A pass that gets nowhere counts as a second.

    6.x would go on for ever, whatever its passes fail of: a signal ends it, so that it is -EINTR.

    Args:
        classzone_idx: of the requests for targets.
    """
    cdef int ret, retries = MIGRATE_RETRIES
    cdef uint32_t left, p, passes = (last - first) // NR_OFFLINE_AT_ONCE_PAGES + MIGRATE_PASSES, i
    for i in range(passes):
        if i:
            drain_isolated(z)
        p = scan_lru_pages(z, first, last)
        if p == NIL:
            return 0
        ret = do_migrate_range(m, z, p, last, classzone_idx, &left)
        if ret <= -HANGS:
            return ret
        if z.policy.hotplug == HOTPLUG_CHUNKS:
            if left == 0:
                return -EINTR
        elif ret == -EBUSY or ret == -ENOMEM:
            retries -= 1
            if retries == 0:
                return ret
        elif ret < 0:
            return ret
        elif left == 0:
            return -EAGAIN
    return -EINTR if z.policy.hotplug == HOTPLUG_CHUNKS else -EAGAIN


cdef inline uint32_t pages_of_blocks(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Pages of blocks [first, last) that are in the zone and no holes."""
    cdef uint32_t p, pages = 0
    for p in range(max(first << z.block_order, z.start), min(last << z.block_order, z.end)):
        pages += page_state(&z.pages, p) != HOLE
    return pages


cdef inline uint32_t blocks_there(const zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Blocks of [first, last) that are not all hole."""
    cdef uint32_t b, blocks = 0
    for b in range(first, last):
        blocks += first_valid_page(z, b) != NIL
    return blocks


cdef inline int empty_isolated(memory_t *m, zone_t *z, uint32_t p, uint32_t end) noexcept nogil:
    """Migrate what is in use in [p, end) and see whether all is free then; 0, an errno or a Bug.

    If it is not, 6.x would begin anew.
    """
    cdef int ret = migrate_away(m, z, p, end, m.nr_zones - 1)
    if ret == 0:
        drain_isolated(z)
        if not test_pages_isolated(z, p, end):
            ret = -EINTR if z.policy.hotplug == HOTPLUG_CHUNKS else -EBUSY
    return ret


cdef inline int take_blocks(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Isolate, migrate, drain, test, remove: blocks [first, last) are offline, and still ISOLATE; 0, an
    errno or a Bug. On a refusal after isolation the blocks become MOVABLE, whatever they were; what hangs
    (-HANGS) leaves all as it is."""
    cdef uint32_t p = max(first << z.block_order, z.start)
    cdef uint32_t end = min(last << z.block_order, z.end)
    cdef int ret = start_isolate_page_range(z, first, last, MOVABLE)
    if ret:
        return ret
    ret = empty_isolated(m, z, p, end)
    if ret <= -HANGS:
        return ret
    if ret:
        undo_isolate_page_range(z, first, last, MOVABLE)
        return ret
    offline_isolated_pages(z, p, end)
    return 0


cdef inline int take_blocks_pcp_off(memory_t *m, zone_t *z, uint32_t first,
                                    uint32_t last) noexcept nogil:
    """The same between zone_pcp_disable and zone_pcp_enable, which what hangs or stops never comes to;
    what is offline is isolated no more."""
    cdef uint32_t high = z.pcp_high, high_max = z.pcp_high_max, batch = z.pcp_batch
    cdef int ret
    set_pcp_size(z, 0, 0, 1, S_ZONE_PCP_DISABLE)
    drain_isolated(z)
    ret = take_blocks(m, z, first, last)
    if ret <= -HANGS:
        return ret
    if ret == 0 and z.policy.count_isolated:
        mod_stat(z, NR_ISOLATED_BLOCKS, -<int64_t> blocks_there(z, first, last), S_OFFLINE_PAGES)
    set_pcp_size(z, high, high_max, batch, S_ZONE_PCP_DISABLE)
    return ret


cdef inline int offline_pages(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Take blocks [first, last) out of use. On a refusal what was migrated stays migrated.

    Returns:
        0, -EBUSY, -EAGAIN or -ENOMEM (6.x: -EINTR for these two), -HANGS, or a negative Bug.
    """
    cdef int ret
    if z.policy.hotplug == HOTPLUG_CHUNKS:
        ret = take_blocks_pcp_off(m, z, first, last)
    else:
        ret = take_blocks(m, z, first, last)
        if ret == 0:
            undo_isolate_page_range(z, first, last, MOVABLE)
    if ret:
        return ret
    mod_stat(z, PRESENT_PAGES, -<int64_t> pages_of_blocks(z, first, last), S_OFFLINE_PAGES)
    if z.live:
        init_per_zone_wmark_min(m)
    return 0


cdef inline int online_page_range(zone_t *z, uint32_t p, uint32_t last) noexcept nogil:
    """Free the pages of [p, last), one by one or in the largest chunks, ascending; holes are passed over.

    Returns:
        0 or a negative Bug.
    """
    cdef uint32_t first
    cdef int ret = 0
    while p < last and not ret:
        if page_state(&z.pages, p) == HOLE:
            p += 1
        elif z.policy.hotplug == HOTPLUG_CHUNKS:
            first = p
            while p < last and page_state(&z.pages, p) != HOLE:
                p += 1
            ret = free_largest_chunks(z, first, p)
        else:
            ret = free_unref_page(z, this_cpu(z), p, 0)
            p += 1
    return ret


cdef inline int online_pages(memory_t *m, zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Bring offline blocks [first, last) back; 0 or a negative Bug."""
    cdef uint32_t p = max(first << z.block_order, z.start)
    cdef uint32_t end = min(last << z.block_order, z.end), b
    cdef bint chunks = z.policy.hotplug == HOTPLUG_CHUNKS
    cdef int ret
    if chunks:
        for b in range(first, last):
            set_pageblock_migratetype(z, b << z.block_order, ISOLATE)
        if z.policy.count_isolated:
            mod_stat(z, NR_ISOLATED_BLOCKS, blocks_there(z, first, last), S_ONLINE_PAGES)
    ret = online_page_range(z, p, end)
    if ret:
        return ret
    mod_stat(z, PRESENT_PAGES, pages_of_blocks(z, first, last), S_ONLINE_PAGES)
    if chunks:
        undo_isolate_page_range(z, first, last, MOVABLE)
    else:
        zone_pcp_update(m, z)
    if z.live:
        init_per_zone_wmark_min(m)
    return 0
