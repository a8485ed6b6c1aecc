"""Frames for viewers: what a viewer looks at, and how a frame of it is cut (docs/PROTOCOL.md, section 5).

Nothing here changes the node, but for the epoch, which a look at the picture begins anew.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy

from sim_core.mm._mm cimport Node
from sim_core.mm.check cimport IDENTITIES, verdict_t
from sim_core.mm.frame cimport (
    COUNTERS, C_STRAY, SECTION_CELLS, SECTION_CHANGED, SECTION_COUNTERS, SECTION_IDENTITIES,
    SECTION_LISTS, SECTION_MOMENT, SECTION_NODE, SECTION_NR_FREE, SECTION_PAGES, SECTION_PCP, SECTION_WINDOW,
    STAMPS_AT_ONCE, SUMMARY_NUMBERS, any_newer, judge_now, read_counters, refresh, summarize,
    write_pages,
)
from sim_core.mm.memory cimport NODE_NUMBERS
from sim_core.mm.picture cimport merge_cells
from sim_core.mm.zone cimport MIGRATE_TYPES, PCPTYPES, WATCHED_MAX, pcp_of_type, zone_t

cdef enum:
    HEADER_BYTES = 64
    FRAME_MAGIC = 0x3146535A
    FRAME_VERSION = 1
    FRAME_KEYFRAME = 1
    CELLS_SECTIONS = 7
    MOMENT_BYTES = 40
    WINDOW_SECTIONS = 2
    WINDOW_BYTES = 16


cdef class View:
    """What one viewer, or several with the same wish, look at.

    A cells view shows pageblocks [first, first + count), `per_cell` of them a cell. A pages view
    shows the states of pages [first, first + count). A window shows `count` single pageblocks: runs
    of `run` blocks, each `stride` after the one before, so that a map of `stride` columns has them
    as a rectangle; its last run may be shorter.
    """
    cdef readonly bint pages
    cdef readonly uint64_t first
    cdef readonly uint32_t count
    cdef readonly uint32_t per_cell
    cdef readonly uint32_t run      # blocks; 0: no window
    cdef readonly uint32_t stride   # blocks
    cdef uint32_t seen     # epoch up to which its last delta told
    cdef uint64_t op       # at that delta
    cdef uint64_t travels
    cdef bint begun

    def __init__(self, bint pages, uint64_t first, uint32_t count, uint32_t per_cell,
                 uint32_t run=0, uint32_t stride=0):
        self.pages = pages
        self.first = first
        self.count = count
        self.per_cell = per_cell
        self.run = run
        self.stride = stride

    @property
    def cells(self):
        """Cells, or pages, in the view."""
        return self.count if self.pages else (self.count + self.per_cell - 1) // self.per_cell

    def changed(self, Node node):
        """Has the node come to another moment since the view's last delta, or was there none yet?"""
        return not self.begun or node.m.op != self.op or node.m.travels != self.travels


def cut(View view, Node node, bint keyframe, unsigned flags, uint32_t number, uint64_t seq,
        uint64_t base_seq, double now_ms, uint32_t lateness_us, moment):
    """One frame (docs/PROTOCOL.md, section 5).

    A delta tells what changed since the view's last delta, and the next one counts from here. A
    keyframe tells everything and moves nothing, so that it serves readers who missed frames without
    disturbing those who did not. A view's first delta is a keyframe too.

    Args:
        flags: 2 running, 4 stopped, 8 heartbeat.
        number: the view's, as the connection knows it.
        seq, base_seq: the frame's number in its view, and the one it is against.
        now_ms: time since 1970.
        moment: (branch, writes done, writes in all, is the operation over?, last operation of the
            branch, first one that the log tells of, last one of boot).
    """
    cdef bytearray out = bytearray(HEADER_BYTES)
    cdef bint whole = keyframe or not view.begun
    refresh(&node.m, &node.atlas)
    if view.pages:
        _pages_section(out, view, node)
    elif view.run:
        _window_section(out, view)
        _cells(out, view, node, whole)
    else:
        _numbers(out, node, node._zone_of_block(_first_block(view, node, 0)))
        _cells(out, view, node, whole)
        _moment_section(out, moment)
        if node.m.whole:
            _node_section(out, node)
    if whole:
        flags |= FRAME_KEYFRAME
        base_seq = 0
    _header(out, view, node, flags, number, seq, base_seq, now_ms, lateness_us)
    if not keyframe:
        view.begun = True
        view.seen = node.atlas.seen
        view.op = node.m.op
        view.travels = node.m.travels
    return bytes(out)


cdef void _header(bytearray out, View view, Node node, unsigned flags, uint32_t number,
                  uint64_t seq, uint64_t base_seq, double now_ms, uint32_t lateness_us):
    cdef char *h = out
    (<uint32_t *> h)[0] = FRAME_MAGIC
    (<uint16_t *> (h + 4))[0] = FRAME_VERSION
    (<uint16_t *> (h + 6))[0] = <uint16_t> flags
    (<uint64_t *> (h + 8))[0] = seq
    (<uint64_t *> (h + 16))[0] = base_seq
    (<uint64_t *> (h + 24))[0] = node.m.op
    (<double *> (h + 32))[0] = now_ms
    (<uint32_t *> (h + 40))[0] = number
    (<uint32_t *> (h + 44))[0] = <uint32_t> view.cells
    h[48] = <char> node.m.zones[0].max_order
    h[49] = MIGRATE_TYPES
    (<uint16_t *> (h + 50))[0] = (1 if view.pages else WINDOW_SECTIONS if view.run
                                  else CELLS_SECTIONS + node.m.whole)
    (<uint32_t *> (h + 52))[0] = view.per_cell
    (<uint32_t *> (h + 56))[0] = 0 if view.pages else <uint32_t> view.first
    (<uint32_t *> (h + 60))[0] = lateness_us


cdef char *_section(bytearray out, uint32_t kind, uint32_t size):
    """Append a zeroed section; returns where its payload begins."""
    cdef Py_ssize_t start = len(out)
    cdef char *h
    out.extend(bytes(8 + (size + 7) // 8 * 8))
    h = <char *> out + start
    (<uint32_t *> h)[0] = kind
    (<uint32_t *> (h + 4))[0] = size
    return h + 8


cdef void _numbers(bytearray out, Node node, zone_t *z):
    """Of the zone that the view begins in."""
    cdef unsigned mt, o, cpu
    cdef uint32_t *words
    cdef int64_t values[COUNTERS]
    read_counters(z, &node.atlas, values)
    memcpy(_section(out, SECTION_COUNTERS, sizeof(values)), values, sizeof(values))
    memcpy(_section(out, SECTION_NR_FREE, z.max_order * 8), z.nr_free, z.max_order * 8)
    words = <uint32_t *> _section(out, SECTION_LISTS, MIGRATE_TYPES * z.max_order * 4)
    for mt in range(MIGRATE_TYPES):
        for o in range(z.max_order):
            words[mt * z.max_order + o] = z.lists[mt][o].length
    _identities(out, node, z, values[C_STRAY])
    words = <uint32_t *> _section(out, SECTION_PCP, z.cpus * PCPTYPES * 4)
    for cpu in range(z.cpus):
        for mt in range(PCPTYPES):
            words[cpu * PCPTYPES + mt] = <uint32_t> pcp_of_type(z, cpu, mt)


cdef void _identities(bytearray out, Node node, const zone_t *z, int64_t strays):
    cdef verdict_t verdicts[IDENTITIES]
    cdef char *h = _section(out, SECTION_IDENTITIES, IDENTITIES * 32)
    cdef unsigned i
    cdef bint aimed
    judge_now(z, node.last[z.slot], strays, verdicts)
    for i in range(IDENTITIES):
        aimed = node.aims >> i & 1
        h[0] = (0 if verdicts[i].holds else 1) if aimed else (3 if verdicts[i].holds else 2)
        h[1] = verdicts[i].order
        h[2] = verdicts[i].mt
        (<int64_t *> (h + 8))[0] = verdicts[i].expected
        (<int64_t *> (h + 16))[0] = verdicts[i].got
        (<uint64_t *> (h + 24))[0] = z.first_broken[i] if i < WATCHED_MAX else 0
        h += 32


cdef void _node_section(bytearray out, Node node):
    """What the node has beside its zones, and a summary of every zone."""
    cdef uint32_t size = 8 + (NODE_NUMBERS + node.m.nr_zones * SUMMARY_NUMBERS) * 8
    cdef char *h = _section(out, SECTION_NODE, size)
    cdef int64_t *numbers = <int64_t *> (h + 8)
    cdef unsigned i
    (<uint32_t *> h)[0] = node.m.nr_zones
    (<uint32_t *> (h + 4))[0] = NODE_NUMBERS
    memcpy(numbers, node.m.number, sizeof(node.m.number))
    for i in range(node.m.nr_zones):
        summarize(&node.m, &node.m.zones[i], numbers + NODE_NUMBERS + i * SUMMARY_NUMBERS)


cdef void _moment_section(bytearray out, moment):
    cdef char *h = _section(out, SECTION_MOMENT, MOMENT_BYTES)
    branch, step, steps, whole, tip, kept_from, first_op = moment
    (<uint32_t *> h)[0] = branch
    (<uint32_t *> h)[1] = step
    (<uint32_t *> h)[2] = steps
    (<uint32_t *> h)[3] = whole
    (<uint64_t *> (h + 16))[0] = tip
    (<uint64_t *> (h + 24))[0] = kept_from
    (<uint64_t *> (h + 32))[0] = first_op


cdef uint32_t _first_block(View view, Node node, uint32_t i):
    """Of cell i, as the node's arrays count blocks."""
    cdef uint32_t b = node.m.first_block + <uint32_t> view.first
    if view.run:
        return b + i // view.run * view.stride + i % view.run
    return b + i * view.per_cell


cdef uint32_t _cell(View view, Node node, uint32_t i):
    cdef uint32_t b = _first_block(view, node, i)
    return merge_cells(&node.atlas.cell[b], min(view.per_cell, view.count - i * view.per_cell))


cdef uint32_t _changed(View view, Node node, uint32_t *found, uint32_t most):
    """Cells that changed since the view's last delta.

    Args:
        found: OUT, [most] their indices, ascending.

    Returns:
        how many, or most + 1 if they are more than that.
    """
    cdef uint32_t cells = <uint32_t> view.cells, i = 0, n = 0, k, follow, b
    while i < cells:
        # Cells whose blocks follow one another are passed over together.
        follow = min(max(STAMPS_AT_ONCE // view.per_cell, 1), cells - i)
        if view.run:
            follow = min(follow, view.run - i % view.run)
        b = _first_block(view, node, i)
        if any_newer(&node.stamp[b], min(follow * view.per_cell, view.count - i * view.per_cell),
                     view.seen):
            for k in range(i, i + follow):
                if not any_newer(&node.stamp[b + (k - i) * view.per_cell],
                                 min(view.per_cell, view.count - k * view.per_cell), view.seen):
                    continue
                if n == most:
                    return most + 1
                found[n] = k
                n += 1
        i += follow
    return n


cdef void _cells(bytearray out, View view, Node node, bint keyframe):
    """All cells, or those that changed if that is shorter."""
    cdef uint32_t cells = <uint32_t> view.cells, i, n
    cdef uint32_t most = (cells - 3) // 2 if cells > 2 else 0   # with 8 n + 8 bytes below 4 a cell
    cdef uint32_t *words
    cdef bytearray held
    if not keyframe and cells > 2:
        held = bytearray(most * 4)
        words = <uint32_t *> <char *> held
        n = _changed(view, node, words, most)
        if n <= most:
            _changed_section(out, view, node, words, n)
            return
    words = <uint32_t *> _section(out, SECTION_CELLS, cells * 4)
    for i in range(cells):
        words[i] = _cell(view, node, i)


cdef void _changed_section(bytearray out, View view, Node node, const uint32_t *found, uint32_t n):
    cdef uint32_t *words = <uint32_t *> _section(out, SECTION_CHANGED, 8 + n * 8)
    cdef uint32_t i
    words[0] = n
    memcpy(words + 2, found, n * 4)
    for i in range(n):
        words[2 + n + i] = _cell(view, node, found[i])


cdef void _window_section(bytearray out, View view):
    cdef uint32_t *words = <uint32_t *> _section(out, SECTION_WINDOW, WINDOW_BYTES)
    words[0] = view.run
    words[1] = (view.count + view.run - 1) // view.run
    words[2] = view.stride


cdef void _pages_section(bytearray out, View view, Node node):
    cdef char *h = _section(out, SECTION_PAGES, 16 + 2 * view.count)
    (<uint64_t *> h)[0] = view.first
    (<uint32_t *> (h + 8))[0] = view.count
    write_pages(&node.m, view.first, view.count, <uint8_t *> (h + 16),
                <uint8_t *> (h + 16 + view.count))
