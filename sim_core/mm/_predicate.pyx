"""Programs of predicates: checked once against the node that they are for, then run on it.

A program that was taken reads nothing outside that node and needs no more stack than there is.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t

from sim_core.mm._mm cimport Node
from sim_core.mm.check cimport COUNTED
from sim_core.mm.frame cimport refresh
from sim_core.mm.leaf cimport (
    BLOCK_FIELDS, HANDLE_FIELDS, HANDLE_IN_USE, HANDLE_ORDER, HANDLE_OWNER, HANDLE_PFN, LEAF_BLOCK,
    LEAF_BLOCK_FREE, LEAF_BLOCK_ISOLATED, LEAF_BLOCK_TYPE, LEAF_BROKEN, LEAF_FREE_SAFE,
    LEAF_GIVEN_UP, LEAF_HANDLE, LEAF_HOLES, LEAF_LENGTH, LEAF_LOWMEM_RESERVE, LEAF_MET, LEAF_NODE,
    LEAF_NR_FREE, LEAF_NR_FREE_SUM, LEAF_NUMBER, LEAF_OP, LEAF_PAGES, LEAF_PAGES_OF,
    LEAF_PAGE_ORDER, LEAF_PAGE_STATE, LEAF_PAGE_TYPE, LEAF_PCP, LEAF_PCP_OF, LEAF_PCP_TYPE,
    LEAF_SPANNED, LEAF_STAT, LEAF_SUM, LEAF_WATERMARK, LEAVES, SUMS, SUM_ISOLATED, SUM_OFFLINE,
    SUM_STRAYS, instruction_t, needs_picture, read_leaf,
)
from sim_core.mm.memory cimport NODE_NUMBERS
from sim_core.mm.page cimport NIL
from sim_core.mm.predicate cimport (
    CODE_MAX, STACK_MAX, STEPS, STEP_ABS, STEP_ADD, STEP_AT_LEAST, STEP_AT_MOST, STEP_DIFFERENT,
    STEP_DIVIDE, STEP_EQUAL, STEP_GREATER, STEP_IF, STEP_LESS, STEP_MAX, STEP_MIN, STEP_MULTIPLY,
    STEP_NEGATE, STEP_NOT, STEP_REMAINDER, STEP_SUBTRACT, STEP_UNLESS, holds as program_holds,
)
from sim_core.mm.zone cimport MIGRATE_TYPES, PCPTYPES, STATS, WMARKS

LEAF_CODES = {
    "number": LEAF_NUMBER, "op": LEAF_OP, "node": LEAF_NODE, "handle": LEAF_HANDLE,
    "stat": LEAF_STAT, "watermark": LEAF_WATERMARK, "nr_free": LEAF_NR_FREE,
    "nr_free_sum": LEAF_NR_FREE_SUM, "length": LEAF_LENGTH, "pages": LEAF_PAGES,
    "pages_of": LEAF_PAGES_OF, "pcp": LEAF_PCP, "pcp_of": LEAF_PCP_OF, "pcp_type": LEAF_PCP_TYPE,
    "met": LEAF_MET, "free_safe": LEAF_FREE_SAFE, "lowmem_reserve": LEAF_LOWMEM_RESERVE,
    "given_up": LEAF_GIVEN_UP, "holes": LEAF_HOLES, "spanned": LEAF_SPANNED, "sum": LEAF_SUM,
    "broken": LEAF_BROKEN, "block_type": LEAF_BLOCK_TYPE,
    "block_isolated": LEAF_BLOCK_ISOLATED, "block_free": LEAF_BLOCK_FREE, "block": LEAF_BLOCK,
    "page_state": LEAF_PAGE_STATE, "page_order": LEAF_PAGE_ORDER, "page_type": LEAF_PAGE_TYPE,
}
"""Leaves by what they read (sim_core/mm/leaf.pxd)."""
STEP_CODES = {
    "negate": STEP_NEGATE, "abs": STEP_ABS, "not": STEP_NOT, "+": STEP_ADD, "-": STEP_SUBTRACT,
    "*": STEP_MULTIPLY, "//": STEP_DIVIDE, "%": STEP_REMAINDER, "min": STEP_MIN, "max": STEP_MAX,
    "<": STEP_LESS, "<=": STEP_AT_MOST, ">": STEP_GREATER, ">=": STEP_AT_LEAST, "==": STEP_EQUAL,
    "!=": STEP_DIFFERENT, "unless": STEP_UNLESS, "if": STEP_IF,
}
"""What is done with them (sim_core/mm/predicate.pxd)."""
HANDLE_CODES = {
    "pfn": HANDLE_PFN, "order": HANDLE_ORDER, "owner": HANDLE_OWNER, "in_use": HANDLE_IN_USE,
}
SUM_CODES = {"stray": SUM_STRAYS, "blocks_isolated": SUM_ISOLATED, "blocks_offline": SUM_OFFLINE}
CODE_ROOM = CODE_MAX
assert len(LEAF_CODES) == LEAVES and len(LEAF_CODES) + len(STEP_CODES) == STEPS


cdef class Program:
    """A predicate to be asked of one node, again and again.

    Args:
        node: that is read.
        code: (Leaf or Step, slot of the zone, which, value) of each instruction. Pages are named by PFN,
            pageblocks as the node counts them; the slot of their zone is not looked at.

    Raises:
        RefusedError: no such page, pageblock or zone.
        ValueError: no program.
    """
    def __cinit__(self, Node node, code):
        cdef instruction_t *i
        self.node = node
        if not 0 < len(code) <= CODE_MAX:
            raise ValueError(f"{len(code)} instructions")
        for what, slot, which, value in code:
            i = &self.program.code[self.program.length]
            i.what = what
            i.slot = slot
            i.which = which
            i.value = value
            if i.what < LEAVES:
                self._check_leaf(i)
            self.program.length += 1
        self._check_stack()

    cdef int _check_leaf(self, instruction_t *i) except -1:
        """Every index is within its bounds, and pages and blocks are the node's own numbers from here on."""
        cdef uint32_t place
        cdef Node node = self.node
        whiches = {
            LEAF_NODE: NODE_NUMBERS, LEAF_HANDLE: HANDLE_FIELDS, LEAF_STAT: STATS,
            LEAF_WATERMARK: WMARKS, LEAF_LENGTH: MIGRATE_TYPES, LEAF_PAGES: MIGRATE_TYPES,
            LEAF_PAGES_OF: 1 << MIGRATE_TYPES, LEAF_PCP_TYPE: PCPTYPES, LEAF_MET: 2,
            LEAF_LOWMEM_RESERVE: node.m.nr_zones, LEAF_SUM: SUMS, LEAF_BROKEN: COUNTED + 1,
            LEAF_BLOCK: BLOCK_FIELDS,
        }
        values = {
            LEAF_HANDLE: <uint32_t> NIL, LEAF_NR_FREE: node.m.zones[0].max_order,
            LEAF_LENGTH: node.m.zones[0].max_order, LEAF_PCP_OF: node.m.zones[0].cpus,
            LEAF_PCP_TYPE: node.m.zones[0].cpus,
        }
        if i.what in (LEAF_BLOCK, LEAF_BLOCK_FREE, LEAF_BLOCK_ISOLATED, LEAF_BLOCK_TYPE):
            place = node._block(<uint32_t> i.value)
            i.slot = node._zone_of_block(place).slot
            i.value = place
        elif i.what in (LEAF_PAGE_STATE, LEAF_PAGE_ORDER, LEAF_PAGE_TYPE):
            place = node._page(<uint64_t> i.value)
            i.slot = node._zone_of(place).slot
            i.value = place
        elif i.what != LEAF_NUMBER and not 0 <= i.value < values.get(i.what, 1):
            raise ValueError(f"leaf {i.what} of {i.value}")
        if i.which >= whiches.get(i.what, 1):
            raise ValueError(f"leaf {i.what} has no {i.which}")
        self.program.pictured |= needs_picture(i, node._zone(i.slot))
        return 0

    cdef int _check_stack(self) except -1:
        """Every step finds its operands, nothing goes back, one result is left."""
        cdef uint16_t what
        cdef uint32_t at
        cdef int height = 0
        heights = {}
        for at in range(self.program.length):
            what = self.program.code[at].what
            if heights.pop(at, height) != height:
                raise ValueError(f"instruction {at} is come to with stacks of two heights")
            if height < (0 if what < LEAVES else 2 if STEP_ADD <= what < STEP_UNLESS else 1):
                raise ValueError(f"instruction {at} lacks an operand")
            if STEP_UNLESS <= what < STEPS:
                if self.program.code[at].value <= at:
                    raise ValueError(f"instruction {at} goes back")
                if heights.setdefault(self.program.code[at].value, height) != height:
                    raise ValueError(f"instruction {at} goes where the stack is of another height")
            elif what >= STEPS:
                raise ValueError(f"there is no instruction {what}")
            height += 1 if what < LEAVES else 0 if what < STEP_ADD else -1
            if height > STACK_MAX:
                raise ValueError(f"instruction {at} needs too much stack")
        if height != 1 or heights.pop(self.program.length, 1) != 1 or heights:
            raise ValueError("not one result")
        return 0

    @property
    def pictured(self):
        """Does it read what the picture must be refreshed for, which takes longer?"""
        return bool(self.program.pictured)

    def holds(self):
        """Is it true of the node as it is now?"""
        return bool(program_holds(&self.program, &self.node.m, &self.node.atlas))

    def values(self):
        """What every leaf but plain numbers is worth now, in the order of the code; None: it has no value."""
        cdef const instruction_t *i
        cdef uint32_t at
        cdef bint none
        cdef int64_t value
        cdef list values = []
        if self.program.pictured:
            refresh(&self.node.m, &self.node.atlas)
        for at in range(self.program.length):
            i = &self.program.code[at]
            if LEAF_NUMBER < i.what < LEAVES:
                none = False
                value = read_leaf(i, &self.node.m, &self.node.atlas, &none)
                values.append(None if none else value)
        return values
