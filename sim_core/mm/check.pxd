"""The checks: identities from the counters alone, after each operation if wanted; and all of them from
scratch, by a walk over every page that believes no counter and no list length."""

from libc.stdint cimport int64_t, int8_t, uint32_t, uint8_t
from libc.string cimport memset

from sim_core.mm.log cimport R_WATCH, S_NONE, log_put
from sim_core.mm.memory cimport memory_t
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_TYPE, FREE, FREEING, HOLE, KIND_MASK, MIGRATING, NIL, OFFLINE, ON_PCP,
    ORDER_MASK, PINNED, RESERVED, TAIL, head_attr, head_state, on_top, page_attr, page_link,
    page_state,
)
from sim_core.mm.zone cimport (
    ISOLATE, MIGRATE_TYPES, NR_FREE_PAGES, ORDERS_MAX, block_of, in_zone, pages_on_pcp, zone_t,
)

cdef enum:  # Identity
    I1        # nr_free[o] == chunks on all lists of order o
    I1X       # nr_free[o] == chunks on lists other than ISOLATE
    I2        # NR_FREE_PAGES == sum of nr_free[o] << o
    I2X       # sum of nr_free[o] << o - NR_FREE_PAGES == pages on ISOLATE lists
    I3        # NR_FREE_PAGES == pages on lists other than ISOLATE
    I4        # no counter negative
    I5_ISO    # no page of an ISOLATE block on another list, nor the reverse
    I5_FULL   # every chunk on the list of every block it covers
    I6        # every page is in exactly one account
    IDENTITIES
    COUNTED = I5_ISO   # the ones before need no walk

ctypedef struct verdict_t:
    uint8_t holds
    int8_t order        # -1: does not apply
    int8_t mt
    int64_t expected
    int64_t got

ctypedef struct account_t:
    int64_t length[MIGRATE_TYPES][ORDERS_MAX]   # chunks found on each list
    int64_t free        # pages of free chunks met on the walk over pages
    int64_t pcp
    int64_t allocated   # pages in use, pinned and migrating ones included
    int64_t pinned
    int64_t reserved
    int64_t offline
    int64_t holes
    int64_t strays      # pages on a list on the other side of ISOLATE
    int64_t lost        # pages in no account, or in two


cdef inline void judge(verdict_t *v, int order, int mt, int64_t expected, int64_t got) noexcept nogil:
    """Keep the first breach; a verdict starts out as holding."""
    if v.holds and expected != got:
        v.holds = False
        v.order = <int8_t> order
        v.mt = <int8_t> mt
        v.expected = expected
        v.got = got


cdef inline void start_verdict(verdict_t *v) noexcept nogil:
    v.holds = True
    v.order = -1
    v.mt = -1
    v.expected = 0
    v.got = 0


cdef inline void judge_counted(const zone_t *z, const int64_t *length_iso, const int64_t *length_other,
                               verdict_t *out) noexcept nogil:
    """I1 to I4 from the list lengths given, [orders] each, and the counters as stored."""
    cdef unsigned o
    cdef int64_t total = 0, isolated = 0, usable = 0
    for o in range(COUNTED):
        start_verdict(&out[o])
    for o in range(z.max_order):
        judge(&out[I1], o, -1, length_iso[o] + length_other[o], z.nr_free[o])
        judge(&out[I1X], o, -1, length_other[o], z.nr_free[o])
        total += z.nr_free[o] << o
        isolated += length_iso[o] << o
        usable += length_other[o] << o
        if z.nr_free[o] < 0:
            judge(&out[I4], o, -1, 0, z.nr_free[o])
    judge(&out[I2], -1, -1, total, z.stat[NR_FREE_PAGES])
    judge(&out[I2X], -1, ISOLATE, isolated, total - z.stat[NR_FREE_PAGES])
    judge(&out[I3], -1, -1, usable, z.stat[NR_FREE_PAGES])
    if z.stat[NR_FREE_PAGES] < 0:
        judge(&out[I4], -1, -1, 0, z.stat[NR_FREE_PAGES])


cdef inline void judge_by_length(const zone_t *z, verdict_t *out) noexcept nogil:
    """I1 to I4 by the list lengths as kept; [COUNTED] verdicts."""
    cdef int64_t length_iso[ORDERS_MAX]
    cdef int64_t length_other[ORDERS_MAX]
    cdef unsigned o, mt
    for o in range(z.max_order):
        length_iso[o] = z.lists[ISOLATE][o].length
        length_other[o] = 0
        for mt in range(ISOLATE):
            length_other[o] += z.lists[mt][o].length
    judge_counted(z, length_iso, length_other, out)


cdef inline void watch_zone(memory_t *m, zone_t *z) noexcept nogil:
    cdef verdict_t out[COUNTED]
    cdef uint32_t broken = 0, changed
    cdef unsigned i
    judge_by_length(z, out)
    for i in range(COUNTED):
        if m.watch >> i & 1 and not out[i].holds:
            broken |= 1u << i
    changed = broken ^ z.broken
    if not changed:
        return
    for i in range(COUNTED):
        if changed >> i & 1:
            log_put(&m.log, R_WATCH, S_NONE, <uint8_t> i, z.slot, broken >> i & 1, z.first_broken[i])
            m.breaks[m.nr_breaks % 64].op = m.op
            m.breaks[m.nr_breaks % 64].zone = z.slot
            m.breaks[m.nr_breaks % 64].identity = <uint8_t> i
            m.breaks[m.nr_breaks % 64].broken = broken >> i & 1
            m.nr_breaks += 1
            if broken >> i & 1 and z.first_broken[i] == 0:
                z.first_broken[i] = m.op
    z.broken = broken


cdef inline void watch_identities(memory_t *m) noexcept nogil:
    """After an operation: note which watched identities broke or healed with it."""
    cdef unsigned i
    for i in range(m.nr_zones):
        if m.zones[i].touched:
            m.zones[i].touched = False
            watch_zone(m, &m.zones[i])


cdef inline void walk_list(const zone_t *z, unsigned mt, unsigned order, account_t *acc) noexcept nogil:
    """Count a list by its links; a link that does not answer, or a head that is none, is a lost page."""
    cdef uint32_t p = z.lists[mt][order].head, before = NIL
    cdef int64_t length = 0
    while p != NIL and length <= z.end:
        if (not in_zone(z, p) or head_state(&z.pages, p, order) != (FREE | order)
                or head_attr(&z.pages, p, order) & ATTR_TYPE != mt
                or page_link(&z.pages, p, order).prev != before
                or p & ((1u << order) - 1)):
            acc.lost += 1
            return
        length += 1
        before = p
        p = page_link(&z.pages, p, order).next
    if before != z.lists[mt][order].tail or length != z.lists[mt][order].length:
        acc.lost += 1
    if (length > 0) != (z.nonempty[mt] >> order & 1):
        acc.lost += 1
    acc.length[mt][order] = length


cdef inline void judge_chunk(const zone_t *z, uint32_t p, unsigned order, account_t *acc,
                             verdict_t *out) noexcept nogil:
    """I5 for one free chunk: its list against the type of every block it covers."""
    cdef unsigned listed = page_attr(&z.pages, p) & ATTR_TYPE, mt
    cdef uint32_t b, last = block_of(z, p + (1u << order) - 1)
    cdef uint32_t pages = min(1u << order, 1u << z.block_order)
    for b in range(block_of(z, p), last + 1):
        mt = z.block_type[b]
        judge(&out[I5_FULL], order, mt, mt, listed)
        if (mt == ISOLATE) != (listed == ISOLATE):
            judge(&out[I5_ISO], order, mt, mt, listed)
            acc.strays += pages


cdef inline void walk_pages(const zone_t *z, account_t *acc, verdict_t *out) noexcept nogil:
    """Put every page of the zone into one account."""
    cdef uint32_t p = z.start, size
    cdef uint8_t state, kind
    cdef unsigned order
    while p < z.end:
        state = page_state(&z.pages, p)
        kind = state & KIND_MASK
        order = state & ORDER_MASK
        size = 1
        if kind == FREE:
            size = 1u << order
            acc.free += size
            judge_chunk(z, p, order, acc, out)
        elif kind == ALLOCATED or kind == PINNED or kind == MIGRATING or kind == FREEING:
            size = 1u << order
            acc.allocated += size
            if kind == PINNED:
                acc.pinned += size
        elif kind == ON_PCP:
            size = 1u << order
            acc.pcp += size
        elif kind == RESERVED:
            acc.reserved += 1
        elif kind == OFFLINE:
            acc.offline += 1
        elif kind == HOLE:
            acc.holes += 1
        else:
            acc.lost += 1
        if size > 1 and not on_top(&z.pages, p) and page_state(&z.pages, p + 1) != TAIL:
            acc.lost += 1
        p += size


cdef inline void check_zone(const zone_t *z, account_t *acc, verdict_t *out) noexcept nogil:
    """All identities from scratch.

    Args:
        acc: OUT, what the walk found.
        out: OUT, [IDENTITIES] verdicts.
    """
    cdef int64_t length_iso[ORDERS_MAX]
    cdef int64_t length_other[ORDERS_MAX]
    cdef int64_t listed = 0, queued = pages_on_pcp(z)
    cdef unsigned mt, o
    memset(acc, 0, sizeof(account_t))
    for o in range(IDENTITIES):
        start_verdict(&out[o])
    for o in range(z.max_order):
        length_other[o] = 0
        for mt in range(MIGRATE_TYPES):
            walk_list(z, mt, o, acc)
            listed += acc.length[mt][o] << o
            if mt != ISOLATE:
                length_other[o] += acc.length[mt][o]
        length_iso[o] = acc.length[ISOLATE][o]
    judge_counted(z, length_iso, length_other, out)
    walk_pages(z, acc, out)
    judge(&out[I6], -1, -1, <int64_t> (z.end - z.start) - acc.holes,
          listed + queued + acc.allocated + acc.offline + acc.reserved)
    judge(&out[I6], -1, -1, listed, acc.free)
    judge(&out[I6], -1, -1, queued, acc.pcp)
    judge(&out[I6], -1, -1, 0, acc.lost)
