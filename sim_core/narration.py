"""Words for the log of primitive writes: an operation told function by function, from it alone."""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim_core.deciding import Deciding
from sim_core.lognames import (
    BUG_WORDS,
    HANGS,
    KINDS,
    NODE_WORDS,
    OPERATIONS,
    PCP_SIZE_WORDS,
    PCP_STATE_WORDS,
    SITES,
    STAT_WORDS,
    STATE_WORDS,
    STEPS,
    WATCHED,
    WATERMARK_WORDS,
    Record,
)
from sim_core.models.columns import COLUMNS
from sim_core.models.truth import CONTEXTS
from sim_core.vocabulary import MIGRATETYPES, PCPTYPES
from sim_core.workloads import WORKLOADS

NIL: Final = 0xFFFFFFFF
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


def title_of(records: Sequence[Record], place: Place) -> str:
    """An operation in a few words, from its first two records."""
    return _title(records, place)[0]


def narrate(
    op: int, records: Sequence[Record], total: int, place: Place, deciding: Deciding
) -> dict[str, Any]:
    """One operation as docs/PROTOCOL.md, section 4, has it.

    Args:
        records: its first records, from its beginning.
        total: how many it has in all.
        deciding: by which cells of the model.
    """
    title, kind = _title(records, place)
    ret = next((r for r in reversed(records) if KINDS[r[0]] == "ret"), None)
    shown = [r for r in records if is_step(r) or (_asked(r) and deciding.column_of(r))]
    told = [step_of(record, place, deciding) for record in shown[:_SHOWN_MAX]]
    result = describe(ret, place) if ret else "still under way"
    return {
        "op": op,
        "kind": kind,
        "title": title,
        "words": f"{title}: {result}",
        "ret": result,
        "records": told,
        "cells": deciding.decisions(told),
        "more": sum(map(is_step, shown[_SHOWN_MAX:])) + (total - len(records)),
    }


def step_of(record: Record, place: Place, deciding: Deciding) -> dict[str, Any]:
    """A record as docs/PROTOCOL.md, section 4, has it."""
    words = deciding.words_of(record) if _asked(record) else describe(record, place)
    return {
        "site": SITES[record[1]],
        "kind": KINDS[record[0]],
        "words": words,
        "cell": deciding.column_of(record),
    }


def is_step(record: Record) -> bool:
    """Is it one of a kernel's writes, and not the simulator's own keeping of books?"""
    return KINDS[record[0]] in STEPS


def _asked(record: Record) -> bool:
    return KINDS[record[0]] == "cell"


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


def _cell(record: Record, place: Place) -> str:
    _, _, column, facts, _, _ = record
    return f"{COLUMNS[column].name}: {'acts' if facts & 8 else 'rests'}, {CONTEXTS[facts & 7]}"


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
    "cell": _cell,
}
