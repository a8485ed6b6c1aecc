"""What a pageblock looks like: its pages by what they are, and the four bytes that stand for it on the map.

A block is looked at when its stamp says that it changed, never in an operation. docs/PROTOCOL.md,
section 5, has the layout of a cell.
"""

from libc.stdint cimport uint16_t, uint32_t, uint8_t
from libc.string cimport memset

from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, ATTR_TYPE, FREE, FREEING, HOLE, KIND_MASK, MIGRATING, NIL, OFFLINE, ON_PCP,
    ORDER_MASK, PINNED, RESERVED, block_fill, page_attr, page_state,
)
from sim_core.mm.zone cimport ISOLATE, MIGRATE_TYPES, ORDERS_MAX, head_over, zone_t

cdef enum:  # CellFlag
    CELL_ISOLATED = 1
    CELL_OFFLINE = 2
    CELL_RESERVED = 4
    CELL_PCP = 8
    CELL_PINNED = 16
    CELL_CROSSED = 32
    CELL_STRAY = 64
    CELL_HOLE = 128

cdef enum:  # CellMore
    CELL_ALL_OFFLINE = 1
    CELL_NOTHING = 2
    CELL_UNMOVABLE = 4
    CELL_LRU = 8
    CELL_USED = 16

cdef enum:
    CELL_MIXED = 0x80

ctypedef struct block_t:
    uint32_t pages       # in the zone
    uint32_t free        # on free lists
    uint32_t allocated
    uint32_t lru
    uint32_t unmovable   # in use and not on the LRU
    uint32_t pinned
    uint32_t pcp
    uint32_t reserved
    uint32_t offline
    uint32_t holes
    uint32_t stray       # free on a list on the other side of ISOLATE
    uint32_t crossing    # head of a chunk that also covers another block, or NIL
    uint32_t chunks[MIGRATE_TYPES][ORDERS_MAX]   # free chunks that begin here, by list


cdef inline void count_page(const zone_t *z, block_t *out, uint8_t kind, uint8_t attr,
                            uint32_t pages, bint isolated) noexcept nogil:
    if kind == FREE:
        out.free += pages
        if (attr & ATTR_TYPE == ISOLATE) != isolated:
            out.stray += pages
    elif kind == ALLOCATED or kind == PINNED or kind == MIGRATING or kind == FREEING:
        out.allocated += pages
        if kind == PINNED:
            out.pinned += pages
        if kind != FREEING and attr & ATTR_LRU:
            out.lru += pages
        else:
            out.unmovable += pages
    elif kind == ON_PCP:
        out.pcp += pages
    elif kind == RESERVED:
        out.reserved += pages
    elif kind == OFFLINE:
        out.offline += pages
    elif kind == HOLE:
        out.holes += pages


cdef inline void look_at_block(const zone_t *z, uint32_t b, block_t *out) noexcept nogil:
    """Args:
        out: OUT; the caller has zeroed it.
    """
    cdef uint32_t p = max(b << z.block_order, z.start)
    cdef uint32_t last = min((b + 1) << z.block_order, z.end)
    cdef uint32_t head = head_over(z, b), size
    cdef bint isolated = z.block_type[b] == ISOLATE
    cdef uint8_t state
    out.pages = last - p
    out.crossing = head
    if head != NIL and head < p:
        count_page(z, out, page_state(&z.pages, head) & KIND_MASK, page_attr(&z.pages, head),
                   last - p, isolated)
        return
    if block_fill(&z.pages, b):
        count_page(z, out, block_fill(&z.pages, b), 0, last - p, isolated)
        return
    while p < last:
        state = page_state(&z.pages, p)
        size = min(1u << (state & ORDER_MASK), last - p)
        count_page(z, out, state & KIND_MASK, page_attr(&z.pages, p), size, isolated)
        if state & KIND_MASK == FREE:
            out.chunks[page_attr(&z.pages, p) & ATTR_TYPE][state & ORDER_MASK] += 1
        p += size


cdef inline uint32_t free_share(uint32_t free, uint32_t pages) noexcept nogil:
    """0 … 255; the ends only if no page is free, or all are."""
    if free == 0 or pages == 0:
        return 0
    if free == pages:
        return 255
    return min(max(free * 255 // pages, 1), 254)


cdef inline uint32_t cell_of(const zone_t *z, uint32_t b, uint16_t *stray) noexcept nogil:
    """The cell of one block.

    Args:
        stray: OUT, its stray pages.
    """
    cdef block_t block
    cdef uint32_t flags = 0, more = 0, there
    memset(&block, 0, sizeof(block_t))
    look_at_block(z, b, &block)
    there = block.pages - block.holes
    stray[0] = <uint16_t> block.stray
    if z.block_type[b] == ISOLATE:
        flags |= CELL_ISOLATED
    if block.offline:
        flags |= CELL_OFFLINE
    if block.reserved:
        flags |= CELL_RESERVED
    if block.pcp:
        flags |= CELL_PCP
    if block.pinned:
        flags |= CELL_PINNED
    if block.crossing != NIL:
        flags |= CELL_CROSSED
    if block.stray:
        flags |= CELL_STRAY
    if block.holes:
        flags |= CELL_HOLE
    if there and block.offline == there:
        more |= CELL_ALL_OFFLINE
    if block.reserved + block.holes == block.pages:
        more |= CELL_NOTHING
    if block.unmovable:
        more |= CELL_UNMOVABLE
    if block.lru:
        more |= CELL_LRU
    if block.allocated:
        more |= CELL_USED
    return z.block_type[b] | free_share(block.free, there) << 8 | flags << 16 | more << 24


cdef inline uint32_t merge_cells(const uint32_t *cells, uint32_t count) noexcept nogil:
    """One cell for several blocks: commonest type, mean share; a flag of one is a flag of all, but for
    "all offline" and "nothing here", which all must have."""
    cdef uint32_t votes[MIGRATE_TYPES]
    cdef uint32_t i, mt, share = 0, flags = 0, every = CELL_ALL_OFFLINE | CELL_NOTHING, some = 0
    cdef uint32_t best = 0
    if count == 1:
        return cells[0]
    for mt in range(MIGRATE_TYPES):
        votes[mt] = 0
    for i in range(count):
        votes[cells[i] & 0x7F] += 1
        share += cells[i] >> 8 & 0xFF
        flags |= cells[i] >> 16 & 0xFF
        every &= cells[i] >> 24
        some |= cells[i] >> 24
    for mt in range(MIGRATE_TYPES):
        if votes[mt] > votes[best]:
            best = mt
    share = free_share(share, 255 * count)
    return (best | (0 if votes[best] == count else CELL_MIXED) | share << 8 | flags << 16
            | (every | (some & ~<uint32_t> (CELL_ALL_OFFLINE | CELL_NOTHING))) << 24)
