"""The log of primitive writes read backward and forward again: each record taken back, or done again.

A record says what stood there before and what was written, so both ways cost what the write itself
did, and every list position, counter, handle and random state is again what it was. Nothing is recorded
on the way. Blocks are stamped, so that viewers see what changed.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.account cimport (
    pcp_size_of, put_block_free, put_in_use, put_nr_free, put_requests, put_stat, put_watermark,
)
from sim_core.mm.freelist cimport (
    pcp_unpack, put_on_list, put_on_pcp, take_off_list, take_off_pcp,
)
from sim_core.mm.handles cimport (
    put_live, put_live_at, put_name, put_queued, take_live, take_name, take_queued, unmake_handle,
    youngest_of,
)
from sim_core.mm.log cimport (
    R_ARGS, R_BLOCK_FREE, R_BLOCK_TYPE, R_CELL, R_FILL, R_HANDLE, R_LINK, R_LIVE_PUSH, R_LIVE_REMOVE,
    R_LOWMEM_RESERVE, R_NODE, R_NR_FREE, R_OP, R_PCP_LINK, R_PCP_SIZE, R_PCP_STATE, R_PCP_UNLINK,
    R_PREP, R_QUEUE_PUSH, R_QUEUE_REMOVE, R_RANDOM, R_REBIND, R_RET, R_RUN, R_SETTING, R_STAT,
    R_STATE, R_STOP, R_UNLINK, R_UNPREP, R_WATCH, R_WATERMARK, R_WORKLOAD, log_end, record_t,
)
from sim_core.mm.memory cimport memory_t, next_random, setting_of, zone_of, zone_of_block
from sim_core.mm.moment cimport first_record, is_moment
from sim_core.mm.page cimport (
    ALLOCATED, NIL, ORDER_MASK, bind, prefetch_page, put_fill, put_head, write_run,
)
from sim_core.mm.stamp cimport stamp_block, stamp_chunk, stamp_run
from sim_core.mm.zone cimport NR_ALLOC, NR_FREED, zone_t

cdef enum:
    AHEAD = 12     # records whose pages are asked for before their turn


# ---- what has a twin: the undoing of one is the doing of the other ----

cdef inline void relink(memory_t *m, const record_t *r, bint on) noexcept nogil:
    """A chunk comes on the list that the record names, or leaves it."""
    cdef zone_t *z = zone_of(m, r.where)
    cdef unsigned order = r.tag >> 16 & 0xFF
    if on:
        put_on_list(z, r.where, order, r.tag >> 24, <uint32_t> r.value)
    else:
        take_off_list(z, r.where, order, r.tag >> 24)
    stamp_chunk(z, r.where, order)


cdef inline void relink_pcp(memory_t *m, const record_t *r, bint on) noexcept nogil:
    cdef zone_t *z = zone_of(m, r.where)
    cdef unsigned cpu = r.tag >> 16 & 0xFF, packed = r.tag >> 24
    if on:
        put_on_pcp(z, cpu, pcp_unpack(z, packed), r.where, packed >> 4, <uint32_t> r.value)
    else:
        take_off_pcp(z, cpu, pcp_unpack(z, packed), r.where)


cdef inline void prep(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """A chunk comes into use, or never did."""
    cdef zone_t *z = zone_of(m, r.where)
    cdef unsigned order = r.tag >> 16 & 0xFF
    cdef uint8_t attr = <uint8_t> (r.tag >> 24)
    if done:
        put_name(m, <uint32_t> r.value, r.where, order, <unsigned> (r.value >> 40))
        put_head(&z.pages, r.where, order, <uint8_t> (ALLOCATED | order), attr)
        bind(&z.pages, r.where, order, <uint32_t> r.value)
    else:
        put_head(&z.pages, r.where, order, 0, 0)
        unmake_handle(m, <uint32_t> r.value, r.value >> 32 & 1)
    put_in_use(z, order, attr, 1 if done else -1)
    put_requests(z, NR_ALLOC, 1 if done else -1)
    stamp_chunk(z, r.where, order)


cdef inline void unprep(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """A chunk's use ends, or never did."""
    cdef zone_t *z = zone_of(m, r.where)
    cdef uint8_t state = <uint8_t> (r.tag >> 16), attr = <uint8_t> (r.tag >> 24)
    cdef unsigned order = state & ORDER_MASK
    if done:
        take_name(m, <uint32_t> r.value)
        put_head(&z.pages, r.where, order, 0, 0)
    else:
        put_name(m, <uint32_t> r.value, r.where, order, <unsigned> (r.value >> 32))
        put_head(&z.pages, r.where, order, state, attr)
        bind(&z.pages, r.where, order, <uint32_t> r.value)
    put_in_use(z, order, attr, -1 if done else 1)
    put_requests(z, NR_FREED, 1 if done else -1)
    stamp_chunk(z, r.where, order)


cdef inline void rename(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """R_HANDLE: a chunk in use gets its handle, or never had it."""
    cdef zone_t *z = zone_of(m, r.where)
    cdef unsigned order = r.tag >> 16 & 0xFF
    if done:
        put_name(m, <uint32_t> r.value, r.where, order, <unsigned> (r.value >> 40))
        bind(&z.pages, r.where, order, <uint32_t> r.value)
    else:
        unmake_handle(m, <uint32_t> r.value, r.value >> 32 & 1)


cdef inline void rebind(memory_t *m, const record_t *r, uint32_t page) noexcept nogil:
    """A handle of order 0 stands for this page."""
    bind(&zone_of(m, page).pages, page, 0, <uint32_t> r.value)
    m.handles.table[<uint32_t> r.value].page = page


cdef inline void restate(memory_t *m, const record_t *r, bint done) noexcept nogil:
    cdef zone_t *z = zone_of(m, r.where)
    cdef unsigned order = <unsigned> (r.value >> 16)
    put_head(&z.pages, r.where, order, <uint8_t> (r.tag >> 24 if done else r.tag >> 16),
             <uint8_t> (r.value >> 8 if done else r.value))
    stamp_chunk(z, r.where, order)


cdef inline void rerun(memory_t *m, const record_t *r, bint done) noexcept nogil:
    cdef zone_t *z = zone_of(m, r.where)
    write_run(&z.pages, r.where, <uint32_t> r.value, <uint8_t> (r.tag >> 24 if done else r.tag >> 16))
    stamp_run(z, r.where, <uint32_t> r.value)


cdef inline void refill(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """All pages of a block are alike, or have records of their own, which are zero if not written."""
    cdef zone_t *z = zone_of_block(m, r.where)
    put_fill(&z.pages, r.where, <uint8_t> (r.tag >> 24 if done else r.tag >> 16),
             <uint8_t> ((r.tag >> 16 & 0xFF) if done and r.value else 0))
    stamp_block(z, r.where)


cdef inline void rewatch(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """An identity broke or healed, or did not."""
    cdef zone_t *z = &m.zones[r.tag >> 24]
    cdef unsigned identity = r.tag >> 16 & 0xFF
    z.broken ^= 1u << identity
    z.first_broken[identity] = r.value
    if done and r.where and r.value == 0:
        z.first_broken[identity] = m.op


cdef inline int64_t told(const record_t *r, bint done) noexcept nogil:
    """The number that a record of an old one and a difference leaves, or found."""
    return <int64_t> r.value + (<int32_t> r.where if done else 0)


cdef inline void put_number(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """Counters, sizes, marks: whatever has an old value and a difference."""
    cdef unsigned kind = r.tag & 0xFF, which = r.tag >> 16 & 0xFF
    cdef zone_t *z = &m.zones[r.tag >> 24]
    if kind == R_NR_FREE:
        put_nr_free(z, which, told(r, done))
    elif kind == R_STAT:
        put_stat(z, which, told(r, done))
    elif kind == R_WATERMARK:
        put_watermark(z, which, told(r, done))
    elif kind == R_PCP_SIZE:
        pcp_size_of(z, which)[0] = <uint32_t> told(r, done)
    elif kind == R_LOWMEM_RESERVE:
        z.lowmem_reserve[which] = told(r, done)
    elif kind == R_WORKLOAD:
        m.workload.var[which] = told(r, done)
    elif kind == R_NODE:
        m.number[which] = told(r, done)


cdef inline void apply(memory_t *m, const record_t *r, bint done) noexcept nogil:
    """Args:
        done: do what the record tells of again; False: take it back.
    """
    cdef unsigned kind = r.tag & 0xFF
    cdef zone_t *z
    if kind == R_LINK:
        relink(m, r, done)
    elif kind == R_UNLINK:
        relink(m, r, not done)
    elif kind == R_BLOCK_FREE:
        put_block_free(zone_of_block(m, r.where), r.where, <int64_t> r.value if done else -<int64_t> r.value)
    elif kind == R_PREP:
        prep(m, r, done)
    elif kind == R_UNPREP:
        unprep(m, r, done)
    elif kind == R_RANDOM:
        m.random = next_random(r.value) if done else r.value
    elif kind == R_PCP_LINK:
        relink_pcp(m, r, done)
    elif kind == R_PCP_UNLINK:
        relink_pcp(m, r, not done)
    elif kind == R_OP:
        m.op = r.value if done else r.value - 1
    elif kind == R_ARGS or kind == R_RET or kind == R_CELL:
        pass
    elif kind == R_LIVE_PUSH:
        if done:
            put_live(m, r.where)
        else:
            take_live(m, m.handles.nr_live - 1)
    elif kind == R_LIVE_REMOVE:
        if done:
            take_live(m, r.where)
        else:
            put_live_at(m, r.where, <uint32_t> r.value)
    elif kind == R_QUEUE_PUSH:
        if done:
            put_queued(m, r.tag >> 16 & 0xFF, r.where, youngest_of(m, r.tag >> 16 & 0xFF), NIL)
        else:
            take_queued(m, r.where)
    elif kind == R_QUEUE_REMOVE:
        if done:
            take_queued(m, r.where)
        else:
            put_queued(m, r.tag >> 16 & 0xFF, r.where, <uint32_t> r.value, <uint32_t> (r.value >> 32))
    elif kind == R_STATE:
        restate(m, r, done)
    elif kind == R_RUN:
        rerun(m, r, done)
    elif kind == R_FILL:
        refill(m, r, done)
    elif kind == R_BLOCK_TYPE:
        z = zone_of_block(m, r.where)
        z.block_type[r.where] = <uint8_t> (r.tag >> 24 if done else r.tag >> 16)
        stamp_block(z, r.where)
    elif kind == R_HANDLE:
        rename(m, r, done)
    elif kind == R_REBIND:
        rebind(m, r, r.where if done else <uint32_t> (r.value >> 32))
    elif kind == R_PCP_STATE:
        m.zones[r.tag >> 28].pcp[r.tag >> 24 & 0x0F].state[r.tag >> 16 & 0xFF] = (
            r.where if done else <uint32_t> r.value)
    elif kind == R_SETTING:
        setting_of(m, r.tag >> 16 & 0xFF)[0] = r.where if done else <uint32_t> r.value
    elif kind == R_WATCH:
        rewatch(m, r, done)
    elif kind == R_STOP:
        m.stopped = <int> r.where if done else 0
    else:
        put_number(m, r, done)


cdef inline void look_at_record(const memory_t *m, uint64_t number) noexcept nogil:
    """Ask memory for the page that a record names; whatever else it is does no harm."""
    prefetch_page(&m.zones[0].pages, m.log.ring[number & m.log.mask].where)


cdef inline void go_back(memory_t *m, uint64_t number) noexcept nogil:
    """Take records back until `number` is the next to be written; it must still be kept."""
    m.log.end = log_end(&m.log)
    while m.log.head > number:
        m.log.head -= 1
        look_at_record(m, m.log.head - min(m.log.head, <uint64_t> AHEAD))
        apply(m, &m.log.ring[m.log.head & m.log.mask], False)
    m.travels += 1


cdef inline void go_on(memory_t *m, uint64_t number) noexcept nogil:
    """Do records again until `number` is the next; it must not be beyond the log's end."""
    while m.log.head < number:
        look_at_record(m, m.log.head + AHEAD)
        apply(m, &m.log.ring[m.log.head & m.log.mask], True)
        m.log.head += 1
    m.travels += 1


cdef inline uint64_t step_back(memory_t *m, uint64_t count) noexcept nogil:
    """Take so many of a kernel's writes back; how many are left where the log begins."""
    cdef uint64_t begin = first_record(&m.log)
    m.log.end = log_end(&m.log)
    m.travels += 1
    while count and m.log.head > begin:
        m.log.head -= 1
        apply(m, &m.log.ring[m.log.head & m.log.mask], False)
        count -= is_moment(&m.log, m.log.head, True)
    return count


cdef inline uint64_t step_on(memory_t *m, uint64_t count) noexcept nogil:
    """Do so many of a kernel's writes again; how many are left where the log ends."""
    cdef uint64_t end = log_end(&m.log)
    m.travels += 1
    while count and m.log.head < end:
        apply(m, &m.log.ring[m.log.head & m.log.mask], True)
        m.log.head += 1
        count -= is_moment(&m.log, m.log.head, True)
    return count
