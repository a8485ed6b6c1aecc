"""Rounds taken in turn, medians, ratios, and what a reader needs to judge them."""

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


class NotHereError(Exception):
    """Something that a part measures with is not installed, or fails; says what to do."""


Contender = Callable[[], float]
"""One round: the figure measured in it."""


@dataclass
class Figure:
    """One workload, measured of several contenders side by side.

    Attributes:
        title: the workload, in words.
        unit: of the samples.
        samples: contender → one value a round.
        compared: (contender, the one it is divided by).
        notes: what else a reader must know.
    """

    title: str
    unit: str
    samples: dict[str, list[float]]
    compared: Sequence[tuple[str, str]] = ()
    notes: list[str] = field(default_factory=list)

    def ratios(self) -> dict[str, float]:
        """Medians divided, of those pairs that were both measured."""
        return {
            f"{one} / {other}": median(self.samples[one]) / median(self.samples[other])
            for one, other in self.compared
            if one in self.samples and other in self.samples
        }

    def table(self) -> str:
        """The figure as plain text."""
        width = max(len(name) for name in (*self.samples, *self.ratios()))
        lines = [self.title, f"  {self.unit:<{width}}  {'median':>10}  {'least':>10}  rounds"]
        for name, values in self.samples.items():
            lines.append(
                f"  {name:<{width}}  {median(values):>10.4g}  {min(values):>10.4g}  {len(values)}"
            )
        for name, value in self.ratios().items():
            lines.append(f"  {name:<{width}}  {value:>10.4g}")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The figure with every sample."""
        return {
            "title": self.title,
            "unit": self.unit,
            "samples": self.samples,
            "medians": {name: median(values) for name, values in self.samples.items()},
            "ratios": self.ratios(),
            "notes": self.notes,
        }


def interleave(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Every contender once a round, so that what disturbs the machine disturbs all alike."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            samples[name].append(measure())
    return samples


def cpu_ns(work: Callable[[], object]) -> int:
    """CPU time of this process that `work` takes, in ns."""
    start = time.process_time_ns()
    work()
    return time.process_time_ns() - start


def circumstances() -> dict[str, Any]:
    """When, on what, and how busy it was."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "cpu": _cpu_model(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
