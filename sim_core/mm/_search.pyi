from sim_core.mm._mm import Node
from sim_core.mm._predicate import Program

FOUND: int
MORE: int

def search(
    node: Node,
    program: Program,
    steps: bool,
    back: bool,
    wanted: bool,
    most: int,
) -> int: ...
