"""The Python face of the core: thin classes that check arguments, drop the GIL, call, and raise.

Addresses are absolute PFNs, blocks are numbered from the zone's first, migratetypes are indices into
sim_core.vocabulary.MIGRATETYPES. Every method that is an operation gives it the next number. What it
returns is what the kernel function would: a count, a PFN, or a negative errno; a kernel BUG is the
negative code found in `stopped`.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memset

from sim_core.mm.account cimport mod_lru
from sim_core.mm.batch cimport allocate, fill_block, fill_workload, free_block, release
from sim_core.mm.boot cimport free_now
from sim_core.mm.buddy cimport move_freepages_block, set_pageblock_migratetype
from sim_core.mm.contig cimport alloc_contig_range, free_contig_range
from sim_core.mm.hotplug cimport (
    offline_pages, online_page_range, online_pages, pages_of_blocks,
)
from sim_core.mm.inuse cimport begin_free, finish_free, split_into_pages
from sim_core.mm.isolate cimport (
    restored_type, set_migratetype_isolate, start_isolate_page_range, unset_migratetype_isolate,
)
from sim_core.mm.kswapd cimport kswapd_step
from sim_core.mm.log cimport ANON_FLAG, ATOMIC_FLAG, LOG_WRITES, LRU_FLAG, S_HANDLES, S_PERSON
from sim_core.mm.handles cimport let_go
from sim_core.mm.memory cimport N_CPU, OWNERS_MAX, set_node
from sim_core.mm.oom cimport out_of_memory
from sim_core.mm.operation cimport (
    OP_ALLOC_CONTIG, OP_BOOT_FREE, OP_DRAIN, OP_FREE_BEGIN, OP_FREE_CONTIG, OP_FREE_FINISH,
    OP_ISOLATE, OP_KSWAPD_STEP, OP_MARK_LRU, OP_OFFLINE, OP_OFFLINE_ISOLATED, OP_ONLINE,
    OP_ONLINE_PAGES, OP_OOM_KILL, OP_RUN_ON, OP_PIN, OP_SET_BLOCK_TYPE, OP_SET_WORKLOAD,
    OP_SPLIT_FREE_PAGE, OP_UNISOLATE, OP_UNPIN, OP_WRITE_MIN_FREE_KBYTES, begin_op, end_op,
)
from sim_core.mm.page cimport (
    ALLOCATED, ATTR_ANON, ATTR_LRU, FREE, FREEING, HOLE, KIND_MASK, NIL, OFFLINE, ORDER_MASK,
    PINNED, RESERVED, bound, page_attr, page_state, pages_of, set_head,
)
from sim_core.mm.page_alloc cimport drain_all_pages
from sim_core.mm.policy cimport BOOT_CHUNKS_TO_TAIL
from sim_core.mm.sizes cimport setup_per_zone_wmarks
from sim_core.mm.stamp cimport stamp_page
from sim_core.mm.take cimport offline_isolated_pages
from sim_core.mm.turn cimport fill_request, tally_t
from sim_core.mm.zone cimport (
    CMA, ISOLATE, MOVABLE, PCPTYPES, pageblock_migratetype, zone_t,
)
from sim_core.mm.zonelist cimport request_t

from sim_core.errors import RefusedError
from sim_core.vocabulary import MIGRATETYPES


cdef class Node(Ground):
    """One node of memory under one accounting model; what it is made of, Ground says."""

    # ---- operations ----

    def alloc(self, unsigned order, unsigned mt, bint lru, bint atomic=False, classzone_idx=None,
              bint anon=False, unsigned owner=0):
        """Ask for a chunk.

        Args:
            lru: it is on the LRU from the start; `anon`: as anonymous memory.
            atomic: who asks cannot wait: 6.x has HIGHATOMIC blocks for those of higher orders.
            classzone_idx: slot of the highest zone it may come from; None: of movable chunks any, else of
                those that are not above Normal.
            owner: process that it belongs to; 0: none.

        Returns: PFN, or None if there was none to be had: `requested` says why.
        """
        cdef tally_t tally
        cdef request_t request
        cdef unsigned flag
        cdef uint32_t p
        self._fill_request(&request, order, mt, classzone_idx)
        if owner > OWNERS_MAX:
            raise RefusedError("there are not so many processes", field="owner",
                               allowed=f"0 … {OWNERS_MAX}")
        request.atomic = atomic
        request.owner = owner
        self._room(1)
        memset(&tally, 0, sizeof(tally))
        flag = ((LRU_FLAG if lru else 0) | (ATOMIC_FLAG if atomic else 0)
                | (ANON_FLAG if lru and anon else 0))
        # Reclaim may take its time. Else letting the GIL go would take longer than the request.
        if self.m.whole:
            with nogil:
                p = allocate(&self.m, &request, flag, &tally)
        else:
            p = allocate(&self.m, &request, flag, &tally)
        return None if p == NIL else self.m.base + p

    cdef int _fill_request(self, request_t *request, unsigned order, unsigned mt, classzone_idx) except -1:
        cdef unsigned orders = self.m.zones[0].max_order
        if order >= orders:
            raise RefusedError(f"order {order} is beyond the zone's largest", field="order",
                               allowed=f"0 … {orders - 1}")
        if mt >= PCPTYPES:
            raise RefusedError(f"{MIGRATETYPES[mt]} cannot be asked for", field="migratetype",
                               allowed="UNMOVABLE, RECLAIMABLE, MOVABLE")
        fill_request(&self.m, order, mt, request)
        if classzone_idx is not None:
            self._zone(classzone_idx)
            request.classzone_idx = classzone_idx
        return 0

    def free(self, uint64_t pfn, int order=-1):
        """Give an allocated chunk back.

        Args:
            order: if given, must be the chunk's.
        """
        cdef tally_t tally
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = self._in_use(p)
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned: unpin it first", field="pfn",
                               allowed="a chunk that is not pinned")
        if order >= 0 and order != state & ORDER_MASK:
            raise RefusedError(f"the chunk at pfn {pfn} has order {state & ORDER_MASK}",
                               field="order", allowed=str(state & ORDER_MASK))
        memset(&tally, 0, sizeof(tally))
        return release(&self.m, z, p, state & ORDER_MASK, &tally)

    def free_begin(self, uint64_t pfn):
        """The first half of a free: the type of the pageblock is read, nothing else happens yet."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = self._in_use(p)
        cdef unsigned order = state & ORDER_MASK
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned: unpin it first", field="pfn",
                               allowed="a chunk that is not pinned")
        begin_op(&self.m, OP_FREE_BEGIN, order, 0, 0, p, 1)
        let_go(&self.m, bound(&z.pages, p, order))
        begin_free(z, p, order)
        stamp_page(z, p)
        return self._end(0)

    def free_finish(self, uint64_t pfn):
        """The second half, by the type that the first one read: 0 or a Bug."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = page_state(&z.pages, p)
        if state & KIND_MASK != FREEING:
            raise RefusedError(f"pfn {pfn} is not half freed", field="pfn",
                               allowed="a chunk whose free has begun")
        begin_op(&self.m, OP_FREE_FINISH, state & ORDER_MASK, 0, 0, p, 1)
        return self._end(finish_free(&self.m, z, p))

    def drain(self):
        """drain_all_pages."""
        with nogil:
            begin_op(&self.m, OP_DRAIN, 0, 0, 0, NIL, 0)
            drain_all_pages(&self.m.zones[0])
            end_op(&self.m, False, 0)
        return 0

    def set_block_type(self, uint64_t pfn, unsigned mt, bint move):
        """Returns: pages moved."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef int64_t moved = 0
        cdef unsigned old = pageblock_migratetype(z, p)
        begin_op(&self.m, OP_SET_BLOCK_TYPE, 0, mt, move, p, 1)
        set_pageblock_migratetype(z, p, mt)
        if move:
            moved = move_freepages_block(z, p, old, mt, 0)
        return self._end(moved)

    def pin(self, uint64_t pfn):
        """A further reference on an allocated chunk: it can be neither migrated nor freed."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = self._in_use(p)
        if state & KIND_MASK == PINNED:
            raise RefusedError(f"pfn {pfn} is pinned already", field="pfn",
                               allowed="a chunk that is not pinned")
        begin_op(&self.m, OP_PIN, state & ORDER_MASK, 0, 0, p, 1)
        let_go(&self.m, bound(&z.pages, p, state & ORDER_MASK))
        set_head(&z.pages, p, state & ORDER_MASK, PINNED | state & ORDER_MASK,
                 page_attr(&z.pages, p), S_PERSON)
        stamp_page(z, p)
        return self._end(0)

    def unpin(self, uint64_t pfn):
        """Drop the reference that pin took. The chunk is the person's from here on."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = self._in_use(p)
        if state & KIND_MASK != PINNED:
            raise RefusedError(f"pfn {pfn} is not pinned", field="pfn", allowed="a pinned chunk")
        begin_op(&self.m, OP_UNPIN, state & ORDER_MASK, 0, 0, p, 1)
        set_head(&z.pages, p, state & ORDER_MASK, ALLOCATED | state & ORDER_MASK,
                 page_attr(&z.pages, p), S_PERSON)
        stamp_page(z, p)
        return self._end(0)

    def mark_lru(self, uint64_t pfn, unsigned order, bint lru, bint anon=False):
        """Set or clear the LRU flag of every chunk in use that begins in [pfn, pfn + 2^order).

        Args:
            anon: as anonymous memory.
        """
        cdef uint32_t p = self._chunk(pfn, order), last = p + (1u << order)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = self._in_use(p), attr
        begin_op(&self.m, OP_MARK_LRU, order, 0, lru, p, 1)
        while p < last:
            state = page_state(&z.pages, p)
            if state & KIND_MASK == ALLOCATED or state & KIND_MASK == PINNED:
                attr = page_attr(&z.pages, p)
                mod_lru(z, attr, -<int64_t> pages_of(state), S_PERSON)
                attr &= ~<uint8_t> (ATTR_LRU | ATTR_ANON)
                if lru:
                    attr |= ATTR_LRU | (ATTR_ANON if anon else 0)
                mod_lru(z, attr, pages_of(state), S_PERSON)
                set_head(&z.pages, p, state & ORDER_MASK, state, attr, S_PERSON)
                stamp_page(z, p)
            p += pages_of(state)
        return self._end(0)

    def isolate(self, uint64_t pfn):
        """set_migratetype_isolate on the block of pfn: 0 or -EBUSY."""
        cdef uint32_t p = self._there(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef int ret
        with nogil:
            begin_op(&self.m, OP_ISOLATE, 0, 0, 0, p, 1)
            ret = set_migratetype_isolate(z, p, restored_type(z, p))
            end_op(&self.m, False, ret)
        return ret

    def isolate_range(self, uint32_t block, uint32_t count):
        """start_isolate_page_range on whole blocks: 0 or -EBUSY."""
        cdef uint32_t first = self._range(block, count)
        cdef zone_t *z = self._zone_of_block(first)
        cdef int ret
        with nogil:
            begin_op(&self.m, OP_ISOLATE, 0, 0, 0, first << z.block_order, count)
            ret = start_isolate_page_range(z, first, first + count,
                                           restored_type(z, first << z.block_order))
            end_op(&self.m, False, ret)
        return ret

    def unisolate(self, uint64_t pfn, unsigned mt):
        """unset_migratetype_isolate; a block that is not ISOLATE is left alone."""
        cdef uint32_t p = self._there(pfn)
        cdef zone_t *z = self._zone_of(p)
        if mt == ISOLATE:
            raise RefusedError("a block cannot be un-isolated to ISOLATE", field="migratetype",
                               allowed=", ".join(MIGRATETYPES[:ISOLATE]))
        with nogil:
            begin_op(&self.m, OP_UNISOLATE, 0, mt, 0, p, 1)
            unset_migratetype_isolate(z, p, mt)
            end_op(&self.m, False, 0)
        return 0

    def split_free_page(self, uint64_t pfn):
        """Returns: pages taken, 0 if the low watermark would not hold."""
        cdef uint32_t p = self._page(pfn)
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state = page_state(&z.pages, p)
        cdef unsigned order = state & ORDER_MASK
        cdef bint done
        if state & KIND_MASK != FREE:
            raise RefusedError(f"pfn {pfn} is not the head of a free chunk", field="pfn",
                               allowed="the first page of a chunk on a free list")
        self._room(1u << order)
        with nogil:
            begin_op(&self.m, OP_SPLIT_FREE_PAGE, order, 0, 0, p, 1)
            done = split_into_pages(&self.m, z, p, order)
            end_op(&self.m, False, 1 << order if done else 0)
        return 1 << order if done else 0

    def alloc_contig(self, uint64_t start_pfn, uint32_t nr_pages, unsigned mt):
        """alloc_contig_range: 0, -EBUSY, -ENOMEM or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages)
        cdef zone_t *z = self._zone_of(p)
        cdef int ret
        if mt != CMA and mt != MOVABLE:
            raise RefusedError(f"a range cannot be taken out of {MIGRATETYPES[mt]} blocks",
                               field="migratetype", allowed="CMA, MOVABLE")
        self._room(nr_pages)
        with nogil:
            begin_op(&self.m, OP_ALLOC_CONTIG, 0, mt, 0, p, nr_pages)
            ret = alloc_contig_range(&self.m, z, p, p + nr_pages, mt)
            end_op(&self.m, False, ret)
        return ret

    def free_contig(self, uint64_t start_pfn, uint32_t nr_pages):
        """free_contig_range on single pages in use; 0 or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), page
        cdef zone_t *z = self._zone_of(p)
        cdef int ret
        for page in range(p, p + nr_pages):
            if page_state(&z.pages, page) != ALLOCATED:
                raise RefusedError(f"pfn {z.base + page} is not a single page in use",
                                   field="start_pfn",
                                   allowed="pages as alloc_contig hands them out, none pinned")
        with nogil:
            begin_op(&self.m, OP_FREE_CONTIG, 0, 0, 0, p, nr_pages)
            ret = free_contig_range(&self.m, z, p, p + nr_pages)
            end_op(&self.m, False, ret)
        return ret

    def boot_free(self, uint64_t pfn, unsigned order):
        """Give reserved pages to the buddy lists by the direct path, order 0 too; 0 or a Bug."""
        cdef uint32_t p = self._chunk(pfn, order), page
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t kind = page_state(&z.pages, p) & KIND_MASK
        for page in range(p, p + (1u << order)):
            if ((kind != RESERVED and kind != OFFLINE)
                    or page_state(&z.pages, page) & KIND_MASK != kind):
                raise RefusedError(f"pfn {z.base + page} is not reserved", field="pfn")
        begin_op(&self.m, OP_BOOT_FREE, order, 0, 0, p, 1)
        return self._end(free_now(z, p, order, z.policy.boot == BOOT_CHUNKS_TO_TAIL))

    def offline_isolated(self, uint64_t start_pfn, uint32_t nr_pages):
        """__offline_isolated_pages on a range made of free chunks and holes."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), last, page
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t state
        last = p + nr_pages
        page = p
        while page < last:
            state = page_state(&z.pages, page)
            if state & KIND_MASK == FREE:
                page += pages_of(state)
            elif state == HOLE:
                page += 1
            else:
                raise RefusedError(f"pfn {z.base + page} is no free chunk", field="nr_pages")
        with nogil:
            begin_op(&self.m, OP_OFFLINE_ISOLATED, 0, 0, 0, p, nr_pages)
            offline_isolated_pages(z, p, last)
            end_op(&self.m, False, 0)
        return 0

    def online_pages(self, uint64_t start_pfn, uint32_t nr_pages):
        """Free the reserved or offline pages of the range, as onlining does; 0 or a Bug."""
        cdef uint32_t p = self._stretch(start_pfn, nr_pages), page
        cdef zone_t *z = self._zone_of(p)
        cdef uint8_t kind
        cdef int ret
        for page in range(p, p + nr_pages):
            kind = page_state(&z.pages, page) & KIND_MASK
            if kind != RESERVED and kind != OFFLINE and kind != HOLE:
                raise RefusedError(f"pfn {z.base + page} is not reserved", field="start_pfn")
        with nogil:
            begin_op(&self.m, OP_ONLINE_PAGES, 0, 0, 0, p, nr_pages)
            ret = online_page_range(z, p, p + nr_pages)
            end_op(&self.m, False, ret)
        return ret

    def offline(self, uint32_t block, uint32_t count):
        """offline_pages on whole blocks: 0, -EBUSY, -EAGAIN, -ENOMEM, -EINTR or a Bug."""
        cdef uint32_t first = self._range(block, count), p
        cdef zone_t *z = self._zone_of_block(first)
        cdef uint8_t kind
        cdef int ret
        for p in range(max(first << z.block_order, z.start),
                       min((first + count) << z.block_order, z.end)):
            kind = page_state(&z.pages, p) & KIND_MASK
            if kind == OFFLINE:
                raise RefusedError(f"pfn {z.base + p} is offline already", field="blocks")
        with nogil:
            begin_op(&self.m, OP_OFFLINE, 0, 0, 0, first << z.block_order, count)
            ret = offline_pages(&self.m, z, first, first + count)
            end_op(&self.m, False, ret)
        return ret

    def online(self, uint32_t block, uint32_t count):
        """online_pages on whole offline blocks; 0 or a Bug."""
        cdef uint32_t first = self._range(block, count), p
        cdef zone_t *z = self._zone_of_block(first)
        cdef uint8_t kind
        cdef int ret
        for p in range(max(first << z.block_order, z.start),
                       min((first + count) << z.block_order, z.end)):
            kind = page_state(&z.pages, p) & KIND_MASK
            if kind != OFFLINE and kind != HOLE:
                raise RefusedError(f"pfn {z.base + p} is not offline", field="blocks")
        with nogil:
            begin_op(&self.m, OP_ONLINE, 0, 0, 0, first << z.block_order, count)
            ret = online_pages(&self.m, z, first, first + count)
            end_op(&self.m, False, ret)
        return ret

    cdef uint32_t _range(self, uint32_t block, uint32_t count) except? 0xFFFFFFFF:
        cdef uint32_t first = self._block(block)
        cdef zone_t *z = self._zone_of_block(first)
        if count == 0 or count > z.last_block - first:
            raise RefusedError(f"{count} blocks from {block} on are not in the zone",
                               field="blocks", allowed=f"1 … {z.last_block - first}")
        if pages_of_blocks(z, first, first + count) == 0:
            raise RefusedError(f"pageblock {block} is all hole", field="blocks",
                               allowed="blocks with pages")
        return first

    # ---- the node's own ----

    def run_on(self, unsigned cpu):
        """A person's operations run on this CPU from here on; workloads go round all of them."""
        if cpu >= self.m.zones[0].cpus:
            raise RefusedError(f"there is no CPU {cpu}", field="cpu",
                               allowed=f"0 … {self.m.zones[0].cpus - 1}")
        begin_op(&self.m, OP_RUN_ON, 0, 0, 0, NIL, cpu)
        set_node(&self.m, N_CPU, cpu, S_HANDLES)
        return self._end(0)

    def kswapd_step(self):
        """One priority of balance_pgdat, if kswapd is awake; 0 or a Bug."""
        cdef int ret
        self._check_whole()
        with nogil:
            begin_op(&self.m, OP_KSWAPD_STEP, 0, 0, 0, NIL, 0)
            ret = kswapd_step(&self.m)
            end_op(&self.m, False, ret)
        return ret

    def oom_kill(self):
        """out_of_memory: end the process with most pages; 0, or a Bug if there is none."""
        cdef int ret
        self._check_whole()
        with nogil:
            begin_op(&self.m, OP_OOM_KILL, 0, 0, 0, NIL, 0)
            ret = out_of_memory(&self.m)
            end_op(&self.m, False, ret)
        return ret

    def write_min_free_kbytes(self, int64_t kbytes):
        """/proc/sys/vm/min_free_kbytes: watermarks, RESERVE blocks and pcp sizes follow; 0."""
        cdef unsigned i
        for i in range(self.m.nr_zones):
            if not self.m.zones[i].live:
                raise RefusedError("the zone was never booted", field="kbytes",
                                   allowed="after boot")
        with nogil:
            begin_op(&self.m, OP_WRITE_MIN_FREE_KBYTES, 0, 0, 0, NIL, <uint64_t> kbytes)
            setup_per_zone_wmarks(&self.m, kbytes)
            end_op(&self.m, False, 0)
        return 0

    cdef int _check_whole(self) except -1:
        if not self.m.whole:
            raise RefusedError("a bare zone has no reclaim", field="zones",
                               allowed="a node made of zones")
        return 0

    # ---- many operations in one call ----

    def change_workload(self, orders, migratetypes, uint32_t low, uint32_t high, uint32_t kind=0,
                        params=()):
        """As set_workload, as an operation: another workload from the next turn on."""
        begin_op(&self.m, OP_SET_WORKLOAD, 0, 0, 0, NIL, kind)
        self._write_workload(orders, migratetypes, low, high, kind, params)
        return self._end(0)

    def run_workload(self, uint64_t turns, double within_s=0):
        """Turns of the workload.

        Args:
            within_s: seconds after which no further turn begins; 0: all of them.

        Returns: tally of what happened.
        """
        return self._unit().run_workload(self, turns, within_s)

    def _unit(self):
        """The unit compiled for what this node records; imported late, since it is made from this one."""
        from sim_core.mm import _logged, _unlogged
        return _logged if self.m.log.recording == LOG_WRITES else _unlogged

    def fill_workload(self, unsigned percent):
        """The workload's allocations until this share of present pages is in use."""
        cdef tally_t tally
        cdef int ret
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = fill_workload(&self.m, percent, &tally)
        return self._tally(ret, &tally)

    def free_block(self, uint32_t block):
        """Free every allocated, unpinned chunk that begins in the block, ascending."""
        cdef tally_t tally
        cdef uint32_t b = self._block(block)
        cdef zone_t *z = self._zone_of_block(b)
        cdef int ret
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = free_block(&self.m, z, b, &tally)
        return self._tally(ret, &tally)

    def fill_block(self, uint32_t block, unsigned order, unsigned mt, bint lru, uint64_t limit):
        """Allocate until the block has no free page, a request fails, or `limit` were made."""
        cdef tally_t tally
        cdef uint32_t b = self._block(block)
        cdef zone_t *z = self._zone_of_block(b)
        cdef request_t request
        cdef int ret
        self._fill_request(&request, order, mt, None)
        memset(&tally, 0, sizeof(tally))
        with nogil:
            ret = fill_block(&self.m, z, b, &request, lru, limit, &tally)
        return self._tally(ret, &tally)

    def replay(self, handles, orders, mts, pages, sizes, uint64_t first, uint64_t last):
        """Operations [first, last) of a trace; see sim_core/mm/batch.pxd.

        Args:
            handles, orders, mts: [operations] uint32, uint8, uint8.
            pages, sizes: [handles of the trace] uint32, uint8; pages filled with NIL by the caller before
                the first call.

        Raises:
            RefusedError: arrays that do not fit each other, or an operation that names what there is not.
        """
        return self._unit().replay(self, handles, orders, mts, pages, sizes, first, last)

    cdef dict _tally(self, int ret, tally_t *tally):
        if ret == -1:
            raise MemoryError("no room for another handle")
        return {
            "operations": tally.operations, "allocated": tally.allocated, "failed": tally.failed,
            "freed": tally.freed, "idle": tally.idle, "refused": tally.refused,
            "done": tally.done,
        }
