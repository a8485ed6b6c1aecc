"""Words for the log of primitive writes: an operation told function by function, from it alone.

The numbers of kinds, sites and operations are those of sim_core/mm/log.pxd and operation.pxd, in
their order; a test holds the tables below to them.
"""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim_core.mm._travel import STEP_KINDS
from sim_core.vocabulary import MIGRATETYPES, PCPTYPES
from sim_core.workloads import WORKLOADS

Record = tuple[int, int, int, int, int, int]
"""(kind, site, a, b, where, value)"""

NIL: Final = 0xFFFFFFFF
KINDS: Final = (
    "op",
    "args",
    "ret",
    "link",
    "unlink",
    "pcp_link",
    "pcp_unlink",
    "nr_free",
    "stat",
    "state",
    "prep",
    "unprep",
    "run",
    "fill",
    "block_type",
    "block_free",
    "watermark",
    "pcp_size",
    "handle",
    "rebind",
    "live_push",
    "live_remove",
    "random",
    "workload",
    "stop",
    "pcp_state",
    "queue_push",
    "queue_remove",
    "lowmem_reserve",
    "node",
    "setting",
    "watch",
)
SITES: Final = (
    "",
    "__free_one_page",
    "expand",
    "__rmqueue_smallest",
    "__rmqueue_fallback",
    "rmqueue_bulk",
    "buffered_rmqueue",
    "move_freepages",
    "__free_pages_ok",
    "free_one_page",
    "free_one_isolated_page",
    "free_hot_cold_page",
    "free_pcppages_bulk",
    "prep_new_page",
    "set_pageblock_migratetype",
    "set_migratetype_isolate",
    "unset_migratetype_isolate",
    "split_free_page",
    "__offline_isolated_pages",
    "offline_pages",
    "migrate_pages",
    "online_pages",
    "setup_per_zone_wmarks",
    "setup_zone_migrate_reserve",
    "zone_pcp_update",
    "free_all_bootmem",
    "the simulator",
    "a person",
    "account_freepages",
    "steal_suitable_fallback",
    "__rmqueue_claim",
    "__rmqueue_steal",
    "isolate_single_pageblock",
    "move_freepages_block_isolate",
    "zone_pcp_disable",
    "reserve_highatomic_pageblock",
    "setup_per_zone_lowmem_reserve",
    "shrink_zone",
    "balance_pgdat",
    "wakeup_kswapd",
    "out_of_memory",
    "__alloc_pages_slowpath",
)
OPERATIONS: Final = (
    "idle",
    "alloc",
    "free",
    "drain",
    "set_block_type",
    "pin",
    "unpin",
    "isolate",
    "unisolate",
    "split_free_page",
    "offline",
    "online",
    "boot_free",
    "mark_lru",
    "offline_isolated",
    "online_pages",
    "free_begin",
    "free_finish",
    "alloc_contig",
    "free_contig",
    "drop_cache",
    "kswapd_step",
    "write_min_free_kbytes",
    "oom_kill",
    "run_on",
    "read_cache",
    "exit",
    "set_workload",
)
STAT_WORDS: Final = (
    "NR_FREE_PAGES",
    "present pages",
    "pages reserved at boot",
    "offline pages",
    "allocated pages",
    "requests that found no page",
    "fallbacks",
    "pcp drains",
    "migrated pages",
    "requests served",
    "frees",
    "NR_FREE_CMA_PAGES",
    "NR_FREE_HIGHATOMIC",
    "isolated blocks by the zone's count",
    "pages reserved as HIGHATOMIC",
    "file pages on the LRU",
    "anonymous pages on the LRU",
    "pages_scanned",
    "all_unreclaimable",
    "the hand over file pages",
    "the hand over anonymous pages",
)
NODE_WORDS: Final = (
    "min_free_kbytes",
    "free swap pages",
    "kswapd awake",
    "kswapd's order",
    "kswapd's class",
    "kswapd's priority",
    "pages kswapd reclaimed",
    "the verdict",
    "turns of the slow path",
    "processes killed",
    "the last process killed",
    "the CPU that runs",
)
PCP_SIZE_WORDS: Final = ("high", "largest high", "batch")
PCP_STATE_WORDS: Final = ("factor", "free_count", "PREV_FREE_HIGH_ORDER", "high")
STATE_WORDS: Final = (
    "part of a chunk",
    "a free head",
    "in use",
    "pinned",
    "on a pcp list",
    "reserved",
    "offline",
    "a hole",
    "being migrated",
    "half freed",
)
WATCHED: Final = ("I1", "I1x", "I2", "I2x", "I3", "I4")
WATERMARK_WORDS: Final = ("MIN", "LOW", "HIGH")
BUG_WORDS: Final = {
    1001: "kernel BUG: VM_BUG_ON(migratetype == MIGRATE_ISOLATE) in free_one_page. "
    "A page of an ISOLATE pageblock was freed the ordinary way. The node has stopped.",
    1002: "kernel panic: out of memory, and no process is left to kill. The node has stopped.",
}
HANGS: Final = 900
"""Returned by what would never return: its request for a page goes round for ever."""
STEPS: Final = frozenset(KINDS[kind] for kind in STEP_KINDS)
"""Kinds that are a step of a kernel's; the others are the simulator's own bookkeeping."""

_SHOWN_MAX: Final = 64


@dataclass(frozen=True)
class Place:
    """What turns node-relative numbers into a person's.

    Attributes:
        base: PFN of node-relative pfn 0.
        first_block: index of the lowest zone's first pageblock.
        block_order: pageblock_order.
    """

    base: int
    first_block: int
    block_order: int

    def pfn(self, page: int) -> int:
        """Absolute PFN of a node-relative one."""
        return self.base + page

    def block(self, block: int) -> int:
        """Index of a pageblock as the page counts them."""
        return block - self.first_block

    def block_of(self, page: int) -> int:
        """Index of the pageblock that a node-relative pfn lies in."""
        return self.block(page >> self.block_order)


def signed(word: int, bits: int = 64) -> int:
    """A two's complement number of so many bits."""
    return word - (1 << bits) if word >> (bits - 1) else word


def errno_name(ret: int) -> str | None:
    """Name of a negative errno ("EBUSY"), or None; what never returns is "HANGS"."""
    if ret == -HANGS:
        return "HANGS"
    return errno.errorcode.get(-ret) if -1000 < ret < 0 else None


def describe(record: Record, place: Place) -> str:
    """One record in words, without the function's name.

    Raises:
        IndexError: a kind that has no words.
    """
    return _WORDS[KINDS[record[0]]](record, place)


def narrate(op: int, records: Sequence[Record], total: int, place: Place) -> dict[str, Any]:
    """One operation as docs/PROTOCOL.md, section 4, has it.

    Args:
        records: its first records, from its beginning.
        total: how many it has in all.
    """
    title, kind = _title(records, place)
    ret = next((r for r in reversed(records) if KINDS[r[0]] == "ret"), None)
    steps = [r for r in records if not _own(r)]
    told = [
        {"site": SITES[r[1]], "kind": KINDS[r[0]], "words": describe(r, place)}
        for r in steps[:_SHOWN_MAX]
    ]
    result = describe(ret, place) if ret else "still under way"
    return {
        "op": op,
        "kind": kind,
        "title": title,
        "words": f"{title}: {result}",
        "ret": result,
        "records": told,
        "more": len(steps) - len(told) + (total - len(records)),
    }


def _own(record: Record) -> bool:
    return KINDS[record[0]] not in STEPS


def _title(records: Sequence[Record], place: Place) -> tuple[str, str]:
    _, _, kind, _, packed, _ = records[0]
    _, _, _, _, where, count = records[1]
    order, mt, flag = packed & 0xFF, MIGRATETYPES[packed >> 8 & 0xFF], packed >> 16
    name = OPERATIONS[kind]
    if name == "set_workload":
        return f"from here on the workload is {list(WORKLOADS)[count]}", name
    pfn, block = place.pfn(where), place.block_of(where)
    moving = ", moving its chunks"
    pages = f"{count} page{'s' if count != 1 else ''}"
    titles: dict[str, str] = {
        "idle": "the workload has nothing to do",
        "alloc": f"allocate order {order}, {mt}{', LRU' if flag & 1 else ''}"
        + (", cannot wait" if flag & 4 else ""),
        "free": f"free pfn {pfn}, order {order}",
        "free_begin": f"begin to free pfn {pfn}, order {order}",
        "free_finish": f"finish the free of pfn {pfn}, order {order}",
        "drain": "drain all pcp lists",
        "set_block_type": f"set pageblock {block} to {mt}{moving if flag & 1 else ''}",
        "pin": f"pin pfn {pfn}",
        "unpin": f"unpin pfn {pfn}",
        "isolate": f"isolate pageblock {block}",
        "unisolate": f"un-isolate pageblock {block} to {mt}",
        "split_free_page": f"split the free chunk at pfn {pfn}, order {order}",
        "offline": f"offline pageblock {block}" + (f" and {count - 1} more" if count > 1 else ""),
        "online": f"online pageblock {block}" + (f" and {count - 1} more" if count > 1 else ""),
        "boot_free": f"give reserved pfn {pfn}, order {order}, to the allocator",
        "mark_lru": f"{'put' if flag else 'take'} pfn {pfn} {'on' if flag else 'off'} the LRU",
        "offline_isolated": f"take the free chunks of {pages} from pfn {pfn} on out of use",
        "online_pages": f"free {pages} from pfn {pfn} on",
        "alloc_contig": f"alloc_contig_range: {pages} from pfn {pfn} on, out of {mt}",
        "free_contig": f"free_contig_range: {pages} from pfn {pfn} on",
        "kswapd_step": "a step of kswapd",
        "write_min_free_kbytes": f"write {count} to min_free_kbytes",
        "run_on": f"run on CPU {count}",
        "oom_kill": "kill the process with most pages",
        "drop_cache": f"drop {pages} of page cache, the oldest first, from pfn {pfn} on",
        "read_cache": f"read {pages} of a file into the page cache",
        "exit": f"process {order} ends: {count} of its chunk{'s' if count != 1 else ''}",
    }
    return titles[name], name


def _ret(record: Record, place: Place) -> str:
    _, _, _, _, is_page, value = record
    ret = signed(value)
    if is_page:
        return "no page" if value == NIL else f"pfn {place.pfn(value)}"
    if -ret in BUG_WORDS:
        return BUG_WORDS[-ret]
    name = errno_name(ret)
    return f"-{name}" if name else "done" if ret == 0 else f"{ret}"


def _neighbours(value: int) -> str:
    before, after = value & NIL, value >> 32
    if before == NIL:
        return "as the only one" if after == NIL else "at the head"
    return "at the tail" if after == NIL else "in the middle"


def _link(record: Record, place: Place) -> str:
    _, _, order, mt, page, value = record
    return f"puts pfn {place.pfn(page)}, order {order}, on {MIGRATETYPES[mt]} {_neighbours(value)}"


def _unlink(record: Record, place: Place) -> str:
    _, _, order, mt, page, _ = record
    return f"takes pfn {place.pfn(page)}, order {order}, off {MIGRATETYPES[mt]}"


def _pcp_link(record: Record, place: Place) -> str:
    _, _, cpu, packed, page, _ = record
    mt, kept = (packed & 0x0F) % len(PCPTYPES), packed >> 4
    remembered = "" if mt == kept else f", remembered as {MIGRATETYPES[kept]}"
    return f"queues pfn {place.pfn(page)} on CPU {cpu}'s {_pcp_list(packed)}{remembered}"


def _pcp_list(packed: int) -> str:
    order, mt = divmod(packed & 0x0F, len(PCPTYPES))
    return f"{MIGRATETYPES[mt]} list" + (f" of order {order}" if order else "")


def _pcp_unlink(record: Record, place: Place) -> str:
    _, _, cpu, packed, page, _ = record
    return f"takes pfn {place.pfn(page)} off CPU {cpu}'s {_pcp_list(packed)}"


def _nr_free(record: Record, place: Place) -> str:
    _, _, order, _, delta, value = record
    return f"nr_free[{order}]: {_from_to(value, delta)}"


def _stat(record: Record, place: Place) -> str:
    _, _, which, _, delta, value = record
    return f"{STAT_WORDS[which]}: {_from_to(value, delta)}"


def _state(record: Record, place: Place) -> str:
    _, _, old, new, page, value = record
    was, now = STATE_WORDS[old >> 4], STATE_WORDS[new >> 4]
    if was == now:
        on = bool(value >> 8 & 8)
        return f"pfn {place.pfn(page)}: {'on' if on else 'off'} the LRU"
    return f"pfn {place.pfn(page)}, order {value >> 16}: {was} → {now}"


def _prep(record: Record, place: Place) -> str:
    _, _, order, attr, page, _ = record
    lru = ", on the LRU" if attr & 8 else ""
    return f"pfn {place.pfn(page)}, order {order}: in no chunk → in use{lru}"


def _unprep(record: Record, place: Place) -> str:
    _, _, old, _, page, _ = record
    return f"pfn {place.pfn(page)}, order {old & 15}: {STATE_WORDS[old >> 4]} → in no chunk"


def _run(record: Record, place: Place) -> str:
    _, _, old, new, page, count = record
    return (
        f"{count} page{'s' if count != 1 else ''} from pfn {place.pfn(page)} on: "
        f"{STATE_WORDS[old >> 4]} → {STATE_WORDS[new >> 4]}"
    )


def _fill(record: Record, place: Place) -> str:
    _, _, old, new, block, _ = record
    if new:
        return f"all pages of pageblock {place.block(block)}: {STATE_WORDS[new >> 4]}"
    return f"pageblock {place.block(block)} is no longer all {STATE_WORDS[old >> 4]}"


def _block_type(record: Record, place: Place) -> str:
    _, _, old, new, block, _ = record
    return f"pageblock {place.block(block)}: {MIGRATETYPES[old]} → {MIGRATETYPES[new]}"


def _block_free(record: Record, place: Place) -> str:
    _, _, _, _, block, value = record
    return f"free pages of pageblock {place.block(block)}: {signed(value):+d}"


def _watermark(record: Record, place: Place) -> str:
    _, _, which, _, delta, value = record
    return f"watermark {WATERMARK_WORDS[which]}: {_from_to(value, delta)}"


def _lowmem_reserve(record: Record, place: Place) -> str:
    _, _, classzone_idx, _, delta, value = record
    return f"lowmem_reserve against class {classzone_idx}: {_from_to(value, delta)}"


def _from_to(value: int, delta: int) -> str:
    """An old number, and the one that a difference makes of it."""
    old = signed(value)
    return f"{old} → {old + signed(delta, 32)}"


def _watch(record: Record, place: Place) -> str:
    _, _, identity, _, broken, _ = record
    return f"{WATCHED[identity]} {'breaks' if broken else 'holds again'}"


_WORDS: Final[dict[str, Callable[[Record, Place], str]]] = {
    "op": lambda r, _: f"operation {r[5]} begins: {OPERATIONS[r[2]]}",
    "args": lambda r, p: "on nothing by name" if r[4] == NIL else f"on pfn {p.pfn(r[4])}",
    "ret": _ret,
    "link": _link,
    "unlink": _unlink,
    "pcp_link": _pcp_link,
    "pcp_unlink": _pcp_unlink,
    "nr_free": _nr_free,
    "stat": _stat,
    "state": _state,
    "prep": _prep,
    "unprep": _unprep,
    "run": _run,
    "fill": _fill,
    "block_type": _block_type,
    "block_free": _block_free,
    "watermark": _watermark,
    "pcp_size": lambda r, _: f"pcp {PCP_SIZE_WORDS[r[2]]}: {_from_to(r[5], r[4])}",
    "handle": lambda r, p: f"pfn {p.pfn(r[4])} is handle {r[5] & NIL}",
    "rebind": lambda r, p: f"handle {r[5] & NIL}: pfn {p.pfn(r[5] >> 32)} → {p.pfn(r[4])}",
    "live_push": lambda r, _: f"the workload may free handle {r[4]}",
    "live_remove": lambda r, _: f"the workload lets go of handle {r[5]}",
    "random": lambda r, _: "a random number is drawn",
    "workload": lambda r, _: f"the workload’s variable {r[2]}: {_from_to(r[5], r[4])}",
    "stop": lambda r, _: "the node stops",
    "pcp_state": lambda r, _: f"CPU {r[3]}'s pcp {PCP_STATE_WORDS[r[2]]}: {r[5]} → {r[4]}",
    "queue_push": lambda r, _: f"the workload holds handle {r[4]} as its youngest",
    "queue_remove": lambda r, _: f"the workload lets go of handle {r[4]}",
    "lowmem_reserve": _lowmem_reserve,
    "node": lambda r, _: f"{NODE_WORDS[r[2]]}: {_from_to(r[5], r[4])}",
    "setting": lambda r, _: f"the workload’s setting {r[2]}: {r[5]} → {r[4]}",
    "watch": _watch,
}
