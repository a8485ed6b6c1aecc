"""What each verb would do to some pageblocks as they are now, and why one does not apply.

A preview reads and promises nothing: it says what the kernel's rules make of the state it saw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.vocabulary import MIGRATETYPES, ZONE_KINDS

_ISOLATE: Final = MIGRATETYPES.index("ISOLATE")
_SCANNED: Final = frozenset(MIGRATETYPES) - {"MOVABLE", "CMA"}


@dataclass
class Sum:
    """Some pageblocks taken together; counts are pages."""

    blocks: int = 0
    first: int = 0
    last: int = 0
    pfn_first: int = 0
    pfn_last: int = 0
    types: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_read.BLOCK_FIELDS, 0))
    chunks: dict[tuple[int, str], int] = field(default_factory=dict)
    straddling: list[dict[str, int | bool]] = field(default_factory=list)
    isolated: int = 0
    offline: int = 0
    barred: list[int] = field(default_factory=list)
    """Blocks that has_unmovable_pages would refuse."""

    def has(self, name: str) -> int:
        """Pages of this kind."""
        return self.pages[name]


def take_sum(node: Node, blocks: Sequence[int]) -> Sum:
    """Look at each block once.

    Raises:
        RefusedError: a block that is not in the zone.
    """
    total = Sum(blocks=len(blocks), first=min(blocks), last=max(blocks))
    heads: set[int] = set()
    movable = [
        range(first, first + count)
        for kind, _, _, first, count in _read.zones(node)
        if ZONE_KINDS[kind] == "Movable"
    ]
    for block in sorted(blocks):
        counts, chunks, crossing, mt, first_pfn = _read.block_counts(node, block)
        if block == total.first:
            total.pfn_first = first_pfn
        total.pfn_last = first_pfn + counts["pages"] - 1
        name = MIGRATETYPES[mt]
        total.types[name] = total.types.get(name, 0) + 1
        for key, value in counts.items():
            total.pages[key] += value
        for listed, per_order in enumerate(chunks):
            for order, count in enumerate(per_order):
                if count:
                    key2 = (order, MIGRATETYPES[listed])
                    total.chunks[key2] = total.chunks.get(key2, 0) + count
        if crossing is not None and crossing[0] not in heads:
            heads.add(crossing[0])
            pfn, order, is_free = crossing
            total.straddling.append({"pfn": pfn, "order": order, "free": is_free})
        total.isolated += mt == _ISOLATE
        total.offline += counts["offline"] > 0
        scanned = name in _SCANNED and not any(block in zone for zone in movable)
        if scanned and (counts["unmovable"] or counts["reserved"]):
            total.barred.append(block)
    return total


def preview(node: Node, blocks: Sequence[int]) -> dict[str, Any]:
    """The object of docs/PROTOCOL.md, section 3.

    Raises:
        RefusedError: a block that is not in the zone.
    """
    total = take_sum(node, blocks)
    return {
        "op": _read.op_of(node),
        "blocks": total.blocks,
        "first": total.first,
        "last": total.last,
        "info": {
            "pfn_first": total.pfn_first,
            "pfn_last": total.pfn_last,
            "migratetypes": total.types,
            **total.pages,
            "free_lists": [[o, mt, n] for (o, mt), n in sorted(total.chunks.items())],
            "straddling": total.straddling,
        },
        "verbs": {name: _verb(rule, node, total) for name, rule in _RULES.items()},
    }


Rule = Callable[[Node, Sum], tuple[str | None, list[str]]]
"""-> (why it does not apply, or None; what it would do)"""


def _verb(rule: Rule, node: Node, total: Sum) -> dict[str, Any]:
    stopped = _read.stopped(node)
    reason, words = ("the node has stopped at a kernel BUG", []) if stopped else rule(node, total)
    return {"applies": reason is None, "reason": reason, "words": words}


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _crossing(total: Sum) -> list[str]:
    return [
        f"the free chunk at pfn {c['pfn']} (order {c['order']}) reaches beyond a pageblock: "
        "it goes as a whole with the block it begins in"
        for c in [c for c in total.straddling if c["free"]][:3]
    ]


def _isolate(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if total.isolated == total.blocks:
        return None, ["isolated already: 3.5 does not refuse, and some counts are taken off twice"]
    chunks = sum(total.chunks.values())
    pages = sum(count << order for (order, _), count in total.chunks.items())
    words = [
        f"moves {_number(chunks, 'free chunk')} ({_number(pages, 'page')}) to the ISOLATE lists",
        *_crossing(total),
    ]
    if total.has("pcp"):
        words.append(
            f"{_number(total.has('pcp'), 'page')} on pcp lists: the drain files them under "
            "the type they remember, not under ISOLATE"
        )
    if total.barred:
        words.append(
            f"-EBUSY in {_number(len(total.barred), 'block')}: pages in use that are not on the LRU"
        )
    return None, words


def _unisolate(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if not total.isolated:
        return "no ISOLATE pageblock here", []
    return None, [
        f"{_number(total.isolated, 'block')} get a type again, their free chunks move to its lists",
        *_crossing(total),
    ]


def _free(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    free_to_go = total.has("allocated") - total.has("pinned")
    if free_to_go <= 0:
        return ("all pages in use are pinned" if total.has("pinned") else "no page in use"), []
    words = [f"frees {_number(free_to_go, 'page')}, ascending, each chunk at its own order"]
    if total.has("pinned"):
        words.append(f"{_number(total.has('pinned'), 'pinned page')} stay")
    if total.isolated:
        words.append("freed into ISOLATE they are on a free list and nobody can allocate them")
    return None, words


def _fill(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if not total.has("free"):
        return "no free page here", []
    words = ["asks the allocator again and again until no page here is free"]
    if total.isolated:
        words.append("an ISOLATE block is never allocated from, so this will not end there")
    return None, words


def _pin(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    loose = total.has("allocated") - total.has("pinned")
    if loose <= 0:
        return "no unpinned page in use", []
    return None, [f"{_number(loose, 'page')} can then be neither migrated nor freed"]


def _unpin(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if not total.has("pinned"):
        return "no pinned page here", []
    return None, [f"{_number(total.has('pinned'), 'page')} can be freed again"]


def _set_block_type(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    return None, [
        f"types {_number(total.blocks, 'block')} and moves their free chunks; no counter changes"
    ]


def _offline(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if total.offline:
        return "pages here are offline already", []
    words = [f"isolates, then migrates {_number(total.has('lru'), 'LRU page')}"]
    if total.has("unmovable") or total.has("reserved"):
        words.append(
            f"-EBUSY: {_number(total.has('unmovable') + total.has('reserved'), 'page')} in use "
            "cannot be migrated; blocks isolated meanwhile come back as MOVABLE"
        )
    elif total.has("pinned"):
        words.append("-EAGAIN: pinned pages never leave, until the time is up")
    else:
        words.append(f"takes {_number(total.has('pages') - total.has('holes'), 'page')} out of use")
    return None, [*words, *_crossing(total)]


def _online(node: Node, total: Sum) -> tuple[str | None, list[str]]:
    if total.has("offline") < total.has("pages") - total.has("holes"):
        return "not all pages here are offline", []
    return None, [f"frees {_number(total.has('offline'), 'page')}, one by one, through the pcp"]


_RULES: Final[dict[str, Rule]] = {
    "isolate": _isolate,
    "unisolate": _unisolate,
    "free": _free,
    "fill": _fill,
    "pin": _pin,
    "unpin": _unpin,
    "set_block_type": _set_block_type,
    "offline": _offline,
    "online": _online,
}
