from typing import Any, TypeAlias

from sim_core.mm._mm import Node

MOST: int
ANY: int
SORT_NAMES: tuple[str, ...]
DERIVED: dict[str, int]

Record: TypeAlias = tuple[int, int, int, int, int, int]
Key: TypeAlias = tuple[int, int, int]

def changes(
    node: Node,
    kinds: tuple[tuple[int, int, int], ...],
    pages: tuple[int, int] | None = None,
    handle: int | None = None,
    net: bool = False,
    before: int | None = None,
    most: int = ...,
) -> tuple[list[tuple[int, int, int, Record]], int | None, int]: ...
def derived_changes(
    node: Node, name: str, zone: int = 0, before: int | None = None, most: int = ...
) -> tuple[list[tuple[int, int, int, Record]], int | None, int]: ...
def drift(
    node: Node, weights: tuple[int, int, int, int, bool], zone: int = 0, most: int = 64
) -> tuple[list[dict[str, Any]], int, dict[str, Any] | None]: ...
def balance(node: Node, zone: int = 0) -> dict[Key, int]: ...
def postings(
    node: Node, zone: int = 0, most: int = 256
) -> tuple[int, list[tuple[int, Record, Key, Key, int]], int, dict[Key, int]]: ...
