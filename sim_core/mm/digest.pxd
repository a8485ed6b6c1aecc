"""One number for the whole state of a node: equal states have equal digests, whatever led to them.

Order-sensitive over every list, pcp list, handle, queue and the random state. It sees no
link word that is idle.
"""

from libc.stdint cimport uint32_t, uint64_t

from sim_core.mm.memory cimport NODE_NUMBERS, PARAMS_MAX, QUEUES, VARIABLES, memory_t
from sim_core.mm.page cimport NIL, block_fill, page_attr, page_link, page_state
from sim_core.mm.zone cimport (
    MIGRATE_TYPES, ORDERS_MAX, PCPTYPES, PCP_LISTS, PCP_STATES, STATS, WMARKS, pcp_order, zone_t,
)

cdef inline uint64_t mix(uint64_t digest, uint64_t word) noexcept nogil:
    """FNV-1a, a word at a time."""
    return (digest ^ word) * <uint64_t> 1099511628211


cdef inline uint64_t digest_list(const zone_t *z, uint32_t p, unsigned order,
                                 uint64_t digest) noexcept nogil:
    while p != NIL:
        digest = mix(digest, p)
        p = page_link(&z.pages, p, order).next
    return mix(digest, NIL)


cdef inline uint64_t digest_workload(const memory_t *m, uint64_t digest) noexcept nogil:
    """What the next turn depends on, besides the handles' table and the random state."""
    cdef unsigned i
    cdef uint32_t h
    for i in range(QUEUES):
        h = m.handles.queues[i].oldest
        for _ in range(m.handles.queues[i].length):
            digest = mix(digest, h)
            h = m.handles.age[h].younger
        digest = mix(digest, NIL)
    for i in range(VARIABLES):
        digest = mix(digest, <uint64_t> m.workload.var[i])
    for i in range(PARAMS_MAX):
        digest = mix(digest, m.workload.param[i])
    for i in range(ORDERS_MAX):
        digest = mix(digest, m.workload.order_weight[i])
    for i in range(PCPTYPES):
        digest = mix(digest, m.workload.type_weight[i])
    digest = mix(mix(digest, m.workload.low), m.workload.high)
    return mix(digest, m.workload.kind)


cdef inline uint64_t digest_zone(const zone_t *z, uint64_t digest) noexcept nogil:
    cdef unsigned mt, o, cpu, i
    cdef uint32_t b, p
    for mt in range(MIGRATE_TYPES):
        for o in range(z.max_order):
            digest = digest_list(z, z.lists[mt][o].head, o, digest)
    for cpu in range(z.cpus):
        for i in range(PCP_LISTS):
            digest = digest_list(z, z.pcp[cpu].lists[i].head, pcp_order(i), digest)
        for i in range(PCP_STATES):
            digest = mix(digest, z.pcp[cpu].state[i])
    for o in range(z.max_order):
        digest = mix(digest, <uint64_t> z.nr_free[o])
    for i in range(STATS):
        digest = mix(digest, <uint64_t> z.stat[i])
    for i in range(WMARKS):
        digest = mix(digest, <uint64_t> z.watermark[i])
    for i in range(z.nr_zones):
        digest = mix(digest, <uint64_t> z.lowmem_reserve[i])
    digest = mix(mix(mix(digest, z.pcp_high), z.pcp_high_max), z.pcp_batch)
    for b in range(z.first_block, z.last_block):
        digest = mix(digest, z.block_type[b] | z.block_free[b] << 8)
    p = z.start
    while p < z.end:
        if block_fill(&z.pages, p >> z.block_order):
            digest = mix(digest, block_fill(&z.pages, p >> z.block_order))
            p = ((p >> z.block_order) + 1) << z.block_order
            continue
        digest = mix(digest, page_state(&z.pages, p) | page_attr(&z.pages, p) << 8)
        p += 1u << (page_state(&z.pages, p) & 0x0F)
    return digest


cdef inline uint64_t digest_node(const memory_t *m) noexcept nogil:
    cdef uint64_t digest = <uint64_t> 14695981039346656037ULL
    cdef unsigned i
    cdef uint32_t h
    for i in range(m.nr_zones):
        digest = digest_zone(&m.zones[i], digest)
    for h in range(m.handles.count):
        digest = mix(digest, m.handles.table[h].page | <uint64_t> m.handles.table[h].order << 32
                     | <uint64_t> m.handles.table[h].owner << 40)
    for h in range(m.handles.nr_retired):
        digest = mix(digest, m.handles.retired[h])
    for h in range(m.handles.nr_live):
        digest = mix(digest, m.handles.live[h])
    for i in range(NODE_NUMBERS):
        digest = mix(digest, <uint64_t> m.number[i])
    digest = mix(digest, m.random)
    digest = digest_workload(m, digest)
    return mix(digest, <uint64_t> m.stopped)
