"""The Python face of the core: thin classes that check arguments, drop the GIL, call, and raise.

Addresses are absolute PFNs, blocks are numbered from the zone's first, migratetypes are indices into
sim_core.vocabulary.MIGRATETYPES. Every method that is an operation gives it the next number. What it
returns is what the kernel function would: a count, a PFN, or a negative errno; a kernel BUG is the
negative code found in `stopped`.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free as c_free
from libc.string cimport memset

from sim_core.mm.account cimport mod_stat
from sim_core.mm.batch cimport (
    TRACE_FREE, allocate, fill_block, fill_workload, free_block, release,
)
from sim_core.mm.boot cimport boot, free_now, punch_hole
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.check cimport COUNTED, IDENTITIES
from sim_core.mm.contig cimport alloc_contig_range, free_contig_range
from sim_core.mm.hotplug cimport (
    offline_pages, online_page_range, online_pages, pages_of_blocks,
)
from sim_core.mm.inuse cimport begin_free, finish_free, split_into_pages
from sim_core.mm.isolate cimport (
    set_migratetype_isolate, start_isolate_page_range, unset_migratetype_isolate,
)
from sim_core.mm.log cimport LOG_OPERATIONS, LOG_WRITES, S_FREE_ALL_BOOTMEM, S_PERSON, record_t
from sim_core.mm.memory cimport PARAMS_MAX, RANDOM_SEED, let_go, make_room
from sim_core.mm.operation cimport (
    OP_ALLOC_CONTIG, OP_BOOT_FREE, OP_DRAIN, OP_FREE_BEGIN, OP_FREE_CONTIG, OP_FREE_FINISH,
    OP_ISOLATE, OP_MARK_LRU, OP_OFFLINE, OP_OFFLINE_ISOLATED, OP_ONLINE, OP_ONLINE_PAGES, OP_PIN,
    OP_SET_BLOCK_TYPE, OP_SPLIT_FREE_PAGE, OP_UNISOLATE, OP_UNPIN, begin_op, end_op,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_LRU, FREE, FREEING, HOLE, KIND_MASK, NIL, OFFLINE, ORDER_MASK, PINNED, RESERVED, bound,
    fill_at_boot, link_t, page_attr, page_state, set_head,
)
from sim_core.mm.page_alloc cimport drain_all_pages
from sim_core.mm.policy cimport BOOT_CHUNKS_TO_TAIL, policy_t
from sim_core.mm.stamp cimport stamp_page
from sim_core.mm.take cimport offline_isolated_pages
from sim_core.mm.turn cimport tally_t
from sim_core.mm.zone cimport (
    CMA, CPUS_MAX, ISOLATE, MIGRATE_TYPES, MOVABLE, NR_RESERVED, ORDERS_MAX, PCPTYPES, PCP_LISTS,
    UNMOVABLE, pageblock_migratetype, zone_t,
)

from sim_core.errors import RefusedError
from sim_core.vocabulary import MIGRATETYPES

cdef extern from *:
    """
    #include <stdint.h>
    #include <sys/mman.h>
    /* Whole 2 MiB pages only; a kernel without them refuses, and nothing is lost. */
    static void zs_huge(void *memory, size_t bytes) {
    #ifdef MADV_HUGEPAGE
        uintptr_t first = ((uintptr_t) memory + 0x1FFFFF) & ~(uintptr_t) 0x1FFFFF;
        uintptr_t last = ((uintptr_t) memory + bytes) & ~(uintptr_t) 0x1FFFFF;
        if (first < last) madvise((void *) first, last - first, MADV_HUGEPAGE);
    #endif
    }
    """
    void zs_huge(void *memory, size_t bytes)

cdef enum:
    HUGE_BYTES_MIN = 16 << 20
    RECORD_BYTES = 16
    OPS_PER_RECORD = 4          # one operation start is kept for this many records


cdef class Node:
    """One node of memory under one accounting model.

    Args:
        columns: every field of policy_t, in its order (sim_core.models.Row.columns()).
        start_pfn, spanned: the zone, in pages; any start, any end.
        block_order, max_order: pageblock_order, and the exclusive bound of orders.
        high, batch: pcp sizes; `derived`: they follow present pages instead.
        holes: (first pfn, pages) ranges inside the zone without a struct page.
        log_records: records of the log to keep, rounded up to a power of two; 0: no log.

    Arguments are taken as they are: sim_core.config has checked them.

    Raises:
        MemoryError: the state does not fit.
    """
    def __cinit__(self, dict columns, uint64_t start_pfn, uint32_t spanned, unsigned block_order,
                  unsigned max_order, uint32_t high, uint32_t batch, bint derived, unsigned cpus,
                  holes, uint64_t log_records, uint64_t seed, uint32_t aims):
        cdef uint32_t largest = 1u << (max_order - 1), blocks, nr, b, first
        cdef zone_t *z = &self.m.zones[0]
        self.z = z
        self.m.nr_zones = 1
        self._policy(columns)
        z.base = start_pfn - (start_pfn & (largest - 1))
        z.start = <uint32_t> (start_pfn - z.base)
        z.end = z.start + spanned
        z.block_order = block_order
        z.max_order = max_order
        nr = (z.end + largest - 1) & ~(largest - 1)
        blocks = nr >> block_order
        z.first_block = z.start >> block_order
        z.last_block = ((z.end - 1) >> block_order) + 1
        z.cpus = cpus
        z.pcp_high = high
        z.pcp_high_max = high
        z.pcp_batch = batch
        z.pcp_derived = derived
        z.epoch = &self.m.epoch
        z.log = &self.m.log
        self.m.epoch = 1
        self.m.random = <uint64_t> RANDOM_SEED + (seed - 1) * <uint64_t> 0x9E3779B97F4A7C15
        if self.m.random == 0:
            self.m.random = <uint64_t> RANDOM_SEED
        z.pages.block_order = block_order
        z.pages.start = z.start
        z.pages.end = z.end
        z.pages.log = z.log
        z.pages.link = <link_t *> self._take(nr, sizeof(link_t))
        z.pages.word = <uint16_t *> self._take(nr, 2)
        z.pages.top_link = <link_t *> self._take(blocks, sizeof(link_t))
        z.pages.top_word = <uint16_t *> self._take(blocks, 2)
        z.pages.fill = <uint8_t *> self._take(blocks, 1)
        z.block_type = <uint8_t *> self._take(blocks, 1)
        z.block_free = <uint16_t *> self._take(blocks, 2)
        z.stamp = <uint32_t *> self._take(blocks, 4)
        self.atlas.cell = <uint32_t *> self._take(blocks, 4)
        self.atlas.stray = <uint16_t *> self._take(blocks, 2)
        self._empty_lists()
        for b in range(blocks):
            fill_at_boot(&z.pages, b, RESERVED)
            # memmap_init_zone types a block by its first page, so a partial first block stays 0.
            z.block_type[b] = MOVABLE if z.start <= b << block_order else UNMOVABLE
            z.stamp[b] = 1
        mod_stat(z, NR_RESERVED, spanned, S_FREE_ALL_BOOTMEM)
        for first_pfn, pages in holes:
            first = <uint32_t> (first_pfn - z.base)
            punch_hole(z, first, first + <uint32_t> pages)
        self.aims = aims
        self.log_room = log_records
        for b in range(IDENTITIES):
            self.last[b].holds = True
            self.last[b].order = -1
            self.last[b].mt = -1

    cdef void *_take(self, uint64_t count, uint64_t size) except NULL:
        """Zeroed memory; large arrays in huge pages, since their use has no locality to speak of."""
        cdef void *memory = calloc(count, size)
        if memory == NULL:
            raise MemoryError("the zone's state does not fit into memory")
        if count * size >= HUGE_BYTES_MIN:
            zs_huge(memory, count * size)
        return memory

    cdef void _empty_lists(self) noexcept:
        cdef unsigned mt, o, cpu
        for mt in range(MIGRATE_TYPES):
            for o in range(ORDERS_MAX):
                self.z.lists[mt][o].head = NIL
                self.z.lists[mt][o].tail = NIL
        for cpu in range(CPUS_MAX):
            for o in range(PCP_LISTS):
                self.z.pcp[cpu].lists[o].head = NIL
                self.z.pcp[cpu].lists[o].tail = NIL

    cdef int _policy(self, dict columns) except -1:
        """The columns come in the order of the struct's fields (sim_core/models/columns.py)."""
        cdef uint8_t *field = <uint8_t *> &self.z.policy
        cdef unsigned i = 0
        if len(columns) != sizeof(policy_t):
            raise ValueError(f"{len(columns)} columns for {sizeof(policy_t)} fields")
        for value in columns.values():
            field[i] = value
            i += 1
        return 0

    def __dealloc__(self):
        cdef zone_t *z = &self.m.zones[0]
        c_free(z.pages.link)
        c_free(z.pages.word)
        c_free(z.pages.top_link)
        c_free(z.pages.top_word)
        c_free(z.pages.fill)
        c_free(z.block_type)
        c_free(z.block_free)
        c_free(z.stamp)
        c_free(self.atlas.cell)
        c_free(self.atlas.stray)
        c_free(self.m.handles.table)
        c_free(self.m.handles.retired)
        c_free(self.m.handles.live)
        c_free(self.m.handles.age)
        c_free(self.m.log.ring)
        c_free(self.m.log.op_start)

    # ---- before the first operation ----

    def boot(self):
        """Free all memory, size watermarks, pcp lists and RESERVE blocks."""
        with nogil:
            boot(self.z)

    def start_log(self, bint writes=True):
        """Record every write from here on; what came before is boot.

        Args:
            writes: False: only what each operation was asked, and what came of it.
        """
        cdef uint64_t records = 1024, ops
        if not self.log_room:
            return
        while records < self.log_room:
            records *= 2
        ops = records // OPS_PER_RECORD
        self.m.log.ring = <record_t *> self._take(records, RECORD_BYTES)
        self.m.log.op_start = <uint64_t *> self._take(ops, 8)
        self.m.log.mask = records - 1
        self.m.log.op_mask = ops - 1
        self.m.log.recording = LOG_WRITES if writes else LOG_OPERATIONS
        self.m.log.first_op = self.m.op + 1
        self.m.log.next_op = self.m.op + 1

    def set_workload(self, orders, migratetypes, uint32_t low, uint32_t high, uint32_t kind=0,
                     params=()):
        """Which workload runs, from the next turn on.

        Args:
            orders: weights of its churn's requests, one an order, from 0 up, at most max_order of
                them, not all 0.
            migratetypes: weights of (UNMOVABLE, RECLAIMABLE, MOVABLE), not all 0.
            low, high: percent of present pages in use between which a coin decides.
            kind, params: of enum WorkloadKind, and of that kind's enum Parameter.
        """
        cdef unsigned o
        self.m.workload.order_total = 0
        for o in range(ORDERS_MAX):
            self.m.workload.order_weight[o] = orders[o] if o < len(orders) else 0
            self.m.workload.order_total += self.m.workload.order_weight[o]
        self.m.workload.type_weight[0] = migratetypes[2]
        self.m.workload.type_weight[1] = migratetypes[0]
        self.m.workload.type_weight[2] = migratetypes[1]
        self.m.workload.type_total = sum(migratetypes)
        self.m.workload.low = low
        self.m.workload.high = high
        self.m.workload.kind = kind
        for o in range(PARAMS_MAX):
            self.m.workload.param[o] = params[o] if o < len(params) else 0

    def set_watch(self, uint32_t identities):
        """Look at these identities (a bit each) after every operation; 0: none."""
        self.m.watch = identities & ((1 << COUNTED) - 1)

    # ---- arguments ----

    cdef uint32_t _page(self, uint64_t pfn) except? 0xFFFFFFFF:
        if not self.z.base + self.z.start <= pfn < self.z.base + self.z.end:
            raise RefusedError(f"pfn {pfn} is not in the zone", field="pfn",
                               allowed=f"{self.z.base + self.z.start} … "
                                       f"{self.z.base + self.z.end - 1}")
        return <uint32_t> (pfn - self.z.base)

    cdef uint32_t _stretch(self, uint64_t pfn, uint32_t pages) except? 0xFFFFFFFF:
        """As _page, for the first of so many pages."""
        cdef uint32_t p = self._page(pfn)
        if pages == 0 or pages > self.z.end - p:
            raise RefusedError(f"{pages} pages from pfn {pfn} are not in the zone",
                               field="nr_pages", allowed=f"1 … {self.z.end - p}")
        return p

    cdef uint32_t _block(self, uint32_t block) except? 0xFFFFFFFF:
        if block >= self.z.last_block - self.z.first_block:
            raise RefusedError(f"pageblock {block} is not in the zone", field="blocks",
                               allowed=f"0 … {self.z.last_block - self.z.first_block - 1}")
        return self.z.first_block + block

    cdef uint32_t _there(self, uint64_t pfn) except? 0xFFFFFFFF:
        """As _page, for a page that is no hole."""
        cdef uint32_t p = self._page(pfn)
        if page_state(&self.z.pages, p) == HOLE:
            raise RefusedError(f"pfn {pfn} lies in a hole", field="pfn",
                               allowed="a page that is there")
        return p

    cdef uint32_t _chunk(self, uint64_t pfn, unsigned order) except? 0xFFFFFFFF:
        cdef uint32_t p
        if order >= self.z.max_order:
            raise RefusedError(f"order {order} is beyond the zone's largest", field="order",
                               allowed=f"0 … {self.z.max_order - 1}")
        p = self._page(pfn)
        if p & ((1u << order) - 1) or p + (1u << order) > self.z.end:
            raise RefusedError(f"pfn {pfn} cannot begin a chunk of order {order}", field="pfn",
                               allowed=f"multiples of {1 << order} whose chunk ends in the zone")
        return p

    cdef uint8_t _in_use(self, uint32_t p) except? 0xFF:
        """State of the allocated or pinned head at p."""
        cdef uint8_t state = page_state(&self.z.pages, p)
        if state & KIND_MASK != ALLOCATED and state & KIND_MASK != PINNED:
            raise RefusedError(f"pfn {self.z.base + p} is not the head of a chunk in use",
                               field="pfn", allowed="the first page of an allocated chunk")
        return state

    cdef int _room(self, uint32_t more) except -1:
        if make_room(&self.m, more):
            raise MemoryError("no room for another handle")
        return 0

    cdef int64_t _end(self, int64_t ret):
        end_op(&self.m, False, ret)
        return ret

    # ---- operations ----

    def alloc(self, unsigned order, unsigned mt, bint lru):
        """Returns: PFN, or None if no list could serve."""
        cdef tally_t tally
        cdef uint32_t p
        if order >= self.z.max_order:
            raise RefusedError(f"order {order} is beyond the zone's largest", field="order",
                               allowed=f"0 … {self.z.max_order - 1}")
        if mt >= PCPTYPES:
            raise RefusedError(f"{MIGRATETYPES[mt]} cannot be asked for", field="migratetype",
                               allowed="UNMOVABLE, RECLAIMABLE, MOVABLE")
        self._room(1)
        memset(&tally, 0, sizeof(tally))
        with nogil:
            p = allocate(&self.m, self.z, order, mt, lru, False, &tally)
        return None if p == NIL else self.z.base + p

    def free(self, uint64_t pfn, int order=-1):
        """Give an allocated chunk back.

        Args:
            order: if given, must be the chunk's.
        """
        cdef tally_t tally
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = self._in_use(p)
        cdef int ret
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned: unpin it first", field="pfn",
                               allowed="a chunk that is not pinned")
        if order >= 0 and order != state & ORDER_MASK:
            raise RefusedError(f"the chunk at pfn {pfn} has order {state & ORDER_MASK}",
                               field="order", allowed=str(state & ORDER_MASK))
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = release(&self.m, self.z, p, state & ORDER_MASK, &tally)
        return ret

    def free_begin(self, uint64_t pfn):
        """The first half of a free: the type of the pageblock is read, nothing else happens yet."""
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = self._in_use(p)
        cdef unsigned order = state & ORDER_MASK
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned: unpin it first", field="pfn",
                               allowed="a chunk that is not pinned")
        begin_op(&self.m, OP_FREE_BEGIN, order, 0, 0, p, 1)
        let_go(&self.m, bound(&self.z.pages, p, order))
        begin_free(self.z, p, order)
        stamp_page(self.z, p)
        return self._end(0)

    def free_finish(self, uint64_t pfn):
        """The second half, by the type that the first one read: 0 or a Bug."""
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = page_state(&self.z.pages, p)
        if state & KIND_MASK != FREEING:
            raise RefusedError(f"pfn {pfn} is not half freed", field="pfn",
                               allowed="a chunk whose free has begun")
        begin_op(&self.m, OP_FREE_FINISH, state & ORDER_MASK, 0, 0, p, 1)
        return self._end(finish_free(&self.m, self.z, p))

    def drain(self):
        """drain_all_pages."""
        with nogil:
            begin_op(&self.m, OP_DRAIN, 0, 0, 0, NIL, 0)
            drain_all_pages(self.z)
            end_op(&self.m, False, 0)
        return 0

    def set_block_type(self, uint64_t pfn, unsigned mt, bint move):
        """Returns: pages moved."""
        cdef uint32_t p = self._page(pfn)
        cdef int64_t moved = 0
        cdef unsigned old = pageblock_migratetype(self.z, p)
        begin_op(&self.m, OP_SET_BLOCK_TYPE, 0, mt, move, p, 1)
        set_pageblock_migratetype(self.z, p, mt)
        if move:
            moved = move_freepages_block(self.z, p, old, mt, 0)
        return self._end(moved)

    def pin(self, uint64_t pfn):
        """A further reference on an allocated chunk: it can be neither migrated nor freed."""
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = self._in_use(p)
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned already", field="pfn",
                               allowed="a chunk that is not pinned")
        begin_op(&self.m, OP_PIN, state & ORDER_MASK, 0, 0, p, 1)
        let_go(&self.m, bound(&self.z.pages, p, state & ORDER_MASK))
        set_head(&self.z.pages, p, state & ORDER_MASK, PINNED | state & ORDER_MASK,
                 page_attr(&self.z.pages, p), S_PERSON)
        stamp_page(self.z, p)
        return self._end(0)

    def unpin(self, uint64_t pfn):
        """Drop the reference that pin took. The chunk is the person's from here on."""
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = self._in_use(p)
        if state & KIND_MASK != PINNED:
            raise RefusedError(f"pfn {pfn} is not pinned", field="pfn", allowed="a pinned chunk")
        begin_op(&self.m, OP_UNPIN, state & ORDER_MASK, 0, 0, p, 1)
        set_head(&self.z.pages, p, state & ORDER_MASK, ALLOCATED | state & ORDER_MASK,
                 page_attr(&self.z.pages, p), S_PERSON)
        stamp_page(self.z, p)
        return self._end(0)

    def mark_lru(self, uint64_t pfn, unsigned order, bint lru):
        """Set or clear the LRU flag of every chunk in use that begins in [pfn, pfn + 2^order)."""
        cdef uint32_t p = self._chunk(pfn, order), last = p + (1u << order)
        cdef uint8_t state = self._in_use(p), attr
        begin_op(&self.m, OP_MARK_LRU, order, 0, lru, p, 1)
        while p < last:
            state = page_state(&self.z.pages, p)
            if state & KIND_MASK == ALLOCATED or state & KIND_MASK == PINNED:
                attr = page_attr(&self.z.pages, p)
                set_head(&self.z.pages, p, state & ORDER_MASK, state,
                         attr | ATTR_LRU if lru else attr & ~<uint8_t> ATTR_LRU, S_PERSON)
                stamp_page(self.z, p)
            p += 1u << (state & ORDER_MASK)
        return self._end(0)

    def isolate(self, uint64_t pfn):
        """set_migratetype_isolate on the block of pfn: 0 or -EBUSY."""
        cdef uint32_t p = self._there(pfn)
        cdef int ret
        with nogil:
            begin_op(&self.m, OP_ISOLATE, 0, 0, 0, p, 1)
            ret = set_migratetype_isolate(self.z, p, self._restored(p))
            end_op(&self.m, False, ret)
        return ret

    def isolate_range(self, uint32_t block, uint32_t count):
        """start_isolate_page_range on whole blocks: 0 or -EBUSY."""
        cdef uint32_t first = self._range(block, count)
        cdef int ret
        with nogil:
            begin_op(&self.m, OP_ISOLATE, 0, 0, 0, first << self.z.block_order, count)
            ret = start_isolate_page_range(self.z, first, first + count,
                                           self._restored(first << self.z.block_order))
            end_op(&self.m, False, ret)
        return ret

    cdef unsigned _restored(self, uint32_t p) noexcept nogil:
        """The type that a block is to get again: CMA remains CMA."""
        return CMA if pageblock_migratetype(self.z, p) == CMA else MOVABLE

    def unisolate(self, uint64_t pfn, unsigned mt):
        """unset_migratetype_isolate; a block that is not ISOLATE is left alone."""
        cdef uint32_t p = self._there(pfn)
        if mt == ISOLATE:
            raise RefusedError("a block cannot be un-isolated to ISOLATE", field="migratetype",
                               allowed=", ".join(MIGRATETYPES[:ISOLATE]))
        with nogil:
            begin_op(&self.m, OP_UNISOLATE, 0, mt, 0, p, 1)
            unset_migratetype_isolate(self.z, p, mt)
            end_op(&self.m, False, 0)
        return 0

    def split_free_page(self, uint64_t pfn):
        """Returns: pages taken, 0 if the low watermark would not hold."""
        cdef uint32_t p = self._page(pfn)
        cdef uint8_t state = page_state(&self.z.pages, p)
        cdef unsigned order = state & ORDER_MASK
        cdef bint done
        if state & KIND_MASK != FREE:
            raise RefusedError(f"pfn {pfn} is not the head of a free chunk", field="pfn",
                               allowed="the first page of a chunk on a free list")
        self._room(1u << order)
        with nogil:
            begin_op(&self.m, OP_SPLIT_FREE_PAGE, order, 0, 0, p, 1)
            done = split_into_pages(&self.m, self.z, p, order)
            end_op(&self.m, False, 1 << order if done else 0)
        return 1 << order if done else 0

    def alloc_contig(self, uint64_t start_pfn, uint32_t nr_pages, unsigned mt):
        """alloc_contig_range: 0, -EBUSY, -ENOMEM or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages)
        cdef int ret
        if mt != CMA and mt != MOVABLE:
            raise RefusedError(f"a range cannot be taken out of {MIGRATETYPES[mt]} blocks",
                               field="migratetype", allowed="CMA, MOVABLE")
        self._room(nr_pages)
        with nogil:
            begin_op(&self.m, OP_ALLOC_CONTIG, 0, mt, 0, p, nr_pages)
            ret = alloc_contig_range(&self.m, self.z, p, p + nr_pages, mt)
            end_op(&self.m, False, ret)
        return ret

    def free_contig(self, uint64_t start_pfn, uint32_t nr_pages):
        """free_contig_range on single pages in use; 0 or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), page
        cdef int ret
        for page in range(p, p + nr_pages):
            if page_state(&self.z.pages, page) != ALLOCATED:
                raise RefusedError(f"pfn {self.z.base + page} is not a single page in use",
                                   field="start_pfn",
                                   allowed="pages as alloc_contig hands them out, none pinned")
        with nogil:
            begin_op(&self.m, OP_FREE_CONTIG, 0, 0, 0, p, nr_pages)
            ret = free_contig_range(&self.m, self.z, p, p + nr_pages)
            end_op(&self.m, False, ret)
        return ret

    def boot_free(self, uint64_t pfn, unsigned order):
        """Give reserved pages to the buddy lists by the direct path, order 0 too; 0 or a Bug."""
        cdef uint32_t p = self._chunk(pfn, order), page
        cdef uint8_t kind = page_state(&self.z.pages, p) & KIND_MASK
        for page in range(p, p + (1u << order)):
            if ((kind != RESERVED and kind != OFFLINE)
                    or page_state(&self.z.pages, page) & KIND_MASK != kind):
                raise RefusedError(f"pfn {self.z.base + page} is not reserved", field="pfn")
        begin_op(&self.m, OP_BOOT_FREE, order, 0, 0, p, 1)
        return self._end(free_now(self.z, p, order, self.z.policy.boot == BOOT_CHUNKS_TO_TAIL))

    def offline_isolated(self, uint64_t start_pfn, uint32_t nr_pages):
        """__offline_isolated_pages on a range made of free chunks and holes."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), last, page
        cdef uint8_t state
        last = p + nr_pages
        page = p
        while page < last:
            state = page_state(&self.z.pages, page)
            if state & KIND_MASK == FREE:
                page += 1u << (state & ORDER_MASK)
            elif state == HOLE:
                page += 1
            else:
                raise RefusedError(f"pfn {self.z.base + page} is no free chunk", field="nr_pages")
        with nogil:
            begin_op(&self.m, OP_OFFLINE_ISOLATED, 0, 0, 0, p, nr_pages)
            offline_isolated_pages(self.z, p, last)
            end_op(&self.m, False, 0)
        return 0

    def online_pages(self, uint64_t start_pfn, uint32_t nr_pages):
        """Free the reserved or offline pages of the range, as onlining does; 0 or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), page
        cdef uint8_t kind
        cdef int ret
        for page in range(p, p + nr_pages):
            kind = page_state(&self.z.pages, page) & KIND_MASK
            if kind != RESERVED and kind != OFFLINE and kind != HOLE:
                raise RefusedError(f"pfn {self.z.base + page} is not reserved", field="start_pfn")
        with nogil:
            begin_op(&self.m, OP_ONLINE_PAGES, 0, 0, 0, p, nr_pages)
            ret = online_page_range(self.z, p, p + nr_pages)
            end_op(&self.m, False, ret)
        return ret

    def offline(self, uint32_t block, uint32_t count):
        """offline_pages on whole blocks: 0, -EBUSY, -EAGAIN, -ENOMEM or a Bug."""
        cdef uint32_t first = self._range(block, count), p
        cdef uint8_t kind
        cdef int ret
        for p in range(max(first << self.z.block_order, self.z.start),
                       min((first + count) << self.z.block_order, self.z.end)):
            kind = page_state(&self.z.pages, p) & KIND_MASK
            if kind == OFFLINE:
                raise RefusedError(f"pfn {self.z.base + p} is offline already", field="blocks")
        with nogil:
            begin_op(&self.m, OP_OFFLINE, 0, 0, 0, first << self.z.block_order, count)
            ret = offline_pages(&self.m, self.z, first, first + count)
            end_op(&self.m, False, ret)
        return ret

    def online(self, uint32_t block, uint32_t count):
        """online_pages on whole offline blocks; 0 or a Bug."""
        cdef uint32_t first = self._range(block, count), p
        cdef uint8_t kind
        cdef int ret
        for p in range(max(first << self.z.block_order, self.z.start),
                       min((first + count) << self.z.block_order, self.z.end)):
            kind = page_state(&self.z.pages, p) & KIND_MASK
            if kind != OFFLINE and kind != HOLE:
                raise RefusedError(f"pfn {self.z.base + p} is not offline", field="blocks")
        with nogil:
            begin_op(&self.m, OP_ONLINE, 0, 0, 0, first << self.z.block_order, count)
            ret = online_pages(&self.m, self.z, first, first + count)
            end_op(&self.m, False, ret)
        return ret

    cdef uint32_t _range(self, uint32_t block, uint32_t count) except? 0xFFFFFFFF:
        cdef uint32_t first = self._block(block)
        if count == 0 or count > self.z.last_block - first:
            raise RefusedError(f"{count} blocks from {block} on are not in the zone",
                               field="blocks", allowed=f"1 … {self.z.last_block - first}")
        if pages_of_blocks(self.z, first, first + count) == 0:
            raise RefusedError(f"pageblock {block} is all hole", field="blocks",
                               allowed="blocks with pages")
        return first

    # ---- many operations in one call ----

    def run_workload(self, uint64_t turns, double within_s=0):
        """Turns of the workload.

        Args:
            within_s: seconds after which no further turn begins; 0: all of them.

        Returns: tally of what happened.
        """
        return self._unit().run_workload(self, turns, within_s)

    def _unit(self):
        """The unit compiled for what this node records."""
        from sim_core.mm import _logged, _outlined, _unlogged
        return (_unlogged, _outlined, _logged)[self.m.log.recording]

    def fill_workload(self, unsigned percent):
        """The workload's allocations until this share of present pages is in use."""
        cdef tally_t tally
        cdef int ret
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = fill_workload(&self.m, self.z, percent, &tally)
        return self._tally(ret, &tally)

    def free_block(self, uint32_t block):
        """Free every allocated, unpinned chunk that begins in the block, ascending."""
        cdef tally_t tally
        cdef uint32_t b = self._block(block)
        cdef int ret
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = free_block(&self.m, self.z, b, &tally)
        return self._tally(ret, &tally)

    def fill_block(self, uint32_t block, unsigned order, unsigned mt, bint lru, uint64_t limit):
        """Allocate until the block has no free page, a request fails, or `limit` were made."""
        cdef tally_t tally
        cdef uint32_t b = self._block(block)
        cdef int ret
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = fill_block(&self.m, self.z, b, order, mt, lru, limit, &tally)
        return self._tally(ret, &tally)

    def replay(self, const uint32_t[::1] handles, const uint8_t[::1] orders,
               const uint8_t[::1] mts, uint32_t[::1] pages, uint8_t[::1] sizes, uint64_t first,
               uint64_t last):
        """Operations [first, last) of a trace; see sim_core/mm/batch.pxd.

        Args:
            handles, orders, mts: [operations] each.
            pages, sizes: [handles of the trace], filled with NIL by the caller before the first call.

        Raises:
            RefusedError: arrays that do not fit each other.
        """
        cdef uint64_t i, room = <uint64_t> pages.shape[0]
        cdef unsigned wrong = 0, orders_end = self.z.max_order
        if last > <uint64_t> handles.shape[0] or first > last:
            raise RefusedError("the trace is not that long", field="last")
        if orders.shape[0] != handles.shape[0] or mts.shape[0] != handles.shape[0]:
            raise RefusedError("the trace's arrays differ in length", field="orders")
        if pages.shape[0] != sizes.shape[0]:
            raise RefusedError("pages and sizes differ in length", field="sizes")
        if first == last:
            return {}
        for i in range(first, last):
            wrong |= ((handles[i] >= room) | ((orders[i] != TRACE_FREE)
                      & ((orders[i] >= orders_end) | (mts[i] >= PCPTYPES))))
        if wrong:
            raise RefusedError("an operation names a handle, order or type that there is not",
                               field="handles",
                               allowed=f"handles below {room}, orders below {orders_end} or 255, "
                                       f"types below {PCPTYPES}")
        return self._unit().replay(self, handles, orders, mts, pages, sizes, first, last)

    cdef dict _tally(self, int ret, tally_t *tally):
        if ret == -1:
            raise MemoryError("no room for another handle")
        return {
            "operations": tally.operations, "allocated": tally.allocated, "failed": tally.failed,
            "freed": tally.freed, "idle": tally.idle, "refused": tally.refused,
            "done": tally.done,
        }
