"""What a node has beside its zones, and its pageblocks, pages and handles."""

from typing import Final

from sim_core.mm._predicate import HANDLE_CODES
from sim_core.mm._read import BLOCK_FIELDS, NODE_NAMES
from sim_core.predicates.kinds import NUMBER, STATE, TRUTH, TYPE, VERDICT, Kind
from sim_core.predicates.row import UP, Name


def _number(
    spelling: str,
    words: str,
    unit: str,
    bounds: str,
    number: str,
    kind: Kind = NUMBER,
    whole: bool = True,
) -> Name:
    """One of memory_t.number."""
    name = spelling.replace(".", "_")
    aliases = () if name == spelling else (name,)
    which, source = NODE_NAMES.index(name), f"m->number[{number}]"
    return Name(spelling, words, unit, bounds, source, "node", which, kind, "node", whole, aliases)


def _block(field: str, words: str) -> Name:
    """One of block_t's numbers."""
    inside = "in_use" if field == "allocated" else field
    return Name(
        f"pageblock[<block>].{inside}",
        words,
        "pages",
        "0 … 2^pageblock_order",
        f"look_at_block(z, b).{field}",
        "block",
        BLOCK_FIELDS.index(field),
        of="node",
    )


def _page(field: str, words: str, unit: str, source: str, kind: Kind) -> Name:
    bounds = ", ".join(kind.words) or "0 … max_order - 1"
    return Name(
        f"page[<pfn>].{field}", words, unit, bounds, source, f"page_{field}", 0, kind, "node"
    )


def _handle(field: str, words: str, bounds: str, source: str, kind: Kind = NUMBER) -> Name:
    which = HANDLE_CODES[field]
    return Name(
        f"handle[<handle>].{field}", words, "", bounds, source, "handle", which, kind, "node"
    )


NODE: Final = (
    Name("op", "Number of the last operation.", "operations", UP, "m->op", "op", of="node"),
    _number(
        "min_free_kbytes",
        "What the marks of all zones are made from, as last worked out or written.",
        "KiB",
        UP,
        "N_MIN_FREE_KBYTES",
        whole=False,
    ),
    _number("cpu", "The CPU that runs.", "", "0 … CPUs - 1", "N_CPU", whole=False),
    _number("swap_free", "Pages that swap still takes.", "pages", UP, "N_SWAP_FREE"),
    _number("kswapd.awake", "kswapd is awake.", "", "yes, no", "N_KSWAPD_AWAKE", TRUTH),
    _number("kswapd.order", "Order that kswapd was woken for.", "", UP, "N_KSWAPD_ORDER"),
    _number(
        "kswapd.class",
        "Slot of the highest zone that kswapd balances for, counted from the lowest zone, 0.",
        "",
        "0 … zones - 1",
        "N_KSWAPD_CLASS",
    ),
    _number(
        "kswapd.priority",
        "Priority of kswapd's next step: it looks at the LRU >> priority.",
        "",
        "0 … 12",
        "N_KSWAPD_PRIORITY",
    ),
    _number(
        "kswapd.reclaimed",
        "Pages that kswapd has freed since its balancing began.",
        "pages",
        UP,
        "N_KSWAPD_RECLAIMED",
    ),
    _number(
        "verdict",
        "How the last request ended.",
        "",
        ", ".join(VERDICT.words),
        "N_VERDICT",
        VERDICT,
    ),
    _number("turns", "Turns that it took through reclaim.", "turns", UP, "N_TURNS"),
    _number("oom_kills", "Processes killed so far.", "processes", UP, "N_OOM_KILLS"),
    _number("oom_victim", "The process killed last; 0: none.", "", "0 … 250", "N_OOM_VICTIM"),
)

BLOCKS: Final = (
    Name(
        "pageblock[<block>].type",
        "Migratetype of a pageblock.",
        "",
        ", ".join(TYPE.words),
        "z->block_type[b]",
        "block_type",
        kind=TYPE,
        of="node",
    ),
    Name(
        "pageblock[<block>].isolated",
        "The type of a pageblock is ISOLATE.",
        "",
        "yes, no",
        "z->block_type[b] == ISOLATE",
        "block_isolated",
        kind=TRUTH,
        of="node",
    ),
    Name(
        "pageblock[<block>].free",
        "Pages of the block that lie on free lists.",
        "pages",
        "0 … 2^pageblock_order",
        "z->block_free[b]",
        "block_free",
        of="node",
    ),
    _block("pages", "Pages of the block that lie in the zone, holes included."),
    _block("allocated", "Pages of the block that are in use."),
    _block("lru", "Pages in use that are on the LRU."),
    _block("unmovable", "Pages in use that are not on the LRU, and so cannot be moved."),
    _block("pinned", "Pages in use that somebody holds besides their owner."),
    _block("pcp", "Pages of the block on pcp lists."),
    _block("reserved", "Pages of the block that boot kept back."),
    _block("offline", "Pages of the block that are offline."),
    _block("holes", "Pages of the block that are not there."),
    _block("stray", "Free pages of the block on a list on the other side of ISOLATE."),
)

PAGES: Final = (
    _page(
        "state",
        "What a page is: the head of a chunk, one of its other pages (TAIL), or a page by itself.",
        "",
        "page_state(p) & KIND_MASK",
        STATE,
    ),
    _page(
        "order",
        "Order of the chunk that begins at the page; no value if none does.",
        "",
        "page_state(p) & ORDER_MASK",
        NUMBER,
    ),
    _page(
        "type",
        "Migratetype of the list that the chunk is on, of a chunk in use the one asked for, of one "
        "half freed the one read; no value if no chunk begins at the page.",
        "",
        "page_attr(p) & ATTR_TYPE",
        TYPE,
    ),
)

HANDLES: Final = (
    _handle("in_use", "The handle stands for a chunk.", "yes, no", "h->page != NIL", TRUTH),
    _handle("pfn", "PFN at which its chunk begins; no value without one.", UP, "m->base + h->page"),
    _handle("order", "Order of its chunk; no value without one.", "0 … max_order - 1", "h->order"),
    _handle(
        "owner", "Process of its chunk, 0 for none; no value without one.", "0 … 250", "h->owner"
    ),
)
