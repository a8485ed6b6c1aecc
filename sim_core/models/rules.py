"""Cells that cannot stand together: one rule reads what another does not keep.

What is merely foolish is allowed: a chunk counted twice, or a VM_BUG_ON without the branch that
would spare it, is something to look at. Here stand only rows in which a step would have nothing to
go by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim_core.models.columns import BY_NAME


@dataclass(frozen=True)
class Rule:
    """A row breaks it if each of these columns has one of these values.

    Attributes:
        columns: column name -> values; the one that reads stands first.
        reason: what would be read, and why nothing is there.
    """

    columns: dict[str, frozenset[int]]
    reason: str

    def broken_by(self, values: Mapping[str, int]) -> bool:
        """Whether a row with these values breaks it."""
        return all(values[name] in bad for name, bad in self.columns.items())

    def to_json(self) -> dict[str, Any]:
        """As the service sends it."""
        columns = {name: sorted(bad) for name, bad in self.columns.items()}
        return {"columns": columns, "reason": self.reason}


def _at(column: str, *labels: str) -> frozenset[int]:
    """The numbers of some choices, by their labels."""
    known = [choice.label for choice in BY_NAME[column].choices]
    return frozenset(known.index(label) for label in labels)


_UNCOUNTED: Final = {"count_isolated": _at("count_isolated", "no")}
_FORGETS: Final = {"refill_remembers": _at("refill_remembers", "none")}
_NO_CMA_COUNT: Final = {"count_cma": _at("count_cma", "no")}

RULES: Final = (
    Rule(
        {"free_type_read": _at("free_type_read", "rechecked"), **_UNCOUNTED},
        "free_type_read looks again while a block is isolated, and without count_isolated the zone "
        "never knows of one.",
    ),
    Rule(
        {"drain_type": _at("drain_type", "block if any"), **_UNCOUNTED},
        "drain_type asks the block while one is isolated, and without count_isolated the zone "
        "never "
        "knows of one.",
    ),
    Rule(
        {"merge_guard": _at("merge_guard", "ISOLATE apart"), **_UNCOUNTED},
        "merge_guard looks at types while a block is isolated, and without count_isolated the zone "
        "never knows of one.",
    ),
    Rule(
        {"watermark_less_isolated": _at("watermark_less_isolated", "yes"), **_UNCOUNTED},
        "watermark_less_isolated subtracts the zone's count of isolated blocks, and count_isolated "
        "keeps none.",
    ),
    Rule(
        {"drain_type": _at("drain_type", "remembered", "block if any"), **_FORGETS},
        "drain_type goes by the type a page remembers, and refill_remembers marks it with none.",
    ),
    Rule(
        {"count_cma": _at("count_cma", "yes"), "alloc_nr": frozenset(range(1, 256)), **_FORGETS},
        "count_cma takes a refilled CMA page off by the type it remembers where alloc_nr counts, "
        "and "
        "refill_remembers marks it with none.",
    ),
    Rule(
        {"cma_use": _at("cma_use", "balanced"), **_NO_CMA_COUNT},
        "cma_use compares the free CMA pages with all free pages, and count_cma does not count "
        "them.",
    ),
    Rule(
        {
            "watermark": _at(
                "watermark", "less CMA", "less CMA once", "asks lists", "asks lists, free"
            ),
            **_NO_CMA_COUNT,
        },
        "watermark takes the free CMA pages off, and count_cma does not count them.",
    ),
    Rule(
        {
            "watermark": _at("watermark", "asks lists", "asks lists, free"),
            "reserve": _at("reserve", "RESERVE"),
        },
        "watermark takes the pages of HIGHATOMIC blocks off, and reserve makes RESERVE blocks.",
    ),
    Rule(
        {
            "fallback": _at("fallback", "moves, retries", "one attempt", "claim or steal"),
            "cma_use": _at("cma_use", "fallback"),
        },
        "fallback claims whole blocks of the types it is given, and cma_use gives it CMA, whose "
        "blocks nobody may claim.",
    ),
)


def broken(values: Mapping[str, int]) -> tuple[Rule, ...]:
    """The rules that a row with these values breaks."""
    return tuple(rule for rule in RULES if rule.broken_by(values))
