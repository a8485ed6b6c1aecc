"""Which cell of the model's row decided a write, or decided that there was none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sim_core.lognames import KINDS, SITES, STAT_WORDS, Record
from sim_core.models import Row
from sim_core.models.columns import BY_NAME, COLUMNS
from sim_core.models.custom import words_of
from sim_core.models.table import Cell
from sim_core.models.telling import label_of
from sim_core.models.truth import CONTEXTS

_NR: Final = "NR_FREE_PAGES"
_BY_COUNTER: Final[dict[tuple[str, str], str]] = {
    ("free_one_page", _NR): "free_one_page_nr",
    ("free_pcppages_bulk", _NR): "drain_nr",
    ("buffered_rmqueue", _NR): "alloc_nr",
    ("rmqueue_bulk", _NR): "alloc_nr",
    ("account_freepages", _NR): "list_nr",
    ("set_migratetype_isolate", _NR): "set_isolate_nr",
    ("unset_migratetype_isolate", _NR): "unset_isolate_nr",
    ("split_free_page", _NR): "split_nr",
    ("isolate_single_pageblock", _NR): "split_nr",
    ("__offline_isolated_pages", _NR): "offline_nr",
    ("set_migratetype_isolate", "isolated blocks by the zone's count"): "count_isolated",
    ("unset_migratetype_isolate", "isolated blocks by the zone's count"): "count_isolated",
}
"""(function, counter) -> the column that says when."""
_BY_KIND: Final[dict[tuple[str, str], str]] = {
    ("__offline_isolated_pages", "nr_free"): "offline_nr_free",
    ("split_free_page", "nr_free"): "split_nr_free",
    ("__free_one_page", "link"): "merge_guard",
    ("__free_one_page", "block_type"): "merge_retypes",
    ("__rmqueue_fallback", "unlink"): "fallback",
    ("__rmqueue_claim", "unlink"): "fallback",
    ("__rmqueue_steal", "unlink"): "fallback",
    ("steal_suitable_fallback", "block_type"): "fallback",
    ("move_freepages", "link"): "move_to_tail",
    ("free_pcppages_bulk", "pcp_unlink"): "drain_type",
    ("rmqueue_bulk", "pcp_link"): "refill_remembers",
    ("reserve_highatomic_pageblock", "block_type"): "reserve",
    ("setup_zone_migrate_reserve", "block_type"): "reserve",
    ("isolate_single_pageblock", "unlink"): "straddle",
    ("move_freepages_block_isolate", "unlink"): "straddle",
    ("zone_pcp_disable", "pcp_size"): "hotplug",
    ("setup_per_zone_wmarks", "watermark"): "zone_sizes",
    ("setup_per_zone_lowmem_reserve", "lowmem_reserve"): "lowmem_reserve",
    ("free_all_bootmem", "link"): "boot",
}
"""(function, kind of write) -> the column that chose how."""
_CMA: Final = "NR_FREE_CMA_PAGES"
_ACTS: Final = 8
_ALL: Final = 7


@dataclass(frozen=True)
class Decision:
    """A cell of a model's row, as it decided something.

    Attributes:
        column: its name.
        question, label, words: what is asked, and the row's answer, short and whole.
        source: kernel function with version, commit or mail date.
        why: in one sentence.
    """

    column: str
    question: str
    label: str
    words: str
    source: str
    why: str


class Deciding:
    """Args:
    row: the model's.
    """

    def __init__(self, row: Row) -> None:
        self._row = row
        self._values = row.columns()
        self._cells: dict[str, Cell] = {
            column: cell for cell in row.cells.values() for column in cell.values
        }

    def decision(self, column: str) -> Decision:
        """What the row says in a column."""
        value, cell = self._values[column], self._cells[column]
        return Decision(
            column,
            BY_NAME[column].words,
            label_of(column, value),
            words_of(column, value),
            cell.source,
            cell.why,
        )

    def decisions(self, told: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
        """By column what the row says, of the columns that these steps name as `cell`."""
        columns = sorted({step["cell"] for step in told if step["cell"]})
        return {column: asdict(self.decision(column)) for column in columns}

    def column_of(self, record: Record) -> str | None:
        """The column that decided a write, or of which a record tells; None: none did."""
        kind, site = KINDS[record[0]], SITES[record[1]]
        if kind == "cell":
            column = COLUMNS[record[2]].name
            return column if self._tells(column) else None
        if kind == "nr_free" and site == "free_one_isolated_page":
            return "free_pages_ok_isolated" if record[2] else "free_hot_cold_isolated"
        if kind != "stat":
            return _BY_KIND.get((site, kind))
        counter = STAT_WORDS[record[2]]
        return "count_cma" if counter == _CMA else _BY_COUNTER.get((site, counter))

    def _tells(self, column: str) -> bool:
        """Is it worth a word that this cell was asked? One that never acts is not, but where this
        model counts elsewhere than at the lists: there that is its answer to isolation.
        """
        if self._values[column]:
            return True
        return BY_NAME[column].counter == _NR and not self._values["list_nr"]

    def words_of(self, record: Record) -> str:
        """A cell that was asked where something is ISOLATE: what it said."""
        _, _, column, packed, _, _ = record
        counter, facts = COLUMNS[column].counter, packed & _ALL
        since = "the pageblock is ISOLATE" if facts == _ALL else CONTEXTS[facts]
        if packed & _ACTS:
            return f"counted: {self._row.title} moves {counter}, though {since}"
        return f"not counted: {self._row.title} leaves {counter} alone, since {since}"
