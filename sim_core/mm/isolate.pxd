"""Isolation of pageblocks: set_migratetype_isolate, its undoing, and what may be isolated."""

from libc.errno cimport EBUSY
from libc.stdint cimport int64_t, uint32_t, uint8_t

from sim_core.mm.account cimport context, decides, mod_freepage_state, mod_stat
from sim_core.mm.buddy cimport (
    move_freepages_block, move_to_free_list, page_is_buddy, set_pageblock_migratetype,
)
from sim_core.mm.free cimport list_freed
from sim_core.mm.log cimport (
    S_MOVE_FREEPAGES, S_SET_MIGRATETYPE_ISOLATE, S_UNSET_MIGRATETYPE_ISOLATE,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, ATTR_TYPE, FREE, HOLE, KIND_MASK, MIGRATING, NIL, ORDER_MASK, PINNED,
    RESERVED, page_attr, page_state, pages_of,
)
from sim_core.mm.page_alloc cimport drain_all_pages
from sim_core.mm.policy cimport (
    ISOLATED_CALLS, ISOLATED_TRANSITIONS, STRADDLE_AT_RANGE_EDGES, STRADDLE_SPLIT,
    UNMOVABLE_SOME_TYPES, UNSET_FREES_AGAIN, UNSET_MOVES,
)
from sim_core.mm.straddle cimport isolate_single_pageblock, split_straddling
from sim_core.mm.take cimport isolate_chunk
from sim_core.mm.zone cimport (
    CMA, ISOLATE, MOVABLE, NR_ISOLATED_BLOCKS, block_of, head_over, in_zone, pageblock_migratetype,
    whole_in_zone, ZONE_MOVABLE, zone_t,
)


cdef inline uint32_t named_page(const zone_t *z, uint32_t p) noexcept nogil:
    """The page by which isolation is told p's block: in 6.x the first, whichever a person has named."""
    if z.policy.unmovable_test == UNMOVABLE_SOME_TYPES:
        return p
    return max(p >> z.block_order << z.block_order, z.start)


cdef inline unsigned restored_type(const zone_t *z, uint32_t p) noexcept nogil:
    """The type that a block is to get again: CMA remains CMA."""
    return CMA if pageblock_migratetype(z, p) == CMA else MOVABLE


cdef inline uint32_t first_valid_page(const zone_t *z, uint32_t b) noexcept nogil:
    """First page of a block that is in the zone and has a struct page; NIL if there is none."""
    cdef uint32_t p
    if z.policy.holes_have_pages:
        return named_page(z, b << z.block_order)
    for p in range(max(b << z.block_order, z.start), min((b + 1) << z.block_order, z.end)):
        if page_state(&z.pages, p) != HOLE:
            return p
    return NIL


cdef inline bint has_unmovable_pages(const zone_t *z, uint32_t p, unsigned intended) noexcept nogil:
    """Is one of the pageblock_nr_pages pages from p on (p need not be a block's first) referenced and
    not on the LRU? Some types are taken at their word. Pages beyond the zone are in use.

    6.x looks at the whole block of p, holes too. In ZONE_MOVABLE no page in use stands in the way.

    Args:
        intended: the type that the block is to get afterwards; from 6.x a CMA block passes for CMA alone.
    """
    cdef unsigned mt = pageblock_migratetype(z, p)
    cdef uint32_t last, head
    cdef uint8_t kind, state
    if z.policy.unmovable_test == UNMOVABLE_SOME_TYPES:
        if mt == MOVABLE or mt == CMA or z.kind == ZONE_MOVABLE:
            return False
    elif mt == CMA:
        return intended != CMA
    else:
        p = block_of(z, p) << z.block_order
    last = p + (1u << z.block_order)
    head = head_over(z, block_of(z, p))
    if head != NIL and head < p:
        p = head + pages_of(page_state(&z.pages, head))
    while p < last:
        if not in_zone(z, p):
            return True
        state = page_state(&z.pages, p)
        kind = state & KIND_MASK
        if kind == RESERVED or (kind == HOLE and z.policy.holes_have_pages):
            return True
        if z.kind != ZONE_MOVABLE and (kind == ALLOCATED or kind == PINNED or kind == MIGRATING):
            if not page_attr(&z.pages, p) & ATTR_LRU:
                return True
        p += pages_of(state)    # a chunk's tails have count 0
    return False


cdef inline bint refuses_ragged(const zone_t *z, uint32_t p) noexcept nogil:
    """6.12: a block that is not wholly in the zone is never moved, and so never typed on the way."""
    return z.policy.isolate_ragged_refused and not whole_in_zone(z, block_of(z, p))


cdef inline void count_isolated(zone_t *z, unsigned old) noexcept nogil:
    """The zone's own count of isolated blocks, if it keeps one."""
    if (z.policy.count_isolated == ISOLATED_CALLS
            or (z.policy.count_isolated == ISOLATED_TRANSITIONS and old != ISOLATE)):
        mod_stat(z, NR_ISOLATED_BLOCKS, 1, S_SET_MIGRATETYPE_ISOLATE)


cdef inline int set_migratetype_isolate(zone_t *z, uint32_t p, unsigned intended) noexcept nogil:
    """Type the block of p ISOLATE and move its free chunks there; then, in old kernels, drain every pcp.

    Pages that a drain brings back into the block may go under the type they remember, not under ISOLATE.

    Args:
        intended: the type to be given back later.

    Returns:
        0, or -EBUSY: pages that cannot be moved away, a block that is isolated already or reaches beyond
        the zone, where the model refuses that.
    """
    cdef uint32_t moved = 0
    cdef unsigned old = pageblock_migratetype(z, p)
    cdef unsigned facts = context(ISOLATE, old, ISOLATE)
    p = named_page(z, p)
    if z.policy.isolate_twice_refused and old == ISOLATE:
        return -EBUSY
    if has_unmovable_pages(z, p, intended):
        return -EBUSY
    if refuses_ragged(z, p):
        return -EBUSY
    if z.policy.straddle != STRADDLE_SPLIT or not split_straddling(z, p, ISOLATE):
        set_pageblock_migratetype(z, p, ISOLATE)
        moved = move_freepages_block(z, p, old, ISOLATE,
                                     -<int> decides(z, &z.policy.set_isolate_nr_free, facts, p,
                                                     S_SET_MIGRATETYPE_ISOLATE))
    count_isolated(z, old)
    if moved and decides(z, &z.policy.set_isolate_nr, facts, p, S_SET_MIGRATETYPE_ISOLATE):
        mod_freepage_state(z, -<int64_t> moved, old, S_SET_MIGRATETYPE_ISOLATE)
    if z.policy.isolate_drains:
        drain_all_pages(z)
    return 0


cdef inline bint buddy_welcomes(const zone_t *z, uint32_t p, unsigned order) noexcept nogil:
    """Could a free chunk of an isolated block merge with its buddy once the block is so no more?"""
    cdef uint32_t buddy = p ^ (1u << order)
    cdef bint isolated = in_zone(z, buddy) and pageblock_migratetype(z, buddy) == ISOLATE
    if z.policy.unset_merges == UNSET_FREES_AGAIN:
        return not isolated
    return order < z.max_order - 1 and page_is_buddy(z, buddy, order) and not isolated


cdef inline void unset_migratetype_isolate(zone_t *z, uint32_t p, unsigned mt) noexcept nogil:
    """If the block of p is ISOLATE, give it type `mt` and bring its free chunks back there.

    The zone's count goes down even where 6.12 leaves a block as it is that reaches beyond the zone.
    """
    cdef uint32_t moved = 0
    cdef unsigned facts = context(mt, ISOLATE, ISOLATE), order
    cdef uint8_t state
    if pageblock_migratetype(z, p) != ISOLATE:
        return
    p = named_page(z, p)
    state = page_state(&z.pages, p)
    order = state & ORDER_MASK
    if (z.policy.unset_merges != UNSET_MOVES and state & KIND_MASK == FREE
            and order >= z.block_order and buddy_welcomes(z, p, order)):
        isolate_chunk(z, p, order, S_UNSET_MIGRATETYPE_ISOLATE)
        set_pageblock_migratetype(z, p, mt)
        list_freed(z, p, order, pageblock_migratetype(z, p),
                   z.policy.unset_merges != UNSET_FREES_AGAIN)
    elif (not refuses_ragged(z, p)
            and (z.policy.straddle != STRADDLE_SPLIT or not split_straddling(z, p, mt))):
        set_pageblock_migratetype(z, p, mt)
        moved = move_freepages_block(z, p, ISOLATE, mt,
                                     decides(z, &z.policy.unset_isolate_nr_free, facts, p,
                                             S_UNSET_MIGRATETYPE_ISOLATE))
    if z.policy.count_isolated:
        mod_stat(z, NR_ISOLATED_BLOCKS, -1, S_UNSET_MIGRATETYPE_ISOLATE)
    if moved and decides(z, &z.policy.unset_isolate_nr, facts, p, S_UNSET_MIGRATETYPE_ISOLATE):
        mod_freepage_state(z, moved, mt, S_UNSET_MIGRATETYPE_ISOLATE)


# ---- ranges ----

cdef inline void undo_isolate_page_range(zone_t *z, uint32_t first, uint32_t last,
                                         unsigned mt) noexcept nogil:
    """Blocks [first, last), ascending."""
    cdef uint32_t b, p
    for b in range(first, last):
        p = first_valid_page(z, b)
        if p != NIL:
            unset_migratetype_isolate(z, p, mt)


cdef inline int isolate_block(zone_t *z, uint32_t b, unsigned intended) noexcept nogil:
    """A block of a range; one that is all hole is passed over."""
    cdef uint32_t p = first_valid_page(z, b)
    return 0 if p == NIL else set_migratetype_isolate(z, p, intended)


cdef inline void unisolate_block(zone_t *z, uint32_t b, unsigned mt) noexcept nogil:
    undo_isolate_page_range(z, b, b + 1, mt)


cdef inline int isolate_edges_first(zone_t *z, uint32_t first, uint32_t last,
                                    unsigned mt) noexcept nogil:
    """6.x: the first block, the last one, then those between, ascending."""
    cdef uint32_t b
    if isolate_block(z, first, mt):
        return -EBUSY
    isolate_single_pageblock(z, first << z.block_order, first)
    if last - first > 1:
        if isolate_block(z, last - 1, mt):
            unisolate_block(z, first, mt)
            return -EBUSY
    isolate_single_pageblock(z, last << z.block_order, last - 1)
    for b in range(first + 1, last - 1):
        if isolate_block(z, b, mt):
            undo_isolate_page_range(z, first, b, mt)
            unisolate_block(z, last - 1, mt)
            return -EBUSY
    return 0


cdef inline int start_isolate_page_range(zone_t *z, uint32_t first, uint32_t last,
                                         unsigned mt) noexcept nogil:
    """Isolate blocks [first, last); on a refusal give those done type `mt` again."""
    cdef uint32_t b
    if z.policy.straddle >= STRADDLE_AT_RANGE_EDGES:
        return isolate_edges_first(z, first, last, mt)
    for b in range(first, last):
        if isolate_block(z, b, mt):
            undo_isolate_page_range(z, first, b, mt)
            return -EBUSY
    return 0


cdef inline bint test_pages_isolated(zone_t *z, uint32_t first, uint32_t last) noexcept nogil:
    """Is every block of pages [first, last) ISOLATE, and made of free chunks (and holes) alone?

    Any list will do for a chunk, but some kernels move it to ISOLATE on the way and count nothing. It may
    reach beyond `last`.
    """
    cdef uint32_t b, p = first
    cdef uint8_t state
    for b in range(first >> z.block_order, ((last - 1) >> z.block_order) + 1):
        if z.block_type[b] != ISOLATE and first_valid_page(z, b) != NIL:
            return False
    while p < last:
        state = page_state(&z.pages, p)
        if state & KIND_MASK == FREE:
            if z.policy.test_moves_strays and page_attr(&z.pages, p) & ATTR_TYPE != ISOLATE:
                move_to_free_list(z, p, state & ORDER_MASK, ISOLATE, ISOLATE, 0, S_MOVE_FREEPAGES)
            p += pages_of(state)
        elif state == HOLE:
            p += 1
        else:
            return False
    return True
