"""A demonstration being given: its lab, how far the story has come, what the books said."""

from dataclasses import asdict, dataclass
from typing import Any

from backend.scenarios.loader import Call, Geometry, Scenario
from backend.scenarios.place import Place
from sim_core import Lab, LabConfig
from sim_core.errors import RefusedError, StoppedError


@dataclass(frozen=True)
class Result:
    """The books after a step.

    Attributes:
        op: number of its last operation.
        nr_free_pages, nr_free_sum, usable, isolated, pcp: pages, as a frame's counters.
        nr_free: as stored, by order.
        listed: true lengths of the lists, all migratetypes together, by order.
        broke: identities that the model aims at and that this step broke, each with its numbers.
        refused: why a call of the step was not carried out, or None.
        words: what came of its last call.
        node: of a whole node, or None: each zone's NR_FREE_PAGES and usable pages, whether kswapd
            is awake, processes killed. The numbers above are of the zone that the story is about.
    """

    op: int
    nr_free_pages: int
    nr_free_sum: int
    usable: int
    isolated: int
    pcp: int
    nr_free: list[int]
    listed: list[int]
    broke: list[dict[str, Any]]
    refused: str | None
    words: str = ""
    node: dict[str, Any] | None = None

    def told(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


class Performance:
    """Args:
    name: of the scenario.
    scenario: what is told.
    geometry: name of the size it is told in.
    like: whose model, seed and log the lab has.
    """

    def __init__(self, name: str, scenario: Scenario, geometry: str, like: LabConfig) -> None:
        self.name = name
        self.scenario = scenario
        self.geometry = geometry
        self.size: Geometry = scenario.geometry[geometry]
        self.lab = Lab(self.size.config(like))
        self.results: list[Result] = []
        self._words = ""
        self.touched = False
        """Whether somebody acted on the zone between two steps: the numbers are their own then."""
        for times, call in self.size.prepare:
            for _ in range(times):
                self._call(call)
        self._words = ""
        place = Place.found(self.size, self.lab)
        self.steps = [place.step(step) for step in self.size.steps]
        self.blocks = place.blocks(self.size.blocks)
        self.look = place.told(self.size.look)
        self.results.append(self._result(None))

    @property
    def at(self) -> int:
        """How many steps have been taken."""
        return len(self.results) - 1

    @property
    def over(self) -> bool:
        """Whether the story is told, or the node has stopped."""
        return self.at == len(self.steps) or self.lab.stopped is not None

    def step(self) -> Result:
        """Take the next step.

        Raises:
            IndexError: the story is over.
        """
        # Whoever looked at the past looks on from where the story had got to.
        for _ in self.lab.seek(self.lab.journal.tip):
            pass
        self.touched = self.touched or self.lab.op != self.results[-1].op
        refused = None
        for call in self.steps[self.at].do:
            try:
                refused = self._call(call)
            except (RefusedError, StoppedError) as error:
                refused = str(error)
            if refused is not None:
                break
        self.results.append(self._result(refused))
        return self.results[-1]

    def _call(self, call: Call) -> str | None:
        """Why the kernel refused it, or None."""
        verb, *arguments = call
        outcome = getattr(self.lab, str(verb))(*arguments)
        self._words = "; ".join(outcome.words)
        return None if outcome.errno is None else "; ".join(outcome.words) or str(outcome.errno)

    def _result(self, refused: str | None) -> Result:
        lab = self.lab
        slot = lab.slot_of_block(self.blocks[0])
        counters = lab.counters(slot)
        before = {one["identity"] for result in self.results for one in result.broke}
        return Result(
            op=lab.op,
            nr_free_pages=counters["nr_free_pages"],
            nr_free_sum=counters["nr_free_sum"],
            usable=counters["usable"],
            isolated=counters["isolated"],
            pcp=counters["pcp"],
            nr_free=lab.nr_free(slot),
            listed=[sum(lengths) for lengths in zip(*lab.lists(slot).values(), strict=True)],
            broke=[
                {
                    "identity": verdict.identity,
                    "op": verdict.first_op,
                    "order": verdict.order,
                    "expected": verdict.expected,
                    "got": verdict.got,
                }
                for verdict in lab.check()
                if verdict.verdict == "broken" and verdict.identity not in before
            ],
            refused=refused,
            words=self._words,
            node=self._node() if lab.config.whole else None,
        )

    def _node(self) -> dict[str, Any]:
        numbers = self.lab.node_numbers()
        zones = [
            {"zone": span.zone, "nr_free_pages": found["nr_free_pages"], "usable": found["usable"]}
            for slot, span in enumerate(self.lab.config.spans)
            for found in [self.lab.zone_summary(slot)]
        ]
        return {
            "zones": zones,
            "kswapd_awake": bool(numbers["kswapd_awake"]),
            "oom_kills": numbers["oom_kills"],
        }
