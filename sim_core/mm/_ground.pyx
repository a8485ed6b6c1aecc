"""A node before its first operation: memory taken, model compiled, zone booted; and how arguments name
its pages, chunks and blocks."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free as c_free

from sim_core.mm.account cimport mod_stat
from sim_core.mm.boot cimport boot, punch_hole
from sim_core.mm.check cimport COUNTED, IDENTITIES
from sim_core.mm.log cimport LOG_OPERATIONS, LOG_WRITES, S_FREE_ALL_BOOTMEM, record_t
from sim_core.mm.memory cimport PARAMS_MAX, RANDOM_SEED, WATERMARK_SCALE_FACTOR, make_room
from sim_core.mm.operation cimport end_op
from sim_core.mm.page cimport (
    ALLOCATED, HOLE, KIND_MASK, NIL, PINNED, RESERVED, fill_at_boot, link_t, page_state,
)
from sim_core.mm.policy cimport fill_policy
from sim_core.mm.zone cimport (
    CPUS_MAX, MIGRATE_TYPES, MOVABLE, NR_RESERVED, ORDERS_MAX, PCP_LISTS, UNMOVABLE, ZONE_NORMAL, zone_t,
)

from sim_core.errors import RefusedError

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


cdef class Ground:
    """What a node stands on: its memory, its model, and the names of things in it.

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
        self.m.tunables.watermark_scale_factor = WATERMARK_SCALE_FACTOR
        z.kind = ZONE_NORMAL
        fill_policy(&z.policy, columns)
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
            boot(&self.m)

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
        self.z.touched = True

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
