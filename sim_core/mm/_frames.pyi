from sim_core.mm._mm import Node

class View:
    pages: bool
    first: int
    count: int
    per_cell: int
    run: int
    stride: int
    @property
    def cells(self) -> int: ...
    def __init__(
        self,
        pages: bool,
        first: int,
        count: int,
        per_cell: int,
        run: int = 0,
        stride: int = 0,
    ) -> None: ...
    def changed(self, node: Node) -> bool: ...

def cut(
    view: View,
    node: Node,
    keyframe: bool,
    flags: int,
    number: int,
    seq: int,
    base_seq: int,
    now_ms: float,
    lateness_us: int,
    moment: tuple[int, int, int, bool, int, int, int],
) -> bytes: ...
