"""Looking at a node: lists, counters, identities, blocks, the log, and frames for viewers.

Nothing here changes the node, but for the epoch, which a look at the picture begins anew.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy, memset

from sim_core.mm._mm cimport Node
from sim_core.mm.check cimport (
    COUNTED, I5_ISO, IDENTITIES, account_t, check_zone, judge_by_length, verdict_t,
)
from sim_core.mm.digest cimport digest_node
from sim_core.mm.frame cimport (
    COUNTERS, C_STRAY, SECTION_CELLS, SECTION_CHANGED, SECTION_COUNTERS, SECTION_IDENTITIES,
    SECTION_LISTS, SECTION_NR_FREE, SECTION_PAGES, SECTION_PCP, read_counters, refresh,
)
from sim_core.mm.log cimport record_t
from sim_core.mm.memory cimport QUEUES, VARIABLES, V_RELIEF, WATCHED_MAX
from sim_core.mm.page cimport (
    ATTR_TYPE, FREE, FREEING, HOLE, KIND_MASK, NIL, ORDER_MASK, page_attr, page_link, page_state,
)
from sim_core.mm.picture cimport block_t, look_at_block, merge_cells
from sim_core.mm.sizes cimport BATCH_PAGES_MAX, zone_batchsize
from sim_core.mm.watermark cimport free_pages_safe, stock_t, watermark_ok as test_watermark
from sim_core.mm.zone cimport (
    ISOLATE, MIGRATE_TYPES, NR_MIGRATED, NR_OFFLINE, ORDERS_MAX, PCPTYPES, PCP_ORDERS, PCP_STATES, STATS, WMARKS,
    in_zone, pcp_index, zone_t,
)

from sim_core.errors import RefusedError

cdef enum:
    HEADER_BYTES = 64
    FRAME_MAGIC = 0x3146535A
    FRAME_VERSION = 1
    FRAME_KEYFRAME = 1
    CELLS_SECTIONS = 6

STAT_NAMES = (
    "NR_FREE_PAGES", "present_pages", "reserved", "offline", "allocated", "alloc_failed",
    "fallbacks", "pcp_drains", "migrated", "allocs", "frees", "NR_FREE_CMA_PAGES",
    "NR_FREE_HIGHATOMIC", "nr_isolated_blocks", "nr_reserved_highatomic",
)
COUNTER_NAMES = (
    "nr_free_pages", "nr_free_sum", "listed", "usable", "isolated", "stray", "pcp", "allocated",
    "offline", "reserved", "holes", "present", "spanned", "cma", "reserve", "watermark_min",
    "watermark_low", "watermark_high", "watermark_ok", "watermark_true", "allocs", "alloc_failed",
    "frees", "fallbacks", "pcp_drains", "migrated", "blocks_isolated", "blocks_offline",
)
IDENTITY_NAMES = ("I1", "I1x", "I2", "I2x", "I3", "I4", "I5-iso", "I5-full", "I6")
BLOCK_FIELDS = (
    "pages", "free", "allocated", "lru", "unmovable", "pinned", "pcp", "reserved", "offline",
    "holes", "stray",
)
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


def stats(Node node):
    """The zone's counters by name, [STAT_NAMES]."""
    return {STAT_NAMES[i]: node.z.stat[i] for i in range(STATS)}


def nr_free(Node node):
    """free_area[o].nr_free as stored, [max_order]."""
    return [node.z.nr_free[o] for o in range(node.z.max_order)]


def watermarks(Node node):
    """(min, low, high) in pages."""
    return tuple([node.z.watermark[i] for i in range(WMARKS)])


def pcp_size(Node node):
    """(high, batch) in pages."""
    return node.z.pcp_high, node.z.pcp_batch


def pcp_limits(Node node):
    """(high, high_max, batch) in pages; of lists that are not tuned high_max is high."""
    return node.z.pcp_high, node.z.pcp_high_max, node.z.pcp_batch


def pcp_state(Node node, unsigned cpu):
    """(factor, free_count, PREV_FREE_HIGH_ORDER, current high) of a CPU's lists; see PcpState."""
    if cpu >= node.z.cpus:
        raise RefusedError("no such CPU", field="cpu", allowed=f"0 … {node.z.cpus - 1}")
    return tuple([node.z.pcp[cpu].state[i] for i in range(PCP_STATES)])


def block_types(Node node):
    """One migratetype a pageblock."""
    return bytes(<uint8_t[:node.z.last_block - node.z.first_block]>
                 (node.z.block_type + node.z.first_block))


def lengths(Node node):
    """True list lengths, [migratetype][order]."""
    return [[node.z.lists[mt][o].length for o in range(node.z.max_order)]
            for mt in range(MIGRATE_TYPES)]


def list_pfns(Node node, unsigned mt, unsigned order, uint64_t offset, uint64_t limit):
    """PFNs of a free list from its head on, `limit` of them after the first `offset`."""
    cdef uint32_t p
    cdef list pfns = []
    if mt >= MIGRATE_TYPES or order >= node.z.max_order:
        raise RefusedError("no such list", field="order", allowed=f"0 … {node.z.max_order - 1}")
    p = node.z.lists[mt][order].head
    while p != NIL and limit:
        if offset:
            offset -= 1
        else:
            pfns.append(node.z.base + p)
            limit -= 1
        p = page_link(&node.z.pages, p, order).next
    return pfns


def pcp_pfns(Node node, unsigned cpu, unsigned order, unsigned mt):
    """(PFN, remembered migratetype) of a pcp list from its hot end."""
    cdef uint32_t p
    cdef list pages = []
    if cpu >= node.z.cpus or order >= PCP_ORDERS or mt >= PCPTYPES:
        raise RefusedError("no such pcp list", field="cpu", allowed=f"0 … {node.z.cpus - 1}")
    p = node.z.pcp[cpu].lists[pcp_index(node.z, order, mt)].head
    while p != NIL:
        pages.append((node.z.base + p, page_attr(&node.z.pages, p) & ATTR_TYPE))
        p = page_link(&node.z.pages, p, order).next
    return pages


def page_record(Node node, uint64_t pfn):
    """(state, attr) of a page; see sim_core/mm/page.pxd."""
    cdef uint32_t p = node._page(pfn)
    return page_state(&node.z.pages, p), page_attr(&node.z.pages, p)


def handle_state(Node node):
    """(table of (page, order), stack of retired handles, live list, random state, relief)."""
    cdef uint32_t i
    return (
        [(node.m.handles.table[i].page, node.m.handles.table[i].order)
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


def held_pages(Node node):
    """Pages that workloads hold in queues: page cache, huge pages, contiguous runs."""
    return [node.m.handles.queues[i].pages for i in range(QUEUES)]


def handle_at(Node node, uint64_t pfn):
    """Handle of the allocated, pinned or half freed chunk whose head is at pfn.

    Raises:
        RefusedError: no chunk in use begins there.
    """
    cdef uint32_t p = node._page(pfn)
    cdef uint8_t state = page_state(&node.z.pages, p)
    if state & KIND_MASK != FREEING:
        node._in_use(p)
    return page_link(&node.z.pages, p, state & ORDER_MASK).next


def pfn_of(Node node, uint32_t handle):
    """PFN of the head of the chunk that a handle stands for, or None."""
    if handle >= node.m.handles.count or node.m.handles.table[handle].page == NIL:
        return None
    return node.z.base + node.m.handles.table[handle].page


def live_handles(Node node):
    """Chunks that the workload may free."""
    return node.m.handles.nr_live


def accounts(Node node):
    """Pages in four accounts that verbs tell of: isolated (listed there), pcp, offline, migrated.

    Unlike `counters` it looks at no pageblock, so a verb costs the same in a zone of any size.
    """
    cdef unsigned o, cpu
    cdef int64_t isolated = 0, queued = 0
    for o in range(node.z.max_order):
        isolated += <int64_t> node.z.lists[ISOLATE][o].length << o
    for cpu in range(node.z.cpus):
        queued += node.z.pcp[cpu].count
    return {"isolated": isolated, "pcp": queued, "offline": node.z.stat[NR_OFFLINE],
            "migrated": node.z.stat[NR_MIGRATED]}


def counters(Node node):
    """What a frame's first section says, by COUNTER_NAMES."""
    cdef int64_t out[COUNTERS]
    refresh(&node.m, node.z, &node.atlas)
    read_counters(node.z, &node.atlas, out)
    return {COUNTER_NAMES[i]: out[i] for i in range(COUNTERS)}


def watermark_ok(list nr_free, int order, int64_t mark, int64_t lowmem_reserve, unsigned flags,
                 int64_t free, unsigned rule, int64_t cma=0, int64_t highatomic=0, listed=None):
    """zone_watermark_ok on numbers handed over; see sim_core/mm/watermark.pxd.

    Args:
        nr_free: per-order counts, at least `order` of them.
        flags: 0x08 ALLOC_OOM, 0x10 ALLOC_HARDER, 0x20 ALLOC_HIGH, 0x80 ALLOC_CMA, 0x200 HIGHATOMIC.
        rule: number of the model's choice in the column `watermark`.
        cma, highatomic: pages that only some may use.
        listed: of 6.x, [migratetypes] bits of the orders whose list has a chunk.
    """
    cdef int64_t counts[ORDERS_MAX]
    cdef uint32_t nonempty[MIGRATE_TYPES]
    cdef stock_t stock
    cdef int o
    if order < 0 or order > len(nr_free) or len(nr_free) > ORDERS_MAX:
        raise RefusedError("order needs as many nr_free below it", field="order")
    for o in range(len(nr_free)):
        counts[o] = nr_free[o]
    for o in range(MIGRATE_TYPES):
        nonempty[o] = listed[o] if listed is not None else 0
    stock.nr_free = counts
    stock.max_order = len(nr_free)
    stock.free = free
    stock.cma = cma
    stock.highatomic = highatomic
    stock.nonempty = nonempty
    return bool(test_watermark(&stock, rule, order, mark, <uint64_t> lowmem_reserve, flags))


def free_safe(Node node):
    """What zone_watermark_ok_safe takes for NR_FREE_PAGES."""
    return free_pages_safe(node.z)


def batchsize(int64_t present):
    """zone_batchsize of a zone with this many present pages, before the floor of 1."""
    return zone_batchsize(present, BATCH_PAGES_MAX)


# ---- identities ----

def check(Node node):
    """Walk every page and list.

    Returns:
        one (holds, order, migratetype, expected, got, first operation) for each of IDENTITY_NAMES;
        order and migratetype are -1 where they do not apply.
    """
    cdef account_t acc
    cdef verdict_t *out = node.last
    with nogil:
        check_zone(node.z, &acc, out)
    return [(bool(out[i].holds), out[i].order, out[i].mt, out[i].expected, out[i].got,
             node.m.first_broken[i] if i < COUNTED else 0) for i in range(IDENTITIES)]


def judged(Node node):
    """Whether each of IDENTITY_NAMES holds, as a frame tells it: without a walk."""
    cdef verdict_t verdicts[IDENTITIES]
    cdef int64_t values[COUNTERS]
    refresh(&node.m, node.z, &node.atlas)
    read_counters(node.z, &node.atlas, values)
    _judge(node, values[C_STRAY], verdicts)
    return [bool(verdicts[i].holds) for i in range(IDENTITIES)]


def breaks_since(Node node, uint64_t seen):
    """What the watch noted: (number of notes so far, [(op, identity index, broken)]) after `seen`
    notes; of more than 64 only the last 64 are kept."""
    cdef uint64_t i = max(seen, node.m.nr_breaks - min(node.m.nr_breaks, <uint64_t> 64))
    cdef list notes = []
    while i < node.m.nr_breaks:
        notes.append((node.m.breaks[i % 64].op, node.m.breaks[i % 64].identity,
                      bool(node.m.breaks[i % 64].broken)))
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
    cdef block_t out
    cdef zone_t *z = node.z
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
    cdef uint32_t p = max(b << node.z.block_order, node.z.start)
    cdef uint32_t last = min((b + 1) << node.z.block_order, node.z.end)
    cdef uint8_t state
    cdef list heads = []
    while p < last:
        state = page_state(&node.z.pages, p)
        if state >> 4 == 2 or state >> 4 == 3:
            heads.append((node.z.base + p, state, page_attr(&node.z.pages, p)))
        p += 1u << (state & 0x0F)
    return heads


def states_of(Node node, uint64_t first_pfn, uint32_t count):
    """(states, attributes) of up to 4096 pages, a byte each; pages outside the zone are holes."""
    cdef bytes states = PyBytes_FromStringAndSize(NULL, count)
    cdef bytes attrs = PyBytes_FromStringAndSize(NULL, count)
    _write_pages(node, first_pfn, count, <uint8_t *> PyBytes_AS_STRING(states),
                 <uint8_t *> PyBytes_AS_STRING(attrs))
    return states, attrs


cdef void _write_pages(Node node, uint64_t first_pfn, uint32_t count, uint8_t *states,
                       uint8_t *attrs) noexcept:
    cdef uint32_t i, p
    for i in range(count):
        states[i] = HOLE
        attrs[i] = 0
        if first_pfn + i < node.z.base:
            continue
        p = <uint32_t> (first_pfn + i - node.z.base)
        if in_zone(node.z, p):
            states[i] = page_state(&node.z.pages, p)
            attrs[i] = page_attr(&node.z.pages, p)


# ---- the log ----

def log_bounds(Node node):
    """(first operation whose records are all kept, last operation, records written so far);
    (0, 0, 0) without a log."""
    cdef uint64_t op, kept
    if node.m.log.ring == NULL:
        return 0, 0, 0
    op = node.m.log.first_op
    kept = node.m.log.next_op - min(node.m.log.next_op, node.m.log.op_mask + 1)
    op = max(op, kept)
    while op < node.m.log.next_op and not _kept(node, op):
        op += 1 + (node.m.log.next_op - op) // 2
    while op > max(node.m.log.first_op, kept) and _kept(node, op - 1):
        op -= 1
    return op, node.m.op, node.m.log.head


cdef bint _kept(Node node, uint64_t op):
    cdef uint64_t start
    if op >= node.m.log.next_op:
        return True
    start = node.m.log.op_start[op & node.m.log.op_mask]
    return node.m.log.head - start <= node.m.log.mask + 1


def op_records(Node node, uint64_t op, uint64_t limit):
    """The records of one operation, at most `limit`, of more the first and, for what it returned, the
    last: ([(kind, site, a, b, where, value)], how many in all). The caller has asked log_bounds.
    """
    cdef uint64_t start, end, i, n
    cdef record_t *r
    cdef list records = []
    start = node.m.log.op_start[op & node.m.log.op_mask]
    end = (node.m.log.head if op + 1 >= node.m.log.next_op
           else node.m.log.op_start[(op + 1) & node.m.log.op_mask])
    for n in range(min(end - start, limit)):
        i = end - 1 if n + 1 == limit else start + n
        r = &node.m.log.ring[i & node.m.log.mask]
        records.append((r.tag & 0xFF, r.tag >> 8 & 0xFF, r.tag >> 16 & 0xFF, r.tag >> 24, r.where,
                        r.value))
    return records, end - start


# ---- frames ----

cdef class View:
    """What one viewer, or several with the same wish, look at.

    A cells view shows pageblocks [first, first + count), `per_cell` of them a cell. A pages view
    shows the states of pages [first, first + count).
    """
    cdef readonly bint pages
    cdef readonly uint64_t first
    cdef readonly uint32_t count
    cdef readonly uint32_t per_cell
    cdef uint32_t seen     # epoch up to which its last delta told
    cdef uint64_t op       # at that delta
    cdef bint begun

    def __init__(self, bint pages, uint64_t first, uint32_t count, uint32_t per_cell):
        self.pages = pages
        self.first = first
        self.count = count
        self.per_cell = per_cell

    @property
    def cells(self):
        """Cells, or pages, in the view."""
        return self.count if self.pages else (self.count + self.per_cell - 1) // self.per_cell

    def changed(self, Node node):
        """Has there been an operation since the view's last delta, or was there none yet?"""
        return not self.begun or node.m.op != self.op


def cut(View view, Node node, bint keyframe, unsigned flags, uint32_t number, uint64_t seq,
        uint64_t base_seq, double now_ms, uint32_t lateness_us):
    """One frame (docs/PROTOCOL.md, section 5).

    A delta tells what changed since the view's last delta, and the next one counts from here. A
    keyframe tells everything and moves nothing, so that it serves readers who missed frames without
    disturbing those who did not. A view's first delta is a keyframe too.

    Args:
        flags: 2 running, 4 stopped, 8 heartbeat.
        number: the view's, as the connection knows it.
        seq, base_seq: the frame's number in its view, and the one it is against.
        now_ms: time since 1970.
    """
    cdef bytearray out = bytearray(HEADER_BYTES)
    cdef bint whole = keyframe or not view.begun
    refresh(&node.m, node.z, &node.atlas)
    if view.pages:
        _pages_section(out, view, node)
    else:
        _numbers(out, node)
        _cells(out, view, node, whole)
    if whole:
        flags |= FRAME_KEYFRAME
        base_seq = 0
    _header(out, view, node, flags, number, seq, base_seq, now_ms, lateness_us)
    if not keyframe:
        view.begun = True
        view.seen = node.atlas.seen
        view.op = node.m.op
    return bytes(out)


cdef void _header(bytearray out, View view, Node node, unsigned flags, uint32_t number,
                  uint64_t seq, uint64_t base_seq, double now_ms, uint32_t lateness_us):
    cdef char *h = out
    (<uint32_t *> h)[0] = FRAME_MAGIC
    (<uint16_t *> (h + 4))[0] = FRAME_VERSION
    (<uint16_t *> (h + 6))[0] = <uint16_t> flags
    (<uint64_t *> (h + 8))[0] = seq
    (<uint64_t *> (h + 16))[0] = base_seq
    (<uint64_t *> (h + 24))[0] = node.m.op
    (<double *> (h + 32))[0] = now_ms
    (<uint32_t *> (h + 40))[0] = number
    (<uint32_t *> (h + 44))[0] = <uint32_t> view.cells
    h[48] = <char> node.z.max_order
    h[49] = MIGRATE_TYPES
    (<uint16_t *> (h + 50))[0] = 1 if view.pages else CELLS_SECTIONS
    (<uint32_t *> (h + 52))[0] = view.per_cell
    (<uint32_t *> (h + 56))[0] = 0 if view.pages else <uint32_t> view.first
    (<uint32_t *> (h + 60))[0] = lateness_us


cdef char *_section(bytearray out, uint32_t kind, uint32_t size):
    """Append a zeroed section; returns where its payload begins."""
    cdef Py_ssize_t start = len(out)
    cdef char *h
    out.extend(bytes(8 + (size + 7) // 8 * 8))
    h = <char *> out + start
    (<uint32_t *> h)[0] = kind
    (<uint32_t *> (h + 4))[0] = size
    return h + 8


cdef void _numbers(bytearray out, Node node):
    cdef zone_t *z = node.z
    cdef unsigned mt, o, cpu
    cdef uint32_t *words
    cdef int64_t values[COUNTERS]
    read_counters(z, &node.atlas, values)
    memcpy(_section(out, SECTION_COUNTERS, sizeof(values)), values, sizeof(values))
    memcpy(_section(out, SECTION_NR_FREE, z.max_order * 8), z.nr_free, z.max_order * 8)
    words = <uint32_t *> _section(out, SECTION_LISTS, MIGRATE_TYPES * z.max_order * 4)
    for mt in range(MIGRATE_TYPES):
        for o in range(z.max_order):
            words[mt * z.max_order + o] = z.lists[mt][o].length
    _identities(out, node, values[C_STRAY])
    words = <uint32_t *> _section(out, SECTION_PCP, z.cpus * PCPTYPES * 4)
    for cpu in range(z.cpus):
        for mt in range(PCPTYPES):
            for o in range(PCP_ORDERS):
                words[cpu * PCPTYPES + mt] += z.pcp[cpu].lists[pcp_index(z, o, mt)].length << o


cdef void _judge(Node node, int64_t strays, verdict_t *verdicts):
    """Those that need no walk as of now, the others as the last walk found them."""
    memcpy(verdicts, node.last, IDENTITIES * sizeof(verdict_t))
    judge_by_length(node.z, verdicts)
    verdicts[I5_ISO].holds = strays == 0
    verdicts[I5_ISO].order = -1
    verdicts[I5_ISO].mt = -1
    verdicts[I5_ISO].expected = 0
    verdicts[I5_ISO].got = strays


cdef void _identities(bytearray out, Node node, int64_t strays):
    cdef verdict_t verdicts[IDENTITIES]
    cdef char *h = _section(out, SECTION_IDENTITIES, IDENTITIES * 32)
    cdef unsigned i
    cdef bint aimed
    _judge(node, strays, verdicts)
    for i in range(IDENTITIES):
        aimed = node.aims >> i & 1
        h[0] = (0 if verdicts[i].holds else 1) if aimed else (3 if verdicts[i].holds else 2)
        h[1] = verdicts[i].order
        h[2] = verdicts[i].mt
        (<int64_t *> (h + 8))[0] = verdicts[i].expected
        (<int64_t *> (h + 16))[0] = verdicts[i].got
        (<uint64_t *> (h + 24))[0] = node.m.first_broken[i] if i < WATCHED_MAX else 0
        h += 32


cdef uint32_t _cell(View view, Node node, uint32_t i):
    cdef uint32_t b = node.z.first_block + <uint32_t> view.first + i * view.per_cell
    return merge_cells(&node.atlas.cell[b], min(view.per_cell, view.count - i * view.per_cell))


cdef bint _cell_changed(View view, Node node, uint32_t i):
    cdef uint32_t b = node.z.first_block + <uint32_t> view.first + i * view.per_cell, k
    for k in range(min(view.per_cell, view.count - i * view.per_cell)):
        if node.z.stamp[b + k] > view.seen:
            return True
    return False


cdef void _cells(bytearray out, View view, Node node, bint keyframe):
    """All cells, or those that changed if that is shorter."""
    cdef uint32_t cells = <uint32_t> view.cells, i, n = 0
    cdef uint32_t *words
    if not keyframe:
        for i in range(cells):
            n += _cell_changed(view, node, i)
    if keyframe or 8 * n + 8 >= 4 * cells:
        words = <uint32_t *> _section(out, SECTION_CELLS, cells * 4)
        for i in range(cells):
            words[i] = _cell(view, node, i)
        return
    words = <uint32_t *> _section(out, SECTION_CHANGED, 8 + n * 8)
    words[0] = n
    words += 2
    for i in range(cells):
        if _cell_changed(view, node, i):
            words[0] = i
            words[n] = _cell(view, node, i)
            words += 1


cdef void _pages_section(bytearray out, View view, Node node):
    cdef char *h = _section(out, SECTION_PAGES, 16 + 2 * view.count)
    (<uint64_t *> h)[0] = view.first
    (<uint32_t *> (h + 8))[0] = view.count
    _write_pages(node, view.first, view.count, <uint8_t *> (h + 16),
                 <uint8_t *> (h + 16 + view.count))
