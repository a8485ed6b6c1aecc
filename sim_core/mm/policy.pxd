"""An accounting model as the C level sees it: truth tables, and not a word of whose they are.

The fields are the columns of sim_core/models/table.py, filled by name.
"""

from libc.stdint cimport uint8_t

cdef enum:
    PASSED_ISOLATE = 1
    BLOCK_ISOLATE = 2
    LIST_ISOLATE = 4

ctypedef struct policy_t:
    uint8_t free_pages_ok_isolated
    uint8_t free_hot_cold_isolated
    uint8_t free_one_page_bug
    uint8_t free_one_page_nr
    uint8_t set_isolate_nr
    uint8_t set_isolate_nr_free
    uint8_t unset_isolate_nr
    uint8_t unset_isolate_nr_free
    uint8_t split_nr
    uint8_t split_nr_free
    uint8_t offline_nr
    uint8_t offline_nr_free
    uint8_t tail_lower_half_only
    uint8_t watermark_unsigned


cdef inline bint when(uint8_t table, unsigned context) noexcept nogil:
    """Does a site with this truth table act in this context (a sum of the three facts)?"""
    return table >> context & 1
