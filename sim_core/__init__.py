"""The simulator of a memory zone: knows nothing of HTTP, sockets, asyncio or the page.

Most users need a `LabConfig` and the `Lab` it makes; the rest of the face is `sim_core.lab`,
`models`, `vocabulary`, `config`, `errors`, `importers`, `exporters` and `conformance`.
"""

from sim_core.config import LabConfig
from sim_core.lab import Lab
from sim_core.vocabulary import MIGRATETYPES

__all__ = ["MIGRATETYPES", "Lab", "LabConfig"]
