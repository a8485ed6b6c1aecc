"""A predicate as a program: instructions in postfix order, each of which takes its operands off a stack
and leaves its result there. Numbers are int64 and wrap around; yes is 1, no is 0."""

from libc.stdint cimport INT64_MIN, int64_t, uint16_t, uint32_t, uint64_t

from sim_core.mm.frame cimport atlas_t, refresh
from sim_core.mm.leaf cimport LEAVES, instruction_t, read_leaf
from sim_core.mm.memory cimport memory_t

cdef enum:
    CODE_MAX = 512       # instructions
    STACK_MAX = 64

cdef enum:  # Step: what is not a leaf
    STEP_NEGATE = LEAVES
    STEP_ABS
    STEP_NOT
    STEP_ADD             # from here on two operands
    STEP_SUBTRACT
    STEP_MULTIPLY
    STEP_DIVIDE          # rounded down
    STEP_REMAINDER       # with the divisor's sign
    STEP_MIN
    STEP_MAX
    STEP_LESS            # from here on a comparison
    STEP_AT_MOST
    STEP_GREATER
    STEP_AT_LEAST
    STEP_EQUAL
    STEP_DIFFERENT
    STEP_UNLESS          # value: instruction to go on with if what lies on top is no; else that is dropped
    STEP_IF              # the same if it is yes
    STEPS

ctypedef struct program_t:
    uint32_t length      # instructions
    bint pictured        # some leaf needs the picture
    instruction_t code[CODE_MAX]


cdef inline int64_t negated(int64_t a) noexcept nogil:
    return <int64_t> (0 - <uint64_t> a)


cdef inline int64_t divided(int64_t a, int64_t b) noexcept nogil:
    """b is not 0."""
    cdef int64_t quotient
    if b == -1:
        return negated(a)
    quotient = a // b
    if a % b != 0 and (a < 0) != (b < 0):
        quotient -= 1
    return quotient


cdef inline int64_t remainder_of(int64_t a, int64_t b) noexcept nogil:
    """b is not 0."""
    cdef int64_t rest
    if b == -1:
        return 0
    rest = a % b
    if rest != 0 and (rest < 0) != (b < 0):
        rest += b
    return rest


cdef inline int64_t one_operand(uint16_t what, int64_t a) noexcept nogil:
    if what == STEP_NOT:
        return not a
    if what == STEP_ABS and a >= 0:
        return a
    return negated(a)


cdef inline int64_t two_operands(uint16_t what, int64_t a, int64_t b, bint *none) noexcept nogil:
    if what == STEP_ADD:
        return <int64_t> (<uint64_t> a + <uint64_t> b)
    elif what == STEP_SUBTRACT:
        return <int64_t> (<uint64_t> a - <uint64_t> b)
    elif what == STEP_MULTIPLY:
        return <int64_t> (<uint64_t> a * <uint64_t> b)
    elif what == STEP_MIN:
        return min(a, b)
    elif what == STEP_MAX:
        return max(a, b)
    if b == 0:
        none[0] = True
        return 0
    return divided(a, b) if what == STEP_DIVIDE else remainder_of(a, b)


cdef inline bint compared(uint16_t what, int64_t a, int64_t b) noexcept nogil:
    if what == STEP_LESS:
        return a < b
    elif what == STEP_AT_MOST:
        return a <= b
    elif what == STEP_GREATER:
        return a > b
    elif what == STEP_AT_LEAST:
        return a >= b
    elif what == STEP_EQUAL:
        return a == b
    return a != b


cdef inline bint holds(const program_t *program, memory_t *m, atlas_t *atlas) noexcept nogil:
    """Is the predicate true of the node as it is now?

    What has no value (a leaf that finds nothing, a division by zero) makes the comparison that it
    stands in false, and goes no further. A program that needs the picture is for moments between
    operations and between records of the log gone along: an operation that runs stamps some blocks late.
    """
    cdef int64_t stack[STACK_MAX]
    cdef const instruction_t *code = &program.code[0]
    cdef uint32_t at = 0, top = 0     # one past the topmost operand
    cdef uint16_t what
    cdef bint none = False
    if program.pictured:
        refresh(m, atlas)
    while at < program.length:
        what = code[at].what
        if what < LEAVES:
            stack[top] = read_leaf(&code[at], m, atlas, &none)
            top += 1
        elif what < STEP_ADD:
            stack[top - 1] = one_operand(what, stack[top - 1])
        elif what < STEP_UNLESS:
            top -= 1
            if what < STEP_LESS:
                stack[top - 1] = two_operands(what, stack[top - 1], stack[top], &none)
            else:
                stack[top - 1] = not none and compared(what, stack[top - 1], stack[top])
                none = False
        elif (stack[top - 1] != 0) == (what == STEP_IF):
            at = <uint32_t> code[at].value
            continue
        else:
            top -= 1
        at += 1
    return stack[0] != 0
