"""An accounting model as the C level sees it: truth tables and choices, and not a word of whose they are.

The fields are the columns of sim_core/models/columns.py, in its order. A truth table (`when`) has a bit
for each of eight contexts; a choice is one of the numbers named below.
"""

from libc.stdint cimport uint8_t

cdef enum:
    PASSED_ISOLATE = 1
    BLOCK_ISOLATE = 2
    LIST_ISOLATE = 4

cdef enum:  # free_type_read
    TYPE_BEFORE_LOCK
    TYPE_RECHECKED       # again under the lock while a block is isolated, or if it read ISOLATE
    TYPE_UNDER_LOCK

cdef enum:  # merge_guard
    MERGE_FREELY
    MERGE_ISOLATE_STOPS  # a chunk freed to ISOLATE grows no larger than a pageblock
    MERGE_ISOLATE_APART  # from a pageblock up ISOLATE and another type do not merge
    MERGE_UNALIKE_APART  # from a pageblock up two types merge only if both are U, M or R

cdef enum:  # merge_retypes
    RETYPE_NOTHING
    RETYPE_FIRST_BLOCK
    RETYPE_ALL_BLOCKS

cdef enum:  # pcp_lists
    PCP_SINGLE_PAGES     # three lists, drained round robin
    PCP_FREE_FACTOR      # orders 0 to 3, list after list; what is given back grows with each drain
    PCP_TUNED            # the same; refills grow too, `high` moves between two limits

cdef enum:  # drain_type
    DRAIN_REMEMBERED
    DRAIN_BLOCK_IF_ISOLATED
    DRAIN_BLOCK

cdef enum:  # refill_remembers
    REMEMBERS_ASKED      # the type asked for; the block's where that is CMA or ISOLATE
    REMEMBERS_LIST       # the type of the list the page was taken from
    REMEMBERS_NOTHING

cdef enum:  # fallback
    FALLBACK_LIST        # remainders to the lists of the type asked for, claimed or not
    FALLBACK_REMAINDER   # an unclaimed remainder stays with the type it was taken from
    FALLBACK_RETRY       # chunk or block change lists, then the search begins anew
    FALLBACK_ONE_TRY     # the largest chunk's block is claimed, or one chunk is split
    FALLBACK_CLAIM_STEAL  # claims down to smaller orders, then the smallest chunk is split

cdef enum:  # cma_use
    CMA_FALLBACK
    CMA_BALANCED

cdef enum:  # reserve
    RESERVE_BLOCKS
    RESERVE_HIGHATOMIC_BLOCK   # at least one block; only the chunk's own block
    RESERVE_HIGHATOMIC_SHARE   # nothing below one block in managed / 100

cdef enum:  # count_isolated
    ISOLATED_UNCOUNTED
    ISOLATED_TRANSITIONS
    ISOLATED_CALLS

cdef enum:  # unmovable_test
    UNMOVABLE_SOME_TYPES
    UNMOVABLE_ALL_BUT_CMA

cdef enum:  # straddle
    STRADDLE_WHOLE
    STRADDLE_AT_RANGE_EDGES
    STRADDLE_SPLIT

cdef enum:  # unset_merges
    UNSET_MOVES
    UNSET_FREES_AGAIN    # a chunk of a block or more whose buddy's block is not ISOLATE is freed anew
    UNSET_PUTS_BACK      # below the largest order, and only if that buddy is free

cdef enum:  # split_watermark
    SPLIT_ABOVE_LOW
    SPLIT_ABOVE_LOW_UNLESS_ISOLATE
    SPLIT_ABOVE_MIN_UNLESS_ISOLATE

cdef enum:  # hotplug
    HOTPLUG_PAGES        # pages reserved, undone at the end, onlined one by one
    HOTPLUG_CHUNKS       # pcp off meanwhile, block types stay ISOLATE, onlined in largest chunks

cdef enum:  # boot
    BOOT_WORDS
    BOOT_CHUNKS_TO_TAIL

cdef enum:  # watermark
    WATERMARK_UNSIGNED
    WATERMARK_SIGNED
    WATERMARK_CMA_OFF    # without ALLOC_CMA, CMA pages are off for good
    WATERMARK_CMA_FIRST  # off for the first comparison only
    WATERMARK_LISTS      # an order's list must have a usable chunk; reserved highatomic pages are off
    WATERMARK_LISTS_FREE  # the same, but the free ones among the highatomic pages

cdef enum:  # zone_sizes
    SIZES_PRESENT
    SIZES_MANAGED
    SIZES_TUNED

cdef enum:  # lowmem_reserve
    LOWMEM_RESERVE_AT_LEAST_ONE   # a ratio below 1 counts as 1
    LOWMEM_RESERVE_OFF            # with a ratio below 1 nothing is kept
    LOWMEM_RESERVE_NOT_TO_EMPTY   # nor from requests whose highest zone has no page

cdef enum:  # give_up
    GIVE_UP_FLAG         # a zone whose all_unreclaimable kswapd has set
    GIVE_UP_SCANNED      # one whose LRU was looked at six times over in vain

ctypedef struct policy_t:
    uint8_t free_pages_ok_isolated
    uint8_t free_hot_cold_isolated
    uint8_t free_one_page_bug
    uint8_t free_one_page_nr
    uint8_t free_type_read
    uint8_t free_splits_blocks
    uint8_t merge_guard
    uint8_t merge_retypes
    uint8_t tail_lower_half_only
    uint8_t pcp_lists
    uint8_t drain_type
    uint8_t drain_nr
    uint8_t refill_remembers
    uint8_t alloc_nr
    uint8_t list_nr
    uint8_t count_cma
    uint8_t cma_by_list
    uint8_t fallback
    uint8_t cma_use
    uint8_t reserve
    uint8_t movable_second
    uint8_t move_to_tail
    uint8_t set_isolate_nr
    uint8_t set_isolate_nr_free
    uint8_t unset_isolate_nr
    uint8_t unset_isolate_nr_free
    uint8_t count_isolated
    uint8_t isolate_twice_refused
    uint8_t isolate_ragged_refused
    uint8_t unmovable_test
    uint8_t isolate_drains
    uint8_t straddle
    uint8_t unset_merges
    uint8_t split_nr
    uint8_t split_nr_free
    uint8_t split_watermark
    uint8_t split_moves
    uint8_t offline_nr
    uint8_t offline_nr_free
    uint8_t test_moves_strays
    uint8_t hotplug
    uint8_t holes_have_pages
    uint8_t boot
    uint8_t watermark
    uint8_t watermark_less_isolated
    uint8_t zone_sizes
    uint8_t lowmem_reserve
    uint8_t give_up


cdef inline bint when(uint8_t table, unsigned context) noexcept nogil:
    """Does a site with this truth table act in this context (a sum of the three facts)?"""
    return table >> context & 1


cdef inline int fill_policy(policy_t *policy, dict columns) except -1:
    """The columns come in the order of the struct's fields (sim_core/models/columns.py)."""
    cdef uint8_t *field = <uint8_t *> policy
    cdef unsigned i = 0
    if len(columns) != sizeof(policy_t):
        raise ValueError(f"{len(columns)} columns for {sizeof(policy_t)} fields")
    for value in columns.values():
        field[i] = value
        i += 1
    return 0
