"""Format zone-watermark/1: what kernels work out from numbers; a line has inputs and outputs."""

from array import array
from collections.abc import Callable, Iterator
from typing import Any, Final

from sim_core.conformance.report import FileReport, Line, Mismatch, model_of
from sim_core.conformance.zonevector import BLOCK_LETTERS, lists_crc, unbooted
from sim_core.errors import InputError, SimError
from sim_core.mm import _place, _read, _sizes
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from sim_core.vocabulary import MIGRATETYPES, ZONE_KINDS, migratetype_id

Outcome = dict[str, Any]

_LISTED: Final = {letter: name for name, letter in BLOCK_LETTERS.items()}
_RATIOS: Final = {"DMA": 256, "DMA32": 256, "Normal": 32}
"""lowmem_reserve_ratio as kernels are built; HighMem's is 32 in 3.5 and 0 later, Movable's 0."""


def work_out(report: FileReport, lines: Iterator[Line], header: Line) -> None:
    """Work every line's outputs out anew; lines stand by themselves, so all are compared.

    Raises:
        InputError: an unknown kind, or a line of a model that is not here.
    """
    outcome = _KINDS.get(str(header.get("kind")))
    if outcome is None:
        kinds = ", ".join(_KINDS)
        raise InputError(report.path, 1, f'"kind" one of {kinds}', repr(header.get("kind")))
    for line in lines:
        report.operations += 1
        columns = ROWS[model_of(report.path, report.operations + 1, line)].columns()
        try:
            got = outcome(line, columns)
        except SimError as error:
            got = {"kind": f"refused: {error}"}
        report.mismatches += [
            Mismatch(report.operations, name, line.get(name), value)
            for name, value in got.items()
            if line.get(name) != value
        ]


# ---- wmark_ok ----


def _watermark(line: Line, columns: dict[str, int]) -> Outcome:
    stored, cma = line["nr_free_pages"], max(0, line.get("nr_free_cma", 0))
    flags = sum(_sizes.ALLOC_FLAGS[name] for name in line["alloc_flags"])
    listed = [
        sum(1 << order for order, letters in enumerate(line.get("listed", ())) if letter in letters)
        for letter in (BLOCK_LETTERS[name] for name in MIGRATETYPES)
    ]

    def ok(free: int, flags: int) -> bool:
        return _sizes.watermark_ok(
            line["nr_free"],
            line["order"],
            line["mark"],
            line["lowmem_reserve"][line["classzone_idx"]],
            flags,
            free,
            columns["watermark"],
            cma,
            line.get("highatomic", 0),
            listed,
        )

    safe = max(0, stored)
    if safe < line["drift_mark"]:
        safe = max(0, stored + line["cpu_diff"])
    if columns["watermark_less_isolated"]:
        safe -= line["nr_isolated_blocks"] << line["pageblock_order"]
    return {
        "ok": ok(max(0, stored), flags),
        "ok_raw": ok(stored, flags),
        "ok_safe": ok(safe, 0 if columns["reserve"] else flags),
    }


# ---- node ----


def _node(line: Line, columns: dict[str, int]) -> Outcome:
    names, pages, six = line["zones"], line["pages"], columns["zone_sizes"] > 0
    defaults = [_RATIOS.get(name, 32 if name == "HighMem" and not six else 0) for name in names]
    node = _sizes.NodeSizes(
        columns,
        [ZONE_KINDS.index(name) for name in names],
        pages,
        line["nr_cpus"],
        defaults,
        line["pcp_fraction"],
        line.get("watermark_scale_factor", 10),
        line["movable_zone"] == "HighMem",
    )
    node.boot()
    booted = node.min_free_kbytes
    ratios = line["lowmem_reserve_ratio"]
    if ratios != defaults[: len(ratios)]:
        node.write_lowmem_reserve_ratio(ratios)
    node.set_min_cma_pages(line.get("min_cma_pages", [0] * len(names)))
    if line["min_free_kbytes_set"] is not None:
        node.write_min_free_kbytes(line["min_free_kbytes_set"])
    zones: list[dict[str, Any]] = node.zones()

    def each(name: str) -> list[Any]:
        return [zone[name] for zone in zones]

    def of_those_there(name: str) -> list[Any]:
        return [zone[name] if n else None for zone, n in zip(zones, pages, strict=True)]

    found = {
        "min_free_kbytes_boot": booted,
        "watermark": [_marks(zone["watermark"], six) for zone in zones],
        "lowmem_reserve": each("lowmem_reserve"),
        "totalreserve_pages": node.totalreserve_pages,
        "stat_threshold": of_those_there("stat_threshold"),
        "drift_mark": each("drift_mark"),
        "batch": of_those_there("batch"),
    }
    if not six:
        found |= {name: each(name) for name in ("dirty_balance_reserve", "inactive_ratio")}
    if "high_min" in line:
        return found | {
            "high_min": of_those_there("high"),
            "high_max": of_those_there("high_max"),
        }
    return found | {"high": of_those_there("high")}


def _marks(marks: list[int], six: bool) -> list[int]:
    """MIN, LOW, HIGH; in 6.x PROMO too, which lies as far above HIGH as HIGH above LOW."""
    _, low, high = marks
    return [*marks, 2 * high - low] if six else marks


# ---- migrate_reserve ----


def _migrate_reserve(line: Line, columns: dict[str, int]) -> Outcome:
    node = unbooted(columns, line, 0, 1)
    for block, letter in enumerate(line["blocks"]):
        _place.place_type(node, block, migratetype_id(_LISTED[letter]))
    reserved = _frames(line["reserved"])
    in_use = sorted(_frames(line["allocated"]) - reserved)
    singles = array("B", bytes(len(in_use)))
    _place.place_allocated(node, array("Q", in_use), singles, singles, singles)
    _free_the_rest(node, line, reserved.union(in_use))
    after = []
    for min_wmark in line["min_wmark"]:
        _sizes.setup_migrate_reserve(node, min_wmark)
        after.append(_reserve_state(node))
    return {"after": after}


def _frames(ranges: list[list[int]]) -> set[int]:
    return {pfn for first, pages in ranges for pfn in range(first, first + pages)}


def _free_the_rest(node: Node, line: Line, taken: set[int]) -> None:
    """Ascending, each time the largest aligned chunk that is wholly free."""
    pfn, end = line["start_pfn"], line["start_pfn"] + line["spanned_pages"]
    edges = iter([*sorted(taken), end])
    edge = next(edges)
    while pfn < end:
        if pfn == edge:
            pfn += 1
            edge = next(edges, end)
            continue
        order = min(line["max_order"] - 1, (edge - pfn).bit_length() - 1)
        while pfn % (1 << order):
            order -= 1
        node.boot_free(pfn, order)
        pfn += 1 << order


def _reserve_state(node: Node) -> Outcome:
    lengths, names = _read.lengths(node), list(BLOCK_LETTERS)
    free = {
        name: sum(count << order for order, count in enumerate(lengths[migratetype_id(name)]))
        for name in names
    }
    return {
        "blocks": "".join(BLOCK_LETTERS[MIGRATETYPES[mt]] for mt in _read.block_types(node)),
        "free": {name: pages for name, pages in free.items() if pages},
        "lists_crc": lists_crc(node, [name for name in names if name != "HIGHATOMIC"]),
        "nr_free_pages": _read.stats(node)["NR_FREE_PAGES"],
    }


# ---- frag ----


def _fragmentation(line: Line, _columns: dict[str, int]) -> Outcome:
    unusable, index = _sizes.fragmentation(line["nr_free"])
    return {"unusable_free_index": unusable, "fragmentation_index": index}


_KINDS: Final[dict[str, Callable[[Line, dict[str, int]], Outcome]]] = {
    "wmark_ok": _watermark,
    "node": _node,
    "migrate_reserve": _migrate_reserve,
    "frag": _fragmentation,
}
