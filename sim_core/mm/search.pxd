"""A predicate asked at moment after moment, backward or forward by the log, until its answer is the one
that is wanted."""

from libc.stdint cimport uint64_t

from sim_core.mm.frame cimport atlas_t
from sim_core.mm.log cimport log_end
from sim_core.mm.memory cimport memory_t
from sim_core.mm.moment cimport first_record, is_moment
from sim_core.mm.predicate cimport holds, program_t
from sim_core.mm.undo cimport apply

cdef enum:  # Search
    SEARCH_FOUND
    SEARCH_MORE      # so many records were gone over, and there are others
    SEARCH_OVER      # the log ends here


cdef inline int search_back(memory_t *m, atlas_t *atlas, const program_t *program, bint steps, bint wanted,
                            uint64_t most) noexcept nogil:
    """To the last moment before this one at which the answer is `wanted`.

    Args:
        most: records to go over at most; a moment's are gone over to its end.
    """
    cdef uint64_t begin = first_record(&m.log), gone = 0
    m.log.end = log_end(&m.log)
    m.travels += 1
    while m.log.head > begin:
        m.log.head -= 1
        gone += 1
        apply(m, &m.log.ring[m.log.head & m.log.mask], False)
        if is_moment(&m.log, m.log.head, steps):
            if holds(program, m, atlas) == wanted:
                return SEARCH_FOUND
            if gone >= most:
                return SEARCH_MORE
    return SEARCH_OVER


cdef inline int search_on(memory_t *m, atlas_t *atlas, const program_t *program, bint steps, bint wanted,
                          uint64_t most) noexcept nogil:
    """To the next moment after this one, of those that are known, at which the answer is `wanted`."""
    cdef uint64_t end = log_end(&m.log), gone = 0
    m.travels += 1
    while m.log.head < end:
        apply(m, &m.log.ring[m.log.head & m.log.mask], True)
        m.log.head += 1
        gone += 1
        if is_moment(&m.log, m.log.head, steps):
            if holds(program, m, atlas) == wanted:
                return SEARCH_FOUND
            if gone >= most:
                return SEARCH_MORE
    return SEARCH_OVER
