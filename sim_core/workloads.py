"""The workloads by name: what each shows, what can be set of it, and what the core is told.

A workload's number and the order of its own parameters are those of the core: enum WorkloadKind of
sim_core/mm/memory.pxd, and enum Parameter of the workload's own file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from sim_core.errors import ConfigError

WorkloadName = Literal[
    "churn",
    "page-cache",
    "slab",
    "huge-pages",
    "hotplug",
    "cma",
    "reclaim-pressure",
    "fork-storm",
    "atomic-bursts",
]


@dataclass(frozen=True)
class WorkloadMix:
    """The random churn of a zone.

    Attributes:
        orders: weights of orders 0, 1, 2, ….
        migratetypes: weights of UNMOVABLE, RECLAIMABLE, MOVABLE.
        low, high: percent of present pages in use: below `low` it only allocates, above `high` it
            only frees, between them a coin decides.
    """

    orders: tuple[int, ...] = (70, 10, 6, 6, 3, 1, 1, 1, 1, 1)
    migratetypes: tuple[int, int, int] = (20, 10, 70)
    low: int = 55
    high: int = 65


@dataclass(frozen=True)
class Parameter:
    """One number of a workload.

    Attributes:
        name: in commands.
        title: on the page.
        least, most, usual: what it may be, and what it is unless somebody sets it.
        unit: of the number.
        words: what it does, in a sentence.
    """

    name: str
    title: str
    least: int
    most: int
    usual: int
    unit: str
    words: str


@dataclass(frozen=True)
class WorkloadKind:
    """A workload that can be chosen.

    Attributes:
        name: in commands.
        title: on the page.
        shows: what a viewer sees, in a sentence.
        parameters: what can be set, while it runs too.
    """

    name: WorkloadName
    title: str
    shows: str
    parameters: tuple[Parameter, ...]


def _percent(name: str, title: str, bounds: tuple[int, int, int], words: str) -> Parameter:
    return Parameter(name, title, *bounds, "%", words)


WORKLOADS: Final[dict[str, WorkloadKind]] = {
    kind.name: kind
    for kind in (
        WorkloadKind(
            "churn",
            "Mixed churn",
            "Chunks of many orders and types come and go at random: splits and merges, in a zone "
            "that stays about as full.",
            (
                _percent("low", "Allocates below", (0, 100, 55), "Below it, it only allocates."),
                _percent("high", "Frees above", (0, 100, 65), "Above it, it only frees."),
            ),
        ),
        WorkloadKind(
            "page-cache",
            "Page cache",
            "Single movable pages fill the zone, then a large share is dropped at once, the "
            "oldest first: the lists empty slowly and come back whole.",
            (
                _percent(
                    "level", "Fills up to", (5, 99, 90), "So much of the zone is in use then."
                ),
                _percent("drop", "Then drops", (1, 100, 60), "So much of its own pages."),
            ),
        ),
        WorkloadKind(
            "slab",
            "Slab",
            "Small unmovable chunks are sprinkled among movable pages and rarely freed: in the "
            "end hardly a pageblock is without one, and no large chunk is left.",
            (
                _percent("level", "Keeps in use", (5, 99, 93), "Slab and the pages between."),
                _percent("share", "Slab grows to", (1, 60, 20), "Of the zone; then it is shrunk."),
                _percent("keep", "Shrinking leaves", (0, 90, 20), "Of that share, here and there."),
                _percent("reclaimable", "Reclaimable", (0, 100, 20), "Of its requests."),
            ),
        ),
        WorkloadKind(
            "huge-pages",
            "Huge pages",
            "Whole pageblocks are asked for over small pages that swell and ebb: enough is free, "
            "and yet requests fail.",
            (
                _percent("background", "Small pages", (5, 80, 55), "In use, give or take 15 %."),
                _percent("share", "Huge pages up to", (1, 90, 30), "Then all are given back."),
                _percent("below", "One order lower", (0, 100, 25), "Of its requests."),
                _percent("hunger", "Turns of its own", (1, 50, 1), "The others are small pages."),
            ),
        ),
        WorkloadKind(
            "hotplug",
            "Hotplug",
            "Memory goes offline and comes online again, piece by piece, under light churn: pages "
            "migrate, and a piece with one that cannot refuses.",
            (
                _percent("level", "Keeps in use", (5, 90, 50), "Of what is present."),
                _percent("unmovable", "Unmovable", (0, 50, 1), "Of its requests: they refuse."),
                Parameter("away", "Offline at a time", 1, 16, 2, "pieces", "Of the largest chunk."),
                Parameter("every", "A step every", 1, 100_000, 200, "turns", "About so often."),
            ),
        ),
        WorkloadKind(
            "cma",
            "CMA",
            "Some pageblocks are CMA. Movable pages live in them until a contiguous run is taken: "
            "then they migrate.",
            (
                _percent("level", "Keeps in use", (5, 95, 85), "Movable pages, one by one."),
                _percent("area", "CMA area", (1, 50, 25), "Of the pageblocks."),
                Parameter("pages", "A run has", 1, 4096, 512, "pages", "Contiguous, in the area."),
                Parameter("runs", "Runs held", 1, 16, 3, "runs", "Then the oldest is given back."),
                Parameter("every", "A run every", 1, 100_000, 100, "turns", "About so often."),
            ),
        ),
        WorkloadKind(
            "reclaim-pressure",
            "Reclaim pressure",
            "Page cache takes all that is free, beside a process that grows and shrinks: kswapd "
            "wakes, works and sleeps, and requests reclaim for themselves. A bare zone has no "
            "kswapd: there the reader drops its oldest pages when nothing is left.",
            (
                _percent("reader", "Reader's turns", (0, 100, 50), "The others are the process's."),
                Parameter("read", "A read has up to", 1, 256, 32, "pages", "One by one."),
                _percent("anon", "Process grows to", (1, 99, 40), "Of all memory; then it ebbs."),
                _percent("ebb", "Then gives back", (1, 100, 60), "Of its own pages."),
            ),
        ),
        WorkloadKind(
            "fork-storm",
            "Fork storm",
            "Processes are born, get a stack, page tables and memory, live and end, their pages "
            "between each other's. When they want too much the OOM killer ends one; a bare zone "
            "has none, and somebody ends by himself when nothing is left.",
            (
                Parameter("processes", "Processes", 1, 50, 24, "at a time", "Each is born anew."),
                _percent("demand", "They want", (1, 200, 80), "Of all memory, all together."),
                _percent("churn", "They grow in", (1, 100, 90), "Of turns; else all live."),
            ),
        ),
        WorkloadKind(
            "atomic-bursts",
            "Atomic bursts",
            "Requests that cannot wait come in bursts, as a network card's: they dip below MIN, "
            "fail rather than reclaim, and kswapd fills up again. A bare zone has no marks and no "
            "kswapd: there they fail when no list has a chunk.",
            (
                _percent("level", "Keeps in use", (5, 80, 60), "By the churn beneath."),
                Parameter("burst", "A burst has", 1, 10_000, 100, "requests", "One after another."),
                Parameter("gap", "Then waits", 1, 100_000, 500, "turns", "When all is given back."),
                Parameter("largest", "Largest chunk", 0, 3, 3, "order", "Any up to it, as often."),
            ),
        ),
    )
}
assert tuple(WORKLOADS) == get_args(WorkloadName)

PARAMETERS: Final = tuple(
    dict.fromkeys(p.name for kind in WORKLOADS.values() for p in kind.parameters)
)
"""Names of all there are; a workload has some of them."""

_SINGLE: Final = (1,)
_SMALL: Final = (70, 10, 6, 6, 3)
_MOVABLE: Final = (0, 0, 100)
_MIXED: Final = (15, 5, 80)
_SWELL: Final = 15
_PLAY: Final = 5

NodeWorkload = tuple[tuple[int, ...], tuple[int, int, int], int, int, int, tuple[int, ...]]
"""Arguments of Node.set_workload."""


@dataclass(frozen=True)
class Workload:
    """A workload with its numbers.

    Attributes:
        name: one of WORKLOADS.
        mix: of the churn, whose parameters are its levels; kept for it while another runs.
        numbers: (name, value) of each parameter of the others, in their order.
    """

    name: str = "churn"
    mix: WorkloadMix = field(default_factory=WorkloadMix)
    numbers: tuple[tuple[str, int], ...] = ()

    @property
    def parameters(self) -> dict[str, int]:
        """Each parameter's value by name."""
        if self.name == "churn":
            return {"low": self.mix.low, "high": self.mix.high}
        return dict(self.numbers)

    def checked(self, max_order: int) -> "Workload":
        """Self, if it can run in a zone of so many orders.

        Raises:
            ConfigError: weights that cannot be drawn from, or levels out of order.
        """
        mix = self.mix
        # Of the usual weights a small zone leaves out what is too large for it, of others none.
        fits = 1 <= len(mix.orders) <= max_order or mix.orders == WorkloadMix().orders
        if not fits or not any(mix.orders):
            raise ConfigError(
                "orders: some weight must be above 0",
                field="orders",
                allowed=f"1 … {max_order} weights, not all 0",
            )
        if not any(mix.migratetypes):
            raise ConfigError(
                "migratetypes: some weight must be above 0",
                field="migratetypes",
                allowed="weights of U, E and M, not all 0",
            )
        if not 0 <= mix.low <= mix.high <= 100:
            raise ConfigError(
                "low and high are percent", field="low", allowed="0 ≤ low ≤ high ≤ 100"
            )
        return self

    def for_node(self, max_order: int) -> NodeWorkload:
        """What the core is told; of orders beyond the zone's largest it hears nothing."""
        kind = list(WORKLOADS).index(self.name)
        if self.name == "churn":
            mix = self.mix
            orders = mix.orders[:max_order] if any(mix.orders[:max_order]) else _SINGLE
            return orders, mix.migratetypes, mix.low, mix.high, kind, ()
        values = dict(self.numbers)
        orders, types, play = _SINGLE, _MOVABLE, _PLAY
        if self.name == "huge-pages":
            orders, play = _SMALL[:max_order], _SWELL
        if self.name == "hotplug":
            types = (values.pop("unmovable"), 0, 100)
        if self.name == "atomic-bursts":
            orders, types = _SMALL[:max_order], _MIXED
        # Of these the churn in the background keeps the level.
        level = 0
        if self.name in ("huge-pages", "hotplug", "cma", "atomic-bursts"):
            level = values.pop("background" if self.name == "huge-pages" else "level")
        low, high = max(0, level - play), min(100, level + play)
        return orders, types, low, high, kind, tuple(values.values())


def changed(old: Workload, name: str | None, numbers: Mapping[str, int]) -> Workload:
    """`old` with another name, or some of its numbers set; another one begins with its usual ones.

    Raises:
        ConfigError: no such workload, a parameter that it has not, or a number out of bounds.
    """
    name = old.name if name is None else name
    if name not in WORKLOADS:
        raise ConfigError(f"no such workload: {name}", field="name", allowed=", ".join(WORKLOADS))
    known = {p.name: p for p in WORKLOADS[name].parameters}
    for given, value in numbers.items():
        if given not in known:
            raise ConfigError(
                f"{name} has no {given}", field=given, allowed=f"of {name}: {', '.join(known)}"
            )
        least, most, unit = known[given].least, known[given].most, known[given].unit
        if not least <= value <= most:
            raise ConfigError(
                f"{given} is {value}", field=given, allowed=f"{least} … {most} {unit}"
            )
    if name == "churn":
        mix = replace(
            old.mix, low=numbers.get("low", old.mix.low), high=numbers.get("high", old.mix.high)
        )
        return replace(old, name=name, numbers=(), mix=mix)
    usual = {p.name: p.usual for p in known.values()}
    values = {**usual, **(old.parameters if old.name == name else {}), **numbers}
    return replace(old, name=name, numbers=tuple(values.items()))
