"""A request for pages as a node answers it: __alloc_pages, its fast path and its slow one.

A bare zone has no zonelist, no watermark and no reclaim: its lists answer at once.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from sim_core.mm.account cimport mod_stat
from sim_core.mm.digest cimport mix
from sim_core.mm.inuse cimport alloc_pages_zone, hand_out
from sim_core.mm.kswapd cimport kswapd_step, wakeup_kswapd
from sim_core.mm.log cimport ATOMIC_FLAG, S_PREP_NEW_PAGE, S_SLOWPATH
from sim_core.mm.memory cimport (
    N_KSWAPD_AWAKE, N_SWAP_FREE, N_TURNS, N_VERDICT, VERDICT_GOT, VERDICT_LIVELOCK, VERDICT_NO_PAGE,
    VERDICT_PANIC, memory_t, set_node, stop_node, zone_of,
)
from sim_core.mm.oom cimport out_of_memory
from sim_core.mm.page cimport NIL
from sim_core.mm.page_alloc cimport drain_all_pages
from sim_core.mm.policy cimport GIVE_UP_FLAG
from sim_core.mm.reclaim cimport do_try_to_free_pages
from sim_core.mm.zone cimport (
    ALL_UNRECLAIMABLE, NR_ALLOC_FAILED, NR_FREE_PAGES, NR_LRU_ANON, NR_LRU_FILE, NR_PAGES_SCANNED,
    WMARK_LOW, WMARK_MIN, ZONE_NORMAL, pages_on_pcp, zone_t,
)
from sim_core.mm.zonelist cimport (
    alloc_flags, get_page_from_freelist, gfp_to_alloc_flags, request_t,
)

cdef enum:
    PAGE_ALLOC_COSTLY_ORDER = 3   # from the next on a request is not tried for ever
    EQUAL_TURNS_ASLEEP = 2        # turns without any change after which all that follow are known
    EQUAL_TURNS_AWAKE = 28        # with kswapd awake: two of its whole balancings

ctypedef struct loop_t:
    uint64_t state     # what the next turn depends on, after the last one
    unsigned equal     # turns in a row that left it as it was


cdef inline uint64_t state_of_reclaim(const memory_t *m) noexcept nogil:
    """All that a turn of the slow path hangs on, in one number."""
    cdef uint64_t state = mix(mix(1, <uint64_t> m.number[N_SWAP_FREE]),
                              <uint64_t> m.number[N_KSWAPD_AWAKE])
    cdef const zone_t *z
    cdef unsigned i
    for i in range(m.nr_zones):
        z = &m.zones[i]
        state = mix(mix(state, <uint64_t> z.stat[NR_FREE_PAGES]), <uint64_t> z.stat[NR_LRU_FILE])
        state = mix(mix(state, <uint64_t> z.stat[NR_LRU_ANON]),
                    <uint64_t> z.stat[ALL_UNRECLAIMABLE])
        state = mix(state, <uint64_t> pages_on_pcp(z))
        if z.policy.give_up != GIVE_UP_FLAG:
            state = mix(state, <uint64_t> z.stat[NR_PAGES_SCANNED])
    return state


cdef inline bint goes_round(const memory_t *m, loop_t *loop) noexcept nogil:
    """At the end of a turn: has this become a livelock?"""
    cdef uint64_t state = state_of_reclaim(m)
    loop.equal = loop.equal + 1 if state == loop.state else 0
    loop.state = state
    return loop.equal >= (EQUAL_TURNS_AWAKE if m.number[N_KSWAPD_AWAKE] else EQUAL_TURNS_ASLEEP)


cdef inline bint stopped_by(memory_t *m, int ret) noexcept nogil:
    """Has the kernel met a Bug in this call? Then nothing runs any more."""
    if ret:
        stop_node(m, -ret)
    return ret != 0


cdef inline void wake_all_kswapd(memory_t *m, const request_t *request) noexcept nogil:
    cdef unsigned i = request.classzone_idx + 1
    while i:
        i -= 1
        wakeup_kswapd(m, &m.zones[i], request.order, request.classzone_idx)


cdef inline uint32_t direct_reclaim(memory_t *m, const request_t *request, unsigned flags,
                                    int64_t *progress) noexcept nogil:
    """__alloc_pages_direct_reclaim: reclaim, look again, drain the pcp lists and look again; or NIL."""
    cdef uint32_t p
    progress[0] = 0
    if stopped_by(m, do_try_to_free_pages(m, request.classzone_idx, progress)) or progress[0] == 0:
        return NIL
    p = get_page_from_freelist(m, request, WMARK_MIN, flags)
    if p == NIL:
        drain_all_pages(&m.zones[0])
        p = get_page_from_freelist(m, request, WMARK_MIN, flags)
    return p


cdef inline unsigned no_progress(memory_t *m, const request_t *request) noexcept nogil:
    """__alloc_pages_may_oom: a Verdict, or VERDICT_GOT for "somebody was killed, begin anew"."""
    if request.order > PAGE_ALLOC_COSTLY_ORDER or m.zones[request.classzone_idx].kind < ZONE_NORMAL:
        return VERDICT_NO_PAGE
    return VERDICT_PANIC if stopped_by(m, out_of_memory(m)) else VERDICT_GOT


cdef inline uint32_t alloc_pages_slowpath(memory_t *m, const request_t *request,
                                          unsigned *verdict) noexcept nogil:
    """Wake kswapd, go below LOW, reclaim, kill; until there is a page or none is to be had.

    kswapd runs beside it: if it is awake it takes a step after each turn.
    """
    cdef unsigned flags = gfp_to_alloc_flags(m, request)
    cdef int64_t progress
    cdef uint32_t p
    cdef loop_t loop
    loop.state = 0
    loop.equal = 0
    verdict[0] = VERDICT_GOT
    wake_all_kswapd(m, request)
    while True:
        set_node(m, N_TURNS, m.number[N_TURNS] + 1, S_SLOWPATH)
        p = get_page_from_freelist(m, request, WMARK_MIN, flags)
        if p != NIL:
            return p
        if request.atomic:
            verdict[0] = VERDICT_NO_PAGE
            return NIL
        p = direct_reclaim(m, request, flags, &progress)
        if p != NIL:
            return p
        if m.stopped:
            verdict[0] = VERDICT_PANIC
            return NIL
        if progress == 0:
            verdict[0] = no_progress(m, request)
            if verdict[0] != VERDICT_GOT:
                return NIL
            loop.equal = 0
            wake_all_kswapd(m, request)
            continue
        if request.order > PAGE_ALLOC_COSTLY_ORDER:
            verdict[0] = VERDICT_NO_PAGE
            return NIL
        if stopped_by(m, kswapd_step(m)):
            verdict[0] = VERDICT_PANIC
            return NIL
        if goes_round(m, &loop):
            verdict[0] = VERDICT_LIVELOCK
            return NIL


cdef inline uint32_t take_pages(memory_t *m, const request_t *request) noexcept nogil:
    """A chunk off the lists for this request, or NIL; N_VERDICT says how it went."""
    cdef unsigned verdict = VERDICT_GOT
    cdef uint32_t p
    set_node(m, N_TURNS, 0, S_SLOWPATH)
    p = get_page_from_freelist(m, request, WMARK_LOW, alloc_flags(request))
    if p == NIL:
        p = alloc_pages_slowpath(m, request, &verdict)
    set_node(m, N_VERDICT, verdict, S_SLOWPATH)
    return p


cdef inline uint32_t alloc_pages(memory_t *m, const request_t *request, unsigned flag) noexcept nogil:
    """A chunk in use, with a handle, or NIL; the caller has made room for a handle.

    Args:
        flag: of OpFlag; ATOMIC_FLAG as the request says.
    """
    cdef uint32_t p
    if not m.whole:
        return alloc_pages_zone(m, &m.zones[0], request.order, request.mt, flag)
    p = take_pages(m, request)
    if p == NIL:
        mod_stat(&m.zones[request.classzone_idx], NR_ALLOC_FAILED, 1, S_PREP_NEW_PAGE)
    else:
        if not m.number[N_TURNS]:
            flag &= ~<unsigned> ATOMIC_FLAG   # the fast path knows nothing of urgency
        hand_out(m, zone_of(m, p), p, request.order, request.mt, flag, request.owner)
    return p
