"""The calls that a journal may hold, each with what its arguments may be: the only ones that
reading it leads to.
"""

from collections.abc import Callable
from typing import Any, Final

from sim_core.config import (
    CPUS_MAX,
    MIN_FREE_KBYTES_MAX,
    OWNERS_MAX,
    PFN_MAX,
    SPANNED_MAX,
)
from sim_core.errors import ConfigError
from sim_core.journal import SET_WORKLOAD, TURNS
from sim_core.kept.places import Place
from sim_core.lab import FILL_BOUND
from sim_core.vocabulary import MAX_ORDERS, MIGRATETYPES, PCPTYPES, ZONE_KINDS
from sim_core.workloads import WORKLOADS, Workload, WorkloadMix

Read = Callable[[Place], object]

OPS_MAX: Final = 1_000_000_000_000
"""Operations of a lab: a year of the fastest run."""
IDLE_MAX: Final = 100_000_000
"""Turns that a run may have beyond its operations: those that a BUG kept it from."""
_U32: Final = (1 << 32) - 1
_WEIGHT_MAX: Final = 1_000_000


def _whole(least: int, most: int) -> Read:
    return lambda place: place.whole(least, most)


def _word(words: tuple[str, ...]) -> Read:
    return lambda place: place.one_of(words)


def _or_none(read: Read) -> Read:
    return lambda place: place.or_none(read)


def _truth(place: Place) -> object:
    return place.truth()


_ORDER: Final = _whole(0, MAX_ORDERS - 1)
_PFN: Final = _whole(0, PFN_MAX - 1)
_PAGES: Final = _whole(1, SPANNED_MAX)
_BLOCK: Final = _whole(0, _U32)
_BLOCKS: Final = _whole(1, _U32)
_HANDLE: Final = _whole(0, _U32)
_TYPE: Final = _word(MIGRATETYPES)
_ASKED: Final = _word(PCPTYPES)


def _workload(place: Place) -> Workload:
    name, numbers, mix = place.fields("name", "numbers", "mix")
    kind = WORKLOADS[name.one_of(tuple(WORKLOADS))]
    known = () if kind.name == "churn" else kind.parameters
    values = numbers.fields(*(parameter.name for parameter in known))
    orders, types, low, high = mix.fields("orders", "migratetypes", "low", "high")
    unmovable, reclaimable, movable = (
        weight.whole(0, _WEIGHT_MAX) for weight in types.items(3, least=3)
    )
    workload = Workload(
        kind.name,
        WorkloadMix(
            tuple(weight.whole(0, _WEIGHT_MAX) for weight in orders.items(MAX_ORDERS, least=1)),
            (unmovable, reclaimable, movable),
            low.whole(0, 100),
            high.whole(0, 100),
        ),
        tuple(
            (parameter.name, value.whole(parameter.least, parameter.most))
            for parameter, value in zip(known, values, strict=True)
        ),
    )
    try:
        return workload.checked(MAX_ORDERS)
    except ConfigError as error:
        raise place.wrong(error.allowed or "", f"{place.path}: {error}") from error


CALLS: Final[dict[str, tuple[Read, ...]]] = {
    TURNS: (_whole(0, OPS_MAX),),
    SET_WORKLOAD: (_workload,),
    "alloc": (
        _ORDER,
        _ASKED,
        _or_none(_truth),
        _truth,
        _or_none(_word(ZONE_KINDS)),
        _truth,
        _whole(0, OWNERS_MAX),
    ),
    "free_handle": (_HANDLE,),
    "free_begin_handle": (_HANDLE,),
    "free_finish_handle": (_HANDLE,),
    "pin_handle": (_HANDLE,),
    "unpin_handle": (_HANDLE,),
    "drain": (),
    "free_block": (_BLOCK,),
    "fill_block": (_BLOCK, _ORDER, _ASKED, _whole(0, FILL_BOUND)),
    "set_block_type": (_BLOCK, _TYPE, _truth),
    "isolate": (_BLOCK,),
    "unisolate": (_BLOCK, _TYPE),
    "split_free_page": (_PFN,),
    "alloc_contig": (_PFN, _PAGES, _TYPE),
    "free_contig": (_PFN, _PAGES),
    "offline": (_BLOCK, _BLOCKS),
    "online": (_BLOCK, _BLOCKS),
    "boot_free": (_PFN, _ORDER),
    "mark_lru": (_PFN, _ORDER, _truth, _truth),
    "offline_isolated": (_PFN, _PAGES),
    "online_pages": (_PFN, _PAGES),
    "run_on": (_whole(0, CPUS_MAX - 1),),
    "kswapd_step": (),
    "oom_kill": (),
    "write_min_free_kbytes": (_whole(0, MIN_FREE_KBYTES_MAX),),
}


def arguments_to(args: tuple[object, ...]) -> list[Any]:
    """A call's arguments as JSON values."""
    return [_workload_to(arg) if isinstance(arg, Workload) else arg for arg in args]


def arguments_from(call: Place, given: Place) -> tuple[str, tuple[object, ...]]:
    """A call's name and arguments, if there is such a call and they are what it takes.

    Raises:
        ConfigError: there is not, or they are not.
    """
    name = call.one_of(tuple(CALLS))
    reads = CALLS[name]
    items = given.items(len(reads), least=len(reads))
    return name, tuple(read(item) for read, item in zip(reads, items, strict=True))


def _workload_to(workload: Workload) -> dict[str, Any]:
    mix = workload.mix
    return {
        "name": workload.name,
        "numbers": dict(workload.numbers),
        "mix": {
            "orders": list(mix.orders),
            "migratetypes": list(mix.migratetypes),
            "low": mix.low,
            "high": mix.high,
        },
    }
