"""What gcc and clang offer and Cython has no words for."""

cdef extern from *:
    """
    #define zs_rare(condition) __builtin_expect(!!(condition), 0)
    /* The empty asm keeps the call: gcc takes a function that only prefetches for one without effect. */
    static inline void zs_prefetch(const void *address) {
        __builtin_prefetch(address, 1);
        __asm__ volatile("");
    }
    static inline unsigned zs_lowest_bit(unsigned word) { return (unsigned) __builtin_ctz(word); }
    """
    bint zs_rare(bint condition) noexcept nogil
    void zs_prefetch(const void *address) noexcept nogil
    unsigned zs_lowest_bit(unsigned word) noexcept nogil
