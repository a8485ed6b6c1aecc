"""A lab without its node: what it was made from, all that was asked of it, and where it stood. The
node is made again from that, to the byte.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sim_core.config import LabConfig
from sim_core.importers import ProcCapture, ZoneLayout
from sim_core.journal import Journal
from sim_core.lab import Lab


@dataclass(frozen=True)
class Packed:
    """A lab put away.

    Attributes:
        config, layout, capture: what it was made from.
        journal: of all its branches, the current one among them.
        op: the operation after which it stood.
    """

    config: LabConfig
    layout: ZoneLayout | None
    capture: ProcCapture | None
    journal: Journal
    op: int

    @classmethod
    def of(cls, lab: Lab) -> "Packed":
        """A lab as it stands; amid an operation, as if that were over."""
        return cls(lab.config, lab.layout, lab.capture, lab.journal, lab.op)

    def booted(self) -> Lab:
        """The lab at its first moment, with nothing asked of it yet."""
        return Lab(self.config, self.layout, self.capture)

    def opened(self) -> tuple[Lab, Iterator[None]]:
        """The lab at its first moment, and the way to where it stood, to be gone to its end."""
        lab = self.booted()
        lab.take_up(self.journal)
        return lab, lab.seek(self.op)
