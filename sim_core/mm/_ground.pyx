"""A node before its first operation: memory taken, model compiled, zone booted; and how arguments name
its pages, chunks and blocks."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free as c_free
from libc.string cimport memset

from sim_core.mm.account cimport mod_stat, set_stat
from sim_core.mm.boot cimport boot, punch_hole
from sim_core.mm.check cimport COUNTED, IDENTITIES, verdict_t
from sim_core.mm.log cimport LOG_OPERATIONS, LOG_WRITES, S_FREE_ALL_BOOTMEM, record_t
from sim_core.mm.frame cimport NO_CELL
from sim_core.mm.handles cimport make_room
from sim_core.mm.memory cimport (
    N_CPU, N_KSWAPD_PRIORITY, N_SWAP_FREE, OWNERS_MAX, RANDOM_SEED, SETTINGS,
    WATERMARK_SCALE_FACTOR, set_setting, workload_t, zone_of, zone_of_block, zone_with,
)
from sim_core.mm.operation cimport end_op
from sim_core.mm.page cimport (
    ALLOCATED, HOLE, KIND_MASK, NIL, PINNED, RESERVED, fill_at_boot, link_t, page_state,
)
from sim_core.mm.policy cimport fill_policy
from sim_core.mm.reclaim cimport DEF_PRIORITY
from sim_core.mm.zone cimport (
    CMA, CPUS_MAX, LRU_HAND_ANON, LRU_HAND_FILE, MIGRATE_TYPES, MOVABLE, NR_RESERVED, ORDERS_MAX,
    PCP_LISTS, UNMOVABLE, ZONES_MAX, zone_t,
)

from sim_core.config import CPUS_MAX as CPUS, OWNERS_MAX as OWNERS, ZONES_MAX as ZONES
from sim_core.errors import RefusedError

assert (CPUS, OWNERS, ZONES) == (CPUS_MAX, OWNERS_MAX, ZONES_MAX)

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


cdef void _empty_lists(zone_t *z) noexcept:
    cdef unsigned mt, o, cpu
    for mt in range(MIGRATE_TYPES):
        for o in range(ORDERS_MAX):
            z.lists[mt][o].head = NIL
            z.lists[mt][o].tail = NIL
    for cpu in range(CPUS_MAX):
        for o in range(PCP_LISTS):
            z.pcp[cpu].lists[o].head = NIL
            z.pcp[cpu].lists[o].tail = NIL


cdef void _reserve_all(zone_t *z) noexcept:
    """All pages are reserved until boot frees them."""
    cdef uint32_t b
    for b in range(z.first_block, z.last_block):
        fill_at_boot(&z.pages, b, RESERVED)
        # memmap_init_zone types a block by its first page, so a partial first block stays 0.
        z.block_type[b] = MOVABLE if z.start <= b << z.block_order else UNMOVABLE
        z.stamp[b] = 1
    mod_stat(z, NR_RESERVED, z.end - z.start, S_FREE_ALL_BOOTMEM)


cdef void _start_verdicts(verdict_t *verdicts) noexcept:
    cdef unsigned i
    for i in range(IDENTITIES):
        verdicts[i].holds = True
        verdicts[i].order = -1
        verdicts[i].mt = -1


cdef class Ground:
    """What a node stands on: its memory, its model, and the names of things in it.

    Args:
        columns: every field of policy_t, in its order (sim_core.models.Row.columns()).
        zones: (ZoneKind, first pfn, pages it spans, lowmem_reserve_ratio) of each, ascending; any
            start, any end, but that each after the first begins at a multiple of the largest chunk.
        whole: requests go by zonelist, watermarks and reclaim; else the only zone answers all.
        swap_pages: that anonymous memory may go to.
        block_order, max_order: pageblock_order, and the exclusive bound of orders.
        high, batch: pcp sizes; `derived`: they follow present pages instead.
        holes: (first pfn, pages) ranges inside a zone without a struct page.
        log_records: records of the log to keep, rounded up to a power of two; 0: no log.

    Arguments are taken as they are: sim_core.config has checked them.

    Raises:
        MemoryError: the state does not fit.
    """
    def __cinit__(self, dict columns, zones, unsigned block_order, unsigned max_order, uint32_t high,
                  uint32_t batch, bint derived, unsigned cpus, holes, uint64_t log_records,
                  uint64_t seed, uint32_t aims, bint whole=False, int64_t swap_pages=0):
        cdef uint64_t largest = <uint64_t> 1 << (max_order - 1), pages
        cdef unsigned i, top = len(zones) - 1
        cdef zone_t *z
        self.m.nr_zones = len(zones)
        self.m.whole = whole
        self.m.number[N_SWAP_FREE] = swap_pages
        self.m.number[N_KSWAPD_PRIORITY] = DEF_PRIORITY if whole else 0
        self.m.tunables.watermark_scale_factor = WATERMARK_SCALE_FACTOR
        self.m.base = zones[0][1] & ~(largest - 1)
        self.m.epoch = 1
        self.m.op_bound = <uint64_t> -1
        self.m.random = <uint64_t> RANDOM_SEED + (seed - 1) * <uint64_t> 0x9E3779B97F4A7C15
        if self.m.random == 0:
            self.m.random = <uint64_t> RANDOM_SEED
        pages = (zones[top][1] + zones[top][2] + largest - 1 & ~(largest - 1)) - self.m.base
        self._take_map(pages, pages >> block_order)
        for i in range(self.m.nr_zones):
            z = &self.m.zones[i]
            z.slot = <uint8_t> i
            z.nr_zones = <uint8_t> self.m.nr_zones
            self.m.tunables.lowmem_reserve_ratio[i] = zones[i][3]
            z.kind = zones[i][0]
            z.base = self.m.base
            z.start = <uint32_t> (zones[i][1] - self.m.base)
            z.end = z.start + <uint32_t> zones[i][2]
            z.block_order = block_order
            z.max_order = max_order
            z.first_block = z.start >> block_order
            z.last_block = ((z.end - 1) >> block_order) + 1
            z.cpus = cpus
            z.pcp_high = high
            z.pcp_high_max = high
            z.pcp_batch = batch
            z.pcp_derived = derived
            z.epoch = &self.m.epoch
            z.cpu = &self.m.number[N_CPU]
            z.log = &self.m.log
            fill_policy(&z.policy, columns)
            self._share_map(z)
            set_stat(z, LRU_HAND_FILE, z.start, S_FREE_ALL_BOOTMEM)
            set_stat(z, LRU_HAND_ANON, z.start, S_FREE_ALL_BOOTMEM)
            _empty_lists(z)
            _reserve_all(z)
            _start_verdicts(self.last[i])
        self.m.first_block = self.m.zones[0].first_block
        self.m.last_block = self.m.zones[top].last_block
        for first_pfn, hole_pages in holes:
            self._punch(first_pfn, hole_pages)
        self.aims = aims
        self.log_room = log_records

    cdef int _take_map(self, uint64_t pages, uint64_t blocks) except -1:
        """Records of all pages and blocks, the gaps between zones included, which nobody ever touches."""
        cdef uint64_t b
        self.map.link = <link_t *> self._take(pages, sizeof(link_t))
        self.map.word = <uint16_t *> self._take(pages, 2)
        self.map.top_link = <link_t *> self._take(blocks, sizeof(link_t))
        self.map.top_word = <uint16_t *> self._take(blocks, 2)
        self.map.fill = <uint8_t *> self._take(blocks, 1)
        self.block_type = <uint8_t *> self._take(blocks, 1)
        self.block_free = <uint16_t *> self._take(blocks, 2)
        self.stamp = <uint32_t *> self._take(blocks, 4)
        self.atlas.cell = <uint32_t *> self._take(blocks, 4)
        self.atlas.stray = <uint16_t *> self._take(blocks, 2)
        for b in range(blocks):
            fill_at_boot(&self.map, <uint32_t> b, HOLE)
            self.atlas.cell[b] = NO_CELL
        return 0

    cdef void _share_map(self, zone_t *z) noexcept:
        z.pages = self.map
        z.pages.block_order = z.block_order
        z.pages.start = z.start
        z.pages.end = z.end
        z.pages.log = z.log
        z.block_type = self.block_type
        z.block_free = self.block_free
        z.stamp = self.stamp

    cdef int _punch(self, uint64_t first_pfn, uint64_t pages) except -1:
        cdef uint32_t first = self._page(first_pfn)
        punch_hole(self._zone_of(first), first, first + <uint32_t> pages)
        return 0

    cdef void *_take(self, uint64_t count, uint64_t size) except NULL:
        """Zeroed memory; large arrays in huge pages, since their use has no locality to speak of."""
        cdef void *memory = calloc(count, size)
        if memory == NULL:
            raise MemoryError("the zone's state does not fit into memory")
        if count * size >= HUGE_BYTES_MIN:
            zs_huge(memory, count * size)
        return memory

    def __dealloc__(self):
        c_free(self.map.link)
        c_free(self.map.word)
        c_free(self.map.top_link)
        c_free(self.map.top_word)
        c_free(self.map.fill)
        c_free(self.block_type)
        c_free(self.block_free)
        c_free(self.stamp)
        c_free(self.atlas.cell)
        c_free(self.atlas.stray)
        c_free(self.m.handles.table)
        c_free(self.m.handles.retired)
        c_free(self.m.handles.live)
        c_free(self.m.handles.age)
        c_free(self.m.log.ring)
        c_free(self.m.log.op_start)

    # ---- before the first operation ----

    def set_cma(self, uint64_t start_pfn, uint32_t nr_pages):
        """These pages, whole pageblocks, are a CMA area: to be called before boot."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), b
        cdef zone_t *z = self._zone_of(p)
        for b in range(p >> z.block_order, (p + nr_pages) >> z.block_order):
            z.block_type[b] = CMA

    def boot(self, int64_t min_free_kbytes=-1):
        """Free all memory, size watermarks, pcp lists and RESERVE blocks.

        Args:
            min_free_kbytes: negative: worked out from the zones' sizes.
        """
        with nogil:
            boot(&self.m, min_free_kbytes)

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
        """Which workload runs, from the first turn on.

        Args:
            orders: weights of its churn's requests, one an order, from 0 up, at most max_order of
                them, not all 0.
            migratetypes: weights of (UNMOVABLE, RECLAIMABLE, MOVABLE), not all 0.
            low, high: percent of present pages in use between which a coin decides.
            kind, params: of enum WorkloadKind, and of that kind's enum Parameter.
        """
        self._write_workload(orders, migratetypes, low, high, kind, params)

    cdef int _write_workload(self, orders, migratetypes, uint32_t low, uint32_t high, uint32_t kind,
                             params) except -1:
        cdef workload_t wanted
        cdef unsigned i
        memset(&wanted, 0, sizeof(wanted))
        for i in range(len(orders)):
            wanted.order_weight[i] = orders[i]
        wanted.order_total = sum(orders)
        wanted.type_weight[0] = migratetypes[2]
        wanted.type_weight[1] = migratetypes[0]
        wanted.type_weight[2] = migratetypes[1]
        wanted.type_total = sum(migratetypes)
        wanted.low = low
        wanted.high = high
        wanted.kind = kind
        for i in range(len(params)):
            wanted.param[i] = params[i]
        for i in range(SETTINGS):
            set_setting(&self.m, i, (<uint32_t *> &wanted)[i])
        return 0

    def set_watch(self, uint32_t identities):
        """Look at these identities (a bit each) after every operation; 0: none."""
        cdef unsigned i
        self.m.watch = identities & ((1 << COUNTED) - 1)
        for i in range(self.m.nr_zones):
            self.m.zones[i].touched = True

    # ---- arguments ----

    cdef zone_t *_zone(self, unsigned slot) except NULL:
        if slot >= self.m.nr_zones:
            raise RefusedError(f"the node has no zone {slot}", field="zone",
                               allowed=f"0 … {self.m.nr_zones - 1}")
        return &self.m.zones[slot]

    cdef zone_t *_zone_of(self, uint32_t p) noexcept:
        """Of a page that lies in one."""
        return zone_of(&self.m, p)

    def _pfns(self):
        """The PFNs of all zones, in words."""
        cdef unsigned i
        return ", ".join(f"{self.m.base + self.m.zones[i].start} … "
                         f"{self.m.base + self.m.zones[i].end - 1}" for i in range(self.m.nr_zones))

    cdef uint32_t _page(self, uint64_t pfn) except? 0xFFFFFFFF:
        if (not self.m.base <= pfn < self.m.base + NIL
                or zone_with(&self.m, <uint32_t> (pfn - self.m.base)) == NULL):
            where = "the zone" if self.m.nr_zones == 1 else "a zone"
            raise RefusedError(f"pfn {pfn} is not in {where}", field="pfn", allowed=self._pfns())
        return <uint32_t> (pfn - self.m.base)

    cdef uint32_t _stretch(self, uint64_t pfn, uint32_t pages) except? 0xFFFFFFFF:
        """As _page, for the first of so many pages of one zone."""
        cdef uint32_t p = self._page(pfn)
        cdef uint32_t most = self._zone_of(p).end - p
        if pages == 0 or pages > most:
            raise RefusedError(f"{pages} pages from pfn {pfn} are not in the zone",
                               field="nr_pages", allowed=f"1 … {most}")
        return p

    cdef uint32_t _block(self, uint32_t block) except? 0xFFFFFFFF:
        """A block by its number in the node, from the lowest zone's first on."""
        cdef uint32_t b = self.m.first_block + block
        cdef unsigned i
        for i in range(self.m.nr_zones):
            if self.m.zones[i].first_block <= b < self.m.zones[i].last_block:
                return b
        raise RefusedError(f"pageblock {block} is not in {'the' if self.m.nr_zones == 1 else 'a'} zone",
                           field="blocks", allowed=", ".join(
                               f"{self.m.zones[i].first_block - self.m.first_block} … "
                               f"{self.m.zones[i].last_block - self.m.first_block - 1}"
                               for i in range(self.m.nr_zones)))

    cdef zone_t *_zone_of_block(self, uint32_t b) noexcept:
        """Of a block as _block gives it."""
        return zone_of_block(&self.m, b)

    cdef uint32_t _there(self, uint64_t pfn) except? 0xFFFFFFFF:
        """As _page, for a page that is no hole."""
        cdef uint32_t p = self._page(pfn)
        if page_state(&self._zone_of(p).pages, p) == HOLE:
            raise RefusedError(f"pfn {pfn} lies in a hole", field="pfn",
                               allowed="a page that is there")
        return p

    cdef uint32_t _chunk(self, uint64_t pfn, unsigned order) except? 0xFFFFFFFF:
        cdef uint32_t p
        cdef unsigned bound = self.m.zones[0].max_order
        if order >= bound:
            raise RefusedError(f"order {order} is beyond the zone's largest", field="order",
                               allowed=f"0 … {bound - 1}")
        p = self._page(pfn)
        if p & ((1u << order) - 1) or p + (1u << order) > self._zone_of(p).end:
            raise RefusedError(f"pfn {pfn} cannot begin a chunk of order {order}", field="pfn",
                               allowed=f"multiples of {1 << order} whose chunk ends in the zone")
        return p

    cdef uint8_t _in_use(self, uint32_t p) except? 0xFF:
        """State of the allocated or pinned head at p."""
        cdef uint8_t state = page_state(&self._zone_of(p).pages, p)
        if state & KIND_MASK != ALLOCATED and state & KIND_MASK != PINNED:
            raise RefusedError(f"pfn {self.m.base + p} is not the head of a chunk in use",
                               field="pfn", allowed="the first page of an allocated chunk")
        return state

    cdef int _room(self, uint32_t more) except -1:
        if make_room(&self.m, more):
            raise MemoryError("no room for another handle")
        return 0

    cdef int64_t _end(self, int64_t ret):
        end_op(&self.m, False, ret)
        return ret
