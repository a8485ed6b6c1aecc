"""What kernels work out from numbers alone, without a page: the watermark test, the sizes of a node's
zones, the fragmentation indices."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free as c_free

from sim_core.mm._mm cimport Node
from sim_core.mm.account cimport mod_stat, set_watermark
from sim_core.mm.fragmentation cimport fragmentation_index, unusable_free_index
from sim_core.mm.log cimport S_FREE_ALL_BOOTMEM, S_SETUP_WMARKS
from sim_core.mm.memory cimport memory_t
from sim_core.mm.pcpsizes cimport setup_pageset
from sim_core.mm.policy cimport fill_policy
from sim_core.mm.reserve cimport setup_zone_migrate_reserve
from sim_core.mm.sizes cimport (
    derived_min_free_kbytes, dirty_balance_reserve, inactive_ratio, refresh_zone_stat_thresholds,
    setup_per_zone_lowmem_reserve, setup_per_zone_wmarks, totalreserve_pages,
)
from sim_core.mm.watermark cimport (
    ALLOC_CMA, ALLOC_HARDER, ALLOC_HIGH, ALLOC_HIGHATOMIC, ALLOC_OOM, stock_t,
    watermark_ok as test_watermark,
)
from sim_core.mm.zone cimport (
    MIGRATE_TYPES, ORDERS_MAX, PRESENT_PAGES, WMARKS, WMARK_MIN, ZONES_MAX, ZONE_KINDS, zone_t,
)

from sim_core.errors import RefusedError
from sim_core.vocabulary import ZONE_KINDS as ZONE_NAMES

ALLOC_FLAGS = {
    "OOM": ALLOC_OOM, "HARDER": ALLOC_HARDER, "NON_BLOCK": ALLOC_HARDER, "HIGH": ALLOC_HIGH,
    "MIN_RESERVE": ALLOC_HIGH, "CMA": ALLOC_CMA, "HIGHATOMIC": ALLOC_HIGHATOMIC,
}
"""Flags of a request by the kernels' names, two of which 6.4 changed."""
assert len(ZONE_NAMES) == ZONE_KINDS


def watermark_ok(list nr_free, int order, int64_t mark, int64_t lowmem_reserve, unsigned flags,
                 int64_t free, unsigned rule, int64_t cma=0, int64_t highatomic=0, listed=None):
    """zone_watermark_ok on numbers handed over; see sim_core/mm/watermark.pxd.

    Args:
        nr_free: per-order counts, at least `order` of them.
        flags: of ALLOC_FLAGS, added up.
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


def fragmentation(list nr_free):
    """(unusable_free_index, fragmentation_index) of every order, in thousandths.

    Args:
        nr_free: [max_order] as stored, negative ones too.
    """
    cdef int64_t counts[ORDERS_MAX]
    cdef unsigned orders = len(nr_free), o
    if orders > ORDERS_MAX:
        raise RefusedError("too many orders", field="nr_free", allowed=f"at most {ORDERS_MAX}")
    for o in range(orders):
        counts[o] = nr_free[o]
    return ([unusable_free_index(counts, orders, o) for o in range(orders)],
            [fragmentation_index(counts, orders, o) for o in range(orders)])


def setup_migrate_reserve(Node node, int64_t min_wmark):
    """setup_zone_migrate_reserve of the node's lowest zone, under this MIN watermark in pages."""
    set_watermark(&node.m.zones[0], WMARK_MIN, min_wmark, S_SETUP_WMARKS)
    setup_zone_migrate_reserve(&node.m.zones[0])


cdef class NodeSizes:
    """The sizes of a node's zones at boot and after writes to /proc/sys/vm, as one kernel has them.

    Args:
        columns: every field of policy_t, in its order (sim_core.models.Row.columns()).
        kinds: enum ZoneKind of each zone that the kernel is built with, lowest first.
        pages: present pages of each (from 6.x on managed ones); 0: none.
        cpus: CPUs on the node.
        ratios: lowmem_reserve_ratio of each.
        fraction: percpu_pagelist_fraction, or percpu_pagelist_high_fraction; 0: not set.
        scale_factor: watermark_scale_factor.
        movable_is_highmem: ZONE_MOVABLE is cut from ZONE_HIGHMEM.
    """
    cdef memory_t *m
    cdef readonly int64_t min_free_kbytes

    def __cinit__(self, dict columns, list kinds, list pages, unsigned cpus, list ratios,
                  int64_t fraction, int64_t scale_factor, bint movable_is_highmem):
        cdef unsigned i
        cdef zone_t *z
        if not 1 <= len(kinds) <= ZONES_MAX or not len(kinds) == len(pages) == len(ratios):
            raise RefusedError("a node has 1 to 4 kinds of zone", field="zones",
                               allowed=f"1 … {ZONES_MAX}, each with pages and a ratio")
        if cpus < 1:
            raise RefusedError("a node has CPUs", field="nr_cpus", allowed="1 and more")
        self.m = <memory_t *> calloc(1, sizeof(memory_t))
        if self.m == NULL:
            raise MemoryError("no memory for the node's zones")
        self.m.nr_zones = len(kinds)
        self.m.movable_is_highmem = movable_is_highmem
        self.m.tunables.watermark_scale_factor = scale_factor
        self.m.tunables.percpu_pagelist_fraction = fraction
        for i in range(self.m.nr_zones):
            z = &self.m.zones[i]
            fill_policy(&z.policy, columns)
            z.kind = kinds[i]
            z.cpus = cpus
            z.pcp_derived = True
            z.log = &self.m.log
            mod_stat(z, PRESENT_PAGES, pages[i], S_FREE_ALL_BOOTMEM)
            self.m.tunables.lowmem_reserve_ratio[i] = ratios[i]

    def __dealloc__(self):
        c_free(self.m)

    def boot(self):
        """init_per_zone_wmark_min and what comes before and after it."""
        cdef unsigned i
        for i in range(self.m.nr_zones):
            setup_pageset(self.m, &self.m.zones[i])
        self.write_min_free_kbytes(derived_min_free_kbytes(self.m))
        refresh_zone_stat_thresholds(self.m)
        setup_per_zone_lowmem_reserve(self.m)

    def write_min_free_kbytes(self, int64_t kbytes):
        self.min_free_kbytes = kbytes
        setup_per_zone_wmarks(self.m, kbytes)

    def write_lowmem_reserve_ratio(self, list ratios):
        """Args:
            ratios: of as many zones, from the lowest up, as there are numbers.
        """
        cdef unsigned i
        for i in range(min(<unsigned> len(ratios), self.m.nr_zones)):
            self.m.tunables.lowmem_reserve_ratio[i] = ratios[i]
        setup_per_zone_lowmem_reserve(self.m)

    def set_min_cma_pages(self, list pages):
        """What each zone's marks are raised by from the next write of min_free_kbytes on."""
        cdef unsigned i
        for i in range(self.m.nr_zones):
            self.m.zones[i].min_cma_pages = pages[i]

    @property
    def totalreserve_pages(self):
        return totalreserve_pages(self.m)

    def zones(self):
        """A dict of numbers for each zone, lowest first."""
        cdef unsigned i, w
        cdef zone_t *z
        cdef list found = []
        for i in range(self.m.nr_zones):
            z = &self.m.zones[i]
            found.append({
                "watermark": [z.watermark[w] for w in range(WMARKS)],
                "lowmem_reserve": [z.lowmem_reserve[w] for w in range(self.m.nr_zones)],
                "dirty_balance_reserve": dirty_balance_reserve(self.m, i),
                "inactive_ratio": inactive_ratio(z.stat[PRESENT_PAGES]),
                "stat_threshold": z.stat_threshold,
                "drift_mark": z.percpu_drift_mark,
                "batch": z.pcp_batch,
                "high": z.pcp_high,
                "high_max": z.pcp_high_max,
            })
        return found
