"""Leaves of a predicate: each reads one number out of a node as it is now.

sim_core/predicates/names.py has the names that stand for them. Nothing here writes, allocates or walks
more than one pageblock.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint8_t
from libc.string cimport memset

from sim_core.mm.check cimport COUNTED, I5_ISO, judge_by_length, verdict_t
from sim_core.mm.frame cimport (
    atlas_t, nr_free_sum, spanned_pages, sums_t, usable_pages, watermarks_met,
)
from sim_core.mm.memory cimport handle_t, memory_t
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_TYPE, FREE, FREEING, KIND_MASK, MIGRATING, NIL, ON_PCP, ORDER_MASK, PINNED,
    page_attr, page_state,
)
from sim_core.mm.picture cimport block_t, look_at_block
from sim_core.mm.policy cimport HOTPLUG_CHUNKS
from sim_core.mm.reclaim cimport given_up
from sim_core.mm.watermark cimport free_pages_safe
from sim_core.mm.zone cimport (
    ISOLATE, MIGRATE_TYPES, NR_FREE_PAGES, pages_on_lists, pages_on_pcp, pcp_of_type, zone_t,
)

cdef enum:  # Leaf: what is read, by the instruction's `which` and `value`
    LEAF_NUMBER          # value
    LEAF_OP              # number of the last operation
    LEAF_NODE            # which: NodeNumber
    LEAF_HANDLE          # which: HandleField, value: handle
    LEAF_STAT            # which: Stat
    LEAF_WATERMARK       # which: Watermark
    LEAF_NR_FREE         # value: order
    LEAF_NR_FREE_SUM
    LEAF_LENGTH          # which: migratetype, value: order
    LEAF_PAGES           # which: migratetype
    LEAF_PAGES_OF        # which: migratetypes, a bit each
    LEAF_PCP             # of all CPUs
    LEAF_PCP_OF          # value: CPU
    LEAF_PCP_TYPE        # which: migratetype, value: CPU
    LEAF_MET             # watermarks met: 0 by NR_FREE_PAGES, 1 by what can be allocated
    LEAF_FREE_SAFE
    LEAF_LOWMEM_RESERVE  # which: slot of the class of request
    LEAF_GIVEN_UP
    LEAF_HOLES
    LEAF_SPANNED
    LEAF_SUM             # which: SumOfBlocks
    LEAF_BROKEN          # which: Identity, one that needs no walk
    LEAF_BLOCK_TYPE      # value: block
    LEAF_BLOCK_ISOLATED  # value: block
    LEAF_BLOCK_FREE      # value: block
    LEAF_BLOCK           # which: field of block_t, value: block
    LEAF_PAGE_STATE      # value: node-relative pfn
    LEAF_PAGE_ORDER      # value: likewise
    LEAF_PAGE_TYPE       # value: likewise
    LEAVES

cdef enum:  # HandleField
    HANDLE_PFN
    HANDLE_ORDER
    HANDLE_OWNER
    HANDLE_IN_USE
    HANDLE_FIELDS

cdef enum:  # SumOfBlocks
    SUM_STRAYS
    SUM_ISOLATED
    SUM_OFFLINE
    SUMS

cdef enum:
    BLOCK_FIELDS = 11    # numbers at the beginning of block_t

ctypedef struct instruction_t:
    uint16_t what        # a Leaf, or a Step (sim_core/mm/predicate.pxd)
    uint16_t slot        # of the zone
    uint32_t which
    int64_t value


cdef inline bint needs_picture(const instruction_t *i, const zone_t *z) noexcept nogil:
    """Is the leaf read from the atlas, so that this must be refreshed before?"""
    return (i.what == LEAF_SUM or (i.what == LEAF_BROKEN and i.which == I5_ISO)
            or (i.what == LEAF_SPANNED and z.policy.hotplug == HOTPLUG_CHUNKS))


cdef inline int64_t pages_of_types(const zone_t *z, uint32_t types) noexcept nogil:
    cdef int64_t pages = 0
    cdef unsigned mt
    for mt in range(MIGRATE_TYPES):
        if types >> mt & 1:
            pages += pages_on_lists(z, mt)
    return pages


cdef inline int64_t sum_of_blocks(const sums_t *sums, unsigned which) noexcept nogil:
    return (sums.strays if which == SUM_STRAYS else sums.isolated if which == SUM_ISOLATED
            else sums.offline)


cdef inline bint is_broken(const zone_t *z, const atlas_t *atlas, unsigned identity) noexcept nogil:
    """As a frame has it, whether the model aims at the identity or not."""
    cdef verdict_t verdicts[COUNTED]
    if identity == I5_ISO:
        return atlas.sums[z.slot].strays != 0
    judge_by_length(z, verdicts)
    return not verdicts[identity].holds


cdef inline int64_t block_field(const zone_t *z, uint32_t b, unsigned which) noexcept nogil:
    cdef block_t block
    memset(&block, 0, sizeof(block_t))
    look_at_block(z, b, &block)
    return (<const uint32_t *> &block)[which]


cdef inline int64_t handle_field(const memory_t *m, int64_t handle, unsigned which,
                                 bint *none) noexcept nogil:
    cdef const handle_t *h
    cdef bint in_use = handle < m.handles.count and m.handles.table[handle].page != NIL
    if which == HANDLE_IN_USE:
        return in_use
    if not in_use:
        none[0] = True
        return 0
    h = &m.handles.table[handle]
    return (<int64_t> (m.base + h.page) if which == HANDLE_PFN else h.order if which == HANDLE_ORDER
            else h.owner)


cdef inline int64_t chunk_field(const zone_t *z, uint32_t p, unsigned what, bint *none) noexcept nogil:
    """Order or type of the chunk that begins at p."""
    cdef uint8_t state = page_state(&z.pages, p), kind = state & KIND_MASK
    if kind not in (FREE, ALLOCATED, PINNED, ON_PCP, MIGRATING, FREEING):
        none[0] = True
        return 0
    return state & ORDER_MASK if what == LEAF_PAGE_ORDER else page_attr(&z.pages, p) & ATTR_TYPE


cdef inline int64_t read_leaf(const instruction_t *i, memory_t *m, const atlas_t *atlas,
                              bint *none) noexcept nogil:
    """Args:
        atlas: refreshed, if the leaf needs the picture.
        none: OUT, set if there is nothing to read now: a handle that stands for no chunk, a page at which
            no chunk begins. What is returned then is 0.
    """
    cdef zone_t *z = &m.zones[i.slot]
    cdef uint16_t what = i.what
    if what == LEAF_NUMBER:
        return i.value
    elif what == LEAF_OP:
        return <int64_t> m.op
    elif what == LEAF_NODE:
        return m.number[i.which]
    elif what == LEAF_HANDLE:
        return handle_field(m, i.value, i.which, none)
    elif what == LEAF_STAT:
        return z.stat[i.which]
    elif what == LEAF_WATERMARK:
        return z.watermark[i.which]
    elif what == LEAF_NR_FREE:
        return z.nr_free[i.value]
    elif what == LEAF_NR_FREE_SUM:
        return nr_free_sum(z)
    elif what == LEAF_LENGTH:
        return z.lists[i.which][i.value].length
    elif what == LEAF_PAGES:
        return pages_on_lists(z, i.which)
    elif what == LEAF_PAGES_OF:
        return pages_of_types(z, i.which)
    elif what == LEAF_PCP:
        return pages_on_pcp(z)
    elif what == LEAF_PCP_OF:
        return z.pcp[i.value].count
    elif what == LEAF_PCP_TYPE:
        return pcp_of_type(z, <unsigned> i.value, i.which)
    elif what == LEAF_MET:
        return watermarks_met(z, usable_pages(z) if i.which else z.stat[NR_FREE_PAGES])
    elif what == LEAF_FREE_SAFE:
        return free_pages_safe(z)
    elif what == LEAF_LOWMEM_RESERVE:
        return z.lowmem_reserve[i.which]
    elif what == LEAF_GIVEN_UP:
        return given_up(m, z)
    elif what == LEAF_HOLES:
        return z.holes
    elif what == LEAF_SPANNED:
        return spanned_pages(z, atlas)
    elif what == LEAF_SUM:
        return sum_of_blocks(&atlas.sums[i.slot], i.which)
    elif what == LEAF_BROKEN:
        return is_broken(z, atlas, i.which)
    elif what == LEAF_BLOCK_TYPE:
        return z.block_type[i.value]
    elif what == LEAF_BLOCK_ISOLATED:
        return z.block_type[i.value] == ISOLATE
    elif what == LEAF_BLOCK_FREE:
        return z.block_free[i.value]
    elif what == LEAF_BLOCK:
        return block_field(z, <uint32_t> i.value, i.which)
    elif what == LEAF_PAGE_STATE:
        return page_state(&z.pages, <uint32_t> i.value) >> 4
    return chunk_field(z, <uint32_t> i.value, what, none)
