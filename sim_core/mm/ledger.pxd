"""The double-entry ledger: every page is in exactly one account, and each write moves pages from one to
another. What was moved comes from the log, what is there from a walk over all pages: the two must agree.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from sim_core.mm.log cimport (
    R_BLOCK_TYPE, R_FILL, R_LINK, R_PCP_LINK, R_PCP_UNLINK, R_PREP, R_RUN, R_STATE, R_UNLINK,
    R_UNPREP, record_t,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_PCP_SHIFT, ATTR_TYPE, FREE, FREEING, HOLE, KIND_MASK, MIGRATING, NIL, OFFLINE,
    ON_PCP, ORDER_MASK, PINNED, RESERVED, TAIL, block_fill, page_attr, page_state,
)
from sim_core.mm.reach cimport order_of, pages_from
from sim_core.mm.zone cimport ISOLATE, PCPTYPES, block_of, head_over, zone_t

cdef enum:
    PLACES = 128         # of a sort of account: order << 3 | migratetype

cdef enum:  # Sort
    SORT_IN_USE          # by order, and the type that was asked for
    SORT_PCP             # by order and list
    SORT_FREE            # by order and list, where the pageblock agrees
    SORT_ISOLATED        # on an ISOLATE list, in an ISOLATE pageblock
    SORT_STRAY           # by order and list, in a pageblock on the other side of ISOLATE
    SORT_RESERVED
    SORT_OFFLINE
    SORT_HOLE
    SORT_TRANSIT         # between two places
    SORTS

cdef enum:
    ACCOUNTS = SORTS * PLACES

ctypedef struct posting_t:
    uint64_t record
    uint32_t debit       # account that the pages leave
    uint32_t credit      # and where they come to
    uint32_t pages

ctypedef struct journal_t:
    # Postings in the order in which they were made; neighbours of one record and the same accounts are one.
    posting_t *postings
    uint64_t count
    uint64_t room        # 0: only the balances are wanted
    int64_t *balance     # [ACCOUNTS]


cdef inline unsigned account(unsigned sort, unsigned order, unsigned mt) noexcept nogil:
    return sort * PLACES + (order << 3 | mt)


cdef inline unsigned free_account(const zone_t *z, uint32_t b, unsigned order, unsigned mt) noexcept nogil:
    """Of pages of block b that lie on a free list."""
    cdef bint isolated = z.block_type[b] == ISOLATE
    if (mt == ISOLATE) != isolated:
        return account(SORT_STRAY, order, mt)
    return account(SORT_ISOLATED if isolated else SORT_FREE, order, mt)


cdef inline unsigned account_of(uint8_t state, uint8_t attr) noexcept nogil:
    """Of a head that is on no free list, or of a page that is no chunk's."""
    cdef uint8_t kind = state & KIND_MASK
    if kind == ALLOCATED or kind == PINNED or kind == MIGRATING or kind == FREEING:
        return account(SORT_IN_USE, state & ORDER_MASK, attr & ATTR_TYPE)
    if kind == ON_PCP:
        return account(SORT_PCP, state & ORDER_MASK, attr >> ATTR_PCP_SHIFT & 3)
    if kind == RESERVED:
        return account(SORT_RESERVED, 0, 0)
    if kind == OFFLINE:
        return account(SORT_OFFLINE, 0, 0)
    if kind == HOLE:
        return account(SORT_HOLE, 0, 0)
    return account(SORT_TRANSIT, 0, 0)


# ---- what is there ----

cdef inline void count_free(const zone_t *z, uint32_t p, unsigned order, unsigned mt,
                            int64_t *balance) noexcept nogil:
    """A free chunk, block by block: it may lie in blocks of both sides."""
    cdef uint32_t b, pages = min(1u << order, 1u << z.block_order)
    for b in range(block_of(z, p), block_of(z, p + (1u << order) - 1) + 1):
        balance[free_account(z, b, order, mt)] += pages


cdef inline void balance_zone(const zone_t *z, int64_t *balance) noexcept nogil:
    """Put every page of the zone into its account, page by page.

    Args:
        balance: OUT, [ACCOUNTS], in pages.
    """
    cdef uint32_t p = z.start, last
    cdef uint8_t state
    memset(balance, 0, ACCOUNTS * sizeof(int64_t))
    while p < z.end:
        if block_fill(&z.pages, block_of(z, p)):
            last = min((block_of(z, p) + 1) << z.block_order, z.end)
            balance[account_of(block_fill(&z.pages, block_of(z, p)), 0)] += last - p
            p = last
            continue
        state = page_state(&z.pages, p)
        if state & KIND_MASK == FREE:
            count_free(z, p, state & ORDER_MASK, page_attr(&z.pages, p) & ATTR_TYPE, balance)
        else:
            balance[account_of(state, page_attr(&z.pages, p))] += 1u << (state & ORDER_MASK)
        p += 1u << (state & ORDER_MASK)


# ---- what was moved ----

cdef inline void post(journal_t *j, uint64_t record, unsigned debit, unsigned credit,
                      uint32_t pages) noexcept nogil:
    cdef posting_t *last
    if debit == credit:
        return
    j.balance[debit] -= pages
    j.balance[credit] += pages
    if j.count and j.count <= j.room:
        last = &j.postings[j.count - 1]
        if last.record == record and last.debit == debit and last.credit == credit:
            last.pages += pages
            return
    if j.count < j.room:
        j.postings[j.count].record = record
        j.postings[j.count].debit = debit
        j.postings[j.count].credit = credit
        j.postings[j.count].pages = pages
    j.count += 1


cdef inline void post_free(journal_t *j, uint64_t record, const zone_t *z, uint32_t p, unsigned order,
                           unsigned mt, bint on) noexcept nogil:
    """A chunk came on a free list, or left it."""
    cdef uint32_t b, pages = min(1u << order, 1u << z.block_order)
    cdef unsigned there, transit = account(SORT_TRANSIT, 0, 0)
    for b in range(block_of(z, p), block_of(z, p + (1u << order) - 1) + 1):
        there = free_account(z, b, order, mt)
        post(j, record, transit if on else there, there if on else transit, pages)


cdef inline void post_block_type(journal_t *j, uint64_t record, const zone_t *z, uint32_t b,
                                 unsigned old, unsigned new) noexcept nogil:
    """A block changed sides: its free chunks strayed, or are astray no more. z has the new type."""
    cdef uint32_t p = max(b << z.block_order, z.start), last = min((b + 1) << z.block_order, z.end)
    cdef uint32_t head = head_over(z, b), pages
    cdef uint8_t state
    cdef unsigned order, mt, now
    if (old == ISOLATE) == (new == ISOLATE) or block_fill(&z.pages, b):
        return
    if head != NIL:
        p = head
    while p < last:
        state = page_state(&z.pages, p)
        order = state & ORDER_MASK
        pages = min(1u << order, 1u << z.block_order)
        if state & KIND_MASK == FREE:
            mt = page_attr(&z.pages, p) & ATTR_TYPE
            now = free_account(z, b, order, mt)
            post(j, record, account(SORT_FREE if mt != ISOLATE else SORT_ISOLATED, order, mt)
                 if now // PLACES == SORT_STRAY else account(SORT_STRAY, order, mt), now, pages)
        p += 1u << order


cdef inline uint32_t clipped(const zone_t *z, uint32_t *first, uint32_t pages) noexcept nogil:
    """So many of these pages lie in the zone; `first` is the first of them."""
    cdef uint32_t last = min(first[0] + pages, z.end)
    first[0] = max(first[0], z.start)
    return last - first[0] if first[0] < last else 0


cdef inline void post_record(journal_t *j, uint64_t record, const zone_t *z,
                             const record_t *r) noexcept nogil:
    """Post a write of this zone's pages that was just done; whatever moves none is passed over."""
    cdef unsigned kind = r.tag & 0xFF, order = order_of(r), transit = account(SORT_TRANSIT, 0, 0)
    cdef uint8_t a = <uint8_t> (r.tag >> 16), b = <uint8_t> (r.tag >> 24)
    cdef uint32_t first, pages
    if kind == R_LINK or kind == R_UNLINK:
        post_free(j, record, z, r.where, order, b, kind == R_LINK)
    elif kind == R_BLOCK_TYPE:
        post_block_type(j, record, z, r.where, a, b)
    elif kind == R_PCP_LINK:
        post(j, record, transit, account(SORT_PCP, order, (b & 0x0F) % PCPTYPES), 1u << order)
    elif kind == R_PCP_UNLINK:
        post(j, record, account(SORT_PCP, order, (b & 0x0F) % PCPTYPES), transit, 1u << order)
    elif kind == R_PREP:
        post(j, record, transit, account(SORT_IN_USE, order, b & ATTR_TYPE), 1u << order)
    elif kind == R_UNPREP:
        post(j, record, account(SORT_IN_USE, order, b & ATTR_TYPE), transit, 1u << order)
    elif kind == R_STATE:
        post(j, record, account_of(a, <uint8_t> r.value), account_of(b, <uint8_t> (r.value >> 8)),
             1u << order)
    elif kind == R_RUN or (kind == R_FILL and not r.value):
        pages = pages_from(r, z.block_order, &first)
        post(j, record, account_of(a, 0), account_of(b, 0), clipped(z, &first, pages))
