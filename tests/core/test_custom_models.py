"""Models of somebody's own: any cell flipped, told in words, sent away and taken back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from sim_core import Lab, LabConfig
from sim_core.errors import ConfigError, RefusedError
from sim_core.models import (
    COLUMNS,
    FORMAT,
    HUNKS,
    ROWS,
    RULES,
    Custom,
    Row,
    Rule,
    broken,
    custom,
    derived,
    diff,
    from_document,
    hunk_changes,
    label_of,
    table_to_json,
    to_document,
    words_of,
)
from sim_core.models.truth import CONTEXTS, NAMED, WORDS

VALUES = {column.name: len(column.choices) or 256 for column in COLUMNS}


def flipped(row: str, column: str, value: int) -> Custom | None:
    """That change, unless its cells cannot stand together."""
    values = {**ROWS[row].columns(), column: value}
    return None if broken(values) else custom("own", row, {column: value})


@pytest.mark.parametrize("row", ROWS)
def test_any_cell_of_any_kernel_can_be_flipped_or_its_refusal_says_why(row: str) -> None:
    before = ROWS[row].columns()
    refused = 0
    for column in COLUMNS:
        for value in {0, 1, VALUES[column.name] - 1, 0x3A % VALUES[column.name]}:
            made = flipped(row, column.name, value)
            if made is None:
                refused += 1
                with pytest.raises(ConfigError) as caught:
                    custom("own", row, {column.name: value})
                assert column.name in f"{caught.value.field} {caught.value.allowed}"
                continue
            assert derived(made).columns() == {**before, column.name: value}
    assert 0 < refused < 12


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_kernel_keeps_what_it_reads(row: Row) -> None:
    assert broken(row.columns()) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: "-".join(rule.columns))
@pytest.mark.parametrize("row", ["v3.5", "v3.19", "v6.12"])
def test_a_rule_names_its_columns_and_the_refusal_is_its_reason(row: str, rule: Rule) -> None:
    assert all(name in rule.reason for name in rule.columns)
    values = ROWS[row].columns()
    changes = {n: min(bad) for n, bad in rule.columns.items() if values[n] not in bad}
    found = broken({**values, **changes})
    assert rule in found
    with pytest.raises(ConfigError) as caught:
        custom("own", row, changes)
    assert str(caught.value) == found[0].reason
    assert caught.value.field == f"changes.{next(iter(found[0].columns))}"
    assert all(name in str(caught.value.allowed) for name in found[0].columns)
    for name in changes:
        mended = {**changes, name: values[name]}
        assert rule not in broken({**values, **mended})


def test_what_is_merely_foolish_is_allowed() -> None:
    custom("counted twice", "v6.12", {"free_one_page_nr": "always", "drain_nr": "always"})
    custom("bug without its branch", "v3.5", {"free_one_page_bug": "always"})
    custom("stranded", "v3.19", {"unset_merges": "it moves"})


def test_a_row_that_is_consistent_runs_whatever_it_counts() -> None:
    draw = random.Random(3)
    ran = 0
    while ran < 40:
        changes = {
            column.name: draw.randrange(VALUES[column.name])
            for column in draw.sample(COLUMNS, draw.randint(1, 12))
            if column.name != "free_one_page_bug"
        }
        parent = draw.choice(list(ROWS))
        if broken({**ROWS[parent].columns(), **changes}):
            continue
        ran += 1
        made = custom("own", parent, changes)
        lab = Lab(LabConfig(spanned_pages=4096, pageblock_order=6, max_order=8, model=made))
        for _ in range(6):
            lab.run_workload(150)
            block = draw.randrange(64)
            acts: list[Callable[[int], object]] = [lab.isolate, lab.free_block, lab.unisolate]
            for act in draw.sample([*acts, lab.offline], 3):
                try:
                    act(block)
                except RefusedError:
                    continue
        lab.drain()
        assert next(v for v in lab.check() if v.identity == "I6").verdict == "holds", changes


def test_its_cells_say_what_was_changed_and_its_aims_are_its_parents() -> None:
    row = derived(custom("own", "v3.8", {"drain_type": 2, "split_nr": 0x22}))
    parent = ROWS["v3.8"]
    assert (row.name, row.parent, row.aims) == ("own", "v3.8", parent.aims)
    assert row.because == parent.because
    cell = row.cells["pcp_drain"]
    assert cell.why == "drain_type was: the one it remembers."
    assert cell.source == "changed by hand; v3.8 has it from free_pcppages_bulk, v3.8"
    assert row.cells["split_free_page"].why == ("split_nr was: unless the pageblock is ISOLATE.")
    untouched = row.cells.keys() - {"pcp_drain", "split_free_page"}
    assert all(row.cells[name] is parent.cells[name] for name in untouched)
    assert "2 changed by hand: drain_type, split_nr" in row.summary


def test_what_is_as_the_parent_has_it_is_no_change_and_the_order_is_the_tables() -> None:
    one = custom("own", "v3.8", {"split_nr": 0, "drain_type": 2, "boot": 0})
    two = custom("own", "v3.8", {"drain_type": "its block's", "split_nr": "never"})
    assert one == two
    assert one.changes == (("drain_type", 2), ("split_nr", 0))


def test_a_difference_has_both_values() -> None:
    parts = diff(ROWS["v3.7"], ROWS["v3.8"])
    assert {part.column for part in parts} == {
        "count_isolated",
        "drain_nr",
        "offline_nr",
        "split_watermark",
        "test_moves_strays",
        "watermark_less_isolated",
    }
    assert next(p for p in parts if p.column == "offline_nr")[1:] == (0xFF, 0)
    assert diff(ROWS["v3.7"], ROWS["v3.7"]) == ()


def test_all_hunks_are_the_patch_and_none_is_the_kernel_from_either_side() -> None:
    for parent in ("v3.5", "minchan-v2"):
        for taken, same in ((tuple(HUNKS), "minchan-v2"), ((), "v3.5")):
            made = custom("own", parent, hunk_changes(ROWS[parent], taken))
            assert derived(made).columns() == ROWS[same].columns()


def test_on_another_kernel_a_hunk_not_taken_leaves_it_as_it_is() -> None:
    changes = hunk_changes(ROWS["v3.8"], ("split_free_page",))
    assert custom("own", "v3.8", changes).changes == (
        ("split_nr_free", HUNKS["split_free_page"]["split_nr_free"]),
    )
    with pytest.raises(ConfigError, match="hunk_9") as caught:
        hunk_changes(ROWS["v3.5"], ("hunk_9",))
    assert caught.value.allowed == ", ".join(HUNKS)


def test_every_truth_table_has_words_of_its_own_and_can_be_asked_for_by_them() -> None:
    assert len(set(WORDS)) == 256
    for bits, words in enumerate(WORDS):
        made = custom("own", "v3.5", {"drain_nr": words})
        assert dict(made.changes).get("drain_nr", 0xFF) == bits
    assert [WORDS[named.bits] for named in NAMED] == [named.words for named in NAMED]
    assert WORDS[0x22] == "if the type passed in is ISOLATE and the pageblock is not"
    assert WORDS[0x7F] == "unless all three are ISOLATE"
    assert CONTEXTS[2] == "the pageblock is ISOLATE and neither the type passed in nor the list is"


def test_the_words_of_a_table_say_what_its_bits_say() -> None:
    facts = ("the type passed in", "the pageblock", "the list")

    def holds(words: str, context: int) -> bool:
        if words in ("always", "never"):
            return words == "always"
        if words.startswith("unless "):
            return not holds(f"if {words[7:].replace(', or ', ', or if ')}", context)
        return any(all_of(part, context) for part in words[3:].split(", or if "))

    def all_of(part: str, context: int) -> bool:
        if "three" in part:
            return context == (7 if part.startswith("all") else 0)
        denying = part.startswith("neither") or (" is not ISOLATE" in part)
        held, _, denied = ("", "", part) if denying else part.partition("ISOLATE")
        return all(context >> i & 1 for i, fact in enumerate(facts) if fact in held) and not any(
            context >> i & 1 for i, fact in enumerate(facts) if fact in denied
        )

    for bits, words in enumerate(WORDS):
        assert [holds(words, c) for c in range(8)] == [bool(bits >> c & 1) for c in range(8)], words


def test_export_and_import_give_the_same_model() -> None:
    made = custom("half of 3.8", "v3.7", {"drain_nr": 0x31, "offline_nr": "never", "watermark": 1})
    document = to_document(made)
    assert document == {
        "format": FORMAT,
        "name": "half of 3.8",
        "parent": "v3.7",
        "changes": {
            "drain_nr": WORDS[0x31],
            "offline_nr": "never",
            "watermark": "signed",
        },
    }
    assert from_document(document) == made
    assert from_document({**document, "changes": dict(made.changes)}) == made


@pytest.mark.parametrize(
    ("change", "field", "allowed"),
    [
        ({"format": "zonescope-model/2"}, "format", FORMAT),
        ({"format": None}, "format", FORMAT),
        ({"more": 1}, "more", "parent, changes"),
        ({"name": ""}, "name", "30"),
        ({"name": "x" * 31}, "name", "30"),
        ({"name": "two\nlines"}, "name", "printable"),
        ({"name": "v6.1"}, "name", "no kernel"),
        ({"name": 7}, "name", "text"),
        ({"parent": "v9"}, "parent", "v6.12.117"),
        ({"parent": None}, "parent", "text"),
        ({"changes": []}, "changes", "object"),
        ({"changes": {"no_column": 1}}, "changes", "merge_guard"),
        ({"changes": {"boot": 2}}, "changes.boot", "0: 64 pages"),
        ({"changes": {"boot": -1}}, "changes.boot", "1: in the largest"),
        ({"changes": {"boot": True}}, "changes.boot", "1: in the largest"),
        ({"changes": {"boot": None}}, "changes.boot", "1: in the largest"),
        ({"changes": {"drain_nr": 256}}, "changes.drain_nr", "255"),
        ({"changes": {"drain_nr": "sometimes"}}, "changes.drain_nr", "own words"),
        ({"changes": {"merge_guard": 2}}, "changes.merge_guard", "count_isolated"),
    ],
)
def test_a_document_that_is_no_model_is_refused_by_field(
    change: dict[str, Any], field: str, allowed: str
) -> None:
    good = {"format": FORMAT, "name": "own", "parent": "v3.5", "changes": {}}
    assert from_document(good) == Custom("own", "v3.5")
    with pytest.raises(ConfigError) as caught:
        from_document({**good, **change})
    assert caught.value.field == field
    assert allowed in str(caught.value.allowed)


@pytest.mark.parametrize("document", [None, [], "zonescope-model/1", 7])
def test_what_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(ConfigError, match="known format"):
        from_document(document)


def test_the_table_is_told_whole() -> None:
    told = table_to_json()
    columns = [column for section in told["sections"] for column in section["columns"]]
    assert [column["name"] for column in columns] == [column.name for column in COLUMNS]
    assert told["tables"]["words"] == list(WORDS)
    for row in told["models"]:
        decided = [name for cell in row["cells"].values() for name in cell["values"]]
        assert sorted(decided) == sorted(VALUES)
        for cell in row["cells"].values():
            for name, value in cell["values"].items():
                assert cell["words"][name] == words_of(name, value)
                assert len(label_of(name, value)) <= 18
