"""The page record. The only file that knows how a page's fields lie in memory.

Ten bytes a page, in two arrays: {next, prev} (8) and a word of state and attr (2), so that an operation
touches two cache lines of a page. `next` and `prev` link a free or pcp page into its list by node-relative
pfn; in an allocated head the idle `next` holds its handle. State, the low byte of the word, is 4 bits kind
and 4 bits order. Attr, the high one, is a migratetype (3 bits: of the list a free head is on, the
one a pcp page remembers, the one an allocation asked for), the LRU flag, the pcp list (2 bits),
whether a page on the LRU is anonymous, and whether offlining has taken it off the LRU.

Heads of order >= pageblock_order have their record in the dense `top_*` arrays, one a pageblock, so that
a zone whose memory is whole touches nothing per page. A tail's record is zero; so is that of every page
of a pageblock whose `fill` says that all its pages are alike (reserved, offline, a hole): they get
records of their own ("opened") when the first of them changes.

Node-relative pfns: see sim_core/mm/memory.pxd.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy, memset

from sim_core.mm.builtin cimport zs_prefetch, zs_rare
from sim_core.mm.log cimport R_FILL, R_RUN, R_STATE, log_put, log_t

cdef enum:
    NIL = 0xFFFFFFFF

cdef enum:  # PageKind
    TAIL = 0x00       # inside the chunk whose head precedes it
    FREE = 0x10       # head of a chunk on a free list
    ALLOCATED = 0x20  # head of a chunk in use, count 1
    PINNED = 0x30     # the same with a further reference: cannot be migrated or freed
    ON_PCP = 0x40     # on a pcp list, count 0
    RESERVED = 0x50   # reserved at boot, count 1
    OFFLINE = 0x60    # reserved by __offline_isolated_pages, count 0
    HOLE = 0x70       # no struct page
    MIGRATING = 0x80  # taken off the LRU by offlining, count 1
    FREEING = 0x90    # last reference dropped, type read, the lock not taken yet: count 0

cdef enum:
    PAGE_BYTES = 10      # of a page's record
    BLOCK_BYTES = 11     # and of a pageblock's
    KIND_MASK = 0xF0
    ORDER_MASK = 0x0F
    ATTR_TYPE = 0x07
    ATTR_LRU = 0x08
    ATTR_PCP_SHIFT = 4
    ATTR_ANON_SHIFT = 6
    ATTR_ANON = 0x40
    ATTR_OFF_LRU = 0x80

ctypedef struct link_t:
    uint32_t next
    uint32_t prev

ctypedef struct pages_t:
    link_t *link           # [pages]
    uint16_t *word         # [pages] state | attr << 8
    link_t *top_link       # [blocks]
    uint16_t *top_word     # [blocks]
    uint8_t *fill          # [blocks] 0, or the kind that all pages of the block have
    unsigned block_order
    uint32_t start         # first page of the zone, node-relative
    uint32_t end           # one past the last
    log_t *log


cdef inline link_t *page_link(const pages_t *pages, uint32_t p, unsigned order) noexcept nogil:
    """The link words of a head of this order."""
    if zs_rare(order >= pages.block_order):
        return &pages.top_link[p >> pages.block_order]
    return &pages.link[p]


cdef inline uint8_t head_state(const pages_t *pages, uint32_t p, unsigned order) noexcept nogil:
    """State of p if it is a head of this order; some other state or 0 if it is not."""
    if zs_rare(order >= pages.block_order):
        return <uint8_t> pages.top_word[p >> pages.block_order]
    return <uint8_t> pages.word[p]


cdef inline uint8_t head_attr(const pages_t *pages, uint32_t p, unsigned order) noexcept nogil:
    if zs_rare(order >= pages.block_order):
        return <uint8_t> (pages.top_word[p >> pages.block_order] >> 8)
    return <uint8_t> (pages.word[p] >> 8)


cdef inline uint8_t block_fill(const pages_t *pages, uint32_t b) noexcept nogil:
    """0, or the kind that all pages of block b have without a record of their own."""
    return pages.fill[b]


cdef inline unsigned top_order(const pages_t *pages, uint32_t b) noexcept nogil:
    """Order of the chunk of at least a pageblock whose head begins block b; 0 if there is none."""
    return pages.top_word[b] & ORDER_MASK


cdef inline bint on_top(const pages_t *pages, uint32_t p) noexcept nogil:
    """Is p the head of a chunk of order >= pageblock_order?"""
    cdef uint32_t b = p >> pages.block_order
    return p == b << pages.block_order and pages.top_word[b] != 0


cdef inline uint8_t single_state(const pages_t *pages, uint32_t p) noexcept nogil:
    """State of a page whose block is open and does not begin with a chunk of its own size or more."""
    return <uint8_t> pages.word[p]


cdef inline uint8_t page_state(const pages_t *pages, uint32_t p) noexcept nogil:
    """State of any page of the zone, whatever chunk it belongs to."""
    cdef uint32_t b = p >> pages.block_order
    if pages.fill[b]:
        return pages.fill[b]
    if on_top(pages, p):
        return <uint8_t> pages.top_word[b]
    return <uint8_t> pages.word[p]


cdef inline uint32_t pages_of(uint8_t state) noexcept nogil:
    """Pages from one of this state to the next that is not its tail: a page in the middle of a chunk,
    and one that is no chunk's, has order 0."""
    return 1u << (state & ORDER_MASK)


cdef inline uint8_t page_attr(const pages_t *pages, uint32_t p) noexcept nogil:
    if on_top(pages, p):
        return <uint8_t> (pages.top_word[p >> pages.block_order] >> 8)
    return <uint8_t> (pages.word[p] >> 8)


cdef inline void prefetch_page(const pages_t *pages, uint32_t p) noexcept nogil:
    """Ask memory for a page's records; any number will do for p."""
    zs_prefetch(&pages.word[p])
    zs_prefetch(&pages.link[p])


cdef inline void put_head(pages_t *pages, uint32_t p, unsigned order, uint8_t state,
                          uint8_t attr) noexcept nogil:
    """Write a head's state (0: it is a head no more); for those whose own record tells it."""
    cdef uint16_t word = <uint16_t> (state | attr << 8)
    if zs_rare(order >= pages.block_order):
        pages.top_word[p >> pages.block_order] = word
    else:
        pages.word[p] = word


cdef inline void set_head(pages_t *pages, uint32_t p, unsigned order, uint8_t state, uint8_t attr,
                          uint8_t site) noexcept nogil:
    """Write a head's state and record it."""
    log_put(pages.log, R_STATE, site, head_state(pages, p, order), state, p,
            head_attr(pages, p, order) | <uint64_t> attr << 8 | <uint64_t> order << 16)
    put_head(pages, p, order, state, attr)


cdef inline void write_run(pages_t *pages, uint32_t p, uint32_t count, uint8_t state) noexcept nogil:
    cdef uint32_t i
    for i in range(p, p + count):
        pages.word[i] = state


cdef inline void set_run(pages_t *pages, uint32_t p, uint32_t count, uint8_t old, uint8_t state,
                         uint8_t site) noexcept nogil:
    """Write the same state to `count` single pages, all of which have the state `old` and no attr."""
    write_run(pages, p, count, state)
    log_put(pages.log, R_RUN, site, old, state, p, count)


cdef inline void fill_at_boot(pages_t *pages, uint32_t b, uint8_t fill) noexcept nogil:
    """What all pages of a block are before the first operation."""
    pages.fill[b] = fill


cdef inline void set_fill(pages_t *pages, uint32_t b, uint8_t fill, bint written,
                          uint8_t site) noexcept nogil:
    log_put(pages.log, R_FILL, site, pages.fill[b], fill, b, written)
    pages.fill[b] = fill


cdef inline void put_fill(pages_t *pages, uint32_t b, uint8_t fill, uint8_t alone) noexcept nogil:
    """Write a block's fill, and into all its pages' own records `alone`; nothing is recorded."""
    cdef uint32_t first = max(b << pages.block_order, pages.start)
    write_run(pages, first, min((b + 1) << pages.block_order, pages.end) - first, alone)
    pages.fill[b] = fill


cdef inline void open_block(pages_t *pages, uint32_t b, uint8_t site) noexcept nogil:
    """Give the pages of a block that are all alike records of their own."""
    cdef uint32_t first = b << pages.block_order
    cdef uint32_t last = (b + 1) << pages.block_order
    cdef uint8_t fill = pages.fill[b]
    if fill == 0:
        return
    first = max(first, pages.start)
    last = min(last, pages.end)
    write_run(pages, first, last - first, fill)
    set_fill(pages, b, 0, True, site)


cdef inline void open_whole(pages_t *pages, uint32_t p, unsigned order, uint8_t site) noexcept nogil:
    """The pages of [p, p + 2^order) leave what they were (reserved or offline) to become one chunk."""
    cdef uint32_t b, first = p >> pages.block_order, last
    if order < pages.block_order:
        open_block(pages, first, site)
        set_run(pages, p, 1 << order, single_state(pages, p), TAIL, site)
        return
    last = (p + (1 << order)) >> pages.block_order
    for b in range(first, last):
        if pages.fill[b]:
            set_fill(pages, b, 0, False, site)
        else:
            set_run(pages, b << pages.block_order, 1 << pages.block_order,
                    single_state(pages, b << pages.block_order), TAIL, site)


cdef inline void bind(pages_t *pages, uint32_t p, unsigned order, uint32_t handle) noexcept nogil:
    """Write the handle of an allocated head into its idle link words; the caller records it."""
    page_link(pages, p, order).next = handle


cdef inline uint32_t bound(pages_t *pages, uint32_t p, unsigned order) noexcept nogil:
    return page_link(pages, p, order).next


# ---- records as they are, for keyframes ----

cdef inline uint8_t *copy_block_out(const pages_t *pages, uint32_t b, uint8_t *out) noexcept nogil:
    """A pageblock's own record; returns where the next may begin."""
    memcpy(out, &pages.top_link[b], sizeof(link_t))
    memcpy(out + 8, &pages.top_word[b], 2)
    out[10] = pages.fill[b]
    return out + BLOCK_BYTES


cdef inline const uint8_t *copy_block_in(pages_t *pages, uint32_t b, const uint8_t *kept) noexcept nogil:
    memcpy(&pages.top_link[b], kept, sizeof(link_t))
    memcpy(&pages.top_word[b], kept + 8, 2)
    pages.fill[b] = kept[10]
    return kept + BLOCK_BYTES


cdef inline uint8_t *copy_pages_out(const pages_t *pages, uint32_t b, uint8_t *out) noexcept nogil:
    """The records of all pages of block b."""
    cdef uint64_t first = <uint64_t> b << pages.block_order, count = <uint64_t> 1 << pages.block_order
    memcpy(out, &pages.link[first], count * sizeof(link_t))
    memcpy(out + count * sizeof(link_t), &pages.word[first], count * 2)
    return out + count * PAGE_BYTES


cdef inline const uint8_t *copy_pages_in(pages_t *pages, uint32_t b, const uint8_t *kept) noexcept nogil:
    cdef uint64_t first = <uint64_t> b << pages.block_order, count = <uint64_t> 1 << pages.block_order
    memcpy(&pages.link[first], kept, count * sizeof(link_t))
    memcpy(&pages.word[first], kept + count * sizeof(link_t), count * 2)
    return kept + count * PAGE_BYTES


cdef inline void clear_pages(pages_t *pages, uint32_t b) noexcept nogil:
    """No page of block b has a record of its own any more."""
    memset(&pages.word[<uint64_t> b << pages.block_order], 0, <uint64_t> 2 << pages.block_order)
