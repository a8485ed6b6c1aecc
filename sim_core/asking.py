"""Would a request succeed? Asked of a node as it is and answered with sums: nothing is allocated.

The walk is that of sim_core/mm/zonelist.pxd. Whether a watermark holds the core says; here its sum
is written out, line by line, as the model's kernel makes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim_core.config import LabConfig
from sim_core.errors import RefusedError
from sim_core.mm import _read, _sizes
from sim_core.mm._mm import Node
from sim_core.vocabulary import PCPTYPES, migratetype_id

Json = dict[str, Any]

_UNSIGNED, _SIGNED, _CMA_OFF, _CMA_FIRST, _LISTS, _LISTS_FREE = range(6)
"""Choices of the column `watermark`."""
_MARKS: Final = ("MIN", "LOW", "HIGH")
_MIN, _LOW = 0, 1
_FALLBACKS: Final = {
    "UNMOVABLE": ("RECLAIMABLE", "MOVABLE"),
    "RECLAIMABLE": ("UNMOVABLE", "MOVABLE"),
    "MOVABLE": ("RECLAIMABLE", "UNMOVABLE"),
}
_WORD: Final = 1 << 64
_FRAGMENTED: Final = 500
"""sysctl_extfrag_threshold: above it a kernel takes a failure to be for fragmentation."""


@dataclass(frozen=True)
class Question:
    """A request that is not made.

    Attributes:
        order, migratetype: what is wanted.
        classzone_idx: slot of the highest zone that it may come from.
        atomic: who asks cannot wait.
    """

    order: int
    migratetype: str
    classzone_idx: int
    atomic: bool = False


class Asked:
    """One zone, looked at for one question.

    Args:
        columns: the model's, by name.
        zone: the zone's slot.
    """

    def __init__(self, node: Node, columns: dict[str, int], zone: int, question: Question) -> None:
        self._columns = columns
        self._question = question
        self._stats: dict[str, int] = _read.stats(node, zone)
        self._nr_free: list[int] = _read.nr_free(node, zone)
        self._lengths: list[list[int]] = _read.lengths(node, zone)
        self._marks: tuple[int, ...] = _read.watermarks(node, zone)
        self._reserve: int = _read.lowmem_reserve(node, zone)[question.classzone_idx]
        self.present = self._stats["present_pages"]

    # ---- the watermark ----

    @property
    def _rule(self) -> int:
        return self._columns["watermark"]

    def flags(self, mark: int) -> list[str]:
        """Of the walk at this mark: those of who cannot wait come with the slow path."""
        flags = ["CMA"] if self._question.migratetype == "MOVABLE" else []
        if mark == _MIN and self._question.atomic:
            flags += ["HIGH", "HARDER"]
            if self._question.order and self._rule >= _LISTS:
                flags.append("HIGHATOMIC")
        return flags

    def above(self, mark: int) -> bool:
        """zone_watermark_ok, by the core."""
        listed = [sum(1 << o for o, count in enumerate(row) if count) for row in self._lengths]
        return _sizes.watermark_ok(
            self._nr_free,
            self._question.order,
            self._marks[mark],
            self._reserve,
            sum(_sizes.ALLOC_FLAGS[name] for name in self.flags(mark)),
            max(self._stats["NR_FREE_PAGES"], 0),
            self._rule,
            max(self._stats["NR_FREE_CMA_PAGES"], 0),
            self._highatomic,
            listed,
        )

    @property
    def _highatomic(self) -> int:
        which = "NR_FREE_HIGHATOMIC" if self._rule == _LISTS_FREE else "nr_reserved_highatomic"
        return self._stats[which]

    def sum(self, mark: int) -> list[Json]:
        """The test at this mark, a line for each comparison up to the one that fails."""
        if self._rule >= _LISTS:
            lines = [self._first_line(mark), *self._list_line(mark)]
        else:
            lines = [self._first_line(mark), *self._order_lines(mark)]
        failed = next((i for i, line in enumerate(lines) if not line["holds"]), len(lines) - 1)
        return lines[: failed + 1]

    def _least(self, mark: int) -> tuple[int, str]:
        """The mark as lowered for those who cannot wait, and how."""
        least, flags = self._marks[mark], self.flags(mark)
        words = f"{_MARKS[mark]} {least}"
        if "HIGH" in flags:
            words += f" − {least // 2}"
            least -= least // 2
        if "HARDER" in flags:
            words += f" − {least // 4}"
            least -= least // 4
        return least, words

    def _off(self, mark: int) -> list[tuple[int, str]]:
        """What the first comparison takes off the free pages."""
        flags = self.flags(mark)
        off = [((1 << self._question.order) - 1, f"(2^{self._question.order} − 1)")]
        if self._rule >= _LISTS and not {"HIGH", "HARDER", "HIGHATOMIC"} & set(flags):
            off.append((self._highatomic, "HIGHATOMIC"))
        if self._rule >= _CMA_OFF and "CMA" not in flags:
            off.append((max(self._stats["NR_FREE_CMA_PAGES"], 0), "CMA"))
        return [(pages, words) for pages, words in off if pages or words.startswith("(2^")]

    def _first_line(self, mark: int) -> Json:
        free = self._stats["NR_FREE_PAGES"]
        left = max(free, 0)
        words = f"free {left}" + (f" (NR_FREE_PAGES {free})" if free < 0 else "")
        for pages, what in self._off(mark):
            left -= pages
            words += f" − {pages} {what}"
        least, marked = self._least(mark)
        needed = least + self._reserve
        holds = left > needed
        if self._rule == _UNSIGNED:
            holds = left % _WORD > needed % _WORD
        if left < 0 and holds:
            words += ", unsigned"
        return {
            "words": f"{words} = {left} {'>' if holds else '≤'} {marked} "
            f"+ lowmem_reserve {self._reserve} = {needed}",
            "left": left,
            "needed": needed,
            "holds": holds,
        }

    def _order_lines(self, mark: int) -> list[Json]:
        """What lower orders hold is of no use; half of the mark is enough with each."""
        left = max(self._stats["NR_FREE_PAGES"], 0) - ((1 << self._question.order) - 1)
        if self._rule == _CMA_OFF and "CMA" not in self.flags(mark):
            left -= max(self._stats["NR_FREE_CMA_PAGES"], 0)
        least = self._least(mark)[0]
        lines = []
        for order in range(self._question.order):
            pages = self._nr_free[order] << order
            before, left, least = left, left - pages, least >> 1
            holds = left > least
            lines.append(
                {
                    "words": f"{before} − {pages} in order {order} = {left} "
                    f"{'>' if holds else '≤'} {least}",
                    "left": left,
                    "needed": least,
                    "holds": holds,
                }
            )
        return lines

    def _list_line(self, mark: int) -> list[Json]:
        if self._question.order == 0:
            return []
        usable = ["UNMOVABLE", "MOVABLE", "RECLAIMABLE"]
        usable += ["CMA"] if "CMA" in self.flags(mark) else []
        usable += ["HIGHATOMIC"] if "HIGHATOMIC" in self.flags(mark) else []
        orders = [
            order
            for order in range(self._question.order, len(self._nr_free))
            if self._nr_free[order] and any(self._length(name, order) for name in usable)
        ]
        found = f"order {orders[0]} has one" if orders else "there is none"
        return [
            {
                "words": f"order {self._question.order} or more on a usable list: {found}",
                "left": len(orders),
                "needed": 1,
                "holds": bool(orders),
            }
        ]

    # ---- the lists ----

    def _length(self, migratetype: str, order: int) -> int:
        return self._lengths[migratetype_id(migratetype)][order]

    def served_by(self) -> Json | None:
        """The list that a chunk would come from: its own, or another's; None: no list can serve."""
        wanted, order = self._question.migratetype, self._question.order
        largest = len(self._nr_free)
        own = next((o for o in range(order, largest) if self._length(wanted, o)), None)
        if own is not None:
            return {"migratetype": wanted, "order": own, "fallback": False}
        others = [*_FALLBACKS[wanted]]
        if wanted == "MOVABLE":
            others.insert(0, "CMA")
        for o in reversed(range(order, largest)):
            for name in others:
                if self._length(name, o):
                    return {"migratetype": name, "order": o, "fallback": True}
        for name in self._last_resorts():
            kept = next((o for o in range(order, largest) if self._length(name, o)), None)
            if kept is not None:
                return {"migratetype": name, "order": kept, "fallback": True}
        return None

    def _last_resorts(self) -> list[str]:
        if self._columns["reserve"] == 0:
            return ["RESERVE"]
        return ["HIGHATOMIC"] if self._question.atomic else []

    # ---- fragmentation ----

    def fragmentation(self) -> Json:
        """The kernel's two indices for this order (mm/vmstat.c), and what they say."""
        unusable, index = (
            found[self._question.order] for found in _sizes.fragmentation(self._nr_free)
        )
        if index == -1000:
            words = "a chunk of this order is free: no request fails for want of one"
        elif index > _FRAGMENTED:
            words = "fails for fragmentation, not for lack of memory"
        else:
            words = "fails for lack of memory, not for fragmentation"
        return {"unusable_index": unusable, "extfrag_index": index, "words": words}


def would(node: Node, columns: dict[str, int], config: LabConfig, question: Question) -> Json:
    """The object of docs/PROTOCOL.md, section 3 (`would`).

    Raises:
        RefusedError: there is no such order, or nobody can ask for the type.
    """
    spans, whole = config.spans, config.whole
    _check(question, config.max_order)
    found = [
        _zone(Asked(node, columns, slot, question), spans[slot].zone, whole)
        for slot in range(question.classzone_idx, -1, -1)
    ]
    answer, words = _answer(found, question, whole)
    return {
        "op": _read.op_of(node),
        "order": question.order,
        "migratetype": question.migratetype,
        "zone": spans[question.classzone_idx].zone,
        "atomic": question.atomic,
        "answer": answer,
        "words": words,
        "zones": found,
    }


def _zone(asked: Asked, name: str, whole: bool) -> Json:
    served = asked.served_by()
    marks = {
        mark: {"ok": asked.above(place), "sum": asked.sum(place)}
        for mark, place in (("LOW", _LOW), ("MIN", _MIN))
    }
    return {
        "zone": name,
        "present": asked.present,
        "marks": marks if whole else {},
        "list": served,
        "words": _zone_words(name, marks, served, asked.present, whole),
        "fragmentation": asked.fragmentation(),
    }


def _zone_words(name: str, marks: Json, served: Json | None, present: int, whole: bool) -> str:
    if not present:
        return f"{name} has no page: the walk passes it over"
    if served is None:
        listed = "but no list that the request may use has a chunk"
    else:
        kind = "another type's list" if served["fallback"] else "its own list"
        listed = f"and {kind} has one: {served['migratetype']}, order {served['order']}"
    if not whole:
        return f"{name} is a bare zone: no watermark is asked; {listed.split(' ', 1)[1]}"
    if marks["LOW"]["ok"]:
        return f"{name} is above LOW, {listed}"
    if marks["MIN"]["ok"]:
        return f"{name} is below LOW but above MIN, {listed}"
    return f"{name} is below MIN: its lists are not looked at"


def _answer(found: Sequence[Json], question: Question, whole: bool) -> tuple[str, str]:
    """In a word, and in a sentence."""
    there = [zone for zone in found if zone["present"]]
    if not whole:
        served = bool(there) and there[0]["list"] is not None
        return ("yes", "The lists can serve it.") if served else ("no", "No list can serve it.")
    for mark, answer, when in (
        ("LOW", "yes", "at once"),
        ("MIN", "slow", "after kswapd was woken, below LOW"),
    ):
        for zone in there:
            if zone["marks"][mark]["ok"] and zone["list"] is not None:
                return answer, f"{zone['zone']} serves it {when}."
    if question.atomic:
        return "no", "Who cannot wait gets nothing: no zone is above MIN and has a chunk."
    fooled = [zone["zone"] for zone in there if zone["marks"]["MIN"]["ok"]]
    if fooled:
        return (
            "reclaim",
            f"{' and '.join(fooled)} passes its watermark and has no chunk to give: the request "
            "goes into direct reclaim.",
        )
    return "reclaim", "No zone is above MIN: the request goes into direct reclaim."


def _check(question: Question, max_order: int) -> None:
    if not 0 <= question.order < max_order:
        raise RefusedError(
            f"order {question.order} is beyond the zone's largest",
            field="order",
            allowed=f"0 … {max_order - 1}",
        )
    if question.migratetype not in PCPTYPES:
        raise RefusedError(
            f"{question.migratetype} cannot be asked for",
            field="migratetype",
            allowed=", ".join(PCPTYPES),
        )
