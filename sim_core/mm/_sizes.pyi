from sim_core.mm._mm import Node

ALLOC_FLAGS: dict[str, int]

def watermark_ok(
    nr_free: list[int],
    order: int,
    mark: int,
    lowmem_reserve: int,
    flags: int,
    free: int,
    rule: int,
    cma: int = 0,
    highatomic: int = 0,
    listed: list[int] | None = None,
) -> bool: ...
def fragmentation(nr_free: list[int]) -> tuple[list[int], list[int]]: ...
def setup_migrate_reserve(node: Node, min_wmark: int) -> None: ...

class NodeSizes:
    def __init__(
        self,
        columns: dict[str, int],
        kinds: list[int],
        pages: list[int],
        cpus: int,
        ratios: list[int],
        fraction: int,
        scale_factor: int,
        movable_is_highmem: bool,
    ) -> None: ...
    @property
    def min_free_kbytes(self) -> int: ...
    @property
    def totalreserve_pages(self) -> int: ...
    def boot(self) -> None: ...
    def write_min_free_kbytes(self, kbytes: int) -> None: ...
    def write_lowmem_reserve_ratio(self, ratios: list[int]) -> None: ...
    def set_min_cma_pages(self, pages: list[int]) -> None: ...
    def zones(self) -> list[dict[str, int | list[int]]]: ...
