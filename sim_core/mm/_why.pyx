"""Asking the log why: who changed a thing last, where a count drifted, which account a page came from.

The present does not change by it.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from sim_core.mm._mm cimport Node
from sim_core.mm.changes cimport filter_t, find_changes, found_t
from sim_core.mm.derived cimport (
    DERIVED_BLOCKS_OFFLINE, DERIVED_SPANNED, DERIVED_STRAY, DERIVED_WATERMARK_OK, DERIVED_WATERMARK_TRUE,
    derive, derived_free, derived_t, find_derived,
)
from sim_core.mm.drift cimport find_drift, gap_at, gap_of, moved_t, weights_t
from sim_core.mm.ledger cimport (
    ACCOUNTS, PLACES, SORTS, balance_zone, journal_t, post_record, posting_t,
)
from sim_core.mm.log cimport log_t, record_t
from sim_core.mm.memory cimport memory_t, zone_of_block
from sim_core.mm.moment cimport first_record, first_told, op_first, steps_in, tells_of
from sim_core.mm.page cimport NIL
from sim_core.mm.reach cimport OF_BLOCKS
from sim_core.mm.undo cimport apply
from sim_core.mm.zone cimport MIGRATE_TYPES, zone_t

from sim_core.errors import RefusedError

cdef enum:
    CHANGES_MOST = 256

MOST = CHANGES_MOST
"""Changes told of in one call."""
SORT_NAMES = (
    "in use", "pcp", "free", "isolated", "stray", "reserved", "offline", "hole", "in transit",
)
"""Sorts of accounts."""
assert len(SORT_NAMES) == SORTS
ANY = (1 << 64) - 1
DERIVED = {
    "stray": DERIVED_STRAY,
    "blocks_offline": DERIVED_BLOCKS_OFFLINE,
    "spanned": DERIVED_SPANNED,
    "watermark_ok": DERIVED_WATERMARK_OK,
    "watermark_true": DERIVED_WATERMARK_TRUE,
}
"""Counters that follow from several records (sim_core/mm/derived.pxd)."""


cdef uint64_t op_at(const log_t *log, uint64_t record) noexcept nogil:
    """The operation that a record belongs to; the log tells of it."""
    cdef uint64_t low = first_told(log), high = log.next_op, middle
    while high - low > 1:
        middle = low + (high - low) // 2
        if op_first(log, middle) <= record:
            low = middle
        else:
            high = middle
    return low


cdef tuple told(const log_t *log, uint64_t record):
    """(kind, site, a, b, where, value) of a record."""
    cdef const record_t *r = &log.ring[record & log.mask]
    return (r.tag & 0xFF, r.tag >> 8 & 0xFF, r.tag >> 16 & 0xFF, r.tag >> 24, r.where, r.value)


cdef tuple where_in_time(const log_t *log, uint64_t record):
    """(operation, writes of it that are done after this record)."""
    cdef uint64_t op = op_at(log, record)
    return op, steps_in(log, op_first(log, op), record + 1)


# ---- who changed this ----

def changes(Node node, kinds, pages=None, handle=None, bint net=False, before=None, unsigned most=MOST):
    """The last changes of one thing, newest first.

    Args:
        kinds: (kind of record, bits of its a, bits of its b) of what may have changed it.
        pages: (first PFN, pages) one of which a record about pages must be about; None: any.
        handle: or the handle that a record must be about.
        net: what each operation changed in sum, and only if that is not 0.
        before: look at the records before this one; None: before the present.

    Returns:
        ([(operation, writes of it that are done then, amount, record)], `before` for the next ones or None,
        the first operation looked at). Without a log ([], None, 0).
    """
    cdef filter_t f
    cdef found_t found[CHANGES_MOST]
    cdef unsigned count = 0
    cdef const log_t *log = &node.m.log
    cdef uint64_t begin, upto = log.head, end, reached
    if log.ring == NULL:
        return [], None, 0
    memset(&f, 0, sizeof(f))
    for kind, a, b in kinds:
        f.kinds |= <uint64_t> 1 << <unsigned> kind
        f.a[<unsigned> kind] = a
        f.b[<unsigned> kind] = b
    f.last = f.handle = f.page = NIL
    f.net = net
    if pages is not None:
        f.first = pages[0] - node.m.base
        f.last = f.first + <uint32_t> pages[1]
    if before is not None:
        upto = min(upto, <uint64_t> before)
    if handle is not None:
        f.handle = handle
        if f.handle < node.m.handles.count:
            f.page = node.m.handles.table[f.handle].page
    begin = reached = first_record(log)
    # Which page a handle stood for is known now, and from here backward.
    end = log.head if handle is not None else upto
    if upto > begin:
        with nogil:
            reached = find_changes(log, &f, node.m.zones[0].block_order, end, upto, begin, found,
                                   min(most, <unsigned> CHANGES_MOST), &count)
    return answered(log, found, count, reached, begin)


def derived_changes(Node node, str name, unsigned zone=0, before=None, unsigned most=MOST):
    """The last operations that changed a counter which follows from several records, newest first.

    Args:
        name: of DERIVED.
        before: as `changes` has it.

    Returns:
        as `changes`; the amount is what the operation changed in sum, the record the last that did.
    """
    cdef found_t found[CHANGES_MOST]
    cdef unsigned count = 0
    cdef const log_t *log = &node.m.log
    cdef derived_t *d
    cdef uint64_t begin, reached, upto = log.head
    if log.ring == NULL:
        return [], None, 0
    if before is not None:
        upto = min(upto, <uint64_t> before)
    d = derive(node._zone(zone), DERIVED[name])
    if d == NULL:
        raise MemoryError("no room to look back")
    begin = first_record(log)
    try:
        with nogil:
            reached = find_derived(log, d, upto, begin, found, min(most, <unsigned> CHANGES_MOST), &count)
    finally:
        derived_free(d)
    return answered(log, found, count, reached, begin)


cdef tuple answered(const log_t *log, const found_t *found, unsigned count, uint64_t reached, uint64_t begin):
    cdef unsigned i
    return (
        [(*where_in_time(log, found[i].record), found[i].net, told(log, found[i].record))
         for i in range(count)],
        reached if reached > begin else None,
        first_told(log),
    )


# ---- where a count drifted ----

cdef dict moves(Node node, const zone_t *z, const weights_t *weights, const moved_t *moved):
    op, step = where_in_time(&node.m.log, moved.record)
    return {
        "op": op,
        "step": step,
        "gap": gap_of(moved, weights),
        "by_order": [gap_at(moved, weights, o) for o in range(z.max_order)],
        "nr_free_pages": moved.nr_free_pages,
        "nr_free": [moved.counted[o] for o in range(z.max_order)],
        "listed": [[moved.listed[mt][o] for o in range(z.max_order)] for mt in range(MIGRATE_TYPES)],
    }


def drift(Node node, tuple weights, unsigned zone=0, unsigned most=64):
    """Every operation that the log tells of and that moved the difference of an identity.

    Args:
        weights: how pages count in the sum that is to be zero: (by NR_FREE_PAGES, by nr_free, on ISOLATE
            lists, on the others, is it to be zero order by order?).
        most: of them the newest are told.

    Returns:
        ([moves], newest first, [their number, all of them as one: None if there are none]). Moves have the
        operation and the step after which it was so; `gap` in pages, `by_order` without NR_FREE_PAGES.
    """
    cdef const zone_t *z = node._zone(zone)
    cdef const log_t *log = &node.m.log
    cdef weights_t w
    cdef moved_t sum
    cdef moved_t *found
    cdef uint64_t count = 0, i
    if log.ring == NULL:
        return [], 0, None
    w.nr_free_pages, w.nr_free, w.isolated, w.usable, w.by_order = weights
    found = <moved_t *> calloc(max(most, 1u), sizeof(moved_t))
    if found == NULL:
        raise MemoryError("no room for the drift")
    try:
        with nogil:
            count = find_drift(log, z, &w, first_record(log), log.head, found, most, &sum)
        return (
            [moves(node, z, &w, &found[i]) for i in range(min(count, <uint64_t> most))],
            count,
            moves(node, z, &w, &sum) if count else None,
        )
    finally:
        free(found)


# ---- the ledger ----

cdef dict balances(const int64_t *balance):
    """(sort, order, migratetype) -> pages, of accounts that are not empty."""
    cdef unsigned i
    return {(i // PLACES, i % PLACES >> 3, i & 7): balance[i] for i in range(ACCOUNTS) if balance[i]}


cdef tuple named(unsigned account):
    return account // PLACES, account % PLACES >> 3, account & 7


def balance(Node node, unsigned zone=0):
    """Every page of a zone in its account, by a walk: (sort, order, migratetype) -> pages. Of sorts that
    know neither order nor type both are 0."""
    cdef int64_t found[ACCOUNTS]
    cdef const zone_t *z = node._zone(zone)
    with nogil:
        balance_zone(z, found)
    return balances(found)


cdef void post_operation(memory_t *m, const zone_t *z, uint64_t start, uint64_t end,
                         journal_t *j) noexcept nogil:
    """Go back to `start`, post every write up to `end`, where the present is; the same is there then."""
    cdef uint64_t travels = m.travels
    cdef const record_t *r
    while m.log.head > start:
        m.log.head -= 1
        apply(m, &m.log.ring[m.log.head & m.log.mask], False)
    while m.log.head < end:
        r = &m.log.ring[m.log.head & m.log.mask]
        apply(m, r, True)
        if zone_has(m, z, r):
            post_record(j, m.log.head, z, r)
        m.log.head += 1
    m.travels = travels


cdef bint zone_has(memory_t *m, const zone_t *z, const record_t *r) noexcept nogil:
    """Is a record that moves pages about this zone's?"""
    cdef unsigned kind = r.tag & 0xFF
    if <uint64_t> OF_BLOCKS >> kind & 1:
        return z.first_block <= r.where < z.last_block and zone_of_block(m, r.where) == z
    return z.start <= r.where < z.end


def postings(Node node, unsigned zone=0, unsigned most=256):
    """What the operation at hand moved from account to account, as far as it is done.

    Returns:
        (operation, [(step, record, from, to, pages)] of which at most `most`, how many there are,
        balance as of now less that of before it). Accounts are (sort, order, migratetype).

    Raises:
        RefusedError: the log does not tell of it.
    """
    cdef const zone_t *z = node._zone(zone)
    cdef log_t *log = &node.m.log
    cdef int64_t sums[ACCOUNTS]
    cdef journal_t j
    cdef uint64_t start, i
    if not tells_of(log, node.m.op):
        raise RefusedError(f"operation {node.m.op} is not in the log", field="op")
    memset(sums, 0, sizeof(sums))
    j.balance = sums
    j.room = most
    j.count = 0
    j.postings = <posting_t *> calloc(max(most, 1u), sizeof(posting_t))
    if j.postings == NULL:
        raise MemoryError("no room for the postings")
    start = op_first(log, node.m.op)
    try:
        with nogil:
            post_operation(&node.m, z, start, log.head, &j)
        return (
            node.m.op,
            [(steps_in(log, start, j.postings[i].record + 1), told(log, j.postings[i].record),
              named(j.postings[i].debit), named(j.postings[i].credit), j.postings[i].pages)
             for i in range(min(j.count, j.room))],
            j.count,
            balances(sums),
        )
    finally:
        free(j.postings)
