from collections.abc import Sequence

from sim_core.mm._mm import Node

LEAF_CODES: dict[str, int]
STEP_CODES: dict[str, int]
HANDLE_CODES: dict[str, int]
SUM_CODES: dict[str, int]
CODE_ROOM: int

class Program:
    pictured: bool
    def __init__(self, node: Node, code: Sequence[tuple[int, int, int, int]]) -> None: ...
    def holds(self) -> bool: ...
    def values(self) -> list[int | None]: ...
