from typing import Any

from sim_core.mm._mm import Node

def run_workload(node: Node, turns: int, within_s: float) -> dict[str, int]: ...
def replay(
    node: Node, handles: Any, orders: Any, mts: Any, pages: Any, sizes: Any, first: int, last: int
) -> dict[str, int]: ...
