"""Format zone-vector/1: a zone's calls, each with the whole visible state right after it."""

from collections.abc import Iterator
from typing import Any, Final
from zlib import crc32

from sim_core.config import LabConfig
from sim_core.conformance.report import FileReport, Line, Mismatch, model_of
from sim_core.errors import SimError
from sim_core.mm import _read
from sim_core.mm._mm import Node
from sim_core.models import ROWS
from sim_core.vocabulary import MIGRATETYPES, NORMAL, PCPTYPES, migratetype_id

BLOCK_LETTERS: Final = {
    "UNMOVABLE": "U",
    "RECLAIMABLE": "R",
    "MOVABLE": "M",
    "RESERVE": "V",
    "HIGHATOMIC": "H",
    "CMA": "C",
    "ISOLATE": "I",
}
"""The letters of a vector's checksum, not the page's."""

_FIELDS: Final = (
    "ret",
    "blocks_crc",
    "lists",
    "lists_crc",
    "nr_free",
    "nr_free_pages",
    "nr_free_cma",
    "nr_isolated_blocks",
    "pcp",
    "pcp_crc",
)


PCP_ORDERS: Final = 4
REMEMBERS_NOTHING: Final = 2
"""Choice of the column `refill_remembers`."""

PcpLists = dict[tuple[int, str], list[tuple[int, int]]]
"""(order, migratetype) -> (PFN, remembered migratetype) from the hot end."""


def replay(report: FileReport, lines: Iterator[Line], header: Line) -> None:
    """Carry out the calls of a file, up to the first with a mismatch.

    Raises:
        InputError: a file of a model that is not here.
    """
    report.model = model_of(report.path, 1, header)
    replayer = Replayer(header)
    for call in lines:
        report.operations += 1
        report.mismatches += replayer.compare(report.operations, call)
        if report.mismatches or call.get("end"):
            break


def unbooted(columns: dict[str, int], zone: dict[str, int], high: int, batch: int) -> Node:
    """A node all of whose pages are reserved.

    Raises:
        ConfigError: a zone or pcp lists that cannot be.
    """
    config = LabConfig(
        start_pfn=zone["start_pfn"],
        spanned_pages=zone["spanned_pages"],
        pageblock_order=zone["pageblock_order"],
        max_order=zone["max_order"],
        pcp_high=high,
        pcp_batch=batch,
    ).validated()
    return Node(
        columns,
        ((NORMAL, config.start_pfn, config.spanned_pages, 0),),
        config.pageblock_order,
        config.max_order,
        high,
        batch,
        False,
        1,
        (),
        0,
        1,
        0,
    )


class Replayer:
    """A node in a vector's initial state, and the calls of the format on it."""

    def __init__(self, header: dict[str, Any]) -> None:
        zone, pcp = header["zone"], header["pcp"]
        columns = ROWS[header["model"]].columns()
        self.types: list[str] = header["migratetypes"]
        self.orders = columns["pcp_lists"] > 0
        self.kept = columns["refill_remembers"] < REMEMBERS_NOTHING
        self.node = unbooted(columns, zone, pcp["high"], pcp["batch"])

    def compare(self, number: int, call: dict[str, Any]) -> list[Mismatch]:
        """Carry one call out and compare; [] if all is as recorded."""
        try:
            got = self.state(self.call(call))
        except SimError as error:
            return [Mismatch(number, "op", call.get("op"), f"refused: {error}")]
        return [
            Mismatch(number, name, call[name], got[name])
            for name in _FIELDS
            if name in call and call[name] != got[name]
        ]

    def call(self, call: dict[str, Any]) -> object:
        """One call of the format; what it returns as the format writes it."""
        node, op = self.node, call["op"]
        if op == "boot_free":
            return node.boot_free(call["pfn"], call["order"])
        if op == "set_block_type":
            return node.set_block_type(
                call["pfn"], migratetype_id(call["mt"]), bool(call.get("move"))
            )
        if op == "alloc":
            return node.alloc(call["order"], migratetype_id(call["mt"]), False)
        if op == "free":
            return node.free(call["pfn"], call["order"])
        if op == "drain":
            return node.drain()
        if op == "isolate":
            return "-EBUSY" if node.isolate(call["pfn"]) else 0
        if op == "unisolate":
            return node.unisolate(call["pfn"], migratetype_id(call["mt"]))
        if op == "split_free_page":
            return node.split_free_page(call["pfn"])
        if op == "offline_isolated":
            return node.offline_isolated(call["start_pfn"], call["nr_pages"])
        if op == "online":
            return node.online_pages(call["start_pfn"], call["nr_pages"])
        if op == "mark_lru":
            return node.mark_lru(call["pfn"], call["order"], call["lru"])
        raise SimError(f"no such call: {op}", field="op")

    def state(self, ret: object) -> dict[str, Any]:
        """Every field of the format, as the node has it now."""
        lengths = _read.lengths(self.node)
        lists = {t: lengths[migratetype_id(t)] for t in self.types}
        pcp: PcpLists = {
            (order, t): _read.pcp_pfns(self.node, 0, order, migratetype_id(t))
            for order in range(PCP_ORDERS)
            for t in self.types
            if t in PCPTYPES
        }
        types = _read.block_types(self.node)
        stats = _read.stats(self.node)
        return {
            "ret": ret,
            "nr_free_pages": stats["NR_FREE_PAGES"],
            "nr_free_cma": stats["NR_FREE_CMA_PAGES"],
            "nr_isolated_blocks": stats["nr_isolated_blocks"],
            "nr_free": _read.nr_free(self.node),
            "lists": {t: counts for t, counts in lists.items() if any(counts)},
            "lists_crc": lists_crc(self.node, self.types),
            "pcp": _pages_by_type(pcp),
            "pcp_crc": crc32(self._pcp_text(pcp).encode()),
            "blocks_crc": crc32("".join(BLOCK_LETTERS[MIGRATETYPES[t]] for t in types).encode()),
        }

    def _pcp_text(self, pcp: PcpLists) -> str:
        return "".join(
            (f"{name}:{order}|" if self.orders else f"{name}|")
            + ",".join(self._queued(pfn, kept) for pfn, kept in pages)
            + "\n"
            for (order, name), pages in pcp.items()
            if pages
        )

    def _queued(self, pfn: int, kept: int) -> str:
        return f"{pfn}:{MIGRATETYPES[kept]}" if self.kept else str(pfn)


def _pages_by_type(pcp: PcpLists) -> dict[str, int]:
    pages: dict[str, int] = {}
    for (order, name), queued in pcp.items():
        if queued:
            pages[name] = pages.get(name, 0) + (len(queued) << order)
    return pages


def lists_crc(node: Node, types: list[str]) -> int:
    """CRC-32 of every free list's PFNs, head to tail, as the formats write them."""
    text = ""
    lengths = _read.lengths(node)
    for name in types:
        mt = migratetype_id(name)
        for order, count in enumerate(lengths[mt]):
            if count:
                pfns = _read.list_pfns(node, mt, order, 0, count)
                text += f"{name}:{order}:{','.join(map(str, pfns))}\n"
    return crc32(text.encode())
