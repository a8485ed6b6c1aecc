from array import array

from sim_core.mm._mm import Node

def place_type(node: Node, block: int, mt: int) -> None: ...
def place_free(node: Node, pfns: array[int], orders: array[int], mts: array[int]) -> None: ...
def place_allocated(
    node: Node, pfns: array[int], orders: array[int], mts: array[int], lrus: array[int]
) -> None: ...
def place_done(
    node: Node,
    present: int,
    watermarks: tuple[int, int, int] | None,
    pcp: tuple[int, int | None] | None,
) -> None: ...
