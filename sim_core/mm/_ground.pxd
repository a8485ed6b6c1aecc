"""What a node holds, for the units that operate it and look at it."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from sim_core.mm.check cimport IDENTITIES, verdict_t
from sim_core.mm.frame cimport atlas_t
from sim_core.mm.memory cimport memory_t
from sim_core.mm.page cimport pages_t
from sim_core.mm.zone cimport ZONES_MAX, zone_t

cdef class Ground:
    cdef memory_t m
    cdef pages_t map                  # whose arrays all zones share, as they do the next three
    cdef uint8_t *block_type
    cdef uint16_t *block_free
    cdef uint32_t *stamp
    cdef atlas_t atlas
    cdef verdict_t last[ZONES_MAX][IDENTITIES]   # of the latest walk
    cdef uint64_t log_room            # records of the log asked for
    cdef readonly uint32_t aims       # identities that the model aims at, a bit each

    cdef void *_take(self, uint64_t count, uint64_t size) except NULL
    cdef int _take_map(self, uint64_t pages, uint64_t blocks) except -1
    cdef void _share_map(self, zone_t *z) noexcept
    cdef int _punch(self, uint64_t first_pfn, uint64_t pages) except -1
    cdef zone_t *_zone(self, unsigned slot) except NULL
    cdef zone_t *_zone_of(self, uint32_t p) noexcept
    cdef zone_t *_zone_of_block(self, uint32_t b) noexcept
    cdef uint32_t _chunk(self, uint64_t pfn, unsigned order) except? 0xFFFFFFFF
    cdef uint32_t _page(self, uint64_t pfn) except? 0xFFFFFFFF
    cdef uint32_t _stretch(self, uint64_t pfn, uint32_t pages) except? 0xFFFFFFFF
    cdef uint32_t _block(self, uint32_t block) except? 0xFFFFFFFF
    cdef uint32_t _there(self, uint64_t pfn) except? 0xFFFFFFFF
    cdef uint8_t _in_use(self, uint32_t p) except? 0xFF
    cdef int _write_workload(self, orders, migratetypes, uint32_t low, uint32_t high, uint32_t kind,
                             params) except -1
    cdef int _room(self, uint32_t more) except -1
    cdef int64_t _end(self, int64_t ret)
