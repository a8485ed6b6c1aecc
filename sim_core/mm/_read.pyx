"""Looking at a node: lists, counters, identities, blocks, the log.

Nothing here changes the node, but for the epoch, which a look at the picture begins anew.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from sim_core.mm._mm cimport Node
from sim_core.mm.check cimport COUNTED, IDENTITIES, account_t, check_zone, verdict_t
from sim_core.mm.digest cimport digest_node
from sim_core.mm.frame cimport (
    COUNTERS, C_STRAY, SUMMARY_NUMBERS, judge_now, read_counters, refresh, summarize, write_pages,
)
from sim_core.mm.log cimport log_end, record_t
from sim_core.mm.memory cimport (
    NODE_NUMBERS, QUEUES, SETTINGS, VARIABLES, V_RELIEF, setting_of,
)
from sim_core.mm.moment cimport first_told, op_first, op_past
from sim_core.mm.page cimport (
    ATTR_TYPE, FREE, FREEING, KIND_MASK, NIL, ORDER_MASK, page_attr, page_link, page_state,
)
from sim_core.mm.picture cimport block_t, look_at_block
from sim_core.mm.watermark cimport free_pages_safe
from sim_core.mm.zone cimport (
    ISOLATE, MIGRATE_TYPES, NR_MIGRATED, NR_OFFLINE, PCPTYPES, PCP_ORDERS, PCP_STATES,
    STATS, WMARKS, pages_on_lists, pages_on_pcp, pcp_index, zone_t,
)

from sim_core.errors import RefusedError

STAT_NAMES = (
    "NR_FREE_PAGES", "present_pages", "reserved", "offline", "allocated", "alloc_failed",
    "fallbacks", "pcp_drains", "migrated", "allocs", "frees", "NR_FREE_CMA_PAGES",
    "NR_FREE_HIGHATOMIC", "nr_isolated_blocks", "nr_reserved_highatomic", "lru_file", "lru_anon",
    "pages_scanned", "all_unreclaimable", "lru_hand_file", "lru_hand_anon",
)
NODE_NAMES = (
    "min_free_kbytes", "swap_free", "kswapd_awake", "kswapd_order", "kswapd_class",
    "kswapd_priority", "kswapd_reclaimed", "verdict", "turns", "oom_kills",
    "oom_victim", "cpu",
)
VERDICTS = ("NONE", "GOT", "NO_PAGE", "LIVELOCK", "PANIC")
"""How the last request ended (sim_core/mm/memory.pxd)."""
COUNTER_NAMES = (
    "nr_free_pages", "nr_free_sum", "listed", "usable", "isolated", "stray", "pcp", "allocated",
    "offline", "reserved", "holes", "present", "spanned", "cma", "reserve", "watermark_min",
    "watermark_low", "watermark_high", "watermark_ok", "watermark_true", "allocs", "alloc_failed",
    "frees", "fallbacks", "pcp_drains", "migrated", "blocks_isolated", "blocks_offline",
)
SUMMARY_NAMES = (
    "nr_free_pages", "free_safe", "usable", "present", "watermark_min", "watermark_low",
    "watermark_high", "lru_file", "lru_anon", "pages_scanned", "all_unreclaimable", "given_up",
    "isolated", "offline",
)
IDENTITY_NAMES = ("I1", "I1x", "I2", "I2x", "I3", "I4", "I5-iso", "I5-full", "I6")
BLOCK_FIELDS = (
    "pages", "free", "allocated", "lru", "unmovable", "pinned", "pcp", "reserved", "offline",
    "holes", "stray",
)
assert len(NODE_NAMES) == NODE_NUMBERS and len(SUMMARY_NAMES) == SUMMARY_NUMBERS
assert len(STAT_NAMES) == STATS and len(COUNTER_NAMES) == COUNTERS
assert len(IDENTITY_NAMES) == IDENTITIES


# ---- numbers ----

def op_of(Node node):
    """Number of the last operation."""
    return node.m.op


def stopped(Node node):
    """0, or the Bug (sim_core/mm/pcp.pxd) that stopped the node."""
    return node.m.stopped


def digest(Node node):
    """Order-sensitive hash of lists, counters, types, pcp, handles and random state."""
    return digest_node(&node.m)


def stats(Node node, unsigned zone=0):
    """A zone's counters by name, [STAT_NAMES]."""
    cdef zone_t *z = node._zone(zone)
    return {STAT_NAMES[i]: z.stat[i] for i in range(STATS)}


def node_numbers(Node node):
    """What the node has beside its zones, by NODE_NAMES."""
    return {NODE_NAMES[i]: node.m.number[i] for i in range(NODE_NUMBERS)}


def summary(Node node, unsigned zone=0):
    """What a frame says of each zone of a node, by SUMMARY_NAMES."""
    cdef int64_t out[SUMMARY_NUMBERS]
    summarize(&node.m, node._zone(zone), out)
    return {SUMMARY_NAMES[i]: out[i] for i in range(SUMMARY_NUMBERS)}


def lowmem_reserve(Node node, unsigned zone=0):
    """What the zone keeps from requests that may take from each zone, [zones], in pages."""
    cdef zone_t *z = node._zone(zone)
    return [z.lowmem_reserve[i] for i in range(node.m.nr_zones)]


def owner_of(Node node, uint32_t handle):
    """Process that the chunk of a handle belongs to; 0: none."""
    return node.m.handles.table[handle].owner if handle < node.m.handles.count else 0


def nr_free(Node node, unsigned zone=0):
    """free_area[o].nr_free as stored, [max_order]."""
    cdef zone_t *z = node._zone(zone)
    return [z.nr_free[o] for o in range(z.max_order)]


def watermarks(Node node, unsigned zone=0):
    """(min, low, high) in pages."""
    cdef zone_t *z = node._zone(zone)
    return tuple([z.watermark[i] for i in range(WMARKS)])


def pcp_size(Node node, unsigned zone=0):
    """(high, batch) in pages."""
    cdef zone_t *z = node._zone(zone)
    return z.pcp_high, z.pcp_batch


def pcp_limits(Node node, unsigned zone=0):
    """(high, high_max, batch) in pages; of lists that are not tuned high_max is high."""
    cdef zone_t *z = node._zone(zone)
    return z.pcp_high, z.pcp_high_max, z.pcp_batch


def pcp_state(Node node, unsigned cpu, unsigned zone=0):
    """(factor, free_count, PREV_FREE_HIGH_ORDER, current high) of a CPU's lists; see PcpState."""
    cdef zone_t *z = node._zone(zone)
    if cpu >= z.cpus:
        raise RefusedError("no such CPU", field="cpu", allowed=f"0 … {z.cpus - 1}")
    return tuple([z.pcp[cpu].state[i] for i in range(PCP_STATES)])


def zones(Node node):
    """(ZoneKind, first pfn, pages spanned, first pageblock, pageblocks) of each zone, lowest first."""
    return [(node.m.zones[i].kind, node.m.base + node.m.zones[i].start,
             node.m.zones[i].end - node.m.zones[i].start,
             node.m.zones[i].first_block - node.m.first_block,
             node.m.zones[i].last_block - node.m.zones[i].first_block)
            for i in range(node.m.nr_zones)]


def block_types(Node node):
    """One migratetype a pageblock of the node; 0 between zones."""
    return bytes(<uint8_t[:node.m.last_block - node.m.first_block]>
                 (node.block_type + node.m.first_block))


def lengths(Node node, unsigned zone=0):
    """True list lengths, [migratetype][order]."""
    cdef zone_t *z = node._zone(zone)
    return [[z.lists[mt][o].length for o in range(z.max_order)]
            for mt in range(MIGRATE_TYPES)]


def list_pfns(Node node, unsigned mt, unsigned order, uint64_t offset, uint64_t limit,
              unsigned zone=0):
    """PFNs of a free list from its head on, `limit` of them after the first `offset`."""
    cdef zone_t *z = node._zone(zone)
    cdef uint32_t p
    cdef list pfns = []
    if mt >= MIGRATE_TYPES or order >= z.max_order:
        raise RefusedError("no such list", field="order", allowed=f"0 … {z.max_order - 1}")
    p = z.lists[mt][order].head
    while p != NIL and limit:
        if offset:
            offset -= 1
        else:
            pfns.append(z.base + p)
            limit -= 1
        p = page_link(&z.pages, p, order).next
    return pfns


def pcp_pfns(Node node, unsigned cpu, unsigned order, unsigned mt, unsigned zone=0):
    """(PFN, remembered migratetype) of a pcp list from its hot end."""
    cdef zone_t *z = node._zone(zone)
    cdef uint32_t p
    cdef list pages = []
    if cpu >= z.cpus or order >= PCP_ORDERS or mt >= PCPTYPES:
        raise RefusedError("no such pcp list", field="cpu", allowed=f"0 … {z.cpus - 1}")
    p = z.pcp[cpu].lists[pcp_index(z, order, mt)].head
    while p != NIL:
        pages.append((z.base + p, page_attr(&z.pages, p) & ATTR_TYPE))
        p = page_link(&z.pages, p, order).next
    return pages


def page_record(Node node, uint64_t pfn):
    """(state, attr) of a page; see sim_core/mm/page.pxd."""
    cdef uint32_t p = node._page(pfn)
    cdef zone_t *z = node._zone_of(p)
    return page_state(&z.pages, p), page_attr(&z.pages, p)


def handle_state(Node node):
    """(table of (page, order, owner), stack of retired handles, live list, random state, relief)."""
    cdef uint32_t i
    return (
        [(node.m.handles.table[i].page, node.m.handles.table[i].order,
          node.m.handles.table[i].owner)
         for i in range(node.m.handles.count)],
        [node.m.handles.retired[i] for i in range(node.m.handles.nr_retired)],
        [node.m.handles.live[i] for i in range(node.m.handles.nr_live)],
        node.m.random,
        node.m.workload.var[V_RELIEF],
    )


def workload_state(Node node):
    """(variables of the workload, its queues as handles from the oldest on)."""
    cdef uint32_t h
    cdef unsigned i
    cdef list queues = []
    for i in range(QUEUES):
        h = node.m.handles.queues[i].oldest
        held = []
        for _ in range(node.m.handles.queues[i].length):
            held.append(h)
            h = node.m.handles.age[h].younger
        queues.append(held)
    return [node.m.workload.var[i] for i in range(VARIABLES)], queues


def settings(Node node):
    """The numbers that say which workload runs."""
    return [setting_of(&node.m, i)[0] for i in range(SETTINGS)]


def watched(Node node, unsigned zone=0):
    """(identities broken after the last operation, a bit each; at which operation each broke first)."""
    cdef zone_t *z = node._zone(zone)
    return z.broken, [z.first_broken[i] for i in range(COUNTED)]


def held_pages(Node node):
    """Pages that workloads hold in queues: page cache, huge pages, contiguous runs."""
    return [node.m.handles.queues[i].pages for i in range(QUEUES)]


def handle_at(Node node, uint64_t pfn):
    """Handle of the allocated, pinned or half freed chunk whose head is at pfn.

    Raises:
        RefusedError: no chunk in use begins there.
    """
    cdef uint32_t p = node._page(pfn)
    cdef zone_t *z = node._zone_of(p)
    cdef uint8_t state = page_state(&z.pages, p)
    if state & KIND_MASK != FREEING:
        node._in_use(p)
    return page_link(&z.pages, p, state & ORDER_MASK).next


def pfn_of(Node node, uint32_t handle):
    """PFN of the head of the chunk that a handle stands for, or None."""
    if handle >= node.m.handles.count or node.m.handles.table[handle].page == NIL:
        return None
    return node.m.base + node.m.handles.table[handle].page


def live_handles(Node node):
    """Chunks that the workload may free."""
    return node.m.handles.nr_live


def accounts(Node node, unsigned zone=0):
    """Pages in four accounts that verbs tell of: isolated (listed there), pcp, offline, migrated.

    Unlike `counters` it looks at no pageblock, so a verb costs the same in a zone of any size.
    """
    cdef zone_t *z = node._zone(zone)
    return {"isolated": pages_on_lists(z, ISOLATE), "pcp": pages_on_pcp(z),
            "offline": z.stat[NR_OFFLINE], "migrated": z.stat[NR_MIGRATED]}


def counters(Node node, unsigned zone=0):
    """What a frame's first section says, by COUNTER_NAMES."""
    cdef zone_t *z = node._zone(zone)
    cdef int64_t out[COUNTERS]
    refresh(&node.m, &node.atlas)
    read_counters(z, &node.atlas, out)
    return {COUNTER_NAMES[i]: out[i] for i in range(COUNTERS)}


def free_safe(Node node, unsigned zone=0):
    """What zone_watermark_ok_safe takes for NR_FREE_PAGES."""
    cdef zone_t *z = node._zone(zone)
    return free_pages_safe(z)


# ---- identities ----

def check(Node node, unsigned zone=0):
    """Walk every page and list.

    Returns:
        one (holds, order, migratetype, expected, got, first operation) for each of IDENTITY_NAMES;
        order and migratetype are -1 where they do not apply.
    """
    cdef zone_t *z = node._zone(zone)
    cdef account_t acc
    cdef verdict_t *out = node.last[z.slot]
    with nogil:
        check_zone(z, &acc, out)
    return [(bool(out[i].holds), out[i].order, out[i].mt, out[i].expected, out[i].got,
             z.first_broken[i] if i < COUNTED else 0) for i in range(IDENTITIES)]


def judged(Node node, unsigned zone=0):
    """Whether each of IDENTITY_NAMES holds, as a frame tells it: without a walk."""
    cdef zone_t *z = node._zone(zone)
    cdef verdict_t verdicts[IDENTITIES]
    cdef int64_t values[COUNTERS]
    refresh(&node.m, &node.atlas)
    read_counters(z, &node.atlas, values)
    judge_now(z, node.last[z.slot], values[C_STRAY], verdicts)
    return [bool(verdicts[i].holds) for i in range(IDENTITIES)]


def breaks_since(Node node, uint64_t seen):
    """What the watch noted: (number of notes so far, [(op, identity index, broken, zone)]) after `seen`
    notes; of more than 64 only the last 64 are kept."""
    cdef uint64_t i = max(seen, node.m.nr_breaks - min(node.m.nr_breaks, <uint64_t> 64))
    cdef list notes = []
    while i < node.m.nr_breaks:
        notes.append((node.m.breaks[i % 64].op, node.m.breaks[i % 64].identity,
                      bool(node.m.breaks[i % 64].broken), node.m.breaks[i % 64].zone))
        i += 1
    return node.m.nr_breaks, notes


# ---- blocks ----

def block_counts(Node node, uint32_t block):
    """What a pageblock is made of.

    Returns:
        (numbers by BLOCK_FIELDS, chunks [migratetype][order], (pfn, order, is it free)
        of the chunk that crosses its border or None, its type, its first pfn)
    """
    cdef uint32_t b = node._block(block)
    cdef zone_t *z = node._zone_of_block(b)
    cdef block_t out
    cdef uint8_t state
    memset(&out, 0, sizeof(out))
    look_at_block(z, b, &out)
    crossing = None
    if out.crossing != NIL:
        state = page_state(&z.pages, out.crossing)
        crossing = (z.base + out.crossing, state & 0x0F, state & 0xF0 == FREE)
    return (
        dict(zip(BLOCK_FIELDS, (out.pages, out.free, out.allocated, out.lru, out.unmovable,
                                out.pinned, out.pcp, out.reserved, out.offline, out.holes,
                                out.stray))),
        [[out.chunks[mt][o] for o in range(z.max_order)] for mt in range(MIGRATE_TYPES)],
        crossing,
        z.block_type[b],
        z.base + max(b << z.block_order, z.start),
    )


def heads_in_use(Node node, uint32_t block):
    """(pfn, state, attr) of every allocated or pinned head that begins in the block, ascending."""
    cdef uint32_t b = node._block(block)
    cdef zone_t *z = node._zone_of_block(b)
    cdef uint32_t p = max(b << z.block_order, z.start)
    cdef uint32_t last = min((b + 1) << z.block_order, z.end)
    cdef uint8_t state
    cdef list heads = []
    while p < last:
        state = page_state(&z.pages, p)
        if state >> 4 == 2 or state >> 4 == 3:
            heads.append((z.base + p, state, page_attr(&z.pages, p)))
        p += 1u << (state & 0x0F)
    return heads


def states_of(Node node, uint64_t first_pfn, uint32_t count):
    """(states, attributes) of up to 4096 pages, a byte each; pages outside the zone are holes."""
    cdef bytes states = PyBytes_FromStringAndSize(NULL, count)
    cdef bytes attrs = PyBytes_FromStringAndSize(NULL, count)
    write_pages(&node.m, first_pfn, count, <uint8_t *> PyBytes_AS_STRING(states),
                <uint8_t *> PyBytes_AS_STRING(attrs))
    return states, attrs


# ---- the log ----

def log_bounds(Node node):
    """(first operation whose records are all kept, last operation known, records written so far);
    (0, 0, 0) without a log."""
    if node.m.log.ring == NULL:
        return 0, 0, 0
    return first_told(&node.m.log), node.m.log.next_op - 1, log_end(&node.m.log)


def op_records(Node node, uint64_t op, uint64_t limit):
    """The records of one operation, at most `limit`, of more the first and, for what it returned, the
    last: ([(kind, site, a, b, where, value)], how many in all). The caller has asked log_bounds.
    """
    cdef uint64_t start = op_first(&node.m.log, op), end = op_past(&node.m.log, op), i, n
    cdef record_t *r
    cdef list records = []
    for n in range(min(end - start, limit)):
        i = end - 1 if n + 1 == limit else start + n
        r = &node.m.log.ring[i & node.m.log.mask]
        records.append((r.tag & 0xFF, r.tag >> 8 & 0xFF, r.tag >> 16 & 0xFF, r.tag >> 24, r.where,
                        r.value))
    return records, end - start
