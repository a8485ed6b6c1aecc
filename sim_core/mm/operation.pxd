"""One operation: it gets a number, its records stand between its first and its last, and the watch
looks at the identities when it is over."""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.builtin cimport zs_rare
from sim_core.mm.check cimport I6, IDENTITIES, account_t, check_zone, verdict_t, watch_identities
from sim_core.mm.log cimport (
    LOG_OPERATIONS, R_ARGS, R_OP, R_RET, S_NONE, append, log_op, record_t, records, tag_of,
)
from sim_core.mm.memory cimport memory_t, stop_node

cdef extern from *:
    """
    #ifdef ZS_DEBUG
    #include <stdio.h>
    #include <stdlib.h>
    #define ZS_CHECKED 1
    static void zs_broken(unsigned long long op) {
        fprintf(stderr, "zonescope: a page is lost after operation %llu\\n", op); abort();
    }
    #else
    #define ZS_CHECKED 0
    static void zs_broken(unsigned long long op) { (void) op; }
    #endif
    """
    const bint ZS_CHECKED
    void zs_broken(unsigned long long op) noexcept nogil

cdef enum:  # Operation
    OP_NONE
    OP_ALLOC
    OP_FREE
    OP_DRAIN
    OP_SET_BLOCK_TYPE
    OP_PIN
    OP_UNPIN
    OP_ISOLATE
    OP_UNISOLATE
    OP_SPLIT_FREE_PAGE
    OP_OFFLINE
    OP_ONLINE
    OP_BOOT_FREE
    OP_MARK_LRU
    OP_OFFLINE_ISOLATED
    OP_ONLINE_PAGES
    OP_FREE_BEGIN
    OP_FREE_FINISH
    OP_ALLOC_CONTIG
    OP_FREE_CONTIG
    OP_DROP_CACHE
    OP_KSWAPD_STEP
    OP_WRITE_MIN_FREE_KBYTES
    OP_OOM_KILL
    OP_RUN_ON
    OP_READ_CACHE
    OP_EXIT
    OP_SET_WORKLOAD
    OPERATIONS


cdef inline void begin_op(memory_t *m, uint8_t kind, unsigned order, unsigned mt, unsigned flag,
                          uint32_t where, uint64_t count) noexcept nogil:
    """Args:
        where, count: what it works on: a node-relative pfn or a block, and how many.
    """
    m.op += 1
    if records(&m.log, LOG_OPERATIONS):
        log_op(&m.log, m.op)
        append(&m.log, R_OP, S_NONE, kind, 0, order | mt << 8 | flag << 16, m.op)
        append(&m.log, R_ARGS, S_NONE, 0, 0, where, count)


cdef inline void name_op(memory_t *m, uint8_t kind, unsigned order, unsigned mt, unsigned flag,
                         uint32_t where, uint64_t count) noexcept nogil:
    """Say what the operation begun turned out to be: the workload's draws are part of it."""
    cdef record_t *record
    if not records(&m.log, LOG_OPERATIONS):
        return
    record = &m.log.ring[m.log.op_start[m.op & m.log.op_mask] & m.log.mask]
    record.tag = tag_of(R_OP, S_NONE, kind, 0)
    record.where = order | mt << 8 | flag << 16
    record = &m.log.ring[(m.log.op_start[m.op & m.log.op_mask] + 1) & m.log.mask]
    record.where = where
    record.value = count


cdef inline void end_op(memory_t *m, bint is_page, int64_t ret) noexcept nogil:
    """Args:
        ret: a node-relative pfn if is_page (NIL: none), else a count, a negative errno or Bug.
    """
    cdef account_t acc
    cdef verdict_t out[IDENTITIES]
    cdef unsigned i
    if zs_rare(not is_page and ret < -1000):
        stop_node(m, <int> -ret)
    if zs_rare(m.watch != 0):
        watch_identities(m)
    if records(&m.log, LOG_OPERATIONS):
        append(&m.log, R_RET, S_NONE, 0, 0, is_page, <uint64_t> ret)
    if ZS_CHECKED and not m.stopped:
        for i in range(m.nr_zones):
            check_zone(&m.zones[i], &acc, out)
            if not out[I6].holds:
                zs_broken(m.op)
