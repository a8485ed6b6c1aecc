"""What a person did, in a few words, as a button names it: from an entry of the journal."""

from collections.abc import Callable
from typing import Any, Final

from sim_core.journal import Entry
from sim_core.workloads import Workload


def act_words(entry: Entry) -> str:
    """An entry in a few words: "isolate pageblock 37"."""
    words = _WORDS.get(entry.call)
    return words(*entry.args) if words else entry.call.replace("_", " ")


def _blocks(verb: str) -> Callable[..., str]:
    def words(first: int, count: int = 1) -> str:
        return f"{verb} pageblock {first}" + (f" and {count - 1} more" if count > 1 else "")

    return words


def _pages(verb: str) -> Callable[..., str]:
    return lambda start, count, *_: (
        f"{verb} {count} page{'s' if count != 1 else ''} from pfn {start} on"
    )


def _workload(workload: Workload) -> str:
    return f"workload {workload.name}"


_WORDS: Final[dict[str, Callable[..., Any]]] = {
    "alloc": lambda order, migratetype, *_: f"allocate order {order}, {migratetype}",
    "free_handle": lambda handle: "free a chunk",
    "free_begin_handle": lambda handle: "begin to free a chunk",
    "free_finish_handle": lambda handle: "finish the free of a chunk",
    "pin_handle": lambda handle: "pin a chunk",
    "unpin_handle": lambda handle: "unpin a chunk",
    "drain": lambda: "drain the pcp lists",
    "free_block": _blocks("free"),
    "fill_block": lambda block, *_: f"fill pageblock {block}",
    "isolate": _blocks("isolate"),
    "unisolate": lambda block, migratetype: f"un-isolate pageblock {block} to {migratetype}",
    "offline": _blocks("offline"),
    "online": _blocks("online"),
    "set_block_type": lambda block, migratetype, _: f"set pageblock {block} to {migratetype}",
    "split_free_page": lambda pfn: f"split the chunk at pfn {pfn}",
    "alloc_contig": _pages("take"),
    "free_contig": _pages("give back"),
    "boot_free": lambda pfn, order: f"free reserved pfn {pfn}, order {order}",
    "mark_lru": lambda pfn, order, lru, anon: (
        f"{'put' if lru else 'take'} pfn {pfn} {'on' if lru else 'off'} the LRU"
    ),
    "offline_isolated": _pages("offline"),
    "online_pages": _pages("online"),
    "set_workload": _workload,
    "run_on": lambda cpu: f"run on CPU {cpu}",
    "kswapd_step": lambda: "let kswapd step",
    "oom_kill": lambda: "kill the process with most pages",
    "write_min_free_kbytes": lambda kbytes: f"write {kbytes} to min_free_kbytes",
}
