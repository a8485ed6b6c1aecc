"""The churn trace W1/W1m: requests and frees that no allocator's choices can change.

It names chunks by *handles* and counts the pages asked for, so that one trace drives the core, the
reference and a prototype in C alike. The fill asks until 60 % of the zone's pages are in use; from
then on a coin decides between 55 and 65 %. W1 asks for MOVABLE alone, W1m with the types drawn.
"""

from array import array
from dataclasses import dataclass
from typing import Final

from sim_core.vocabulary import migratetype_id

GIB: Final = 1 << 18
"""Pages in a GiB."""
OPERATIONS: Final = 2_000_000
"""Operations after the fill."""
FREE: Final = 255
"""Stands in place of an order where the operation is a free."""
ISOLATE: Final = 254
"""The same for the isolation of the pageblock whose number stands in place of a handle."""
UNISOLATE: Final = 253
"""And for its undoing."""
NO_PAGE: Final = 0xFFFF_FFFF
"""Stands for the head of a chunk that was never got."""

_SEED: Final = 88172645463325252
_WORD: Final = (1 << 64) - 1
_FNV_BASIS: Final = 14695981039346656037
_FNV_PRIME: Final = 1099511628211

#: Of d % 100: 70 single pages, 10, 6, 6 and 3 of the next orders, one each of orders 5 … 9.
_ORDER_OF: Final = bytes([0] * 70 + [1] * 10 + [2] * 6 + [3] * 6 + [4] * 3 + [5, 6, 7, 8, 9])
#: Of e % 100.
_TYPE_OF: Final = bytes(
    [migratetype_id("MOVABLE")] * 70
    + [migratetype_id("UNMOVABLE")] * 20
    + [migratetype_id("RECLAIMABLE")] * 10
)
#: The numbers that the published hashes give the types.
_HASHED: Final = {
    migratetype_id("UNMOVABLE"): 0,
    migratetype_id("MOVABLE"): 1,
    migratetype_id("RECLAIMABLE"): 2,
}

PUBLISHED: Final[dict[tuple[int, int], tuple[int, int, int]]] = {
    (GIB, OPERATIONS): (11_983, 14_101, 0x7954E510B7357110),
    (4 * GIB, OPERATIONS): (51_019, 52_358, 0xFE08A8D74CA8DD40),
}
"""(pages, operations): fill, handles and hash that every maker of this trace must arrive at."""


@dataclass(frozen=True)
class Trace:
    """A trace.

    Attributes:
        pages: of the zone it is made for.
        fill: operations of the fill; those after it are the ones to time.
        handles: [operations] u32, numbers of the chunks.
        orders: [operations] u8, the order asked for, or FREE.
        migratetypes: [operations] u8, indices into MIGRATETYPES; 0 for a free.
        nr_handles: handles there are.
    """

    pages: int
    fill: int
    handles: "array[int]"
    orders: "array[int]"
    migratetypes: "array[int]"
    nr_handles: int

    def __len__(self) -> int:
        return len(self.handles)

    def all_movable(self) -> "array[int]":
        """The migratetypes of W1."""
        return array("B", bytes([migratetype_id("MOVABLE")])) * len(self)

    def digest(self) -> int:
        """FNV-1a, 64 bit, over (handle, order, migratetype) of each operation, whole values."""
        value = _FNV_BASIS
        for handle, order, mt in zip(self.handles, self.orders, self.migratetypes, strict=True):
            value = (value ^ handle) * _FNV_PRIME & _WORD
            value = (value ^ order) * _FNV_PRIME & _WORD
            value = (value ^ (0 if order == FREE else _HASHED[mt])) * _FNV_PRIME & _WORD
        return value

    def verify(self) -> None:
        """Hold the trace against what is published of it.

        Raises:
            RuntimeError: it is another one, so its figures would mean nothing.
        """
        expected = PUBLISHED.get((self.pages, len(self) - self.fill))
        got = (self.fill, self.nr_handles, self.digest())
        if expected is not None and got != expected:
            raise RuntimeError(f"the trace is not W1: fill, handles, hash {got}, not {expected}")


def make_trace(pages: int, operations: int) -> Trace:
    """The trace for a zone of so many pages, with so many operations after the fill."""
    handles, orders, migratetypes = array("I"), bytearray(), bytearray()
    live: list[int] = []
    retired: list[int] = []
    order_of: list[int] = []
    enough, low, high = pages * 60 // 100, pages * 55 // 100, pages * 65 // 100
    used = fill = 0
    filling = True
    x = _SEED

    def draw() -> int:
        nonlocal x
        x ^= x >> 12
        x ^= x << 25 & _WORD
        x ^= x >> 27
        return (x * 0x2545F4914F6CDD1D & _WORD) >> 32

    while filling or len(handles) - fill < operations:
        if filling and used >= enough:
            filling, fill = False, len(handles)
            continue
        coin = 1 if filling else draw() & 1
        if filling or not live or used < low or (used <= high and coin):
            order, mt = _ORDER_OF[draw() % 100], _TYPE_OF[draw() % 100]
            if retired:
                handle = retired.pop()
                order_of[handle] = order
            else:
                handle = len(order_of)
                order_of.append(order)
            live.append(handle)
            used += 1 << order
        else:
            i = draw() * len(live) >> 32
            handle, order, mt = live[i], FREE, 0
            live[i] = live[-1]
            live.pop()
            retired.append(handle)
            used -= 1 << order_of[handle]
        handles.append(handle)
        orders.append(order)
        migratetypes.append(mt)
    return Trace(pages, fill, handles, array("B", orders), array("B", migratetypes), len(order_of))
